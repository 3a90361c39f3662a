"""What one photo does in one model, and every question that can be answered without running the model again."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from torch import Tensor

from visml.activations import trace as traces
from visml.activations.store import ArrayStore
from visml.activations.summary import Floats
from visml.activations.trace import LayerTrace, Trace, shared
from visml.activations.values import Ledger
from visml.color import bins
from visml.images.decode import Photo
from visml.inspector.explaining import Explaining
from visml.inspector.measures import Counts, Curve, Measures
from visml.inspector.painting import Pixels, paint
from visml.inspector.switching import Switching
from visml.inspector.trusting import Trusting
from visml.metrics import Scores
from visml.models.base import Layer

if TYPE_CHECKING:
    from visml.inspector.inspector import Inspector

PHOTO, SQUASHED, LAB, DISTRIBUTION = "photo", "squashed", "lab", "distribution"


@dataclass(frozen=True)
class BinShare:
    """One bin's part in a pixel's distribution: its number, its center in ab, its probability in 0..1."""

    index: int
    a: float
    b: float
    probability: float


@dataclass(frozen=True)
class Inspection(Trusting, Switching, Explaining):
    """A photo opened in a model.

    Coordinates x and y are pixels of the squashed photo, 0..S-1, x to the right and y down. Arrays are read-only.

    Attributes:
        trace: what was recorded.
        store: where it is kept, None when it is in memory alone.
        name: the photo's label.
        source: runs the network again, for questions that need it; None when it is not at hand.
    """

    trace: Trace
    store: ArrayStore | None = field(default=None, repr=False, compare=False)
    name: str = ""
    source: Inspector | None = field(default=None, repr=False, compare=False)

    @classmethod
    def reopen(cls, store: ArrayStore, handle: str, ledger: Ledger | None = None) -> Inspection | None:
        """The inspection kept under a handle, None when there is none; neither model nor photo is needed.

        What goes missing later is told by :class:`visml.activations.trace.TraceExpired`.
        """
        trace = traces.reopen(store, handle, ledger)
        return None if trace is None else cls(trace, store)

    @property
    def handle(self) -> str:
        """Its name in the store, 32 hexadecimal digits."""
        return self.trace.handle

    @property
    def layers(self) -> tuple[Layer, ...]:
        """What was recorded, from input to output."""
        return self.trace.facts.layers

    def __getitem__(self, layer: str) -> LayerTrace:
        return self.trace[layer]

    def to_html(self, path: str | Path, view: str = "") -> Path:
        """Writes this inspection as one HTML file, which opens anywhere: without VisML, server and network.

        Args:
            path: the file, which is overwritten.
            view: what it opens with, as a link to the page says it: ``layer=conv4&filter=12&x=120&y=85&t=0.5``.
        """
        from visml.dashboard.replay import page

        path = Path(path)
        path.write_bytes(page(self, view))
        return path

    def __repr__(self) -> str:
        facts, names = self.trace.facts, ", ".join(layer.name for layer in self.layers)
        return f"<Inspection of {self.name or 'a photo'} in {facts.model or facts.family}: {names}>"

    def _repr_html_(self) -> str:
        from visml.inspector.card import card

        return card(self)

    @cached_property
    def photo(self) -> Photo:
        """The photo at its own size."""
        facts = self.trace.facts
        return Photo(self.trace.arrays[PHOTO], facts.has_color, facts.photo_sha256, self.name)

    @property
    def squashed(self) -> Pixels:
        """The photo as the model sees it, in color: ``(S, S, 3)`` uint8."""
        return self.trace.arrays[SQUASHED]

    @property
    def lightness(self) -> Floats:
        """The model's input, ``(1, 1, S, S)`` float32 in 0..100."""
        return self.trace.arrays[LAB][None, :1]

    @property
    def lab(self) -> Floats:
        """The squashed photo in Lab, ``(3, S, S)`` float32."""
        return self.trace.arrays[LAB]

    @property
    def target_ab(self) -> Floats:
        """The photo's own colors, ``(2, S, S)`` float32."""
        return self.trace.arrays[LAB][1:]

    @property
    def logits(self) -> Floats | None:
        """``(Q, h, w)`` float32, None for a model without bins."""
        return self.trace.output if self.trace.facts.output == "bins" else None

    @property
    def centers(self) -> Floats | None:
        """The bins' centers, ``(Q, 2)`` float32, None for a model without bins."""
        return self.trace.centers

    def distribution(self, temperature: float = 1.0) -> Floats:
        """Probabilities ``(Q, h, w)`` float32 of the bins; the model's own at temperature 1, which is kept.

        Raises:
            ValueError: the model has no bins, or the temperature is negative.
        """
        if temperature != 1:
            return self._distribution(temperature)
        with self.trace.ledger.flights.one(self.trace.key(DISTRIBUTION)):
            kept = self.store.get(self.handle, DISTRIBUTION) if self.store else None
            if kept is None:
                kept = self._distribution(1.0)
                if self.store:
                    self.store.add(self.handle, DISTRIBUTION, kept)
            return kept

    def ab(self, temperature: float = bins.DEFAULT_TEMPERATURE) -> Floats:
        """Predicted colors ``(2, h, w)`` float32; a model without bins does not read the temperature."""
        return traces.frozen(self._ab(temperature)[0].numpy())

    def colorized(self, temperature: float = bins.DEFAULT_TEMPERATURE) -> Pixels:
        """The photo in the predicted colors, ``(H, W, 3)`` uint8 at its own size."""
        return paint(self.photo.rgb, self._ab(temperature))

    def painted(self, temperature: float = bins.DEFAULT_TEMPERATURE) -> Pixels:
        """The squashed photo in the predicted colors, ``(S, S, 3)`` uint8: what scores are taken of."""
        return paint(self.squashed, self._ab(temperature))

    def entropy(self) -> Floats:
        """Entropy in bits, ``(h, w)`` float32, of the distribution at temperature 1.

        Raises:
            ValueError: the model has no bins.
        """
        return traces.frozen(bins.entropy(shared(self.distribution()).unsqueeze(0))[0].float().numpy())

    def top_bins(self, x: int, y: int, count: int = 10, temperature: float = 1.0) -> tuple[BinShare, ...]:
        """The likeliest bins of a pixel, the likeliest first; equal ones by number.

        Raises:
            ValueError: the pixel lies outside the squashed photo, or the model has no bins.
        """
        row, column = self.position(x, y)
        logits = shared(self._logits()[:, row : row + 1, column : column + 1].copy()).unsqueeze(0)
        shares = bins.distribution(logits, temperature).flatten().numpy()
        order = np.argsort(-shares, kind="stable")[:count]
        ab = np.asarray(self.centers)
        return tuple(BinShare(int(i), float(ab[i, 0]), float(ab[i, 1]), float(shares[i])) for i in order)

    def position(self, x: int, y: int) -> tuple[int, int]:
        """Row and column of the output's position at a pixel.

        Raises:
            ValueError: the pixel lies outside the squashed photo.
        """
        size = self.trace.facts.size
        if not (0 <= x < size and 0 <= y < size):
            raise ValueError(f"x and y must lie between 0 and {size - 1}, not {x} and {y}.")
        height, width = self.trace.output.shape[1:]
        return y * height // size, x * width // size

    def ab_histogram(self) -> Counts:
        """How many of the squashed photo's pixels are nearest to each bin, ``(Q,)`` int64."""
        return self.measures.target_bins()

    def predicted_ab_histogram(self, temperature: float = bins.DEFAULT_TEMPERATURE) -> Counts:
        """The same of the predicted colors, bilinearly at the squashed photo's size."""
        return self.measures.predicted_bins(temperature)

    def lightness_histogram(self) -> Counts:
        """Pixels of the squashed photo in each of 100 equal parts of L 0..100, ``(100,)`` int64."""
        return self.measures.lightness()

    def accuracy_curve(self, temperature: float = bins.DEFAULT_TEMPERATURE) -> Curve | None:
        """Share of pixels whose ab error is at most t, ``(151,)`` for t = 0..150; None for a photo without color."""
        return self.measures.curve(temperature)

    def gray_accuracy_curve(self) -> Curve | None:
        """The same of plain gray."""
        return self.measures.curve(None)

    def scores(self, temperature: float = bins.DEFAULT_TEMPERATURE) -> Scores | None:
        """How near the coloring comes to the photo at S x S; None for a photo without color."""
        return self.measures.scores(temperature)

    def gray_scores(self) -> Scores | None:
        """The same of plain gray: the photo's L and no color."""
        return self.measures.scores(None)

    @property
    def measures(self) -> Measures:
        """Numbers of target and prediction, kept as JSON."""
        return Measures(self.trace, self.squashed, self.trace.arrays[LAB], self._ab)

    def _ab(self, temperature: float) -> Tensor:
        """``(1, 2, h, w)``."""
        output = shared(self.trace.output).unsqueeze(0)
        centers = self.centers
        return output.clone() if centers is None else bins.decode(output, shared(centers), temperature)

    def _distribution(self, temperature: float) -> Floats:
        logits = shared(self._logits()).unsqueeze(0)
        return traces.frozen(bins.distribution(logits, temperature)[0].numpy())

    def _logits(self) -> Floats:
        logits = self.logits
        if logits is None:
            raise ValueError("This model gives colors itself and has no distribution over bins.")
        return logits
