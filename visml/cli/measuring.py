"""``visml evaluate`` and ``visml prior``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from json import dumps as json_text
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from visml.cli import common

if TYPE_CHECKING:
    from visml.checkpoints import Checkpoint
    from visml.evaluation.baselines import TrainingColors
    from visml.evaluation.measures import PictureScores
    from visml.models.base import Colorizer


def evaluate(
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="Folder of pictures.", show_default=False)],
    model: common.Model = "zhang16",
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            metavar="DIR",
            help="Folder to write evaluation.json and evaluation.csv into.",
            show_default=False,
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report",
            metavar="FILE.html",
            help="Page to write: tables, charts and the best and worst pictures themselves.",
            show_default=False,
        ),
    ] = None,
    pictures: Annotated[
        Path | None,
        typer.Option(
            "--pictures",
            metavar="FILE.csv",
            help="Table to write: the model's scores on every picture.",
            show_default=False,
        ),
    ] = None,
    sweep: Annotated[bool, typer.Option("--sweep", help="Score it at T = 0.2, 0.38, 0.5, 0.7 and 1 too.")] = False,
    temperature: common.Temperature = None,
    ray: common.Ray = None,
    checkpoints: common.Checkpoints = None,
    json: common.AsJson = False,
) -> None:
    """Score a model on a folder of pictures, beside colorings that know nothing of the picture."""
    from visml.cli.opening import opened, temperature_of
    from visml.cli.scores import print_scores
    from visml.evaluation import report as reporting
    from visml.evaluation.page import write_page
    from visml.scale.cluster import driving

    _check_places(out, report, pictures)
    settings = common.settings(checkpoints)
    inspector, checkpoint = opened(model, settings)
    with common.progress("pictures") as show, _table(pictures) as each, driving(ray) as drive:
        result = reporting.evaluate(
            cast("Colorizer", inspector.subject.module),
            data,
            name=checkpoint.name,
            sha256=checkpoint.model_sha256,
            temperature=temperature_of(checkpoint, temperature),
            training=_training_colors(checkpoint),
            sweep=sweep,
            precision=inspector.precision,
            limits=common.limits(settings),
            each=each,
            progress=show,
            drive=drive,
        )
    written = [path for path in (pictures,) if path is not None]
    if out is not None:
        written.append(result.save(out))
    if report is not None:
        written.append(write_page(result, report))
    for path in written:
        common.say(f"Written to {path}.")
    if json:
        common.print_json(result.to_json())
    else:
        print_scores(result)


def prior(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of pictures.", show_default=False)],
    out: Annotated[
        Path, typer.Option("-o", "--out", metavar="prior.json", help="File to write; - is standard output.")
    ],
    ray: common.Ray = None,
    checkpoints: Annotated[Path | None, typer.Option("--checkpoints", hidden=True)] = None,
    json: common.AsJson = False,
) -> None:
    """Measure how often each of the 313 color bins occurs in a folder of pictures, and each lightness's mean color."""
    from visml.images.folder import find_pictures
    from visml.scale.cluster import driving
    from visml.training.prior import PriorRefused, measure_prior

    pictures = find_pictures(folder)
    with common.progress("pictures", len(pictures)) as show, driving(ray) as drive:
        measured = measure_prior(pictures, lambda done: show(done, None), drive)
    if not measured.pixels:
        raise PriorRefused(f"None of the {len(pictures)} pictures in '{folder}' can be opened; choose another folder.")
    common.write(out, f"{json_text(measured.to_json(), indent=1)}\n".encode())
    if out == common.STANDARD:
        return
    unreadable = len(pictures) - measured.pictures
    if json:
        counts = {"pictures": measured.pictures, "unreadable": unreadable, "pixels": measured.pixels}
        common.print_json({"prior": str(out)} | counts)
    else:
        typer.echo(f"{out}: {measured.pictures} pictures, {unreadable} unreadable")


def _check_places(folder: Path | None, *files: Path | None) -> None:
    """Refuse what cannot be written to before the work, not after it."""
    for path in files:
        if path is not None and (path.is_dir() or path == common.STANDARD):
            raise common.OutputRefused(f"'{path}' is not the name of a file; name one to write.")
    for path in (folder, *(each and each.parent for each in files)):
        if path is not None and not next(each for each in (path, *path.absolute().parents) if each.exists()).is_dir():
            raise common.OutputRefused(f"'{path}' cannot be a folder, since a file is in its way; name another.")


@contextmanager
def _table(path: Path | None) -> Iterator[Callable[[PictureScores], None]]:
    """What is to be told every picture's scores: a file that is written as they come, or nobody."""
    from visml.evaluation.results import PictureTable, replacing

    if path is None:
        yield lambda scores: None
        return
    with replacing(path) as file:
        yield PictureTable(file).add


def _training_colors(checkpoint: Checkpoint) -> TrainingColors | None:
    from visml.cli.opening import prior_of
    from visml.evaluation.baselines import TrainingColors

    prior = prior_of(checkpoint)
    if prior is None:
        return None
    table = None if prior.lightness_table is None else prior.lightness_table.numpy()
    return TrainingColors(checkpoint.name, prior.pictures, prior.pixels, prior.probabilities.numpy(), table)
