"""What the Evaluation page is put together from: panels, charts, scrolling tables, commands to copy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from dash import dcc, html

from visml import figures
from visml.dashboard.markup import aria, data


def panel(
    name: str, title: str, sub: str, inside: Sequence[Any], more: Any = None, heading: Any = html.H3
) -> html.Section:
    """A panel under a heading, ``name`` being its class and its heading's id."""
    head = [heading(title, className="panel-title", id=f"{name}-title"), html.Span(sub, className="sub"), more]
    return html.Section(
        [html.Div([part for part in head if part is not None], className="panel-head"), *inside],
        className=f"panel {name}",
        **aria(labelledby=f"{name}-title"),
    )


def chart(name: str, figure: figures.Figure, finding: str, **attributes: str) -> html.Div:
    """A plotly chart in a box that a screen reader reads as its finding; attributes become ``data-``."""
    graph = dcc.Graph(
        id=f"{name}-graph",
        figure=figure,
        config=cast(Any, figures.CONFIG),
        style={"height": figure["layout"]["height"]},
    )
    return html.Div(
        graph, id=name, className="evaluation-chart", role="img", **data(**attributes), **aria(label=finding)
    )


def scrolling(table: html.Table, label: str) -> html.Div:
    """A table that scrolls within its own box, also by the keyboard."""
    return html.Div(table, className="evaluation-scroll", tabIndex=0, role="region", **aria(label=label))


def heads(*titles: str) -> html.Thead:
    """A head of one row."""
    return html.Thead(html.Tr([html.Th(title, scope="col") for title in titles]))


def command(text: str) -> html.Pre:
    """A command to copy."""
    return html.Pre(text, className="command")
