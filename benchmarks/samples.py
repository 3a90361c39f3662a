"""Repeated measurements: taken in turn, and told with their spread."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import median

import numpy as np


@dataclass(frozen=True)
class Samples:
    """Measurements of one thing, in the order taken."""

    values: tuple[float, ...]

    @classmethod
    def of(cls, values: Iterable[float]) -> Samples:
        """The samples of some numbers.

        Raises:
            ValueError: there is none.
        """
        kept = tuple(float(value) for value in values)
        if not kept:
            raise ValueError("Nothing was measured.")
        return cls(kept)

    @property
    def median(self) -> float:
        """The middle one."""
        return median(self.values)

    @property
    def p95(self) -> float:
        """The value that 95 of 100 do not exceed, between the two nearest samples."""
        return self.quantile(0.95)

    def quantile(self, share: float) -> float:
        """The value that a share, 0..1, of the samples does not exceed."""
        return float(np.quantile(self.values, share))

    def less(self, amount: float) -> Samples:
        """The same with an amount taken off each, never below 0."""
        return Samples(tuple(max(0.0, value - amount) for value in self.values))

    def over(self, others: Samples) -> Samples:
        """The ratio of each to the one of ``others`` taken in the same round."""
        return Samples(tuple(one / other for one, other in zip(self.values, others.values, strict=True)))

    def tell(self, unit: str = "") -> str:
        """Median, p95, quartiles and number, for a person."""
        low, high = self.quantile(0.25), self.quantile(0.75)
        spread = f"quartiles {number(low)} to {number(high)}"
        return f"median {number(self.median)}{unit}, p95 {number(self.p95)}, {spread}, n {len(self.values)}"


def number(value: float) -> str:
    """A number with three significant digits, without exponents."""
    size = abs(value)
    decimals = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 0.095 or size == 0 else 3
    return f"{value:,.{decimals}f}"


def seconds(work: Callable[[], object]) -> float:
    """How long a call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def alternate(sides: Mapping[str, Callable[[], object]], rounds: int, warm: int = 1) -> dict[str, Samples]:
    """Milliseconds of several ways of doing a thing, each once a round, in turns.

    What slows the machine for a while slows all sides; every other round runs backwards, so that none always
    follows the same other.

    Args:
        sides: name to call.
        rounds: measured calls of each.
        warm: calls of each that are not measured.
    """
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for turn in range(-warm, rounds):
        for name in list(sides) if turn % 2 == 0 else reversed(list(sides)):
            took = seconds(sides[name])
            if turn >= 0:
                taken[name].append(1000 * took)
    return {name: Samples.of(values) for name, values in taken.items()}
