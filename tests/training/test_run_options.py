"""What a recipe can ask of a run beside the plain one: kept epochs, patience, a start, schedules, categories."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from rich.progress import Progress
from torch import Tensor

from tests import tables
from tests.training import pictures
from tests.training.test_loop import RECIPE
from visml import checkpoints
from visml.models.blocks import initialize
from visml.models.precision import multiplies_bfloat16
from visml.models.zhang16 import Zhang16
from visml.training import loop, objectives, recipe, schedule, team
from visml.training.crops import Batch, DataRefused
from visml.training.objectives.base import Objective
from visml.training.preparing import prepare
from visml.training.run import Position
from visml.training.tables import RecipeRefused


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pictures.write(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def finished(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = replace(RECIPE, keep_epochs=[1], data=replace(RECIPE.data, categories=["cats"]), batch=4)
    return loop.train(settings, data, tmp_path_factory.mktemp("runs") / "tiny", progress=False)


def test_the_weights_of_a_kept_epoch_can_be_opened_by_name(finished: Path) -> None:
    names = [each.name for each in checkpoints.list_checkpoints(finished.parent)[0]]
    assert names == ["tiny", "tiny@1"]
    early, late = (checkpoints.find(finished.parent, name) for name in ("tiny@1", "tiny"))
    assert (early.description["epoch"], late.description["epoch"]) == (1, 2)
    assert early.model_sha256 != late.model_sha256
    checkpoints.load(early)
    with pytest.raises(checkpoints.CheckpointRefused, match="has no 'tiny@2'"):
        checkpoints.find(finished.parent, "tiny@2")


def test_only_the_asked_category_was_learned_from(finished: Path) -> None:
    assert checkpoints.describe(finished).description["data"]["categories"] == ["cats"]


def test_weights_are_counted_after_every_epoch(finished: Path) -> None:
    kept = json.loads((finished / "weights.json").read_text())
    assert tables.problems(kept, "weights.json") == []
    assert kept["epochs"] == [1, 2]
    model = checkpoints.load(finished)
    for name, histograms in kept["layers"].items():
        weight = model.get_parameter(f"{name}.weight").numpy()
        assert [sum(each["counts"]) for each in histograms] == [weight.size] * 2
        counts, _ = np.histogram(weight, 48, (histograms[1]["low"], histograms[1]["high"]))
        assert np.abs(counts - histograms[1]["counts"]).sum() <= 0.05 * weight.size + 4  # kept in float16 since


def test_every_line_has_the_losses_of_the_validation_pictures(finished: Path) -> None:
    for line in map(json.loads, (finished / "history.jsonl").read_text().splitlines()):
        assert tables.problems(line, "history.jsonl") == []
        assert line["validation"]["cross_entropy"] > 0
        assert line["small"] == 0


def test_a_run_ends_when_its_patience_does() -> None:
    at = Position()
    waits = []
    for loss in (3.0, 2.0, 2.5, 2.1, 1.0):
        at = at.after(loss)
        waits.append(at.waited)
    assert waits == [0, 0, 1, 2, 0]
    assert (at.best, at.epoch) == (1.0, 5)


def test_a_run_without_a_lower_loss_stops(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    losses: Iterator[float] = iter([1.0, 2.0, 3.0, 0.0])
    real = loop.judge
    monkeypatch.setattr(loop, "judge", lambda run: replace(real(run), validation={"cross_entropy": next(losses)}))
    out = loop.train(replace(RECIPE, epochs=4, patience=2), data, tmp_path / "run", progress=False)
    assert len((out / "history.jsonl").read_text().splitlines()) == 3


@pytest.mark.parametrize(("multiplies", "precision"), [(True, "bf16-mixed"), (False, "32-true")])
def test_auto_is_the_precision_that_the_machine_multiplies(
    multiplies: bool, precision: str, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(team, "multiplies_bfloat16", lambda device: multiplies)
    plan = replace(RECIPE, precision="auto")
    with Progress(disable=True) as show:
        run = prepare(plan, data, tmp_path / "run", show)
    assert run.facts()["recipe"]["precision"] == precision
    one = torch.ones(1, 1, device=run.fabric.device)
    with run.fabric.autocast():
        assert (one @ one).dtype == (torch.bfloat16 if multiplies else torch.float32)
    assert team.fitted(replace(RECIPE, precision="32-true")).precision == "32-true"


def test_a_run_goes_on_where_auto_is_another_precision(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = replace(RECIPE, precision="auto", save_steps=1)
    real = loop.judge
    monkeypatch.setattr(loop, "judge", _killed)
    with pytest.raises(KeyboardInterrupt):
        loop.train(plan, data, tmp_path / "run", progress=False)
    monkeypatch.setattr(loop, "judge", real)
    monkeypatch.setattr(team, "multiplies_bfloat16", lambda device: not multiplies_bfloat16(device))
    out = loop.train(plan, data, tmp_path / "run", resume=True, progress=False)
    assert len((out / "history.jsonl").read_text().splitlines()) == RECIPE.epochs


def _killed(run: object) -> None:
    raise KeyboardInterrupt


def test_a_start_gives_the_weights_that_fit(data: Path, tmp_path: Path) -> None:
    torch.manual_seed(7)
    checkpoints.save(tmp_path / "before", Zhang16(1 / 32), {"width": 1 / 32}, half=False)
    settings = replace(RECIPE, start="before", seed=1)
    with Progress(disable=True) as show:
        run = prepare(settings, data, tmp_path / "run", show)
        fresh = prepare(replace(settings, start=""), data, tmp_path / "run", show)
    old = checkpoints.load(tmp_path / "before").state_dict()
    assert all(torch.equal(value, old[name]) for name, value in run.model.state_dict().items())
    assert not torch.equal(fresh.model.trunk.conv1[0].weight, old["trunk.conv1.0.weight"])  # type: ignore[operator, union-attr, index]
    with pytest.raises(RecipeRefused, match="most weights of its start, 'before', do not fit"):
        prepare(replace(settings, arguments={"width": 1 / 16}), data, tmp_path / "run", Progress(disable=True))
    with pytest.raises(checkpoints.CheckpointRefused, match="no checkpoint 'nowhere'"):
        prepare(replace(settings, start="nowhere"), data, tmp_path / "run", Progress(disable=True))


def test_xavier_draws_within_its_bound_with_its_variance() -> None:
    layer = torch.nn.Conv2d(64, 128, 3)
    initialize(layer, "xavier")
    bound = np.sqrt(6 / (9 * 64 + 9 * 128))
    assert layer.weight.abs().max() <= bound
    assert float(layer.weight.detach().var()) == pytest.approx(bound**2 / 3, rel=0.02)
    assert not layer.bias.any()  # type: ignore[union-attr]


def test_the_rate_falls_by_steps_or_stands() -> None:
    settings = recipe.Optimizer(lr=1.0, warmup=2, schedule="step", milestones=[1, 3], gamma=0.1)
    rates = [schedule.learning_rate(step, 10, 4, settings) for step in (0, 1, 9, 10, 29, 30, 39)]
    np.testing.assert_allclose(rates, [0.5, 1, 1, 0.1, 0.1, 0.01, 0.01])
    constant = replace(settings, schedule="constant")
    assert [schedule.learning_rate(step, 10, 4, constant) for step in (0, 5, 39)] == [0.5, 1, 1]


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ({"keep_epochs": [3]}, "keep_epochs must be epochs of the run"),
        ({"keep_epochs": ["1"]}, "'keep_epochs' must be of type int"),
        ({"patience": -1}, "patience must not be negative"),
        ({"initialization": "zeros"}, "initialization must be one of he, xavier"),
        ({"optimizer": {"schedule": "spiral"}}, "there is no schedule 'spiral'"),
        ({"optimizer": {"momentum": 0.9}}, "unknown key 'optimizer.momentum'"),
        ({"objective": {"name": "magic"}}, "there is no objective 'magic'"),
        ({"objective": {"uniform": 2}}, "uniform must lie between 0 and 1"),
        ({"objective": {"gamma": 2}}, "unknown key 'objective.gamma'"),
        ({"objective": "l2"}, "'objective' must be a table"),
    ],
)
def test_bad_recipes_get_one_sentence(table: dict[str, Any], sentence: str) -> None:
    with pytest.raises(RecipeRefused, match=sentence):
        recipe.parse({"family": "zhang16", "epochs": 2} | table)


def test_pictures_smaller_than_the_shortest_crop_stop_the_run(data: Path, tmp_path: Path) -> None:
    settings = replace(RECIPE, data=replace(RECIPE.data, crop_from=[64, 96]))
    with pytest.raises(DataRefused, match="smaller than the shortest crop of 64 pixels; lower crop_from"):
        loop.train(settings, data, tmp_path / "run", progress=False)


class Tug(Objective):
    """Two turns, the second of which reads the first's weights too."""

    turns: ClassVar[tuple[str, ...]] = ("bins", "")

    def forward(self, network: Any, batch: Batch, turn: str = "") -> dict[str, Tensor]:
        value = network(torch.zeros(2, 1, 16, 16)).square().mean()
        return {"head": value} if turn else {"trunk": -value}


