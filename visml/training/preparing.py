"""A run made ready: pictures split, prior measured, network built, optimizers set up."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from rich.progress import Progress
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from visml import checkpoints
from visml.color import bins
from visml.models import registry
from visml.models.base import Colorizer
from visml.models.blocks import initialize
from visml.training import crops, objectives
from visml.training.objectives.base import Objective
from visml.training.prior import load_prior, measure_prior
from visml.training.recipe import Recipe
from visml.training.run import Run
from visml.training.tables import check
from visml.training.team import Team, TrainingRefused, alone, fitted

PRIOR = "prior.json"


def prepare(
    recipe: Recipe, data: Path, out: Path, show: Progress, root: Path | None = None, team: Team | None = None
) -> Run:
    """A run at its beginning.

    Args:
        recipe: what to train.
        data: folder of pictures.
        out: checkpoint folder; the prior is read from it, or measured and written there.
        show: where progress is shown.
        root: folder of checkpoints in which the recipe's ``start`` is looked up; beside ``out`` when None.
        team: the processes that make the run, all of which prepare it; this one alone when None.

    Raises:
        Refused: the folder has too few pictures, or the recipe names something unknown or not fitting.
    """
    recipe = fitted(recipe)
    team = team or alone(recipe.precision)
    with team.agreeing():
        pictures = _pictures(recipe, data)
        arguments = _arguments(recipe, pictures.categories, data)
        model = _model(recipe, arguments, root or out.parent)
        if team.leads:
            _measure_prior(pictures, out, show)
    with team.agreeing():
        _refuse_difference(team, recipe, pictures)
        objective = _objective(recipe, model, load_prior(out / PRIOR).probabilities)
    average = AveragedModel(model, multi_avg_fn=_averaging(recipe.optimizer.averaging), use_buffers=True)
    network, optimizers = _set_up(recipe, model, team)
    return Run(
        recipe=recipe,
        arguments=arguments,
        pictures=pictures,
        out=out,
        team=team,
        model=model,
        network=network,
        average=average.to(team.fabric.device),
        optimizers=optimizers,
        objective=objective.to(team.fabric.device),
        show=show,
    )


def moved(model: nn.Module, turn: str, turns: tuple[str, ...]) -> list[nn.Parameter]:
    """The parameters that a turn moves: its submodule's, or for the turn "" all that no other turn moves."""
    if turn:
        return list(model.get_submodule(turn).parameters())
    others = {id(each) for other in turns if other for each in model.get_submodule(other).parameters()}
    return [each for each in model.parameters() if id(each) not in others]


def _pictures(recipe: Recipe, data: Path) -> crops.Split:
    pictures = crops.split(data, recipe.data.validation, recipe.data.categories)
    if len(pictures.training) < recipe.batch:
        count = len(pictures.training)
        raise crops.DataRefused(f"'{data}' has {count} pictures to train on, under one batch of {recipe.batch}.")
    return pictures


def _refuse_difference(team: Team, recipe: Recipe, pictures: crops.Split) -> None:
    """Refuse processes of other precisions or pictures: their parts of a batch would not be parts of one batch."""
    if len(set(team.gathered(recipe.precision))) > 1:
        raise TrainingRefused("The machines differ in what auto is; name the precision in the recipe.")
    names = "\n".join(f"{each.category}/{each.path.name}" for each in (*pictures.training, *pictures.validation))
    if len(set(team.gathered(hashlib.sha256(os.fsencode(names)).hexdigest()))) > 1:
        raise crops.DataRefused("The processes see different pictures; give every machine the same folder.")


def _model(recipe: Recipe, arguments: dict[str, Any], root: Path) -> Colorizer:
    torch.manual_seed(recipe.seed)
    model = registry.build(recipe.family, arguments)
    objectives.kind(recipe.objective.name).check(model)
    _initialize(model, recipe, root)
    return model.to(memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]


def _objective(recipe: Recipe, model: Colorizer, prior: Tensor) -> Objective:
    centers = bins.centers() if model.centers is None else model.centers.cpu()
    return objectives.build(recipe.objective.name, recipe.objective.settings, model, prior, centers)


def _set_up(recipe: Recipe, model: Colorizer, team: Team) -> tuple[nn.Module, dict[str, torch.optim.Optimizer]]:
    """The network as Fabric runs it, and an optimizer for each of the objective's turns."""
    kind = objectives.kind(recipe.objective.name)
    made = (_optimizer(model, turn, kind.turns, recipe) for turn in kind.turns)
    network, *optimizers = team.fabric.setup(model, *made)
    for method in kind.methods:
        network.mark_forward_method(method)
    return network, dict(zip(kind.turns, optimizers, strict=True))


def _arguments(recipe: Recipe, categories: tuple[str, ...], data: Path) -> dict[str, Any]:
    """What the builder is given: the recipe's arguments, and the folder's categories where the family needs them."""
    if not registry.needs_categories(recipe.family):
        return dict(recipe.arguments)
    if not categories:
        raise crops.DataRefused(f"The family '{recipe.family}' learns categories, and '{data}' has no folders of them.")
    return {"categories": list(categories)} | recipe.arguments


def _initialize(model: Colorizer, recipe: Recipe, root: Path) -> None:
    if recipe.initialization:
        initialize(model, recipe.initialization)
    if recipe.start:
        folder = root / recipe.start if (root / recipe.start).is_dir() else Path(recipe.start)
        taken = _take(model, checkpoints.load(folder).state_dict())
        check(taken > 0.5, f"most weights of its start, '{recipe.start}', do not fit this network")


def _take(model: Colorizer, state: Mapping[str, Tensor]) -> float:
    """Load what fits by name and shape; returns the share of the given tensors that did."""
    ours = model.state_dict()
    fitting = {
        name: value for name, value in model.adopted(state).items() if name in ours and ours[name].shape == value.shape
    }
    model.load_state_dict(fitting, strict=False)
    return len(fitting) / max(len(state), 1)


def _optimizer(model: nn.Module, turn: str, turns: tuple[str, ...], recipe: Recipe) -> torch.optim.Optimizer:
    settings = recipe.optimizer
    betas, parameters = (settings.betas[0], settings.betas[1]), moved(model, turn, turns)
    return torch.optim.AdamW(parameters, settings.lr, betas, weight_decay=settings.weight_decay, fused=True)


def _averaging(decay: float) -> Any:
    """An exponential average that starts fast: early weights, far from any good, are soon forgotten."""

    def update(averaged: list[Tensor], current: list[Tensor], count: Tensor | int) -> None:
        keep = min(decay, (1 + int(count)) / (10 + int(count)))
        if averaged[0].is_floating_point():
            torch._foreach_lerp_(averaged, current, 1 - keep)
        else:
            torch._foreach_copy_(averaged, current)

    return torch.no_grad()(update)


def _measure_prior(pictures: crops.Split, out: Path, show: Progress) -> None:
    """The training pictures' prior, measured once and kept in the folder."""
    if (out / PRIOR).exists():
        return
    task = show.add_task("prior", total=len(pictures.training))
    prior = measure_prior(pictures.training, lambda done: show.update(task, completed=done))
    show.remove_task(task)
    with checkpoints.replacing(out) as folder:
        prior.save(folder / PRIOR)
