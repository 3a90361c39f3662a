"""Arrays on disk, shared by processes: content-addressed, checked, capped in bytes.

    <root>/secret                         the key of handles and digests, readable by its owner alone
    <root>/lock                           held while room is made and while an entry appears or goes
    <root>/entries/<handle>/<name>.npy    what is kept; an entry appears and goes as a whole
    <root>/writing/<bytes>-<random>/      entries in the making, locked by whoever writes them

An entry's folder time is its last use, its files' times are when they were written. Losing any of it costs time
only: every fault is a miss.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from visml.activations import room, sealed
from visml.activations.sealed import Array
from visml.activations.values import DictValues, Flights, Ledger, SmallValues

__all__ = ["ArrayStore", "DictValues", "Flights", "Ledger", "SmallValues", "is_handle"]

_LOG = logging.getLogger(__name__)
_HANDLE = re.compile(r"[0-9a-f]{32}")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_SECRET_BYTES = 32
_WRITERS = 4  # files of an entry flushed at the same time
_CHECKED = 10_000  # files whose identity is remembered, so that each is hashed once in a process
DAY_S = 86_400.0


def is_handle(text: str) -> bool:
    """Whether a text has the form of a handle: 32 hexadecimal digits."""
    return _HANDLE.fullmatch(text) is not None


class ArrayStore:
    """Arrays by handle and name.

    Args:
        root: a folder of its own; made when missing.
        max_bytes: cap on all that is kept and being written, over all processes.
        max_age_s: seconds after which an entry is forgotten, used or not; None keeps it while there is room.
    """

    def __init__(self, root: Path, max_bytes: int, max_age_s: float | None = DAY_S) -> None:
        self._root = Path(root)
        self._entries = self._root / "entries"
        self._room = room.Room(self._root, max_bytes, max_age_s)
        self._max_age_s = max_age_s
        self._flights = Flights()
        self._checked: dict[Path, tuple[int, ...]] = {}
        self._warned = False
        self._secret = secrets.token_bytes(_SECRET_BYTES)
        with self._uncached():
            self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._entries.mkdir(exist_ok=True)
            self._secret = _shared_secret(self._root)
            self._room.sweep()

    def handle(self, *parts: str) -> str:
        """The handle of what these texts name: 32 hexadecimal digits that nobody guesses without the secret."""
        text = json.dumps(parts).encode()
        return hashlib.blake2b(text, key=self._secret, digest_size=16, person=b"visml handle").hexdigest()

    def single_flight(self, key: str) -> AbstractContextManager[None]:
        """A block that one thread at a time may be in, for each key."""
        return self._flights.one(key)

    def put(self, handle: str, arrays: Mapping[str, Array]) -> bool:
        """Keep an entry, all arrays or none, in place of an older one.

        Returns:
            Whether it is kept; it is not when it exceeds the cap or the disk does not take it.

        Raises:
            ValueError: the handle or a name is malformed.
        """
        _require(handle, *arrays)
        with self._uncached():
            with self._room.writing(sum(map(sealed.size, arrays.values()))) as folder:
                if folder is None:
                    return False
                self._write(folder, handle, arrays)
                written = {name: _identity(folder / f"{name}.npy") for name in arrays}
                self._room.publish(folder, self._entries / handle)
            for name, identity in written.items():  # what was just written here needs no checking
                self._remember(self._entries / handle / f"{name}.npy", identity)
            return True
        return False

    def add(self, handle: str, name: str, array: Array) -> bool:
        """Keep one more array of an entry that is there; what it returns and raises is as for :meth:`put`."""
        _require(handle, name)
        with self._uncached():
            entry = self._entries / handle
            with self._room.writing(sealed.size(array), spared=entry) as folder:
                if folder is None or not entry.is_dir():
                    return False
                self._write(folder, handle, {name: array})
                return self._room.join(folder, entry)
        return False

    def get(self, handle: str, name: str) -> Array | None:
        """An array, read-only and mapped; None when it is not there, not whole, not ours or too old."""
        if not (is_handle(handle) and _NAME.fullmatch(name)):
            return None
        path = self._entries / handle / f"{name}.npy"
        try:
            if (self._entries / handle).is_symlink() or self._expired(path):
                return None
            seen = _identity(path)
            check = self._checked.get(path) != seen
            array = sealed.read(path, self._secret, _label(handle, name), check)
            self._remember(path, seen)
            os.utime(self._entries / handle)
            return array
        except (OSError, ValueError, sealed.NotSealed):
            self._checked.pop(path, None)
            return None

    def sweep(self) -> None:
        """Remove what killed writers left, and what is too old."""
        with self._uncached():
            self._room.sweep()

    def used(self) -> int:
        """Bytes kept and being written."""
        return self._room.used()

    def _expired(self, path: Path) -> bool:
        return self._max_age_s is not None and abs(time.time() - path.lstat().st_mtime) > self._max_age_s

    def _write(self, folder: Path, handle: str, arrays: Mapping[str, Array]) -> None:
        def one(name: str) -> None:
            sealed.write(folder / f"{name}.npy", arrays[name], self._secret, _label(handle, name))

        with ThreadPoolExecutor(min(_WRITERS, len(arrays) or 1)) as pool:
            for _ in pool.map(one, arrays):
                pass
        room.flush(folder)

    def _remember(self, path: Path, identity: tuple[int, ...]) -> None:
        if len(self._checked) > _CHECKED:
            self._checked.clear()
        self._checked[path] = identity

    @contextmanager
    def _uncached(self) -> Iterator[None]:
        """Go on without the disk when it fails, and say so once."""
        try:
            yield
        except OSError as error:
            if not self._warned:
                self._warned = True
                _LOG.warning("The cache in %s fails (%s); going on without it.", self._root, error.strerror)


def _require(handle: str, *names: str) -> None:
    if not is_handle(handle) or not all(_NAME.fullmatch(name) for name in names):
        raise ValueError("A handle is 32 hexadecimal digits, a name lower-case letters, digits, _ and -.")


def _label(handle: str, name: str) -> str:
    return f"{handle}/{name}"


def _identity(path: Path) -> tuple[int, ...]:
    """Changes whenever the file does."""
    status = path.lstat()
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _shared_secret(root: Path) -> bytes:
    """The secret of a folder, made by whoever comes first; one of the wrong length is replaced."""
    path = root / "secret"
    known = _read_secret(path)
    if known is not None:
        return known
    with room.locked(root):
        known = _read_secret(path)
        return known if known is not None else _write_secret(path)


def _read_secret(path: Path) -> bytes | None:
    try:
        known = path.read_bytes()
    except FileNotFoundError:
        return None
    return known if len(known) == _SECRET_BYTES else None


def _write_secret(path: Path) -> bytes:
    if path.is_dir():
        shutil.rmtree(path)
    new, temporary = secrets.token_bytes(_SECRET_BYTES), path.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(handle, "wb") as file:
        file.write(new)
        file.flush()
        os.fsync(handle)
    os.replace(temporary, path)
    return new
