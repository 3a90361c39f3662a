"""Charts of an evaluation, from the lists of ``evaluation.json``.

As in every chart here, no name of a category is in them: those are folder names, and plotly reads names as HTML. The
page writes them beside the bars, in the order of the rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from visml.figures.look import DASHES, Array, Figure, layout, look, packed, plain

Json = Mapping[str, Any]
_METHODS = ("model", "training_mean", "lightness_table", "gray", "random_picture")
_BAR = 0.36  # of a row's height, for each of two bars


@dataclass(frozen=True)
class Stroke:
    """How a method's line is drawn: color as CSS hex, plotly's dash, width in pixels."""

    color: str
    dash: str
    width: float


def stroke(method: str, dark: bool = False) -> Stroke:
    """The line of a method, the same in every chart and in the key that the page writes."""
    colors = look(dark)
    place = _METHODS.index(method) if method in _METHODS else len(_METHODS) - 1
    color = (*colors.series, colors.muted)[place]
    return Stroke(color, ("solid", *DASHES[1:], "1px,3px")[place], 2.5 if place == 0 else 1.75)


def series_stroke(place: int, dark: bool = False) -> Stroke:
    """The line of one of several models, counted from 0: twelve that differ, neighbors in color and dash."""
    colors = look(dark)
    return Stroke(colors.series[place % 3], DASHES[place % len(DASHES)], 2.0)


def fill(method: str, dark: bool = False) -> str:
    """The color of a method's bars, as CSS hex: blue the model's, gray gray's."""
    return look(dark).series[1 if method == _METHODS[0] else 3]


def accuracy_curves(
    curves: Sequence[Json],
    *,
    balanced: bool = False,
    strokes: Sequence[Stroke] | None = None,
    dark: bool = False,
    height: int = 300,
) -> Figure:
    """A line per method: the share of pixels whose ab error is at most t = 0..150.

    Args:
        curves: each of ``method``, ``raw`` (151 shares in 0..1) and ``balanced`` (the same, or None).
        balanced: draw the class-balanced ones; a method without is left out.
        strokes: how each is drawn; as :func:`stroke` says when None.
    """
    kind = "balanced" if balanced else "raw"
    strokes = [stroke(each["method"], dark) for each in curves] if strokes is None else strokes
    traces = []
    for each, style in zip(curves, strokes, strict=True):
        if each[kind] is not None:
            shares = np.asarray(each[kind], dtype=np.float64)
            traces.append(_line(np.arange(len(shares)), shares, style, plain(each["method"])))
    xaxis = {"range": [0, 150], "dtick": 25, "title": {"text": "ab error t", "standoff": 6}}
    return {"data": traces, "layout": _shaped(dark, height, xaxis, {"range": [0, 1.02], "tickformat": ".0%"})}


def reliability(parts: Sequence[Json], *, dark: bool = False, height: int = 300) -> Figure:
    """Bars of accuracy over confidence, the diagonal of perfect calibration, and the share of positions as a line.

    Args:
        parts: each of ``low``, ``high`` (0..1), ``accuracy`` (0..1, None where empty) and ``positions``.
    """
    colors = look(dark)
    low, high, accuracy, positions = (_column(parts, key) for key in ("low", "high", "accuracy", "positions"))
    bars: Figure = {
        "type": "bar",
        "x": packed((low + high) / 2),
        "y": packed(accuracy),
        "width": packed(0.92 * (high - low)),
        "name": "accuracy",
        "hoverinfo": "skip",
        "marker": {"color": colors.series[1]},
    }
    diagonal = _line(np.array([0.0, 1.0]), np.array([0.0, 1.0]), Stroke(colors.ink, DASHES[2], 1.25), "calibrated")
    share = positions / max(positions.sum(), 1)
    steps = _line((low + high) / 2, share, Stroke(colors.series[2], "solid", 1.75), "share of positions")
    xaxis = {"range": [0, 1], "tickformat": ".0%", "title": {"text": "confidence", "standoff": 6}}
    yaxis = {"range": [0, 1.02], "tickformat": ".0%"}
    return {"data": [bars, diagonal, steps], "layout": _shaped(dark, height, xaxis, yaxis)}


def sweep(
    temperatures: Sequence[Json],
    measures: Sequence[str] = ("auc", "balanced_auc"),
    *,
    dark: bool = False,
    height: int = 240,
) -> Figure:
    """A line per measure over the temperature of decoding.

    Args:
        temperatures: each of ``temperature`` and the measures, None where there is none.
        measures: keys whose values share a unit; they are drawn in the order of :data:`~visml.figures.look.DASHES`.
    """
    colors = look(dark)
    at = _column(temperatures, "temperature")
    traces = []
    for index, measure in enumerate(measures):
        style = Stroke(colors.series[index % 4], DASHES[index % 4], 2)
        line = _line(at, _column(temperatures, measure), style, plain(measure))
        traces.append(line | {"mode": "lines+markers"})
    xaxis = {"tickvals": at.tolist(), "title": {"text": "temperature T", "standoff": 6}}
    return {"data": traces, "layout": _shaped(dark, height, xaxis, {"nticks": 6})}


def category_bars(model: Array, gray: Array, *, dark: bool = False, row_height: int = 24) -> Figure:
    """Two bars per category, the model's above gray's, on one percent scale.

    Args:
        model: ``(C,)`` percent, the first drawn at the top; NaN leaves no bar.
        gray: ``(C,)`` the same of plain gray.
        row_height: pixels per category; labels beside the chart keep to it.
    """
    rows = len(model)
    traces = [
        _bars(np.asarray(values, dtype=np.float64), offset, fill(method, dark), method)
        for method, values, offset in (("model", model, -_BAR), ("gray", gray, 0.0))
    ]
    yaxis = {"range": [rows - 0.5, -0.5], "showticklabels": False, "showgrid": False}
    shape = layout(dark, rows * row_height + 30, {"range": [0, 100], "ticksuffix": " %", "showgrid": True}, yaxis)
    shape |= {"margin": {"l": 2, "r": 14, "t": 0, "b": 30}, "barmode": "overlay"}
    return {"data": traces, "layout": shape}


def _column(items: Sequence[Json], key: str) -> Array:
    """One number of each item, ``(N,)`` float64; NaN for None."""
    return np.array([item[key] for item in items], dtype=np.float64)


def _bars(values: Array, offset: float, color: str, name: str) -> Figure:
    """Horizontal bars, one a row, ``offset`` rows below the row's middle."""
    return {
        "type": "bar",
        "orientation": "h",
        "x": packed(values),
        "y": list(range(len(values))),
        "width": _BAR,
        "offset": offset,
        "name": name,
        "hoverinfo": "skip",
        "marker": {"color": color},
    }


def _line(x: Array, y: Array, style: Stroke, name: str) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": packed(x),
        "y": packed(y),
        "name": name,
        "hoverinfo": "skip",
        "line": {"color": style.color, "width": style.width, "dash": style.dash},
        "marker": {"color": style.color, "size": 5},
    }


def _shaped(dark: bool, height: int, xaxis: Figure, yaxis: Figure) -> Figure:
    """The common layout with room for the x axis's title."""
    shape = layout(dark, height, xaxis, yaxis)
    shape["margin"] = shape["margin"] | {"b": 44}
    return shape
