"""Edits of a photo's lightness, each on L ``(S, S)`` float32 in 0..100; see :mod:`visml.insight.counterfactual`."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Protocol

import numpy as np

from visml.activations.summary import Floats
from visml.insight.forward import InsightRefused
from visml.insight.region import Mask, Region

LIGHTEST = 100.0
LARGEST_SIGMA = 32.0
MOST_POINTS = 16


class Lit(Protocol):
    """Anything with a lightness: an inspection of another photo for instance."""

    @property
    def lightness(self) -> Floats:
        """``(1, 1, S, S)`` float32 in 0..100."""


class LightnessEdit(Protocol):
    """One change of a photo's lightness."""

    def of(self, lightness: Floats) -> Floats:
        """The changed lightness, ``(S, S)`` float32 like the one given, which is not written to.

        Raises:
            InsightRefused: the photo has no such place.
        """


@dataclass(frozen=True)
class Invert:
    """``100 - L``."""

    def of(self, lightness: Floats) -> Floats:
        return np.subtract(LIGHTEST, lightness, dtype=np.float32)


@dataclass(frozen=True)
class Blur:
    """Convolution with a Gaussian in both directions, edges repeated.

    Its weights are proportional to ``exp(-k^2 / (2 sigma^2))``, k whole from ``-r`` to ``r``, r = 4 sigma rounded.

    Attributes:
        sigma: in pixels of the squashed photo, above 0 and at most 32.
    """

    sigma: float

    def __post_init__(self) -> None:
        if not 0 < self.sigma <= LARGEST_SIGMA:
            raise InsightRefused(f"A blur's sigma lies above 0 and is at most {LARGEST_SIGMA:g} pixels.")

    def of(self, lightness: Floats) -> Floats:
        from skimage.filters import gaussian

        blurred: Floats = gaussian(lightness, self.sigma, mode="nearest", truncate=4.0, preserve_range=True)  # type: ignore[no-untyped-call]
        return blurred.astype(np.float32)


@dataclass(frozen=True)
class Curve:
    """A tone curve: straight between its points, level before the first and behind the last; it may rise and fall.

    Attributes:
        points: 2 to 16 pairs of input L and output L, each in 0..100, the inputs rising.
    """

    points: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        inputs = [point[0] for point in self.points]
        if not 2 <= len(inputs) <= MOST_POINTS or any(right <= left for left, right in pairwise(inputs)):
            raise InsightRefused(f"A tone curve has 2 to {MOST_POINTS} points, each to the right of the one before.")
        if not all(0 <= value <= LIGHTEST for point in self.points for value in point):
            raise InsightRefused("A tone curve's points lie between 0 and 100.")

    @classmethod
    def gamma(cls, exponent: float) -> Curve:
        """``100 (L/100)^exponent`` at L = 0, 25, 50, 75 and 100; above 1 darker, below 1 lighter.

        Raises:
            InsightRefused: the exponent is not from 0.1 to 10.
        """
        if not 0.1 <= exponent <= 10:
            raise InsightRefused("A gamma lies between 0.1 and 10.")
        return cls(tuple((at, LIGHTEST * (at / LIGHTEST) ** exponent) for at in (0.0, 25.0, 50.0, 75.0, 100.0)))

    @classmethod
    def contrast(cls, factor: float) -> Curve:
        """``50 + factor (L - 50)``, clipped to 0..100; above 1 more contrast, 0 an even gray.

        Raises:
            InsightRefused: the factor is not from 0 to 10.
        """
        if not 0 <= factor <= 10:
            raise InsightRefused("A contrast lies between 0 and 10.")
        reach = 50.0 if factor <= 1 else 50.0 / factor
        low, high = max(0.0, 50 - factor * reach), min(LIGHTEST, 50 + factor * reach)
        return cls(((50 - reach, low), (50 + reach, high)))

    def of(self, lightness: Floats) -> Floats:
        inputs, outputs = zip(*self.points, strict=True)
        curved: Floats = np.interp(lightness, inputs, outputs).astype(np.float32)
        return curved


@dataclass(frozen=True)
class Disc:
    """The pixels (x, y) with ``(x - center x)^2 + (y - center y)^2 <= radius^2``, whole pixels."""

    x: int
    y: int
    radius: int

    def mask(self, size: int) -> Mask:
        """The disc as ``(S, S)``; what of it lies outside the photo is left out.

        Raises:
            InsightRefused: its center lies outside the photo.
        """
        if not (0 <= self.x < size and 0 <= self.y < size):
            raise InsightRefused(f"A disc's center must lie within the photo's {size} x {size} pixels.")
        rows, columns = np.ogrid[:size, :size]
        inside: Mask = (columns - self.x) ** 2 + (rows - self.y) ** 2 <= self.radius**2
        return inside


@dataclass(frozen=True)
class Paint:
    """A rectangle or disc of one lightness.

    Attributes:
        shape: which pixels.
        lightness: 0..100.
    """

    shape: Region | Disc
    lightness: float

    def __post_init__(self) -> None:
        if not 0 <= self.lightness <= LIGHTEST:
            raise InsightRefused("A lightness lies between 0 and 100.")

    def of(self, lightness: Floats) -> Floats:
        return np.where(self.shape.mask(len(lightness)), np.float32(self.lightness), lightness)


@dataclass(frozen=True)
class Paste:
    """A rectangle of another photo's lightness.

    Attributes:
        other: the photo pasted from, at the network's size.
        region: the rectangle of the photo that is covered.
        source: the corner ``(x, y)`` of the other photo's rectangle of the same size; the same place when None.
    """

    other: Lit = field(repr=False)
    region: Region
    source: tuple[int, int] | None = None

    def of(self, lightness: Floats) -> Floats:
        size, other, region = len(lightness), self.other.lightness[0, 0], self.region
        if other.shape != lightness.shape:
            raise InsightRefused("The photo pasted from must be opened at the same size.")
        x, y = self.source or (region.left, region.top)
        taken = Region(x, y, x + region.right - region.left, y + region.bottom - region.top)
        pasted = lightness.copy()
        pasted[region.mask(size)] = other[taken.mask(size)]
        return pasted
