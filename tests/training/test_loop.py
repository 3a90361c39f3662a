"""Whole runs: what they leave, that they can be killed and gone on with, and that they learn."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.training import pictures
from visml import checkpoints
from visml.images.folder import content_fraction
from visml.images.gallery import SAMPLES
from visml.settings import Refused
from visml.training import crops, loop, recipe
from visml.training.schedule import learning_rate

RECIPE = recipe.Recipe(
    family="zhang16",
    epochs=2,
    arguments={"width": 1 / 32},
    batch=8,
    save_steps=1,
    data=recipe.Data(crop=16, crop_from=[16, 40], validation=0.3),
    optimizer=recipe.Optimizer(warmup=2, averaging=0.9),
)
# A whole run in a process of its own, with one thread: only then is it the same to the bit.
TRAINER = """
import json, sys, torch
from pathlib import Path
from visml.training import loop, recipe
torch.set_num_threads(1)
data, out, resume = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] == "resume"
loop.train(recipe.parse(json.loads(sys.argv[4])), data, out, resume=resume, progress=False)
"""

LOCKER = """
import sys
from pathlib import Path
from visml.training import run
with run.locked(Path(sys.argv[1])):
    pass
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pictures.write(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def finished(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return loop.train(RECIPE, data, tmp_path_factory.mktemp("runs") / "tiny", progress=False)


def _trainer(data: Path, out: Path, resume: bool = False) -> subprocess.Popen[bytes]:
    how = "resume" if resume else "start"
    arguments = [str(data), str(out), how, json.dumps(RECIPE.as_dict())]
    return subprocess.Popen([sys.executable, "-c", TRAINER, *arguments])


def test_a_run_leaves_a_checkpoint_with_recipe_prior_history_and_samples(finished: Path) -> None:
    description = checkpoints.describe(finished).description
    assert recipe.parse(description["recipe"]) == RECIPE
    assert description["data"]["categories"] == ["cats", "people/astronaut"]
    assert (description["epoch"], description["step"]) == (2, 2 * (description["data"]["training"] // 8))
    assert json.loads((finished / "prior.json").read_text())["pictures"] == description["data"]["training"]
    assert not (finished / "state.pt").exists()
    checkpoints.load(finished)


def test_the_history_has_a_line_an_epoch_with_every_category(finished: Path) -> None:
    lines = [json.loads(line) for line in (finished / "history.jsonl").read_text().splitlines()]
    assert [line["epoch"] for line in lines] == [1, 2]
    for line in lines:
        assert set(line["categories"]) == {"cats", "people/astronaut"}
        assert 0 <= line["accuracy"] <= line["relaxed_accuracy"] <= 1
        assert line["losses"]["cross_entropy"] > 0
        parts = line["categories"].values()
        seen = sum(part["pictures"] for part in parts)
        mean = sum(part["accuracy"] * part["pictures"] for part in parts) / seen
        assert line["accuracy"] == pytest.approx(mean)


def test_every_built_in_photo_was_colored_after_every_epoch(finished: Path) -> None:
    index = json.loads((finished / "samples" / "index.json").read_text())
    assert index == {"schema": 1, "epochs": [1, 2], "photos": list(SAMPLES)}
    for epoch in (1, 2):
        for photo in SAMPLES:
            with Image.open(finished / "samples" / f"{epoch:03d}" / f"{photo}.webp") as picture:
                assert picture.size == (224, 224)


def test_a_killed_run_goes_on_to_the_very_weights_of_an_unbroken_one(data: Path, tmp_path: Path) -> None:
    assert _trainer(data, tmp_path / "whole").wait() == 0
    broken = _trainer(data, tmp_path / "broken")
    while not (tmp_path / "broken" / "state.pt").exists():
        assert broken.poll() is None
        time.sleep(0.01)
    os.kill(broken.pid, signal.SIGKILL)
    broken.wait()
    assert _trainer(data, tmp_path / "broken", resume=True).wait() == 0
    whole, resumed = (checkpoints.describe(tmp_path / name) for name in ("whole", "broken"))
    assert resumed.model_sha256 == whole.model_sha256
    lines = [(tmp_path / name / "history.jsonl").read_text().splitlines() for name in ("whole", "broken")]
    for before, after in zip(*(map(json.loads, part) for part in lines), strict=True):
        assert {**before, "seconds": 0} == {**after, "seconds": 0}


def test_a_folder_with_a_run_is_not_written_over(data: Path, finished: Path) -> None:
    with pytest.raises(loop.TrainingRefused, match="exists"):
        loop.train(RECIPE, data, finished, progress=False)
    with pytest.raises(loop.TrainingRefused, match="has ended"):
        loop.train(RECIPE, data, finished, resume=True, progress=False)


def test_another_recipe_does_not_go_on_with_a_run(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    trainer = _trainer(data, out)
    while not (out / "state.pt").exists():
        assert trainer.poll() is None
        time.sleep(0.01)
    trainer.kill()
    trainer.wait()
    with pytest.raises(loop.TrainingRefused, match="another recipe"):
        loop.train(replace(RECIPE, seed=1), data, out, resume=True, progress=False)


class Bomb:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.mark,)


def test_a_pickle_bomb_as_a_runs_state_is_refused_and_does_not_run(data: Path, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    torch.save(Bomb(tmp_path / "it ran"), tmp_path / "run" / "state.pt")
    with pytest.raises(loop.TrainingRefused, match="is damaged"):
        loop.train(RECIPE, data, tmp_path / "run", resume=True, progress=False)
    assert not (tmp_path / "it ran").exists()


def saved(value: object) -> bytes:
    torch.save(value, buffer := io.BytesIO())
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>not found</html>", b"PK\x03\x04 cut short", saved({}), saved([1, 2])],
    ids=["empty", "HTML", "truncated", "another state", "a list"],
)
def test_a_damaged_state_is_one_sentence(data: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "state.pt").write_bytes(content)
    with pytest.raises(loop.TrainingRefused, match=r"^The state in .* is damaged; choose another --out\.$"):
        loop.train(RECIPE, data, tmp_path / "run", resume=True, progress=False)


def test_two_trainers_do_not_share_a_folder(data: Path, tmp_path: Path) -> None:
    with loop.locked(tmp_path / "run"):
        second = subprocess.run([sys.executable, "-c", LOCKER, str(tmp_path / "run")], capture_output=True, text=True)
    assert "is being trained by another process" in second.stderr


def test_unreadable_pictures_are_skipped_and_reported(data: Path, tmp_path: Path) -> None:
    root = tmp_path / "data"
    shutil.copytree(data, root)
    spoiled = crops.split(root, RECIPE.data.validation).training[0].path
    lengths = (length for length in range(50, 200) if content_fraction(spoiled.read_bytes()[:length]) > 0.9)
    spoiled.write_bytes(spoiled.read_bytes()[: next(lengths)])  # still one to train on, by its content
    loop.train(replace(RECIPE, epochs=3, save_steps=10**6), root, tmp_path / "run", progress=False)
    lines = map(json.loads, (tmp_path / "run" / "history.jsonl").read_text().splitlines())
    assert 1 in [line["unreadable"] for line in lines]


def test_a_folder_of_mostly_broken_pictures_stops_the_run(data: Path, tmp_path: Path) -> None:
    root = tmp_path / "data"
    shutil.copytree(data, root)
    for path in sorted((root / "cats").iterdir()):
        path.write_bytes(path.read_bytes()[:99])
    with pytest.raises(Refused, match="could not be opened"):
        loop.train(RECIPE, root, tmp_path / "run", progress=False)


def test_a_folder_smaller_than_a_batch_is_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="under one batch of 512"):
        loop.train(replace(RECIPE, batch=512), data, tmp_path / "run", progress=False)


def test_the_learning_rate_warms_up_and_falls_along_a_cosine() -> None:
    settings = recipe.Optimizer(lr=1.0, warmup=10)
    rates = [learning_rate(step, 11, 10, settings) for step in range(111)]
    np.testing.assert_allclose(rates[:10], np.arange(1, 11) / 10)
    np.testing.assert_allclose(rates[10:], (1 + np.cos(np.pi * np.arange(101) / 100)) / 2)


def test_a_network_learns_one_picture(tmp_path: Path) -> None:
    root = tmp_path / "data"
    root.mkdir()
    picture = np.zeros((32, 32, 3), np.uint8)
    picture[:, :16], picture[:, 16:] = (200, 60, 40), (40, 80, 190)
    for index in range(500):
        picture[0, 0] = index % 256, index // 256, 0  # another content, so that both sides of the split have some
        Image.fromarray(picture).save(root / f"{index}.png")
    settings = replace(
        RECIPE,
        epochs=3,
        save_steps=10**6,
        data=recipe.Data(crop=32, crop_from=[32, 32], mirror=False, validation=0.3),
        optimizer=recipe.Optimizer(lr=1e-2, warmup=5, averaging=0.5),
    )
    torch.manual_seed(0)
    loop.train(settings, root, tmp_path / "run", progress=False)
    lines = [json.loads(line) for line in (tmp_path / "run" / "history.jsonl").read_text().splitlines()]
    assert lines[-1]["losses"]["cross_entropy"] < 0.6 * lines[0]["losses"]["cross_entropy"]
