"""Methods of an inspection that say what a color hangs on, and where in the photo colors of the plane stand."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

import numpy as np

from visml.color import bins as color_bins
from visml.insight import attribution as attributing
from visml.insight import carriers as carrying
from visml.insight import gamut, receptive
from visml.insight.quantity import Quantity
from visml.insight.region import Region
from visml.inspector.questions import Questions

if TYPE_CHECKING:
    from visml.activations.summary import Floats
    from visml.insight.attribution import Attribution, Question
    from visml.insight.receptive import EffectiveField
    from visml.inspector.inspection import Inspection


class Explaining(Questions):
    """Why this pixel has this color, and the plane of colors both ways."""

    @contextmanager
    def question(self, quantity: Quantity, region: Region | None = None) -> Iterator[Question]:
        """A quantity over a region, the whole photo when None, asked of the forward pass in float32."""
        with self.forward(exact=True) as forward:
            whole = Region.whole(forward.lightness.shape[-1])
            yield attributing.Question(forward, quantity, region or whole)

    def attribution(
        self, quantity: Quantity, region: Region | None = None, method: str = "gradient_x_input", baseline: str = "gray"
    ) -> Floats:
        """How much each pixel's lightness adds to a quantity: ``(S, S)`` float32, in the quantity's unit.

        ::

            trace.attribution(LogOdds(120, against=240), Region.pixel(80, 100), "integrated_gradients")

        Args:
            quantity: one of :mod:`visml.insight.quantity`.
            region: whose color is asked about; the whole photo when None.
            method: see :func:`visml.insight.attribution.attribution`; occlusion runs the network some 800 times.
            baseline: ``"gray"``, L = 50, or ``"mean"``, the photo's mean lightness.

        Raises:
            InsightRefused: see there.
        """
        return self.attributed(quantity, region, method, baseline).map.numpy()

    def attributed(
        self,
        quantity: Quantity,
        region: Region | None = None,
        method: str = "gradient_x_input",
        baseline: str = "gray",
        part: int | None = None,
    ) -> Attribution:
        """The same with the quantity at both ends, or one part of it."""
        with self.question(quantity, region) as question:
            return attributing.attribution(question, method, baseline, part)

    def carriers(self, layer: str, quantity: Quantity, region: Region | None = None) -> Floats:
        """How much each filter of a layer carries of a quantity: ``(C,)``, see :mod:`visml.insight.carriers`.

        Raises:
            InsightRefused: there is no such layer, region or quantity.
        """
        with self.question(quantity, region) as question:
            name = question.forward.layer(layer).name
            return carrying.carriers(question)[name].numpy()

    def effective_field(self, layer: str, x: int, y: int) -> EffectiveField:
        """What part of the photo a layer sees at a pixel, see :mod:`visml.insight.receptive`.

        Raises:
            InsightRefused: there is no such layer or pixel, or nothing of the photo moves the layer there.
        """
        with self.forward(exact=True) as forward:
            return receptive.effective_field(forward, layer, x, y)

    def mass(self, bins: Collection[int]) -> Floats:
        """The probability of a set of bins at every position: ``(h, w)``, see :func:`visml.insight.gamut.mass`.

        Raises:
            InsightRefused: there is no such bin.
            ValueError: the model has no bins.
        """
        return gamut.mass(self._photo.distribution(), bins)

    def modes(self) -> gamut.Counts:
        """How many separate colors each position leans to: ``(h, w)``, see :func:`visml.insight.gamut.modes`.

        Raises:
            ValueError: the model has no bins.
        """
        return gamut.modes(self._photo.distribution(), np.asarray(self._photo.centers))

    def margin(self) -> Floats:
        """The likeliest bin's probability less the second's: ``(h, w)`` in 0..1.

        Raises:
            ValueError: the model has no bins.
        """
        return gamut.margin(self._photo.distribution())

    def out_of_gamut(self, temperature: float = color_bins.DEFAULT_TEMPERATURE) -> Floats:
        """How far clipping moves each predicted color: ``(S, S)``, see :func:`visml.insight.gamut.out_of_gamut`."""
        return gamut.out_of_gamut(self.lightness[0, 0], self._photo.ab(temperature))

    @property
    def _photo(self) -> Inspection:
        return cast("Inspection", self)
