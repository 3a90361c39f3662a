"""A folder's pictures in batches, read while the batch before is worked on."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import numpy as np
import numpy.typing as npt

from visml.images.decode import Limits, PhotoRefused, decode, read_file, squash
from visml.images.folder import Picture, find_pictures

BATCH = 8
_ORDER = 20161008  # any number, but always the same


class Passed(Enum):
    """Why a picture is not scored."""

    UNREADABLE = "unreadable"
    WITHOUT_COLOR = "without color"


@dataclass(frozen=True)
class Read:
    """A picture of the folder, as it was read.

    Attributes:
        name: its path relative to the folder, with forward slashes.
        category: its folder relative to that folder; None in the folder itself.
        sha256: of the file's bytes, in hexadecimal; "" where they could not be read.
        content: pixels ``(S, S, 3)`` uint8, or why there are none.
    """

    name: str
    category: str | None
    sha256: str
    content: npt.NDArray[np.uint8] | Passed


def shuffled(folder: Path) -> list[Picture]:
    """The folder's pictures in an order that mixes the categories and depends on nothing but their names.

    Raises:
        FolderRefused: the folder is missing or holds no pictures.
    """
    pictures = find_pictures(folder)
    return [pictures[place] for place in np.random.default_rng(_ORDER).permutation(len(pictures))]


def read_ahead(
    pool: ThreadPoolExecutor, pictures: Sequence[Picture], root: Path, size: int, limits: Limits
) -> Iterator[list[Read]]:
    """The pictures squashed to ``size``, in batches; never more than two batches are held."""
    coming: deque[list[Future[Read]]] = deque()
    for start in range(0, len(pictures), BATCH):
        coming.append([pool.submit(read, each, root, size, limits) for each in pictures[start : start + BATCH]])
        if len(coming) > 1:
            yield [future.result() for future in coming.popleft()]
    for batch in coming:
        yield [future.result() for future in batch]


def read(picture: Picture, root: Path, size: int, limits: Limits) -> Read:
    """One picture of the folder ``root``, squashed to ``size``, or why it is passed over."""
    name = picture.path.relative_to(root).as_posix()
    try:
        data = read_file(picture.path, limits)
        photo = decode(data, limits)
    except PhotoRefused:
        return Read(name, picture.category, "", Passed.UNREADABLE)
    content = squash(photo.rgb, size) if photo.has_color else Passed.WITHOUT_COLOR
    return Read(name, picture.category, hashlib.sha256(data).hexdigest(), content)
