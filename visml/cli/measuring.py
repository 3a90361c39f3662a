"""``visml evaluate`` and ``visml prior``."""

from __future__ import annotations

from json import dumps as json_text
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from visml.cli import common

if TYPE_CHECKING:
    from visml.evaluation.report import Evaluation
    from visml.evaluation.tally import Row
    from visml.models.base import Colorizer

_SCORES = ("AuC %", "balanced %", "PSNR dB", "dE2000", "colorfulness", "to target", "top 1", "top 5")
_COLUMNS = ("category", "method", "pictures", *_SCORES)


def evaluate(
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="Folder of pictures.", show_default=False)],
    model: common.Model = "zhang16",
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="DIR", help="Folder to write evaluation.json into.", show_default=False),
    ] = None,
    temperature: common.Temperature = None,
    checkpoints: common.Checkpoints = None,
    json: common.AsJson = False,
) -> None:
    """Score a model on a folder of pictures, beside gray and the training set's mean color."""
    from visml.cli.opening import opened, prior_of, temperature_of
    from visml.evaluation import report

    settings = common.settings(checkpoints)
    inspector, checkpoint = opened(model, settings)
    with common.progress("pictures") as show:
        result = report.evaluate(
            cast("Colorizer", inspector.subject.module),
            data,
            name=checkpoint.name,
            sha256=checkpoint.model_sha256,
            temperature=temperature_of(checkpoint, temperature),
            prior=prior_of(checkpoint),
            precision=inspector.precision,
            limits=common.limits(settings),
            progress=show,
        )
    if out is not None:
        common.say(f"Written to {result.save(out)}.")
    if json:
        common.print_json(result.to_json())
    else:
        _print(result)


def prior(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of pictures.", show_default=False)],
    out: Annotated[
        Path, typer.Option("-o", "--out", metavar="prior.json", help="File to write; - is standard output.")
    ],
    checkpoints: Annotated[Path | None, typer.Option("--checkpoints", hidden=True)] = None,
    json: common.AsJson = False,
) -> None:
    """Measure how often each of the 313 color bins occurs in a folder of pictures."""
    from visml.images.folder import find_pictures
    from visml.training.targets import PriorRefused, measure_prior

    pictures = find_pictures(folder)
    with common.progress("pictures", len(pictures)) as show:
        measured = measure_prior(pictures, lambda done: show(done, None))
    if not measured.pixels:
        raise PriorRefused(f"None of the {len(pictures)} pictures in '{folder}' can be opened; choose another folder.")
    told: dict[str, Any] = {"schema": common.SCHEMA, "pictures": measured.pictures, "pixels": measured.pixels}
    told["probabilities"] = measured.probabilities.double().tolist()
    common.write(out, f"{json_text(told, indent=1)}\n".encode())
    if out == common.STANDARD:
        return
    unreadable = len(pictures) - measured.pictures
    if json:
        counts = {"pictures": measured.pictures, "unreadable": unreadable, "pixels": measured.pixels}
        common.print_json({"prior": str(out)} | counts)
    else:
        typer.echo(f"{out}: {measured.pictures} pictures, {unreadable} unreadable")


def _print(result: Evaluation) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(_title(result)), title_justify="left", box=None, pad_edge=False)
    for name in _COLUMNS:
        table.add_column(name, justify="left" if name in ("category", "method") else "right")
    for row in result.rows:
        if row.method == "model" and row.category is not None:
            table.add_row()
        table.add_row(*(Text(cell) for cell in _cells(row)))
    common.console().print(table)


def _title(result: Evaluation) -> str:
    passed = [(result.without_color, "without color"), (result.unreadable, "unreadable")]
    left_out = "".join(f", {count} {why}" for count, why in passed if count)
    return (
        f"{result.model} on {result.data}: {result.pictures} pictures scored{left_out}; "
        f"{result.size} x {result.size}, T {result.temperature:g}, {result.precision}, {result.seconds:.0f} s"
    )


def _cells(row: Row) -> list[str]:
    return [
        "all" if row.category is None else row.category,
        row.method.replace("_", " "),
        str(row.pictures),
        f"{row.auc:.2f}",
        _or_dash(row.balanced_auc, "{:.2f}"),
        f"{row.psnr:.2f}",
        f"{row.ciede2000:.2f}",
        f"{row.colorfulness:.1f}",
        f"{row.colorfulness_difference:+.1f}",
        _or_dash(row.accuracy, "{:.1%}"),
        _or_dash(row.relaxed_accuracy, "{:.1%}"),
    ]


def _or_dash(value: float | None, form: str) -> str:
    return "-" if value is None else form.format(value)
