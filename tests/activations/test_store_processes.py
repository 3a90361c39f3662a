"""The store among processes: the cap holds, no read is torn, and who is killed leaves nothing for good."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from visml.activations.room import locked
from visml.activations.store import ArrayStore

CAP = 400_000

WRITER = """
import random, sys, numpy as np
from pathlib import Path
from visml.activations.store import ArrayStore
root, cap, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
store, dice, torn, hits = ArrayStore(root, cap), random.Random(seed), 0, 0
for step in range(60):
    photo = dice.randrange(12)
    handle = store.handle(str(photo))
    arrays = {name: np.full(1000 + 1500 * photo, photo + place, np.float32) for place, name in enumerate("xyz")}
    store.put(handle, arrays)
    if step % 3 == 0:
        store.add(handle, "more", np.full(500, photo + 9, np.float32))
    for other in range(12):
        for place, name in enumerate("xyz"):
            found = store.get(store.handle(str(other)), name)
            if found is not None:
                hits += 1
                torn += not (found.size == 1000 + 1500 * other and (found == other + place).all())
print(torn, hits)
"""

STALLED = """
import os, sys, time, numpy as np
from pathlib import Path
from visml.activations.store import ArrayStore
store = ArrayStore(Path(sys.argv[1]), int(sys.argv[2]))
def stall(handle):
    print("writing", flush=True)
    time.sleep(60)
os.fsync = stall
store.put(store.handle("photo"), {"x": np.zeros(9999, np.float32)})
"""


def start(script: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def on_disk(root: Path) -> int:
    """Bytes of all arrays at one moment: under the lock nothing comes, and only what was given up may go."""
    with locked(root):
        return sum(size(Path(folder) / name) for folder, _, names in os.walk(root) for name in names)


def size(path: Path) -> int:
    try:
        return path.lstat().st_size if path.suffix == ".npy" else 0
    except FileNotFoundError:
        return 0


def test_four_writers_hold_the_cap_and_no_read_is_torn(tmp_path: Path) -> None:
    ArrayStore(tmp_path, CAP)
    writers = [start(WRITER, tmp_path, CAP, seed) for seed in range(4)]
    largest = 0
    while any(writer.poll() is None for writer in writers):
        largest = max(largest, on_disk(tmp_path))
        time.sleep(0.01)
    outputs = [writer.communicate() for writer in writers]
    assert [errors for _, errors in outputs] == [""] * 4
    results = [output.split() for output, _ in outputs]
    assert [torn for torn, _ in results] == ["0"] * 4
    assert sum(int(hits) for _, hits in results) > 0
    assert CAP / 4 < largest <= CAP
    assert ArrayStore(tmp_path, CAP).used() == on_disk(tmp_path) <= CAP


@pytest.fixture
def stalled(tmp_path: Path) -> subprocess.Popen[str]:
    """A process in the middle of writing."""
    writer = start(STALLED, tmp_path, CAP)
    assert writer.stdout is not None
    assert writer.stdout.readline() == "writing\n"
    return writer


def stop(writer: subprocess.Popen[str]) -> None:
    writer.send_signal(signal.SIGKILL)
    writer.communicate()


def test_what_a_killed_writer_left_is_swept_at_the_next_start(tmp_path: Path, stalled: subprocess.Popen[str]) -> None:
    stop(stalled)
    assert len(list((tmp_path / "writing").rglob("*.npy"))) == 1
    store = ArrayStore(tmp_path, CAP)
    assert list((tmp_path / "writing").iterdir()) == []
    assert store.get(store.handle("photo"), "x") is None
    assert store.put(store.handle("photo"), {"x": np.ones(3)})


def test_a_running_server_takes_back_the_room_of_a_killed_writer(
    tmp_path: Path, stalled: subprocess.Popen[str]
) -> None:
    store = ArrayStore(tmp_path, CAP)
    stop(stalled)
    assert store.put(store.handle("other"), {"x": np.zeros(CAP - 1000, np.uint8)})
    assert list((tmp_path / "writing").iterdir()) == []


def test_a_living_writer_is_left_alone_and_its_room_counted(tmp_path: Path, stalled: subprocess.Popen[str]) -> None:
    try:
        store = ArrayStore(tmp_path, CAP)
        assert len(list((tmp_path / "writing").rglob("*.npy"))) == 1
        assert store.used() > 9999 * 4
        assert not store.put(store.handle("other"), {"x": np.zeros(CAP - 1000, np.uint8)})
    finally:
        stop(stalled)
