"""Charts of several runs over their epochs: one for each loss term, the accuracies and the learning rate.

A chart holds what can be read on one axis: a loss term of one objective, solid for training and dashed for validation
crops. Runs keep their color and symbol from chart to chart.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from dash import html

from visml import figures
from visml.dashboard import sections
from visml.dashboard.markup import aria, data
from visml.dashboard.runs import Floats, Run, listed

UNKNOWN = "\N{EN DASH}"
TRAINING, VALIDATION = "training", "validation"
_FORMS = {"loss": "{:.4g}", "share": "{:.1%}", "rate": "{:.2g}"}
_MEASURES = {"accuracy": "Accuracy", "relaxed_accuracy": "Relaxed accuracy"}
_ABOUT = {"accuracy": "likeliest bin", "relaxed_accuracy": "one of the five likeliest"}


@dataclass(frozen=True)
class Line:
    """One curve of a chart: whose, of training or validation crops, and its values ``(E,)``."""

    run: int
    kind: str
    values: Floats


@dataclass(frozen=True)
class Chart:
    """A chart of several runs.

    Attributes:
        key: its name in ids.
        title: its heading.
        sub: what is said beside the heading.
        form: how its values are written: ``loss``, ``share`` or ``rate``.
        lines: its curves; at least one.
    """

    key: str
    title: str
    sub: str
    form: str
    lines: tuple[Line, ...]


def charts(runs: Sequence[Run]) -> list[Chart]:
    """Every chart there is something to draw in."""
    return [*_losses(runs), *_accuracies(runs), *_rates(runs)]


def section(runs: Sequence[Run], drawn: Sequence[Chart]) -> html.Div:
    """The charts side by side."""
    panels = [_panel(chart, runs) for chart in drawn]
    bare = [run.name for run in runs if not np.isfinite(run.overall("accuracy")).any()]
    note = [_no_accuracy(bare)] if len(bare) == len(runs) > 0 else []
    return html.Div([*panels, *note], className="training-charts", style={"--across": _across(len(panels))})


def curves_data(runs: Sequence[Run], drawn: Sequence[Chart], others: Sequence[str]) -> dict[str, Any]:
    """What assets/training*.js read: every number of the charts.

    Args:
        runs: those drawn, the page's own first.
        drawn: their charts.
        others: further runs that could be drawn.
    """
    return {
        "runs": [{"name": run.name, "epochs": run.numbers.tolist()} for run in runs],
        "charts": [
            {
                "key": chart.key,
                "title": chart.title,
                "form": chart.form,
                "lines": [{"run": line.run, "kind": line.kind, "values": listed(line.values)} for line in chart.lines],
            }
            for chart in drawn
        ],
        "others": list(others),
    }


def _losses(runs: Sequence[Run]) -> Iterator[Chart]:
    """A chart for each term of each objective; a term of the same name that another objective has is another one."""
    found = list(dict.fromkeys((run.objective, term) for run in runs for term in run.terms))
    for place, (objective, term) in enumerate(found):
        having = [i for i, run in enumerate(runs) if run.objective == objective and term in run.terms]
        lines = [line for i in having for line in (
            Line(i, TRAINING, runs[i].losses(term)), Line(i, VALIDATION, runs[i].validation(term))
        ) if np.isfinite(line.values).any()]  # fmt: skip
        title = term.replace("_", " ").capitalize()
        if [each for _, each in found].count(term) > 1:
            title += f" of {objective.replace('_', ' ') or 'an unknown objective'}"
        alike = len({runs[i].settings for i in having}) == 1
        sub = "loss, mean of the epoch" if alike else "objectives differ: compare shapes, not heights"
        if lines:
            yield Chart(f"loss-{place}", title, sub, "loss", tuple(lines))


def _accuracies(runs: Sequence[Run]) -> Iterator[Chart]:
    for measure, title in _MEASURES.items():
        values = [run.overall(measure) for run in runs]
        having = [i for i, each in enumerate(values) if np.isfinite(each).any()]
        alike = len({runs[i].pictures for i in having}) == 1
        sub = _ABOUT[measure] if alike else "the validation pictures differ"
        if having:
            yield Chart(measure, title, sub, "share", tuple(Line(i, VALIDATION, values[i]) for i in having))


def _rates(runs: Sequence[Run]) -> Iterator[Chart]:
    values = [run.rates() for run in runs]
    lines = tuple(Line(i, TRAINING, each) for i, each in enumerate(values) if np.isfinite(each).any())
    if lines:
        yield Chart("lr", "Learning rate", "at the epoch's end", "rate", lines)


def _panel(chart: Chart, runs: Sequence[Run]) -> html.Section:
    """A panel with one chart, its legend carrying the values at the shown epoch."""
    lines = [
        figures.Curve(
            name=f"{runs[line.run].name} {line.kind}",
            epochs=runs[line.run].numbers,
            values=line.values,
            run=line.run,
            dashed=line.kind == VALIDATION and chart.form == "loss",
        )
        for line in chart.lines
    ]
    epochs = np.concatenate([run.numbers for run in runs])
    figure = figures.curves(lines, epochs=epochs, percent=chart.form == "share", from_zero=chart.form == "rate")
    inside = [_legend(chart, runs), sections.chart(chart.key, figure, _finding(chart, runs))]
    return sections.panel(chart.title, chart.sub, inside, f"training-{chart.key}")


def _legend(chart: Chart, runs: Sequence[Run]) -> html.Table:
    """A row for each run with its line's color and symbol; the values are filled by assets/training-charts.js."""
    kinds = list(dict.fromkeys(line.kind for line in chart.lines))
    named = kinds if chart.form == "loss" else ["at this epoch"]
    head = [html.Th("run", scope="col", className="visually-hidden")]
    head += [html.Th([_stroke(kind, chart), kind], scope="col") for kind in named]
    rows = [
        html.Tr(
            [
                html.Th([_key(run), runs[run].name], scope="row"),
                *(html.Td(UNKNOWN, **data(of=chart.key, run=str(run), kind=kind)) for kind in kinds),
            ]
        )
        for run in dict.fromkeys(line.run for line in chart.lines)
    ]
    return html.Table([html.Thead(html.Tr(head)), html.Tbody(rows)], className="legend num")


