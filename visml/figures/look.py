"""The one look of all charts: neutral grays, transparent backgrounds, tabular figures, light or dark."""

from __future__ import annotations

import base64
import json
import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Figure = dict[str, Any]
Array = npt.NDArray[Any]

# A replay of numbers, not an editor: nothing to zoom, no button over the curves, no upload to anybody's cloud.
CONFIG: Figure = {
    "displayModeBar": False,
    "displaylogo": False,
    "showSendToCloud": False,
    "responsive": True,
    "staticPlot": True,
}

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
DASHES = ("solid", "6px,3px", "2px,3px", "8px,3px,2px,3px")

# The ten anchors of matplotlib's viridis (CC0), evenly spaced: magnitude reads the same to every kind of color vision.
VIRIDIS = (
    "#440154", "#482878", "#3e4989", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725",
)  # fmt: skip


@dataclass(frozen=True)
class Look:
    """The colors of a chart, as CSS hex: text, quiet text, grid lines, series in order, and thin lines of many."""

    ink: str
    muted: str
    grid: str
    series: tuple[str, str, str, str]
    thin: str


LIGHT = Look("#1b1b1b", "#666666", "#e4e4e4", ("#2b2b2b", "#2a6fdb", "#8a5a00", "#6b6b6b"), "#a0a0a0")
DARK = Look("#f0f0f0", "#a6a6a6", "#3a3a3a", ("#eaeaea", "#7ab3f5", "#e0a24f", "#a0a0a0"), "#7c7c7c")


def look(dark: bool) -> Look:
    """The colors for a light or a dark page."""
    return DARK if dark else LIGHT


def layout(dark: bool, height: int, xaxis: Figure, yaxis: Figure) -> Figure:
    """A chart's layout: transparent, without title or legend (the page writes both), ``height`` in pixels."""
    colors = look(dark)
    return {
        "height": height,
        "margin": {"l": 46, "r": 14, "t": 8, "b": 30},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 11, "color": colors.muted},
        "showlegend": False,
        "hovermode": False,
        "xaxis": axis(colors) | {"showgrid": False} | xaxis,
        "yaxis": axis(colors) | yaxis,
    }


def axis(colors: Look) -> Figure:
    """What both axes share: hairlines, no frame, no zero line, nothing to drag."""
    return {
        "gridcolor": colors.grid,
        "showline": False,
        "ticks": "",
        "zeroline": False,
        "fixedrange": True,
        "automargin": False,
    }


def epoch_axis(epochs: Array, pad: float = 0.5) -> Figure:
    """The x axis of charts over epochs ``(E,)``: whole numbers, at most nine labels, ``pad`` epochs each end."""
    first, last = int(epochs.min()), int(epochs.max())
    step = max(1, -(-(last - first) // 8))
    return {"range": [first - pad, last + pad], "tickmode": "linear", "tick0": first, "dtick": step}


def packed(values: Array) -> Any:
    """Numbers as plotly takes them: base64 of a typed array where that is smaller than JSON, else nested lists.

    Args:
        values: one- or two-dimensional, any real dtype; floats are kept as float32, NaN marks a gap.
    """
    array = np.asarray(values)
    kind, dtype = ("f4", "<f4") if array.dtype.kind == "f" else ("i4", "<i4")
    array = np.ascontiguousarray(array, dtype=dtype)
    listed = _without_nan(array.tolist())
    encoded = {"dtype": kind, "bdata": base64.b64encode(array.tobytes()).decode("ascii")}
    if array.ndim == 2:
        encoded["shape"] = f"{array.shape[0]}, {array.shape[1]}"
    return encoded if len(json.dumps(encoded)) < len(json.dumps(listed)) else listed


def _without_nan(value: Any) -> Any:
    """The same nested list with None for NaN, which JSON does not have."""
    if isinstance(value, list):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def plain(text: str) -> str:
    """A name fit for a chart: plotly reads names as HTML, so only letters, digits and ``_ - . / ( ) +`` stay."""
    return re.sub(r"[^\w\-./()+ ]", "", text)[:40].strip()
