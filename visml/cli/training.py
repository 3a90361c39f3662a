"""``visml train`` and ``visml lr-find``."""

from __future__ import annotations

import json as jsonlib
import logging
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from visml.cli import common
from visml.settings import Refused

Recipe = Annotated[Path, typer.Argument(metavar="RECIPE.toml", help="What to train.", show_default=False)]
Data = Annotated[Path, typer.Option("--data", metavar="DIR", help="Folder of pictures.", show_default=False)]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Checkpoint folder; the recipe's name if not given.", show_default=False),
]


def train(
    recipe: Recipe,
    data: Data,
    out: Out = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where a stopped run was.")] = False,
    checkpoints: common.Checkpoints = None,
    json: common.AsJson = False,
) -> None:
    """Train a network by a recipe on a folder of pictures; a picture's category is its folder.

    Under torchrun all processes make every batch together, and the first one speaks for them.
    """
    from visml.training import loop, memory, team
    from visml.training import recipe as recipes

    memory.keep_freed()
    root = common.settings(checkpoints).checkpoints
    out = out or root / recipe.stem
    terminal = sys.stderr.isatty()
    if not terminal:
        logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        written = loop.train(recipes.load(recipe), data, out, resume=resume, progress=terminal and not json, root=root)
    except Refused:
        if team.speaks():
            raise
    if not team.speaks():
        return
    last = _last_epoch(written)
    if json:
        common.print_json({"checkpoint": str(written), "epoch": last})
    else:
        typer.echo(f"{written}: {_told(last)}")


def lr_find(
    recipe: Recipe,
    data: Data,
    out: Out = None,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="FILE.html", help="Also write the curve as a page.", show_default=False),
    ] = None,
    low: Annotated[float, typer.Option("--low", help="First learning rate.")] = 1e-6,
    high: Annotated[float, typer.Option("--high", help="Last learning rate.")] = 1.0,
    steps: Annotated[int, typer.Option("--steps", help="Steps between them.")] = 100,
    checkpoints: common.Checkpoints = None,
    json: common.AsJson = False,
) -> None:
    """Find the learning rate at which a recipe learns fastest: some steps, each at a higher rate."""
    from visml.training import lr_finder, memory
    from visml.training import recipe as recipes

    memory.keep_freed()
    root = common.settings(checkpoints).checkpoints
    out, terminal = out or root / recipe.stem, sys.stderr.isatty() and not json
    limits: dict[str, Any] = {"low": low, "high": high, "steps": steps}
    found = lr_finder.sweep(recipes.load(recipe), data, out, progress=terminal, root=root, **limits)
    found.save(out)
    if plot is not None:
        common.write(plot, _page(found.to_json()).encode())
    if json:
        common.print_json({"checkpoint": str(out)} | found.to_json())
    else:
        typer.echo(f"{out}: {_best(found.to_json())}")


def _page(found: dict[str, Any]) -> str:
    """The curve as one page that needs nothing else."""
    import numpy as np
    from plotly.io import to_html  # type: ignore[import-untyped]

    from visml.figures import rates

    tried, losses, smoothed = (np.array(found[name]) for name in ("rates", "losses", "smoothed"))
    figure = rates.sweep(tried, losses, smoothed, found["best"], height=420)
    return str(to_html(figure, include_plotlyjs=True, validate=False))


def _best(found: dict[str, Any]) -> str:
    if found["best"] is None:
        return "the loss falls at no rate; try other limits"
    tried = f"{len(found['rates'])} rates from {found['rates'][0]:.2g} to {found['rates'][-1]:.2g}"
    return f"the loss falls fastest at {found['best']:.2g} ({tried})"


def _last_epoch(folder: Path) -> dict[str, Any]:
    from visml.training.history import FILE

    lines = (folder / FILE).read_text(encoding="utf-8").splitlines()
    epoch: dict[str, Any] = jsonlib.loads(lines[-1])
    return epoch


def _told(epoch: dict[str, Any]) -> str:
    losses = ", ".join(f"{name} {value:.3g}" for name, value in epoch["losses"].items())
    known = {name: epoch[name] for name in ("accuracy", "relaxed_accuracy") if epoch[name] is not None}
    scores = "".join(f", {name.replace('_', ' ')} {value:.1%}" for name, value in known.items())
    return f"epoch {epoch['epoch']}, {losses}{scores}"
