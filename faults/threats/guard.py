"""A threat, its test and its guard."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Guard:
    """One threat and what keeps it away.

    Attributes:
        threat: in words.
        test: pytest's name of the test that must fail without the guard.
        file: where the guard is.
        code: the guard, as it stands there exactly once.
        without: what stands in its place when it is taken out.
    """

    threat: str
    test: str
    file: str
    code: str
    without: str
