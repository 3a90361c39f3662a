"""The parts of the Training page that the server makes: the open run's own, and the charts of all runs drawn."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dash import html

from visml import figures
from visml.dashboard import curves, lenient, sections
from visml.dashboard.facts import facts
from visml.dashboard.learning import SWEEP, Sweep, read_sweep
from visml.dashboard.markup import aria, data
from visml.dashboard.records import HISTORY
from visml.dashboard.runs import MOST, Run, folder_of, kept_epoch, read_run, run_data, signature
from visml.figures import rates

if TYPE_CHECKING:
    from visml.checkpoints import Checkpoint

ROW = 24  # pixels per category, in the list and in the heatmap
_SHORTEST = 300  # pixels of the categories' lines


@dataclass(frozen=True)
class Asked:
    """What the page asks for.

    Attributes:
        model: the open model.
        beside: models whose runs are drawn with its own.
        seen: what stands on the page of the model's own run, as :func:`own_state` says it.
        drawn: what stands on the page of the runs drawn, as :func:`drawn_state` says it.
    """

    model: str
    beside: tuple[str, ...]
    seen: str
    drawn: str

    @classmethod
    def of(cls, asked: Mapping[str, Any]) -> Asked:
        """The same from what the browser sent, whatever that is."""
        beside = [name for name in lenient.items(dict(asked), "beside") if isinstance(name, str)]
        return cls(str(asked.get("model")), tuple(beside), str(asked.get("seen")), str(asked.get("drawn")))


def whole(openable: Sequence[Checkpoint]) -> dict[str, Checkpoint]:
    """Of all that can be opened the networks as their runs left them, by name: no kept epochs, no companions."""
    return {each.name: each for each in openable if not each.companion and kept_epoch(each) is None}


def run_of(opened: Checkpoint, openable: Sequence[Checkpoint]) -> Checkpoint:
    """The whole checkpoint whose run made a network."""
    return whole(openable).get(folder_of(opened).name, opened)


def beside(asked: Asked, own: Checkpoint, openable: Sequence[Checkpoint]) -> list[Checkpoint]:
    """The checkpoints whose runs are drawn with the page's own: those asked for that have a history."""
    known = {name: each for name, each in whole(openable).items() if (each.folder / HISTORY).is_file()}
    chosen = dict.fromkeys(name for name in asked.beside if name in known and name != own.name)
    return [known[name] for name in chosen][: MOST - 1]


def own_state(opened: Checkpoint) -> str:
    """Changes whenever there is something new of a run."""
    return f"{opened.name}:{signature(folder_of(opened))}"


def drawn_state(checkpoints: Sequence[Checkpoint]) -> str:
    """The same of several runs."""
    return " ".join(map(own_state, checkpoints))


def body(opened: Checkpoint, openable: Sequence[Checkpoint]) -> list[Any]:
    """What stands first on a model's page: the replay of its run, and what it is."""
    run = read_run(run_of(opened, openable), openable)
    numbers = data(run=json.dumps(run_data(run, opened)), seen=own_state(opened))
    first = _replay(run) if run.epochs else _no_history(run.name)
    top = html.Div([first, _facts_panel(opened, run)], className="training-top")
    return [html.Div(id="training-data", hidden=True, **numbers), top]


def charts(checkpoints: Sequence[Checkpoint], openable: Sequence[Checkpoint]) -> list[Any]:
    """The charts of the runs drawn.

    Args:
        checkpoints: theirs, the page's own first.
        openable: all that can be opened; those with a history are offered to be drawn too.
    """
    runs = [run for run in map(read_run, checkpoints) if run.epochs]
    drawn = curves.charts(runs)
    others = [name for name, each in whole(openable).items() if (each.folder / HISTORY).is_file() and "," not in name]
    numbers = data(curves=json.dumps(curves.curves_data(runs, drawn, sorted(others))), seen=drawn_state(checkpoints))
    return [html.Div(id="training-curves-data", hidden=True, **numbers), curves.section(runs, drawn)]


def rest(opened: Checkpoint, openable: Sequence[Checkpoint]) -> list[Any]:
    """What follows the charts: the categories, and the learning-rate finder."""
    own = run_of(opened, openable)
    run, found = read_run(own), read_sweep(own.folder)
    rate = lenient.number(lenient.table(lenient.table(own.description, "recipe"), "optimizer").get("lr"))
    finder = _finder(found, rate) if found else _no_sweep(own.name)
    return [*([_categories(run)] if run.categories else []), *([finder] if run.epochs or found else [])]


