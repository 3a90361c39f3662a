"""Switch off: the photo painted without some filters, and where each filter of a layer pushes a region's color.

Addresses under ``/ask/<trace>``: ``off?off=conv4:12,17;conv5:3&to=zero`` gives the output,
``pushes?layer=conv4&t=0.38`` estimates of a whole layer, ``pushes-exact?layer=conv4&filters=0-31&t=0.38`` some of
them as they are, ``segments`` the photo's parts, one byte a pixel.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from dash import Dash, html
from dash.development.base_component import Component

from visml.dashboard.asking import Asked, QuestionRefused, answer
from visml.dashboard.context import Context
from visml.dashboard.markup import aria, term
from visml.dashboard.routes import BINARY, JSON, encode_output

if TYPE_CHECKING:
    from visml.activations.summary import Floats
    from visml.inspector import Inspection

MOST = 64  # filters of one request for exact pushes
TO = (("zero", "zero"), ("mean", "mean"), ("scale", "scale"))
WORDS = (
    "Take filters out of the network and see what it paints without them. A filter that is off gives zero, or its mean "
    "over a data set, or a share of what it gave; all later layers go on with that."
)


def layout() -> Component:
    """What is off, and what follows from it."""
    return html.Div([html.P(WORDS, className="sub ask-words"), _bar(), _guide(), _results()], className="off")


def register(app: Dash, context: Context) -> None:
    """The question's four addresses."""
    answer(app.server, context, "off", BINARY, _off)
    answer(app.server, context, "pushes", JSON, _pushes)
    answer(app.server, context, "pushes-exact", JSON, _exact)
    answer(app.server, context, "segments", BINARY, lambda inspection, asked: inspection.segments().tobytes())


def _off(inspection: Inspection, asked: Asked) -> bytes:
    from visml.insight.ablation import LARGEST_FACTOR, parse

    named = asked.text("to", "zero")
    to = named if named in ("zero", "mean") else asked.number("to", 0, LARGEST_FACTOR)
    changed = inspection.switch_off(parse(asked.text("off")), to)
    return encode_output(changed.output, bins=inspection.logits is not None)


def _pushes(inspection: Inspection, asked: Asked) -> bytes:
    region, t = asked.region(inspection.trace.facts.size), asked.number("t", 0, 1)
    return _pairs(inspection.pushes(asked.text("layer"), region, t))


def _exact(inspection: Inspection, asked: Asked) -> bytes:
    region, t = asked.region(inspection.trace.facts.size), asked.number("t", 0, 1)
    return _pairs(inspection.exact_pushes(asked.text("layer"), _filters(asked.text("filters")), region, t))


def _filters(text: str) -> list[int]:
    """Filters written as ``0-31`` or as ``3,5,7``."""
    from visml.insight.ablation import parse_numbers

    first, dash, last = text.partition("-")
    ends = parse_numbers(f"{first},{last}" if dash else text)
    filters = list(range(ends[0], min(ends[1], ends[0] + MOST) + 1)) if dash else ends
    if not 0 < len(filters) <= MOST:
        raise QuestionRefused(f"Ask for 1 to {MOST} filters at a time.")
    return filters


def _pairs(pushes: Floats) -> bytes:
    """Pushes as JSON, each in a and in b."""
    pairs = [[round(float(a), 5), round(float(b), 5)] for a, b in pushes]
    return json.dumps({"schema": 1, "pushes": pairs}, separators=(",", ":")).encode()


# ---- what is off ----------------------------------------------------------------------------------------------------


def _bar() -> Component:
    choices = [html.Button(text, type="button", value=value, **aria(pressed="false")) for value, text in TO]
    slider = html.Label(
        html.Output("\u00d7 0.50", id="off-factor-value", className="num"), id="off-factor", hidden=True
    )
    return html.Div(
        [
            html.Ul(id="off-chips", className="off-chips num", **aria(label="Filters that are off")),
            html.Div(
                [
                    html.Span(term("switched-off", "set to"), className="sub"),
                    html.Div(choices, id="off-to", className="seg", role="group", **aria(label="What they give")),
                    slider,
                ],
                className="choice",
            ),
            html.Div(
                [
                    html.Button("Undo", id="off-undo", className="button", type="button", disabled=True),
                    html.Button("Clear", id="off-clear", className="button", type="button", disabled=True),
                ],
                className="choice",
            ),
            html.Span(id="off-status", className="sub num"),
        ],
        className="off-bar",
    )


