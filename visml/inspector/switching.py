"""Methods of an inspection that switch filters off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from visml.activations.trace import frozen
from visml.color import bins
from visml.insight import ablation, segments
from visml.insight import pushes as pushing
from visml.insight.ablation import Filters
from visml.insight.region import Region, weights
from visml.inspector.changed import Changed
from visml.inspector.questions import Questions

if TYPE_CHECKING:
    from torch import Tensor

    from visml.activations.summary import Floats
    from visml.insight.segments import Labels
    from visml.inspector.inspection import Inspection


class Switching(Questions):
    """Filters switched off, and where each of them pushes the color."""

    def switch_off(self, filters: Filters, to: str | float = "zero") -> Changed:
        """The output when filters give zero, their mean over a data set, or their maps times a factor.

        ::

            trace.switch_off({"conv4": [12, 17], "conv5": [3]}).shift()  # how far the mean color went, (a, b)

        Args:
            filters: numbers of filters, from 0, by layer's name.
            to: ``"zero"``, ``"mean"`` or a factor 0..10.

        Raises:
            InsightRefused: see :func:`visml.insight.ablation.switched_off`.
        """
        with self.forward() as forward:
            output = ablation.switched_off(forward, filters, to)[0]
        photo = cast("Inspection", self)
        return Changed(photo, frozen(output.numpy()), photo.squashed)

    def pushes(self, layer: str, region: Region | None = None, temperature: float = bins.DEFAULT_TEMPERATURE) -> Floats:
        """Where each filter of a layer pushes a region's mean color, to first order: ``(C, 2)`` in Lab units.

        The region is the whole photo when None.

        Raises:
            InsightRefused: see :func:`visml.insight.pushes.pushes`.
        """
        with self.forward() as forward:
            return frozen(pushing.pushes(forward, layer, self._weights(region), temperature).numpy())

    def exact_pushes(
        self,
        layer: str,
        filters: Sequence[int],
        region: Region | None = None,
        temperature: float = bins.DEFAULT_TEMPERATURE,
    ) -> Floats:
        """The same of some filters as it is, each switched off by itself: ``(len(filters), 2)`` in Lab units.

        Raises:
            InsightRefused: see :func:`visml.insight.pushes.exact_pushes`.
        """
        with self.forward() as forward:
            return frozen(pushing.exact_pushes(forward, layer, filters, self._weights(region), temperature).numpy())

    def segments(self, count: int = segments.PARTS) -> Labels:
        """The squashed photo in about so many parts, ``(S, S)`` uint8, see :mod:`visml.insight.segments`."""
        return segments.segments(cast("Inspection", self).lab, count)

    def _weights(self, region: Region | None) -> Tensor:
        size = self.trace.facts.size
        return weights((region or Region.whole(size)).mask(size), *self.trace.output.shape[1:])
