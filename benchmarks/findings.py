"""What a row of the table says: a measured number against its budget."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.samples import Samples, number


@dataclass(frozen=True)
class Finding:
    """One line of the table.

    Attributes:
        what: the thing measured.
        budget: as a person reads it, "" where there is none.
        measured: likewise.
        met: None where there is no budget.
    """

    what: str
    budget: str
    measured: str
    met: bool | None

    @property
    def verdict(self) -> str:
        """The last column."""
        return {True: "met", False: "**not met**", None: "-"}[self.met]


def at_most(what: str, value: float, limit: float, unit: str = "", told: str = "") -> Finding:
    """A number that must not exceed its budget; ``told`` goes in brackets after it."""
    return Finding(what, f"<= {number_of(limit)}{unit}", _measured(value, unit, told), value <= limit)


def at_least(what: str, value: float, limit: float, unit: str = "", told: str = "") -> Finding:
    """A number that must reach its budget."""
    return Finding(what, f">= {number_of(limit)}{unit}", _measured(value, unit, told), value >= limit)


def aside(what: str, measured: str) -> Finding:
    """Something without a budget that helps to read the rest."""
    return Finding(what, "", measured, None)


def p95_at_most(what: str, samples: Samples, limit: float, told: str = "") -> Finding:
    """Milliseconds whose 95th percentile has a budget."""
    return at_most(f"{what}, p95", samples.p95, limit, " ms", "; ".join(filter(None, (samples.tell(), told))))


def number_of(limit: float) -> str:
    """A budget as it was set, without digits that it does not have."""
    return f"{limit:,.10g}"


def _measured(value: float, unit: str, told: str) -> str:
    return f"{number(value) if value else '0'}{unit}" + (f" ({told})" if told else "")
