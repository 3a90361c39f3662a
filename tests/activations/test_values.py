"""Small values: kept, looked up, and never trusted."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from visml.activations.values import DictValues, Flights, Ledger


class Down:
    """A cache that is down."""

    def get(self, key: str) -> Any:
        raise ConnectionError

    def set(self, key: str, value: Any) -> None:
        raise ConnectionError


def whole(value: Any) -> int:
    if not isinstance(value, int):
        raise TypeError
    return value


def recall(ledger: Ledger, result: int) -> int:
    return ledger.recall("key", lambda: result, lambda value: value, whole)


def test_values_come_back_and_are_nobodys_to_change() -> None:
    values, mine = DictValues(), {"a": [1, 2]}
    values.set("key", mine)
    mine["a"].append(3)
    values.get("key")["a"].append(4)
    assert values.get("key") == {"a": [1, 2]}
    assert values.get("other") is None


def test_only_json_is_kept() -> None:
    with pytest.raises(TypeError):
        DictValues().set("key", object())


def test_the_longest_unused_goes_first() -> None:
    values = DictValues(capacity=2)
    for key in ("a", "b"):
        values.set(key, key)
    values.get("a")
    values.set("c", "c")
    assert [values.get(key) for key in "abc"] == ["a", None, "c"]


def test_a_result_is_computed_once() -> None:
    ledger = Ledger()
    assert [recall(ledger, 1), recall(ledger, 2)] == [1, 1]


@pytest.mark.parametrize("foreign", ["text", [1], {"a": 1}])
def test_a_foreign_value_is_computed_anew(foreign: Any) -> None:
    ledger = Ledger()
    ledger.keep("key", foreign)
    assert [recall(ledger, 1), recall(ledger, 2)] == [1, 1]


def test_a_cache_that_is_down_costs_a_computation_only() -> None:
    ledger = Ledger(Down())
    assert [recall(ledger, 1), recall(ledger, 2)] == [1, 2]


def test_one_computation_per_key_at_a_time() -> None:
    ledger, computed = Ledger(), []

    def slow() -> int:
        computed.append(1)
        time.sleep(0.05)
        return 7

    ask = lambda: ledger.recall("key", slow, lambda value: value, whole)  # noqa: E731
    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(computed) == 1


def test_different_keys_do_not_wait_and_none_is_remembered() -> None:
    flights = Flights()
    inside = threading.Event()

    def other() -> None:
        with flights.one("b"):
            inside.set()

    with flights.one("a"):
        thread = threading.Thread(target=other)
        thread.start()
        assert inside.wait(5)
        thread.join()
    assert flights._locks == {}


def test_a_flight_that_fails_lets_the_next_one_through() -> None:
    flights = Flights()
    with pytest.raises(ZeroDivisionError), flights.one("a"):
        raise ZeroDivisionError
    with flights.one("a"):
        pass
    assert flights._locks == {}
