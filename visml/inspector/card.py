"""What a notebook shows of an opened photo and of a change: HTML without scripts, in the notebook's own colors."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import numpy as np
import torch

from visml.activations.card import source
from visml.inspector.painting import Pixels, paint

if TYPE_CHECKING:
    from visml.activations.trace import LayerTrace
    from visml.inspector.changed import Changed
    from visml.inspector.inspection import Inspection

SIDE = 208  # pixels on the screen
SCALES = (1, 2, 5, 10, 20, 40)  # where a scale of differences may end, in CIEDE2000
ORANGE, MOST = np.array([217.0, 95.0, 2.0]), 0.85  # and its largest share of a pixel, so that the photo shows through
HEADS = ("layer", "filters", "map", "stride", "sees", "silent")
_CELL = "padding:2px 0 2px 20px;text-align:right;border:0;background:none"
_FIRST = "padding:2px 0;text-align:left;border:0;background:none"


def card(inspection: Inspection) -> str:
    """Photo, lightness and prediction side by side, and a table of the layers."""
    photo = {"photo": inspection.squashed} if inspection.trace.facts.has_color else {}
    pictures = photo | {"lightness": _gray(inspection), "predicted": inspection.painted()}
    rows = "".join(_row(inspection[layer.name]) for layer in inspection.layers)
    heads = "".join(f'<th style="{_FIRST if index == 0 else _CELL}">{name}</th>' for index, name in enumerate(HEADS))
    look = "border-collapse:collapse;border:0;font-variant-numeric:tabular-nums;margin:4px 0"
    table = f'<table style="{look}"><tr style="background:none;opacity:.75">{heads}</tr>{rows}</table>'
    layers = f'<summary style="cursor:pointer">{len(inspection.layers)} layers</summary>{table}'
    return f"<div>{_title(inspection)}{_figures(pictures)}<details>{layers}</details></div>"


def changed_card(changed: Changed) -> str:
    """The photo's own coloring, the changed one, and the difference of each pixel in orange over the lightness."""
    difference = changed.difference()
    most = float(np.quantile(difference, 0.99))
    end = next((each for each in SCALES if most <= each), SCALES[-1])
    share = MOST * np.clip(difference / end, 0, 1)[..., None]
    gray = _gray(changed.inspection)
    heat = np.rint(gray * (1 - share) + ORANGE * share).astype(np.uint8)
    told = f"difference: orange is CIEDE2000 {end} or more"
    a, b = changed.shift()
    moved = f'<div style="opacity:.75">The mean color moved by a {a:+.1f}, b {b:+.1f} Lab units.</div>'
    pictures = {"predicted": changed.inspection.painted(), "changed": changed.painted(), told: heat}
    return f"<div>{_title(changed.inspection)}{moved}{_figures(pictures)}</div>"


def _title(inspection: Inspection) -> str:
    facts = inspection.trace.facts
    return f"<b>{html.escape(' in '.join(filter(None, (inspection.name, facts.model or facts.family))))}</b>"


def _gray(inspection: Inspection) -> Pixels:
    return paint(inspection.squashed, torch.zeros(1, 2, 1, 1))


def _figures(pictures: dict[str, Pixels]) -> str:
    figures = "".join(_figure(pixels, name) for name, pixels in pictures.items())
    return f'<div style="display:flex;flex-wrap:wrap;gap:12px;margin:8px 0">{figures}</div>'


def _figure(pixels: Pixels, name: str) -> str:
    look = "display:block;margin:0;border-radius:4px"
    image = f'<img alt="{name}" width="{SIDE}" height="{SIDE}" style="{look}" src="{source(pixels)}">'
    caption = f'<figcaption style="width:{SIDE}px;opacity:.75;margin-top:4px">{name}</figcaption>'
    return f'<figure style="margin:0">{image}{caption}</figure>'


def _row(traced: LayerTrace) -> str:
    layer, (channels, height, width) = traced.layer, traced.maps.shape
    silent = int(traced.silent.sum()) if layer.rectified else "–"  # noqa: RUF001
    sees = f"{layer.receptive_field} px" if layer.receptive_field else "–"  # noqa: RUF001
    cells = (channels, f"{width} x {height}", f"{layer.stride:g} px", sees, silent)
    numbers = "".join(f'<td style="{_CELL}">{cell}</td>' for cell in cells)
    return f'<tr style="background:none"><td style="{_FIRST}">{html.escape(layer.name)}</td>{numbers}</tr>'
