"""What if: the photo's lightness edited, and the colors that the network predicts from it, as the edits are made.

``GET /ask/<trace>/what-if?what=...`` gives the output for the edited lightness, ``/ask/<trace>/what-if-lightness``
the edited lightness as a gray PNG; how edits are written is told in :mod:`visml.insight.counterfactual`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from dash import Dash, html
from dash.development.base_component import Component

from visml.dashboard import asking
from visml.dashboard.asking import Asked
from visml.dashboard.bodies import Bodies
from visml.dashboard.context import Context
from visml.dashboard.markup import aria, data, term
from visml.dashboard.routes import BINARY, PNG, encode_output
from visml.images.decode import encode_png

if TYPE_CHECKING:
    from visml.activations.summary import Floats
    from visml.insight.counterfactual import LightnessEdit, Photos
    from visml.inspector import Inspection

PRESETS = (
    ("Darker", "0-0_25-6_50-25_75-56_100-100"),
    ("Lighter", "0-0_25-50_50-71_75-87_100-100"),
    ("More contrast", "0-0_25-0_75-100_100-100"),
    ("Less contrast", "0-25_100-75"),
)
PICTURES = (
    ("lightness", "Edited lightness", "The edited lightness"),
    ("result", "New colors", "The colors predicted from the edited lightness"),
    ("own", "Predicted", "The colors predicted from the photo as it is"),
    ("difference", "Difference", "How far the new colors lie from the predicted ones"),
)


@dataclass(frozen=True)
class _Still:
    """Another photo's lightness at the network's size, ``(1, 1, S, S)``."""

    lightness: Floats


def layout() -> Component:
    """The edits, four pictures, and the numbers below them."""
    return html.Div(
        [
            html.P(
                "Change the lightness, which is all that the network sees, and watch its colors follow.",
                className="sub ask-words",
            ),
            _controls(),
            html.Div([_picture(*each) for each in PICTURES], className="change-pictures"),
            _on(),
            _numbers(),
        ]
    )


def register(app: Dash, context: Context) -> None:
    """Answers for an edited lightness, and the edited lightness itself."""
    pasted = Bodies(max_bytes=4 * 10**6)

    def edits(inspection: Inspection, asked: Asked) -> tuple[LightnessEdit, ...]:
        from visml.insight import counterfactual

        return counterfactual.parse(asked.text("what"), _photos(context, pasted, inspection.trace.facts.size))

    def output(inspection: Inspection, asked: Asked) -> bytes:
        changed = inspection.what_if(edits(inspection, asked))
        return encode_output(changed.output, bins=inspection.centers is not None)

    def lightness(inspection: Inspection, asked: Asked) -> bytes:
        from visml.insight import counterfactual

        edited = counterfactual.apply(inspection.lightness, edits(inspection, asked))
        return encode_png(counterfactual.gray(edited)[:, :, 0], level=1)

    asking.answer(app.server, context, "what-if", BINARY, output, lasting=False)
    asking.answer(app.server, context, "what-if-lightness", PNG, lightness, lasting=False)


def _photos(context: Context, kept: Bodies, size: int) -> Photos:
    """The gallery's photos by key, for pasting; those asked for last are not decoded anew at every step of a slider."""

    def photo(key: str) -> _Still:
        address = f"{size} {key}"
        body = kept.get(address)
        if body is None:
            body = _lightness(context, key, size).tobytes()
            kept.put(address, body)
        return _Still(np.frombuffer(body, np.float32).reshape(1, 1, size, size))

    return photo


def _lightness(context: Context, key: str, size: int) -> Floats:
    from visml.images.decode import squash
    from visml.inspector.looking import lab_of

    found: Floats = lab_of(squash(context.gallery.photo(key).rgb, size))[:, :1].numpy()
    return found


def _controls() -> Component:
    sliders = html.Div([_slider("blur", "Blur", "0 px"), _paint(), _paste()], className="what-if-column")
    return html.Div([_curve(), sliders, _list()], className="what-if-controls")


def _curve() -> Component:
    return html.Div(
        [
            html.Div(id="what-if-curve", className="curve", role="group", **aria(labelledby="what-if-curve-title")),
            html.Div(
                [
                    html.H3(term("tone-curve"), id="what-if-curve-title", className="panel-title"),
                    html.Span("drag a point", id="what-if-point", className="sub num"),
                    _presets(),
                    html.Button("Add a point", id="what-if-add", className="button small", type="button"),
                ],
                className="what-if-part",
            ),
        ],
        className="what-if-curve",
    )


