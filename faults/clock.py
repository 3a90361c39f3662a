"""A clock that jumps: what is kept for a day is not kept for good, and a small jump costs nothing."""

from __future__ import annotations

import os
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import numpy as np
import skimage.data
from PIL import Image

from faults.findings import Finding
from visml.activations.store import ArrayStore
from visml.images.decode import PhotoRefused
from visml.images.uploads import PREFIX, Uploads

HOUR, DAY = 3600.0, 86400.0


def measure(folder: Path) -> list[Finding]:
    """The clock goes back an hour and a year, and on by a year, after a photo was brought and opened."""
    found = []
    for jump, words in ((-HOUR, "an hour back"), (-365 * DAY, "a year back"), (365 * DAY, "a year on")):
        found.append(_upload(folder / f"uploads{jump:.0f}", jump, words))
        found.append(_array(folder / f"arrays{jump:.0f}", jump, words))
    return found


def _upload(folder: Path, jump: float, words: str) -> Finding:
    picture = BytesIO()
    Image.fromarray(skimage.data.coffee()).save(picture, "PNG")
    token = Uploads(folder).add(picture.getvalue()).key.removeprefix(PREFIX)
    opens = False
    _jump(folder, jump)
    with suppress(PhotoRefused):
        Uploads(folder).photo(token)
        opens = True
    gone = not any(folder.glob("*.png"))
    return _finding(f"an upload, then the clock goes {words}", opens, gone, jump)


def _array(folder: Path, jump: float, words: str) -> Finding:
    store = ArrayStore(folder, 10**7)
    handle = store.handle("photo")
    store.put(handle, {"x": np.arange(9, dtype=np.float32)})
    _jump(folder, jump)
    later = ArrayStore(folder, 10**7)
    opens = later.get(handle, "x") is not None
    later.put(later.handle("next"), {"x": np.arange(9, dtype=np.float32)})
    usable = later.get(later.handle("next"), "x") is not None
    return _finding(f"kept arrays, then the clock goes {words}", opens, not opens, jump, usable)


def _finding(fault: str, opens: bool, gone: bool, jump: float, usable: bool = True) -> Finding:
    expected = gone if abs(jump) > DAY else opens
    told = "opens" if opens else "has expired and is removed" if gone else "does not open and stays"
    return Finding(fault, f"it {told}" + ("" if usable else "; what is kept now is lost"), expected and usable)


def _jump(folder: Path, seconds: float) -> None:
    """What a clock that goes on by so many seconds does to files: they are that much older, or younger than now."""
    for path in [folder, *folder.rglob("*")]:
        times = path.stat()
        os.utime(path, (times.st_atime - seconds, times.st_mtime - seconds))
