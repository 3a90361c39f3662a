"""One filter: its map over the photo, its value under the crosshair, its activations, its kernel weights."""

from __future__ import annotations

from dash import Dash, html
from dash.development.base_component import Component

from visml.dashboard.context import Context
from visml.dashboard.markup import aria, data


def layout() -> Component:
    """The panel of the filter looked at, filled by the page's scripts."""
    head = html.Div(
        [
            html.H2("Filter", id="filter-title", className="panel-title num"),
            html.Span(id="filter-sub", className="sub"),
            html.Div(
                [
                    html.Button(
                        "What follows \u2193",
                        id="filter-off-see",
                        className="button num",
                        type="button",
                        title="What follows from all filters that are off, below",
                        hidden=True,
                    ),
                    html.Button("Switch off", id="filter-off", className="button", type="button", title="Key o"),
                    html.Button("Pin", id="filter-pin", className="button", type="button"),
                ],
                className="filter-buttons",
            ),
        ],
        className="panel-head",
    )
    body = html.Div([_picture(), _facts()], className="filter-body")
    return html.Section(
        [head, body, _kernels()],
        id="filter-panel",
        className="panel filter-panel",
        **aria(labelledby="filter-title"),
    )


def register(app: Dash, context: Context) -> None:
    """Nothing on the server: kernel weights come from ``/data`` when a filter is pinned."""


def _picture() -> Component:
    frame = html.Div(
        html.Div(className="stage"),
        id="filter-picture",
        className="picture",
        tabIndex=0,
        role="application",
        **aria(label="The filter's map over the photo. Arrow keys move the crosshair, Enter pins it."),
    )
    slider = html.Label(html.Span("overlay", className="sub"), id="filter-overlay", className="overlay")
    return html.Div([frame, slider], className="filter-side")


def _facts() -> Component:
    return html.Div(
        [
            html.Div(
                id="filter-histogram",
                className="drawing filter-histogram",
                role="img",
                **aria(labelledby="filter-range"),
                **data(figure="{}, histogram"),
            ),
            html.P(id="filter-range", className="sub num"),
            html.Div(
                [
                    html.Span(
                        [
                            html.Span("value", className="sub"),
                            html.B("\u2013", id="filter-value"),
                            html.Span(id="filter-at", className="sub"),
                        ]
                    ),
                    html.Span([html.Span("std", className="sub"), html.B("\u2013", id="filter-std")]),
                ],
                className="facts num",
            ),
        ],
        className="filter-facts",
    )


def _kernels() -> Component:
    scale = html.Span(
        [html.Span(), html.Span(className="ramp"), html.Span()], id="kernel-scale", className="scale num", hidden=True
    )
    return html.Div(
        [
            html.Div([html.P(id="kernel-caption", className="sub"), scale], className="kernel-head"),
            html.Ul(
                id="kernel-list", className="kernel-list", tabIndex=0, **aria(label="Kernels by input, strongest first")
            ),
        ],
        className="kernels",
    )
