"""The frame around the panels: header, gallery strip, pages, help."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import dash_mantine_components as dmc  # type: ignore[import-untyped]
from dash import Dash, dcc, html
from dash.development.base_component import Component

from visml.dashboard import describe, ids
from visml.dashboard.context import Context
from visml.dashboard.markup import aria
from visml.dashboard.panels import bins, colors, compare, evaluation, grid, layer, network, photos, pictures, training
from visml.dashboard.panels import filter as pinned

PANELS = (photos, pictures, network, layer, pinned, bins, compare, grid, colors, training, evaluation)

KEYS = (
    ("[ and ]", "previous and next layer"),
    (", and .", "previous and next photo"),
    ("Arrow keys", "move in the pictures, the filters, the bars, the bins or the network, whichever has the focus"),
    ("Enter or Space", "pin the filter or the pixel"),
    ("Esc", "let go of the filter and the pixel"),
    ("?", "this list"),
)

INDEX = """<!DOCTYPE html>
<html lang="en">
  <head>
    {%metas%}
    <meta name="color-scheme" content="light dark">
    <title>{%title%}</title>
    <link rel="icon" type="image/svg+xml" href="ICON">
    <script src="/assets/theme.js?m=THEME"></script>
    {%css%}
  </head>
  <body>
    {%app_entry%}
    <noscript>VisML draws its pages with JavaScript: allow it for this address and load the page again.</noscript>
    {%config%}
    {%scripts%}
    {%renderer%}
  </body>
</html>
"""


def index(assets: Path) -> str:
    """The HTML around the app.

    The theme's script comes first, so that the page never flashes in the wrong one. The icon is in the page itself,
    because browsers fetch one by address again whenever the address bar changes.
    """
    icon = base64.b64encode((assets / "icon.svg").read_bytes()).decode()
    changed = (assets / "theme.js").stat().st_mtime_ns
    return INDEX.replace("THEME", str(changed)).replace("ICON", f"data:image/svg+xml;base64,{icon}")


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
            _header(catalog, len(skipped)),
            html.Div(className="progress", **aria(hidden="true")),
            photos.layout(categories),
            html.Main([_inspect(), *_others()], id="main", tabIndex=-1),
            _help(skipped),
            html.Div("Drop to open", className="drop-veil", **aria(hidden="true")),
            html.Div(id="notices", className="notices"),
            html.Div(id="announcer", className="visually-hidden", role="status"),
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
        dcc.Store(id=ids.ASKED),
        dcc.Store(id=ids.TRACE),
        dcc.Store(id=ids.NOTICE),
    ]


def _header(catalog: dict[str, Any], skipped: int) -> Component:
    return html.Header(
        [
            html.A("VisML", href="/", className="brand"),
            html.Nav([_page_link(page) for page in ids.PAGES], className="pages", **aria(label="Pages")),
            html.Div([_model(catalog, skipped), _temperature(), _buttons()], className="tools"),
        ],
        className="header",
    )


def _page_link(page: str) -> Component:
    href = "/" if page == "inspect" else f"/{page}"
    return html.A(page.capitalize(), id=f"nav-{page}", href=href, className="page-link")


def _model(catalog: dict[str, Any], skipped: int) -> Component:
    select = dmc.Select(
        id=ids.MODEL,
        data=catalog["models"],
        value=catalog["model"],
        allowDeselect=False,
        searchable=False,
        placeholder="no model found",
        size="xs",
        w=150,
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


def _temperature() -> Component:
    slider = dmc.Slider(
        id=ids.TEMPERATURE,
        min=0,
        max=1,
        step=0.01,
        value=0.38,
        label=None,
        size=4,
        thumbSize=16,
        updatemode="drag",
        thumbLabel="Temperature of the decoding",
        w=112,
    )
    return html.Div(
        [
            html.Span("T", className="tool-name", title="Temperature: 0 takes the likeliest color, 1 the mean"),
            slider,
            html.Output(id="temperature-value", className="num"),
        ],
        className="tool tool-temperature",
    )


def _buttons() -> Component:
    return html.Div(
        [
            _icon_button("help-open", "?", "Help and keys"),
            _icon_button("copy-link", "", "Copy a link to this view"),
            _icon_button("theme-toggle", "", "Light or dark"),
        ],
        className="tool tool-buttons",
    )


def _icon_button(name: str, text: str, label: str) -> Component:
    return html.Button(text, id=name, className="icon-button", type="button", title=label, **aria(label=label))


def _inspect() -> Component:
    views = [
        pictures.layout(),
        html.Div([layer.layout(), pinned.layout()], id="view-layer", className="view-layer"),
        html.Div(bins.layout(), id="view-bins", className="view-bins", hidden=True),
    ]
    grid = html.Div([network.layout(), html.Div(views, className="inspect-main")], className="inspect")
    return html.Section([html.H1("Inspect", className="visually-hidden"), grid], id="page-inspect", className="page")


def _others() -> list[Component]:
    pages = (
        ("compare", (compare, grid)),
        ("colors", (colors,)),
        ("training", (training,)),
        ("evaluation", (evaluation,)),
    )
    return [
        html.Section([panel.layout() for panel in panels], id=f"page-{name}", className="page", hidden=True)
        for name, panels in pages
    ]


def _help(skipped: list[tuple[str, str]]) -> Component:
    rows = [html.Div([html.Dt(key), html.Dd(meaning)], className="key") for key, meaning in KEYS]
    switch = html.Button("One-character keys", id="single-keys", className="switch", type="button", role="switch")
    close = html.Button("Close", id="help-close", className="button", type="button")
    return html.Dialog(
        [
            html.H2("How to look inside", id="help-title"),
            html.P(
                "Choose a photo above, or drop, paste or upload one of yours. Move over the network to change the "
                "layer, over a filter or a pixel to read it; click to pin it. The address holds the whole view."
            ),
            html.H3("Keys"),
            html.Dl(rows, className="keys"),
            *_skipped(skipped),
            html.Div([switch, close], className="dialog-foot"),
        ],
        id="help",
        className="dialog",
        **aria(labelledby="help-title"),
    )


def _skipped(skipped: list[tuple[str, str]]) -> list[Component]:
    if not skipped:
        return []
    rows = [html.Div([html.Dt(name), html.Dd(reason)], className="key") for name, reason in skipped]
    return [html.H3("Models that cannot be opened"), html.Dl(rows, className="keys")]
