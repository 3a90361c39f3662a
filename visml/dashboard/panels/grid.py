"""The Compare page's second part: the photos of the strip in every model, small, each with one score.

A row comes when it is scrolled to: a request answers with what is kept and computes at most one model's cells more;
the page asks again until the row is whole.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import flask
from dash import Dash, html
from dash.development.base_component import Component
from flask import Response, jsonify

from visml.activations.store import is_handle
from visml.dashboard import describe
from visml.dashboard.bodies import Bodies
from visml.dashboard.cells import Cell, Cells
from visml.dashboard.context import Context
from visml.dashboard.markup import aria
from visml.dashboard.routes import YEAR, question
from visml.dashboard.rows import Asked, Row, read_row
from visml.dashboard.scores import GRID_SCORES

COLUMNS = (("every", "every model"), ("above", "the columns above"))
PICTURES_BYTES = 16 * 10**6


def layout() -> Component:
    """The grid's head and its empty table; rows are put in by the page's scripts."""
    return html.Section(
        [
            html.Div(
                [
                    html.H2("Gallery", id="gallery-title", className="panel-title"),
                    html.Span(id="gallery-sub", className="sub num"),
                    html.Div(
                        [
                            _choice("gallery-score", "score", tuple((score.key, score.label) for score in GRID_SCORES)),
                            _choice("gallery-columns", "show", COLUMNS),
                            html.Button("Load all", id="gallery-all", className="button", type="button"),
                        ],
                        className="compare-tools",
                    ),
                ],
                className="panel-head",
            ),
            html.Div(
                html.Table(
                    [html.Thead(html.Tr(id="gallery-head")), html.Tbody(id="gallery-rows")],
                    id="gallery-table",
                    className="gallery-table num",
                    role="grid",
                    **aria(labelledby="gallery-title"),
                ),
                id="gallery-scroll",
                className="gallery-scroll",
            ),
            html.P("No photo here: choose other filters above.", id="gallery-empty", className="sub", hidden=True),
        ],
        id="gallery",
        className="panel gallery",
        **aria(labelledby="gallery-title"),
    )


def register(app: Dash, context: Context) -> None:
    """Answers for rows, ``POST /compare/row``, and small pictures, ``GET /data/cell/<handle>.jpg``."""
    cells, pictures = Cells(context), Bodies(PICTURES_BYTES)

    def _row() -> Response:
        found = read_row(context, cells, Asked.read(question()))
        for cell in (found.gray, *found.cells):
            if isinstance(cell, Cell):
                pictures.put(cell.handle, cell.picture)
        return jsonify(row(found))

    def _kept(handle: str) -> bytes | None:
        cell = cells.find(handle) if is_handle(handle) else None
        return None if cell is None else cell.picture

    def _picture(handle: str) -> Response:
        body = pictures.get(handle) or _kept(handle)
        if body is None:
            response = jsonify(schema=describe.SCHEMA, error="This picture is no longer kept.")
            response.status_code = 404
            return response
        response = flask.Response(body, mimetype="image/jpeg")
        response.headers["Cache-Control"] = f"private, max-age={YEAR}, immutable"
        return response

    app.server.add_url_rule("/compare/row", "compare/row", _row, methods=["POST"])
    app.server.add_url_rule("/data/cell/<handle>.jpg", "compare/picture", _picture)


def row(found: Row) -> dict[str, Any]:
    """A row as the page reads it; a cell that is still to be computed has neither a picture nor an error."""
    return {
        "schema": describe.SCHEMA,
        "has_color": found.has_color,
        "gray": _cell(found.gray),
        "cells": [_cell(cell) for cell in found.cells],
    }


def _cell(cell: Cell | str | None) -> dict[str, Any]:
    if not isinstance(cell, Cell):
        return {"picture": None, "scores": None, "temperature": None, "error": cell}
    return {
        "picture": f"/data/cell/{cell.handle}.jpg",
        "scores": None if cell.scores is None else asdict(cell.scores),
        "temperature": cell.temperature,
        "error": None,
    }


def _choice(name: str, label: str, options: tuple[tuple[str, str], ...]) -> Component:
    select = html.Select([html.Option(text, value=value) for value, text in options], id=name, className="title-choice")
    return html.Label([html.Span(label, className="sub"), select], className="choice")
