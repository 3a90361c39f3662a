"""The five pages, each a section.

What callbacks fill (Training, Evaluation) is Dash's. The other pages are filled by the browser's scripts alone, and
their thousand elements travel as HTML, with those scripts, and ``assets/open.js`` puts them into their sections: Dash
would look at each of them whenever anything changes.
"""

from __future__ import annotations

import json
from functools import cache

from dash import html
from dash.development.base_component import Component

from visml.dashboard import inspecting
from visml.dashboard.panels import ask, colors, compare, evaluation, grid, training
from visml.dashboard.plain import markup
from visml.dashboard.questions import QUESTIONS


def layout() -> list[Component]:
    """All pages, Inspect shown; those that are filled in the browser are empty."""
    return [
        *(_section(name) for name in _filled_in_the_browser()),
        _section("training", training.layout()),
        _section("evaluation", evaluation.layout()),
    ]


@cache
def script() -> str:
    """What tells the browser, as ``dash_clientside.visml.pages``, the HTML that belongs into each empty page."""
    inside = {name: markup(parts, served=True) for name, parts in _filled_in_the_browser().items()}
    return f"((window.dash_clientside ||= {{}}).visml ||= {{}}).pages = {json.dumps(inside)};"


def _filled_in_the_browser() -> dict[str, list[Component]]:
    questions = ask.layout([(each.name, each.title, each.asks, each.panel.layout()) for each in QUESTIONS])
    return {
        "inspect": inspecting.layout(questions),
        "compare": [compare.layout(), grid.layout()],
        "colors": [colors.layout()],
    }


def _section(name: str, *inside: Component) -> Component:
    return html.Section(list(inside), id=f"page-{name}", className="page", hidden=name != "inspect")
