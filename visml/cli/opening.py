"""A checkpoint by name or folder, opened for a command."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from visml.checkpoints import Checkpoint, CheckpointRefused, describe, list_checkpoints
from visml.cli import common
from visml.color.bins import DEFAULT_TEMPERATURE
from visml.inspector import Inspector
from visml.settings import Settings, SettingsRefused
from visml.training.targets import load_prior


def opened(model: str, settings: Settings, precision: str | None = None) -> tuple[Inspector, Checkpoint]:
    """An inspector of a checkpoint, and what the checkpoint says of itself.

    Args:
        model: a name in the folder of checkpoints, or the path of a checkpoint folder.
        settings: where checkpoints are, and device and precision.
        precision: beats the settings' own.

    Raises:
        CheckpointRefused: there is no such checkpoint, or it is broken.
    """
    checkpoint = describe(_folder(model, settings.checkpoints))
    inspector = Inspector(
        checkpoint.folder.resolve(),
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


def prior_of(checkpoint: Checkpoint) -> npt.NDArray[np.float32] | None:
    """The bin probabilities ``(313,)`` of a checkpoint's training set, None where it has none.

    Raises:
        PriorRefused: its ``prior.json`` is broken.
    """
    path = checkpoint.folder / "prior.json"
    return load_prior(path).numpy() if path.is_file() else None


def _folder(model: str, root: Path) -> Path:
    for folder in (root / model, Path(model)):
        if folder.is_dir():
            return folder
    names = ", ".join(each.name for each in list_checkpoints(root)[0])
    there = f"there are {names}" if names else "there are none; train one, or name another folder with --checkpoints"
    raise CheckpointRefused(f"There is no checkpoint '{model}' in '{root}'; {there}.")
