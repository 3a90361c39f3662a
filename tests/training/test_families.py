"""Every family from a folder of pictures to the page: trained two epochs, killed and gone on with, scored, opened."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from skimage import data as photos

from tests import tables
from tests.families import TINY, Tiny
from tests.training import pictures
from visml import checkpoints
from visml.evaluation.report import evaluate
from visml.inspector import Inspector
from visml.training import loop, recipe

FAMILIES = list(TINY)
TRAINER = """
import json, sys, torch
from pathlib import Path
from visml.training import loop, recipe
torch.set_num_threads(1)
data, out = Path(sys.argv[1]), Path(sys.argv[2])
loop.train(recipe.parse(json.loads(sys.argv[3])), data, out, resume=True, progress=False)
"""


def _recipe(tiny: Tiny) -> dict[str, Any]:
    return {
        "family": tiny.family,
        "epochs": 2,
        "arguments": tiny.arguments,
        "batch": 8,
        "save_steps": 1,
        "objective": tiny.objective,
        "data": {"crop": tiny.crop, "crop_from": [tiny.crop // 2, 48], "validation": 0.3},
        "optimizer": {"warmup": 2, "averaging": 0.5, "lr": tiny.lr},
    }


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pictures.write(tmp_path_factory.mktemp("data"), per_category=16)


@pytest.fixture(scope="module", params=FAMILIES)
def trained(request: pytest.FixtureRequest, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run in this process, on one thread, unbroken."""
    out = tmp_path_factory.mktemp("runs") / request.param
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return loop.train(recipe.parse(_recipe(TINY[request.param])), data, out, progress=False)
    finally:
        torch.set_num_threads(threads)


def test_a_run_leaves_what_the_page_reads(trained: Path) -> None:
    lines = [json.loads(line) for line in (trained / "history.jsonl").read_text().splitlines()]
    assert [tables.problems(line, "history.jsonl") for line in lines] == [[], []]
    assert all(set(line["losses"]) == set(line["validation"]) for line in lines)
    assert tables.problems(json.loads((trained / "weights.json").read_text()), "weights.json") == []
    assert tables.problems(json.loads((trained / "model.json").read_text()), "model.json") == []


def test_a_killed_run_goes_on_to_the_very_weights_of_the_unbroken_one(
    trained: Path, data: Path, tmp_path: Path
) -> None:
    out = tmp_path / trained.name
    command = [sys.executable, "-c", TRAINER, str(data), str(out), json.dumps(_recipe(TINY[trained.name]))]
    killed = subprocess.Popen(command)
    while not (out / "state.pt").exists():
        assert killed.poll() is None
        time.sleep(0.01)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    assert subprocess.run(command).returncode == 0
    assert checkpoints.describe(out).model_sha256 == checkpoints.describe(trained).model_sha256


def test_it_is_scored_beside_the_baselines(trained: Path, data: Path) -> None:
    model = checkpoints.load(trained)
    result = evaluate(model, data / "cats", name=trained.name)
    row = result.row("model")
    assert (row.pictures, result.size) == (16, model.input_size)
    assert 0 < row.auc <= 100
    assert (row.accuracy is None) == (model.centers is None)
    assert tables.problems(json.loads(json.dumps(result.to_json())), "evaluation.json") == []


def test_a_photo_opens_in_it_and_in_its_companions(trained: Path) -> None:
    for checkpoint in checkpoints.list_checkpoints(trained.parent)[0]:
        inspector = Inspector(checkpoint.name, checkpoints=trained.parent, precision="float32")
        inspection = inspector.open(photos.chelsea())
        for layer in inspector.layers:
            maps = inspection[layer.name].maps
            assert maps.shape[0] == layer.channels
            assert inspection[layer.name].mean.shape == (layer.channels,)
        assert inspection.colorized().shape == photos.chelsea().shape
