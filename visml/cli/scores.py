"""An evaluation's scores as tables for a terminal of 100 columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from visml.cli import common

if TYPE_CHECKING:
    from visml.evaluation.results import Evaluation
    from visml.evaluation.tally import Row

_COLUMNS = ("category", "method", "AuC", "balanced", "RMSE ab", "PSNR", "SSIM", "dE2000", "color", "top 5")
_NAMES = 2  # of these columns
_LONGEST = 24
_UNITS = "AuC, balanced AuC: %; PSNR: dB; color: colorfulness; top 5: the true bin is among the five likeliest"


def print_scores(result: Evaluation) -> None:
    """Print the scores of every method for every category, then what else was measured."""
    table = Table(title=Text(_title(result)), title_justify="left", box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for place, name in enumerate(_COLUMNS):
        left = place < _NAMES
        table.add_column(name, justify="left" if left else "right", no_wrap=True, overflow="ellipsis")
    for row in result.rows:
        if row.method == "model" and row.category is not None:
            table.add_row()
        table.add_row(*map(Text, _cells(row)))
    console = common.console()
    console.print(table)
    console.print(Text(_UNITS, style="dim"))
    _print_others(result)


def _print_others(result: Evaluation) -> None:
    console = common.console()
    if result.calibration is not None:
        console.print(Text(f"calibration at T 1: expected error {result.calibration.ece:.1%}"))
    if result.temperatures is not None:
        table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
        for name in ("T", "AuC", "balanced", "color"):
            table.add_column(name, justify="right")
        for at in result.temperatures:
            cells = (f"{at.temperature:g}", f"{at.auc:.2f}", _or_dash(at.balanced_auc, ".2f"), f"{at.colorfulness:.1f}")
            table.add_row(*cells)
        console.print(table)


def _title(result: Evaluation) -> str:
    passed = [(result.without_color, "without color"), (result.unreadable, "unreadable")]
    left_out = "".join(f", {count} {why}" for count, why in passed if count)
    return _printable(
        f"{result.model} on {result.data}: {result.pictures} pictures scored{left_out}; "
        f"{result.size} x {result.size}, T {result.temperature:g}, {result.precision}, {result.seconds:.0f} s"
    )


def _cells(row: Row) -> Sequence[str]:
    category = "all" if row.category is None else _printable(row.category)
    shortened = category if len(category) <= _LONGEST else f"\N{HORIZONTAL ELLIPSIS}{category[1 - _LONGEST :]}"
    return (
        shortened,
        row.method.replace("_", " "),
        f"{row.auc:.2f}",
        _or_dash(row.balanced_auc, ".2f"),
        f"{row.rmse_ab:.2f}",
        f"{row.psnr:.2f}",
        _or_dash(row.ssim, ".3f"),
        f"{row.ciede2000:.2f}",
        f"{row.colorfulness:.1f}",
        _or_dash(row.relaxed_accuracy, ".1%"),
    )


def _printable(text: str) -> str:
    """A folder's name without what would steer a terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _or_dash(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
