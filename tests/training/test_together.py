"""One run in two processes: the gradients of the whole batch, one checkpoint, and a run that is killed and gone on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.training import pictures, together
from visml import checkpoints
from visml.training import loop, recipe, team

pytestmark = pytest.mark.slow
RECIPE = """
family = "zhang16"
epochs = 2
batch = 8
save_steps = 1
processes = 2
arguments = { width = 0.03125 }
data = { crop = 16, crop_from = [16, 40], validation = 0.3 }
optimizer = { warmup = 2, averaging = 0.9 }
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pictures.write(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recipes") / "two.toml"
    path.write_text(RECIPE)
    return path


def _start(*arguments: object, module: str = "visml") -> subprocess.Popen[str]:
    """Two processes, of one thread each: only then is a run the same to the bit."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", module]
    how = {"env": os.environ | {"OMP_NUM_THREADS": "1"}, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([*command, *map(str, arguments)], text=True, **how)


def _train(plan: Path, data: Path, out: Path, *more: str) -> subprocess.Popen[str]:
    return _start("train", plan, "--data", data, "--out", out, *more)


def _ends(started: subprocess.Popen[str]) -> str:
    """What it told, when all went well."""
    told, refused = started.communicate(timeout=100)
    assert started.returncode == 0, refused
    return told


def _lines(out: Path) -> list[dict[str, object]]:
    return [json.loads(line) | {"seconds": 0} for line in (out / "history.jsonl").read_text().splitlines()]


def test_two_processes_give_the_gradients_of_the_whole_batch(data: Path, tmp_path: Path) -> None:
    _ends(_start(data, tmp_path, module="tests.training.together"))
    shared = torch.load(tmp_path / "gradients.pt")
    for case in together.CASES:
        whole = together.gradients(case, team.alone("32-true"), data, tmp_path / "alone")
        assert shared[case.name].keys() == whole.keys()
        largest = max(float(gradient.abs().max()) for name, gradient in whole.items() if "loss" not in name)
        for name, gradient in whole.items():
            close = 1e-5 * float(gradient.abs().max()) + 1e-7 * largest
            torch.testing.assert_close(shared[case.name][name], gradient, atol=close, rtol=0, msg=f"{case} {name}")


def test_a_killed_run_of_two_processes_goes_on_to_the_weights_of_an_unbroken_one(
    data: Path, plan: Path, tmp_path: Path
) -> None:
    told = _ends(_train(plan, data, tmp_path / "whole"))
    assert told.count("epoch 2") == 1, "the first process alone reports"
    _kill_one(_train(plan, data, tmp_path / "broken"), tmp_path / "broken" / "state.pt")
    shutil.copytree(tmp_path / "broken", tmp_path / "fewer")
    _ends(_train(plan, data, tmp_path / "broken", "--resume"))
    whole, resumed = (checkpoints.describe(tmp_path / name) for name in ("whole", "broken"))
    assert resumed.model_sha256 == whole.model_sha256
    assert [line["epoch"] for line in _lines(tmp_path / "broken")] == [1, 2]
    assert _lines(tmp_path / "broken") == _lines(tmp_path / "whole")
    assert sorted(each.name for each in tmp_path.iterdir() if each.is_dir()) == ["broken", "fewer", "whole"]
    loop.train(replace(recipe.load(plan), processes=1), data, tmp_path / "fewer", resume=True, progress=False)
    assert [line["epoch"] for line in _lines(tmp_path / "fewer")] == [1, 2]


def test_a_refusal_of_one_process_ends_both_with_one_sentence(data: Path, plan: Path, tmp_path: Path) -> None:
    with loop.locked(tmp_path / "run"):
        second = _train(plan, data, tmp_path / "run")
        told, refused = second.communicate(timeout=100)
    assert second.returncode != 0
    assert told == ""
    assert refused.count("is being trained by another process") == 1
    assert "visml/training" not in refused, "no traceback of ours, whatever torchrun reports of its own"


def test_a_recipe_of_two_processes_says_how_they_are_started(data: Path, plan: Path, tmp_path: Path) -> None:
    with pytest.raises(team.TrainingRefused, match="start it with: torchrun --nproc-per-node 2"):
        loop.train(recipe.load(plan), data, tmp_path / "run", progress=False)


def _kill_one(started: subprocess.Popen[str], when: Path) -> None:
    """Kill the second of a run's processes as soon as there is a file; the first must not outlive it."""
    while not when.exists():
        assert started.poll() is None, started.communicate()
        time.sleep(0.01)
    workers = Path(f"/proc/{started.pid}/task/{started.pid}/children").read_text().split()
    assert len(workers) == 2
    os.kill(int(workers[1]), signal.SIGKILL)
    started.communicate(timeout=100)
    assert started.returncode != 0
    assert not any(Path(f"/proc/{each}").exists() for each in workers)
