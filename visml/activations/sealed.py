"""Arrays as files that are only believed when they are whole and one's own.

A file is an ordinary ``.npy`` followed by a trailer: a mark, the length of all before it, and a keyed BLAKE2b
digest of name and bytes. Whoever does not know the key cannot make one, and nothing is parsed before the digest
was checked.

    | npy header | values | "VisML\\0s1" | length (8) | digest (32) |
"""

from __future__ import annotations

import hashlib
import io
import math
import mmap
import os
import re
import struct
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
_MARK = b"VisML\0s1"
_TRAILER = struct.Struct("<8sQ32s")
_KINDS = "biuf"
# What _header writes. NumPy's own reader parses Python, which fails at times in CPython 3.11 when threads do it at once
# (github.com/python/cpython/issues/106905).
_NPY = re.compile(
    rb"\x93NUMPY\x01\x00.{2}\{'descr': '([<>|][biuf]\d+)', 'fortran_order': False, 'shape': \(([\d, ]*)\), \} *\n",
    re.DOTALL,
)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class NotSealed(Exception):
    """A file that is not one of ours, or no longer whole."""


def size(array: Array) -> int:
    """Bytes of the file that :func:`write` makes of an array."""
    return len(_header(array)) + array.nbytes + _TRAILER.size


def write(path: Path, array: Array, key: bytes, name: str) -> None:
    """Write an array to a new file and wait until it is on the disk.

    Args:
        path: a path that does not exist.
        array: numbers or booleans, any shape.
        key: the secret, at most 64 bytes.
        name: what the array is; only who asks for the same name gets it back.

    Raises:
        OSError: the disk is full, for instance.
    """
    header, values = _header(array), _bytes(array)
    trailer = _TRAILER.pack(_MARK, len(header) + len(values), _digest(key, name, header, values))
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK, 0o600)
    with open(handle, "wb", buffering=0) as file:
        for part in (header, values, trailer):
            _write_all(file, part)
        os.fsync(handle)


def read(path: Path, key: bytes, name: str, check: bool = True) -> Array:
    """The array of a file, mapped into memory and read-only.

    Args:
        path: the file.
        key: the secret it was written with.
        name: the name it was written under.
        check: whether to compare the digest; left out only for a file checked before and not touched since.

    Raises:
        NotSealed: the file is cut short, changed, not ours, or another array's.
        OSError: it cannot be opened.
    """
    handle = os.open(path, os.O_RDONLY | _NO_LINK)
    try:
        length = os.fstat(handle).st_size
        if length <= _TRAILER.size:
            raise NotSealed("too short")
        mapped = mmap.mmap(handle, length, access=mmap.ACCESS_READ)
    finally:
        os.close(handle)
    _check(mapped, key, name, check)
    return _array(mapped)


def _check(mapped: mmap.mmap, key: bytes, name: str, digest: bool) -> None:
    end = len(mapped) - _TRAILER.size
    mark, length, expected = _TRAILER.unpack(mapped[end:])
    if mark != _MARK or length != end:
        raise NotSealed("no trailer, or cut short")
    with memoryview(mapped) as view, view[:end] as content:
        if digest and _digest(key, name, content) != expected:
            raise NotSealed("the digest differs")


def _array(mapped: mmap.mmap) -> Array:
    found = _NPY.match(mapped)
    if found is None:
        raise NotSealed("not an array of numbers")
    dtype, shape = np.dtype(found[1].decode()), tuple(int(side) for side in found[2].replace(b",", b" ").split())
    return np.frombuffer(mapped, dtype, math.prod(shape), found.end()).reshape(shape)


def _header(array: Array) -> bytes:
    if array.dtype.kind not in _KINDS:
        raise TypeError(f"Only numbers are kept, not {array.dtype}.")
    file = io.BytesIO()
    description = np.lib.format.header_data_from_array_1_0(np.empty(0, array.dtype))
    np.lib.format.write_array_header_1_0(file, {**description, "shape": array.shape})
    return file.getvalue()


def _bytes(array: Array) -> memoryview:
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


def _digest(key: bytes, name: str, *parts: Any) -> bytes:
    hashed = hashlib.blake2b(key=key, digest_size=32, person=b"visml array")
    label = name.encode()
    hashed.update(len(label).to_bytes(8, "little") + label)
    for part in parts:
        hashed.update(part)
    return hashed.digest()


def _write_all(file: Any, part: bytes | memoryview) -> None:
    view = memoryview(part)
    while len(view):
        view = view[file.write(view) :]
