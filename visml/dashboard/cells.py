"""Cells of the gallery grid: a photo as a model colors it, small, with its scores. Computed once, kept as JSON.

Only the model's output is computed for one, so that going through a gallery does not fill the store of activations.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from visml.activations.store import Ledger
from visml.dashboard.context import Context
from visml.images.decode import Photo, encode_jpeg, squash
from visml.images.gallery import THUMBNAIL_SIDE

if TYPE_CHECKING:
    from torch import Tensor

    from visml.checkpoints import Checkpoint
    from visml.inspector import Inspection
    from visml.metrics import Scores

QUALITY = 88
GRAY_SIZE = 224  # side at which plain gray is scored: the size of most networks' input


@dataclass(frozen=True)
class CellScores:
    """How near a coloring comes to its photo, as :class:`visml.metrics.Scores` defines it.

    Attributes:
        psnr: in dB.
        ciede2000: mean color difference.
        auc: in percent.
        colorfulness_difference: colorfulness of the coloring minus that of the photo.
    """

    psnr: float
    ciede2000: float
    auc: float
    colorfulness_difference: float

    @classmethod
    def of(cls, scores: Scores, target_colorfulness: float) -> CellScores:
        """The scores of a coloring beside the colorfulness of its photo at the same size."""
        difference = scores.colorfulness - target_colorfulness
        return cls(scores.psnr, scores.ciede2000, scores.auc, difference)


@dataclass(frozen=True)
class Cell:
    """One photo in one column of the grid.

    Attributes:
        handle: names it, 32 hexadecimal digits that nobody guesses.
        picture: a JPEG within 176 x 176 pixels, in the photo's proportions.
        scores: None for a photo without color.
        temperature: at which it was decoded, None for a model without bins.
    """

    handle: str
    picture: bytes
    scores: CellScores | None
    temperature: float | None

    def to_json(self) -> dict[str, Any]:
        """All but the handle, as JSON."""
        return {
            "picture": base64.b64encode(self.picture).decode(),
            "scores": None if self.scores is None else asdict(self.scores),
            "temperature": self.temperature,
        }

    @classmethod
    def from_json(cls, handle: str, value: Any) -> Cell:
        """What :meth:`to_json` was of.

        Raises:
            ValueError, TypeError, KeyError: it is something else.
        """
        scores = value["scores"]
        read = None if scores is None else CellScores(**{name: float(number) for name, number in scores.items()})
        return cls(handle, base64.b64decode(value["picture"], validate=True), read, value["temperature"])


class Cells:
    """The cells of a context's photos and models, looked up or computed.

    Args:
        context: photos, models, and where what was computed is kept.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._ledger = Ledger(context.values)

    def find(self, handle: str) -> Cell | None:
        """The cell kept under a handle, or None."""
        return self._ledger.look(_key(handle), partial(Cell.from_json, handle))

    def gray(self, photo: Photo) -> Cell:
        """A photo without its color, scored at 224 x 224."""
        handle = self._context.store.handle("cell", "gray", photo.sha256, str(photo.has_color))
        return self._recall(handle, lambda: _gray(handle, photo))

    def handle(self, photo: Photo, model: Checkpoint, temperature: float, category: str | None = None) -> str:
        """The handle of a photo's cell in a model at a temperature; nothing is computed, no weights are read."""
        parts = (photo.sha256, str(photo.has_color), model.model_sha256, *self._where, repr(float(temperature)))
        return self._context.store.handle("cell", *parts, *(() if category is None else (category,)))

    def colored(
        self, photo: Photo, model: Checkpoint, temperatures: Sequence[float], category: str | None = None
    ) -> list[Cell]:
        """A photo in a model, told this category, at each of these temperatures, by at most one forward pass.

        Raises:
            CategoryRefused: the model does not know the category.
            CheckpointRefused: the model's weights are damaged.
        """
        predict = cache(lambda: self._context.inspector(model.name).predict(photo, category))
        handles = [(self.handle(photo, model, each, category), each) for each in temperatures]
        return [self._recall(handle, partial(_colored, handle, predict, each)) for handle, each in handles]

    @cached_property
    def _where(self) -> tuple[str, str, str]:
        """What else a prediction depends on: PyTorch's version, the device, the precision."""
        import torch

        from visml.inspector.runtime import resolve_device, resolve_precision

        device = resolve_device(self._context.settings.device)
        return torch.__version__, device.type, resolve_precision(self._context.settings.precision, device)

    def _recall(self, handle: str, compute: Callable[[], Cell]) -> Cell:
        return self._ledger.recall(_key(handle), compute, Cell.to_json, partial(Cell.from_json, handle))


def _key(handle: str) -> str:
    return f"visml:cell:{handle}"


def _gray(handle: str, photo: Photo) -> Cell:
    import torch

    from visml import metrics
    from visml.inspector.painting import paint

    none = torch.zeros(1, 2, 1, 1)
    squashed = squash(photo.rgb, GRAY_SIZE)
    scores = None
    if photo.has_color:
        target = np.moveaxis(metrics.lab(squashed), 2, 0)[1:]
        all_scores = metrics.score(squashed, paint(squashed, none), target, np.zeros_like(target))
        scores = CellScores.of(all_scores, metrics.colorfulness(squashed))
    return Cell(handle, _picture(photo, none), scores, None)


def _colored(handle: str, predict: Callable[[], Inspection], temperature: float) -> Cell:
    from visml import metrics
    from visml.activations.trace import shared

    predicted = predict()
    scores = predicted.scores(temperature)
    known = None if scores is None else CellScores.of(scores, metrics.colorfulness(predicted.squashed))
    picture = _picture(predicted.photo, shared(predicted.ab(temperature)).unsqueeze(0))
    return Cell(handle, picture, known, None if predicted.logits is None else temperature)


def _picture(photo: Photo, ab: Tensor) -> bytes:
    """A JPEG of the photo in these colors ``(1, 2, h, w)``, as small as the strip's thumbnails."""
    from visml.inspector.painting import paint

    small = Image.fromarray(photo.rgb)
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return encode_jpeg(paint(np.asarray(small), ab), QUALITY)
