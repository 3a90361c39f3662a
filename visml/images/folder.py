"""Pictures in a folder, by category."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from visml.settings import Refused

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


class FolderRefused(Refused):
    """A folder that gives no pictures; its text is one sentence that says why and what to do."""


@dataclass(frozen=True, order=True)
class Picture:
    """A picture file: its path, and its folder relative to the root, ``scenes/forest``; None in the root."""

    path: Path
    category: str | None


def find_pictures(root: str | Path) -> list[Picture]:
    """Every JPEG, PNG and WebP file under ``root``, sorted by path; known by suffix, not opened.

    Hidden files and folders, linked folders and files that are links out of ``root`` are left out.

    Raises:
        FolderRefused: ``root`` is missing, is not a folder or has no pictures.
    """
    folder = Path(root)
    if not folder.is_dir():
        raise FolderRefused(f"There is no folder {root}: check its name.")
    pictures = sorted(_walk(folder.resolve()), key=lambda picture: picture.path)
    if not pictures:
        raise FolderRefused(f"There are no JPEG, PNG or WebP pictures in {root}: choose another folder.")
    return pictures


def content_fraction(data: bytes) -> float:
    """A number in [0, 1) that hangs on a file's bytes alone, evenly spread: for splits that never move."""
    digest = hashlib.blake2b(data, digest_size=8).digest()
    return (int.from_bytes(digest, "big") >> 11) / 2**53


def _walk(root: Path) -> Iterator[Picture]:
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        category = Path(folder).relative_to(root).as_posix()
        for path in (Path(folder, name) for name in names if not name.startswith(".")):
            if path.suffix.lower() in SUFFIXES and _is_inside(path, root):
                yield Picture(path, None if category == "." else category)


def _is_inside(path: Path, root: Path) -> bool:
    return path.is_file() and (not path.is_symlink() or path.resolve().is_relative_to(root))