def _guide() -> Component:
    """How one comes to the filters worth switching off; shown while none is off."""
    steps: tuple[list[str | Component], ...] = (
        ["Select a part of the photo, the sky for instance. ", _button("off-region", "Select a region")],
        ["Choose a layer by its name in the drawn network; shown is ", html.B("\u2013", id="off-layer"), "."],
        [
            "Sort its filters by push: first come those that move the part most toward a color. ",
            *(_button(f"off-toward-{color}", f"Toward {color}") for color in ("blue", "yellow", "red", "green")),
        ],
        ["Switch some off: Alt and click in the grid, or the key o, or the button beside the filter's name."],
    )
    return html.Div(
        [html.P("Nothing is switched off.", className="off-none"), html.Ol([html.Li(step) for step in steps])],
        id="off-guide",
        className="off-guide",
    )


def _button(name: str, text: str) -> Component:
    return html.Button(text, id=name, className="button", type="button")


# ---- what follows ---------------------------------------------------------------------------------------------------


def _results() -> Component:
    scale = html.Span(
        [html.Span("0"), html.Span(className="ramp"), html.Span()], id="off-difference-scale", className="scale num"
    )
    cards = [
        _picture("own", "As it is"),
        _picture("new", "With these off"),
        _picture("difference", "Difference", foot=scale),
        _arrow(),
        _bins(),
        _table(),
    ]
    return html.Div(cards, id="off-results", className="off-results", hidden=True)


def _picture(name: str, title: str, foot: Component | None = None) -> Component:
    frame = html.Div(
        html.Div(className="stage"),
        id=f"off-{name}",
        className="picture",
        tabIndex=0,
        role="application",
        **aria(label=f"{title}. Arrow keys move the crosshair, with Shift by ten pixels, Enter pins it."),
    )
    value = html.Span(
        [html.Span(className="swatch", hidden=True), html.Span()], id=f"off-{name}-value", className="num pixel-value"
    )
    return html.Section(
        [
            html.Div([html.H3(title, className="panel-title"), html.Span(className="sub num")], className="panel-head"),
            frame,
            html.Div([value, *([foot] if foot else [])], className="picture-foot"),
        ],
        id=f"off-{name}-card",
        className="off-card picture-card",
    )


def _arrow() -> Component:
    head = html.Div(
        [html.H3("Mean color", className="panel-title"), html.Span(id="off-where", className="sub num")],
        className="panel-head",
    )
    facts = [
        html.Span([html.Span(sign, className="sub"), html.B("\u2013", id=f"off-delta-{name}")])
        for name, sign in (("a", "\u0394a"), ("b", "\u0394b"), ("length", "distance"))
    ]
    plane = html.Div(id="off-plane", className="drawing off-plane", role="img")
    return html.Section([head, plane, html.Div(facts, className="facts num")], className="off-card")


def _bins() -> Component:
    lists = [
        html.Div(
            [html.P(title, className="sub"), html.Ol(id=f"off-{name}", className="off-list num")],
            className="off-side",
        )
        for name, title in (("gained", "gained"), ("lost", "lost"))
    ]
    return html.Section(
        [
            html.Div(
                [
                    html.H3("Probability that moved", className="panel-title"),
                    html.Span(id="off-moved-where", className="sub"),
                ],
                className="panel-head",
            ),
            html.Div(lists, id="off-moved", className="off-moved"),
            html.P(
                "This model gives colors itself: it has no bins that could gain or lose.",
                id="off-no-bins",
                className="sub",
                hidden=True,
            ),
        ],
        className="off-card",
    )


def _table() -> Component:
    columns = (
        "part of the photo",
        "share",
        term("ab-plane", "\u0394a"),
        term("ab-plane", "\u0394b"),
        term("ciede2000", "\u0394E2000"),
    )
    heads = html.Tr([html.Th(name, scope="col") for name in columns])
    table = html.Table(
        [html.Thead(heads), html.Tbody(id="off-parts")], className="off-table num", **aria(label="What changed where")
    )
    return html.Section(
        [
            html.Div(
                [
                    html.H3("Where", className="panel-title"),
                    html.Span("choose a part to see its outline in the pictures", className="sub"),
                ],
                className="panel-head",
            ),
            table,
        ],
        className="off-card off-parts",
    )
