"""Pictures of a folder as training crops: read, cut, resized and mirrored, by a seed and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset

from visml.images.decode import PhotoRefused, decode, squash
from visml.images.folder import Picture, content_fraction, find_pictures
from visml.settings import Refused

if TYPE_CHECKING:
    from visml.training.recipe import Data

RGB = npt.NDArray[np.uint8]


class DataRefused(Refused):
    """A folder of pictures that nothing can be trained on."""


@dataclass(frozen=True)
class Batch:
    """Crops seen together.

    Attributes:
        rgb: ``(N, 3, S, S)`` uint8.
        category: ``(N,)`` int64, index among the folder's categories, -1 for none.
        unreadable: pictures left out because they could not be opened.
        small: pictures left out because they are smaller than the shortest crop.
    """

    rgb: Tensor
    category: Tensor
    unreadable: int = 0
    small: int = 0

    def to(self, device: torch.device) -> Batch:
        """The same on a device."""
        return Batch(self.rgb.to(device), self.category.to(device), self.unreadable, self.small)


def blank(side: int) -> Batch:
    """One black crop, for a process whose pictures are all left out and that must take the step with the others."""
    return Batch(torch.zeros(1, 3, side, side, dtype=torch.uint8), torch.full((1,), -1))


class Passed(Enum):
    """Why a picture is left out."""

    UNREADABLE = "unreadable"
    SMALL = "small"


Item = tuple[Tensor, int] | Passed


@dataclass(frozen=True)
class Split:
    """A folder's pictures, divided by a hash of each one's content: equal pictures always fall on the same side.

    Attributes:
        training: pictures to learn from.
        validation: pictures to judge by.
        categories: names, sorted.
    """

    training: tuple[Picture, ...]
    validation: tuple[Picture, ...]
    categories: tuple[str, ...]


def split(root: Path, validation: float, categories: Sequence[str] = ()) -> Split:
    """The pictures below ``root``, the share ``validation`` of them held back.

    Args:
        root: folder of pictures.
        validation: share, in 0..1.
        categories: folders to keep, with what is below them; all of them when empty.

    Raises:
        FolderRefused: there is no folder, or no picture in it.
        DataRefused: there are too few for two parts, or none in one of the categories.
    """
    parts: tuple[list[Picture], list[Picture]] = ([], [])
    for picture in _within(find_pictures(root), categories, root):
        parts[content_fraction(picture.path.read_bytes()) < validation].append(picture)
    if not parts[0] or not parts[1]:
        raise DataRefused(f"'{root}' holds too few pictures to train on: one part of the split is empty.")
    names = {picture.category for part in parts for picture in part if picture.category is not None}
    return Split(tuple(parts[0]), tuple(parts[1]), tuple(sorted(names)))


def _within(pictures: Sequence[Picture], categories: Sequence[str], root: Path) -> Iterator[Picture]:
    for name in categories:
        if not any(_is_in(picture, name) for picture in pictures):
            raise DataRefused(f"'{root}' has no pictures of the category '{name}'.")
    return (each for each in pictures if not categories or any(_is_in(each, name) for name in categories))


def _is_in(picture: Picture, category: str) -> bool:
    return f"{picture.category}/".startswith(f"{category}/")


class Crops(Dataset[Item]):
    """Random crops of an epoch, each cut by (seed, epoch, its index) alone."""

    def __init__(
        self, pictures: Sequence[Picture], categories: Sequence[str], data: Data, seed: int, epoch: int
    ) -> None:
        self.pictures, self.categories = pictures, categories
        self.data, self.seed, self.epoch = data, seed, epoch

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, index: int) -> Item:
        picture = self.pictures[index]
        rgb = read(picture)
        if rgb is None:
            return Passed.UNREADABLE
        if min(rgb.shape[:2]) < self.data.crop_from[0]:
            return Passed.SMALL
        random = np.random.default_rng([self.seed, self.epoch, index])
        return _tensor(cut(rgb, self.data, random)), category_index(picture, self.categories)


class Squashed(Dataset[Item]):
    """Whole pictures of the validation part, squashed to ``size``: what validation looks at."""

    def __init__(self, split: Split, size: int) -> None:
        self.pictures, self.categories, self.size = split.validation, split.categories, size

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, index: int) -> Item:
        rgb = read(self.pictures[index])
        if rgb is None:
            return Passed.UNREADABLE
        return _tensor(squash(rgb, self.size)), category_index(self.pictures[index], self.categories)


def read(picture: Picture) -> RGB | None:
    """The picture ``(H, W, 3)`` uint8, or None where it cannot be opened."""
    try:
        return decode(picture.path.read_bytes()).rgb
    except (PhotoRefused, OSError):
        return None


def cut(rgb: RGB, data: Data, random: np.random.Generator) -> RGB:
    """A random square of the picture, ``(crop, crop, 3)`` uint8, mirrored by chance where the recipe says so.

    The picture ``(H, W, 3)`` uint8 is not smaller than the shortest crop.
    """
    height, width = rgb.shape[:2]
    shortest, longest = data.crop_from[0], min(data.crop_from[1], height, width)
    side = int(random.integers(shortest, longest + 1))
    top, left = int(random.integers(height - side + 1)), int(random.integers(width - side + 1))
    square = Image.fromarray(rgb[top : top + side, left : left + side])
    crop = np.asarray(square.resize((data.crop, data.crop), Image.Resampling.BICUBIC))
    return crop[:, ::-1] if data.mirror and random.random() < 0.5 else crop


def category_index(picture: Picture, categories: Sequence[str]) -> int:
    """The index of a picture's category, -1 for none."""
    return categories.index(picture.category) if picture.category in categories else -1


def collate(items: list[Item]) -> Batch:
    """A batch's pictures, stacked, without those that are left out."""
    kept = [item for item in items if not isinstance(item, Passed)]
    rgb = torch.stack([item[0] for item in kept]) if kept else torch.empty(0, 3, 8, 8, dtype=torch.uint8)
    category = torch.tensor([item[1] for item in kept], dtype=torch.int64)
    return Batch(rgb, category, items.count(Passed.UNREADABLE), items.count(Passed.SMALL))


def _tensor(rgb: RGB) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(rgb.transpose(2, 0, 1)))
