"""The table of all evaluated models: what stands in it, what its columns mean, and who is not in it."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html

from visml.dashboard.board import Board, Group, Metric
from visml.dashboard.board_pieces import command, panel, scrolling
from visml.dashboard.evaluations import Evaluation, Scores
from visml.dashboard.markup import aria, data

NOTE = (
    "PSNR and colorfulness rank nothing by themselves: the best PSNR goes to the dullest coloring, and wrong colors "
    "are as colorful as right ones."
)
APART = "Only rows under one heading compare: the others were scored on other pictures or at another size."
COMMAND = "visml evaluate --model NAME --data PICTURES -o checkpoints/NAME --sweep"


def table_part(board: Board, state: str) -> html.Div:
    """The table of all models, what its columns mean, and who is not in it."""
    if not board.groups:
        inside = [_empty(board)]
    else:
        parts = [
            html.P(NOTE, className="sub"),
            *([html.P(APART, className="sub")] if len(board.groups) > 1 else []),
            scrolling(_table(board), "Scores of every model"),
            html.Div(
                [html.P(id="evaluation-help", className="evaluation-help"), _marks()], className="evaluation-foot"
            ),
            *_others(board),
            _definitions(board),
        ]
        about = "every evaluated model beside colorings that know nothing"
        inside = [panel("evaluation-scores", "Scores", about, parts, heading=html.H2)]
    return html.Div(inside, key=state, id="evaluation-seen-board", **data(seen=state))


def _table(board: Board) -> html.Table:
    metrics = board.metrics()
    head = html.Thead(
        html.Tr([_name_column(), *(_column(metric) for metric in metrics)]),
    )
    bodies = [_rows(group, metrics) for group in board.groups]
    return html.Table([head, *bodies], id="evaluation-table", className="evaluation-table num")


def _name_column() -> html.Th:
    button = html.Button("model", type="button", className="evaluation-sort")
    return html.Th(button, scope="col", **data(metric="name"))


def _column(metric: Metric) -> html.Th:
    button = html.Button(metric.title, type="button", className="evaluation-sort")
    about = data(metric=metric.key, better=metric.better)
    return html.Th(button, scope="col", title=metric.meaning, **about)


def _rows(group: Group, metrics: Sequence[Metric]) -> html.Tbody:
    """A heading, then the group's models and baselines."""
    sub = html.Span(group.told, className="sub")
    heading = html.Tr(html.Th([html.B(group.data), sub], colSpan=len(metrics) + 1, scope="rowgroup"))
    best = {metric.key: group.best(metric) for metric in metrics}
    beaten = {metric.key: group.beaten(metric) for metric in metrics}
    models = [
        html.Tr([_model(each), *(_cell(m, each.scores(), best[m.key], None) for m in metrics)], **data(row=each.name))
        for each in group.evaluations
    ]
    baselines = [
        html.Tr(
            [
                html.Th(each.name, scope="row"),
                *(_cell(m, each.scores, None, beaten[m.key]) for m in metrics),
            ],
            className="is-baseline",
            **data(row=each.name),
        )
        for each in group.baselines()
    ]
    return html.Tbody([heading, *models, *baselines])


def _model(evaluation: Evaluation) -> html.Th:
    choose = html.Button(
        evaluation.name,
        type="button",
        className="evaluation-choose",
        title="Show its details below",
        **data(model=evaluation.name),
        **aria(pressed="false"),
    )
    sub = [f"T {evaluation.temperature:g}"] if evaluation.has_bins and evaluation.temperature is not None else []
    if not evaluation.current:
        sub.append("other weights")
    down = html.Button(
        "details",
        type="button",
        className="evaluation-details",
        **aria(label=f"Go to the details of {evaluation.name}"),
    )
    return html.Th([choose, html.Span(" \N{MIDDLE DOT} ".join(sub), className="sub"), down], scope="row")


def _cell(metric: Metric, scores: Scores, best: float | None, beaten: float | None) -> html.Td:
    """A value, marked where it is the best model's, or a baseline's that no model reaches."""
    value = scores.get(metric.key)
    if value is None:
        return html.Td(metric.text(None))
    merit = metric.merit(value)
    mark = "is-best" if merit == best else "is-ahead" if beaten is not None and merit > beaten else ""
    words = {"is-best": ", best", "is-ahead": ", better than every model here"}.get(mark)
    told = [html.Span(words, className="visually-hidden")] if words else []
    return html.Td([metric.text(value), *told], className=mark, **data(value=repr(value)))


def _marks() -> html.P:
    return html.P(
        [
            html.Span(className="evaluation-mark is-best"),
            "best of several models",
            html.Span(className="evaluation-mark is-ahead"),
            "a baseline that no model reaches",
        ],
        className="sub evaluation-marks",
        **aria(hidden="true"),
    )


def _others(board: Board) -> list[html.P]:
    """Models that are not in the table; kept epochs of a run are not listed one by one."""
    missing = [name for name in board.missing if "@" not in name]
    said = [html.P(sentence, className="sub evaluation-broken") for _, sentence in board.broken]
    if not missing:
        return said
    buttons = [
        html.Button(name, type="button", className="evaluation-choose", **data(model=name), **aria(pressed="false"))
        for name in missing
    ]
    return [*said, html.P([html.Span("not evaluated yet:"), *buttons], className="sub evaluation-missing")]


def _definitions(board: Board) -> html.Details:
    from visml.evaluation.definitions import METHODS

    shown = {baseline.method for group in board.groups for baseline in group.baselines()}
    methods = [(method.replace("_", " "), meaning) for method, meaning in METHODS if method in shown]
    words = [(metric.title, metric.meaning) for metric in board.metrics()] + methods
    entries = [html.Div([html.Dt(name), html.Dd(meaning)]) for name, meaning in words]
    return html.Details(
        [html.Summary("What the columns and the baselines are"), html.Dl(entries, className="evaluation-words")],
        className="numbers",
    )


def _empty(board: Board) -> html.Section:
    """No model was evaluated yet."""
    broken = [html.P(sentence) for _, sentence in board.broken]
    text = "Scores come from a folder of photos that the models have not been trained on; this writes a model's:"
    inside = [html.H2("No model was evaluated yet"), html.P(text), command(COMMAND), *broken]
    return html.Section(inside, className="panel evaluation-empty")