def test_each_turn_moves_its_own_weights_only(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(objectives.OBJECTIVES, "tug", Tug)
    settings = recipe.parse(RECIPE.as_dict() | {"objective": {"name": "tug"}})
    with Progress(disable=True) as show:
        run = prepare(settings, data, tmp_path / "run", show)
    batch = Batch(torch.zeros(2, 3, 16, 16, dtype=torch.uint8), torch.tensor([0, 0]))
    owners = {
        turn: {id(p) for group in run.optimizers[turn].param_groups for p in group["params"]} for turn in Tug.turns
    }
    assert owners["bins"] == {id(each) for each in run.model.bins.parameters()}  # type: ignore[union-attr]
    assert owners[""].isdisjoint(owners["bins"])
    assert len(owners[""] | owners["bins"]) == len(list(run.model.parameters()))
    for frozen_turn in Tug.turns:
        rates = dict.fromkeys(Tug.turns, 1e-2) | {frozen_turn: 0.0}
        before = {name: value.clone() for name, value in run.model.named_parameters()}
        for turn, optimizer in run.optimizers.items():
            loop._turn(run, batch, rates[turn], turn, optimizer)
        moved = {name for name, value in run.model.named_parameters() if not torch.equal(value, before[name])}
        assert moved
        assert all(name.startswith("bins.") == (frozen_turn == "") for name in moved)
