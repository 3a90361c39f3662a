"""The table, on a terminal and as Markdown."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from benchmarks.findings import Finding

COLUMNS = ("what", "budget", "measured", "met")


@dataclass(frozen=True)
class Row:
    """A row of the budgets as measured.

    Attributes:
        name: by which it is asked for.
        what: the budget's own words.
        how: how it is measured.
        findings: its numbers; none where it could not be measured.
        failure: why not, in one sentence, "" where it could.
    """

    name: str
    what: str
    how: str
    findings: tuple[Finding, ...]
    failure: str = ""


def show(rows: list[Row]) -> None:
    """Prints the table."""
    table = Table(*COLUMNS, show_lines=False)
    for row in rows:
        table.add_row(f"[bold]{row.what}[/bold]", "", f"[red]{row.failure}[/red]", "", end_section=False)
        for finding in row.findings:
            table.add_row(f"  {finding.what}", finding.budget, finding.measured, finding.verdict.replace("*", ""))
    Console().print(table)


def markdown(rows: list[Row], machine: dict[str, str]) -> str:
    """The whole of ``results.md``."""
    return "\n".join(
        [
            "# Budgets, as measured",
            "",
            "Written by `make bench`. Every ratio is taken within one run, its two sides in turns.",
            "",
            *(f"- {name}: {value}" for name, value in machine.items()),
            "",
            f"| {' | '.join(COLUMNS)} |",
            "|---|---|---|---|",
            *(line for row in rows for line in _lines(row)),
            "",
            "## How each row is measured",
            "",
            *(f"**{row.what}** (`python -m benchmarks {row.name}`). {' '.join(row.how.split())}\n" for row in rows),
        ]
    )


def _lines(row: Row) -> list[str]:
    head = f"| **{row.what}** | | {row.failure} | |"
    return [head, *(f"| {each.what} | {each.budget} | {each.measured} | {each.verdict} |" for each in row.findings)]
