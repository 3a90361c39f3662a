"""Why here: which pixels of the lightness, and which filters, the color of a pixel or region hangs on.

Addresses under ``/ask/<trace>``; of what they are about they say ``bin=150`` or ``bin=150&against=160``, or a direction
of color ``a=1&b=0&t=0.38``, and where: ``region=x,y`` or ``region=left,top,right,bottom``.

- ``why?...&method=occlusion&baseline=gray&part=3``: float32, the map (S, S), then the quantity where the part begins
  and where it ends.
- ``carriers?...&layer=conv4&top=10``: JSON, the filters that carry most, of one layer or of all.
- ``field?layer=conv4&x=80&y=100``: JSON, the receptive field there.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
from dash import Dash, html
from dash.development.base_component import Component

from visml.dashboard.asking import Asked, answer
from visml.dashboard.context import Context
from visml.dashboard.describe import SCHEMA
from visml.dashboard.markup import aria, data, term
from visml.dashboard.routes import BINARY, JSON

if TYPE_CHECKING:
    from torch import Tensor

    from visml.insight.quantity import Quantity
    from visml.inspector import Inspection

METHODS = (
    ("gradient_x_input", "gradient \u00d7 input"),
    ("integrated_gradients", "integrated gradients"),
    ("occlusion", "occlusion"),
)
BASELINES = (("gray", "lightness 50"), ("mean", "the photo\u2019s mean"))
TOP = 10
_MOST = 10_000


def layout() -> Component:
    """What is asked, the map, the plane of colors with the field's numbers, and the filters by layer."""
    words = (
        "How much each pixel\u2019s lightness adds to a color here (orange) or takes from it (purple), and which "
        "filters carry it. Click a pixel in any picture, or select a region and press the button."
    )
    return html.Div(
        [
            html.P(words, className="sub ask-words"),
            _choices(),
            html.Div([_map(), _colors(), _carriers()], className="why-body"),
        ]
    )


def register(app: Dash, context: Context) -> None:
    """Puts the three questions on the server."""
    answer(app.server, context, "why", BINARY, _attribution)
    answer(app.server, context, "carriers", JSON, _filters)
    answer(app.server, context, "field", JSON, _field)


# ---- answers ---------------------------------------------------------------------------------------------------------


def _quantity(asked: Asked) -> Quantity:
    from visml.insight.quantity import LogOdds, LogProbability, Shift

    if "bin" not in asked.values:
        direction = asked.number("a", -200, 200), asked.number("b", -200, 200)
        return Shift(*direction, temperature=asked.number("t", 0, 1, 0.38))
    bin_ = asked.whole("bin", 0, _MOST)
    return LogOdds(bin_, asked.whole("against", 0, _MOST)) if "against" in asked.values else LogProbability(bin_)


def _attribution(inspection: Inspection, asked: Asked) -> bytes:
    found = inspection.attributed(
        _quantity(asked),
        asked.region(inspection.trace.facts.size),
        asked.choice("method", tuple(name for name, _ in METHODS)),
        asked.choice("baseline", tuple(name for name, _ in BASELINES)),
        asked.whole("part", 0, _MOST, 0),
    )
    return np.append(found.map.numpy().ravel(), [found.low, found.high]).astype("<f4").tobytes()


def _filters(inspection: Inspection, asked: Asked) -> bytes:
    from visml.insight.carriers import carriers

    quantity, top = _quantity(asked), asked.whole("top", 1, _MOST, TOP)
    with inspection.question(quantity, asked.region(inspection.trace.facts.size)) as question:
        only = asked.text("layer") and question.forward.layer(asked.text("layer")).name
        found = carriers(question)
    layers = [_strongest(name, values, top) for name, values in found.items() if only in ("", name)]
    return _json({"schema": SCHEMA, "unit": quantity.unit, "layers": layers})


def _strongest(layer: str, values: Tensor, top: int) -> dict[str, Any]:
    order = np.argsort(-np.abs(values.numpy()), kind="stable")[:top]
    return {
        "layer": layer,
        "total": float(values.sum()),
        "filters": order.tolist(),
        "values": values.numpy()[order].tolist(),
    }