def _key(run: int) -> html.Span:
    """A run's color and symbol."""
    return html.Span(className=f"run-key run-key-{run}", **aria(hidden="true"))


def _stroke(kind: str, chart: Chart) -> html.Span:
    """A piece of line as the kind is drawn."""
    return html.Span(className=f"stroke stroke-{kind if chart.form == 'loss' else TRAINING}", **aria(hidden="true"))


def _no_accuracy(names: Sequence[str]) -> html.Section:
    """In the place of charts that a network without bins cannot have."""
    who = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    text = (
        "Accuracy is how often the likeliest of the 313 bins of color is the true one. "
        f"{who} {'paint' if len(names) > 1 else 'paints'} without bins: the losses tell how it goes."
    )
    return sections.panel("No accuracy", "without bins", [html.P(text, className="sub")], "training-no-accuracy")


def _finding(chart: Chart, runs: Sequence[Run]) -> str:
    """What a chart shows, in a sentence."""
    form, parts = _FORMS[chart.form], []
    for line in chart.lines:
        known = line.values[np.isfinite(line.values)]
        kind = f", {line.kind}," if chart.form == "loss" else ""
        parts.append(f"{runs[line.run].name}{kind} from {form.format(known[0])} to {form.format(known[-1])}")
    return f"{chart.title} over the epochs: {'; '.join(parts)}."


def _across(panels: int) -> int:
    """Charts in a row, at most four, so that the last row is nearly full."""
    return math.ceil(panels / math.ceil(panels / 4)) if panels else 1