def _replay(run: Run) -> html.Section:
    """The sample photos at one epoch, beside their targets; filled by assets/training-replay.js."""
    note = "the sample photos as the network painted them after each epoch"
    inside = [html.Div(id="replay-stage", className="replay-stage")]
    if run.samples is None:
        note = "this run kept no sample colorings: the slider moves through the charts alone"
    return sections.panel("Replay", note, inside, "training-replay")


def _categories(run: Run) -> html.Section:
    """The epoch x category heatmap, its rows named in HTML, and the same as lines."""
    values, numbers = run.by_category("accuracy"), run.numbers
    finding = f"Accuracy per category after the last epoch: best {run.categories[0]}, worst {run.categories[-1]}."
    heatmap = figures.category_heatmap(numbers, values, row_height=ROW)
    height = max(_SHORTEST, int(heatmap["layout"]["height"]))
    lines = figures.category_lines(numbers, values, run.overall("accuracy"), height=height)
    inside = html.Div(
        [
            html.Div(id="training-categories", className="category-list num"),
            sections.chart("heatmap", heatmap, f"Heatmap of epochs and categories. {finding}"),
            sections.chart("lines", lines, f"A line per category over the epochs. {finding}"),
        ],
        className="category-row",
        style={"--epochs": len(numbers)},
    )
    head = html.Div(id="training-measure", className="seg", role="group", **aria(label="measure"))
    about = "validation pixels; the thick line is all pictures"
    return sections.panel("By category", about, [inside], "training-by-category", head)


def _finder(sweep: Sweep, rate: float | None) -> html.Section:
    """The learning-rate sweep: its curve and what it found."""
    best = "nowhere" if sweep.best is None else _rate(sweep.best)
    first, last = _rate(sweep.rates[0]), _rate(sweep.rates[-1])
    rows = [("falls fastest at", best), ("tried", f"{len(sweep.rates)} rates, {first} to {last}")]
    rows += [] if rate is None else [("trained with", _rate(rate))]
    entries = [html.Div([html.Dt(name), html.Dd(value)]) for name, value in rows]
    figure = rates.sweep(sweep.rates, sweep.losses, sweep.smoothed, sweep.best)
    finding = f"Loss over the learning rate, from {sweep.smoothed[0]:.3g} at {first}; it falls fastest at {best}."
    parts = [sections.chart("sweep", figure, finding), html.Dl(entries, className="run-facts num")]
    about = "loss of single steps at ever higher rates; the thick line is smoothed"
    inside = [html.Div(parts, className="finder")]
    return sections.panel("Learning-rate finder", about, inside, "training-finder")


def _rate(value: float) -> str:
    """A learning rate in two digits, as recipes spell it."""
    return re.sub(r"e-0?", "e-", f"{value:.1e}" if value < 1e-2 else f"{value:.2g}")


def _no_sweep(name: str) -> html.Details:
    text = html.P(
        f"'{name}' has no {SWEEP}. A sweep of some steps, each at a higher rate, shows where the loss falls fastest:"
    )
    command = sections.command(f"visml lr-find RECIPE.toml --data PICTURES --out checkpoints/{name}")
    return sections.fold_out("Find a learning rate", [text, command], "training-no-sweep")


def _facts_panel(opened: Checkpoint, run: Run) -> html.Section:
    epoch = kept_epoch(opened)
    epochs = [each for each in run.epochs if epoch is None or each.number <= epoch]
    rows = [*_part(opened, run), *facts(opened.description, epochs)]
    entries = [html.Div([html.Dt(name), html.Dd(value)]) for name, value in rows]
    about = "in training: this page follows it" if run.under_way else "what this model is"
    return sections.panel(opened.name, about, [html.Dl(entries, className="run-facts num")], "training-model-facts")


def _part(opened: Checkpoint, run: Run) -> list[tuple[str, str]]:
    """Of which run a network is only a part."""
    if opened.companion:
        return [("part of", f"the run of {run.name}, trained together")]
    epoch = kept_epoch(opened)
    return [] if epoch is None else [("kept from", f"the run of {run.name}, after epoch {epoch}")]


def _no_history(name: str) -> html.Section:
    text = [
        html.P(f"'{name}' has no {HISTORY}, so there are no curves and no replay to show."),
        html.P("Imported weights come without one; a model trained here writes a line after every epoch:"),
        sections.command(f"visml train RECIPE.toml --data PICTURES --out checkpoints/{name}"),
    ]
    return sections.empty("No training history", text)
