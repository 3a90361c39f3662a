"""Maps of distributions and of colors beyond sRGB against slow loops, scikit-image and properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import color

from visml.color import bins
from visml.insight import gamut
from visml.insight.forward import InsightRefused
from visml.inspector import Inspection, Inspector
from visml.models import registry

RNG = np.random.default_rng(7)


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=0))
    return (powers / powers.sum(axis=0)).astype(np.float32)


SHARES = softmax(RNG.normal(size=(313, 4, 5)) * 3)
GRID = {(int(a), int(b)): index for index, (a, b) in enumerate(bins.BINS)}


def slow_modes(shares: np.ndarray) -> int:
    """Of one distribution, as the definition reads."""
    count = 0
    for (a, b), index in GRID.items():
        around = [GRID.get((a + i, b + j)) for i in (-10, 0, 10) for j in (-10, 0, 10) if i or j]
        beaten = any(
            shares[other] > shares[index] or (shares[other] == shares[index] and other < index)
            for other in around
            if other is not None
        )
        count += not beaten and shares[index] > 0.05 * max(shares)
    return count


def test_modes_are_local_maxima() -> None:
    found = gamut.modes(SHARES, bins.BINS)
    for y in range(4):
        for x in range(5):
            assert found[y, x] == slow_modes(SHARES[:, y, x].tolist())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=313, max_size=313))
def test_modes_of_plateaus(levels: list[int]) -> None:
    shares = np.array(levels, dtype=np.float32).reshape(313, 1, 1) + 0.01
    assert gamut.modes(shares, bins.BINS)[0, 0] == slow_modes(shares[:, 0, 0].tolist())


def test_peaks_are_modes_unless_too_faint() -> None:
    one, other = (-((bins.BINS - peak) ** 2).sum(axis=1).reshape(313, 1, 1) / 200 for peak in ([20, 30], [-30, 40]))
    assert gamut.modes(softmax(one), bins.BINS)[0, 0] == 1
    for share, count in [(0.06, 2), (0.04, 1)]:
        assert gamut.modes(softmax(one) + share * softmax(other), bins.BINS)[0, 0] == count


@settings(max_examples=40, deadline=None)
@given(st.sets(st.integers(0, 312)))
def test_mass_of_a_set_and_of_the_rest_is_all(chosen: set[int]) -> None:
    found, rest = gamut.mass(SHARES, chosen), gamut.mass(SHARES, set(range(313)) - chosen)
    np.testing.assert_allclose(found + rest, SHARES.astype(np.float64).sum(axis=0), atol=1e-6)
    slow = sum((SHARES[each].astype(np.float64) for each in chosen), np.zeros((4, 5)))
    np.testing.assert_allclose(found, slow, atol=1e-6)


def test_mass_names_a_bin_once_and_refuses_others() -> None:
    np.testing.assert_array_equal(gamut.mass(SHARES, [3, 3, 9]), gamut.mass(SHARES, {3, 9}))
    with pytest.raises(InsightRefused, match="0 to 312"):
        gamut.mass(SHARES, [313])


def test_margin_is_first_less_second() -> None:
    ordered = np.sort(SHARES, axis=0)
    np.testing.assert_array_equal(gamut.margin(SHARES), ordered[-1] - ordered[-2])


def test_out_of_gamut_is_how_far_clipping_moves() -> None:
    lightness = RNG.uniform(0, 100, (12, 12)).astype(np.float32)
    ab = RNG.uniform(-90, 90, (2, 12, 12)).astype(np.float32)
    found = gamut.out_of_gamut(lightness, ab)
    wanted = np.dstack([lightness, *ab]).astype(np.float64)
    # scikit-image clips to 0..1 as well
    with pytest.warns(UserWarning, match="negative Z") if (lightness / 116 + 16 / 116 < ab[1] / 200).any() else plain():
        shown = color.rgb2lab(color.lab2rgb(wanted))
    np.testing.assert_allclose(found, np.linalg.norm(wanted - shown, axis=2), atol=0.05)
    assert gamut.clipped(found) == pytest.approx((found > 0.5).mean())


class plain:  # noqa: N801
    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


def test_colors_of_srgb_are_not_moved() -> None:
    rgb = RNG.uniform(size=(9, 9, 3))
    lab = color.rgb2lab(rgb).astype(np.float32).transpose(2, 0, 1)
    found = gamut.out_of_gamut(lab[0], lab[1:])
    assert found.max() < 0.02
    assert gamut.clipped(found) == 0


def test_the_inspections_methods(opened: Inspection) -> None:
    shares = opened.distribution()
    np.testing.assert_array_equal(opened.mass([5, 6]), gamut.mass(shares, [5, 6]))
    np.testing.assert_array_equal(opened.margin(), gamut.margin(shares))
    assert opened.modes().min() >= 1
    assert opened.out_of_gamut().shape == (224, 224)


def test_a_model_without_bins_has_a_gamut_alone(astronaut: np.ndarray) -> None:
    opened = Inspector.wrap(registry.build("regression", {"width": 1 / 16}).eval()).open(astronaut)
    assert opened.out_of_gamut().shape == (224, 224)
    for ask in (opened.modes, opened.margin, lambda: opened.mass([1])):
        with pytest.raises(ValueError, match="no distribution"):
            ask()
