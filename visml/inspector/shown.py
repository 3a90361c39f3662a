"""What the page shows of an opened photo, as NumPy arrays: what an export holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from visml.activations.summary import Floats
from visml.activations.trace import LayerTrace
from visml.color import bins
from visml.inspector.changed import Changed
from visml.settings import VERSION, Refused

if TYPE_CHECKING:
    from visml.inspector.inspection import Inspection

Arrays = dict[str, npt.NDArray[Any]]
SCHEMA = 1


class ExportRefused(Refused):
    """An export of something that the photo or the network does not have."""


@dataclass(frozen=True)
class Shown:
    """A view of an opened photo.

    Attributes:
        inspection: the photo.
        layer: the layer looked at.
        x: column of the pixel looked at, 0..S-1.
        y: its row.
        temperature: of the decoding, 0..1.
        prior: how much of the training set's prior is divided out of the output, 0..1.
        photo: what the photo is called.
    """

    inspection: Inspection = field(repr=False)
    layer: str
    x: int = 0
    y: int = 0
    temperature: float = bins.DEFAULT_TEMPERATURE
    prior: float = 0.0
    photo: str = ""

    @property
    def model(self) -> str:
        """What the network is called."""
        return self.inspection.trace.facts.model or self.inspection.trace.facts.family

    @property
    def told(self) -> str:
        """The category that a class-conditioned network was told; "" for nothing."""
        return self.inspection.trace.facts.category or ""

    @cached_property
    def traced(self) -> LayerTrace:
        """The layer.

        Raises:
            ExportRefused: the network has no such layer.
        """
        if self.layer not in [each.name for each in self.inspection.layers]:
            raise ExportRefused("This network has no such layer.")
        return self.inspection[self.layer]

    @cached_property
    def output(self) -> Changed:
        """The network's output, as much of the prior divided out of it as asked.

        Raises:
            InsightRefused: a prior is to be divided out that there is none of.
        """
        if self.prior:
            return self.inspection.divided(self.prior)
        return Changed(self.inspection, self.inspection.trace.output, self.inspection.squashed)

    @property
    def position(self) -> tuple[int, int]:
        """Row and column of the output's position at the pixel.

        Raises:
            ExportRefused: the pixel lies outside the photo.
        """
        try:
            return self.inspection.position(self.x, self.y)
        except ValueError as error:
            raise ExportRefused(str(error)) from error

    def probabilities(self, temperature: float = 1.0) -> Floats:
        """The pixel's distribution over the bins, ``(Q,)`` float32.

        Raises:
            ExportRefused: the network has no bins, or the pixel lies outside the photo.
        """
        if self.inspection.centers is None:
            raise ExportRefused("This model gives colors itself and has no distribution over bins.")
        row, column = self.position
        return self.output.distribution(temperature)[:, row, column]

    def entropy(self) -> Floats | None:
        """Bits at each position ``(h, w)`` float32, of the distribution at temperature 1; None without bins."""
        return None if self.inspection.centers is None else self.output.entropy()

    def arrays(self) -> Arrays:
        """All of it by name, as docs/export.md lists it; ``about`` says in JSON what it is of."""
        inspection = self.inspection
        found: Arrays = {
            "about": np.array(json.dumps(self._about(), ensure_ascii=False)),
            "photo": inspection.squashed,
            "lightness": inspection.lightness[0],
            "ab": self.output.ab(self.temperature),
            "painted": self.output.painted(self.temperature),
            **dict(self._of_layer()),
        }
        if inspection.logits is not None and inspection.centers is not None:
            found |= {"logits": inspection.logits, "centers": inspection.centers}
            found |= {"entropy": self.output.entropy(), "distribution": self.probabilities()}
        return found

    def _about(self) -> dict[str, Any]:
        facts = self.inspection.trace.facts
        network = {"model": self.model, "model_sha256": facts.model_sha256, "precision": facts.precision}
        view = {"layer": self.layer, "x": self.x, "y": self.y, "temperature": self.temperature, "prior": self.prior}
        return {"schema": SCHEMA, "visml": VERSION, "photo": self.photo, "category": facts.category, **network, **view}

    def _of_layer(self) -> Iterator[tuple[str, npt.NDArray[Any]]]:
        """Maps and statistics; what the layer of a classifier's output gives is named ``logits``."""
        summary, name = self.traced.summary, self.layer
        if self.inspection.logits is None or name != self.inspection.layers[-1].name:
            yield name, self.traced.maps
        for key in ("mean", "std", "min", "max", "active_share", "silent"):
            values = getattr(summary, key)
            if values is not None:
                yield f"{key}/{name}", values
        histogram = summary.histogram
        yield f"histogram/{name}", histogram.counts
        yield f"edges/{name}", np.linspace(histogram.low, histogram.high, len(histogram.counts) + 1)
