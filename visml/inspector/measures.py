"""Numbers of one photo's target and prediction: histograms, accuracy curves, scores. Computed once, kept as JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from visml import metrics
from visml.activations.summary import Floats
from visml.activations.trace import Trace, shared
from visml.color import bins, lab
from visml.inspector.painting import Pixels, paint
from visml.metrics import Scores

Counts = npt.NDArray[np.int64]
Curve = npt.NDArray[np.float64]
A = TypeVar("A", Counts, Curve)
LIGHTNESS_PARTS = 100


@dataclass(frozen=True)
class Measures:
    """Measures of a trace, all at the squashed photo's size S x S.

    Attributes:
        trace: names the results and keeps them.
        squashed: ``(S, S, 3)`` uint8.
        lab: of the squashed photo, ``(3, S, S)`` float32.
        ab: predicted colors ``(1, 2, h, w)`` at a temperature.
    """

    trace: Trace
    squashed: Pixels
    lab: Floats
    ab: Callable[[float], Tensor]

    def target_bins(self) -> Counts:
        """Pixels of the photo nearest to each bin, ``(Q,)``."""
        count = _integers(len(self._centers()))
        return self._recall("bins:target", count, lambda: self._nearest(self._target()))

    def predicted_bins(self, temperature: float) -> Counts:
        """Pixels of the prediction nearest to each bin, ``(Q,)``."""
        count = _integers(len(self._centers()))
        return self._recall(f"bins:{_label(temperature)}", count, lambda: self._nearest(self._painted(temperature)))

    def lightness(self) -> Counts:
        """Pixels in each of 100 equal parts of L, ``(100,)``; L = 100 counts to the last."""
        return self._recall("lightness", _integers(LIGHTNESS_PARTS), self._count_lightness)

    def curve(self, temperature: float | None) -> Curve | None:
        """Accuracy curve ``(151,)`` at a temperature, of plain gray where it is None."""
        if not self.trace.facts.has_color:
            return None
        return self._recall(f"curve:{_label(temperature)}", _floats, lambda: self._accuracy(temperature))

    def scores(self, temperature: float | None) -> Scores | None:
        """Scores at a temperature, of plain gray where it is None."""
        if not self.trace.facts.has_color:
            return None
        return self.trace.ledger.recall(
            self.trace.key(f"scores:{_label(temperature)}"),
            compute=lambda: self._score(self._painted(temperature)),
            encode=asdict,
            decode=lambda value: Scores(**{name: float(number) for name, number in value.items()}),
        )

    def _score(self, ab: Tensor) -> Scores:
        return metrics.score(self.squashed, paint(self.squashed, ab), self.lab[1:], ab[0].numpy())

    def _painted(self, temperature: float | None) -> Tensor:
        """Predicted colors, or none, ``(1, 2, S, S)``."""
        if temperature is None:
            return torch.zeros_like(self._target())
        return lab.upsample(self.ab(temperature), self.squashed.shape[:2])

    def _target(self) -> Tensor:
        return shared(self.lab)[None, 1:]

    def _centers(self) -> Tensor:
        centers = self.trace.centers
        return bins.centers() if centers is None else shared(centers)

    def _nearest(self, ab: Tensor) -> Counts:
        centers = self._centers()
        counts: Counts = torch.bincount(bins.nearest(ab, centers).flatten(), minlength=len(centers)).numpy()
        return counts

    def _count_lightness(self) -> Counts:
        return np.histogram(self.lab[0], LIGHTNESS_PARTS, (0, 100))[0].astype(np.int64)

    def _accuracy(self, temperature: float | None) -> Curve:
        return metrics.accuracy_curve(metrics.ab_errors(self.lab[1:], self._painted(temperature)[0].numpy()))

    def _recall(self, what: str, decode: Callable[[Any], A], compute: Callable[[], A]) -> A:
        return self.trace.ledger.recall(self.trace.key(what), compute, lambda array: array.tolist(), decode)


def _integers(length: int) -> Callable[[Any], Counts]:
    """Reads a list of that many counts."""

    def decode(value: Any) -> Counts:
        counts = np.asarray(value, dtype=np.int64)
        if counts.shape != (length,):
            raise ValueError("not of this length")
        return counts

    return decode


def _floats(value: Any) -> Curve:
    """Reads an accuracy curve."""
    curve = np.asarray(value, dtype=np.float64)
    if curve.shape != (metrics.THRESHOLDS + 1,):
        raise ValueError("not an accuracy curve")
    return curve


def _label(temperature: float | None) -> str:
    return "gray" if temperature is None else repr(float(temperature))
