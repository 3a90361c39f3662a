from __future__ import annotations

import numpy as np
import pytest
import torch

from visml.color.bins import BINS
from visml.evaluation import baselines
from visml.evaluation.photos import Photos, scorable
from visml.evaluation.reading import Read

LIGHTNESS = torch.rand(2, 1, 6, 5) * 100


def photos(*names: str) -> Photos:
    """Flat photos, each of its own color, named by one letter."""
    rgb = [np.full((4, 4, 3), (40, 90, 2 * ord(name)), dtype=np.uint8) for name in names]
    found = scorable([Read(name, None, "", each) for name, each in zip(names, rgb, strict=True)])
    assert found is not None
    return found


def test_gray_has_no_color() -> None:
    painted = baselines.gray()(LIGHTNESS)
    assert painted.shape == (2, 2, 6, 5)
    assert painted.abs().max() == 0


def test_training_mean_is_the_mean_color_of_the_prior() -> None:
    prior = np.zeros(len(BINS))
    first, second = (next(i for i, center in enumerate(BINS.tolist()) if center == ab) for ab in ([10, 20], [-30, 0]))
    prior[first], prior[second] = 0.75, 0.25
    painted = baselines.training_mean(prior)(LIGHTNESS)
    assert painted.shape == (2, 2, 6, 5)
    assert painted[:, 0].unique().tolist() == pytest.approx([0.75 * 10 + 0.25 * -30])
    assert painted[:, 1].unique().tolist() == pytest.approx([0.75 * 20])


def test_the_lightness_table_gives_each_lightness_its_own_color() -> None:
    table = np.random.default_rng(0).uniform(-40, 40, (101, 2))
    lightness = torch.tensor([0.0, 0.4, 49.6, 50.4, 99.7, 100.0]).view(1, 1, 2, 3)
    painted = baselines.lightness_table(table)(lightness)
    assert painted.shape == (1, 2, 2, 3)
    expected = table[[0, 0, 50, 50, 100, 100]].astype(np.float32)
    np.testing.assert_array_equal(painted[0].flatten(1).T.numpy(), expected)


def test_baselines_that_need_a_training_set_are_there_with_it() -> None:
    prior = np.full(313, 1 / 313)
    assert list(baselines.painters(None)) == ["gray"]
    known = baselines.TrainingColors("some", 9, 99, prior)
    assert list(baselines.painters(known)) == ["gray", "training_mean"]
    known = baselines.TrainingColors("some", 9, 99, prior, np.zeros((101, 2)))
    assert list(baselines.painters(known)) == ["gray", "training_mean", "lightness_table"]


@pytest.mark.parametrize("batches", [["abcde"], ["a", "bc", "d", "e"], ["ab", "cde"]])
def test_every_picture_takes_the_colors_of_the_one_before(batches: list[str]) -> None:
    whole = photos(*"abcde")
    colors = {read.name: ab for read, ab in zip(whole.reads, whole.ab, strict=True)}
    random, given = baselines.RandomPictures(), {}
    steps = [random.paint(photos(*batch)) for batch in batches]
    for ready, ab in [*steps, random.finish()]:
        given |= {read.name: each for read, each in zip(ready.reads, ab, strict=True)}
    assert sorted(given) == list("abcde")
    for name, source in zip("abcde", "eabcd", strict=True):
        torch.testing.assert_close(given[name], colors[source])


def test_without_pictures_there_is_nothing_to_take() -> None:
    with pytest.raises(ValueError, match="no picture"):
        baselines.RandomPictures().finish()
