"""The Colors page: the colors a network was trained on, what the loss makes of them, and the open photo's own.

Python gives the skeleton and the numbers, once per model and photo; assets/colors*.js draw them and answer the
pointer, the arrow keys and the slider.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dash
import flask
from dash import html
from werkzeug.wrappers import Response

from visml.dashboard.context import Context
from visml.dashboard.markup import aria, data, term
from visml.dashboard.records import RecordRefused, read_prior
from visml.figures import bin_colors

SIGMA = 5.0  # width of the smoothing in ab space, the paper's section 2.2


@dataclass(frozen=True)
class Gamut:
    """One drawing of the bins: ``kind`` says which numbers it shows, in ids and in assets/colors.js."""

    kind: str
    title: str
    sub: str


PRIOR_GAMUT = Gamut("prior", "Training prior", "share of the training pixels per bin")
SMOOTHED = Gamut("smoothed", "Smoothed prior", "blurred in ab space, sigma 5")
WEIGHTS = Gamut("weight", "Rebalancing weights", "weight of a pixel in the loss")
TARGET = Gamut("target", "This photo, target", "share of its pixels per bin")
PREDICTED = Gamut("predicted", "This photo, predicted", "share of its pixels per bin")


def layout() -> html.Div:
    """The page's skeleton."""
    return html.Div(
        [
            html.H1("Colors", className="visually-hidden"),
            _control(),
            html.Div(id="colors-missing", className="panel colors-missing", hidden=True),
            html.Div(
                [
                    _gamut(PRIOR_GAMUT),
                    _gamut(SMOOTHED),
                    _gamut(WEIGHTS),
                    _gamut(TARGET),
                    _gamut(PREDICTED),
                    _readout(),
                ],
                id="colors-grid",
                className="colors-grid",
            ),
            _table(),
        ],
        className="colors",
    )


def register(app: dash.Dash, context: Context) -> None:
    """Serve the numbers of the page."""

    def _model_colors(name: str) -> Response:
        checkpoint = {item.name: item for item in context.checkpoints()[0]}.get(name)
        if checkpoint is None:
            return _refusal("There is no such model.")
        return _reply(model_colors(checkpoint.folder))

    app.server.add_url_rule("/data/checkpoint/<name>/colors.json", "colors", _model_colors)


def model_colors(folder: Path) -> dict[str, Any]:
    """What the browser is told of a model's training colors.

    Keys: ``centers`` (Q, 2) and ``colors`` (Q CSS colors) always; ``prior`` and ``smoothed`` (Q probabilities),
    ``pictures`` and ``pixels``, or None for all four and ``missing``, a sentence that says why.
    """
    import torch

    from visml.color.bins import BINS, smooth

    content: dict[str, Any] = {
        "schema": 1,
        "model": folder.name,
        "centers": BINS.astype(int).tolist(),
        "colors": bin_colors(BINS),
        "sigma": SIGMA,
    }
    try:
        prior = read_prior(folder, len(BINS))
    except RecordRefused as refusal:
        return content | dict.fromkeys(("prior", "smoothed", "pictures", "pixels")) | {"missing": str(refusal)}
    smoothed = smooth(torch.from_numpy(prior.probabilities), torch.from_numpy(BINS.copy()), SIGMA)
    return content | {
        "prior": prior.probabilities.tolist(),
        "smoothed": smoothed.tolist(),
        "pictures": prior.pictures,
        "pixels": prior.pixels,
        "missing": None,
    }


def _reply(content: dict[str, Any]) -> Response:
    response = flask.jsonify(content)
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    return response.make_conditional(flask.request)


def _refusal(sentence: str) -> Response:
    response = flask.jsonify({"schema": 1, "error": sentence})
    response.status_code = 404
    return response


def _control() -> html.Section:
    """Formula, slider and what the weights come to: filled by assets/colors.js."""
    return html.Section(
        [
            html.Div(
                [
                    html.H2(term("class-rebalancing"), className="panel-title"),
                    html.Span("rare colors count more in the loss", className="sub"),
                ],
                className="panel-head",
            ),
            html.Div(
                [
                    html.Div(id="colors-formula", className="colors-formula"),
                    html.Div(id="colors-lambda", className="colors-lambda"),
                    html.Dl(id="colors-numbers", className="colors-numbers num"),
                ],
                className="colors-control-row",
            ),
        ],
        id="colors-control",
        className="panel colors-control",
        **aria(label="Class rebalancing"),
    )


def _gamut(gamut: Gamut) -> html.Section:
    """A panel with one drawing; the canvas takes the focus and the arrow keys."""
    title = f"colors-{gamut.kind}-title"
    return html.Section(
        [
            html.Div(
                [
                    html.H2(gamut.title, id=title, className="panel-title"),
                    html.Span(gamut.sub, id=f"colors-{gamut.kind}-sub", className="sub"),
                ],
                className="panel-head",
            ),
            html.Div(
                [
                    html.Div(id=f"colors-{gamut.kind}", className="gamut-stage", **data(gamut=gamut.kind)),
                    html.Div(
                        [
                            html.P(id=f"colors-{gamut.kind}-value", className="gamut-value"),
                            html.Div(id=f"colors-{gamut.kind}-legend"),
                        ],
                        className="gamut-legend num",
                    ),
                ],
                className="gamut-row",
            ),
        ],
        className="panel colors-gamut",
        **aria(labelledby=title),
    )


def _readout() -> html.Section:
    """The bin under the pointer, in numbers."""
    return html.Section(
        [
            html.Div(
                [
                    html.H2("The bin", id="colors-bin-title", className="panel-title"),
                    html.Span(id="colors-bin-sub", className="sub"),
                ],
                className="panel-head",
            ),
            html.Div(id="colors-bin", className="colors-bin num", **aria(live="polite")),
            html.P(id="colors-facts", className="colors-facts sub num"),
        ],
        className="panel colors-readout",
        **aria(labelledby="colors-bin-title"),
    )


def _table() -> html.Details:
    """The numbers behind all drawings; its rows are written when it is first opened."""
    return html.Details(
        [
            html.Summary("All bins as a table"),
            html.Div(id="colors-table", className="table-scroll", tabIndex=0, role="region",
                     **aria(label="All bins as a table")),
        ],
        id="colors-details",
        className="panel numbers",
    )  # fmt: skip
