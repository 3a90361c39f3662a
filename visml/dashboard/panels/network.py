"""The network drawn as the navigation; its layers are put in by the page's scripts when a photo is opened."""

from __future__ import annotations

from dash import Dash, html
from dash.development.base_component import Component

from visml.dashboard.context import Context
from visml.dashboard.markup import aria


def layout() -> Component:
    """The frame of the drawing, with a word for the time before the first photo."""
    waiting = html.Li("Waiting for a photo", className="sub network-waiting")
    return html.Nav(
        html.Ul(waiting, id="network-list", className="network-list"),
        id="network",
        className="panel network",
        **aria(label="Layers of the network"),
    )


def register(app: Dash, context: Context) -> None:
    """Nothing on the server: the page knows the layers of an opened photo."""
