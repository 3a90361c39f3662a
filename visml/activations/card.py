"""What a notebook shows of a layer: every filter's map in one picture, on whatever ground the notebook has."""

from __future__ import annotations

import base64
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from visml.activations.atlas import columns, stretch
from visml.images.decode import encode_png

if TYPE_CHECKING:
    from visml.activations.trace import LayerTrace

WIDTH = 720  # pixels on the screen, which small maps are enlarged to
SILENT = (128, 48)  # gray and opacity, of 255, of a silent filter's map: faint on any ground
Pixels = npt.NDArray[np.uint8]


def card(traced: LayerTrace) -> str:
    """A layer's maps side by side, each stretched to its own range, and a line that says what they are."""
    count, height, width = traced.maps.shape
    silent = int(traced.silent.sum())
    told = f"{count} filters, maps of {width} x {height}, each from its least (black) to its greatest value (white)"
    told += f"; {silent} silent on this photo (faint)" if silent else ""
    picture = mosaic(traced.maps, traced.silent)
    across = picture.shape[1]
    look = f"width:{across * max(1, WIDTH // across)}px;max-width:100%;image-rendering:pixelated"
    name = escape(traced.layer.name)
    image = f'<img alt="{name}: {told}" style="{look}" src="{source(picture)}">'
    return f'<div><b>{name}</b><div style="opacity:.75;margin:2px 0 8px">{told}</div>{image}</div>'


def mosaic(maps: npt.NDArray[np.float32], silent: npt.NDArray[np.bool_]) -> Pixels:
    """Maps ``(C, H, W)`` in rows, a clear pixel between them: gray and opacity, ``(rows, columns, 2)`` uint8."""
    count, height, width = maps.shape
    across = columns(count)
    down = -(-count // across)
    tiles = np.zeros((down * across, height + 1, width + 1, 2), dtype=np.uint8)
    tiles[:count, :height, :width, 0] = stretch(maps)
    tiles[:count, :height, :width, 1] = 255
    tiles[:count][silent, :height, :width] = SILENT
    rows = tiles.reshape(down, across, height + 1, width + 1, 2).swapaxes(1, 2)
    return rows.reshape(down * (height + 1), across * (width + 1), 2)[:-1, :-1]


def source(picture: Pixels) -> str:
    """A picture as the address of an ``img``, losslessly."""
    return f"data:image/png;base64,{base64.b64encode(encode_png(picture)).decode()}"
