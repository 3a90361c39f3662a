"""Charts of a training run over its epochs.

No chart carries a category's name: those are folder names, and plotly reads names as HTML. The page writes them
beside the chart, in the order of the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from visml.figures.look import DASHES, VIRIDIS, Array, Figure, epoch_axis, layout, look, packed, plain

SYMBOLS = ("circle", "square", "triangle-up", "diamond")  # of the runs drawn together
_FEW = 8  # symbols on a longer line
_MARKED = 30  # up to so many epochs each one is a dot on its line
_PRINTED = 16  # up to so many epochs the heatmap's cells carry their numbers


@dataclass(frozen=True)
class Curve:
    """One quantity of one run over its epochs.

    Attributes:
        name: what it is called; never drawn.
        epochs: ``(E,)`` whole numbers, E at least 1.
        values: ``(E,)``; NaN leaves a gap.
        run: which run it is of, 0..3: the same color and symbol in every chart.
        dashed: drawn dashed and with hollow symbols, beside a solid one of the same run.
    """

    name: str
    epochs: Array
    values: Array
    run: int = 0
    dashed: bool = False


def curves(
    lines: Sequence[Curve],
    *,
    epochs: Array | None = None,
    percent: bool = False,
    from_zero: bool = False,
    dark: bool = False,
    height: int = 190,
) -> Figure:
    """Curves of one kind over the epochs, of one run or of several, which may differ in length.

    Args:
        lines: at least one.
        epochs: whole numbers that the axis reaches over; the lines' own when None.
        percent: values are shares in 0..1, and the axis is written in percent, from 0.
        from_zero: the axis starts at 0.
    """
    epochs = np.concatenate([line.epochs for line in lines]) if epochs is None else epochs
    few, several = len(np.unique(epochs)) <= _MARKED, len({line.run for line in lines}) > 1
    shown = 0 if few else _FEW if several else None
    traces = [_of_run(line, shown, dark) for line in lines]
    ends = _range([line.values for line in lines], percent or from_zero)
    yaxis: Figure = {"nticks": 5, "exponentformat": "e", "range": ends}
    if percent:
        yaxis["tickformat"] = ".0%"
    return {"data": traces, "layout": layout(dark, height, epoch_axis(epochs), yaxis)}


def _of_run(line: Curve, shown: int | None, dark: bool) -> Figure:
    """A run's line, its symbols at so many epochs, 0 for all: they tell the runs apart without their colors."""
    color, symbol = look(dark).series[line.run], SYMBOLS[line.run] + ("-open" if line.dashed else "")
    drawn = _line(line.epochs, line.values, color, width=2, dash=DASHES[line.dashed], name=plain(line.name))
    marker = {"color": color, "size": 5, "symbol": symbol, "maxdisplayed": shown or 0}
    return drawn | {"mode": "lines" if shown is None else "lines+markers", "marker": marker}


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
