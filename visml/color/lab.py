"""RGB <-> CIE Lab on tensors (sRGB, illuminant D65, 2 degree observer, as in scikit-image).

Shapes are ``(N, 3, H, W)`` float32. RGB lies in 0..1; L in 0..100; a and b, for colors of sRGB, within -110..110.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from kornia.color import lab_to_rgb as _lab_to_rgb
from kornia.color import rgb_to_lab as _rgb_to_lab
from torch import Tensor
from torch.nn.functional import interpolate

from visml.color.precision import exact

WHITE_Y = (0.212671, 0.715160, 0.072169)  # the Y row of sRGB -> XYZ; white has Y = 1
EPSILON, KAPPA = 0.008856, 7.787  # CIE 15: below this part of white a line with this slope replaces the cube root


@exact
def rgb_to_lab(rgb: Tensor) -> Tensor:
    """Lab of an RGB picture, both ``(N, 3, H, W)`` float32; RGB in 0..1."""
    return _rgb_to_lab(rgb)


@exact
def lab_to_rgb(lab: Tensor) -> Tensor:
    """RGB of a Lab picture, both ``(N, 3, H, W)`` float32; colors outside sRGB are clipped to 0..1 per channel."""
    return _lab_to_rgb(lab, clip=True)


@exact
def lightness(rgb: Tensor) -> Tensor:
    """L alone, ``(N, 1, H, W)`` float32 in 0..100, of uint8 RGB ``(N, 3, H, W)``: what the networks see.

    Equals the first channel of :func:`rgb_to_lab`, at a fraction of its cost: 256 values have 256 linear values.
    """
    linear = linear_table().to(rgb.device)[rgb.contiguous().long()]
    y = torch.einsum("nchw,c->nhw", linear, linear.new_tensor(WHITE_Y)).unsqueeze(1)
    return torch.where(y > EPSILON, 116 * y.clamp_min(EPSILON) ** (1 / 3) - 16, 116 * KAPPA * y)


def linear_table() -> Tensor:
    """The linear value, ``(256,)`` float32 in 0..1, of each value of sRGB (IEC 61966-2-1)."""
    value = torch.arange(256, dtype=torch.float32) / 255
    return torch.where(value > 0.04045, ((value + 0.055) / 1.055) ** 2.4, value / 12.92)


def from_uint8(rgb: npt.NDArray[np.uint8]) -> Tensor:
    """``(1, 3, H, W)`` float32 in 0..1 of an ``(H, W, 3)`` uint8 picture."""
    pixels = torch.from_numpy(np.array(rgb, order="C"))
    return pixels.permute(2, 0, 1).unsqueeze(0).float() / 255


def to_uint8(rgb: Tensor) -> npt.NDArray[np.uint8]:
    """``(H, W, 3)`` uint8 of an RGB tensor ``(1, 3, H, W)`` or ``(3, H, W)`` in 0..1, rounded to nearest."""
    picture = rgb[0] if rgb.dim() == 4 else rgb
    result: npt.NDArray[np.uint8] = (picture.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).cpu().numpy()
    return result


def upsample(ab: Tensor, size: tuple[int, int]) -> Tensor:
    """``ab`` ``(N, 2, h, w)`` at ``size`` ``(H, W)``: bilinear between pixel centers, edges repeated."""
    return interpolate(ab, size=size, mode="bilinear", align_corners=False)
