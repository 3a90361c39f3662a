"""The gallery strip: photos to choose from, and the ways to bring one's own."""

from __future__ import annotations

import dash_mantine_components as dmc  # type: ignore[import-untyped]
from dash import Dash, html
from dash.development.base_component import Component

from visml.dashboard import ids
from visml.dashboard.context import Context
from visml.dashboard.markup import aria, data

KINDS = ("all", "color", "grayscale", "yours")


def layout(categories: list[str]) -> Component:
    """The strip without its photos, which the page's scripts put in; a choice of category where there are any."""
    return html.Section(
        [
            html.Button(
                ["drop, paste or choose", html.Span(" a photo", className="visually-hidden")],
                id="upload",
                className="upload",
                type="button",
                title="Add a photo of your own",
            ),
            html.Div(id="strip", className="strip", role="listbox", **aria(label="Photos", orientation="horizontal")),
            html.P(id="strip-empty", className="strip-empty", hidden=True),
            html.Div([_kinds(), _categories(categories)], className="strip-filters"),
        ],
        id="photos",
        className="photos",
        **aria(label="Photos to open"),
    )


def register(app: Dash, context: Context) -> None:
    """Nothing on the server: choosing and filtering happen in the page."""


def _kinds() -> Component:
    return html.Div([_chip(kind) for kind in KINDS], id="kinds", className="chips", role="group", **aria(label="Show"))


def _chip(kind: str) -> Component:
    pressed = "true" if kind == "all" else "false"
    return html.Button(kind, type="button", className="chip", **aria(pressed=pressed), **data(kind=kind))


def _categories(categories: list[str]) -> Component:
    select = dmc.Select(
        id=ids.CATEGORY,
        data=[{"value": name, "label": name} for name in categories],
        placeholder="every category",
        clearable=True,
        searchable=len(categories) > 12,
        size="xs",
        w=170,
        **aria(label="Category"),
    )
    return html.Div(select, hidden=not categories)
