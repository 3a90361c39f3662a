"""The Export menu: a colored photo, numbers, charts, or the whole inspection as a page.

``/ask/<trace>/export/<file>`` gives ``color.png``, ``arrays.npz``, ``filters.csv``, ``histogram.csv``, ``map.csv``,
``distribution.csv``, ``output.csv`` and ``page.html``; the query says of which view. Charts are made in the page by
assets/export-figure.js.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from dash import Dash, html
from dash.development.base_component import Component

from visml.dashboard.asking import Answer, Asked, answer
from visml.dashboard.context import Context
from visml.dashboard.markup import aria
from visml.dashboard.routes import BINARY, PNG

if TYPE_CHECKING:
    from visml.inspector import Inspection
    from visml.inspector.shown import Shown

CSV = "text/csv"
LONGEST_NAME = 200
LARGEST = 100_000  # of whole numbers in an address


def layout() -> Component:
    """The menu, closed; its rows are put in by the page's scripts when it is opened."""
    return html.Div(id="export", className="export", hidden=True, role="dialog", **aria(label="Export"))


def register(app: Dash, context: Context) -> None:
    """Answers ``/ask/<trace>/export/...``; nothing of it is kept, as each is asked for once."""
    for file, (mimetype, encode) in FILES.items():
        answer(app.server, context, f"export/{file}", mimetype, encode, lasting=False)


def shown(inspection: Inspection, asked: Asked) -> Shown:
    """The view that an address asks for."""
    from visml.inspector.shown import Shown

    return Shown(
        inspection,
        layer=asked.text("layer", inspection.layers[-1].name),
        x=asked.whole("x", 0, LARGEST, 0),
        y=asked.whole("y", 0, LARGEST, 0),
        temperature=asked.number("t", 0, 1, 0.38),
        prior=asked.number("prior", 0, 1, 0.0),
        photo=_name(asked),
    )


def _name(asked: Asked) -> str:
    return asked.text("name")[:LONGEST_NAME]


def _color(inspection: Inspection, asked: Asked) -> bytes:
    from visml.images.decode import encode_png

    view = shown(inspection, asked)
    return encode_png(view.output.colorized(view.temperature), level=3)


def _arrays(inspection: Inspection, asked: Asked) -> bytes:
    import numpy as np

    buffer = io.BytesIO()
    np.savez(buffer, **shown(inspection, asked).arrays())  # type: ignore[arg-type]
    return buffer.getvalue()


def _map(inspection: Inspection, asked: Asked) -> bytes:
    from visml.inspector import tables

    return tables.one_map(shown(inspection, asked), asked.whole("filter", 0, LARGEST))


def _table(name: str) -> tuple[str, Answer]:
    def encode(inspection: Inspection, asked: Asked) -> bytes:
        from visml.inspector.tables import TABLES

        return TABLES[name](shown(inspection, asked))

    return CSV, encode


def _page(inspection: Inspection, asked: Asked) -> bytes:
    from urllib.parse import urlencode

    from visml.dashboard.replay import page

    return page(inspection, urlencode(list(asked.values.items())), _name(asked))


# A page of somebody else's making must not be shown under this address: it goes out as bytes to be saved.
FILES: dict[str, tuple[str, Answer]] = {
    "color.png": (PNG, _color),
    "arrays.npz": (BINARY, _arrays),
    "page.html": (BINARY, _page),
    "map.csv": (CSV, _map),
    **{f"{name}.csv": _table(name) for name in ("filters", "histogram", "distribution", "output")},
}
