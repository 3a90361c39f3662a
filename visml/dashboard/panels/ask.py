"""Ask why: the frame of the questions, one tab each, and the region of the photo that they are about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import Dash, html
from dash.development.base_component import Component

from visml.dashboard.context import Context
from visml.dashboard.markup import aria


def layout(questions: Sequence[tuple[str, str, str, Component]]) -> Component:
    """Tabs over the questions' own panels.

    Args:
        questions: name, title, sentence and panel of each; the name is the state's ``ask``.
    """
    tabs = [
        html.Button(
            title,
            id=f"ask-tab-{name}",
            type="button",
            role="tab",
            tabIndex=-1,
            value=name,
            **aria(selected="false", controls=f"ask-{name}"),
        )
        for name, title, _, _ in questions
    ]
    panels = [
        html.Div(panel, id=f"ask-{name}", className="ask-panel", role="tabpanel", hidden=True, **_labelled(name))
        for name, _, _, panel in questions
    ]
    hints = [
        html.Li(
            [html.Button(asks, type="button", value=name, className="ask-question"), html.Span(title, className="sub")]
        )
        for name, title, asks, _ in questions
    ]
    return html.Section(
        [
            html.Div(
                [html.H2("Ask why", id="ask-title", className="panel-title"), _region()],
                className="panel-head ask-head",
            ),
            html.Div(tabs, id="ask-tabs", className="ask-tabs", role="tablist", **aria(label="Questions")),
            html.Ul(hints, id="ask-hint", className="ask-hint"),
            *panels,
        ],
        id="ask",
        className="panel ask",
        **aria(labelledby="ask-title"),
    )


def register(app: Dash, context: Context) -> None:
    """Nothing on the server: each question's own panel has its address."""


def _labelled(name: str) -> dict[str, Any]:
    return aria(labelledby=f"ask-tab-{name}")


def _region() -> Component:
    select = html.Button(
        "Select a region",
        id="region-select",
        className="button",
        type="button",
        title="Then drag over a picture, or press Enter at two corners; Shift and drag does it at once",
        **aria(pressed="false"),
    )
    clear = html.Button(
        "\u00d7", id="region-clear", className="region-clear", type="button", hidden=True, **aria(label="No region")
    )
    return html.Div(
        [html.Span("whole photo", id="region-text", className="sub num"), clear, select], className="ask-region"
    )
