"""The Training page: how a network came to be, epoch by epoch, from what its run left in the checkpoint folder.

The body is made here, once per model, when the page is first opened; so plotly is not loaded before. One slider of
epochs moves the cursor of every chart and replays the sample colorings; assets/training*.js do that with no request.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import dash
import flask
import numpy as np
from dash import Input, Output, dcc, html
from werkzeug.wrappers import Response

from visml import figures
from visml.dashboard.context import Context
from visml.dashboard.facts import facts
from visml.dashboard.markup import aria, data
from visml.dashboard.records import HISTORY, read_samples
from visml.dashboard.runs import MEASURES, Floats, Run, read_run, run_data, signature

if TYPE_CHECKING:
    from visml.checkpoints import Checkpoint

MEASURE_NAMES = ("accuracy", "relaxed accuracy")
UNKNOWN = "\N{EN DASH}"
ROW = 24  # pixels per category, in the list and in the heatmap


def layout() -> html.Div:
    """The page's skeleton; its body comes when the page is opened."""
    return html.Div(
        [
            html.H1("Training", className="visually-hidden"),
            dcc.Store(id="training-asked"),
            html.Div(
                html.P("Open a model to see how it was trained.", className="sub"),
                id="training-body",
                className="training",
            ),
        ]
    )


def register(app: dash.Dash, context: Context) -> None:
    """Answer the page's one question, and serve the sample colorings."""

    @app.callback(Output("training-body", "children"), Input("training-asked", "data"), prevent_initial_call=True)
    def _open(asked: dict[str, str]) -> Any:
        checkpoint = _find(context, str(asked.get("model")))
        if checkpoint is None:
            return _empty("There is no such model", "Choose another one in the header.")
        state = signature(checkpoint.folder)
        return dash.no_update if asked.get("seen") == f"{checkpoint.name}:{state}" else body(checkpoint, state)

    def _sample(name: str, epoch: int, photo: str) -> Response:
        checkpoint = _find(context, name)
        samples = read_samples(checkpoint.folder) if checkpoint else None
        path = samples.path(epoch, photo) if samples else None
        if path is None:
            response = flask.jsonify({"schema": 1, "error": "There is no such sample."})
            response.status_code = 404
            return response
        response = flask.Response(path.read_bytes(), mimetype="image/webp")
        response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
        response.add_etag()
        return response.make_conditional(flask.request)

    app.server.add_url_rule("/data/checkpoint/<name>/samples/<int:epoch>/<photo>.webp", "samples", _sample)


def body(checkpoint: Checkpoint, state: str) -> list[Any]:
    """The page of one checkpoint."""
    run = read_run(checkpoint)
    known = _facts_panel(checkpoint, run)
    numbers = html.Div(
        id="training-data", hidden=True, **data(run=json.dumps(run_data(run)), seen=f"{run.name}:{state}")
    )
    if not run.epochs:
        return [numbers, html.Div([_no_history(run.name), known], className="training-top")]
    parts: list[Any] = [numbers, html.Div([_replay(run), known], className="training-top"), _charts(run)]
    if run.categories:
        parts.append(_categories(run))
    return [*parts, _table(run)]


def _replay(run: Run) -> html.Section:
    """The sample photos at one epoch, beside their targets; filled by assets/training.js."""
    note = "the sample photos as the network painted them after each epoch"
    inside = [
        html.Div(id="replay-bar", className="replay-bar num"),
        html.Div(id="replay-stage", className="replay-stage"),
    ]
    if run.samples is None:
        note = "this run kept no sample colorings: the slider moves through the charts alone"
    return _panel("Replay", note, inside, "replay")


def _charts(run: Run) -> html.Div:
    """Loss, accuracy and learning rate."""
    losses, numbers = run.losses(), run.numbers
    rates = {"rate": run.rates()}
    both = {"accuracy": run.overall("accuracy"), "relaxed accuracy": run.overall("relaxed_accuracy")}
    panels = [
        _chart("loss", "Loss", "training crops, mean of the epoch", figures.curves(numbers, losses),
               [(f"loss:{name}", name.replace("_", " ")) for name in losses], _finding("Loss", losses, "{:.3f}")),
        _chart("accuracy", "Accuracy", "validation pixels", figures.curves(numbers, both, percent=True),
               [("accuracy", "true bin likeliest"), ("relaxed_accuracy", "among the five likeliest")],
               _finding("Accuracy", both, "{:.1%}")),
        _chart("lr", "Learning rate", "at the epoch's end", figures.curves(numbers, rates, from_zero=True),
               [("lr", "rate")], _finding("Learning rate", rates, "{:.2g}")),
    ]  # fmt: skip
    return html.Div(panels, className="training-charts")


