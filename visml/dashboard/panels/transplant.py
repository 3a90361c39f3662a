"""Transplant: features of a layer taken from another photo, inside the selected region.

``GET /ask/<trace>/transplant?layer=conv4&donor=...&region=l,t,r,b&from=x,y`` gives the output; the donor is a key of
the gallery, or the handle of a photo already opened in the same network, and ``from`` the corner of its region.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import Dash, html
from dash.development.base_component import Component

from visml.activations.store import is_handle
from visml.dashboard import asking
from visml.dashboard.asking import Asked, QuestionRefused
from visml.dashboard.context import Context
from visml.dashboard.markup import aria, term
from visml.dashboard.routes import BINARY, encode_output

if TYPE_CHECKING:
    from visml.insight.region import Region
    from visml.inspector import Inspection

GONE = "The donor is no longer kept: choose it again."
PICTURES = (
    ("own", "This photo", "This photo as predicted, with the region"),
    ("result", "Transplanted", "This photo with the donor\u2019s features in the region"),
    ("difference", "Difference", "How far the new colors lie from the predicted ones"),
)


def layout() -> Component:
    """What is chosen, four pictures, the numbers, and the strip of all layers."""
    return html.Div(
        [
            html.P(
                "Inside the region, take a layer\u2019s features from another photo; the network goes on from there.",
                className="sub ask-words",
            ),
            _choices(),
            html.Div(
                [_picture(*PICTURES[0]), _donor(), *[_picture(*each) for each in PICTURES[1:]]],
                className="change-pictures",
            ),
            _numbers(),
            _strip(),
        ]
    )


def register(app: Dash, context: Context) -> None:
    """Answers with the output for a layer, a donor and a region."""

    def output(inspection: Inspection, asked: Asked) -> bytes:
        region = asked.region(inspection.trace.facts.size)
        donor = _opened(context, inspection, asked.text("donor"))
        changed = inspection.transplant(asked.text("layer"), donor, region, _source(asked.text("from"), region))
        return encode_output(changed.output, bins=inspection.centers is not None)

    asking.answer(app.server, context, "transplant", BINARY, output, lasting=False)


def _opened(context: Context, inspection: Inspection, donor: str) -> Inspection:
    """The donor in the network of the photo; opening it again is quick while it is kept."""
    inspector = inspection.source
    if inspector is None:
        raise QuestionRefused(GONE)
    if not is_handle(donor):
        return inspector.open(context.gallery.photo(donor), inspection.trace.facts.category)
    found = inspector.reopen(donor)
    if found is None:
        raise QuestionRefused(GONE)
    return found


def _source(corner: str, region: Region) -> Region | None:
    """The donor's region from its corner ``x,y``, None where nothing is said."""
    from visml.insight.region import Region

    if not corner:
        return None
    at = Region.parse(corner)
    return Region(at.left, at.top, at.left + region.right - region.left, at.top + region.bottom - region.top)


def _choices() -> Component:
    return html.Div(
        [
            html.Label(
                [
                    html.Span(term("donor", "donor"), className="sub"),
                    html.Select(id="transplant-donor", className="chooser"),
                ]
            ),
            html.Label([html.Span("layer", className="sub"), html.Select(id="transplant-layer", className="chooser")]),
            html.Span(id="transplant-status", className="sub"),
        ],
        className="transplant-choices",
    )


def _picture(name: str, title: str, label: str) -> Component:
    frame = html.Div(
        html.Div(className="stage"),
        id=f"transplant-{name}-picture",
        className="picture",
        tabIndex=0,
        role="application",
        **aria(label=f"{label}. Arrow keys move the crosshair, with Shift by ten pixels, Enter pins it."),
    )
    value = html.Span(id=f"transplant-{name}-value", className="num pixel-value")
    scale = html.Span([html.Span("0"), html.Span(className="ramp"), html.Span("40+")], className="scale num")
    return _card(
        title,
        html.Span("\u0394E2000", className="sub") if name == "difference" else None,
        frame,
        [value, *([scale] if name == "difference" else [])],
    )


def _donor() -> Component:
    frame = html.Div(
        [html.Div(className="stage"), html.P("Choose a donor.", className="absence")],
        id="transplant-donor-picture",
        className="picture is-empty",
        tabIndex=0,
        role="application",
        **aria(label="The donor as predicted. Arrow keys move the region taken from it, with Shift by ten pixels."),
    )
    same = html.Button("Same place", id="transplant-same", className="button small", type="button", hidden=True)
    where = html.Span(id="transplant-where", className="num pixel-value")
    return _card("Donor", html.Span(id="transplant-donor-name", className="sub"), frame, [where, same])


def _card(title: str, sub: Component | None, frame: Component, foot: list[Component]) -> Component:
    return html.Div(
        [
            html.Div(
                [html.H3(title, className="panel-title"), *([] if sub is None else [sub])], className="panel-head"
            ),
            frame,
            html.Div(foot, className="picture-foot"),
        ],
        className="change-picture",
    )


def _numbers() -> Component:
    heads = (
        "before: a, b",
        "after: a, b",
        "moved by",
        term("ciede2000", "mean \u0394E2000"),
        term("way-to-the-donor", "of the way to the donor"),
    )
    corner = html.Th(html.Span("Mean color of", className="sub"))
    return html.Table(
        [
            html.Thead(html.Tr([corner, *[html.Th(each, scope="col") for each in heads]])),
            html.Tbody(id="transplant-numbers"),
        ],
        className="change-numbers num",
        **aria(label="How the mean color moved inside and outside the region, in Lab units"),
    )


def _strip() -> Component:
    head = html.Div(
        [
            html.H3("The same region taken at every layer", className="panel-title"),
            html.Button("Ask every layer", id="transplant-every", className="button", type="button"),
            html.Span(id="transplant-progress", className="ask-progress"),
        ],
        className="panel-head layers-head",
    )
    words = (
        "How far the region\u2019s mean color comes toward the donor\u2019s when the features are taken at that layer."
    )
    return html.Div(
        [
            head,
            html.P(words, className="sub"),
            html.Ol(id="transplant-layers", className="layers-chart", tabIndex=0, **aria(label="Layers")),
        ],
        className="layers-strip",
    )
