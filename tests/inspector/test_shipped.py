"""The shipped checkpoints: whole and small; bfloat16 stays within the bounds of docs/results.md."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from visml import checkpoints
from visml.images.gallery import sample_photos
from visml.inspector import Inspector
from visml.metrics import ciede2000, lab
from visml.models import registry

ROOT = Path(__file__).parents[2] / "checkpoints"
PHOTOS = ("astronaut", "coffee", "camera")
ROUNDED = {("joint", "class1"): 0.01}  # one position: no mean evens the rounding out
NAMES = sorted(path.name for path in ROOT.iterdir() if path.is_dir())


@pytest.mark.parametrize("name", NAMES)
def test_a_checkpoint_is_small_and_its_run_can_be_replayed(name: str) -> None:
    folder = ROOT / name
    assert (folder / "model.safetensors").stat().st_size < 20e6
    epochs = list(range(1, json.loads((folder / "model.json").read_text())["epoch"] + 1))
    assert [json.loads(line)["epoch"] for line in (folder / "history.jsonl").read_text().splitlines()] == epochs
    assert json.loads((folder / "weights.json").read_text())["epochs"] == epochs
    samples = json.loads((folder / "samples" / "index.json").read_text())
    assert {1, epochs[-1]} <= set(samples["epochs"]) <= set(epochs)
    for epoch in samples["epochs"]:
        painted = {path.stem for path in (folder / "samples" / f"{epoch:03d}").iterdir()}
        assert painted == set(samples["photos"])


def test_every_family_is_shipped() -> None:
    assert {checkpoints.describe(ROOT / name).family for name in NAMES} == set(registry.FAMILIES)


def test_all_checkpoints_together_stay_under_250_mb() -> None:
    assert sum(path.stat().st_size for path in ROOT.rglob("*") if path.is_file()) < 250e6


@pytest.mark.parametrize("name", NAMES)
def test_bfloat16_shows_what_float32_shows(name: str) -> None:
    exact, fast = (Inspector(name, checkpoints=ROOT, device="cpu", precision=how) for how in ("float32", "bfloat16"))
    photos = sample_photos()
    for key in PHOTOS:
        expected, shown = exact.open(photos[key]), fast.open(photos[key])
        assert np.abs(expected.ab() - shown.ab()).max() < 1.8
        assert ciede2000(lab(expected.painted()), lab(shown.painted())) < 0.24
        if expected.logits is not None:
            assert np.abs(expected.distribution() - shown.distribution()).max() < 0.0126
        for layer in expected.layers[:-1]:
            means, bound = expected[layer.name].mean, ROUNDED.get((name, layer.name), 0.006)
            assert np.abs(means - shown[layer.name].mean).max() < bound * np.abs(means).max()
