"""The training set's prior over the bins, as a checkpoint keeps it."""

from __future__ import annotations

from torch import Tensor

from visml.checkpoints import KEPT, Checkpoint

FILE = "prior.json"


def of_checkpoint(checkpoint: Checkpoint) -> Tensor | None:
    """How often each bin occurs in the training pictures, ``(Q,)`` float32, sum 1; None where that is not known.

    An epoch that was kept of a run has the run's.
    """
    from visml.training.prior import PriorRefused, load_prior

    folder = checkpoint.folder
    run = folder.parent.parent if folder.parent.name == KEPT else folder
    try:
        return load_prior(run / FILE).probabilities
    except PriorRefused:
        return None
