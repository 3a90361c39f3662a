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


@pytest.mark.parametrize("layer", ["conv1", "bins"])
def test_a_layer_shows_a_picture_with_all_its_maps(opened: Inspection, layer: str) -> None:
    traced = opened[layer]
    (atlas,) = pictures(traced._repr_html_())
    assert atlas.size >= traced.maps.size
    assert layer in Seen(traced._repr_html_()).words
