"""The categories that a network can be told a photo shows."""

from __future__ import annotations

from collections.abc import Sequence

from visml.settings import Refused


class CategoryRefused(Refused):
    """A category that the network does not know."""


def check(category: str | None, known: Sequence[str]) -> None:
    """Refuse a category that is none of those known; None, nothing told, is always right.

    Raises:
        CategoryRefused: the network does not know it, or is told none.
    """
    if category is None or category in known:
        return
    if not known:
        raise CategoryRefused("This network is told no category; leave it out.")
    raise CategoryRefused(f"The network knows no category '{category}'; it knows {', '.join(known)}.")
