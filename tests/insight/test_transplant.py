"""Features from a donor photo: where they stand, by slow loops, and what the network makes of them."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from tests.families import TINY
from visml.insight import transplant
from visml.insight.forward import InsightRefused
from visml.insight.region import Region
from visml.inspector import Inspection, Inspector
from visml.models import registry

SIZE = 24


@pytest.fixture(scope="module")
def donor(inspector: Inspector) -> Inspection:
    return inspector.open(np.random.default_rng(3).integers(0, 255, (80, 60, 3), dtype=np.uint8))


REGIONS = st.tuples(*[st.integers(0, SIZE)] * 4).map(
    lambda at: Region(min(at[0], at[2]), min(at[1], at[3]), max(at[0], at[2]) + 1, max(at[1], at[3]) + 1)
)


@settings(deadline=None)
@given(REGIONS.filter(lambda it: it.right <= SIZE and it.bottom <= SIZE), st.sampled_from([1, 3, 5, 7, 12, 24]))
def test_shares_are_the_cells_areas(region: Region, cells: int) -> None:
    found = transplant.shares(region, SIZE, cells, cells).numpy()
    fine = np.kron(region.mask(SIZE).astype(np.float64), np.ones((cells, cells)))  # a pixel is cells x cells parts
    side = SIZE
    wanted = fine.reshape(cells, side, cells, side).mean(axis=(1, 3))
    np.testing.assert_allclose(found, wanted, atol=1e-7)


@given(st.integers(-SIZE, SIZE), st.integers(-SIZE, SIZE), st.integers(1, 9), st.integers(1, 9))
def test_maps_move_by_whole_cells(x: int, y: int, height: int, width: int) -> None:
    maps = torch.arange(2.0 * height * width).reshape(1, 2, height, width)
    found = transplant.moved(maps, x, y, SIZE)
    for row, column in np.ndindex(height, width):
        from_row = min(height - 1, max(0, row + math.floor(y * height / SIZE + 0.5)))
        from_column = min(width - 1, max(0, column + math.floor(x * width / SIZE + 0.5)))
        assert torch.equal(found[..., row, column], maps[..., from_row, from_column])


def test_a_donor_in_the_whole_photo_gives_the_donors_output(opened: Inspection, donor: Inspection) -> None:
    for layer in opened.layers:
        changed = opened.transplant(layer.name, donor)
        np.testing.assert_allclose(changed.output, donor.trace.output, rtol=1e-4, atol=1e-4)


def test_a_photo_is_its_own_donor_without_a_trace(opened: Inspection) -> None:
    changed = opened.transplant("conv4", opened, Region(31, 17, 99, 151))
    np.testing.assert_allclose(changed.output, opened.trace.output, rtol=1e-4, atol=1e-4)


def test_features_stand_in_the_region_and_come_from_the_donors(opened: Inspection, donor: Inspection) -> None:
    changed = opened.transplant("conv5", donor, Region(30, 40, 100, 90), Region(62, 20, 132, 70))
    own, given_maps = opened["conv5"].maps.astype(np.float64), donor["conv5"].maps
    mixed = own.copy()
    for row, column in np.ndindex(28, 28):
        across = max(0, min(100, 8 * column + 8) - max(30, 8 * column)) / 8
        down = max(0, min(90, 8 * row + 8) - max(40, 8 * row)) / 8
        there = given_maps[:, max(0, row - 2), min(27, column + 4)]  # 2.5 cells up, 4 to the right
        mixed[:, row, column] += across * down * (there - own[:, row, column])
    with opened.forward() as forward, torch.inference_mode():
        wanted = forward.resume("conv5", torch.tensor(mixed[None], dtype=torch.float32))
    np.testing.assert_allclose(changed.output, wanted[0].numpy(), rtol=1e-4, atol=1e-4)


def test_at_the_output_the_region_is_the_donors(opened: Inspection, donor: Inspection) -> None:
    changed = opened.transplant("bins", donor, Region(40, 40, 80, 80))
    wanted = opened.trace.output.copy()
    wanted[:, 10:20, 10:20] = donor.trace.output[:, 10:20, 10:20]
    np.testing.assert_array_equal(changed.output, wanted)


@pytest.mark.parametrize("family", TINY)
def test_every_family(family: str, astronaut: np.ndarray) -> None:
    torch.manual_seed(1)
    inspector = Inspector.wrap(registry.build(TINY[family].family, TINY[family].arguments).eval())
    opened, donor = inspector.open(astronaut), inspector.open(astronaut[::-1, ::-1].copy())
    size = opened.trace.facts.size
    for layer in (opened.layers[0].name, opened.layers[-1].name):
        changed = opened.transplant(layer, donor, Region(0, 0, size, size // 2))
        assert changed.output.shape == opened.trace.output.shape
        assert np.isfinite(changed.output).all()
        assert not np.array_equal(changed.output, opened.trace.output)


def test_a_donor_of_another_network_is_refused(opened: Inspection, astronaut: np.ndarray) -> None:
    torch.manual_seed(2)
    others = [Inspector.wrap(nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Conv2d(4, 2, 1))) for _ in range(2)]
    one, other = (inspector.open(astronaut) for inspector in others)
    for own, donor in [(opened, one), (one, opened), (one, other)]:
        with pytest.raises(InsightRefused, match=r"^The donor must be opened in the same network as the photo\.$"):
            own.transplant(own.layers[0].name, donor)


@pytest.mark.parametrize(
    ("layer", "region", "source"),
    [
        ("conv9", None, None),
        ("conv4", Region(0, 0, 300, 3), None),
        ("conv4", Region(5, 5, 5, 9), None),
        ("conv4", Region(0, 0, 20, 20), Region(0, 0, 20, 21)),
        ("conv4", Region(0, 0, 20, 20), Region(210, 0, 230, 20)),
        ("conv4", None, Region(0, 0, 20, 20)),
    ],
)
def test_what_is_not_there_is_refused(
    opened: Inspection, donor: Inspection, layer: str, region: Region | None, source: Region | None
) -> None:
    with pytest.raises(InsightRefused):
        opened.transplant(layer, donor, region, source)


def test_the_way_toward_the_donors_color() -> None:
    assert transplant.toward((0, 0), (10, 0), (5, 30)) == 0.5
    assert transplant.toward((2, 3), (-8, 13), (-8, 13)) == pytest.approx(1)
    assert transplant.toward((2, 3), (-8, 13), (3, 2)) == pytest.approx(-0.1)
    assert transplant.toward((2, 3), (2.5, 3.5), (8, 8)) is None
