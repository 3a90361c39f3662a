"""A checkpoint by name or folder, opened for a command."""

from __future__ import annotations

import re
from pathlib import Path

from visml.checkpoints import Checkpoint, CheckpointRefused, find, list_checkpoints
from visml.cli import common
from visml.color.bins import DEFAULT_TEMPERATURE
from visml.inspector import Inspector
from visml.settings import Settings, SettingsRefused
from visml.training.prior import Prior, load_prior


def opened(model: str, settings: Settings, precision: str | None = None) -> tuple[Inspector, Checkpoint]:
    """An inspector of a checkpoint, and what the checkpoint says of itself.

    Args:
        model: a name in the folder of checkpoints, or the path of a checkpoint folder.
        settings: where checkpoints are, and device and precision.
        precision: beats the settings' own.

    Raises:
        CheckpointRefused: there is no such checkpoint, or it is broken.
    """
    checkpoint = _found(model, settings.checkpoints)
    inspector = Inspector(
        model,
        checkpoints=settings.checkpoints,
        device=settings.device,
        precision=precision or settings.precision,
        limits=common.limits(settings),
    )
    return inspector, checkpoint


def temperature_of(checkpoint: Checkpoint, wanted: float | None) -> float:
    """The temperature asked for, or else the checkpoint's own: 0.38, and 1 for weights that may have it folded in.

    Raises:
        SettingsRefused: it is negative or not a number.
    """
    if wanted is None:
        return 1.0 if checkpoint.temperature_folded else DEFAULT_TEMPERATURE
    if not 0 <= wanted < float("inf"):
        raise SettingsRefused(f"The temperature must be 0 or more, not {wanted}.")
    return wanted


def prior_of(checkpoint: Checkpoint) -> Prior | None:
    """The colors of a checkpoint's training set, None where it has none.

    Raises:
        PriorRefused: its ``prior.json`` is broken.
    """
    path = checkpoint.folder / "prior.json"
    return load_prior(path) if path.is_file() else None


def _found(model: str, root: Path) -> Checkpoint:
    if (root / re.split("[@:]", model)[0]).is_dir() or Path(model).is_dir():
        return find(root, model)
    names = ", ".join(each.name for each in list_checkpoints(root)[0])
    there = f"there are {names}" if names else "there are none; train one, or name another folder with --checkpoints"
    raise CheckpointRefused(f"There is no checkpoint '{model}' in '{root}'; {there}.")
