"""What a notebook shows of an opened photo and of a layer."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from visml.activations.atlas import columns, stretch
from visml.activations.card import SILENT
from visml.inspector import Inspection


class Seen(HTMLParser):
    """Tags and words of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.words += data + " "


def pictures(text: str) -> list[np.ndarray]:
    sources = re.findall(r'src="data:image/png;base64,([^"]+)"', text)
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(source)))) for source in sources]


def test_a_photo_shows_what_went_in_and_what_came_out(opened: Inspection) -> None:
    photo, lightness, predicted = pictures(opened._repr_html_())
    np.testing.assert_array_equal(photo, opened.squashed)
    np.testing.assert_array_equal(predicted, opened.painted())
    assert np.ptp(lightness.astype(int), axis=-1).max() <= 1


def test_its_table_names_every_layer(opened: Inspection) -> None:
    words = Seen(opened._repr_html_()).words
    for layer in opened.layers:
        channels, height, width = opened[layer.name].maps.shape
        assert f"{layer.name} {channels} {width} x {height}" in words


def test_names_are_words_and_never_markup(opened: Inspection) -> None:
    text = replace(opened, name="<script>alert(1)</script>")._repr_html_()
    assert "script" not in Seen(text).tags
    assert "<script>alert(1)</script>" in Seen(text).words


def test_its_prompt_is_one_line(opened: Inspection) -> None:
    assert re.fullmatch(r"<Inspection of .* in toy: conv1, .*, bins>", repr(opened))


@pytest.mark.parametrize("layer", ["conv1", "bins"])
def test_a_layer_shows_a_picture_with_all_its_maps(opened: Inspection, layer: str) -> None:
    traced = opened[layer]
    (shown,) = pictures(traced._repr_html_())
    assert layer in Seen(traced._repr_html_()).words
    _, height, width = traced.maps.shape
    across = columns(len(traced.maps))
    for number, (gray, silent) in enumerate(zip(stretch(traced.maps), traced.silent, strict=True)):
        top, left = number // across * (height + 1), number % across * (width + 1)
        tile = shown[top : top + height, left : left + width]
        expected = np.broadcast_to(SILENT, tile.shape) if silent else np.stack([gray, np.full_like(gray, 255)], axis=-1)
        np.testing.assert_array_equal(tile, expected)


def test_a_change_shows_both_colorings_and_where_they_differ(opened: Inspection) -> None:
    changed = opened.switch_off({"conv8": [0, 1, 2]})
    own, other, heat = pictures(changed._repr_html_())
    np.testing.assert_array_equal(own, opened.painted())
    np.testing.assert_array_equal(other, changed.painted())
    difference = changed.difference()
    most, least = (np.unravel_index(pick(difference), difference.shape) for pick in (np.argmax, np.argmin))
    assert np.ptp(heat[most].astype(int)) > 100 > 20 > np.ptp(heat[least].astype(int))
    assert "moved" in Seen(changed._repr_html_()).words
