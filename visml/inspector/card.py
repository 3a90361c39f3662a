"""What a notebook shows of an opened photo: a piece of HTML without scripts, its pictures inside."""

from __future__ import annotations

import base64
import html
from typing import TYPE_CHECKING

import torch

from visml.images.decode import encode_png
from visml.inspector.painting import Pixels, paint

if TYPE_CHECKING:
    from visml.activations.trace import LayerTrace
    from visml.inspector.inspection import Inspection

SIDE = 168  # pixels on the screen


def card(inspection: Inspection) -> str:
    """Photo, lightness and prediction side by side, and a table of the layers."""
    lightness = paint(inspection.squashed, torch.zeros(1, 2, 1, 1))
    pictures = {"photo": inspection.squashed, "lightness": lightness, "predicted": inspection.painted()}
    figures = "".join(_figure(_picture(pixels, name), name) for name, pixels in pictures.items())
    rows = "".join(_row(inspection[layer.name]) for layer in inspection.layers)
    facts = inspection.trace.facts
    title = html.escape(" in ".join(filter(None, (inspection.name, facts.model or facts.family))))
    heads = "".join(f"<th>{name}</th>" for name in ("layer", "filters", "map", "stride", "sees", "silent"))
    table = (
        f"<details><summary>{len(inspection.layers)} layers</summary><table><tr>{heads}</tr>{rows}</table></details>"
    )
    return f"<div><b>{title}</b><div>{figures}</div>{table}</div>"


def _figure(picture: str, caption: str) -> str:
    inside = f"{picture}<figcaption>{caption}</figcaption>"
    return f'<figure style="display:inline-block;margin:4px 8px 4px 0">{inside}</figure>'


def _picture(pixels: Pixels, name: str) -> str:
    source = base64.b64encode(encode_png(pixels)).decode()
    return f'<img alt="{name}" width="{SIDE}" height="{SIDE}" src="data:image/png;base64,{source}">'


def _row(traced: LayerTrace) -> str:
    layer, (channels, height, width) = traced.layer, traced.maps.shape
    silent = int(traced.silent.sum()) if layer.rectified else "-"
    cells = (html.escape(layer.name), channels, f"{width} x {height}", layer.stride, layer.receptive_field, silent)
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
