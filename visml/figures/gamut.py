"""Colors to draw the bins of the ab plane in."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_WHITE = np.array([0.95047, 1.0, 1.08883])  # D65, 2 degrees
_TO_LINEAR = np.array(
    [[3.2404542, -1.5371385, -0.4985314], [-0.9692660, 1.8760108, 0.0415560], [0.0556434, -0.2040259, 1.0572252]]
)
_LIGHTNESS = np.arange(20.0, 91.0, 2.0)
_PREFERRED = 62.0
_LUMINANCE = ((_LIGHTNESS + 16) / 116) ** 3


def bin_colors(centers: npt.NDArray[np.floating]) -> list[str]:
    """Each bin's own color, as CSS hex: at the lightness nearest 62 at which a screen can show it.

    One lightness for all would clip many bins to the same red or blue. A bin no lightness can show (the published
    set goes a little beyond sRGB) is drawn where the least is clipped.

    Args:
        centers: ``(Q, 2)`` a, b.
    """
    grid = np.broadcast_to(_LIGHTNESS[None, :, None], (len(centers), len(_LIGHTNESS), 1))
    ab = np.broadcast_to(np.asarray(centers, dtype=np.float64)[:, None], (len(centers), len(_LIGHTNESS), 2))
    linear = _linear_rgb(np.concatenate([grid, ab], axis=2))
    excess = np.clip(np.maximum(-linear, linear - 1), 0, None).max(axis=2) / _LUMINANCE
    cost = excess + np.abs(_LIGHTNESS - _PREFERRED) / 400
    chosen = linear[np.arange(len(centers)), cost.argmin(axis=1)]
    return [_hex(color) for color in _encode(chosen)]


def _linear_rgb(lab: Floats) -> Floats:
    """Linear sRGB ``(..., 3)``, out of 0..1 where a screen cannot show it, of Lab ``(..., 3)`` (CIE 15, D65)."""
    y = (lab[..., 0] + 16) / 116
    f = np.stack([y + lab[..., 1] / 500, y, y - lab[..., 2] / 200], axis=-1)
    xyz = np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29)) * _WHITE
    return np.asarray(xyz @ _TO_LINEAR.T, dtype=np.float64)


def _encode(linear: Floats) -> npt.NDArray[np.uint8]:
    """8-bit sRGB of linear sRGB, clipped (IEC 61966-2-1)."""
    clipped = np.clip(linear, 0, 1)
    curved = np.where(clipped <= 0.0031308, 12.92 * clipped, 1.055 * clipped ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(curved * 255), dtype=np.uint8)


def _hex(color: npt.NDArray[np.uint8]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color)
