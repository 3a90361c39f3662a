"""Charts of an evaluation."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from tests.figures.test_history import read
from visml.figures import evaluation as charts

RNG = np.random.default_rng(5)
METHODS = ("model", "gray", "training_mean", "lightness_table", "random_picture")
CURVES = [
    {"method": name, "raw": np.sort(RNG.random(151)).tolist(), "balanced": np.sort(RNG.random(151)).tolist()}
    for name in METHODS
]
PARTS = [
    {
        "low": i / 15,
        "high": (i + 1) / 15,
        "confidence": None,
        "accuracy": None if i == 3 else i / 20,
        "positions": 10 * i,
    }
    for i in range(15)
]
TEMPERATURES = [
    {"temperature": t, "auc": 80 + t, "balanced_auc": None if t == 1 else 70 - t, "colorfulness": 30 * t}
    for t in (0.2, 0.38, 0.5, 0.7, 1.0)
]


@pytest.mark.parametrize("kind", ["raw", "balanced"])
def test_a_curve_per_method(kind: str) -> None:
    figure = charts.accuracy_curves(CURVES, balanced=kind == "balanced")
    for trace, curve in zip(figure["data"], CURVES, strict=True):
        np.testing.assert_array_equal(read(trace["x"]), np.arange(151))
        np.testing.assert_allclose(read(trace["y"]), curve[kind], atol=1e-7)
        assert trace["name"] == curve["method"]


def test_methods_without_a_balanced_curve_have_no_line() -> None:
    curves = [CURVES[0], CURVES[1] | {"balanced": None}]
    assert [trace["name"] for trace in charts.accuracy_curves(curves, balanced=True)["data"]] == ["model"]
    assert len(charts.accuracy_curves(curves)["data"]) == 2


@pytest.mark.parametrize("dark", [False, True])
def test_lines_are_told_apart_without_color_too(dark: bool) -> None:
    strokes = [charts.stroke(method, dark) for method in METHODS]
    assert len({stroke.dash for stroke in strokes}) == len(METHODS)
    assert max(strokes, key=lambda stroke: stroke.width) == strokes[0]
    assert charts.stroke("another", dark) == charts.stroke("random_picture", dark)
    assert charts.fill("model", dark) != charts.fill("gray", dark)


def test_curves_of_several_models_are_drawn_as_told() -> None:
    strokes = [charts.series_stroke(place) for place in range(12)]
    assert len(set(strokes)) == 12
    assert all(one.color != other.color and one.dash != other.dash for one, other in pairwise(strokes))
    figure = charts.accuracy_curves(CURVES[:2], strokes=strokes[:2])
    assert [trace["line"]["color"] for trace in figure["data"]] == [stroke.color for stroke in strokes[:2]]
    missing = [CURVES[0] | {"balanced": None}, CURVES[1]]
    (trace,) = charts.accuracy_curves(missing, balanced=True, strokes=strokes[:2])["data"]
    assert trace["line"]["dash"] == strokes[1].dash


def test_reliability_draws_accuracy_over_confidence() -> None:
    bars, diagonal, share = charts.reliability(PARTS)["data"]
    np.testing.assert_allclose(read(bars["x"]), (np.arange(15) + 0.5) / 15, atol=1e-6)
    expected = [np.nan if i == 3 else i / 20 for i in range(15)]
    np.testing.assert_allclose(read(bars["y"]), expected, atol=1e-6)
    assert read(diagonal["x"]).tolist() == read(diagonal["y"]).tolist() == [0, 1]
    np.testing.assert_allclose(read(share["y"]).sum(), 1, atol=1e-6)


def test_reliability_of_no_position_at_all() -> None:
    empty = [part | {"accuracy": None, "positions": 0} for part in PARTS]
    json.dumps(charts.reliability(empty), allow_nan=False)


def test_a_line_per_measure_over_the_temperature() -> None:
    auc, balanced = charts.sweep(TEMPERATURES)["data"]
    np.testing.assert_allclose(read(auc["x"]), [0.2, 0.38, 0.5, 0.7, 1.0])
    np.testing.assert_allclose(read(auc["y"]), [80.2, 80.38, 80.5, 80.7, 81], atol=1e-5)
    assert np.isnan(read(balanced["y"])[-1])
    (colorfulness,) = charts.sweep(TEMPERATURES, ["colorfulness"])["data"]
    np.testing.assert_allclose(read(colorfulness["y"]), [6, 11.4, 15, 21, 30], atol=1e-5)


def test_two_bars_per_category_from_the_top() -> None:
    model, gray = np.array([70.0, np.nan, 90.0]), np.array([60.0, 65.0, 95.0])
    figure = charts.category_bars(model, gray, row_height=20)
    for trace, values in zip(figure["data"], (model, gray), strict=True):
        np.testing.assert_allclose(read(trace["x"]), values)
        assert trace["y"] == [0, 1, 2]
    upper, lower = figure["data"]
    assert upper["offset"] + upper["width"] <= lower["offset"]
    low, high = figure["layout"]["yaxis"]["range"]
    assert low > high
    assert figure["layout"]["height"] - figure["layout"]["margin"]["b"] == 3 * 20


def figures(dark: bool) -> list[dict[str, Any]]:
    bars = np.linspace(50, 90, 40)
    return [
        charts.accuracy_curves(CURVES, dark=dark),
        charts.reliability(PARTS, dark=dark),
        charts.sweep(TEMPERATURES, dark=dark),
        charts.category_bars(bars, bars, dark=dark),
    ]


@pytest.mark.parametrize("index", range(4))
def test_figures_are_plain_and_share_one_look(index: int) -> None:
    light, dark = figures(False)[index], figures(True)[index]
    for figure in (light, dark):
        json.dumps(figure, allow_nan=False)
        assert figure["layout"]["paper_bgcolor"] == figure["layout"]["plot_bgcolor"] == "rgba(0,0,0,0)"
        assert figure["layout"]["showlegend"] is False
    assert light["layout"]["font"] != dark["layout"]["font"]


def test_names_of_methods_lose_what_plotly_would_read_as_html() -> None:
    figure = charts.accuracy_curves([CURVES[0] | {"method": "<b>evil</b>"}])
    assert not set(figure["data"][0]["name"]) & set("<>&")
