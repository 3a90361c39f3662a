"""The prediction layer: the pixel's distribution over the bins, its likeliest colors, and what it becomes."""

from __future__ import annotations

from dash import Dash, html
from dash.development.base_component import Component

from visml.dashboard.context import Context
from visml.dashboard.markup import aria, term

OUTCOMES = (
    ("annealed", term("annealed-mean", "annealed mean"), "\u00d7"),
    ("mode", term("mode", "mode"), "△"),
    ("mean", term("mean", "mean"), "+"),
    ("truth", term("target", "truth"), "○"),
)


def layout() -> Component:
    """Three panels: the plane of bins, the ten likeliest, the outcomes."""
    return html.Div([_gamut(), _ten(), _becomes()], className="bins-panels")


def register(app: Dash, context: Context) -> None:
    """Nothing on the server: the distributions come from ``/data`` and are read in the page."""


def _gamut() -> Component:
    head = html.Div(
        [
            html.H2(["Distribution over the ", term("bin", "bins")], id="gamut-title", className="panel-title"),
            html.Span(id="gamut-sub", className="sub num"),
        ],
        className="panel-head",
    )
    box = html.Div(
        id="gamut",
        className="drawing gamut",
        tabIndex=0,
        role="application",
        **aria(
            label="The bins on the ab plane, each a disc as large as it is likely. Arrow keys move over them, with "
            "Shift they select a rectangle, Enter selects one, Escape none."
        ),
    )
    clear = html.Button("Clear", id="gamut-clear", className="button small", type="button", hidden=True)
    note = html.Div([html.P(id="gamut-bin", className="sub num"), clear], className="gamut-bin")
    return html.Section([head, box, note], className="panel gamut-panel", **aria(labelledby="gamut-title"))


def _ten() -> Component:
    rows = [
        html.Li(
            [
                html.Span(className="swatch"),
                html.Span(className="bin-name"),
                html.Span(className="bin-hue"),
                html.Span(className="bin-percent"),
                html.Span(html.Span(className="bin-bar"), className="bin-track", **aria(hidden="true")),
            ]
        )
        for _ in range(10)
    ]
    facts = html.Div(
        [
            html.Span([html.Span(term("entropy", "entropy"), className="sub"), html.B("\u2013", id="pixel-entropy")]),
            html.Span([html.Span("top ten", className="sub"), html.B("\u2013", id="pixel-mass")]),
        ],
        className="facts num",
    )
    return html.Section(
        [
            html.Div(html.H2("Ten likeliest colors", id="ten-title", className="panel-title"), className="panel-head"),
            html.Ol(rows, id="ten", className="ten num"),
            facts,
        ],
        className="panel ten-panel",
        **aria(labelledby="ten-title"),
    )


def _becomes() -> Component:
    rows = [
        html.Li(
            [
                html.Span(className="swatch"),
                html.Span(
                    [
                        html.Span(mark, className="mark", **aria(hidden="true")),
                        label,
                        *([html.Span(id="becomes-t", className="sub num")] if name == "annealed" else []),
                    ],
                    className="outcome",
                ),
                html.Span(className="outcome-value"),
            ],
            id=f"becomes-{name}",
        )
        for name, label, mark in OUTCOMES
    ]
    words = html.P(
        "Discs show the network's own distribution, at T 1, without what the prior slider divides out. The annealed "
        "mean sharpens it by the temperature and is what the prediction is painted with; T 0 would paint the mode, "
        "T 1 the mean. Truth is the photo's own pixel under the crosshair.",
        className="sub becomes-words",
    )
    return html.Section(
        [
            html.Div(html.H2("What it becomes", id="becomes-title", className="panel-title"), className="panel-head"),
            html.Ul(rows, className="becomes num"),
            words,
        ],
        className="panel becomes-panel",
        **aria(labelledby="becomes-title"),
    )
