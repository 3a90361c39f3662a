"""The Inspect page's panels in their places."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from visml.dashboard.panels import bins, layer, network, pictures
from visml.dashboard.panels import filter as pinned


def layout(*below: Component) -> list[Component]:
    """The network, the pictures and the shown layer, and below them what else there is."""
    views = [
        pictures.layout(),
        html.Div([layer.layout(), pinned.layout()], id="view-layer", className="view-layer"),
        html.Div(bins.layout(), id="view-bins", className="view-bins", hidden=True),
        *below,
    ]
    grid = html.Div([network.layout(), html.Div(views, className="inspect-main")], className="inspect")
    return [html.H1("Inspect", className="visually-hidden"), grid]
