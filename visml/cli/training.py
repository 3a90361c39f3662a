"""``visml train``."""

from __future__ import annotations

import json as jsonlib
import logging
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from visml.cli import common


def train(
    recipe: Annotated[Path, typer.Argument(metavar="RECIPE.toml", help="What to train.", show_default=False)],
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="Folder of pictures.", show_default=False)],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="Checkpoint folder; the recipe's name if not given.", show_default=False
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where a stopped run was.")] = False,
    checkpoints: common.Checkpoints = None,
    json: common.AsJson = False,
) -> None:
    """Train a network by a recipe on a folder of pictures; a picture's category is its folder."""
    from visml.training import loop
    from visml.training import recipe as recipes

    plan = recipes.load(recipe)
    out = out or common.settings(checkpoints).checkpoints / recipe.stem
    terminal = sys.stderr.isatty()
    if not terminal:
        logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    written = loop.train(plan, data, out, resume=resume, progress=terminal and not json)
    last = _last_epoch(written)
    if json:
        common.print_json({"checkpoint": str(written), "epoch": last})
    else:
        typer.echo(f"{written}: {_told(last)}")


def _last_epoch(folder: Path) -> dict[str, Any]:
    from visml.training.history import FILE

    lines = (folder / FILE).read_text(encoding="utf-8").splitlines()
    epoch: dict[str, Any] = jsonlib.loads(lines[-1])
    return epoch


def _told(epoch: dict[str, Any]) -> str:
    losses = ", ".join(f"{name} {value:.3f}" for name, value in epoch["losses"].items())
    known = {name: epoch[name] for name in ("accuracy", "relaxed_accuracy") if epoch[name] is not None}
    scores = "".join(f", {name.replace('_', ' ')} {value:.1%}" for name, value in known.items())
    return f"epoch {epoch['epoch']}, {losses}{scores}"
