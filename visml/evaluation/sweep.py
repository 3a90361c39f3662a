"""What the temperature of decoding does to a model's colors."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from visml import metrics
from visml.color.bins import BINS
from visml.evaluation.measures import known
from visml.evaluation.photos import Colored, Photos

TEMPERATURES = (0.2, 0.38, 0.5, 0.7, 1.0)


@dataclass(frozen=True)
class AtTemperature:
    """A model's scores at one temperature, over all pictures.

    Attributes:
        temperature: of decoding.
        auc: area under the accuracy curve, every pixel counting the same; percent.
        balanced_auc: the same, each pixel counting 1/n of its true bin; percent, None without a bin of 500 pixels.
        colorfulness: mean over pictures, as first defined.
    """

    temperature: float
    auc: float
    balanced_auc: float | None
    colorfulness: float


class Sweep:
    """Scores at one temperature, gathered batch by batch."""

    def __init__(self, temperature: float) -> None:
        """No picture yet."""
        self.temperature = temperature
        self._curves = metrics.AccuracyCurves(len(BINS))
        self._colorfulness, self._pictures = 0.0, 0

    def add(self, pool: ThreadPoolExecutor, photos: Photos, painted: list[Colored]) -> None:
        """Count the colorings of some photos."""
        measured = pool.map(_measure, photos.targets, painted)
        for (errors, colorfulness), true in zip(measured, photos.true_bins, strict=True):
            self._curves.add(errors, true)
            self._colorfulness += colorfulness
        self._pictures += len(photos)

    def merge(self, other: Sweep) -> None:
        """Count another set's colorings too, at the same temperature."""
        self._curves.merge(other._curves)
        self._colorfulness += other._colorfulness
        self._pictures += other._pictures

    def result(self) -> AtTemperature:
        """The scores gathered, of one picture at least."""
        return AtTemperature(
            temperature=self.temperature,
            auc=metrics.curve_area(self._curves.raw()),
            balanced_auc=known(metrics.curve_area(self._curves.balanced())),
            colorfulness=self._colorfulness / self._pictures,
        )


def _measure(target: Colored, painted: Colored) -> tuple[metrics.Floats, float]:
    return metrics.ab_errors(target.ab, painted.ab), metrics.colorfulness(painted.rgb)
