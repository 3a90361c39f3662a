"""Another output of the network on an opened photo, and how it differs from the photo's own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from torch import Tensor

from visml import metrics
from visml.activations.summary import Floats
from visml.activations.trace import frozen, shared
from visml.color import bins
from visml.insight.region import Region, weights
from visml.inspector.painting import Pixels, paint

if TYPE_CHECKING:
    from visml.inspector.inspection import Inspection


@dataclass(frozen=True)
class Changed:
    """What the network gives when something is changed.

    Attributes:
        inspection: the photo as it is.
        output: logits ``(Q, h, w)`` or ab ``(2, h, w)``, float32.
        squashed: what the colors are painted on, ``(S, S, 3)`` uint8: the photo's own squashed pixels, or those of
            a photo of changed lightness.
    """

    inspection: Inspection = field(repr=False)
    output: Floats = field(repr=False)
    squashed: Pixels = field(repr=False)

    def ab(self, temperature: float = bins.DEFAULT_TEMPERATURE) -> Floats:
        """The colors ``(2, h, w)`` float32; a model without bins does not read the temperature."""
        return frozen(self._ab(temperature)[0].numpy())

    def colorized(self, temperature: float = bins.DEFAULT_TEMPERATURE) -> Pixels:
        """The photo in these colors, on its own lightness, ``(H, W, 3)`` uint8 at its own size."""
        return paint(self.inspection.photo.rgb, self._ab(temperature))

    def distribution(self, temperature: float = 1.0) -> Floats:
        """Probabilities ``(Q, h, w)`` float32 of the bins.

        Raises:
            ValueError: the model has no bins.
        """
        if self.inspection.centers is None:
            raise ValueError("This model gives colors itself and has no distribution over bins.")
        return frozen(bins.distribution(shared(self.output).unsqueeze(0), temperature)[0].numpy())

    def entropy(self) -> Floats:
        """Entropy in bits, ``(h, w)`` float32, of the distribution at temperature 1.

        Raises:
            ValueError: the model has no bins.
        """
        return frozen(bins.entropy(shared(self.distribution()).unsqueeze(0))[0].float().numpy())

    def painted(self, temperature: float = bins.DEFAULT_TEMPERATURE) -> Pixels:
        """The squashed photo in these colors, ``(S, S, 3)`` uint8."""
        return paint(self.squashed, self._ab(temperature))

    def difference(self, temperature: float = bins.DEFAULT_TEMPERATURE) -> Floats:
        """CIEDE2000 of each pixel to the photo's own coloring, as painted: ``(S, S)`` float32."""
        own, other = self.inspection.painted(temperature), self.painted(temperature)
        return frozen(metrics.differences(metrics.lab(own), metrics.lab(other)).astype(np.float32))

    def shift(self, region: Region | None = None, temperature: float = bins.DEFAULT_TEMPERATURE) -> tuple[float, float]:
        """How far the region's mean color moved, as (a, b) in Lab units; the whole photo's when None.

        The mean is over the region's pixels, each in its position's color; at T = 0 as well.
        """
        weighted = self._weights(region)
        own, other = (
            (shared(each) * weighted).sum(dim=(1, 2))
            for each in (self.inspection.ab(temperature), self.ab(temperature))
        )
        a, b = (other - own).tolist()
        return a, b

    def gained(self, region: Region | None = None) -> Floats:
        """Change of each bin's mean probability over the region, at T = 1: ``(Q,)`` float32, sum 0.

        Raises:
            ValueError: the model has no bins.
        """
        change = self.distribution() - self.inspection.distribution()
        return frozen((change * self._weights(region).numpy()).sum(axis=(1, 2)))

    def _repr_html_(self) -> str:
        from visml.inspector.card import changed_card

        return changed_card(self)

    def _ab(self, temperature: float) -> Tensor:
        output, centers = shared(self.output).unsqueeze(0), self.inspection.centers
        return output.clone() if centers is None else bins.decode(output, shared(centers), temperature)

    def _weights(self, region: Region | None) -> Tensor:
        size = len(self.squashed)
        mask = (region or Region.whole(size)).mask(size)
        return weights(mask, *self.output.shape[1:])
