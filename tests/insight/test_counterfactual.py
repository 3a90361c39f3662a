"""Edits of lightness against slow computations in float64, their text, and the network's answer to them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.families import TINY
from visml.color import lab
from visml.images.decode import squash
from visml.insight import counterfactual
from visml.insight.counterfactual import Blur, Curve, Disc, Invert, Paint, Paste
from visml.insight.forward import InsightRefused
from visml.insight.region import Region
from visml.inspector import Inspection, Inspector
from visml.inspector.looking import pixels_of
from visml.inspector.painting import paint
from visml.models import registry

SIZE = 24
LEVELS = st.floats(0, 100, width=32)


@dataclass(frozen=True)
class Other:
    lightness: np.ndarray


@pytest.fixture
def plane() -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 100, (SIZE, SIZE)).astype(np.float32)


def test_inverting_twice_changes_nothing(plane: np.ndarray) -> None:
    once = Invert().of(plane)
    np.testing.assert_allclose(once, 100 - plane.astype(np.float64), atol=1e-5)
    np.testing.assert_allclose(Invert().of(once), plane, atol=1e-5)


@pytest.mark.parametrize("sigma", [0.5, 2.0, 7.3])
def test_a_blur_is_the_sum_of_its_weights(plane: np.ndarray, sigma: float) -> None:
    reach = int(4 * sigma + 0.5)
    weights = np.array([math.exp(-(k**2) / (2 * sigma**2)) for k in range(-reach, reach + 1)])
    weights /= weights.sum()
    wanted = np.zeros((SIZE, SIZE))
    for y, x in np.ndindex(SIZE, SIZE):
        rows = np.clip(np.arange(y - reach, y + reach + 1), 0, SIZE - 1)
        columns = np.clip(np.arange(x - reach, x + reach + 1), 0, SIZE - 1)
        wanted[y, x] = weights @ plane[np.ix_(rows, columns)].astype(np.float64) @ weights
    np.testing.assert_allclose(Blur(sigma).of(plane), wanted, atol=2e-4)


@given(
    st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), min_size=2, max_size=16, unique_by=lambda at: at[0]),
    LEVELS,
)
def test_a_curve_is_straight_between_its_points(points: list[tuple[int, int]], level: float) -> None:
    points.sort()
    found = float(Curve(tuple(points)).of(np.array([[level]], np.float32))[0, 0])
    assert found == pytest.approx(straight(points, level), abs=1e-4)


def straight(points: list[tuple[int, int]], level: float) -> float:
    if level <= points[0][0]:
        return points[0][1]
    for (x, y), (right, top) in pairwise(points):
        if level <= right:
            return y + (level - x) / (right - x) * (top - y)
    return points[-1][1]


@given(LEVELS, st.floats(0, 5))
def test_contrast_turns_about_the_middle(level: float, factor: float) -> None:
    found = float(Curve.contrast(factor).of(np.array([[level]], np.float32))[0, 0])
    assert found == pytest.approx(min(100, max(0, 50 + factor * (level - 50))), abs=1e-3)


def test_gamma_goes_through_its_five_points() -> None:
    assert Curve.gamma(2).points == ((0, 0), (25, 6.25), (50, 25), (75, 56.25), (100, 100))
    assert Curve.gamma(0.5).points[2] == (50, pytest.approx(70.710678))


def test_painting_changes_the_shape_alone(plane: np.ndarray) -> None:
    painted = Paint(Region(3, 5, 9, 7), 70).of(plane)
    assert (painted[5:7, 3:9] == 70).all()
    assert (painted != plane).sum() == 12
    disc = Paint(Disc(4, 20, 6), 10).of(plane)
    for y, x in np.ndindex(SIZE, SIZE):
        inside = (x - 4) ** 2 + (y - 20) ** 2 <= 36
        assert disc[y, x] == (10 if inside else plane[y, x])


def test_pasting_takes_the_other_photos_rectangle(plane: np.ndarray) -> None:
    other = Other(np.random.default_rng(1).uniform(0, 100, (1, 1, SIZE, SIZE)).astype(np.float32))
    same = Paste(other, Region(2, 3, 10, 8)).of(plane)
    np.testing.assert_array_equal(same[3:8, 2:10], other.lightness[0, 0, 3:8, 2:10])
    moved = Paste(other, Region(2, 3, 10, 8), source=(14, 19)).of(plane)
    np.testing.assert_array_equal(moved[3:8, 2:10], other.lightness[0, 0, 19:24, 14:22])
    moved[3:8, 2:10] = plane[3:8, 2:10]
    np.testing.assert_array_equal(moved, plane)


def test_edits_follow_one_another(plane: np.ndarray) -> None:
    photo = plane[None, None]
    both = counterfactual.apply(photo, [Paint(Region(0, 0, 4, 4), 80), Invert()])
    np.testing.assert_allclose(both[0, 0, :4, :4], 20)
    other = counterfactual.apply(photo, [Invert(), Paint(Region(0, 0, 4, 4), 80)])
    np.testing.assert_allclose(other[0, 0, :4, :4], 80)
    assert both.dtype == np.float32
    assert counterfactual.apply(photo, []) is photo


def test_the_text_of_every_edit() -> None:
    text = (
        "curve:0-0_50-70.5_100-100;gamma:2;contrast:1.5;blur:2.5;invert;paint:12,20,60,80@70;disc:5,6,7@8;"
        "paste:a%3Bb%40c@1,2,3,4;paste:coffee@1,2,3,4@5,6"
    )
    other = Other(np.zeros((1, 1, 4, 4)))
    asked: list[str] = []
    edits = counterfactual.parse(text, lambda name: asked.append(name) or other)
    assert edits == (
        Curve(((0, 0), (50, 70.5), (100, 100))),
        Curve.gamma(2),
        Curve.contrast(1.5),
        Blur(2.5),
        Invert(),
        Paint(Region(12, 20, 60, 80), 70),
        Paint(Disc(5, 6, 7), 8),
        Paste(other, Region(1, 2, 3, 4)),
        Paste(other, Region(1, 2, 3, 4), (5, 6)),
    )
    assert asked == ["a;b@c", "coffee"]
    assert counterfactual.parse("") == ()


@pytest.mark.parametrize(
    "text",
    [
        "sharpen", "invert;", ";invert", "invert:1", "blur:", "blur:-1", "blur:0", "blur:33", "blur:1e1", "blur:nan",
        "blur:\u0662", "curve:0-0", "curve:0-0_0-5", "curve:50-0_20-5", "curve:0-0_100-101", "curve:0-0_100--1",
        "gamma:0", "contrast:11", "paint:1,2,3,4", "paint:1,2,3,4@101", "paint:1,2@50", "disc:1,2@50", "paste:@1,2,3,4",
        "paste:coffee@1,2,3",
        "paste:coffee@1,2,3,4", "invert\n", ";".join(["invert"] * 33), "curve:" + "_".join(f"{x}-1" for x in range(17)),
    ],
)  # fmt: skip
def test_nonsense_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(InsightRefused) as refusal:
        counterfactual.parse(text)
    assert str(refusal.value).endswith(".")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "edit",
    [
        Paint(Region(0, 0, 25, 4), 5),
        Paint(Region(4, 4, 4, 5), 5),
        Paint(Disc(24, 0, 3), 5),
        Paste(Other(np.zeros((1, 1, SIZE, SIZE), np.float32)), Region(0, 0, 9, 9), (16, 0)),
        Paste(Other(np.zeros((1, 1, 9, 9), np.float32)), Region(0, 0, 4, 4)),
    ],
)
def test_places_outside_are_refused(plane: np.ndarray, edit: counterfactual.LightnessEdit) -> None:
    with pytest.raises(InsightRefused):
        counterfactual.apply(plane[None, None], [edit])


@given(LEVELS)
def test_a_gray_has_the_nearest_lightness(level: float) -> None:
    made = counterfactual.gray(np.full((1, 1, 1, 1), level, np.float32))
    assert made.shape == (1, 1, 3)
    assert len(set(made.flatten().tolist())) == 1
    levels = lab.lightness(torch.arange(256, dtype=torch.uint8).expand(1, 3, 1, 256)).flatten().double().numpy()
    off = np.abs(levels - level)
    assert off[made[0, 0, 0]] == pytest.approx(off.min(), abs=1e-4)
    assert off.min() <= 0.26


def test_the_output_is_the_networks_for_that_lightness(opened: Inspection, inspector: Inspector) -> None:
    changed = opened.what_if([Paint(Region(10, 20, 90, 120), 85), Blur(1.5)])
    lightness = Blur(1.5).of(Paint(Region(10, 20, 90, 120), 85).of(opened.lightness[0, 0])).clip(0, 100)
    wanted = inspector.subject.forward(torch.tensor(lightness[None, None]))
    np.testing.assert_allclose(changed.output, wanted[0].numpy(), atol=1e-5)
    np.testing.assert_array_equal(changed.squashed, counterfactual.gray(lightness[None, None]))
    np.testing.assert_allclose(lab.lightness(pixels_of(changed.squashed))[0, 0].numpy(), lightness, atol=0.26)
    np.testing.assert_array_equal(changed.painted(), paint(changed.squashed, torch.tensor(changed.ab()[None])))


def test_on_its_own_lightness_only_the_color_differs(opened: Inspection) -> None:
    changed = opened.what_if("invert", own_lightness=True)
    np.testing.assert_array_equal(changed.squashed, opened.squashed)
    assert not np.array_equal(changed.painted(), opened.painted())


def test_no_edit_gives_the_photos_own_output(opened: Inspection) -> None:
    changed = opened.what_if("")
    np.testing.assert_array_equal(changed.output, opened.trace.output)
    np.testing.assert_array_equal(changed.painted(), opened.painted())
    assert changed.shift() == (0, 0)


def test_pasting_a_whole_opened_photo_gives_that_photos_output(opened: Inspection, inspector: Inspector) -> None:
    other = inspector.open(np.random.default_rng(2).integers(0, 255, (50, 60, 3), dtype=np.uint8))
    changed = opened.what_if([Paste(other, Region.whole(224))])
    np.testing.assert_array_equal(changed.output, other.trace.output)


@pytest.mark.parametrize("family", TINY)
def test_every_family(family: str, astronaut: np.ndarray) -> None:
    torch.manual_seed(1)
    inspector = Inspector.wrap(registry.build(TINY[family].family, TINY[family].arguments).eval())
    opened = inspector.open(astronaut)
    changed = opened.what_if("invert;blur:1")
    size = opened.trace.facts.size
    lightness = lab.lightness(pixels_of(squash(astronaut, size)))[0, 0].numpy()
    wanted = inspector.subject.forward(torch.tensor(Blur(1).of(100 - lightness)[None, None]))
    np.testing.assert_allclose(changed.output, wanted[0].numpy(), rtol=1e-4, atol=1e-4)
    assert changed.painted().shape == (size, size, 3)
