"""Patching between two photos: features of a layer taken from a donor photo, inside a region.

The donor is opened in the same network. Inside the region the layer's maps are the donor's, outside they are the
photo's own, and the forward pass goes on from there. So one sees at which layer a color comes across: what the color
hangs on has been computed there, and is still local. (Activation patching, as in Meng et al., "Locating and Editing
Factual Associations in GPT", 2022, section 2; here between photos.)
"""

from __future__ import annotations

import torch
from torch import Tensor

from visml.activations.facts import Facts
from visml.activations.trace import Trace, shared
from visml.insight.forward import Forward, InsightRefused
from visml.insight.region import Region

NEAREST = 1.0  # Lab units: two colors nearer to each other have no way between them to speak of


def output(
    forward: Forward, layer: str, donor: Trace, region: Region | None = None, donor_region: Region | None = None
) -> Tensor:
    """The output when the donor's features stand in the region of a layer: ``own + s (donor - own)``; no gradients.

    s is :func:`shares` of the region, so that a position on its edge is mixed by area. The donor's features are
    moved by :func:`moved` from its region to the photo's.

    Args:
        forward: the photo's.
        layer: a layer's name.
        donor: another photo's trace in the same network, see :func:`check`.
        region: of the photo; all of it when None.
        donor_region: of the donor, as large as the photo's; the same place when None.

    Returns:
        ``(1, Q, h, w)`` or ``(1, 2, h, w)``, float32, on the CPU.

    Raises:
        InsightRefused: there is no such layer or region, or the regions differ in size.
    """
    name, size = forward.layer(layer).name, forward.lightness.shape[-1]
    to = region or Region.whole(size)
    x, y = _offset(to, donor_region or to, size)
    given = moved(shared(donor[name].maps).unsqueeze(0), x, y, size).to(forward.lightness.device)
    share = shares(to, size, *given.shape[2:]).to(given.device)
    return forward.edited({name: lambda own: torch.lerp(own, given, share)})


def shares(region: Region, size: int, height: int, width: int) -> Tensor:
    """How much of each position's cell lies in a region: ``(h, w)`` float32, 0..1.

    The cell of row i and column j covers the pixels' area from ``j S/w`` to ``(j+1) S/w`` across and from ``i S/h``
    to ``(i+1) S/h`` down; a pixel is a square of side 1.

    Raises:
        InsightRefused: the region is empty or lies outside the photo.
    """
    region.mask(size)
    down = _overlap(region.top, region.bottom, height, size)
    across = _overlap(region.left, region.right, width, size)
    return torch.outer(down, across).float()


def moved(maps: Tensor, x: int, y: int, size: int) -> Tensor:
    """Maps ``(1, C, h, w)`` read x pixels to the right and y pixels further down, in whole cells, edges repeated.

    Position (i, j) of the result is position ``(i + round(y h/S), j + round(x w/S))`` of the maps, halves rounded up:
    features are moved as they are, never mixed, and so by up to half a cell off.
    """
    height, width = maps.shape[2:]
    rows, columns = _places(y, height, size), _places(x, width, size)
    return maps[:, :, rows][:, :, :, columns]


def toward(own: tuple[float, float], donor: tuple[float, float], changed: tuple[float, float]) -> float | None:
    """Which share of the way from one color to another a changed one has gone: 0 none, 1 all, along their line.

    ``<changed - own, donor - own> / |donor - own|^2``, each a color (a, b) in Lab units.

    Returns:
        None where the two colors are less than one Lab unit apart.
    """
    a, b = donor[0] - own[0], donor[1] - own[1]
    length = a * a + b * b
    if length < NEAREST**2:
        return None
    return ((changed[0] - own[0]) * a + (changed[1] - own[1]) * b) / length


def check(own: Facts, donor: Facts, same_source: bool) -> None:
    """Refuse a donor that was opened in another network.

    Args:
        own: of the photo's trace.
        donor: of the donor's.
        same_source: whether both come from one inspector, which decides where weights have no name.

    Raises:
        InsightRefused: it was.
    """
    alike = own.model_sha256 == donor.model_sha256 if own.model_sha256 else same_source
    if not alike or own.layers != donor.layers:
        raise InsightRefused("The donor must be opened in the same network as the photo.")


def _offset(to: Region, source: Region, size: int) -> tuple[int, int]:
    for each in (to, source):
        each.mask(size)
    if (to.right - to.left, to.bottom - to.top) != (source.right - source.left, source.bottom - source.top):
        raise InsightRefused("The donor's region must be as large as the photo's.")
    return source.left - to.left, source.top - to.top


def _overlap(low: int, high: int, count: int, size: int) -> Tensor:
    edges = torch.arange(count + 1, dtype=torch.float64) * size / count
    inside = edges[1:].clamp(max=high) - edges[:-1].clamp(min=low)
    return inside.clamp(min=0) / (edges[1:] - edges[:-1])


def _places(pixels: int, count: int, size: int) -> Tensor:
    cells = (2 * pixels * count + size) // (2 * size)
    return (torch.arange(count) + cells).clamp(0, count - 1)
