"""Targets and the prior against scikit-image and a slow count."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from skimage import data
from skimage.color import rgb2lab

from visml.color import bins
from visml.images.folder import find_pictures
from visml.training import targets

PHOTO = data.coffee()[:64, :96]


def _tensor(rgb: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(rgb.transpose(2, 0, 1).copy())[None]


def test_lightness_is_whole_and_ab_is_one_pixel_of_sixteen() -> None:
    lightness, ab = targets.lightness_and_ab(_tensor(PHOTO))
    expected = rgb2lab(PHOTO.astype(np.float64) / 255)
    np.testing.assert_allclose(lightness[0, 0], expected[..., 0], atol=1e-3)
    np.testing.assert_allclose(ab[0].permute(1, 2, 0), expected[2::4, 2::4, 1:], atol=1e-3)


def test_a_picture_has_color_when_any_sample_of_it_has() -> None:
    ab = torch.zeros(3, 2, 4, 4)
    ab[1, 0, 2, 2] = 5.1
    ab[2, 1, 0, 0] = -5.1
    assert targets.has_color(ab).tolist() == [False, True, True]


def test_the_prior_is_the_share_of_pixels_nearest_to_each_bin(tmp_path: Path) -> None:
    Image.fromarray(PHOTO).save(tmp_path / "one.png")
    Image.fromarray(data.astronaut()[:50, :50]).save(tmp_path / "two.png")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    told: list[int] = []
    prior = targets.measure_prior(find_pictures(tmp_path), told.append)

    counts = np.zeros(313)
    for rgb in (PHOTO, data.astronaut()[:50, :50]):
        for color in rgb2lab(rgb.astype(np.float64) / 255)[4::8, 4::8, 1:].reshape(-1, 2):
            counts[((bins.BINS - color) ** 2).sum(axis=1).argmin()] += 1
    np.testing.assert_allclose(prior.probabilities, counts / counts.sum(), atol=1e-6)
    assert (prior.pictures, prior.pixels, told[-1]) == (2, int(counts.sum()), 3)


def test_a_picture_of_one_pixel_counts_too(tmp_path: Path) -> None:
    Image.fromarray(np.full((1, 1, 3), 128, np.uint8)).save(tmp_path / "dot.png")
    prior = targets.measure_prior(find_pictures(tmp_path))
    assert prior.pixels == 1
    assert bins.BINS[prior.probabilities.argmax()].tolist() == [0, 0]


def test_a_prior_comes_back_from_its_file(tmp_path: Path) -> None:
    probabilities = torch.arange(313) / torch.arange(313).sum()
    targets.Prior(probabilities, 3, 99).save(tmp_path / "prior.json")
    torch.testing.assert_close(targets.load_prior(tmp_path / "prior.json"), probabilities)
    facts = json.loads((tmp_path / "prior.json").read_text())
    assert (facts["schema"], facts["pictures"], facts["pixels"]) == (1, 3, 99)


@pytest.mark.parametrize("content", ["", "[]", '{"probabilities": [1]}', '{"probabilities": "many"}', '{"schema": 1}'])
def test_a_file_that_is_no_prior_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "prior.json"
    path.write_text(content)
    with pytest.raises(targets.PriorRefused, match=r"prior.json"):
        targets.load_prior(path)
