"""The experiment on layer sets: its sampling and its scores, on a tiny trunk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from skimage.color import rgb2lab
from torch.nn.functional import interpolate

from benchmarks.layer_sets import at, measure
from visml.insight.sweep import Folder
from visml.models.hypercolumn import Hypercolumn, sets


@pytest.mark.parametrize("side", [2, 4, 16, 32])
def test_maps_are_read_where_scaling_all_of_them_would_put_them(side: int) -> None:
    torch.manual_seed(side)
    maps, pixels = torch.randn(2, 3, side, side), torch.randint(32 * 32, (2, 50))
    whole = interpolate(maps, size=(32, 32), mode="bilinear", align_corners=False).flatten(2)
    expected = torch.stack([whole[each][:, pixels[each]].T for each in range(2)]).flatten(0, 1)
    torch.testing.assert_close(at(maps, pixels, 32), expected, atol=1e-5, rtol=1e-5)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures whose color hangs on their lightness alone."""
    root, random = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)
    for number in range(24):
        gray = np.kron(random.uniform(30, 220, (8, 8)), np.ones((8, 8)))
        rgb = np.stack([gray, 0.7 * gray + 20, 0.4 * gray + 60], axis=2).round().astype(np.uint8)
        Image.fromarray(rgb).save(root / f"{number}.png")
    return root


def test_a_set_that_sees_lightness_reads_a_color_that_hangs_on_it(folder: Path) -> None:
    torch.manual_seed(0)
    model = Hypercolumn("vgg16_bn", "blocks", 1 / 16).eval()
    model.input_size = 64
    chosen = {name: sets("vgg16_bn", 1 / 16)[name] for name in ("blocks", "block5")}
    errors = measure(model, chosen, Folder(folder, 16), Folder(folder))
    everything = np.concatenate(
        [rgb2lab(np.asarray(Image.open(path)))[..., 1:].reshape(-1, 2) for path in folder.iterdir()]
    )
    assert errors[""] == pytest.approx(everything.std(axis=0).__pow__(2).mean() ** 0.5, rel=0.1)
    assert errors["blocks"] < 0.75 * errors[""], "a few maps of random weights see some of it at a pixel"
    assert errors["block5"] > 1.2 * errors["blocks"], "16 pixels in one say less of each"