def _field(inspection: Inspection, asked: Asked) -> bytes:
    last = inspection.trace.facts.size - 1
    layer, x, y = asked.text("layer"), asked.whole("x", 0, last), asked.whole("y", 0, last)
    field = inspection.effective_field(layer, x, y)
    told = {"x": field.x, "y": field.y, "radius": field.radius, "side": field.side, "declared": field.declared}
    return _json({"schema": SCHEMA, "layer": layer, **told})


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


# ---- the panel -------------------------------------------------------------------------------------------------------


def _choices() -> Component:
    return html.Div(
        [
            _choice("about", "color A"),
            _choice("against", "against B"),
            _choice("method", term("attribution", "by"), METHODS),
            term("gradient-x-input", "?", "term-mark", id="why-method-term", **aria(label="What is this method?")),
            _choice("baseline", term("baseline", "compared with"), BASELINES),
            html.Button("Ask for this pixel", id="why-ask", className="button why-ask", type="button"),
        ],
        className="why-choices",
    )


def _choice(name: str, title: Component | str, options: tuple[tuple[str, str], ...] = ()) -> Component:
    made = [html.Option(label, value=value) for value, label in options]
    return html.Label([html.Span(title, className="sub"), html.Select(made, id=f"why-{name}", className="chooser")])


def _map() -> Component:
    marks = [
        html.Span(className=f"why-mark why-{kind}", hidden=True, **aria(hidden="true"))
        for kind in ("declared", "effective", "asked")
    ]
    frame = html.Div(
        html.Div(marks, className="stage"),
        id="why-picture",
        className="picture",
        tabIndex=0,
        role="application",
        **aria(
            label="What each pixel\u2019s lightness adds, over the photo. Arrow keys move the crosshair, Enter pins it."
        ),
    )
    scale = html.Span(
        [html.Span(), html.Span(className="ramp"), html.Span()], id="why-scale", className="scale num", hidden=True
    )
    return html.Div(
        [
            frame,
            html.Div([html.Span(id="why-value", className="num pixel-value"), scale], className="picture-foot"),
            html.Span(id="why-progress", className="ask-progress"),
            html.Span(id="why-status", className="sub"),
            html.P(id="why-words", className="num why-words"),
            html.P(id="why-check", className="sub num why-words"),
        ],
        className="why-map",
    )


def _colors() -> Component:
    letters = [
        html.Button(letter, type="button", **data(letter=letter), **aria(pressed=str(letter == "A").lower()))
        for letter in ("A", "B")
    ]
    head = [
        html.H3("A click sets", className="panel-title"),
        html.Div(letters, id="why-letter", className="seg", role="group", **aria(label="Which color a click sets")),
    ]
    plane = html.Div(
        id="why-gamut",
        className="drawing why-gamut",
        tabIndex=0,
        role="application",
        **aria(label="The bins on the ab plane. Arrow keys move over them, Enter sets color A, with Shift color B."),
    )
    without = "This model gives colors and has no bins: it is asked how far it goes in a direction of color."
    point = html.P(id="why-bin", className="sub num")
    return html.Div(
        [
            html.Div([html.Div(head, className="panel-head"), plane, point], id="why-plane"),
            html.P(without, id="why-without", className="sub", hidden=True),
            html.Div(
                [
                    html.Label(
                        [
                            html.H3(term("effective-field", "Field of"), className="panel-title"),
                            html.Select(id="why-field"),
                        ]
                    ),
                    html.P(id="why-field-words", className="sub num"),
                ],
                className="why-field",
            ),
        ],
        className="why-colors",
    )


def _carriers() -> Component:
    words = (
        "Activation \u00d7 gradient, summed over the map: about by how much the quantity would fall without the filter."
    )
    return html.Div(
        [
            html.H3(term("carriers", "Filters that carry it"), className="panel-title"),
            html.P(words, className="sub"),
            html.Ol(id="why-layers", className="why-layers num"),
        ],
        className="why-carriers",
    )
