"""Color lens: the photo as each layer could already paint it, and how a pixel's color forms from layer to layer.

``/ask/<trace>/lens.json`` gives what the network's lens says of itself, or why there is none, and
``/ask/<trace>/lens?layer=conv4&lens=<digest>`` what it reads from a layer: logits, or ab for a model without bins.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dash import Dash, html
from dash.development.base_component import Component

from visml.dashboard.asking import Asked, answer
from visml.dashboard.context import Context
from visml.dashboard.markup import aria, term
from visml.dashboard.routes import BINARY, JSON, encode_output

if TYPE_CHECKING:
    from visml.inspector import Inspection

WORDS = (
    "How much of the color is there already? For each layer a ",
    term("linear-probe", "linear probe"),
    " was fitted to tell the color from what the layer gives at a place, and nothing else. So each picture is the "
    "photo as that layer alone could paint it.",
)


def layout() -> Component:
    """The strip of layers, filled by the page's scripts, and what it says of the pixel looked at."""
    return html.Div(
        [
            html.P(list(WORDS), className="sub ask-words"),
            html.P(id="lens-missing", className="lens-missing", hidden=True),
            html.Div(
                [
                    html.P(id="lens-decided", className="lens-decided num"),
                    html.Div(id="lens-progress", className="ask-progress"),
                ],
                className="lens-head",
            ),
            html.Ol(id="lens-strip", className="lens-strip", **aria(label="Layers, from input to output")),
            html.P(id="lens-foot", className="sub lens-foot num"),
        ]
    )


def register(app: Dash, context: Context) -> None:
    """Answers ``/ask/<trace>/lens.json``, which is not for good, and ``/ask/<trace>/lens``."""
    answer(app.server, context, "lens.json", JSON, _facts, lasting=False)
    answer(app.server, context, "lens", BINARY, _read)


def _facts(inspection: Inspection, asked: Asked) -> bytes:
    from visml.insight.forward import InsightRefused

    told: dict[str, Any]
    try:
        told = inspection.lens_facts().to_json()
    except InsightRefused as refusal:
        told = {"schema": 1, "missing": str(refusal)}
    return json.dumps(told, separators=(",", ":"), allow_nan=False).encode()


def _read(inspection: Inspection, asked: Asked) -> bytes:
    layer = asked.text("layer")
    if inspection.logits is None:
        return encode_output(inspection.lens_ab(layer), bins=False)
    return encode_output(inspection.lens(layer), bins=True)
