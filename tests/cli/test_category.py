from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.commands import WIDTH, Command
from visml import Inspector, checkpoints
from visml.models.conditioned import Conditioned

CATEGORIES = ["cats", "sea"]
_DOGS = ["--category", "dogs"]


@pytest.fixture
def told(tmp_path: Path) -> Path:
    """The folder of a class-conditioned checkpoint."""
    torch.manual_seed(0)
    arguments = {"width": WIDTH, "categories": CATEGORIES}
    model = Conditioned(**arguments)  # type: ignore[arg-type]
    return checkpoints.save(tmp_path / "checkpoints" / "told", model, arguments).folder


def test_trace_tells_the_network_the_category(visml: Command, told: Path, photo: Path, tmp_path: Path) -> None:
    outcome = visml("trace", photo, "-o", tmp_path / "t.npz", "--model", told, "--category", "sea", "--json")
    assert json.loads(outcome.text)["category"] == "sea"
    inspector = Inspector(told, precision="float32")
    logits = np.load(tmp_path / "t.npz")["logits"]
    np.testing.assert_allclose(logits, inspector.open(photo, "sea").logits, atol=1e-4)
    assert np.abs(logits - inspector.open(photo).logits).max() > 1e-2


def test_colorize_tells_the_network_the_category(visml: Command, told: Path, photo: Path, tmp_path: Path) -> None:
    pictures = set()
    for name in (None, *CATEGORIES):
        more = [] if name is None else ["--category", name]
        outcome = visml("colorize", photo, "-o", tmp_path / f"{name}", "--model", told, "--json", *more)
        assert (outcome.code, json.loads(outcome.text)["category"]) == (0, name)
        pictures.add((tmp_path / f"{name}" / "cat-color.jpg").read_bytes())
    assert len(pictures) == 3


@pytest.mark.parametrize("command", ["colorize", "trace"])
@pytest.mark.parametrize(
    ("model", "sentence"),
    [("told", "knows no category 'dogs'; it knows cats, sea"), ("tiny", "told no category; leave it out")],
)
def test_a_category_that_the_model_does_not_know_is_refused_in_one_sentence(
    visml: Command, told: Path, album: Path, tmp_path: Path, command: str, model: str, sentence: str
) -> None:
    photos = [album] if command == "colorize" else [album / "sky.png"]
    outcome = visml(command, *photos, "-o", tmp_path / "out", "--model", told if model == "told" else model, *_DOGS)
    assert (outcome.code, outcome.out) == (2, b"")
    assert sentence in outcome.err
    assert outcome.err.count("\n") == 1
    assert not (tmp_path / "out").exists()
