"""A model's scores over a folder of pictures, beside the baselines', overall and by category.

Pictures are squashed to S x S (the model's input size), the model's ab is brought to S x S bilinearly, and everything
is compared there. The set is gone through once, some pictures at a time; what is kept of it grows with its categories
only.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from visml.color.bins import DEFAULT_TEMPERATURE
from visml.evaluation.baselines import TrainingColors
from visml.evaluation.gathered import Gathered
from visml.evaluation.measures import PictureScores
from visml.evaluation.painting import EvaluationRefused
from visml.evaluation.reading import Passed, shuffled
from visml.evaluation.results import Evaluation, NamedPrior, curves_of
from visml.evaluation.scoring import Scoring, inverse_prior
from visml.evaluation.sweep import TEMPERATURES
from visml.images.decode import DEFAULT_LIMITS, Limits
from visml.models.base import Colorizer
from visml.scale.work import Driver, here


def evaluate(
    model: Colorizer,
    folder: Path,
    *,
    name: str = "",
    sha256: str | None = None,
    temperature: float = DEFAULT_TEMPERATURE,
    training: TrainingColors | None = None,
    sweep: bool = False,
    precision: str = "float32",
    limits: Limits = DEFAULT_LIMITS,
    each: Callable[[PictureScores], None] = lambda scores: None,
    progress: Callable[[int, int], None] = lambda done, found: None,
    drive: Driver = here,
) -> Evaluation:
    """The scores of a model on every picture of a folder.

    Args:
        model: any colorizer, used where it is and in the precision it has.
        folder: pictures, the category of each being its folder.
        name: what to call the model; its family when empty.
        sha256: of the model's weights, to be written down.
        temperature: of decoding, 0 or more.
        training: of the model's training set; adds ``prior_auc`` and the baselines ``training_mean`` and, where it
            has one, ``lightness_table``.
        sweep: score a model with bins at T = 0.2, 0.38, 0.5, 0.7 and 1 too, from the same forward pass.
        precision: in which the model computes, to be written down.
        limits: which pictures are too large to open.
        each: called with the model's scores on each picture, in the order read.
        progress: called with (pictures done, pictures found) now and then.
        drive: what goes through the pictures.

    Raises:
        FolderRefused: the folder is missing or holds no pictures.
        EvaluationRefused: none of its pictures can be scored, the network gives no colors, or the temperature is
            below 0.
    """
    if temperature < 0:
        raise EvaluationRefused(f"The temperature must not be negative, and {temperature} is.")
    began = time.monotonic()
    pictures, root = shuffled(folder), folder.resolve()
    scoring = Scoring(model, temperature, training, TEMPERATURES if sweep else (), root, limits)
    total = scoring.nothing()
    for part in drive(scoring, pictures, lambda done: progress(done, len(pictures))):
        for scores in part.scores:
            each(scores)
        total.merge(part)
    total.finish()
    _refuse_nothing(total, folder)
    return Evaluation(
        model=name or model.family,
        model_sha256=sha256,
        data=root.name,
        size=model.input_size,
        temperature=temperature,
        precision=precision,
        prior=None if training is None else NamedPrior(training.name, training.pictures, training.pixels),
        pictures=total.scored,
        without_color=total.passed[Passed.WITHOUT_COLOR],
        unreadable=total.passed[Passed.UNREADABLE],
        seconds=round(time.monotonic() - began, 1),
        rows=total.rows(None if training is None else inverse_prior(training.probabilities)),
        curves=tuple(curves_of(method, tally) for method, tally in total.totals().items()),
        calibration=total.calibration(),
        temperatures=total.temperatures(),
        best=total.extremes.best(),
        worst=total.extremes.worst(),
    )


def _refuse_nothing(total: Gathered, folder: Path) -> None:
    if not total.scored:
        raise EvaluationRefused(
            f"No picture of '{folder.name}' can be scored: {total.passed[Passed.UNREADABLE]} cannot be opened "
            f"and {total.passed[Passed.WITHOUT_COLOR]} have no color."
        )
