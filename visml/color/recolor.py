"""A photo's own lightness under other colors, in numpy: what photos of any size are painted with.

It says what :mod:`visml.color.lab` says. PyTorch shares every step out to all cores and waits for the last of them,
which for steps as short as these takes as long as the work; numpy leaves a core to itself, so that each may have a part
of the photo: 12 megapixels take half the time.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from visml.color.lab import EPSILON, KAPPA, WHITE_Y, linear_table

Plane = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]

RGB_TO_XYZ = np.array([[0.412453, 0.357580, 0.180423], WHITE_Y, [0.019334, 0.119193, 0.950227]])  # as in scikit-image
WHITE = (0.95047, 1.0, 1.08883)  # XYZ of D65, 2 degree observer
XYZ_TO_RGB = (np.linalg.inv(RGB_TO_XYZ) * WHITE).tolist()  # of XYZ in parts of white
ROOT = EPSILON ** (1 / 3)  # below it a line replaces the cube
KNEE = 0.0031308  # IEC 61966-2-1: below this linear value a line replaces the power


def recolored(rgb: Pixels, ab: Plane) -> Pixels:
    """A picture with other a and b, clipped to sRGB per channel.

    Args:
        rgb: ``(H, W, 3)`` uint8, whose L stays.
        ab: ``(2, H, W)`` float32, units of Lab.

    Returns:
        ``(H, W, 3)`` uint8, rounded to nearest.
    """
    root = _root(_luminance(rgb))
    x, y, z = (_cube(each) for each in (root + ab[0] / 500, root, np.maximum(root - ab[1] / 200, 0)))
    painted = np.empty(rgb.shape, dtype=np.uint8)
    for channel, (of_x, of_y, of_z) in enumerate(XYZ_TO_RGB):
        painted[..., channel] = _byte(of_x * x + of_y * y + of_z * z)
    return painted


def _luminance(rgb: Pixels) -> Plane:
    red, green, blue = _tables()
    return red[rgb[..., 0]] + green[rgb[..., 1]] + blue[rgb[..., 2]]


@cache
def _tables() -> tuple[Plane, ...]:
    linear = linear_table().numpy()
    return tuple(linear * np.float32(part) for part in WHITE_Y)


def _root(part: Plane) -> Plane:
    """CIE 15's f: the cube root of a part of white, from EPSILON on, and its tangent there, which lies above it."""
    root: Plane = np.minimum(np.cbrt(np.maximum(part, EPSILON)), KAPPA * part + 16 / 116)
    return root


def _cube(root: Plane) -> Plane:
    """The part of white of a root: its cube from ROOT on, and the tangent there."""
    least: Plane = np.maximum(root, ROOT)
    part: Plane = least * least * least + np.minimum(root - ROOT, 0) / KAPPA
    return part


def _byte(linear: Plane) -> Plane:
    """sRGB (IEC 61966-2-1) in 0..255 of linear light: of power and line the lower one holds, on either side of KNEE."""
    power = 1.055 * np.maximum(linear, KNEE) ** (1 / 2.4) - 0.055
    byte: Plane = np.rint(255 * np.clip(np.minimum(power, 12.92 * linear), 0, 1))
    return byte
