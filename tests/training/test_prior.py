"""The prior and the lightness table against scikit-image and a slow count."""

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
from visml.training import prior

PHOTO = data.coffee()[:64, :96]


def test_the_prior_is_the_share_of_pixels_nearest_to_each_bin(tmp_path: Path) -> None:
    Image.fromarray(PHOTO).save(tmp_path / "one.png")
    Image.fromarray(data.astronaut()[:50, :50]).save(tmp_path / "two.png")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    told: list[int] = []
    measured = prior.measure_prior(find_pictures(tmp_path), told.append)

    counts = np.zeros(313)
    for rgb in (PHOTO, data.astronaut()[:50, :50]):
        for color in rgb2lab(rgb.astype(np.float64) / 255)[4::8, 4::8, 1:].reshape(-1, 2):
            counts[((bins.BINS - color) ** 2).sum(axis=1).argmin()] += 1
    np.testing.assert_allclose(measured.probabilities, counts / counts.sum(), atol=1e-6)
    assert (measured.pictures, measured.pixels, told[-1]) == (2, int(counts.sum()), 3)


def test_a_picture_of_one_pixel_counts_too(tmp_path: Path) -> None:
    Image.fromarray(np.full((1, 1, 3), 128, np.uint8)).save(tmp_path / "dot.png")
    measured = prior.measure_prior(find_pictures(tmp_path))
    assert measured.pixels == 1
    assert bins.BINS[measured.probabilities.argmax()].tolist() == [0, 0]


def test_the_lightness_table_is_the_mean_color_of_each_lightness(tmp_path: Path) -> None:
    Image.fromarray(PHOTO).save(tmp_path / "one.png")
    Image.fromarray(data.astronaut()[:50, :50]).save(tmp_path / "two.png")
    table = prior.measure_prior(find_pictures(tmp_path)).lightness_table
    assert table is not None
    seen: dict[int, list[np.ndarray]] = {}
    for rgb in (PHOTO, data.astronaut()[:50, :50]):
        for color in rgb2lab(rgb.astype(np.float64) / 255)[4::8, 4::8].reshape(-1, 3):
            seen.setdefault(round(color[0]), []).append(color[1:])
    assert 20 < len(seen) < 101
    for lightness in range(101):
        nearest = min(seen, key=lambda there: (abs(there - lightness), there))
        np.testing.assert_allclose(table[lightness], np.mean(seen[nearest], axis=0), atol=2e-3)


def test_without_pictures_there_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"no picture")
    measured = prior.measure_prior(find_pictures(tmp_path))
    assert (measured.pixels, measured.lightness_table) == (0, None)


def test_a_prior_comes_back_from_its_file(tmp_path: Path) -> None:
    probabilities = torch.arange(313) / torch.arange(313).sum()
    prior.Prior(probabilities, 3, 99).save(tmp_path / "prior.json")
    torch.testing.assert_close(prior.load_prior(tmp_path / "prior.json").probabilities, probabilities)
    facts = json.loads((tmp_path / "prior.json").read_text())
    assert (facts["schema"], facts["pictures"], facts["pixels"]) == (1, 3, 99)


def test_a_lightness_table_comes_back_with_it_or_is_none(tmp_path: Path) -> None:
    probabilities, table = torch.full((313,), 1 / 313), torch.rand(101, 2) * 100 - 50
    for given in (table, None):
        prior.Prior(probabilities, 3, 99, given).save(tmp_path / "prior.json")
        read = prior.load_prior(tmp_path / "prior.json")
        assert (read.pictures, read.pixels) == (3, 99)
        if given is None:
            assert read.lightness_table is None
        else:
            torch.testing.assert_close(read.lightness_table, given, atol=1e-4, rtol=0)


@pytest.mark.parametrize("table", [[], [[1, 2]] * 100, [[1, 2, 3]] * 101, [1] * 101, [[1, 999]] * 101, "table", {}])
def test_a_lightness_table_that_is_none_is_refused(tmp_path: Path, table: object) -> None:
    path = tmp_path / "prior.json"
    path.write_text(json.dumps({"probabilities": [1 / 313] * 313, "lightness_table": table}))
    with pytest.raises(prior.PriorRefused, match=r"prior.json"):
        prior.load_prior(path)


@pytest.mark.parametrize("content", ["", "[]", '{"probabilities": [1]}', '{"probabilities": "many"}', '{"schema": 1}'])
def test_a_file_that_is_no_prior_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "prior.json"
    path.write_text(content)
    with pytest.raises(prior.PriorRefused, match=r"prior.json"):
        prior.load_prior(path)
