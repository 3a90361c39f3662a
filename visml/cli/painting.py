"""``visml colorize`` and ``visml trace``."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from visml.cli import common

if TYPE_CHECKING:
    from visml.inspector import Inspection, Inspector

_ASKED = "Photos, or folders of them; - reads one from standard input."


def colorize(
    photos: Annotated[list[str], typer.Argument(metavar="PHOTO...", help=_ASKED, show_default=False)],
    out: Annotated[
        Path,
        typer.Option("-o", "--out", metavar="DIR", help="Folder to write <name>-color.jpg into; - is standard output."),
    ],
    model: common.Model = "zhang16",
    temperature: common.Temperature = None,
    category: common.Category = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite pictures that are there.")] = False,
    compare: Annotated[bool, typer.Option("--compare", help="Write gray, colored and actual side by side.")] = False,
    ray: common.Ray = None,
    checkpoints: common.Checkpoints = None,
    json: common.AsJson = False,
) -> None:
    """Color photos at their full size."""
    from visml.cli import jobs
    from visml.cli.opening import opened, temperature_of
    from visml.scale.cluster import driving

    settings = common.settings(checkpoints)
    planned = jobs.plan(photos, out) if ray is None else jobs.for_cluster(jobs.plan(photos, out))
    inspector, checkpoint = opened(model, settings)
    inspector.check_category(category)
    chosen = temperature_of(checkpoint, temperature)
    how = jobs.Coloring(inspector.subject, chosen, common.limits(settings), compare, category)
    with driving(ray) as drive:
        done, refused = jobs.run(planned, how, force, drive)
    if json:
        told = {"model": checkpoint.name, "temperature": how.temperature, "category": category}
        common.print_json(told | {"written": done, "refused": refused})
    elif out != common.STANDARD:
        for each in done:
            typer.echo(each["output"])
    if refused:
        raise typer.Exit(2)


def trace(
    photo: Annotated[str, typer.Argument(metavar="PHOTO", help="A photo; - is standard input.", show_default=False)],
    out: Annotated[
        Path,
        typer.Option("-o", "--out", metavar="OUT.npz", help="Arrays; OUT.html is a page; - is standard output."),
    ],
    model: common.Model = "zhang16",
    layers: Annotated[
        str | None,
        typer.Option("--layers", metavar="a,b", help="Layers to write; all if not given.", show_default=False),
    ] = None,
    category: common.Category = None,
    checkpoints: common.Checkpoints = None,
    json: common.AsJson = False,
) -> None:
    """Write what a photo does in a network, computed in float32: as NumPy arrays, or as a page that stands alone."""
    from visml.cli.jobs import read
    from visml.cli.opening import opened, temperature_of

    settings = common.settings(checkpoints)
    inspector, checkpoint = opened(model, settings, precision="float32")
    if out.suffix == ".html" and layers is not None:
        raise common.OutputRefused("A page has all layers: leave --layers out, or name a file OUT.npz.")
    wanted = _layers(inspector, layers)
    inspector.check_category(category)
    inspection = inspector.open(read(photo, common.limits(settings)), category)
    arrays = _arrays(inspection, wanted)
    if out.suffix == ".html":
        from visml.dashboard.replay import page

        common.write(out, page(inspection, f"t={temperature_of(checkpoint, None)}"))
    else:
        common.write(out, _npz(arrays))
    if out == common.STANDARD:
        return
    shapes = {name: list(array.shape) for name, array in arrays.items()}
    if json:
        told = {"model": checkpoint.name, "photo": photo, "category": category, "output": str(out)}
        common.print_json(told | {"arrays": shapes})
    else:
        typer.echo(f"{out}: {', '.join(f'{name} {tuple(shape)}' for name, shape in shapes.items())}")


def _npz(arrays: dict[str, Any]) -> bytes:
    import numpy as np

    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def _layers(inspector: Inspector, wanted: str | None) -> list[str]:
    """The layers asked for.

    Raises:
        LayerRefused: the network has no such layer.
    """
    known = [layer.name for layer in inspector.layers]
    names = known if wanted is None else [name.strip() for name in wanted.split(",") if name.strip()]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise common.LayerRefused(f"There is no layer '{unknown[0]}'; there are {', '.join(known)}.")
    return names


def _arrays(inspection: Inspection, layers: list[str]) -> dict[str, Any]:
    """Maps ``<layer>`` and means ``mean/<layer>`` of the layers before the output, and what every photo has.

    The layer that gives the output of a classifier is written as ``logits``.
    """
    arrays: dict[str, Any] = {}
    for name in layers:
        if inspection.logits is None or name != inspection.layers[-1].name:
            arrays[name] = inspection[name].maps
            arrays[f"mean/{name}"] = inspection[name].mean
    if inspection.logits is not None:
        arrays["logits"] = inspection.logits
    return arrays | {"ab": inspection.ab(), "lightness": inspection.lightness[0]}
