"""The cache of small values: JSON, checked, and never in the way."""

from __future__ import annotations

import json
import os
import pickle
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from visml.dashboard.values import REST_SECONDS, CachedValues, CheckedJson, small_values
from visml.settings import Settings

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "values"


@pytest.fixture
def values(tmp_path: Path) -> CachedValues:
    return small_values(Flask("test"), Settings(cache_dir=tmp_path))


def entries(folder: Path) -> Iterator[Path]:
    return (path for path in folder.iterdir() if path.is_file())


@given(value=VALUES)
def test_what_goes_in_comes_out(value: object) -> None:
    assert CheckedJson().loads(CheckedJson().dumps(value)) == value


@given(value=st.lists(st.floats(0, 1), min_size=1), place=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_a_flipped_bit_is_a_miss(value: list[float], place: int, bit: int) -> None:
    kept = bytearray(CheckedJson().dumps(value))
    kept[place % len(kept)] ^= 1 << bit
    assert CheckedJson().loads(bytes(kept)) is None


@pytest.mark.parametrize("kept", [b"", b"x", b"x" * 16, b"x" * 200, None])
def test_foreign_bytes_are_a_miss(kept: bytes | None) -> None:
    assert CheckedJson().loads(kept) is None


def test_values_outlive_the_process(values: CachedValues, tmp_path: Path) -> None:
    values.set("a", {"mean": [0.5, 1.25]})
    again = small_values(Flask("another"), Settings(cache_dir=tmp_path))
    assert again.get("a") == {"mean": [0.5, 1.25]}
    assert again.get("b") is None


def test_everything_on_disk_is_json(values: CachedValues, folder: Path) -> None:
    values.set("a", [1, 2, 3])
    behind_expiry_and_digest = [path.read_bytes()[20:] for path in entries(folder)]
    assert b"[1,2,3]" in behind_expiry_and_digest
    assert all(json.loads(text) is not None for text in behind_expiry_and_digest)


class Bomb:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.mark,)


def test_a_planted_pickle_runs_nothing(values: CachedValues, folder: Path, tmp_path: Path) -> None:
    values.set("a", 1)
    for path in entries(folder):
        path.write_bytes(b"\0\0\0\0" + pickle.dumps(Bomb(tmp_path / "mark")))
    assert values.get("a") is None
    assert not (tmp_path / "mark").exists()


def test_a_value_that_is_no_json_is_not_kept(values: CachedValues) -> None:
    values.set("a", float("nan"))
    assert values.get("a") is None


def test_a_folder_that_vanishes_costs_the_values_only(values: CachedValues, folder: Path) -> None:
    values.set("a", 1)
    for path in list(folder.iterdir()):
        path.unlink()
    folder.rmdir()
    values.set("b", 2)
    assert values.get("a") is None


def test_leftovers_of_a_cut_write_are_swept(values: CachedValues, folder: Path, tmp_path: Path) -> None:
    old, young = folder / "old.__wz_cache", folder / "young.__wz_cache"
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 7200, time.time() - 7200))
    small_values(Flask("later"), Settings(cache_dir=tmp_path))
    assert not old.exists()
    assert young.exists()


def test_a_redis_that_is_down_is_a_miss(tmp_path: Path) -> None:
    pytest.importorskip("redis")
    values = small_values(Flask("test"), Settings(cache_dir=tmp_path, redis_url="redis://127.0.0.1:9/0"))
    values.set("a", 1)
    assert values.get("a") is None


def test_a_redis_that_hangs_costs_a_bounded_time(tmp_path: Path) -> None:
    pytest.importorskip("redis")
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections and never answers
        port = silent.getsockname()[1]
        values = small_values(Flask("test"), Settings(cache_dir=tmp_path, redis_url=f"redis://127.0.0.1:{port}/0"))
        found: list[object] = ["waiting"]

        def use() -> None:
            for turn in range(100):
                values.set("a", turn)
            found[0] = values.get("a")

        user = threading.Thread(target=use, daemon=True)
        user.start()
        user.join(REST_SECONDS - 1)
        assert found == [None]


def test_a_folder_that_cannot_be_made_leaves_memory(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where a folder should be")
    values = small_values(Flask("test"), Settings(cache_dir=tmp_path / "cache"))
    values.set("a", [1, 2])
    assert values.get("a") == [1, 2]
