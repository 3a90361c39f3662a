"""The five pages, each a section.

What callbacks fill (Training, Evaluation) is Dash's. The other pages are filled by the browser's scripts alone, and
their thousand elements travel as HTML, in templates that ``assets/open.js`` puts into their sections: Dash would look
at each of them whenever anything changes.
"""

from __future__ import annotations

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
def templates() -> str:
    """HTML of what belongs into the empty pages."""
    return "".join(
        f'<template data-inside="page-{name}">{markup(inside, served=True)}</template>'
        for name, inside in _filled_in_the_browser().items()
    )


def _filled_in_the_browser() -> dict[str, list[Component]]:
    questions = ask.layout([(each.name, each.title, each.asks, each.panel.layout()) for each in QUESTIONS])
    return {
        "inspect": inspecting.layout(questions),
        "compare": [compare.layout(), grid.layout()],
        "colors": [colors.layout()],
    }


def _section(name: str, *inside: Component) -> Component:
    return html.Section(list(inside), id=f"page-{name}", className="page", hidden=name != "inspect")
