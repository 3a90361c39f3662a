"""The store when all goes well: what is kept, what goes first, who may know."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import numpy as np
import pytest

from visml.activations import sealed
from visml.activations.store import ArrayStore, is_handle

MB = 1_000_000


def array(seed: int = 0, shape: tuple[int, ...] = (3, 5, 7), dtype: str = "float32") -> np.ndarray:
    return (np.random.default_rng(seed).normal(size=shape) * 50).astype(dtype)


@pytest.fixture
def store(tmp_path: Path) -> ArrayStore:
    return ArrayStore(tmp_path / "cache", MB)


@pytest.mark.parametrize("dtype", ["float32", "float16", "uint8", "int64", "bool", "float64"])
@pytest.mark.parametrize("shape", [(), (0,), (1,), (2, 3), (1, 2, 3, 4)])
def test_arrays_come_back_mapped_and_read_only(store: ArrayStore, dtype: str, shape: tuple[int, ...]) -> None:
    kept, handle = array(0, shape, dtype), store.handle("a")
    assert store.put(handle, {"x": kept})
    found = ArrayStore(store._root, MB).get(handle, "x")
    assert found is not None
    np.testing.assert_array_equal(found, kept)
    assert found.dtype == kept.dtype
    assert not found.flags.writeable
    assert not found.flags.owndata


def test_a_view_that_is_not_contiguous_comes_back_as_it_reads(store: ArrayStore) -> None:
    kept = array().transpose(2, 0, 1)[::2]
    store.put(store.handle("a"), {"x": kept})
    np.testing.assert_array_equal(store.get(store.handle("a"), "x"), kept)


def test_a_kept_file_is_an_ordinary_npy(store: ArrayStore) -> None:
    kept, handle = array(), store.handle("a")
    store.put(handle, {"x": kept})
    np.testing.assert_array_equal(np.load(store._root / "entries" / handle / "x.npy"), kept)


def test_what_was_never_kept_is_none(store: ArrayStore) -> None:
    store.put(store.handle("a"), {"x": array()})
    assert store.get(store.handle("a"), "y") is None
    assert store.get(store.handle("b"), "x") is None


def test_an_entry_is_replaced_whole_and_old_readers_read_on(store: ArrayStore) -> None:
    handle = store.handle("a")
    store.put(handle, {"x": array(1), "y": array(2)})
    old = store.get(handle, "x")
    store.put(handle, {"x": array(3)})
    np.testing.assert_array_equal(store.get(handle, "x"), array(3))
    assert store.get(handle, "y") is None
    np.testing.assert_array_equal(old, array(1))


def test_one_more_array_joins_an_entry_that_is_there(store: ArrayStore) -> None:
    handle = store.handle("a")
    assert not store.add(handle, "y", array(2))
    store.put(handle, {"x": array(1)})
    assert store.add(handle, "y", array(2))
    np.testing.assert_array_equal(store.get(handle, "x"), array(1))
    np.testing.assert_array_equal(store.get(handle, "y"), array(2))


def test_objects_are_not_kept(store: ArrayStore) -> None:
    with pytest.raises(TypeError, match="Only numbers"):
        store.put(store.handle("a"), {"x": np.array([object()])})


def test_the_longest_unused_goes_first(tmp_path: Path) -> None:
    size = sealed.size(array())
    store = ArrayStore(tmp_path / "cache", 3 * size)
    handles = [store.handle(str(number)) for number in range(4)]
    for age, handle in enumerate(handles[:3]):
        store.put(handle, {"x": array()})
        os.utime(tmp_path / "cache" / "entries" / handle, (1e9 + age, 1e9 + age))
    store.get(handles[0], "x")
    store.put(handles[3], {"x": array()})
    assert [store.get(handle, "x") is not None for handle in handles] == [True, False, True, True]
    assert store.used() == 3 * size


def test_what_exceeds_the_cap_is_not_kept_and_costs_nothing_kept(tmp_path: Path) -> None:
    store = ArrayStore(tmp_path / "cache", sealed.size(array()) + 10)
    assert store.put(store.handle("a"), {"x": array()})
    assert not store.put(store.handle("b"), {"x": array(shape=(50, 50))})
    assert not store.add(store.handle("a"), "y", array())
    assert store.get(store.handle("b"), "x") is None
    assert store.get(store.handle("a"), "x") is not None


def test_an_entry_as_large_as_the_cap_can_be_replaced(tmp_path: Path) -> None:
    store = ArrayStore(tmp_path / "cache", sealed.size(array()))
    for seed in (1, 2):
        assert store.put(store.handle("a"), {"x": array(seed)})
    np.testing.assert_array_equal(store.get(store.handle("a"), "x"), array(2))


def test_what_is_too_old_is_forgotten_however_much_used(tmp_path: Path) -> None:
    store, handle = ArrayStore(tmp_path / "cache", MB, max_age_s=60), "0" * 32
    store.put(handle, {"x": array()})
    path = tmp_path / "cache" / "entries" / handle / "x.npy"
    assert store.get(handle, "x") is not None
    os.utime(path, (time.time() - 61, time.time() - 61))
    assert store.get(handle, "x") is None
    store.sweep()
    assert not path.exists()


def test_handles_are_the_same_in_every_process_and_the_secret_is_ones_own(tmp_path: Path) -> None:
    one, same, other = (ArrayStore(tmp_path / name, MB) for name in ("a", "a", "b"))
    assert one.handle("model", "photo") == same.handle("model", "photo")
    assert one.handle("model", "photo") != other.handle("model", "photo")
    assert one.handle("model", "photo") != one.handle("modelp", "hoto")
    assert is_handle(one.handle("model", "photo"))
    secret = tmp_path / "a" / "secret"
    assert len(secret.read_bytes()) == 32
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o700


WRONG = ["", "a" * 31, "a" * 33, "A" * 32, "g" * 32, "a" * 32 + "\n", "../" * 10 + "aa", "/etc/passwd", "a" * 31 + "\0"]


@pytest.mark.parametrize("handle", WRONG)
def test_a_malformed_handle_never_reaches_the_disk(
    store: ArrayStore, handle: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "lstat", lambda path: pytest.fail(f"asked the disk for {path}"))
    monkeypatch.setattr(os, "open", lambda path, *_: pytest.fail(f"opened {path}"))
    assert not is_handle(handle)
    assert store.get(handle, "x") is None
    with pytest.raises(ValueError, match="32 hexadecimal digits"):
        store.put(handle, {"x": array()})
    with pytest.raises(ValueError, match="32 hexadecimal digits"):
        store.add(handle, "x", array())


@pytest.mark.parametrize("name", ["", "..", "../x", "X", "a/b", "a.b", "x\n", "-x", "x" * 65])
def test_a_malformed_name_never_reaches_the_disk(store: ArrayStore, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "lstat", lambda path: pytest.fail(f"asked the disk for {path}"))
    assert store.get("a" * 32, name) is None
    with pytest.raises(ValueError, match="lower-case"):
        store.put("a" * 32, {name: array()})


def test_single_flight_is_a_block(store: ArrayStore) -> None:
    with store.single_flight("key"):
        assert store._flights._locks
    assert not store._flights._locks
