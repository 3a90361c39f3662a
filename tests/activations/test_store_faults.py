"""The store when things go wrong: every fault is a miss."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

from visml.activations import sealed
from visml.activations.store import ArrayStore

MB = 1_000_000
KEPT = np.arange(60, dtype=np.float32).reshape(3, 4, 5)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def store(root: Path) -> ArrayStore:
    store = ArrayStore(root, MB)
    store.put(handle(store), {"x": KEPT, "y": KEPT + 1})
    return store


def handle(store: ArrayStore, name: str = "photo") -> str:
    return store.handle(name)


def path(store: ArrayStore, name: str = "x") -> Path:
    return store._root / "entries" / handle(store) / f"{name}.npy"


def assert_a_miss_then_kept_anew(store: ArrayStore) -> None:
    assert store.get(handle(store), "x") is None
    fresh = ArrayStore(store._root, MB)
    assert fresh.get(handle(store), "x") is None
    assert store.put(handle(store), {"x": KEPT})
    np.testing.assert_array_equal(store.get(handle(store), "x"), KEPT)


@pytest.mark.parametrize("length", [0, 1, 20, 47, 48, 49, 100, -48, -1])
def test_truncated(store: ArrayStore, length: int) -> None:
    content = path(store).read_bytes()
    path(store).write_bytes(content[:length])
    assert_a_miss_then_kept_anew(store)


@pytest.mark.parametrize("place", [0, 5, 8, 9, 40, 127, 128, 200, 367, -48, -41, -40, -33, -32, -1])
def test_corrupt(store: ArrayStore, place: int) -> None:
    content = bytearray(path(store).read_bytes())
    content[place] ^= 1
    path(store).write_bytes(bytes(content))
    assert_a_miss_then_kept_anew(store)


def test_corrupt_after_it_was_read_and_believed(store: ArrayStore) -> None:
    assert store.get(handle(store), "x") is not None
    content = bytearray(path(store).read_bytes())
    content[200] ^= 1
    path(store).write_bytes(bytes(content))
    assert_a_miss_then_kept_anew(store)


def test_grown(store: ArrayStore) -> None:
    path(store).write_bytes(path(store).read_bytes() + b"x")
    assert_a_miss_then_kept_anew(store)


def test_foreign_npy(store: ArrayStore) -> None:
    np.save(path(store), KEPT)
    assert_a_miss_then_kept_anew(store)


def test_foreign_bytes(store: ArrayStore) -> None:
    path(store).write_bytes(os.urandom(500))
    assert_a_miss_then_kept_anew(store)


class Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (os.environ["VISML_TEST_BOMB"],)


def test_a_planted_pickle_does_not_run(store: ArrayStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fired = tmp_path / "fired"
    monkeypatch.setenv("VISML_TEST_BOMB", str(fired))
    np.save(path(store), np.array([Bomb()], dtype=object), allow_pickle=True)
    assert_a_miss_then_kept_anew(store)
    assert not fired.exists()


def test_planted_under_another_secret(store: ArrayStore, tmp_path: Path) -> None:
    other = ArrayStore(tmp_path / "other", MB)
    other.put(handle(store), {"x": KEPT * 2})
    shutil.copy(tmp_path / "other" / "entries" / handle(store) / "x.npy", path(store))
    assert_a_miss_then_kept_anew(store)


def test_planted_from_another_name(store: ArrayStore) -> None:
    shutil.copy(path(store, "y"), path(store))
    assert_a_miss_then_kept_anew(store)


def test_planted_from_another_entry(store: ArrayStore) -> None:
    store.put(handle(store, "other"), {"x": KEPT * 2})
    shutil.copy(store._root / "entries" / handle(store, "other") / "x.npy", path(store))
    assert_a_miss_then_kept_anew(store)


def test_a_link_is_not_followed_even_to_a_sound_file(store: ArrayStore, tmp_path: Path) -> None:
    outside = tmp_path / "outside.npy"
    path(store).rename(outside)
    path(store).symlink_to(outside)
    assert_a_miss_then_kept_anew(store)
    assert outside.exists()


def test_a_linked_entry_is_not_followed_and_what_it_leads_to_stays(store: ArrayStore, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    path(store).parent.rename(outside)
    path(store).parent.symlink_to(outside)
    assert not store.add(handle(store), "z", KEPT)
    assert_a_miss_then_kept_anew(store)
    assert sorted(file.name for file in outside.iterdir()) == ["x.npy", "y.npy"]


def test_a_folder_in_place_of_a_file(store: ArrayStore) -> None:
    path(store).unlink()
    path(store).mkdir()
    assert_a_miss_then_kept_anew(store)


def test_a_file_in_place_of_an_entry(store: ArrayStore) -> None:
    shutil.rmtree(path(store).parent)
    path(store).parent.write_bytes(b"not a folder")
    assert_a_miss_then_kept_anew(store)


def test_all_of_it_deleted_while_running(store: ArrayStore) -> None:
    shutil.rmtree(store._root)
    assert store.get(handle(store), "x") is None
    store.put(handle(store), {"x": KEPT})
    store.sweep()
    assert store.used() == 0


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 33])
def test_a_damaged_secret_is_replaced_and_what_it_sealed_is_a_miss(store: ArrayStore, content: bytes) -> None:
    old = handle(store)
    (store._root / "secret").write_bytes(content)
    fresh = ArrayStore(store._root, MB)
    assert fresh.get(old, "x") is None
    assert fresh.handle("photo") != old
    assert fresh.handle("photo") == ArrayStore(store._root, MB).handle("photo")


def test_strangers_files_count_and_go(root: Path) -> None:
    store = ArrayStore(root, 3000)
    (root / "entries" / "stranger").write_bytes(b"x" * 2500)
    os.utime(root / "entries" / "stranger", (1e9, 1e9))
    assert store.put(handle(store), {"x": np.zeros(500, dtype=np.uint8)})
    assert not (root / "entries" / "stranger").exists()


def full(*_: object) -> NoReturn:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_told_once_and_leaves_nothing(
    store: ArrayStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    used = store.used()
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        for name in ("a", "b", "c"):
            assert not store.put(handle(store, name), {"x": KEPT})
            assert not store.add(handle(store), name, KEPT)
    assert [record.getMessage() for record in caplog.records] == [
        f"The cache in {store._root} fails (No space left on device); going on without it."
    ]
    assert store.used() == used
    assert list((store._root / "writing").iterdir()) == []
    np.testing.assert_array_equal(store.get(handle(store), "x"), KEPT)
    assert store.put(handle(store, "a"), {"x": KEPT})


def test_what_the_kernel_refuses_to_write_is_not_half_kept(root: Path) -> None:
    script = """
import resource, signal, sys, numpy as np
from pathlib import Path
from visml.activations.store import ArrayStore
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = ArrayStore(Path(sys.argv[1]), 10**9)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
print(store.put(store.handle("a"), {"small": np.zeros(9), "large": np.zeros(9999)}))
print(store.get(store.handle("a"), "small"), store.used())
"""
    done = subprocess.run([sys.executable, "-c", script, str(root)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "None", "0"]
    assert "fails (File too large)" in done.stderr


def test_a_place_that_cannot_be_a_folder(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("not a folder")
    store = ArrayStore(tmp_path / "file" / "cache", MB)
    assert not store.put(store.handle("a"), {"x": KEPT})
    assert store.get(store.handle("a"), "x") is None
    store.sweep()
    assert store.used() == 0
    assert len(caplog.records) == 1


@pytest.mark.parametrize("dtype", ["object", "complex64", "U3", "datetime64[s]"])
def test_a_header_of_anything_but_numbers_is_refused_even_when_sealed(tmp_path: Path, dtype: str) -> None:
    with pytest.raises(TypeError, match="Only numbers"):
        sealed.write(tmp_path / "x.npy", np.empty(3, dtype=dtype), b"key", "x")
