"""A model's scores over a folder of pictures, beside the baselines', overall and by category.

Pictures are squashed to S x S (the model's input size), the model's ab is brought to S x S bilinearly, and everything
is compared there. The set is gone through in batches; what is kept of it does not grow with it.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from visml.color.bins import DEFAULT_TEMPERATURE
from visml.evaluation.painting import ModelPainter
from visml.evaluation.reading import Passed, read_ahead
from visml.evaluation.scoring import Scoring
from visml.evaluation.tally import Row, Tally
from visml.images.decode import DEFAULT_LIMITS, Limits
from visml.images.folder import find_pictures
from visml.models.base import Colorizer
from visml.settings import Refused

SCHEMA = 1
FILE = "evaluation.json"
_WORKERS = 2


class EvaluationRefused(Refused):
    """A folder none of whose pictures can be scored, or an impossible temperature."""


@dataclass(frozen=True)
class Curves:
    """Accuracy curves of one method over all pictures.

    Attributes:
        method: ``model``, ``gray`` or ``training_mean``.
        raw: shares 0..1 of pixels with an error of at most t = 0, 1, .. 150.
        balanced: the same, each pixel counting 1/n of its true bin; None without a bin of 500 pixels.
    """

    method: str
    raw: tuple[float, ...]
    balanced: tuple[float, ...] | None


@dataclass(frozen=True)
class Evaluation:
    """What a model is worth on a folder.

    Attributes:
        model: the checkpoint's name.
        model_sha256: of its weights; None for a network that came from no checkpoint.
        data: the folder's name.
        size: S, the side in pixels at which everything was compared.
        temperature: of decoding.
        precision: ``float32`` or ``bfloat16``, in which the model computed.
        pictures: how many were scored.
        without_color: how many were passed over because they have no color to compare with.
        unreadable: how many could not be opened.
        seconds: how long it took.
        rows: scores, for each method over all pictures (category None), then for each category in turn.
        curves: one entry for each method.
    """

    model: str
    model_sha256: str | None
    data: str
    size: int
    temperature: float
    precision: str
    pictures: int
    without_color: int
    unreadable: int
    seconds: float
    rows: tuple[Row, ...]
    curves: tuple[Curves, ...]

    def row(self, method: str, category: str | None = None) -> Row:
        """The scores of a method, over all pictures or over one category's.

        Raises:
            KeyError: there are none.
        """
        for row in self.rows:
            if (row.method, row.category) == (method, category):
                return row
        raise KeyError((method, category))

    def to_json(self) -> dict[str, Any]:
        """The content of ``evaluation.json``."""
        return {"schema": SCHEMA} | asdict(self)

    def save(self, folder: Path) -> Path:
        """Write ``evaluation.json`` into a folder, made if need be, whole or not at all; returns its path."""
        folder.mkdir(parents=True, exist_ok=True)
        path, new = folder / FILE, folder / f".{FILE}.{os.getpid()}"
        with new.open("w", encoding="utf-8") as file:
            file.write(json.dumps(self.to_json(), indent=1, allow_nan=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
        return path


def evaluate(
    model: Colorizer,
    folder: Path,
    *,
    name: str = "",
    sha256: str | None = None,
    temperature: float = DEFAULT_TEMPERATURE,
    prior: npt.NDArray[np.floating] | None = None,
    precision: str = "float32",
    limits: Limits = DEFAULT_LIMITS,
    progress: Callable[[int, int], None] = lambda done, found: None,
) -> Evaluation:
    """The scores of a model on every picture of a folder.

    Args:
        model: any colorizer, used where it is and in the precision it has.
        folder: pictures, the category of each being its folder.
        name: what to call the model; its family when empty.
        sha256: of the model's weights, to be written down.
        temperature: of decoding, 0 or more.
        prior: bin probabilities ``(313,)`` of the training set; adds the ``training_mean`` baseline and ``prior_auc``.
        precision: in which the model computes, to be written down.
        limits: which pictures are too large to open.
        progress: called with (pictures done, pictures found) after each batch.

    Raises:
        FolderRefused: the folder is missing or holds no pictures.
        EvaluationRefused: none of its pictures can be scored, or the temperature is below 0.
    """
    if temperature < 0:
        raise EvaluationRefused(f"The temperature must not be negative, and {temperature} is.")
    began = time.monotonic()
    pictures = find_pictures(folder)
    scoring = Scoring(ModelPainter(model, temperature), prior)
    with ThreadPoolExecutor(_WORKERS) as pool:
        for batch in read_ahead(pool, pictures, model.input_size, limits):
            scoring.add(pool, batch)
            progress(scoring.done, len(pictures))
    without_color, unreadable = scoring.passed[Passed.WITHOUT_COLOR], scoring.passed[Passed.UNREADABLE]
    if not scoring.scored:
        raise EvaluationRefused(
            f"No picture of '{folder.name}' can be scored: "
            f"{unreadable} cannot be opened and {without_color} have no color."
        )
    return Evaluation(
        model=name or model.family,
        model_sha256=sha256,
        data=folder.resolve().name,
        size=model.input_size,
        temperature=temperature,
        precision=precision,
        pictures=scoring.scored,
        without_color=without_color,
        unreadable=unreadable,
        seconds=round(time.monotonic() - began, 1),
        rows=scoring.rows(),
        curves=tuple(_curves(method, tally) for method, tally in scoring.totals().items()),
    )


def _curves(method: str, tally: Tally) -> Curves:
    raw, balanced = tally.curves.raw(), tally.curves.balanced()
    return Curves(method, _digits(raw), None if np.isnan(balanced).any() else _digits(balanced))


def _digits(curve: npt.NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(round(float(share), 6) for share in curve)
