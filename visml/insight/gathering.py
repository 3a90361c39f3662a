"""A folder's pictures through a network, gathered part by part: in this process or in those of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from visml.images.folder import Picture
from visml.insight.sweep import BATCH, Batch, Folder, Network, run
from visml.scale.work import Driver, Tell, silent


class Gatherer(Protocol):
    """What is kept of pictures."""

    def count(self, batch: Batch) -> None:
        """Count a batch too."""


G = TypeVar("G", bound=Gatherer)


@dataclass(frozen=True)
class Gathered(Generic[G]):
    """What was kept of some pictures, and which of them could not be opened."""

    what: G
    failed: set[Path]


@dataclass(frozen=True)
class Gathering(Generic[G]):
    """The :class:`visml.scale.work.Work` of running pictures through a network.

    Attributes:
        network: in eval mode.
        folder: where the pictures are; its own are not read.
        new: makes what gathers them, empty.
        wanted: which pictures, see :meth:`Folder.batches`.
        chunk: pictures of one part; whole batches, so that a part holds the very batches of one long pass.
    """

    network: Network = field(repr=False)
    folder: Folder
    new: Callable[[], G]
    wanted: Callable[[float], bool]
    chunk: int = 4 * BATCH

    @property
    def on_gpu(self) -> bool:
        """Whether the network lies on a GPU."""
        return self.network.device.type == "cuda"

    def do(self, items: Sequence[Picture], tell: Tell = silent) -> Gathered[G]:
        """What is kept of some pictures."""
        folder, gatherer = self.folder.part(items), self.new()
        for batch, shown in enumerate(folder.batches(self.network.size, self.wanted), start=1):
            if shown:
                gatherer.count(run(self.network, shown))
            tell(min(batch * BATCH, len(items)))
        return Gathered(gatherer, folder.failed)


def gather(
    drive: Driver,
    network: Network,
    folder: Folder,
    new: Callable[[], G],
    wanted: Callable[[float], bool] = lambda fraction: True,
    tell: Tell = silent,
) -> Iterator[G]:
    """What is kept of a folder's pictures, part after part in their order; the folder learns which failed.

    Args:
        drive: what goes through them.
        network: in eval mode, run by nobody else meanwhile.
        folder: the pictures.
        new: makes what gathers a part, empty.
        wanted: which pictures, see :meth:`Folder.batches`.
        tell: told how many pictures are done.
    """
    for part in drive(Gathering(network, folder.part(()), new, wanted), folder.pictures, tell):
        folder.failed |= part.failed
        yield part.what
