"""The questions of :mod:`visml.insight` as methods of an inspection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from visml.activations.trace import Trace, frozen, shared
from visml.color.bins import DEFAULT_TEMPERATURE
from visml.insight.forward import Forward, InsightRefused

if TYPE_CHECKING:
    from visml.activations.summary import Floats
    from visml.insight.counterfactual import Edits
    from visml.insight.lens import Lens, LensFacts
    from visml.insight.region import Region
    from visml.inspector.changed import Changed
    from visml.inspector.inspection import Inspection
    from visml.inspector.inspector import Inspector


class Questions:
    """What can be asked of an opened photo beyond what was kept of it."""

    trace: Trace
    source: Inspector | None

    @property
    def lightness(self) -> Floats:
        """The model's input, ``(1, 1, S, S)`` float32 in 0..100."""
        raise NotImplementedError

    @contextmanager
    def forward(self, exact: bool = False) -> Iterator[Forward]:
        """The photo's forward pass, to be run again; while the block runs nobody else runs the network.

        Args:
            exact: in float32, whatever the network's precision: in bfloat16 gradients are off, see
                :mod:`visml.insight.attribution`.

        Raises:
            InsightRefused: the network is not at hand.
        """
        if self.source is None:
            raise InsightRefused("This needs the network: open the photo again.")
        with self.source.running(exact) as network:
            yield Forward(
                module=network.module,
                layers=self.trace.facts.layers,
                centers=network.centers,
                lightness=shared(self.lightness).clone().to(network.device),
                trace=self.trace,
                category=network.told(self.trace.facts.category),
                folder=network.folder,
            )

    def what_if(self, edits: str | Edits, *, own_lightness: bool = False) -> Changed:
        """The colors predicted from an edited lightness, see :mod:`visml.insight.counterfactual`.

        Args:
            edits: in their order, or as text; by text nothing can be pasted.
            own_lightness: whether to paint the colors on the photo's own lightness, so that only they differ;
                otherwise on the edited one as an 8-bit gray, which of L loses 0.26 at most.

        Raises:
            InsightRefused: an edit means nothing, or the network is not at hand.
        """
        from visml.insight import counterfactual
        from visml.inspector.changed import Changed

        made = counterfactual.parse(edits) if isinstance(edits, str) else edits
        inspection, lightness = cast("Inspection", self), counterfactual.apply(self.lightness, made)
        squashed = inspection.squashed if own_lightness or not made else counterfactual.gray(lightness)
        with self.forward() as forward:
            return Changed(inspection, frozen(counterfactual.output(forward, lightness)[0].numpy()), squashed)

    def transplant(
        self, layer: str, donor: Inspection, region: Region | None = None, donor_region: Region | None = None
    ) -> Changed:
        """The output with another photo's features in a region of a layer, see :mod:`visml.insight.transplant`.

        Args:
            layer: its name.
            donor: the other photo, opened in the same network.
            region: of the photo; all of it when None.
            donor_region: of the donor, as large; the same place when None.

        Raises:
            InsightRefused: there is no such layer or region, the donor is another network's, or none is at hand.
        """
        from visml.insight import transplant
        from visml.inspector.changed import Changed

        transplant.check(self.trace.facts, donor.trace.facts, self.source is donor.source)
        with self.forward() as forward:
            output = transplant.output(forward, layer, donor.trace, region, donor_region)
        return Changed(cast("Inspection", self), frozen(output[0].numpy()), cast("Inspection", self).squashed)

    def lens(self, layer: str) -> Floats:
        """What the color lens reads from a layer: logits ``(Q, h, w)`` float32, see :mod:`visml.insight.lens`.

        They stand at the layer's own grid, averaged to 56 x 56 where it is finer.

        Raises:
            InsightRefused: no lens is fitted, it does not read this layer, or the network has no bins.
        """
        return frozen(self._lens().logits(self.trace, layer)[0].numpy())

    def lens_ab(self, layer: str, temperature: float = DEFAULT_TEMPERATURE) -> Floats:
        """The colors that a layer could already paint, ``(2, h, w)`` float32, at the same grid as :meth:`lens`.

        Raises:
            InsightRefused: no lens is fitted, or it does not read this layer.
        """
        return frozen(self._lens().ab(self.trace, layer, temperature)[0].numpy())

    def lens_facts(self) -> LensFacts:
        """How the network's color lens was fitted, and how well it does on pictures held out.

        Raises:
            InsightRefused: no lens is fitted.
        """
        return self._lens().facts

    def _lens(self) -> Lens:
        from visml.insight import lens

        if self.source is None:
            raise InsightRefused("This needs the network: open the photo again.")
        network = self.source.subject
        if network.folder is None:
            raise InsightRefused("A color lens is kept with a checkpoint, and this network has none: save it as one.")
        return lens.load(network.folder, network.sha256, network.name)
