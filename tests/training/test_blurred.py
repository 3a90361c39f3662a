"""The residual encoder's loss against SciPy's filters in float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.ndimage import convolve1d
from skimage import data

from visml.color import bins, yuv
from visml.models.residual_encoder import ResidualEncoder
from visml.models.zhang16 import Zhang16
from visml.training import objectives
from visml.training.crops import Batch
from visml.training.objectives.blurred import BlurredL2, blur
from visml.training.tables import RecipeRefused

ROWS = {"uv": [1.0], "uv_blurred_3": [0.25, 0.5, 0.25], "uv_blurred_5": [0.0625, 0.25, 0.375, 0.25, 0.0625]}
CUTS = np.stack([data.coffee()[100:132, 200:232], data.astronaut()[:32, :32]])


class Fixed(torch.nn.Module):
    """A network that always says the same."""

    def __init__(self, uv: torch.Tensor) -> None:
        super().__init__()
        self.uv = uv

    def chroma(self, lightness: torch.Tensor) -> torch.Tensor:
        assert lightness.shape == (len(self.uv), 1, 32, 32)
        return self.uv


def _losses(cuts: np.ndarray, uv: torch.Tensor) -> dict[str, float]:
    objective = objectives.build("blurred_l2", BlurredL2.Settings(), ResidualEncoder(1 / 64), *_prior())
    batch = Batch(torch.from_numpy(cuts.transpose(0, 3, 1, 2).copy()), torch.full((len(cuts),), -1))
    return {name: loss.item() for name, loss in objective(Fixed(uv), batch).items()}


def _prior() -> tuple[torch.Tensor, torch.Tensor]:
    return torch.full((313,), 1 / 313), bins.centers()


def _true(cut: np.ndarray) -> np.ndarray:
    """Pillow's U and V in 0..1, of 8 bits; good to half a step."""
    coded = np.asarray(Image.fromarray(cut).convert("YCbCr"), dtype=np.float64)
    return (coded[..., 1:] - 0.5) / 255


def test_the_terms_are_a_third_of_each_error() -> None:
    uv = torch.rand(2, 2, 32, 32, generator=torch.Generator().manual_seed(0))
    losses = _losses(CUTS, uv)
    assert list(losses) == list(ROWS)
    for name, row in ROWS.items():
        error = np.stack([uv[i].double().permute(1, 2, 0).numpy() - _true(cut) for i, cut in enumerate(CUTS)])
        blurred = convolve1d(convolve1d(error, row, axis=1, mode="mirror"), row, axis=2, mode="mirror")
        assert losses[name] == pytest.approx((blurred**2).mean() / 3, rel=5e-3)


def test_blurring_is_scipys() -> None:
    maps = torch.randn(1, 3, 9, 12, dtype=torch.float64)
    for side, row in ((3, ROWS["uv_blurred_3"]), (5, ROWS["uv_blurred_5"])):
        theirs = convolve1d(convolve1d(maps.numpy(), row, axis=2, mode="mirror"), row, axis=3, mode="mirror")
        np.testing.assert_allclose(blur(maps, side).numpy(), theirs, atol=1e-12)


def test_the_truth_costs_nothing_and_gray_pictures_count_nothing() -> None:
    rgb = torch.from_numpy(CUTS.transpose(0, 3, 1, 2).copy()).float() / 255
    assert max(_losses(CUTS, yuv.chroma(rgb)).values()) < 1e-12
    wrong = torch.full((2, 2, 32, 32), 0.9)
    alone = _losses(CUTS[:1], wrong[:1])
    gray = CUTS.copy()
    gray[1] = data.camera()[:32, :32, None]
    assert _losses(gray, wrong) == pytest.approx({name: loss / 2 for name, loss in alone.items()})


def test_a_color_a_pixel_beside_costs_less_blurred() -> None:
    edge = np.zeros((1, 32, 32, 3), np.uint8)
    edge[:, :, :16], edge[:, :, 16:] = (200, 60, 50), (90, 160, 230)
    uv = yuv.chroma(torch.from_numpy(np.roll(edge, 1, axis=2).transpose(0, 3, 1, 2).copy()).float() / 255)
    sharp, by_three, by_five = _losses(edge, uv).values()
    assert sharp > 1.5 * by_three > 1.5 * by_five


def test_a_network_without_chroma_is_refused() -> None:
    with pytest.raises(RecipeRefused, match="zhang16"):
        objectives.build("blurred_l2", BlurredL2.Settings(), Zhang16(1 / 64), *_prior())
