"""The frame around the panels: header, gallery strip, pages, help."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from string import Template
from typing import Any

import dash_mantine_components as dmc  # type: ignore[import-untyped]
from dash import Dash, dcc, html
from dash.development.base_component import Component

from visml.dashboard import describe, exports, header, ids, manual, pages
from visml.dashboard.context import Context
from visml.dashboard.markup import aria, sentences
from visml.dashboard.panels import (
    ask,
    bins,
    colors,
    compare,
    evaluation,
    grid,
    layer,
    network,
    photos,
    pictures,
    training,
)
from visml.dashboard.panels import filter as pinned
from visml.dashboard.questions import QUESTIONS
from visml.dashboard.scripts import ASSETS, bundle

PANELS = (
    photos,
    pictures,
    network,
    layer,
    pinned,
    bins,
    compare,
    grid,
    colors,
    training,
    evaluation,
    ask,
    exports,
    *(question.panel for question in QUESTIONS),
)

INDEX = Template("""<!DOCTYPE html>
<html lang="en">
  <head>
    $metas
    <meta name="color-scheme" content="light dark">
    <title>$title</title>
    <link rel="icon" type="image/svg+xml" href="$icon">
    <script src="/assets/theme.js?m=$changed"></script>
    $css
    <link rel="stylesheet" href="$styles">
  </head>
  <body>
    $app_entry
    <noscript>VisML draws its pages with JavaScript: allow it for this address and load the page again.</noscript>
    $config
    <script src="$own"></script>
    $scripts
    $renderer
  </body>
</html>
""")


def index(parts: Mapping[str, str]) -> str:
    """The HTML around the app.

    The theme's script comes first, so that the page never flashes in the wrong one. The icon is in the page itself,
    because browsers fetch one by address again whenever the address bar changes.

    Args:
        parts: what Dash puts in, by name.
    """
    icon = base64.b64encode((ASSETS / "icon.svg").read_bytes()).decode()
    return INDEX.substitute(
        parts,
        icon=f"data:image/svg+xml;base64,{icon}",
        changed=(ASSETS / "theme.js").stat().st_mtime_ns,
        styles=bundle("css").address,
        own=bundle("js").address,
    )


def register(app: Dash, context: Context) -> None:
    """Registers the callbacks of every panel."""
    for panel in PANELS:
        panel.register(app, context)


def layout(context: Context) -> Component:
    """The whole page, made anew for each load so that new photos and models are in it."""
    catalog = describe.catalog(context)
    skipped = context.checkpoints()[1]
    categories = sorted({photo["category"] for photo in catalog["photos"] if photo["category"]})
    page: Component = dmc.MantineProvider(
        [
            html.A("Skip to the page", href="#main", className="skip"),
            header.layout(catalog, len(skipped)),
            html.Div(className="progress", **aria(hidden="true")),
            photos.layout(categories),
            html.Main(pages.layout(), id="main", tabIndex=-1),
            _help(skipped),
            html.Div("Drop to open", className="drop-veil", **aria(hidden="true")),
            exports.layout(),
            html.Div(id="notices", className="notices"),
            html.Div(id="announcer", className="visually-hidden", role="status"),
            sentences(manual.address),
            *_stores(catalog),
        ],
        id="mantine",
        defaultColorScheme="auto",
        theme={"fontFamily": "var(--font)", "cursorType": "pointer", "respectReducedMotion": True},
    )
    return page


def _stores(catalog: dict[str, Any]) -> list[Component]:
    return [
        dcc.Store(id=ids.CATALOG, data=catalog),
        dcc.Store(id=ids.NOTICE),
    ]


def _help(skipped: list[tuple[str, str]]) -> Component:
    switch = html.Button("One-character keys", id="single-keys", className="switch", type="button", role="switch")
    close = html.Button("Close", id="help-close", className="button", type="button")
    return html.Dialog(
        [
            html.H2("How to look inside", id="help-title"),
            html.P(
                "Choose a photo above, or drop, paste or upload one of yours. Move over the network to change the "
                "layer, over a filter or a pixel to read it; click to pin it. Words with dots under them say what they "
                "mean. The address holds the whole view."
            ),
            html.Div(
                [html.Button("Take the tour", id="help-tour", className="button", type="button"), *_manual()],
                className="dialog-links",
            ),
            html.H3("Keys"),
            html.Div(id="help-keys"),
            *_skipped(skipped),
            html.Div([switch, close], className="dialog-foot"),
        ],
        id="help",
        className="dialog",
        **aria(labelledby="help-title"),
    )


def _manual() -> list[Component]:
    pages = (("glossary", "All words"), ("tour", "What was found"), ("insight", "Every question"))
    to = [(f"{manual.ADDRESS}/{page}.html", title) for page, title in pages]
    return [html.A(title, href=address, target="_blank", rel="noopener") for address, title in to]


def _skipped(skipped: list[tuple[str, str]]) -> list[Component]:
    if not skipped:
        return []
    rows = [html.Div([html.Dt(name), html.Dd(reason)], className="key") for name, reason in skipped]
    return [html.H3("Models that cannot be opened"), html.Dl(rows, className="keys")]
