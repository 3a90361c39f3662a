"""Room in a capped folder that several processes write to.

It is reserved before anything is written, and what is longest unused makes it.
"""

from __future__ import annotations

import math
import os
import secrets
import shutil
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

if sys.platform != "win32":
    import fcntl


@dataclass(frozen=True)
class Entry:
    """A kept folder: where, how large, when last used and when its oldest file was written (seconds)."""

    path: Path
    size: int
    used: float
    written: float


class Room:
    """The cap of ``root/entries`` and ``root/writing`` together.

    Args:
        root: the folder.
        max_bytes: the cap.
        max_age_s: seconds after which an entry goes, None for never.
    """

    def __init__(self, root: Path, max_bytes: int, max_age_s: float | None) -> None:
        self._root, self._max_bytes, self._max_age_s = root, max_bytes, max_age_s
        self._entries, self._writing = root / "entries", root / "writing"

    @contextmanager
    def writing(self, size: int, spared: Path | None = None) -> Iterator[Path | None]:
        """A new folder to write ``size`` bytes into, None when they do not fit; it is gone after the block.

        Room is made for it at once, at the cost of every entry but ``spared``. Its lock tells others that
        its writer lives.
        """
        with locked(self._root):
            fits = self._make(size, spared)
            folder = self._writing / f"{size}-{secrets.token_hex(8)}"
            held = _hold(folder) if fits else None
        if held is None:
            yield None
            return
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(held)

    def publish(self, folder: Path, entry: Path) -> None:
        """Let a written folder appear as an entry, in place of an older one."""
        with locked(self._root):
            _remove(entry)
            os.rename(folder, entry)
        flush(self._entries)

    def join(self, folder: Path, entry: Path) -> bool:
        """Let the files of a written folder appear in an entry; False when that went in the meantime."""
        with locked(self._root):
            if entry.is_symlink() or not entry.is_dir():
                return False
            for path in folder.iterdir():
                os.replace(path, entry / path.name)
        flush(entry)
        return True

    def sweep(self) -> None:
        """Remove what killed writers left, and entries that are too old."""
        with locked(self._root):
            self._make(0, None)

    def used(self) -> int:
        """Bytes of all entries, and those reserved by living writers."""
        return sum(entry.size for entry in self._scan()) + sum(map(_reserved, _folders(self._writing)))

    def _make(self, size: int, spared: Path | None) -> bool:
        """Room for ``size`` more bytes, under the lock; False, with nothing lost, when there cannot be enough."""
        for folder in _folders(self._writing):
            if not _alive(folder):
                _remove(folder)
        entries = self._without_old()
        free = self._max_bytes - size - sum(map(_reserved, _folders(self._writing)))
        if sum(entry.size for entry in entries if entry.path == spared) > free:
            return False
        used = sum(entry.size for entry in entries)
        for entry in sorted(entries, key=lambda entry: (entry.path == spared, entry.used)):
            if used > free:
                _remove(entry.path)
                used -= entry.size
        return True

    def _without_old(self) -> list[Entry]:
        """The entries, once those are gone that are too old, or from a future that a wrong clock had."""
        entries, now = self._scan(), time.time()
        most = math.inf if self._max_age_s is None else self._max_age_s
        for entry in entries:
            if abs(now - entry.written) > most:
                _remove(entry.path)
        return [entry for entry in entries if abs(now - entry.written) <= most]

    def _scan(self) -> list[Entry]:
        return [entry for path in _folders(self._entries) if (entry := _entry(path)) is not None]


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Run the block while no other thread or process is in such a block of the same folder."""
    handle = os.open(root / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if sys.platform != "win32":
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def flush(folder: Path) -> None:
    """Wait until a folder's names are on the disk; one that went in the meantime needs no waiting."""
    if sys.platform == "win32":
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _hold(folder: Path) -> int:
    """Make a folder and lock it until the returned handle is closed, or its owner dies."""
    folder.mkdir(parents=True, mode=0o700)
    handle = os.open(folder, os.O_RDONLY)
    if sys.platform != "win32":
        fcntl.flock(handle, fcntl.LOCK_EX)
    return handle


def _alive(folder: Path) -> bool:
    """Whether someone still holds a folder in the making; the kernel lets go for whoever was killed."""
    if sys.platform == "win32":
        return True
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False


def _folders(parent: Path) -> list[Path]:
    try:
        return list(parent.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _reserved(folder: Path) -> int:
    size = folder.name.partition("-")[0]
    return int(size) if size.isdecimal() else 0


def _entry(path: Path) -> Entry | None:
    """What a kept folder holds; None when it went while being looked at."""
    try:
        status = path.lstat()
        files = [file.lstat() for file in path.iterdir()] if stat.S_ISDIR(status.st_mode) else [status]
    except OSError:
        return None
    written = min((file.st_mtime for file in files), default=status.st_mtime)
    return Entry(path, sum(file.st_size for file in files), status.st_mtime, written)


def _remove(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink(missing_ok=True)
    else:
        shutil.rmtree(path, ignore_errors=True)
