"""Trust: is the network as right as it is sure, do its colors keep to the edges, and does it do the same again.

``/ask/<trace>/calibration`` gives what the model's evaluation.json says of it, ``/ask/<trace>/again`` the network run
once more against what was kept, and ``/ask/<trace>/again?layer=conv4`` its output gone on from a kept layer. The maps
are made in the page (assets/ask-trust*.js).
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from dash import Dash, html
from dash.development.base_component import Component

from visml.dashboard.asking import Asked, answer
from visml.dashboard.context import Context
from visml.dashboard.describe import SCHEMA
from visml.dashboard.evaluations import read_evaluation
from visml.dashboard.lenient import RecordRefused
from visml.dashboard.markup import aria, term
from visml.dashboard.routes import JSON

if TYPE_CHECKING:
    from visml.inspector import Inspection

NO_BINS = "This model gives one color for each pixel and no distribution, so it does not say how sure it is."
WORDS = {
    "trust-confidence": term("confidence"),
    "trust-calibration": term("calibration"),
    "trust-spilled": term("spill", "Color without an edge"),
}
EDGES = (
    "Edges of color and of lightness, each against the photo\u2019s strongest. A color edge that no lightness edge is "
    "near is color that has run; a lightness edge without color may be a thing\u2019s border that was not seen, or a "
    "shadow. The photo\u2019s own colors, measured likewise, say what is usual."
)
AGAIN = (
    "Runs the network once more on what was kept of the photo, and goes on from what was kept of each layer. Whoever "
    "looks at a number here must find it again."
)


def layout() -> Component:
    """Confidence and calibration, the two spill maps, the numbers, and the reproducibility mark."""
    return html.Div(
        [
            html.Div(
                [
                    _card("trust-confidence", "Confidence", "probability of the likeliest color", NO_BINS),
                    _calibration(),
                    _card("trust-spilled", "Color without an edge"),
                    _card("trust-missed", "Edge without color"),
                    _numbers(),
                ],
                className="trust-cards",
            ),
            _again(),
        ]
    )


def register(app: Dash, context: Context) -> None:
    """Answers ``/ask/<trace>/calibration`` and ``/ask/<trace>/again``; neither answer is for good."""

    def calibration(inspection: Inspection, asked: Asked) -> bytes:
        return _json(_told(context, inspection.trace.facts.model))

    answer(app.server, context, "calibration", JSON, calibration, lasting=False)
    answer(app.server, context, "again", JSON, _run_again, lasting=False)


def _told(context: Context, model: str) -> dict[str, Any]:
    """What the page is told of a model's calibration, or of why there is none."""
    try:
        evaluation = read_evaluation(context.checkpoint(model))
    except RecordRefused:
        return {"missing": f"It was not evaluated yet: visml evaluate --model {model} --data PICTURES measures it."}
    found = evaluation.calibration
    if found is None:
        return {"missing": "Its evaluation holds no calibration: visml evaluate, run again, measures it."}
    return {**asdict(found), "data": evaluation.data, "pictures": evaluation.pictures, "current": evaluation.current}


def _run_again(inspection: Inspection, asked: Asked) -> bytes:
    from visml.insight import trust

    layer = asked.text("layer")
    with inspection.forward() as forward:
        if layer:
            return _json(asdict(trust.resumed(forward, layer)))
        output, layers = trust.again(forward)
    return _json({"output": asdict(output), "layers": [asdict(each) for each in layers]})


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps({"schema": SCHEMA, **value}, separators=(",", ":")).encode()


def _card(name: str, title: str, sub: str = "", absence: str = "") -> Component:
    value = html.Span(id=f"{name}-value", className="num pixel-value")
    scale = html.Span(
        [html.Span(), html.Span(className="ramp"), html.Span()], id=f"{name}-scale", className="scale num"
    )
    return html.Section(
        [
            _head(name, title, sub),
            html.Div(
                [html.Div(className="stage"), html.P(absence, className="absence")],
                id=f"{name}-picture",
                className="picture",
                tabIndex=0,
                role="application",
                **aria(label=f"{title}. Arrow keys move the crosshair, with Shift by ten pixels, Enter pins it."),
            ),
            html.Div([value, scale], className="picture-foot"),
        ],
        className="picture-card trust-card",
        **aria(labelledby=f"{name}-title"),
    )


def _head(name: str, title: str, sub: str) -> Component:
    heading = html.H3(WORDS.get(name, title), id=f"{name}-title", className="panel-title")
    return html.Div([heading, html.Span(sub, className="sub", title=sub)], className="panel-head")


def _calibration() -> Component:
    chart = html.Div(
        id="trust-reliability", className="drawing trust-reliability", role="img", **aria(label="No chart")
    )
    return html.Section(
        [
            _head("trust-calibration", "Calibration", "is it right as often as it is sure?"),
            html.Div(chart, id="trust-calibration-box", className="trust-box"),
            html.P(id="trust-calibration-words", className="sub num"),
        ],
        className="trust-card",
        **aria(labelledby="trust-calibration-title"),
    )


def _numbers() -> Component:
    """What the maps are on the whole, or in the region."""
    sure = [("mean confidence", "trust-sure"), ("likeliest color right", "trust-right")]
    facts = [html.Div([html.Dt(text), html.Dd("\u2013", id=name)]) for text, name in sure]
    rows = [
        html.Tr(
            [
                html.Th(text, scope="row"),
                html.Td("\u2013", id=f"trust-{name}"),
                html.Td("\u2013", id=f"trust-own-{name}"),
            ]
        )
        for text, name in (("color without an edge", "spill"), ("edge without color", "miss"))
    ]
    table = html.Table(
        [_heads(html.Span("whole photo", id="trust-where"), "predicted", "photo"), html.Tbody(rows)],
        className="scores",
        **aria(label="Edges that color and lightness do not share"),
    )
    words = html.P(EDGES, className="sub trust-words")
    return html.Div([html.Dl(facts, className="trust-facts num"), table, words], className="trust-numbers")


def _heads(*titles: Component | str) -> Component:
    return html.Thead(html.Tr([html.Th(title, scope="col") for title in titles]))


def _again() -> Component:
    table = html.Table(
        [_heads("layer", "run again", "gone on from it"), html.Tbody(id="trust-again-rows")],
        id="trust-again-table",
        className="scores trust-again-table num",
        **aria(label="Each layer and the output, run again, against what was kept"),
    )
    return html.Section(
        [
            _head("trust-again", "The same again?", ""),
            html.P(AGAIN, className="sub ask-words"),
            html.Div(
                [
                    html.Button("Run it again", id="trust-again-run", className="button", type="button"),
                    html.Span(id="trust-again-parts", className="ask-progress"),
                    html.B(id="trust-again-verdict"),
                ],
                className="trust-again-bar",
            ),
            html.Details(
                [html.Summary("Layer by layer"), table], id="trust-again-layers", className="trust-layers", hidden=True
            ),
        ],
        className="trust-again",
        **aria(labelledby="trust-again-title"),
    )
