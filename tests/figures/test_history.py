"""Charts of a training run."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pytest

from visml.figures import Curve, category_heatmap, category_lines, curves

EPOCHS = np.arange(1, 13)
RNG = np.random.default_rng(3)
CATEGORIES = RNG.random((5, 12))


def read(sent: Any) -> np.ndarray:
    """What plotly reads from a list or a typed array."""
    if isinstance(sent, list):
        return np.array(sent, dtype=float)
    values = np.frombuffer(base64.b64decode(sent["bdata"]), dtype="<" + sent["dtype"]).astype(float)
    return values.reshape([int(n) for n in sent["shape"].split(",")]) if "shape" in sent else values


def line(values: Any, run: int = 0, *, dashed: bool = False, epochs: Any = None) -> Curve:
    values = np.asarray(values, dtype=float)
    return Curve("loss", np.arange(1, len(values) + 1) if epochs is None else epochs, values, run, dashed)


def test_a_line_for_each_curve_over_its_own_epochs() -> None:
    drawn = [line(RNG.random(12)), line(RNG.random(5), 1, epochs=np.arange(3, 8))]
    figure = curves(drawn)
    for trace, curve in zip(figure["data"], drawn, strict=True):
        np.testing.assert_array_equal(read(trace["x"]), curve.epochs)
        np.testing.assert_allclose(read(trace["y"]), curve.values, atol=1e-7)


def test_runs_and_kinds_are_told_apart_without_color() -> None:
    figure = curves([line(RNG.random(12), run, dashed=dashed) for run in range(4) for dashed in (False, True)])
    signs = {(trace["marker"]["symbol"], trace["line"]["dash"]) for trace in figure["data"]}
    assert len(signs) == 8
    assert len({trace["line"]["color"] for trace in figure["data"]}) == 4


def test_long_runs_drawn_together_keep_a_few_symbols_and_one_alone_none() -> None:
    alone, *both = (curves([line(RNG.random(60), run) for run in range(count)])["data"] for count in (1, 2))
    assert alone[0]["mode"] == "lines"
    assert [0 < trace["marker"]["maxdisplayed"] < 20 for trace in both[0]] == [True, True]
    assert "markers" in both[0][0]["mode"]


def test_charts_beside_each_other_can_share_the_axis_of_epochs() -> None:
    figure = curves([line(RNG.random(5))], epochs=np.arange(1, 61))
    low, high = figure["layout"]["xaxis"]["range"]
    assert low < 1
    assert high > 60


def test_a_name_never_becomes_html() -> None:
    figure = curves([Curve("<b>other</b>", EPOCHS, RNG.random(12))])
    assert "<" not in json.dumps([trace["name"] for trace in figure["data"]])


def test_the_heatmap_draws_the_first_category_at_the_top() -> None:
    figure = category_heatmap(EPOCHS, CATEGORIES)
    np.testing.assert_allclose(read(figure["data"][0]["z"]), CATEGORIES, atol=1e-7)
    low, high = figure["layout"]["yaxis"]["range"]
    assert low > high
    assert figure["data"][0]["y"] == list(range(5))


@pytest.mark.parametrize(("count", "printed"), [(12, True), (40, False)])
def test_the_heatmap_prints_its_numbers_while_they_fit(count: int, printed: bool) -> None:
    figure = category_heatmap(np.arange(1, count + 1), np.zeros((2, count)))
    assert ("texttemplate" in figure["data"][0]) is printed


def test_all_pictures_are_the_last_and_thickest_line() -> None:
    overall = RNG.random(12)
    *thin, thick = category_lines(EPOCHS, CATEGORIES, overall)["data"]
    assert len(thin) == 5
    np.testing.assert_allclose(read(thick["y"]), overall, atol=1e-7)
    assert thick["line"]["width"] > max(trace["line"]["width"] for trace in thin)


def test_a_single_epoch_shows_a_dot() -> None:
    figure = curves([line([2.5])])
    assert "markers" in figure["data"][0]["mode"]


@pytest.mark.parametrize("values", [[2.5], [2.0, 2.0], [0.001, 0.002, np.nan], [0.0], [np.nan]])
@pytest.mark.parametrize("from_zero", [True, False])
def test_the_value_axis_holds_every_value(values: list[float], from_zero: bool) -> None:
    figure = curves([line(values)], from_zero=from_zero)
    low, high = figure["layout"]["yaxis"]["range"]
    assert low < high
    assert low <= np.nanmin([*values, high])
    assert high >= np.nanmax([*values, low])
    assert (low == 0) or not from_zero


def test_gaps_stay_gaps() -> None:
    values = RNG.random(12)
    values[4] = np.nan
    assert np.flatnonzero(np.isnan(read(curves([line(values)])["data"][0]["y"]))).tolist() == [4]


def figures() -> list[dict[str, Any]]:
    some = np.linspace(0, 1, 12)
    return [
        curves([line(some)]),
        curves([line(some), line(some, 3, dashed=True)], percent=True, dark=True),
        category_lines(EPOCHS, CATEGORIES, some),
        category_heatmap(EPOCHS, CATEGORIES, dark=True),
    ]


@pytest.mark.parametrize("index", range(4))
def test_figures_are_plain_and_share_one_look(index: int) -> None:
    figure = figures()[index]
    json.dumps(figure, allow_nan=False)
    layout = figure["layout"]
    assert layout["paper_bgcolor"] == layout["plot_bgcolor"] == "rgba(0,0,0,0)"
    assert "title" not in layout
    assert layout["showlegend"] is False
    assert "template" not in layout
