"""Small results that are kept as JSON: filter means, histograms, scores, curves."""

from __future__ import annotations

import json
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
_LOG = logging.getLogger(__name__)


class SmallValues(Protocol):
    """A place for JSON values, which may lose any of them at any time."""

    def get(self, key: str) -> Any:
        """The value kept under a key, None when there is none."""
        ...

    def set(self, key: str, value: Any) -> Any:
        """Keep a JSON value."""
        ...


class DictValues:
    """Small values in memory, the longest unused dropped first; kept as text, so that no two callers share one."""

    def __init__(self, capacity: int = 4096) -> None:
        self._texts: OrderedDict[str, str] = OrderedDict()
        self._capacity = capacity
        self._lock = threading.Lock()

    def get(self, key: str) -> Any:
        """The value kept under a key, None when there is none."""
        with self._lock:
            text = self._texts.get(key)
            if text is not None:
                self._texts.move_to_end(key)
        return None if text is None else json.loads(text)

    def set(self, key: str, value: Any) -> None:
        """Keep a JSON value."""
        text = json.dumps(value)
        with self._lock:
            self._texts[key] = text
            self._texts.move_to_end(key)
            while len(self._texts) > self._capacity:
                self._texts.popitem(last=False)


class Flights:
    """One computation per key at a time: the others wait, then find the result kept."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._locks: dict[str, tuple[threading.RLock, int]] = {}

    @contextmanager
    def one(self, key: str) -> Iterator[None]:
        """Run the block while no other thread is in a block of the same key."""
        with self._guard:
            lock, waiting = self._locks.get(key, (threading.RLock(), 0))
            self._locks[key] = (lock, waiting + 1)
        try:
            with lock:
                yield
        finally:
            self._leave(key)

    def _leave(self, key: str) -> None:
        with self._guard:
            lock, waiting = self._locks.pop(key)
            if waiting > 1:
                self._locks[key] = (lock, waiting - 1)


@dataclass(frozen=True)
class Ledger:
    """Results by key: looked up, or computed once and kept.

    Attributes:
        values: where they are kept.
        flights: sees to it that no key is computed twice at a time.
    """

    values: SmallValues = field(default_factory=DictValues)
    flights: Flights = field(default_factory=Flights)

    def recall(self, key: str, compute: Callable[[], T], encode: Callable[[T], Any], decode: Callable[[Any], T]) -> T:
        """The result of ``compute``, from what is kept where that can be decoded.

        Args:
            key: names the result; it holds everything the result depends on.
            compute: makes it.
            encode: makes JSON of it, never None.
            decode: undoes ``encode``; raises ValueError, KeyError or TypeError for anything else.
        """
        with self.flights.one(key):
            kept = self.look(key, decode)
            if kept is not None:
                return kept
            result = compute()
            self.keep(key, encode(result))
            return result

    def look(self, key: str, decode: Callable[[Any], T]) -> T | None:
        """What is kept under a key, None when there is nothing or nothing that can be decoded."""
        try:
            value = self.values.get(key)
            return None if value is None else decode(value)
        except Exception as error:  # a cache that is down costs a computation
            _LOG.debug("kept value not usable: %s", type(error).__name__)
            return None

    def keep(self, key: str, value: Any) -> None:
        """Keep a JSON value; a place that takes none is only noted."""
        try:
            self.values.set(key, value)
        except Exception as error:  # as in look
            _LOG.debug("value not kept: %s", type(error).__name__)
