"""Models that compare, in charts: accuracy curves, and one score by category."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from dash import html

from visml.dashboard.board import DEFAULT, Baseline, Board, Group, Metric
from visml.dashboard.board_pieces import chart, panel
from visml.dashboard.evaluations import GRAY, MODEL, Curves
from visml.dashboard.markup import aria, data
from visml.figures import Figure
from visml.figures import evaluation as charts
from visml.figures.look import LIGHT

READ_AT = 25  # the ab error at which the curves are read first
KINDS = {"raw": "every pixel counts the same", "balanced": "every true color counts the same"}


@dataclass(frozen=True)
class Series:
    """One line of the charts; a baseline's key begins with ``~``, which no model's name does."""

    key: str
    name: str
    curves: Curves
    stroke: charts.Stroke


def group_part(board: Board, group: Group | None, state: str) -> html.Div:
    """Curves and categories of the models that compare; nothing where there are none."""
    parts: list[Any] = []
    if group is not None:
        about = html.Span(group.told, className="sub")
        heading = html.H2([f"On {group.data}", about], className="evaluation-title")
        parts = [heading, *_curves(group), *_categories(group)]
    numbers = json.dumps(group_data(group, board.metrics())) if group else "null"
    return html.Div(parts, key=state, id="evaluation-seen-group", **data(seen=state, group=numbers))


def _curves(group: Group) -> list[html.Section]:
    """Both kinds of accuracy curves; who is drawn is chosen in assets/evaluation-curves.js."""
    series = _series(group)
    if not series:
        return []
    boxes = [_curve_chart(kind, series) for kind in KINDS]
    legend = html.Div(id="evaluation-legend", className="evaluation-legend")
    inside = html.Div([legend, *boxes], className="evaluation-curves-row")
    sub = "share of pixels whose ab error is at most t"
    return [panel("evaluation-curves", "Accuracy curves", sub, [inside])]


def _curve_chart(kind: str, series: Sequence[Series]) -> html.Div:
    drawn = [each for each in series if getattr(each.curves, kind) is not None]
    lines = [{"method": each.name, "raw": each.curves.raw, "balanced": each.curves.balanced} for each in drawn]
    strokes = [each.stroke for each in drawn]
    figure: Figure = charts.accuracy_curves(lines, balanced=kind == "balanced", strokes=strokes, height=280)
    read = ", ".join(f"{each.name} {getattr(each.curves, kind)[READ_AT]:.0%}" for each in drawn)
    finding = f"Accuracy curves, {KINDS[kind]}. At an ab error of {READ_AT}: {read}."
    keys = json.dumps([each.key for each in drawn])
    box = chart(f"evaluation-curve-{kind}", figure, finding, kind=kind, series=keys)
    return html.Div([html.H4(KINDS[kind], className="sub"), box], className="evaluation-curve")


def _series(group: Group) -> list[Series]:
    """Everything that has curves: models in the table's order, then baselines."""
    found = [
        Series(each.name, each.name, curves, charts.series_stroke(place))
        for place, each in enumerate(group.evaluations)
        for curves in each.curves
        if curves.method == MODEL
    ]
    for baseline in group.baselines():
        curves = _baseline_curves(group, baseline)
        if curves is not None:
            stroke = replace(charts.stroke(baseline.method), color=LIGHT.series[3])  # the models have the other three
            found.append(Series(f"~{baseline.name}", baseline.name, curves, stroke))
    return found


def _baseline_curves(group: Group, baseline: Baseline) -> Curves | None:
    owners = [each for each in group.evaluations if baseline.owner in ("", each.name)]
    return next((c for each in owners for c in each.curves if c.method == baseline.method), None)


def _categories(group: Group) -> list[html.Section]:
    """Models by categories in one score; filled by assets/evaluation-categories.js."""
    if not group.categories():
        return []
    choice = html.Select(id="evaluation-metric", className="title-choice", **aria(label="Score of the categories"))
    region = html.Div(
        html.Table(id="evaluation-categories", className="evaluation-heat num"),
        className="evaluation-scroll",
        tabIndex=0,
        role="region",
        **aria(label="Scores by category"),
    )
    scale = html.Span(id="evaluation-scale", className="evaluation-scale sub num")
    tools = html.Span([choice, scale], className="evaluation-tools")
    return [panel("evaluation-by-category", "By category", "a category is a folder of pictures", [region], tools)]


def group_data(group: Group, metrics: Sequence[Metric]) -> dict[str, Any]:
    """What assets/evaluation*.js read of a group: curves to four digits, and every score of every category."""
    categories = group.categories()
    return {
        "readAt": READ_AT,
        "series": [_told(each) for each in _series(group)],
        "metrics": [asdict(metric) for metric in metrics],
        "metric": DEFAULT,
        "columns": [each.name for each in group.evaluations],
        "categories": categories,
        "values": {m.key: [_by_model(group, m, name) for name in (None, *categories)] for m in metrics},
    }


def _told(series: Series) -> dict[str, Any]:
    line = {"color": LIGHT.series.index(series.stroke.color), "dash": series.stroke.dash}
    curves = {"raw": _short(series.curves.raw), "balanced": _short(series.curves.balanced)}
    return {"key": series.key, "name": series.name, **line, **curves}


def _by_model(group: Group, metric: Metric, category: str | None) -> list[float | None]:
    """A score of every model of the group, then of gray, in one category or over all pictures."""
    gray = next((each.scores(GRAY, category) for each in group.evaluations if each.scores(GRAY, category)), {})
    rows = [each.scores(MODEL, category) for each in group.evaluations]
    return [row.get(metric.key) for row in (*rows, gray)]


def _short(shares: tuple[float, ...] | None) -> list[float] | None:
    return None if shares is None else [round(share, 4) for share in shares]
