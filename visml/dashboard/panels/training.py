"""The Training page: how a network came to be, epoch by epoch, from what its run left in the checkpoint folder.

Its parts are made here when the page is first opened, and again when the run has gone on; so plotly is not loaded
before. One slider of epochs moves the cursor of every chart and replays the sample colorings; assets/training*.js do
that with no request. Runs of other models are drawn into the same charts.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import dash
import flask
from dash import Input, Output, dcc, html
from werkzeug.wrappers import Response

from visml.dashboard import run_page, sections
from visml.dashboard.context import Context
from visml.dashboard.learning import read_weights
from visml.dashboard.lenient import RecordRefused
from visml.dashboard.markup import aria
from visml.dashboard.records import read_samples
from visml.dashboard.run_page import Asked
from visml.dashboard.runs import folder_of

PARTS = ("training-body", "training-curves", "training-rest")
YEAR = 365 * 86400


def layout() -> html.Div:
    """The page's skeleton; its parts come when the page is opened."""
    waiting = html.P("Open a model to see how it was trained.", className="sub")
    return html.Div(
        [
            html.H1("Training", className="visually-hidden"),
            dcc.Store(id="training-asked"),
            html.Div(
                id="training-bar", className="training-bar num", role="group", hidden=True, **aria(label="shown epoch")
            ),
            html.Div(waiting, id="training-body", className="training-part"),
            html.Div(id="training-runs", className="training-runs", hidden=True),
            html.Div(id="training-curves", className="training-part"),
            html.Div(id="training-rest", className="training-part"),
            _weights(),
            html.Div(id="training-tables"),
        ],
        id="training",
        className="training",
    )


def register(app: dash.Dash, context: Context) -> None:
    """Answer the page's question, and serve the sample colorings and the weights' histograms."""

    @app.callback(
        [Output(part, "children") for part in PARTS], Input("training-asked", "data"), prevent_initial_call=True
    )
    def _open(asked: dict[str, Any]) -> list[Any]:
        return answer(context, Asked.of(asked))

    views = {"samples/<int:epoch>/<photo>.webp": _samples(context), "weights.json": _histograms(context)}
    for rule, view in views.items():
        app.server.add_url_rule(f"/data/checkpoint/<name>/{rule}", f"checkpoint/{rule}", view)


def answer(context: Context, asked: Asked) -> list[Any]:
    """The page's parts, in order; what stands there already is left as it is."""
    openable = context.checkpoints()[0]
    opened = {each.name: each for each in openable}.get(asked.model)
    if opened is None:
        return [sections.empty("There is no such model", "Choose another one in the header."), None, None]
    own = run_page.run_of(opened, openable)
    drawn = [own, *run_page.beside(asked, own, openable)]
    same = asked.seen == run_page.own_state(opened)
    return [
        dash.no_update if same else run_page.body(opened, openable),
        dash.no_update if asked.drawn == run_page.drawn_state(drawn) else run_page.charts(drawn, openable),
        dash.no_update if same else run_page.rest(opened, openable),
    ]


def _weights() -> html.Div:
    """Where assets/training-weights.js draws the weights' histograms."""
    choice = html.Select(id="weights-layer", className="title-choice", **aria(label="layer"))
    scale = html.Div(id="weights-range", className="seg", role="group", **aria(label="range of the weights shown"))
    head = html.Div([choice, scale], className="weights-head")
    drawing = [
        html.Div(id="weights-epochs", className="weights-epochs num", **aria(hidden="true")),
        html.Div(id="weights-map", className="weights-map"),
        html.Div(id="weights-bars", className="weights-bars", tabIndex=0, role="application"),
        html.Div(id="weights-axis", className="weights-axis num", **aria(hidden="true")),
    ]
    inside = [
        html.P(id="weights-absent", className="sub"),
        html.Div(drawing, id="weights-drawing", className="weights-drawing"),
        html.Div(id="weights-told", className="weights-told num"),
    ]
    about = "how a layer's weights spread, epoch by epoch"
    section = sections.panel("Weights", about, inside, "training-weights", head)
    return html.Div(section, id="training-weights", hidden=True)


def _samples(context: Context) -> Callable[..., Response]:
    def view(name: str, epoch: int, photo: str) -> Response:
        folder = _folder(context, name)
        samples = read_samples(folder) if folder else None
        path = samples.path(epoch, photo) if samples else None
        if path is None:
            return _missing("There is no such sample.")
        return _sent(flask.Response(path.read_bytes(), mimetype="image/webp"), f"max-age={YEAR}, immutable")

    return view


def _histograms(context: Context) -> Callable[..., Response]:
    def view(name: str) -> Response:
        folder = _folder(context, name)
        if folder is None:
            return _missing("There is no such model.")
        try:
            content = read_weights(folder)
        except RecordRefused as refusal:
            return _missing(str(refusal))
        body = json.dumps(content, separators=(",", ":"))
        return _sent(flask.Response(body, mimetype="application/json"), "no-cache")

    return view


def _folder(context: Context, name: str) -> Any:
    """The folder of the run of a model in the list; a name is looked up, never joined to a path."""
    found = {each.name: each for each in context.checkpoints()[0]}.get(name)
    return folder_of(found) if found else None


def _sent(response: flask.Response, kept: str) -> Response:
    response.headers["Cache-Control"] = f"private, {kept}"
    response.add_etag()
    return response.make_conditional(flask.request)


def _missing(sentence: str) -> Response:
    response = flask.jsonify({"schema": 1, "error": sentence})
    response.status_code = 404
    return response
