"""The header of every page: the pages, the model, how its output is decoded, help, link and theme."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc  # type: ignore[import-untyped]
from dash import html
from dash.development.base_component import Component

from visml.dashboard import ids
from visml.dashboard.markup import aria, term


def layout(catalog: dict[str, Any], skipped: int) -> Component:
    """The header.

    Args:
        catalog: what can be opened, see :func:`visml.dashboard.describe.catalog`.
        skipped: how many models cannot be.
    """
    return html.Header(
        [
            html.A("VisML", href="/", className="brand"),
            html.Nav([_page_link(page) for page in ids.PAGES], className="pages", **aria(label="Pages")),
            html.Div([_model(catalog, skipped), _told(), *sliders(), _buttons()], className="tools"),
        ],
        className="header",
    )


def _page_link(page: str) -> Component:
    href = "/" if page == "inspect" else f"/{page}"
    here = aria(current="page") if page == "inspect" else {}  # until the address is read
    return html.A(page.capitalize(), id=f"nav-{page}", href=href, className="page-link", **here)


def _model(catalog: dict[str, Any], skipped: int) -> Component:
    select = dmc.Select(
        id=ids.MODEL,
        data=catalog["models"],
        value=catalog["model"],
        allowDeselect=False,
        searchable=False,
        placeholder="no model found",
        size="xs",
        w="auto",
        comboboxProps={"width": "max-content", "position": "bottom-end"},
        **aria(label="Model"),
    )
    warning = html.Button(
        f"{skipped} skipped",
        id="skipped-open",
        className="skipped",
        type="button",
        title="Models that cannot be opened, and why",
    )
    return html.Div(
        [html.Span("model", className="tool-name", **aria(hidden="true")), select, *([warning] if skipped else [])],
        className="tool tool-model",
    )


def _told() -> Component:
    """What a class-conditioned model is told; shown and filled by ``assets/told.js``."""
    select = dmc.Select(
        id=ids.TOLD,
        data=[],
        allowDeselect=False,
        searchable=False,
        size="xs",
        w="auto",
        comboboxProps={"width": "max-content", "position": "bottom-end"},
        **aria(label="Category that the model is told"),
    )
    name = html.Span(term("told", "told"), className="tool-name")
    return html.Div([name, select], id="told-tool", className="tool tool-told", hidden=True)


def sliders() -> list[Component]:
    """The boxes that the page's scripts put the sliders of temperature and prior in."""
    return [_temperature(), _prior()]


def theme_button() -> Component:
    """Light or dark."""
    return _icon_button("theme-toggle", "", "Light or dark")


def _temperature() -> Component:
    return html.Div(
        [
            html.Span(term("temperature", "T"), className="tool-name"),
            html.Div(id="temperature", className="range"),
            html.Output(id="temperature-value", className="num"),
        ],
        className="tool tool-temperature",
    )


def _prior() -> Component:
    return html.Div(
        [
            html.Span(term("prior", "prior"), className="tool-name"),
            html.Div(id="prior", className="range"),
            html.Output(id="prior-value", className="num"),
        ],
        id="prior-tool",
        className="tool tool-prior",
    )


def _buttons() -> Component:
    return html.Div(
        [
            _icon_button("help-open", "?", "Help and keys"),
            _icon_button("copy-link", "", "Copy a link to this view"),
            _icon_button("export-open", "", "Export pictures, numbers, or all of it as a page"),
            theme_button(),
        ],
        className="tool tool-buttons",
    )


def _icon_button(name: str, text: str, label: str) -> Component:
    return html.Button(text, id=name, className="icon-button", type="button", title=label, **aria(label=label))
