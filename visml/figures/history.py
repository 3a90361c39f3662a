"""Charts of a training run over its epochs.

No chart carries a category's name: those are folder names, and plotly reads names as HTML. The page writes them
beside the chart, in the order of the rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from visml.figures.look import DASHES, VIRIDIS, Array, Figure, epoch_axis, layout, look, packed, plain

_MARKED = 30  # up to so many epochs each one is a dot on its line
_PRINTED = 16  # up to so many epochs the heatmap's cells carry their numbers


def curves(
    epochs: Array,
    series: Mapping[str, Array],
    *,
    percent: bool = False,
    from_zero: bool = False,
    dark: bool = False,
    height: int = 190,
) -> Figure:
    """One line per series over the epochs.

    Args:
        epochs: ``(E,)`` whole numbers, E at least 1.
        series: name to values ``(E,)``; NaN leaves a gap.
        percent: values are shares in 0..1, and the axis is written in percent, from 0.
        from_zero: the axis starts at 0.
    """
    colors = look(dark)
    traces = [
        _line(epochs, values, colors.series[index % 4], width=2, dash=DASHES[index % 4], name=plain(name))
        for index, (name, values) in enumerate(series.items())
    ]
    yaxis: Figure = {"nticks": 5, "range": _range(list(series.values()), percent or from_zero)}
    if percent:
        yaxis["tickformat"] = ".0%"
    return {"data": traces, "layout": layout(dark, height, epoch_axis(epochs), yaxis)}


def category_lines(
    epochs: Array, categories: Array, overall: Array, *, dark: bool = False, height: int = 360
) -> Figure:
    """A thin line per category and a thick one for all pictures together, in percent.

    Args:
        epochs: ``(E,)`` whole numbers.
        categories: ``(C, E)`` shares in 0..1, a row per category; NaN leaves a gap.
        overall: ``(E,)`` shares in 0..1; the last trace.
    """
    colors = look(dark)
    traces = [_line(epochs, row, colors.thin, width=1, dash="solid", name=str(i)) for i, row in enumerate(categories)]
    traces.append(_line(epochs, overall, colors.series[0], width=2.5, dash="solid", name="all"))
    yaxis = {"nticks": 7, "tickformat": ".0%"}
    return {"data": traces, "layout": layout(dark, height, epoch_axis(epochs), yaxis)}


def category_heatmap(epochs: Array, categories: Array, *, dark: bool = False, row_height: int = 22) -> Figure:
    """A cell per category and epoch, in viridis over the range present, its percentage printed where it fits.

    Args:
        epochs: ``(E,)`` whole numbers.
        categories: ``(C, E)`` shares in 0..1, the first row drawn at the top; NaN is left empty.
        row_height: pixels per category; labels beside the chart keep to it.
    """
    rows = len(categories)
    trace: Figure = {
        "type": "heatmap",
        "x": packed(np.asarray(epochs)),
        "y": list(range(rows)),
        "z": packed(np.asarray(categories)),
        "colorscale": [[i / (len(VIRIDIS) - 1), color] for i, color in enumerate(VIRIDIS)],
        "showscale": False,
        "hoverinfo": "skip",
        "xgap": 1,
        "ygap": 1,
    }
    if len(epochs) <= _PRINTED:
        trace |= {"texttemplate": "%{z:.0%}", "textfont": {"size": 10}}
    yaxis = {"range": [rows - 0.5, -0.5], "showticklabels": False, "showgrid": False}
    shape = layout(dark, rows * row_height + 30, epoch_axis(epochs), yaxis)
    shape["margin"] = {"l": 2, "r": 2, "t": 0, "b": 30}
    return {"data": [trace], "layout": shape}


def _range(series: list[Array], from_zero: bool) -> list[float]:
    """The ends of a value axis: a little room around what is there or around a single value."""
    known = np.concatenate([np.asarray(values, dtype=np.float64) for values in series])
    known = known[np.isfinite(known)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    if from_zero:
        return [0.0, 1.1 * high or 1.0]
    room = 0.08 * (high - low) or 0.25 * abs(high) or 1.0
    return [low - room, high + room]


def _line(epochs: Array, values: Array, color: str, *, width: float, dash: str, name: str) -> dict[str, Any]:
    """One scatter trace: a line, with a dot per epoch while they are few (a single epoch is nothing but a dot)."""
    few = len(epochs) <= _MARKED
    return {
        "type": "scatter",
        "mode": "lines+markers" if few else "lines",
        "x": packed(np.asarray(epochs)),
        "y": packed(np.asarray(values)),
        "name": name,
        "hoverinfo": "skip",
        "line": {"color": color, "width": width, "dash": dash},
        "marker": {"color": color, "size": 2.5 + width},
    }
