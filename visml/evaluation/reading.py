"""A folder's pictures in batches, read while the batch before is worked on."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from visml.images.decode import Limits, PhotoRefused, open_photo, squash
from visml.images.folder import Picture

BATCH = 8


class Passed(Enum):
    """Why a picture is not scored."""

    UNREADABLE = "unreadable"
    WITHOUT_COLOR = "without color"


@dataclass(frozen=True)
class Read:
    """A picture's category, and its pixels ``(S, S, 3)`` uint8 or why there are none."""

    category: str | None
    content: npt.NDArray[np.uint8] | Passed


def read_ahead(
    pool: ThreadPoolExecutor, pictures: Sequence[Picture], size: int, limits: Limits
) -> Iterator[list[Read]]:
    """The pictures squashed to ``size``, in batches; never more than two batches are held."""
    coming: deque[list[Future[Read]]] = deque()
    for start in range(0, len(pictures), BATCH):
        coming.append([pool.submit(read, each, size, limits) for each in pictures[start : start + BATCH]])
        if len(coming) > 1:
            yield [future.result() for future in coming.popleft()]
    for batch in coming:
        yield [future.result() for future in batch]


def read(picture: Picture, size: int, limits: Limits) -> Read:
    """One picture squashed to ``size``, or why it is passed over."""
    try:
        photo = open_photo(picture.path, limits)
    except PhotoRefused:
        return Read(picture.category, Passed.UNREADABLE)
    content = squash(photo.rgb, size) if photo.has_color else Passed.WITHOUT_COLOR
    return Read(picture.category, content)
