"""What is done with a collection, some of it at a time, and the driver that does it in this process.

Whatever goes through a collection is written as a :class:`Work`: a pure function of some items, whose results are
merged in the items' order. So it does not matter where the parts are made, and one process and a cluster give the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

Item = TypeVar("Item")
Part = TypeVar("Part")
ItemIn = TypeVar("ItemIn", contravariant=True)
PartOut = TypeVar("PartOut", covariant=True)
Tell = Callable[[int], None]


def silent(done: int) -> None:
    """Told how much is done, says nothing."""


class Work(Protocol[ItemIn, PartOut]):
    """What is done with some items; sent whole to the processes that do it, and so are items and parts."""

    @property
    def chunk(self) -> int:
        """Items of one part."""

    @property
    def on_gpu(self) -> bool:
        """Whether each process needs a GPU of its own."""

    def do(self, items: Sequence[ItemIn], tell: Tell = silent) -> PartOut:
        """The part of some items: nothing but them decides it. Told now and then how many of them are done.

        Raises:
            Refused: the work cannot be done at all; it then ends in every process.
        """


class Driver(Protocol):
    """Goes through a collection."""

    def __call__(self, work: Work[Item, Part], items: Sequence[Item], tell: Tell = silent) -> Iterator[Part]:
        """The parts of all items, in order; the memory does not grow with how many there are.

        Args:
            work: what is done.
            items: the collection.
            tell: told how many items are done.

        Raises:
            Refused: what the work refuses.
        """


def here(work: Work[Item, Part], items: Sequence[Item], tell: Tell = silent) -> Iterator[Part]:
    """The :class:`Driver` of this process."""
    for start, chunk in chunks(items, work.chunk):
        yield work.do(chunk, lambda done, start=start: tell(start + done))  # type: ignore[misc]
        tell(start + len(chunk))


def chunks(items: Sequence[Item], size: int) -> Iterator[tuple[int, Sequence[Item]]]:
    """So many items at a time, each time with the place of the first."""
    for start in range(0, len(items), size):
        yield start, items[start : start + size]
