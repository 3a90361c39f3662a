"""The shown layer: every filter's map, and the mean activation of each as bars."""

from __future__ import annotations

from dash import Dash, html
from dash.development.base_component import Component

from visml.dashboard.context import Context
from visml.dashboard.markup import aria, data, term

SORTS = ("index", "mean", "max", "active", "push")
TOWARD = ("blue", "yellow", "red", "green")
SCALES = ("layer", "map")
NAMES: dict[str, list[Component | str]] = {
    "sort": ["sort"],
    "scale": [term("scale", "scale")],
    "toward": [term("push", "push"), " ", term("sign-of-a-push", "toward")],
}
FACTS: tuple[tuple[str, Component | str], ...] = (
    ("filter", term("filter", "filter")),
    ("push", term("push", "push")),
    ("mean", term("mean-activation", "mean")),
    ("max", "max"),
    ("active", term("active", "active")),
)


def layout() -> Component:
    """The grid's panel and the bars' panel, both empty until a layer arrives."""
    return html.Div([_grid(), _means()], className="layer-panels")


def register(app: Dash, context: Context) -> None:
    """Nothing on the server: the maps come from ``/data`` and are drawn in the page."""


def _grid() -> Component:
    head = html.Div(
        [
            html.H2("Layer", id="layer-title", className="panel-title"),
            html.Span(
                [
                    html.Span(id="layer-size"),
                    term("receptive-field", "receptive field", id="layer-field-word", hidden=True),
                    html.Span(id="layer-field"),
                ],
                id="layer-facts",
                className="sub num",
            ),
            term("silent-filter", "", "sub num layer-silent", id="layer-silent", hidden=True),
            _legend(),
            html.Div([_choice("sort", SORTS), _choice("scale", SCALES)], className="layer-tools"),
            _push(),
        ],
        className="panel-head",
    )
    region = html.Div(
        html.Div(className="grid-box", **data(figure="Maps of {}")),
        id="grid",
        className="grid",
        tabIndex=0,
        role="application",
        **aria(label="Maps of the layer"),
    )
    return html.Section(
        [head, region], id="layer-panel", className="panel layer-panel", **aria(labelledby="layer-title")
    )


def _choice(group: str, values: tuple[str, ...]) -> Component:
    buttons = [html.Button(value, type="button", value=value, **aria(pressed="false")) for value in values]
    choice = html.Div(buttons, id=f"layer-{group}", className="seg", role="group", **aria(label=group))
    return html.Div([html.Span(NAMES[group], className="sub"), choice], className="choice")


def _push() -> Component:
    """Which way the push goes that filters are sorted by, and how far exact values have come."""
    choice = _choice("toward", TOWARD)
    choice.children[1].children.append(
        html.Button(
            "bin",
            id="push-bin",
            type="button",
            disabled=True,
            title="Point at a color of the bins first",
            **aria(pressed="false"),
        )
    )
    return html.Div(
        [
            choice,
            html.Span(id="push-state", className="sub num"),
            html.Span(id="push-progress", className="ask-progress"),
            html.Div(id="push-best", className="push-best num"),
        ],
        id="layer-push",
        className="layer-tools layer-push",
        hidden=True,
    )


def _legend() -> Component:
    return html.Span([html.Span(), html.Span(className="ramp"), html.Span()], id="layer-legend", className="scale num")


def _means() -> Component:
    head = html.Div(
        [
            html.H2("Mean activation per filter", id="means-title", className="panel-title"),
            html.Span(id="means-sub", className="sub"),
        ],
        className="panel-head",
    )
    label = aria(label="Mean activation of each filter")
    chart = html.Div(id="means", className="drawing means", tabIndex=0, role="application", **label)
    facts = [
        html.Span([html.Span(word, className="sub"), html.B("\u2013", id=f"means-{name}")], hidden=name == "push")
        for name, word in FACTS
    ]
    numbers = html.Div(facts, className="facts num")
    return html.Section([head, chart, numbers], className="panel means-panel", **aria(labelledby="means-title"))
