"""What is known of the chosen model: calibration, other temperatures, its best and worst pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from dash import html

from visml.dashboard.board import Board
from visml.dashboard.board_pictures import pictures_panel
from visml.dashboard.board_pieces import chart, command, heads, panel, scrolling
from visml.dashboard.context import Context
from visml.dashboard.evaluations import AtTemperature, Calibration, Evaluation
from visml.dashboard.markup import data
from visml.figures import evaluation as charts

if TYPE_CHECKING:
    from visml.checkpoints import Checkpoint

DASH = "\N{EN DASH}"
DOT = " \N{MIDDLE DOT} "
HEIGHT = 250
OLDER = "Calibration, other temperatures, and the best and worst pictures are in an evaluation made anew:"


def model_part(board: Board, checkpoint: Checkpoint | None, context: Context, state: str) -> html.Div:
    """Everything about one model, or how to evaluate it."""
    evaluation = board.find(checkpoint.name) if checkpoint else None
    inside: list[Any]
    if checkpoint is None:
        inside = [_empty("There is no such model", html.P("Choose another one in the header."))]
    elif checkpoint.companion:
        inside = [
            _empty(f"'{checkpoint.name}' paints nothing", html.P("It was trained along; only what paints is scored."))
        ]
    elif evaluation is None:
        inside = [_unevaluated(board, checkpoint, context)] if board.groups else []
    else:
        again = evaluate_command(checkpoint, context, evaluation.has_bins)
        inside = [
            html.H2([evaluation.name, html.Span(_facts(evaluation), className="sub")], className="evaluation-title"),
            *_outdated(evaluation, again),
            *_details(evaluation, context, again),
        ]
    return html.Div(inside, key=state, id="evaluation-seen-model", **data(seen=state))


def _details(evaluation: Evaluation, context: Context, again: str) -> list[Any]:
    if not evaluation.best and not evaluation.worst:
        title = "An older evaluation"
        return [panel("evaluation-older", title, "made before these were measured", [html.P(OLDER), command(again)])]
    pair = html.Div([_calibration(evaluation), _sweep(evaluation, again)], className="evaluation-pair")
    return [pair, pictures_panel(evaluation, context)]


def evaluate_command(checkpoint: Checkpoint, context: Context, sweep: bool = True) -> str:
    """The command that evaluates a checkpoint and leaves the result where this page reads it."""
    root = context.settings.checkpoints
    try:
        folder = f"{root.name}/{checkpoint.folder.relative_to(root).as_posix()}"
    except ValueError:
        folder = str(checkpoint.folder)
    return f"visml evaluate --model {checkpoint.name} --data PICTURES -o {folder}" + (" --sweep" if sweep else "")


def _unevaluated(board: Board, checkpoint: Checkpoint, context: Context) -> html.Section:
    broken = [html.P(sentence) for name, sentence in board.broken if name == checkpoint.name]
    text = html.P("Scores come from a folder of photos that it has not been trained on; this writes them:")
    return _empty(
        f"'{checkpoint.name}' was not evaluated", *broken, text, command(evaluate_command(checkpoint, context))
    )


def _empty(title: str, *inside: Any) -> html.Section:
    return html.Section([html.H2(title), *inside], className="panel evaluation-empty")


def _outdated(evaluation: Evaluation, again: str) -> list[html.P]:
    if evaluation.current:
        return []
    text = "These are scores of other weights than the checkpoint has now; this evaluates the present ones: "
    return [html.P([text, html.Code(again)], className="panel evaluation-outdated")]


def _facts(evaluation: Evaluation) -> str:
    """What was compared, in one line."""
    passed = zip(evaluation.passed, ("without color", "unreadable"), strict=True)
    left_out = [f"{count:,} {why}" for count, why in passed if count]
    name, counted = evaluation.prior
    prior = f"prior of {name}" + (f", {counted:,} pictures" if counted else "") if name else ""
    parts = [
        f"on {evaluation.data}",
        "" if evaluation.pictures is None else f"{evaluation.pictures:,} pictures scored",
        *left_out,
        "" if evaluation.size is None else f"{evaluation.size} \N{MULTIPLICATION SIGN} {evaluation.size} px",
        f"T {evaluation.temperature:g}" if evaluation.has_bins and evaluation.temperature is not None else "",
        evaluation.precision,
        prior,
        _took(evaluation.seconds),
    ]
    return DOT.join(part for part in parts if part)


def _took(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"took {seconds:.0f} s" if seconds < 120 else f"took {seconds / 60:,.0f} min"


def _calibration(evaluation: Evaluation) -> html.Section:
    title, sub, calibration = "Calibration", "is it right as often as it is sure?", evaluation.calibration
    if calibration is None:
        reason = "Without bins there are no probabilities that could be right or wrong."
        return panel("evaluation-calibration", title, sub, [html.P(reason)])
    sentence = _sureness(calibration)
    figure = charts.reliability([asdict(part) for part in calibration.parts], height=HEIGHT)
    inside = [
        html.P([html.B(f"ECE {calibration.ece:.1%}"), f" {sentence}"], className="evaluation-finding num"),
        _legend("accuracy", "as sure as right", "share of positions"),
        chart("evaluation-reliability", figure, f"Reliability diagram: ECE {calibration.ece:.1%}. {sentence}"),
        _table("The 15 parts as a table", ("confidence", "accuracy", "positions"), _part_rows(calibration)),
    ]
    return panel("evaluation-calibration", title, sub, inside)


def _sureness(calibration: Calibration) -> str:
    """Whether a model is too sure or not sure enough."""
    means = calibration.means()
    if means is None:
        return ""
    confidence, accuracy = means
    which = "too sure" if confidence > accuracy else "not sure enough"
    at = "" if calibration.temperature is None else f" at T {calibration.temperature:g}"
    return f"On the whole {which}{at}: {confidence:.0%} confident, {accuracy:.0%} right."


def _part_rows(calibration: Calibration) -> list[list[str]]:
    return [
        [f"{part.low:.0%} to {part.high:.0%}", _or_dash(part.accuracy, ".1%"), f"{part.positions:,}"]
        for part in calibration.parts
    ]


def _sweep(evaluation: Evaluation, again: str) -> html.Section:
    title, sub = "Temperature", "what decoding at another temperature does"
    values = evaluation.temperatures
    if not values:
        without = "A model without bins gives one color, whatever the temperature."
        reason = [html.P("No other temperature was tried; this tries five:"), command(again)]
        return panel("evaluation-sweep", title, sub, reason if evaluation.has_bins else [html.P(without)])
    told = [asdict(each) for each in values]
    scores = evaluation.scores()
    own = scores.get("colorfulness"), scores.get("colorfulness_difference")
    photos = "" if None in own else f"the photos\N{RIGHT SINGLE QUOTATION MARK} own: {own[0] - own[1]:.1f}"  # type: ignore[operator]
    pair = [
        _sweep_chart(
            "auc", told, ("auc", "balanced_auc"), _legend("AuC, %", "class-balanced AuC, %"), _highest(values)
        ),
        _sweep_chart("color", told, ("colorfulness",), _legend("colorfulness", note=photos), _colorful(values, photos)),
    ]
    inside = [
        html.P(_highest(values), className="evaluation-finding num"),
        html.Div(pair, className="evaluation-sweeps"),
        _table("As a table", ("T", "AuC, %", "class-balanced AuC, %", "colorfulness"), _sweep_rows(values)),
    ]
    return panel("evaluation-sweep", title, sub, inside)


def _sweep_chart(
    name: str, told: Sequence[dict[str, Any]], keys: tuple[str, ...], legend: html.Div, finding: str
) -> html.Div:
    figure = charts.sweep(told, keys, height=HEIGHT)
    return html.Div([legend, chart(f"evaluation-sweep-{name}", figure, finding)])


def _highest(values: Sequence[AtTemperature]) -> str:
    known = [(each.balanced_auc, each.temperature) for each in values if each.balanced_auc is not None]
    if not known:
        return "No class-balanced AuC is known."
    score, temperature = max(known)
    return f"Class-balanced AuC is highest at T {temperature:g}: {score:.2f} %."


def _colorful(values: Sequence[AtTemperature], photos: str) -> str:
    known = [f"{each.colorfulness:.1f} at T {each.temperature:g}" for each in values if each.colorfulness is not None]
    return f"Colorfulness: {', '.join(known) or 'unknown'}" + (f"; {photos}." if photos else ".")


def _sweep_rows(values: Sequence[AtTemperature]) -> list[list[str]]:
    return [
        [f"{each.temperature:g}", _or_dash(each.auc, ".2f"), _or_dash(each.balanced_auc, ".2f"),
         _or_dash(each.colorfulness, ".1f")]
        for each in values
    ]  # fmt: skip


def _legend(*names: str, note: str = "") -> html.Div:
    """Which line or bar is which, in the order of the chart's traces."""
    entries = [
        html.Span([html.Span(className=f"evaluation-key evaluation-key-{place}"), name], className="evaluation-entry")
        for place, name in enumerate(names)
    ]
    return html.Div([*entries, *([html.Span(note, className="sub")] if note else [])], className="evaluation-entries")


def _table(label: str, titles: tuple[str, ...], rows: list[list[str]]) -> html.Details:
    body = html.Tbody([html.Tr([html.Td(cell) for cell in row]) for row in rows])
    table = scrolling(html.Table([heads(*titles), body], className="evaluation-numbers num"), label)
    return html.Details([html.Summary(label), table], className="numbers")


def _or_dash(value: float | None, form: str) -> str:
    return DASH if value is None else format(value, form)
