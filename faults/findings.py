"""What a fault did."""

from __future__ import annotations

from dataclasses import dataclass


class FaultRefused(RuntimeError):
    """A fault that cannot be made on this machine; its text says why."""


@dataclass(frozen=True)
class Finding:
    """One fault and what was seen.

    Attributes:
        fault: what was done.
        seen: what came of it, with figures.
        kept: whether the promise held.
    """

    fault: str
    seen: str
    kept: bool
