"""The pieces that pages of charts are made of: a panel with its heading, a chart in its box, a fold-out."""

from __future__ import annotations

from typing import Any, cast

from dash import dcc, html

from visml import figures
from visml.dashboard.markup import aria, data


def panel(title: str, sub: str, inside: list[Any], name: str, more: Any = None) -> html.Section:
    """A section under a heading.

    Args:
        title: the heading.
        sub: what is said beside it, quietly.
        inside: its content.
        name: unique on the page; its class, and its heading's id.
        more: what else stands in the heading's line.
    """
    head = [html.H2(title, className="panel-title", id=f"{name}-title"), html.Span(sub, className="sub"), more]
    return html.Section(
        [html.Div([part for part in head if part is not None], className="panel-head"), *inside],
        className=f"panel {name}",
        **aria(labelledby=f"{name}-title"),
    )


def chart(key: str, figure: figures.Figure, finding: str) -> html.Div:
    """A plotly chart in a box that takes the pointer; the box, with what it shows in a sentence, is read aloud."""
    height, config = figure["layout"]["height"], cast(Any, figures.CONFIG)
    graph = dcc.Graph(id=f"training-{key}", figure=figure, config=config, style={"height": height})
    box = {"minHeight": height}  # before plotly has come, too
    return html.Div(graph, className="chart", role="img", style=box, **data(chart=key), **aria(label=finding))


def fold_out(summary: str, inside: list[Any], name: str) -> html.Details:
    """What is read when it is asked for."""
    return html.Details([html.Summary(summary), *inside], className="panel numbers", id=name)


def command(text: str) -> html.Pre:
    """A line to type into a terminal."""
    return html.Pre(text, className="command", tabIndex=0)


def empty(title: str, text: Any) -> html.Section:
    """A panel that says what is not there, and what to do."""
    return html.Section([html.H2(title, className="panel-title"), html.Div(text)], className="panel training-empty")