def _presets() -> Component:
    presets = [
        html.Button(label, className="button small", type="button", **data(curve=points)) for label, points in PRESETS
    ]
    invert = html.Button("Invert", id="what-if-invert", className="button small", type="button")
    return html.Div(
        [*presets, invert], id="what-if-presets", className="presets", role="group", **aria(label="Presets")
    )


def _paint() -> Component:
    shapes = [
        html.Button("Rectangle", type="button", **data(shape="paint"), **aria(pressed="true")),
        html.Button("Disc", type="button", **data(shape="disc"), **aria(pressed="false")),
    ]
    return html.Div(
        [
            _slider("level", "Paint the region", "L 50"),
            html.Div(
                [
                    html.Div(shapes, id="what-if-shape", className="seg", role="group", **aria(label="Shape")),
                    html.Button("Paint", id="what-if-paint", className="button small", type="button"),
                ],
                className="what-if-line",
            ),
        ],
        className="what-if-part",
    )


def _slider(name: str, label: str, value: str) -> Component:
    """A label, its value, and the place of a slider that the page's scripts put in."""
    return html.Div(
        [
            html.Label([html.Span(label), html.Span(value, id=f"what-if-{name}-value", className="sub num")]),
            html.Div(id=f"what-if-{name}", className="what-if-slider"),
        ],
        className="what-if-part",
    )


def _paste() -> Component:
    return html.Div(
        [
            html.Label("Paste from another photo", htmlFor="what-if-from"),
            html.Div(
                [
                    html.Select(id="what-if-from", className="chooser"),
                    html.Button("Paste", id="what-if-paste", className="button small", type="button"),
                ],
                className="what-if-line",
            ),
            html.P(id="what-if-where", className="sub"),
        ],
        className="what-if-part",
    )


def _list() -> Component:
    return html.Div(
        [
            html.Div(
                [
                    html.H3("Edits, in their order", id="what-if-edits-title", className="panel-title"),
                    html.Button("Undo", id="what-if-undo", className="button small", type="button", disabled=True),
                    html.Button("Clear", id="what-if-clear", className="button small", type="button", disabled=True),
                ],
                className="what-if-line",
            ),
            html.Ol(id="what-if-edits", className="edits", **aria(labelledby="what-if-edits-title")),
            html.P("None yet: this is the photo as it is.", id="what-if-none", className="sub"),
        ],
        className="what-if-part",
    )


def _picture(name: str, title: str, label: str) -> Component:
    frame = html.Div(
        html.Div(className="stage"),
        id=f"what-if-{name}-picture",
        className="picture",
        tabIndex=0,
        role="application",
        **aria(label=f"{label}. Arrow keys move the crosshair, with Shift by ten pixels, Enter pins it."),
    )
    foot = [html.Span(id=f"what-if-{name}-value", className="num pixel-value")]
    scale = html.Span([html.Span("0"), html.Span(className="ramp"), html.Span("40+")], className="scale num")
    unit = [html.Span("\u0394E2000", className="sub")] if name == "difference" else []
    return html.Div(
        [
            html.Div([html.H3(title, className="panel-title"), *unit], className="panel-head"),
            frame,
            html.Div([*foot, *([scale] if name == "difference" else [])], className="picture-foot"),
        ],
        className="change-picture",
    )


def _on() -> Component:
    on = [
        html.Button("the edited lightness", type="button", **data(on="edited"), **aria(pressed="true")),
        html.Button("the photo\u2019s own", type="button", **data(on="own"), **aria(pressed="false")),
    ]
    return html.Div(
        [
            html.Span("new colors painted on", className="sub", id="what-if-on-name"),
            html.Div(on, id="what-if-on", className="seg", role="group", **aria(labelledby="what-if-on-name")),
            html.Span(id="what-if-status", className="sub"),
        ],
        className="what-if-line",
    )


def _numbers() -> Component:
    heads = ("before: a, b", "after: a, b", "moved by", term("ciede2000", "mean \u0394E2000"))
    corner = html.Th(html.Span("Mean color of", className="sub"))
    return html.Table(
        [
            html.Thead(html.Tr([corner, *[html.Th(each, scope="col") for each in heads]])),
            html.Tbody(id="what-if-numbers"),
        ],
        className="change-numbers num",
        **aria(label="How the mean color moved, in Lab units"),
    )
