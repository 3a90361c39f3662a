"""Checkpoints of random weights, evaluated on crops of scikit-image's photos: what the Evaluation page reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from skimage import data

from visml import checkpoints
from visml.evaluation.baselines import TrainingColors
from visml.evaluation.report import evaluate
from visml.models import registry
from visml.settings import Settings

SIDE = 72
CATEGORIES = ("animals", "things/<b>bold</b>")
WIDTH = {"width": 0.0625}


def make_pictures(folder: Path, count: int = 3) -> Path:
    """``count`` crops a category; the first category's are of a cat, the second's of a cup."""
    for category, photo in zip(CATEGORIES, (data.chelsea(), data.coffee()), strict=True):
        (folder / category).mkdir(parents=True)
        for i in range(count):
            crop = photo[60 + 40 * i : 60 + 40 * i + SIDE, 90 + 50 * i : 90 + 50 * i + SIDE]
            Image.fromarray(crop).save(folder / category / f"{i} & co.png")
    return folder


def make_model(folder: Path, seed: int, family: str = "zhang16", arguments: dict[str, Any] = WIDTH) -> Path:
    """A checkpoint of random weights; those with bins are sharpened, so that they are sure of something."""
    torch.manual_seed(seed)
    model = registry.build(family, arguments)
    if family == "zhang16":
        with torch.no_grad():
            model.get_submodule("bins").weight.mul_(8)  # type: ignore[operator]
    checkpoints.save(folder, model, arguments)
    return folder


def evaluated(folder: Path, pictures: Path, seed: int = 0, prior: int = 0) -> dict[str, Any]:
    """The content of a checkpoint's new ``evaluation.json``; baselines use invented training colors."""
    checkpoint = checkpoints.describe(folder)
    model = checkpoints.load(checkpoint)
    table = np.linspace((-5.0, 2.0 + prior), (6.0, 20.0), 101)
    probabilities = np.random.default_rng(prior).dirichlet(np.full(313, 0.3))
    training = TrainingColors(f"set {prior}", 10, 1000, probabilities, table)
    name, sha256, bins = checkpoint.name, checkpoint.model_sha256, model.centers is not None
    result = evaluate(model, pictures, name=name, sha256=sha256, training=training, sweep=bins)
    result.save(folder)
    return read(folder)


def read(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "evaluation.json").read_text())
    return content


def change(folder: Path, **changes: Any) -> None:
    """Writes ``evaluation.json`` with other values; a value of None takes its key out."""
    content = {key: value for key, value in (read(folder) | changes).items() if value is not None}
    (folder / "evaluation.json").write_text(json.dumps(content))


def row(content: dict[str, Any], method: str = "model", category: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = next(
        each for each in content["rows"] if (each["method"], each["category"]) == (method, category)
    )
    return found


def settings(root: Path, cache: Path, images: Path | None = None) -> Settings:
    return Settings(checkpoints=root, cache_dir=cache, images=images, device="cpu", precision="float32")
