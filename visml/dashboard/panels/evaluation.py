"""The Evaluation page: how good the models are, from the files that ``visml evaluate`` left; nothing is computed anew.

The parts are made here when the page is opened, and again when a file or the chosen model has changed; so plotly is
not loaded before. Sorting, choosing curves and reading them happen in assets/evaluation*.js, with no request.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dash
from dash import Input, Output, dcc, html

from visml.dashboard.board import read_board
from visml.dashboard.board_group import group_part
from visml.dashboard.board_model import model_part
from visml.dashboard.board_table import table_part
from visml.dashboard.context import Context

PARTS = ("evaluation-board", "evaluation-group", "evaluation-model")


def layout() -> html.Div:
    """The page's skeleton; its content comes when the page is opened."""
    waiting = html.P("Reading the evaluations \N{HORIZONTAL ELLIPSIS}", className="sub evaluation-waiting")
    return html.Div(
        [
            html.H1("Evaluation", className="visually-hidden"),
            dcc.Store(id="evaluation-asked"),
            *(html.Div(waiting if part == PARTS[0] else None, id=part) for part in PARTS),
        ],
        className="evaluation",
    )


def register(app: dash.Dash, context: Context) -> None:
    """Answer the page's question: each part that is not yet on the page as it is now."""

    @app.callback(
        *(Output(part, "children") for part in PARTS), Input("evaluation-asked", "data"), prevent_initial_call=True
    )
    def _open(asked: dict[str, Any]) -> list[Any]:
        checkpoints = context.checkpoints()[0]
        board = read_board(checkpoints)
        model, seen = str(asked.get("model")), asked.get("seen")
        group = board.group_of(model)
        checkpoint = {each.name: each for each in checkpoints}.get(model)
        known = seen if isinstance(seen, list) else []
        parts: list[tuple[str, Callable[[str], Any]]] = [
            (f"board {board.state}", lambda state: table_part(board, state)),
            (f"group {board.state} {group.key if group else ''}", lambda state: group_part(board, group, state)),
            (f"model {board.state} {model}", lambda state: model_part(board, checkpoint, context, state)),
        ]
        return [dash.no_update if state in known else make(state) for state, make in parts]