def _chart(
    key: str, title: str, sub: str, figure: figures.Figure, legend: list[tuple[str, str]], finding: str
) -> html.Section:
    """A panel with one chart, its legend carrying the values at the shown epoch."""
    entries = [
        html.Span(
            [
                html.Span(className=f"line-key line-key-{index % 4}"),
                html.Span(name),
                html.B(UNKNOWN, **data(series=series)),
            ],
            className="legend-entry",
        )
        for index, (series, name) in enumerate(legend)
    ]
    inside = [html.Div(entries, className="legend num"), _graph(key, figure, finding)]
    return _panel(title, sub, inside, f"chart-{key}")


def _graph(key: str, figure: figures.Figure, finding: str) -> html.Div:
    """A plotly chart in a box that takes the pointer; the box is what a screen reader reads."""
    height, config = figure["layout"]["height"], cast(Any, figures.CONFIG)
    graph = dcc.Graph(id=f"training-{key}", figure=figure, config=config, style={"height": height})
    return html.Div(graph, className="chart", role="img", **data(chart=key), **aria(label=finding))


def _categories(run: Run) -> html.Section:
    """The epoch x category heatmap, its rows named in HTML, and the same as lines."""
    values, numbers = run.by_category("accuracy"), run.numbers
    finding = f"Accuracy per category after the last epoch: best {run.categories[0]}, worst {run.categories[-1]}."
    heatmap = figures.category_heatmap(numbers, values, row_height=ROW)
    height = max(300, int(heatmap["layout"]["height"]))
    lines = figures.category_lines(numbers, values, run.overall("accuracy"), height=height)
    inside = html.Div(
        [
            html.Div(id="training-categories", className="category-list num"),
            _graph("heatmap", heatmap, f"Heatmap of epochs and categories. {finding}"),
            _graph("lines", lines, f"A line per category over the epochs. {finding}"),
        ],
        className="category-row",
        style={"--epochs": len(numbers)},
    )
    head = html.Div(id="training-measure", className="seg", role="group", **aria(label="measure"))
    return _panel("By category", "validation pixels; the thick line is all pictures", [inside], "categories", head)


def _table(run: Run) -> html.Details:
    """The numbers behind the charts."""
    losses = run.losses()
    names = ["epoch", *(f"loss {name}" for name in losses), *MEASURE_NAMES, "learning rate", *run.categories]
    columns = [
        [f"{number}" for number in run.numbers],
        *([_text(value, "{:.4f}") for value in values] for values in losses.values()),
        *([_text(value, "{:.1%}") for value in run.overall(key)] for key in MEASURES),
        [_text(value, "{:.3g}") for value in run.rates()],
        *([_text(value, "{:.1%}") for value in row] for row in run.by_category("accuracy")),
    ]
    head = html.Thead(html.Tr([html.Th(name, scope="col") for name in names]))
    rows = html.Tbody([html.Tr([html.Td(cell) for cell in row]) for row in zip(*columns, strict=True)])
    label = "All epochs as a table"
    numbers = html.Table([head, rows], className="num")
    table = html.Div(numbers, className="table-scroll", tabIndex=0, role="region", **aria(label=label))
    return html.Details([html.Summary(label), table], className="panel numbers")


def _facts_panel(checkpoint: Checkpoint, run: Run) -> html.Section:
    rows = facts(checkpoint.description, run.epochs)
    entries = [html.Div([html.Dt(name), html.Dd(value)]) for name, value in rows]
    return _panel(checkpoint.name, "what this model is", [html.Dl(entries, className="run-facts num")], "model-facts")


def _no_history(name: str) -> html.Section:
    text = [
        html.P(f"'{name}' has no {HISTORY}, so there are no curves and no replay to show."),
        html.P("Imported weights come without one; a model trained here writes a line after every epoch:"),
        html.Pre(f"visml train RECIPE.toml --data PICTURES --out checkpoints/{name}", className="command"),
    ]
    return _empty("No training history", text)


def _empty(title: str, text: Any) -> html.Section:
    return html.Section([html.H2(title, className="panel-title"), html.Div(text)], className="panel training-empty")


def _panel(title: str, sub: str, inside: list[Any], name: str, more: Any = None) -> html.Section:
    head = [html.H2(title, className="panel-title", id=f"training-{name}-title"), html.Span(sub, className="sub"), more]
    return html.Section(
        [html.Div([part for part in head if part is not None], className="panel-head"), *inside],
        className=f"panel training-{name}",
        **aria(labelledby=f"training-{name}-title"),
    )


def _find(context: Context, name: str) -> Checkpoint | None:
    return {checkpoint.name: checkpoint for checkpoint in context.checkpoints()[0]}.get(name)


def _finding(title: str, series: dict[str, Floats], form: str) -> str:
    """What a chart shows, in a sentence."""
    parts = []
    for name, values in series.items():
        known = values[np.isfinite(values)]
        if len(known):
            parts.append(f"{name} from {form.format(known[0])} to {form.format(known[-1])}")
    return f"{title} over the epochs: {', '.join(parts) or 'unknown'}."


def _text(value: float, form: str) -> str:
    return form.format(value) if np.isfinite(value) else UNKNOWN
