"""The four linked pictures with the pixel's numbers, and the whole photo at a glance."""

from __future__ import annotations

from dash import Dash, html
from dash.development.base_component import Component

from visml.dashboard.context import Context
from visml.dashboard.markup import aria, data, term
from visml.dashboard.scores import SCORES

NO_TARGET = "This photo is gray: it has no colors to compare with."
EXTRAS = (
    ("entropy", "Entropy"),
    ("difference", "Difference"),
    ("a", "Predicted a"),
    ("b", "Predicted b"),
    ("modes", "Modes"),
    ("margin", "Margin"),
    ("gamut", "Out of gamut"),
    ("probability", "Likely"),  # while the pointer is on a bin
    ("mass", "Brushed"),  # while bins are brushed
)
NOT_FOR_CHOOSING = ("probability", "mass")


def layout() -> Component:
    """Target, lightness, predicted, a fourth of choice, and the summary."""
    return html.Div(
        [
            _picture("target", html.H2(term("target"), className="panel-title"), absence=NO_TARGET),
            _picture("lightness", html.H2(term("lightness"), className="panel-title"), sub="the input"),
            _picture("predicted", html.H2(term("predicted"), className="panel-title")),
            _picture("extra", _choice(), line=_scale("extra-scale"), words="extra-words"),
            _summary(),
        ],
        id="pictures",
        className="pictures",
    )


def register(app: Dash, context: Context) -> None:
    """Nothing on the server: the pictures are painted in the page from ``/data``."""


def _picture(
    name: str, title: Component, sub: str = "", absence: str = "", line: Component | None = None, words: str = ""
) -> Component:
    label = "fourth" if name == "extra" else name
    frame = html.Div(
        [html.Div(className="stage"), html.P(absence, className="absence")],
        id=f"picture-{name}",
        className="picture",
        tabIndex=0,
        role="application",
        **aria(label=f"The {label} picture. Arrow keys move the crosshair, with Shift by ten pixels, Enter pins it."),
    )
    value = html.Span(
        [html.Span(className="swatch", hidden=True), html.Span()], id=f"value-{name}", className="num pixel-value"
    )
    return html.Section(
        [
            html.Div([title, html.Span(sub, className="sub")], className="panel-head"),
            frame,
            html.Div([value, *([line] if line else [])], className="picture-foot"),
            *([] if words else [html.P(id=f"hue-{name}", className="sub picture-hue")]),
            *([html.P(id=words, className="sub num picture-words")] if words else []),
        ],
        id=f"picture-{name}-card",
        className="panel picture-card",
    )


def _choice() -> Component:
    options = [html.Option(label, value=value, hidden=value in NOT_FOR_CHOOSING) for value, label in EXTRAS]
    select = html.Select(
        options, id="extra-choice", className="title-choice", **aria(label="What the fourth picture shows")
    )
    about = term("entropy", "?", "term-mark", id="extra-term", **aria(label="What is this?"))
    return html.H2([select, about], className="panel-title")


def _scale(name: str) -> Component:
    return html.Span([html.Span(), html.Span(className="ramp"), html.Span()], id=name, className="scale num")


def _summary() -> Component:
    return html.Section(
        [
            html.Div(
                [_plane("target", [term("ab-plane", "ab"), ", target"]), _plane("predicted", ["predicted"])],
                className="planes",
            ),
            html.Div(
                [
                    html.Span(term("lightness", "L"), className="sub"),
                    html.Div(
                        id="lightness-histogram",
                        className="drawing",
                        role="img",
                        **aria(
                            label="Histogram of the photo's lightness from 0 to 100; height is the square root of the "
                            "count"
                        ),
                        **data(figure="Lightness, histogram"),
                    ),
                ],
                className="lightness",
            ),
            _table(),
        ],
        id="summary",
        className="panel summary",
        **aria(label="The whole photo"),
    )


def _plane(name: str, title: list[Component | str]) -> Component:
    box = html.Div(
        id=f"plane-{name}",
        className="drawing plane",
        role="img",
        **aria(label=f"Colors of the {name} on the ab plane: each bin as strong as it is frequent"),
        **data(figure=f"Colors, {name}"),
    )
    absence = [html.P("gray photo", className="sub plane-absence")] if name == "target" else []
    return html.Div([html.H2(title, className="panel-title"), box, *absence], className="plane-box")


def _table() -> Component:
    head = html.Tr(
        [
            html.Th(html.Span(id="summary-t", className="sub")),
            html.Th("predicted", scope="col"),
            html.Th("gray", scope="col"),
        ]
    )
    rows = [
        html.Tr(
            [
                html.Th(term(score.term, score.label), scope="row"),
                html.Td("\u2013", id=f"score-{score.key}"),
                html.Td("\u2013", id=f"gray-{score.key}"),
            ]
        )
        for score in SCORES
    ]
    return html.Table(
        [html.Thead(head), html.Tbody(rows)],
        className="scores",
        **aria(label="Scores of the prediction and of plain gray"),
    )
