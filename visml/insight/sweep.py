"""A folder's pictures through a network, a few at a time: what whole data sets are measured by."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from visml.activations.recorder import record
from visml.color import lab
from visml.images.decode import DEFAULT_LIMITS, Limits, Photo, PhotoRefused, decode, read_file, squash
from visml.images.folder import Picture, content_fraction, find_pictures
from visml.insight.forward import InsightRefused
from visml.models.base import Layer

BATCH = 8
_ORDER = 20161008  # any number, but always the same
_THREADS = 2  # more would wait for each other: two photos are decoded at once


class Network(Protocol):
    """A network in eval mode that nobody else runs meanwhile: see :meth:`visml.Inspector.running`."""

    @property
    def module(self) -> nn.Module:
        """The network."""

    @property
    def layers(self) -> tuple[Layer, ...]:
        """What is recorded, from input to output."""

    @property
    def centers(self) -> Tensor | None:
        """Its bins' centers ``(Q, 2)`` on the CPU, None when it gives ab."""

    @property
    def size(self) -> int:
        """Side S of its input in pixels."""

    @property
    def device(self) -> torch.device:
        """Where it runs."""


@dataclass(frozen=True)
class Shown:
    """A picture as the network is shown it.

    Attributes:
        name: what it is known by: its path relative to the folder, with forward slashes.
        fraction: in [0, 1), from the file's bytes alone, see :func:`visml.images.folder.content_fraction`.
        width: of the photo, in pixels.
        height: of the photo, in pixels.
        has_color: whether the photo has any.
        pixels: squashed, ``(S, S, 3)`` uint8.
    """

    name: str
    fraction: float
    width: int
    height: int
    has_color: bool
    pixels: npt.NDArray[np.uint8] = field(repr=False)

    @classmethod
    def of(cls, photo: Photo, name: str, fraction: float, size: int) -> Shown:
        """A decoded photo."""
        height, width = photo.rgb.shape[:2]
        return cls(name, fraction, width, height, photo.has_color, squash(photo.rgb, size))

    def draw(self, positions: int, count: int) -> Tensor:
        """Numbers of ``count`` random positions out of so many, ``(count,)`` int64, with repeats.

        They hang on the picture's bytes alone, so a picture always gives the same ones, in whatever order it comes.
        """
        random = np.random.default_rng((int(self.fraction * 2**53), positions))
        return torch.from_numpy(random.integers(0, positions, count))


@dataclass(frozen=True)
class Batch:
    """N pictures in the network.

    Attributes:
        shown: the pictures.
        ab: their colors, ``(N, 2, S, S)`` float32.
        maps: each layer's output by its name, ``(N, C, h, w)`` float32 on the CPU.
        output: the network's, ``(N, Q, h, w)`` logits or ``(N, 2, h, w)`` ab, float32 on the CPU.
    """

    shown: tuple[Shown, ...]
    ab: Tensor = field(repr=False)
    maps: dict[str, Tensor] = field(repr=False)
    output: Tensor = field(repr=False)

    def __len__(self) -> int:
        return len(self.shown)

    @property
    def colored(self) -> Tensor:
        """Places of the pictures in color, ``(n,)`` int64."""
        return torch.tensor([place for place, each in enumerate(self.shown) if each.has_color], dtype=torch.int64)

    def readable(self) -> dict[str, Tensor]:
        """The layers that a color lens reads: not the output itself, and more than one position."""
        return {
            name: maps
            for name, maps in self.maps.items()
            if min(maps.shape[2:]) > 1 and not torch.equal(maps, self.output)
        }


def at_centers(ab: Tensor, height: int, width: int) -> Tensor:
    """The colors ``(N, 2, S, S)`` of the pixels at the centers of a grid's positions: ``(N, 2, height, width)``.

    The center of position i of n lies at ``(i + 1/2) S / n``, in the pixel of that number rounded down.
    """
    rows, columns = (((torch.arange(n) + 0.5) * ab.shape[2] / n).long() for n in (height, width))
    return ab[:, :, rows[:, None], columns]


def run(network: Network, shown: Sequence[Shown]) -> Batch:
    """Pictures through the network, every layer recorded."""
    pixels = torch.from_numpy(np.stack([each.pixels for each in shown])).permute(0, 3, 1, 2)
    colors = lab.rgb_to_lab(pixels.float() / 255)
    with torch.no_grad(), record(network.module, network.layers, _kept) as maps:
        output: Tensor = network.module(colors[:, :1].to(network.device))
    return Batch(tuple(shown), colors[:, 1:], dict(maps), _kept(output))


def _kept(output: Tensor) -> Tensor:
    if output.dim() != 4:
        raise InsightRefused(f"Only outputs of shape (N, C, H, W) can be measured, not {tuple(output.shape)}.")
    return output.detach().to("cpu", torch.float32, copy=True, memory_format=torch.contiguous_format)


class Folder:
    """Some pictures of a folder, in an order that mixes its categories and hangs on nothing but their names.

    Args:
        root: the folder.
        most: how many pictures at most; all when None.
        limits: how large a picture may be; larger ones count as unreadable.

    Attributes:
        root: the folder's absolute path.
        pictures: those chosen.
        failed: those of them that could not be opened so far.

    Raises:
        FolderRefused: there is no such folder, or it holds no pictures.
    """

    def __init__(self, root: Path, most: int | None = None, limits: Limits = DEFAULT_LIMITS) -> None:
        found = find_pictures(root)
        order = np.random.default_rng(_ORDER).permutation(len(found))[:most]
        self.root, self.pictures = root.resolve(), [found[place] for place in order]
        self.failed: set[Path] = set()
        self._limits = limits

    @property
    def unreadable(self) -> int:
        """How many of the pictures could not be opened so far."""
        return len(self.failed)

    def part(self, pictures: Sequence[Picture]) -> Folder:
        """The same folder with these of its pictures, none of which has failed yet."""
        part = copy(self)
        part.pictures, part.failed = list(pictures), set()
        return part

    def batches(
        self, size: int, wanted: Callable[[float], bool] = lambda fraction: True, count: int = BATCH
    ) -> Iterator[list[Shown]]:
        """The pictures squashed to ``size``, read while the batch before is worked on; two batches are held at most.

        Args:
            size: S.
            wanted: which pictures, by their :attr:`Shown.fraction`; others are not decoded.
            count: pictures in a batch; a batch may be smaller.
        """
        coming: deque[list[Future[Shown | None]]] = deque()
        with ThreadPoolExecutor(_THREADS) as pool:
            for start in range(0, len(self.pictures), count):
                part = self.pictures[start : start + count]
                coming.append([pool.submit(self._read, each, size, wanted) for each in part])
                if len(coming) > 1:
                    yield _done(coming.popleft())
            while coming:
                yield _done(coming.popleft())

    def _read(self, picture: Picture, size: int, wanted: Callable[[float], bool]) -> Shown | None:
        name = picture.path.relative_to(self.root).as_posix()
        try:
            data = read_file(picture.path, self._limits)
            fraction = content_fraction(data)
            return Shown.of(decode(data, self._limits), name, fraction, size) if wanted(fraction) else None
        except PhotoRefused:
            self.failed.add(picture.path)
            return None


def _done(futures: list[Future[Shown | None]]) -> list[Shown]:
    return [shown for shown in (future.result() for future in futures) if shown is not None]
