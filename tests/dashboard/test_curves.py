"""The charts of several runs: what shares an axis, what does not, and what is said of it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from dash.development.base_component import Component

from visml.dashboard import curves
from visml.dashboard.records import Epoch, Score
from visml.dashboard.runs import Run


def run(
    name: str, terms: dict[str, float], *, epochs: int = 3, objective: str = "cross_entropy", settings: str = "",
    pictures: str = "", accuracy: float | None = None, validation: bool = True,
) -> Run:  # fmt: skip
    """A run whose losses are a term's value over the epoch, and a tenth more on validation crops."""
    lines = tuple(
        Epoch(
            number, 9 * number, 1e-3 / number, {term: value / number for term, value in terms.items()},
            Score(accuracy, accuracy),
            {term: 1.1 * value / number for term, value in terms.items()} if validation else {},
        )
        for number in range(1, epochs + 1)
    )  # fmt: skip
    return Run(name, lines, None, (), objective, settings or objective, pictures)


CLASSES = run("classes", {"cross_entropy": 4.0}, accuracy=0.3)
SECOND = run("second", {"cross_entropy": 3.0}, epochs=5, accuracy=0.2)
ADVERSARIAL = run("painter", {"critic": 0.6, "adversarial": 1.0, "l1": 20.0}, objective="adversarial")
PLAIN = run("plain", {"l2": 0.2}, objective="l2")
TWO = run("two", {"l2": 0.01, "classification": 2.0}, objective="two_task")


def of(key: str, *runs: Run) -> curves.Chart:
    return next(chart for chart in curves.charts(runs) if chart.key == key)


def titles(*runs: Run) -> list[str]:
    return [chart.title for chart in curves.charts(runs)]


def written(content: Any) -> str:
    return json.dumps(content, default=lambda c: c.to_plotly_json() if isinstance(c, Component) else str(c))


def graphs(*runs: Run) -> list[Component]:
    section = curves.section(runs, curves.charts(runs))
    return [part for part in section._traverse() if type(part).__name__ == "Graph"]


def test_a_term_that_runs_share_is_one_chart_with_training_and_validation_of_each() -> None:
    chart = of("loss-0", CLASSES, SECOND)
    assert [(line.run, line.kind) for line in chart.lines] == [
        (0, "training"), (0, "validation"), (1, "training"), (1, "validation"),
    ]  # fmt: skip
    np.testing.assert_allclose(chart.lines[3].values, 3.3 / np.arange(1, 6))


def test_every_term_of_every_run_has_a_chart() -> None:
    assert titles(ADVERSARIAL) == ["Critic", "Adversarial", "L1", "Learning rate"]
    assert titles(CLASSES, ADVERSARIAL)[:4] == ["Cross entropy", "Critic", "Adversarial", "L1"]


def test_terms_of_one_name_and_two_objectives_do_not_share_an_axis() -> None:
    assert titles(PLAIN, TWO)[:3] == ["L2 of l2", "L2 of two task", "Classification"]
    assert [line.run for line in of("loss-1", PLAIN, TWO).lines] == [1, 1]


@pytest.mark.parametrize(("settings", "told"), [("", "mean of the epoch"), ("other", "objectives differ")])
def test_losses_weighed_differently_are_said_to_be(settings: str, told: str) -> None:
    other = run("other", {"cross_entropy": 2.0}, settings=settings)
    assert told in of("loss-0", CLASSES, other).sub


def test_accuracies_on_other_pictures_are_said_to_be() -> None:
    other = run("other", {"cross_entropy": 2.0}, accuracy=0.4, pictures="fewer")
    assert of("accuracy", CLASSES, SECOND).sub == "likeliest bin"
    assert "pictures differ" in of("accuracy", CLASSES, other).sub


def test_a_run_without_bins_has_no_accuracy_and_the_page_says_so() -> None:
    assert "No accuracy" in written(curves.section([PLAIN, TWO], curves.charts([PLAIN, TWO])))
    both = curves.section([PLAIN, CLASSES], curves.charts([PLAIN, CLASSES]))
    assert "No accuracy" not in written(both)
    assert [line.run for line in of("accuracy", PLAIN, CLASSES).lines] == [1]


def test_a_run_of_before_validation_losses_has_training_alone() -> None:
    old = run("old", {"cross_entropy": 2.0}, validation=False)
    assert [line.kind for line in of("loss-0", old).lines] == ["training"]


def test_all_charts_reach_over_the_epochs_of_all_runs() -> None:
    ranges = {tuple(graph.figure["layout"]["xaxis"]["range"]) for graph in graphs(CLASSES, SECOND, PLAIN)}
    assert ranges == {(0.5, 5.5)}


def test_a_run_keeps_its_look_from_chart_to_chart() -> None:
    charts, drawn = curves.charts([CLASSES, ADVERSARIAL, SECOND]), graphs(CLASSES, ADVERSARIAL, SECOND)
    looks: dict[int, set[tuple[str, str]]] = {}
    for chart, graph in zip(charts, drawn, strict=True):
        for line, trace in zip(chart.lines, graph.figure["data"], strict=True):
            symbol = trace["marker"]["symbol"].removesuffix("-open")
            looks.setdefault(line.run, set()).add((trace["line"]["color"], symbol))
    assert [len(look) for look in looks.values()] == [1, 1, 1]
    assert len(set.union(*looks.values())) == 3


def test_the_browser_gets_every_number_without_nan() -> None:
    runs = [CLASSES, run("gap", {"cross_entropy": float("nan")}, accuracy=0.1)]
    data = json.loads(json.dumps(curves.curves_data(runs, curves.charts(runs), ["b", "a"]), allow_nan=False))
    assert data["runs"] == [{"name": "classes", "epochs": [1, 2, 3]}, {"name": "gap", "epochs": [1, 2, 3]}]
    assert data["others"] == ["b", "a"]
    first = data["charts"][0]
    assert (first["key"], first["form"]) == ("loss-0", "loss")
    assert first["lines"][0] == {"run": 0, "kind": "training", "values": [4.0, 2.0, 1.33333]}


def test_names_of_strangers_stay_out_of_plotly() -> None:
    strange = run("<b>run</b>", {"<i>term</i>": 1.0}, accuracy=0.5)
    figures = written([graph.figure for graph in graphs(strange)])
    assert "<" not in figures


def test_nothing_to_draw_is_no_chart() -> None:
    empty = Run("empty", (Epoch(1, None, None, {}, Score(None, None)),), None, ())
    assert curves.charts([empty]) == []
    assert curves.charts([]) == []
    assert "No accuracy" not in written(curves.section([], []))
