"""How numbers and names are put into charts."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest

from visml.figures import CONFIG, packed, plain
from visml.figures.look import DARK, LIGHT, epoch_axis


def luminance(color: str) -> float:
    """Relative luminance of a hex color, as WCAG 2.2 defines it."""
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("shape", [(40,), (6, 30)])
def test_long_arrays_travel_as_typed_arrays_that_read_back(shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(0).normal(size=shape)
    sent = packed(values)
    assert sent["dtype"] == "f4"
    read = np.frombuffer(base64.b64decode(sent["bdata"]), dtype="<f4")
    if len(shape) == 2:
        assert sent["shape"] == "6, 30"
    np.testing.assert_array_equal(read.reshape(shape), values.astype(np.float32))


def test_short_arrays_travel_as_lists() -> None:
    assert packed(np.array([1, 2, 3])) == [1, 2, 3]


def test_the_smaller_of_both_is_sent() -> None:
    for length in range(1, 60):
        values = np.random.default_rng(length).integers(0, 10**6, size=length)
        listed, sent = len(json.dumps(values.tolist())), len(json.dumps(packed(values)))
        assert sent <= listed


def test_gaps_survive_json() -> None:
    assert json.loads(json.dumps(packed(np.array([0.5, np.nan])), allow_nan=False)) == [0.5, None]


def test_names_lose_what_plotly_would_read_as_html() -> None:
    name = plain('<a href="javascript:alert(1)">x</a> &lt;b&gt; cats/dogs')
    assert not set(name) & set('<>&"=:;')
    assert "x" in name


def test_no_chart_offers_to_upload_itself() -> None:
    assert CONFIG["showSendToCloud"] is False
    assert CONFIG["displayModeBar"] is False


@pytest.mark.parametrize(("look", "page"), [(LIGHT, "#ffffff"), (DARK, "#242424")])
def test_text_and_lines_stand_out(look: object, page: str) -> None:
    assert contrast(look.muted, page) >= 4.5  # type: ignore[attr-defined]
    for color in (*look.series, look.ink):  # type: ignore[attr-defined]
        assert contrast(color, page) >= 3


@pytest.mark.parametrize("count", [1, 2, 9, 10, 37, 400])
def test_an_epoch_axis_has_whole_numbers_and_few_labels(count: int) -> None:
    axis = epoch_axis(np.arange(1, count + 1))
    labels = np.arange(axis["tick0"], count + 1, axis["dtick"])
    assert len(labels) <= 9
    assert isinstance(axis["dtick"], int)
    assert axis["range"][0] < 1
    assert axis["range"][1] > count
