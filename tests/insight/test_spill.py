"""Edges of color and lightness, against scipy in float64 and against pictures whose answer is known."""

from __future__ import annotations

import numpy as np
import torch
from scipy import ndimage

from visml.color import lab
from visml.insight import spill
from visml.inspector import Inspection

SIZE = 112


def slow(planes: list[np.ndarray]) -> np.ndarray:
    """Strength of edges ``(S, S)`` in float64."""
    squared = np.zeros_like(planes[0], dtype=np.float64)
    for plane in planes:
        blurred = ndimage.gaussian_filter(plane.astype(np.float64), len(plane) / 112, mode="nearest", truncate=4.0)
        for axis in (0, 1):
            squared += (ndimage.sobel(blurred, axis, mode="nearest") / 8) ** 2
    length = np.sqrt(squared)
    return np.minimum(1, length / max(0.5, np.percentile(length, 95)))


def test_edges_and_spill_are_the_slow_ones(opened: Inspection) -> None:
    found = opened.spill(0.38)
    ab = lab.upsample(torch.tensor(opened.ab(0.38))[None], (224, 224))[0].numpy()
    dark, color = slow([opened.lightness[0, 0]]), slow(list(ab))
    near = {name: ndimage.maximum_filter(each, 9, mode="nearest") for name, each in (("dark", dark), ("color", color))}
    np.testing.assert_allclose(found.spilled, np.maximum(0, color - near["dark"]), atol=1e-4)
    np.testing.assert_allclose(found.missed, np.maximum(0, dark - near["color"]), atol=1e-4)
    np.testing.assert_allclose(found.spill, 100 * found.spilled.mean(), rtol=1e-4)


def halves(value: float, place: int) -> torch.Tensor:
    """A picture with one upright edge."""
    picture = torch.zeros(SIZE, SIZE)
    picture[:, place:] = value
    return picture


def test_shared_edges_are_no_spill() -> None:
    found = spill.spill(halves(60, 50), torch.stack([halves(40, 51), torch.zeros(SIZE, SIZE)]))
    assert found.spill < 0.01
    assert found.miss < 0.01


def test_a_color_edge_elsewhere_is_spill_and_the_other_is_missed() -> None:
    found = spill.spill(halves(60, 30), torch.stack([torch.zeros(SIZE, SIZE), halves(-40, 80)]))
    assert found.spilled[:, 78:82].min() > 0.5
    assert found.spilled[:, :60].max() < 1e-5
    assert found.missed[:, 28:32].min() > 0.5
    assert found.missed[:, 60:].max() < 1e-5


def test_colors_that_are_nearly_even_have_no_strong_edges() -> None:
    found = spill.spill(halves(60, 30), torch.stack([halves(0.2, 80), torch.zeros(SIZE, SIZE)]))
    assert found.spilled.max() < 0.2


def test_the_photos_own_colors(opened: Inspection) -> None:
    found = opened.target_spill()
    assert found is not None
    truth = slow(list(opened.target_ab))
    dark = ndimage.maximum_filter(slow([opened.lightness[0, 0]]), 9, mode="nearest")
    np.testing.assert_allclose(found.spilled, np.maximum(0, truth - dark), atol=1e-4)
