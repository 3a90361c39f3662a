"""Methods of an inspection that ask how far its coloring is to be trusted, and what else it could have been."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from torch import Tensor

from visml.activations.trace import frozen, shared
from visml.color import bins, lab
from visml.insight import prior, trust
from visml.insight import samples as sampling
from visml.insight import spill as spilling
from visml.insight.forward import InsightRefused
from visml.insight.spill import Spill
from visml.insight.trust import Reproduction
from visml.inspector.changed import Changed
from visml.inspector.questions import Questions

if TYPE_CHECKING:
    from visml.activations.summary import Floats
    from visml.insight.region import Mask
    from visml.inspector.inspection import Inspection


class Trusting(Questions):
    """Samples, calibration, spill and reproducibility; and the prior divided out after the fact."""

    @property
    def log_prior(self) -> Floats | None:
        """Log of the smoothed prior of the training set ``(Q,)`` float32, see :func:`visml.insight.prior.log_prior`.

        None for a network without bins, or whose prior is not known.
        """
        probabilities = None if self.source is None else self.source.prior
        if probabilities is None or self.trace.centers is None or len(probabilities) != len(self.trace.centers):
            return None
        return frozen(prior.log_prior(probabilities, shared(self.trace.centers)).float().numpy())

    def divided(self, strength: float = 1.0) -> Changed:
        """The output with the training set's prior divided out, see :func:`visml.insight.prior.divided`.

        Raises:
            InsightRefused: the strength lies outside 0..1, or there are no bins or no known prior.
        """
        known = self.log_prior
        if known is None:
            raise InsightRefused("This model has no bins, or the prior of its training pictures is not known.")
        output = prior.divided(shared(self.trace.output), shared(known), strength)
        return Changed(self._inspection, frozen(output.numpy()), self._inspection.squashed)

    def samples(
        self, count: int = 6, temperature: float = 1.0, coherence: float = 16.0, seed: int = 0, strength: float = 0.0
    ) -> Floats:
        """Sampled colorings ``(N, 2, h, w)`` float32, see :func:`visml.insight.samples.samples`.

        ``strength`` is how much of the prior is divided out first, see :meth:`divided`.

        Raises:
            InsightRefused: the model has no bins, or one of these lies outside its range.
        """
        logits, centers = self._bins()
        logits = shared(self.divided(strength).output) if strength else logits
        return frozen(sampling.samples(logits, centers, count, temperature, coherence, seed).numpy())

    def confidence(self) -> Floats:
        """Probability of each position's likeliest bin at T = 1, ``(h, w)`` float32 in 0..1.

        Raises:
            InsightRefused: the model has no bins.
        """
        return frozen(trust.confidence(self._bins()[0]).numpy())

    def right(self) -> Mask | None:
        """Whether each position's likeliest bin is the photo's own, ``(h, w)``; None for a photo without color.

        Raises:
            InsightRefused: the model has no bins.
        """
        logits, centers = self._bins()
        found = self._inspection
        return trust.right(logits, centers, shared(found.target_ab)) if found.photo.has_color else None

    def spill(self, temperature: float = bins.DEFAULT_TEMPERATURE) -> Spill:
        """Where the coloring's edges are not those of lightness, see :func:`visml.insight.spill.spill`."""
        size = self.trace.facts.size
        ab = lab.upsample(shared(self._inspection.ab(temperature)).unsqueeze(0), (size, size))[0]
        return spilling.spill(shared(self.lightness)[0, 0], ab)

    def target_spill(self) -> Spill | None:
        """The same of the photo's own colors; None for a photo without color."""
        found = self._inspection
        if not found.photo.has_color:
            return None
        return spilling.spill(shared(self.lightness)[0, 0], shared(found.target_ab))

    def reproduced(self) -> Reproduction:
        """The network run again on the kept lightness, against what was kept: see :mod:`visml.insight.trust`.

        Raises:
            InsightRefused: the network is not at hand.
        """
        with self.forward() as forward:
            return trust.reproduced(forward)

    def _bins(self) -> tuple[Tensor, Tensor]:
        """Logits ``(Q, h, w)`` and centers ``(Q, 2)``."""
        if self.trace.centers is None:
            raise InsightRefused("This model gives colors itself and has no distribution over bins.")
        return shared(self.trace.output), shared(self.trace.centers)

    @property
    def _inspection(self) -> Inspection:
        return cast("Inspection", self)
