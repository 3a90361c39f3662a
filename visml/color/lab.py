"""RGB <-> CIE Lab on tensors (sRGB, illuminant D65, 2 degree observer, as in scikit-image).

Shapes are ``(N, 3, H, W)`` float32. RGB lies in 0..1; L in 0..100; a and b, for colors of sRGB, within -110..110.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from kornia.color import rgb_to_lab as _rgb_to_lab
from torch import Tensor
from torch.nn.functional import interpolate

from visml.color.precision import exact

RGB_TO_XYZ = np.array(  # linear sRGB -> XYZ, as in scikit-image; white has Y = 1
    [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]
)
WHITE = (0.95047, 1.0, 1.08883)  # XYZ of D65, 2 degree observer
XYZ_TO_RGB = np.linalg.inv(RGB_TO_XYZ) * WHITE  # of XYZ in parts of white
EPSILON, KAPPA = 0.008856, 7.787  # CIE 15: below this part of white a line with this slope replaces the cube root
KNEE = 0.0031308  # IEC 61966-2-1: below this linear value a line replaces the power


@exact
def rgb_to_lab(rgb: Tensor) -> Tensor:
    """Lab of an RGB picture, both ``(N, 3, H, W)`` float32; RGB in 0..1."""
    return _rgb_to_lab(rgb)


@exact
def lab_to_rgb(lab: Tensor) -> Tensor:
    """RGB of a Lab picture, both ``(N, 3, H, W)`` float32; colors outside sRGB are clipped to 0..1 per channel."""
    lightness, a, b = lab.unbind(1)
    y = (lightness + 16) / 116
    f = torch.stack([y + a / 500, y, (y - b / 200).clamp_min(0)], dim=1)
    root = EPSILON ** (1 / 3)
    xyz = f.clamp_min(root) ** 3 + (f - root).clamp_max(0) / KAPPA
    return _encoded(_mixed(xyz, XYZ_TO_RGB)).clamp(0, 1)


@exact
def lightness(rgb: Tensor) -> Tensor:
    """L alone, ``(N, 1, H, W)`` float32 in 0..100, of uint8 RGB ``(N, 3, H, W)``: what the networks see.

    Equals the first channel of :func:`rgb_to_lab`, at a fraction of its cost: 256 values have 256 linear values.
    """
    linear = _linear_table(rgb.device)[rgb.contiguous().long()]
    y = _mixed(linear, RGB_TO_XYZ[1:2])
    return torch.minimum(116 * y.clamp_min(EPSILON) ** (1 / 3) - 16, 116 * KAPPA * y)


def _mixed(channels: Tensor, matrix: npt.NDArray[np.float64]) -> Tensor:
    """Each pixel's channels ``(N, C, H, W)`` times a matrix ``(D, C)``: ``(N, D, H, W)``."""
    number, _, height, width = channels.shape
    return (channels.new_tensor(matrix) @ channels.flatten(2)).view(number, -1, height, width)


def _encoded(linear: Tensor) -> Tensor:
    """sRGB of linear values: of its two branches the least is the one that holds.

    On a processor ``torch.minimum`` takes a thirtieth of the time of ``torch.where``.
    """
    return torch.minimum(1.055 * linear.clamp_min(KNEE) ** (1 / 2.4) - 0.055, 12.92 * linear)


def _linear_table(device: torch.device) -> Tensor:
    value = torch.arange(256, device=device, dtype=torch.float32) / 255
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
