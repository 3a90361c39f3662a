"""A small checkpoint folder with everything a training run leaves; weights random, every number invented."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from visml import checkpoints
from visml.color.bins import BINS
from visml.models import registry

CATEGORIES = ("animals/cats", "animals/dogs", "objects/church", "scenes/forest", "scenes/sea", "various/<b>food</b>")
PHOTOS = ("astronaut", "coffee", "camera")
EPOCHS = 4
ARGUMENTS = {"width": 0.0625}


def make_run(root: Path, name: str = "toy", epochs: int = EPOCHS, categories: tuple[str, ...] = CATEGORIES) -> Path:
    """A whole checkpoint with prior, history and samples under ``root/name``."""
    folder = root / name
    make_model(folder, epochs)
    write_prior(folder, invented_prior())
    write_history(folder, epochs, categories)
    write_samples(folder, epochs)
    return folder


def make_whole_run(root: Path, name: str) -> None:
    """A run that also has its weights' histograms, its sweep, and the weights of its second epoch."""
    folder = make_run(root, name)
    (folder / "weights.json").write_text(json.dumps(weights(EPOCHS)))
    (folder / "lr_find.json").write_text(json.dumps(sweep()))
    keep_epoch(folder, 2)


def make_model(folder: Path, epochs: int = EPOCHS) -> None:
    """Random weights and the description a run writes beside them."""
    torch.manual_seed(0)
    recipe = {
        "family": "zhang16", "epochs": epochs, "batch": 64, "precision": "bf16-mixed",
        "data": {"crop": 128}, "objective": {"name": "cross_entropy", "uniform": 0.5},
        "optimizer": {"lr": 2e-3, "weight_decay": 1e-2},
    }  # fmt: skip
    data = {"training": 1234, "validation": 56, "categories": list(CATEGORIES)}
    model = registry.build("zhang16", ARGUMENTS)
    checkpoints.save(folder, model, ARGUMENTS, recipe=recipe, data=data, step=19 * epochs, licence="test only")


def invented_prior() -> np.ndarray:
    """``(313,)`` float64: falls off from gray, with a few bins never seen."""
    prior = np.exp(-np.hypot(BINS[:, 0] - 4, BINS[:, 1] - 9) / 9).astype(np.float64)
    prior[np.hypot(BINS[:, 0], BINS[:, 1]) > 118] = 0
    return prior / prior.sum()


def write_prior(folder: Path, prior: np.ndarray) -> None:
    content = {"schema": 1, "probabilities": prior.tolist(), "pictures": 1234, "pixels": 1234 * 4096}
    (folder / "prior.json").write_text(json.dumps(content))


def history_lines(epochs: int, categories: tuple[str, ...] = CATEGORIES) -> list[dict[str, object]]:
    """One line per epoch; category c gains ``0.02 c`` over the first."""
    lines = []
    for epoch in range(1, epochs + 1):
        accuracy = 0.3 - 0.2 / epoch
        rows = {
            name: {"accuracy": accuracy + 0.02 * c, "relaxed_accuracy": accuracy + 0.3 + 0.02 * c, "pictures": 8 + c}
            for c, name in enumerate(categories)
        }
        lines.append({
            "schema": 1, "epoch": epoch, "step": 19 * epoch, "lr": 2e-3 * (1 - epoch / (epochs + 1)),
            "losses": {"cross_entropy": 3 + 2 / epoch}, "validation": {"cross_entropy": 3.2 + 2 / epoch},
            "accuracy": accuracy, "relaxed_accuracy": accuracy + 0.3,
            "categories": rows, "seconds": 321.5, "unreadable": 0, "small": 7,
        })  # fmt: skip
    return lines


def write_history(folder: Path, epochs: int, categories: tuple[str, ...] = CATEGORIES) -> None:
    lines = (json.dumps(line) + "\n" for line in history_lines(epochs, categories))
    (folder / "history.jsonl").write_text("".join(lines))


def write_samples(folder: Path, epochs: int) -> None:
    """Flat pictures whose red tells the epoch and whose green tells the photo."""
    for epoch in range(1, epochs + 1):
        place = folder / "samples" / f"{epoch:03d}"
        place.mkdir(parents=True)
        for index, photo in enumerate(PHOTOS):
            Image.new("RGB", (32, 32), sample_color(epoch, index)).save(place / f"{photo}.webp", lossless=True)
    index = {"schema": 1, "epochs": list(range(1, epochs + 1)), "photos": list(PHOTOS)}
    (folder / "samples" / "index.json").write_text(json.dumps(index))


def write_losses(folder: Path, epochs: int, terms: dict[str, float]) -> None:
    """The history of a network without bins: each loss term falls from twice its value to it."""
    lines = [
        {
            "schema": 1, "epoch": epoch, "step": 19 * epoch, "lr": 1e-4, "losses": losses,
            "validation": {name: 1.1 * value for name, value in losses.items()}, "accuracy": None,
            "relaxed_accuracy": None, "categories": {}, "seconds": 9.0, "unreadable": 0, "small": 0,
        }
        for epoch in range(1, epochs + 1)
        if (losses := {name: value * (1 + 1 / epoch) for name, value in terms.items()})
    ]  # fmt: skip
    (folder / "history.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def weights(epochs: int) -> dict[str, Any]:
    """Histograms of two layers that widen from epoch to epoch, as ``weights.json`` has them."""
    counts = np.rint(1000 * np.exp(-(np.linspace(-3, 3, 48) ** 2) / 2)).astype(int).tolist()
    layers = {
        name: [{"low": -scale * epoch, "high": 2 * scale * epoch, "counts": counts} for epoch in range(1, epochs + 1)]
        for name, scale in (("trunk.conv1.0", 0.1), ("bins", 0.02))
    }
    return {"schema": 1, "epochs": list(range(1, epochs + 1)), "layers": layers}


def sweep() -> dict[str, Any]:
    """A sweep whose loss falls until it explodes, as ``lr_find.json`` has it."""
    rates = np.geomspace(1e-6, 1, 61)
    losses = 5 - 2 / (1 + np.exp(-4 * (np.log10(rates) + 3))) + 9 * rates**2
    return {"schema": 1, "rates": rates.tolist(), "losses": losses.tolist(), "smoothed": losses.tolist(), "best": 1e-3}


def keep_epoch(folder: Path, epoch: int) -> None:
    """Weights kept after an epoch, beside those of the folder."""
    kept = folder / "epochs" / f"{epoch:03d}"
    shutil.copytree(folder, kept, ignore=shutil.ignore_patterns("epochs", "samples", "*.jsonl", "weights.json"))
    description = json.loads((kept / "model.json").read_text())
    (kept / "model.json").write_text(json.dumps(description | {"epoch": epoch, "step": 19 * epoch}))


def sample_color(epoch: int, photo: int) -> tuple[int, int, int]:
    return (40 * epoch, 60 * photo, 90)
