"""``visml lens fit`` and ``visml patches index``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from visml.cli import common

if TYPE_CHECKING:
    from visml.checkpoints import Checkpoint
    from visml.insight.lens import Lens
    from visml.insight.patches import PatchIndex

Data = Annotated[Path, typer.Option("--data", metavar="DIR", help="Folder of pictures.", show_default=False)]
Pictures = Annotated[
    int | None, typer.Option("--pictures", metavar="N", min=1, help="At most so many of a folder.", show_default=False)
]
HeldOut = Annotated[
    Path | None,
    typer.Option(
        "--held-out", metavar="DIR", help="Folder to score on; else one picture in five of --data.", show_default=False
    ),
]
lens_app = typer.Typer(help="The color lens: what color each layer could already give.", no_args_is_help=True)
patches_app = typer.Typer(help="Top patches: what each filter answers to most strongly.", no_args_is_help=True)


@lens_app.command("fit")
def lens_fit(
    data: Data,
    held_out: HeldOut = None,
    model: common.Model = "zhang16",
    pictures: Pictures = None,
    ray: common.Ray = None,
    checkpoints: common.Checkpoints = None,
    json: common.AsJson = False,
) -> None:
    """Fit a color lens to a network over a folder of pictures, and keep it in the network's checkpoint."""
    from visml.cli.opening import opened, temperature_of
    from visml.insight import lens, means
    from visml.insight.lens_fit import fit
    from visml.scale.cluster import driving

    settings = common.settings(checkpoints)
    inspector, checkpoint = opened(model, settings)
    _refuse_companion(checkpoint)
    with inspector.running() as network, common.progress("pictures") as show, driving(ray) as drive:
        fitted = fit(
            network,
            data,
            held_out,
            model_sha256=checkpoint.model_sha256,
            precision=inspector.precision,
            uniform=_uniform(checkpoint),
            prior=inspector.prior,
            most=pictures,
            temperature=temperature_of(checkpoint, None),
            limits=common.limits(settings),
            progress=show,
            drive=drive,
        )
    lens.save(fitted.lens, checkpoint.folder)
    means.save(fitted.means, checkpoint.folder)
    if json:
        common.print_json(fitted.lens.facts.to_json())
    else:
        _print(fitted.lens)


@patches_app.command("index")
def patches_index(
    data: Data,
    model: common.Model = "zhang16",
    per_filter: Annotated[int, typer.Option("--per-filter", metavar="K", min=1, max=64, help="Patches of each.")] = 9,
    pictures: Pictures = None,
    ray: common.Ray = None,
    checkpoints: common.Checkpoints = None,
    json: common.AsJson = False,
) -> None:
    """Find what each filter answers to most strongly in a folder of pictures.

    The index is kept in the cache folder, for it names files of this machine. Every filter's mean over the pictures
    is kept in the checkpoint where it has none yet.
    """
    from visml.cli.opening import opened
    from visml.insight import means, patches_kept
    from visml.insight.patches_build import build
    from visml.scale.cluster import driving

    settings = common.settings(checkpoints)
    inspector, checkpoint = opened(model, settings)
    _refuse_companion(checkpoint)
    with inspector.running() as network, common.progress("pictures") as show, driving(ray) as drive:
        built = build(
            network,
            data,
            model_sha256=checkpoint.model_sha256,
            per_filter=per_filter,
            most=pictures,
            limits=common.limits(settings),
            progress=show,
            drive=drive,
        )
    place = patches_kept.place(settings.cache_dir, checkpoint.model_sha256)
    patches_kept.save(built.index, place)
    if not means.current(checkpoint.folder, inspector.layers):
        means.save(built.means, checkpoint.folder)
    if json:
        common.print_json(_told(built.index, place))
    else:
        _print_index(built.index, place)


def _told(index: PatchIndex, place: Path) -> dict[str, Any]:
    layers = [
        {"name": each.name, "filters": each.channels, "dead": len(each.dead), "duplicates": len(each.duplicates)}
        for each in index.layers
    ]
    counts = {"pictures": index.seen, "unreadable": index.unreadable, "seconds": index.seconds}
    return {"index": str(place), **counts, "layers": layers}


def _print_index(index: PatchIndex, place: Path) -> None:
    from rich.table import Table

    table = Table()
    for head in ("layer", "filters", "dead", "near-duplicate pairs"):
        table.add_column(head, justify="left" if head == "layer" else "right")
    for each in _told(index, place)["layers"]:
        table.add_row(*map(str, each.values()))
    common.console().print(table)
    typer.echo(f"{index.seen} pictures in {index.seconds:.0f} s, {index.unreadable} unreadable; kept in {place}.")


def _print(lens: Lens) -> None:
    from rich.table import Table

    facts = lens.facts
    table = Table(title=f"Held-out AuC in percent, {facts.held_out} pictures", title_justify="left")
    for head in ("layer", "to bins, balanced", "raw", "to ab, balanced", "raw"):
        table.add_column(head, justify="left" if head == "layer" else "right")
    rows = [(each.name, each.bins, each.ab) for each in facts.layers]
    for name, bins, ab in [("gray", None, facts.gray), *rows, ("the network itself", facts.output, None)]:
        cells = [(None, None) if each is None else (each.balanced_auc, each.auc) for each in (bins, ab)]
        table.add_row(name, *("" if cell is None else f"{cell:.1f}" for pair in cells for cell in pair))
    common.console().print(table)
    typer.echo(f"Fitted on {facts.pictures} pictures in {facts.seconds:.0f} s.")


def _uniform(checkpoint: Checkpoint) -> float | None:
    """Lambda of the class rebalancing in the checkpoint's recipe; None where it tells of none."""
    recipe = checkpoint.description.get("recipe")
    objective = recipe.get("objective") if isinstance(recipe, dict) else None
    uniform = objective.get("uniform") if isinstance(objective, dict) else None
    return float(uniform) if isinstance(uniform, int | float) and 0 <= uniform <= 1 else None


def _refuse_companion(checkpoint: Checkpoint) -> None:
    from visml.insight.forward import InsightRefused

    if checkpoint.companion:
        raise InsightRefused(f"'{checkpoint.name}' does not color pictures; name the network that it was trained with.")
