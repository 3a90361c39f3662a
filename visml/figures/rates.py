"""The chart of a learning-rate sweep."""

from __future__ import annotations

import numpy as np

from visml.figures.look import Array, Figure, layout, look, packed


def sweep(
    rates: Array, losses: Array, smoothed: Array, best: float | None, *, dark: bool = False, height: int = 260
) -> Figure:
    """Loss over the learning rate, on a logarithmic axis, as measured and smoothed, the best rate marked.

    Args:
        rates: ``(N,)`` learning rates, ascending, above 0.
        losses: ``(N,)`` loss before each step.
        smoothed: ``(N,)`` the same, smoothed.
        best: the rate to mark, or None.
    """
    colors = look(dark)
    lines = ((losses, colors.thin, 1.0, "loss"), (smoothed, colors.series[0], 2.0, "smoothed"))
    traces = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": packed(np.asarray(rates, dtype=np.float64)),
            "y": packed(np.asarray(values, dtype=np.float64)),
            "name": name,
            "hoverinfo": "skip",
            "line": {"color": color, "width": width},
        }
        for values, color, width, name in lines
    ]
    xaxis, yaxis = {"type": "log", "tickformat": ".0e", "dtick": 1}, {"nticks": 6, "range": _range(losses, smoothed)}
    figure: Figure = {"data": traces, "layout": layout(dark, height, xaxis, yaxis)}
    if best is not None:
        figure["layout"]["shapes"] = [_mark(best, colors.series[1])]
    return figure


def _range(losses: Array, smoothed: Array) -> list[float]:
    """A little below the least loss to a little above the first smoothed one: what explodes leaves the picture."""
    low, high = min(float(np.min(losses)), float(np.min(smoothed))), float(smoothed[0])
    room = 0.15 * (high - low) or 0.1 * abs(high) or 1.0
    return [low - room, high + 2 * room]


def _mark(rate: float, color: str) -> Figure:
    """A vertical line over the chart's whole height."""
    line = {"color": color, "width": 1.5, "dash": "dot"}
    return {"type": "line", "x0": rate, "x1": rate, "y0": 0, "y1": 1, "yref": "paper", "line": line}
