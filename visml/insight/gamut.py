"""Colors of a distribution seen from the ab plane, and colors that no screen can show."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import numpy.typing as npt
import torch

from visml.activations.summary import Floats
from visml.color import bins as color_bins
from visml.color import lab
from visml.insight.forward import InsightRefused

FAINTEST_MODE = 0.05  # of the largest probability: what is less is no mode
SEEN = 0.5  # Lab units: pixels moved less by clipping do not count as clipped
Counts = npt.NDArray[np.int64]


def mass(distribution: Floats, bins: Collection[int]) -> Floats:
    """The probability of a set of bins: ``(h, w)`` float32 in 0..1, the sum of their probabilities.

    Args:
        distribution: ``(Q, h, w)``, sum 1.
        bins: numbers of bins; none give 0, one named twice counts once.

    Raises:
        InsightRefused: there is no such bin.
    """
    count, chosen = len(distribution), sorted(set(bins))
    if not all(0 <= each < count for each in chosen):
        raise InsightRefused(f"Bins are counted from 0 to {count - 1}.")
    total: Floats = distribution[chosen].sum(axis=0, dtype=np.float64).astype(np.float32)
    return total


def modes(distribution: Floats, centers: Floats) -> Counts:
    """How many separate colors a distribution leans to: ``(h, w)`` int64, 1 or more.

    A mode is a bin with more than 5 % of the largest bin's probability, which none of the up to eight bins around it
    on the ab plane exceeds. Of neighbors that are just as likely only the first one, by number, counts.

    Args:
        distribution: ``(Q, h, w)``.
        centers: ``(Q, 2)``, on a grid of step 10.
    """
    found = distribution > FAINTEST_MODE * distribution.max(axis=0)
    for one, other in _neighbors(centers):
        beats = np.greater_equal if one < other else np.greater
        found[one] &= beats(distribution[one], distribution[other])
    counts: Counts = found.sum(axis=0)
    return counts


def margin(distribution: Floats) -> Floats:
    """The likeliest bin's probability less the second likeliest's: ``(h, w)`` float32 in 0..1."""
    second, first = np.partition(distribution, -2, axis=0)[-2:]
    difference: Floats = first - second
    return difference


def out_of_gamut(lightness: Floats, ab: Floats) -> Floats:
    """How far clipping moves a color that sRGB cannot show: ``(H, W)`` float32, Lab units (CIE76).

    The Euclidean distance in Lab between the color and that of its RGB clipped to 0..1; 0 inside sRGB, but for
    rounding below 0.02.

    Args:
        lightness: L ``(H, W)``, 0..100.
        ab: ``(2, h, w)``, taken bilinearly at the lightness's size, as when it is painted.
    """
    fine = lab.upsample(torch.tensor(ab).unsqueeze(0), lightness.shape)
    color = torch.cat([torch.tensor(lightness)[None, None], fine], dim=1)
    moved = color - lab.rgb_to_lab(lab.lab_to_rgb(color))
    return moved.square().sum(dim=1).sqrt()[0].numpy()


def clipped(distance: Floats) -> float:
    """Share in 0..1 of pixels that clipping moves by more than half a Lab unit, of :func:`out_of_gamut`."""
    return float((distance > SEEN).mean())


def _neighbors(centers: Floats) -> list[tuple[int, int]]:
    """Pairs of bins that touch on the plane, each pair both ways."""
    place = {(round(float(a)), round(float(b))): index for index, (a, b) in enumerate(centers)}
    steps = [(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1) if a or b]
    around = [
        (index, place.get((a + da * color_bins.STEP, b + db * color_bins.STEP)))
        for (a, b), index in place.items()
        for da, db in steps
    ]
    return [(one, other) for one, other in around if other is not None]
