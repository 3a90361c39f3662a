"""The Compare page's first part: one photo in up to four models or temperatures, side by side.

Python opens the photo in a model when a column first needs it; assets/compare*.js paint the columns and answer
the pointer, the arrow keys and the temperatures.
"""

from __future__ import annotations

from dash import Dash, html
from dash.development.base_component import Component

from visml.dashboard.context import Context
from visml.dashboard.markup import aria, data, term
from visml.dashboard.scores import SCORES

MEASURES = (
    ("ciede2000", "\u0394E2000", "CIEDE2000 of the two colors as painted: about 1 is just visible"),
    ("ab", "ab distance", "Distance in the ab plane, as a model gave it: CIE76 at equal lightness"),
)


def layout() -> Component:
    """Target and difference; the columns between them are put in by the page's scripts."""
    return html.Div(
        [
            html.H1("Compare", className="visually-hidden"),
            html.Div(
                [
                    html.H2("Side by side", className="compare-title"),
                    html.Span(id="compare-photo", className="sub"),
                    html.Div([_measures(), _add()], className="compare-tools"),
                ],
                className="compare-bar",
            ),
            html.Div([_target(), _difference()], id="compare-cards", className="compare-cards"),
            html.P(
                "There is no model to compare: train one or import its weights, then load this page again.",
                id="compare-empty",
                className="panel",
                hidden=True,
            ),
        ],
        className="compare",
    )


def register(app: Dash, context: Context) -> None:
    """Nothing on the server: photos are opened as the page's own is."""


def _measures() -> Component:
    buttons = [
        html.Button(text, type="button", title=title, **aria(pressed="false"), **data(measure=name))
        for name, text, title in MEASURES
    ]
    return html.Div(
        [
            html.Span("error as", className="sub", id="compare-measure-name"),
            html.Div(
                buttons, id="compare-measure", className="seg", role="group", **aria(labelledby="compare-measure-name")
            ),
        ],
        className="choice",
    )


def _add() -> Component:
    return html.Button("Add a column", id="compare-add", className="button", type="button")


def _target() -> Component:
    head = html.Tr([html.Th(html.Span("Score", className="visually-hidden")), *_heads("target", "gray")])
    rows = [
        html.Tr(
            [
                html.Th(term(score.term, score.label), scope="row"),
                html.Td(**data(of="target")),
                html.Td(**data(of="gray")),
            ],
            **data(score=score.key),
        )
        for score in SCORES
    ]
    return html.Section(
        [
            html.Div(html.H3("Target", id="compare-target-title", className="panel-title"), className="panel-head"),
            html.P("the photo\u2019s own colors", id="compare-target-sub", className="sub compare-t"),
            _picture("target", "The target"),
            html.Dl(id="compare-target-pixel", className="compare-pixel num"),
            html.Table([html.Thead(head), html.Tbody(rows)], className="scores", **aria(label="Target and plain gray")),
        ],
        id="compare-target",
        className="panel picture-card compare-card",
        **aria(labelledby="compare-target-title"),
    )


def _heads(*names: str) -> list[Component]:
    return [html.Th(name, scope="col") for name in names]


def _difference() -> Component:
    pair = html.Div(
        [
            html.Select(id="compare-one", className="title-choice", **aria(label="One side of the difference")),
            html.Span("\u2212", className="sub", **aria(hidden="true")),
            html.Select(id="compare-other", className="title-choice", **aria(label="Other side of the difference")),
        ],
        className="compare-t compare-pair",
    )
    scale = html.Span([html.Span("0"), html.Span(className="ramp"), html.Span()], className="scale num")
    numbers = html.Table(
        [
            html.Thead(html.Tr([html.Th(html.Span("Number", className="visually-hidden")), *_heads("over the photo")])),
            html.Tbody(
                [
                    html.Tr([html.Th("mean", scope="row"), html.Td("\u2013", id="compare-mean")]),
                    html.Tr([html.Th("maximum", scope="row"), html.Td("\u2013", id="compare-most")]),
                ]
            ),
        ],
        className="scores",
        **aria(label="The difference over the whole photo"),
    )
    return html.Section(
        [
            html.Div(
                [
                    html.H3("Difference", id="compare-difference-title", className="panel-title"),
                    html.Span(id="compare-difference-sub", className="sub"),
                ],
                className="panel-head",
            ),
            pair,
            _picture("difference", "The difference map"),
            html.Div(
                [html.Dl(id="compare-difference-pixel", className="compare-pixel num"), scale],
                className="compare-map-foot",
            ),
            numbers,
        ],
        id="compare-difference",
        className="panel picture-card compare-card",
        **aria(labelledby="compare-difference-title"),
    )


def _picture(name: str, label: str) -> Component:
    return html.Div(
        [html.Div(className="stage"), html.P(className="absence")],
        id=f"compare-{name}-picture",
        className="picture",
        tabIndex=0,
        role="application",
        **aria(label=f"{label}. Arrow keys move the crosshair, with Shift by ten pixels, Enter pins it."),
    )
