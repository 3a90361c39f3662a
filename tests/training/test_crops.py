"""Training crops: where they come from, that a seed decides them, and how pictures are divided."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from skimage import data

from tests.training import pictures
from visml.images.folder import FolderRefused, Picture
from visml.training import crops
from visml.training.recipe import Data

PHOTO = data.astronaut()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pictures.write(tmp_path_factory.mktemp("pictures"))


def test_pictures_are_divided_by_content_and_know_their_category(folder: Path) -> None:
    split = crops.split(folder, 0.3)
    assert len(split.training) + len(split.validation) == 48
    assert split.categories == ("cats", "people/astronaut")
    assert not set(split.training) & set(split.validation)


def test_equal_pictures_fall_on_the_same_side_whatever_their_name(folder: Path, tmp_path: Path) -> None:
    twice = tmp_path / "twice"
    shutil.copytree(folder, twice / "one")
    shutil.copytree(folder, twice / "renamed")
    split = crops.split(twice, 0.3)
    held_back = {picture.path.read_bytes() for picture in split.validation}
    assert not any(picture.path.read_bytes() in held_back for picture in split.training)


def test_a_folder_too_small_or_empty_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(FolderRefused):
        crops.split(tmp_path, 0.3)
    shutil.copy(folder / "cats" / "01.png", tmp_path)
    with pytest.raises(crops.DataRefused, match="too few pictures"):
        crops.split(tmp_path, 0.3)


def test_a_cut_of_the_crops_own_size_is_pixels_of_the_photo() -> None:
    settings = Data(crop=64, crop_from=[64, 64], mirror=False)
    cut = crops.cut(PHOTO, settings, np.random.default_rng(5))
    windows = np.lib.stride_tricks.sliding_window_view(PHOTO, (64, 64, 3))[:, :, 0]
    rows = np.lib.stride_tricks.sliding_window_view(PHOTO, (1, 64, 3))[:, :, 0, 0]
    starts = np.argwhere((rows == cut[0]).all(axis=(2, 3)))
    assert sum(bool((windows[top, left] == cut).all()) for top, left in starts if top <= len(PHOTO) - 64) == 1


def test_half_of_the_cuts_are_mirrored() -> None:
    ramp = np.broadcast_to(np.arange(64, dtype=np.uint8)[None, :, None], (64, 64, 3)).copy()
    settings = Data(crop=64, crop_from=[64, 64])
    cuts = [crops.cut(ramp, settings, np.random.default_rng(seed)) for seed in range(200)]
    mirrored = sum(int(cut[0, 0, 0] > cut[0, -1, 0]) for cut in cuts)
    assert 70 < mirrored < 130


def test_cuts_are_taken_at_every_size_between_the_shortest_and_the_longest() -> None:
    ramp = np.broadcast_to(np.arange(200, dtype=np.uint8)[None, :, None], (200, 200, 3)).copy()
    settings = Data(crop=64, crop_from=[20, 40], mirror=False)
    cuts = [crops.cut(ramp, settings, np.random.default_rng(seed)) for seed in range(400)]
    spans = [int(cut[0, -1, 0]) - int(cut[0, 0, 0]) for cut in cuts]  # a cut of side s spans s - 1 values
    assert min(spans) in (18, 19, 20)
    assert max(spans) in (38, 39, 40)


def test_a_crop_is_decided_by_seed_epoch_and_picture_alone(folder: Path) -> None:
    split = crops.split(folder, 0.3)
    settings = Data(crop=16, crop_from=[16, 40])

    def crop(seed: int, epoch: int, index: int) -> bytes:
        item = crops.Crops(split.training, split.categories, settings, seed, epoch)[index]
        assert not isinstance(item, crops.Passed)
        return item[0].numpy().tobytes()

    assert crop(0, 0, 3) == crop(0, 0, 3)
    assert len({crop(0, 0, 3), crop(1, 0, 3), crop(0, 1, 3), crop(0, 0, 4)}) == 4


def test_pictures_that_cannot_be_opened_are_left_out_and_counted(folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes((folder / "cats" / "01.png").read_bytes()[:200])
    good = Picture(folder / "cats" / "01.png", "cats")
    pictures = (good, Picture(broken, None), Picture(tmp_path / "absent.png", None))
    dataset = crops.Crops(pictures, ("cats",), Data(crop=16, crop_from=[16, 40]), 0, 0)
    batch = crops.collate([dataset[index] for index in range(3)])
    assert (batch.rgb.shape, batch.category.tolist(), batch.unreadable) == ((1, 3, 16, 16), [0], 2)


def test_pictures_smaller_than_the_shortest_crop_are_left_out_and_counted(folder: Path) -> None:
    pictures = (Picture(folder / "cats" / "01.png", "cats"),) * 2
    batches = []
    for shortest in (48, 49):  # the pictures have 48 pixels
        dataset = crops.Crops(pictures, ("cats",), Data(crop=16, crop_from=[shortest, 60]), 0, 0)
        batches.append(crops.collate([dataset[index] for index in range(2)]))
    assert [(len(batch.rgb), batch.small) for batch in batches] == [(2, 0), (0, 2)]


def test_only_the_asked_categories_are_kept_with_what_is_below_them(folder: Path) -> None:
    assert crops.split(folder, 0.3, ["people"]).categories == ("people/astronaut",)
    assert crops.split(folder, 0.3, ["people/astronaut", "cats"]).categories == ("cats", "people/astronaut")
    with pytest.raises(crops.DataRefused, match="no pictures of the category 'peop'"):
        crops.split(folder, 0.3, ["peop"])
