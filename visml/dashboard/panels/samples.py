"""Samples: colorings drawn from the network's own distributions, side by side, and how far they lie apart.

The address ``/ask/<trace>/samples?count=6&t=1&coherence=16&seed=0&prior=0`` gives their ab as float32,
``(N, 2, h, w)``; assets/ask-samples.js paints them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from dash import Dash, html
from dash.development.base_component import Component

from visml.dashboard.asking import Asked, answer
from visml.dashboard.context import Context
from visml.dashboard.markup import aria, term
from visml.dashboard.routes import BINARY

if TYPE_CHECKING:
    from visml.inspector import Inspection

COUNT = 6
MOST = 24
NO_BINS = "This model gives one color for each pixel and no distribution: there is nothing to draw from."
WORDS = (
    "Every pixel\u2019s color is drawn from the network\u2019s own distribution there. Neighbors share their luck, "
    "so that a thing is drawn in one color and not in confetti: the coherence says how far."
)


def layout() -> Component:
    """The sliders, the strip of samples, and the map of their spread."""
    pictures = [_card(f"samples-{number}", f"Sample {number + 1}") for number in range(COUNT)]
    scale = html.Span([html.Span("0"), html.Span(className="ramp"), html.Span()], id="samples-scale", className="scale")
    return html.Div(
        [
            html.P(WORDS, className="sub ask-words"),
            html.P(NO_BINS, id="samples-absence", hidden=True),
            html.Div(
                [
                    _bar(),
                    html.Div(
                        [*pictures, _card("samples-spread", "Spread", scale, term("spread"))],
                        id="samples-strip",
                        className="samples-strip",
                    ),
                ],
                id="samples-body",
            ),
        ]
    )


def register(app: Dash, context: Context) -> None:
    """Answers ``/ask/<trace>/samples``."""
    answer(app.server, context, "samples", BINARY, _samples)


def _samples(inspection: Inspection, asked: Asked) -> bytes:
    drawn = inspection.samples(
        count=asked.whole("count", 1, MOST, COUNT),
        temperature=asked.number("t", 0, 1, 1.0),
        coherence=asked.number("coherence", 0, 99, 16.0),
        seed=asked.whole("seed", 0, 999_999, 0),
        strength=asked.number("prior", 0, 1, 0.0),
    )
    return np.ascontiguousarray(drawn, "<f4").tobytes()


def _bar() -> Component:
    return html.Div(
        [
            _slider("samples-t", term("temperature", "T of the drawing")),
            _slider("samples-coherence", term("coherence", "coherence")),
            html.Button("Others", id="samples-others", className="button", type="button", title="Draws anew"),
            html.Span(id="samples-seed", className="sub num"),
            html.Span(id="samples-waiting", className="sub"),
        ],
        className="samples-bar",
    )


def _slider(name: str, text: Component) -> Component:
    """A label in which the page puts a range and its value."""
    return html.Label(html.Span(text, className="sub"), id=name, className="samples-slider")


def _card(name: str, title: str, extra: Component | None = None, word: Component | None = None) -> Component:
    value = html.Span(
        [html.Span(className="swatch", hidden=True), html.Span()], id=f"{name}-value", className="num pixel-value"
    )
    return html.Section(
        [
            html.Div(html.H3(word or title, id=f"{name}-title", className="panel-title"), className="panel-head"),
            html.Div(
                html.Div(className="stage"),
                id=f"{name}-picture",
                className="picture",
                tabIndex=0,
                role="application",
                **aria(label=f"{title}. Arrow keys move the crosshair, with Shift by ten pixels, Enter pins it."),
            ),
            html.Div([value, *([extra] if extra else [])], className="picture-foot"),
        ],
        className="picture-card",
        **aria(labelledby=f"{name}-title"),
    )
