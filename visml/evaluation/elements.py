"""An HTML page that needs nothing beside itself, built as a tree of elements, so that every text in it is escaped."""

from __future__ import annotations

import base64
import json
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement

import numpy as np
import numpy.typing as npt

from visml.evaluation.page_style import POLICY, STYLE
from visml.figures import CONFIG, Figure
from visml.images.decode import encode_jpeg

_QUALITY = 85


class Page:
    """A page under construction."""

    def __init__(self, title: str) -> None:
        """An empty page with its heading."""
        self._html = Element("html", lang="en")
        head = SubElement(self._html, "head")
        SubElement(head, "meta", charset="utf-8")
        SubElement(head, "meta", {"http-equiv": "Content-Security-Policy", "content": POLICY})
        SubElement(head, "meta", name="viewport", content="width=device-width, initial-scale=1")
        add(head, "title", title)
        add(head, "style", STYLE)
        self.main = SubElement(SubElement(self._html, "body"), "main")
        self._charts: list[Figure] = []
        add(self.main, "h1", title)

    def section(self, title: str) -> Element:
        """A further section under a heading."""
        section = SubElement(self.main, "section")
        add(section, "h2", title)
        return section

    def chart(self, parent: Element, figure: Figure, label: str) -> None:
        """Put a chart into an element; ``label`` says what it shows to those who do not see it."""
        name = f"chart-{len(self._charts)}"
        SubElement(parent, "div", {"id": name, "class": "chart", "role": "img", "aria-label": label})
        self._charts.append(figure)

    def text(self) -> str:
        """The whole page; plotly stands in it, once, where there are charts."""
        if self._charts:
            from plotly.offline import get_plotlyjs  # type: ignore[import-untyped]

            body = self._html[1]
            add(body, "script", get_plotlyjs())
            add(body, "script", "\n".join(map(_drawn, range(len(self._charts)), self._charts)))
            self._charts = []
        return "<!DOCTYPE html>\n" + ET.tostring(self._html, encoding="unicode", method="html")


def add(parent: Element, tag: str, text: str = "", **attributes: str) -> Element:
    """A further element with a text; ``_`` in the name of an attribute stands for ``-``, one at its end is dropped."""
    named = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
    element = SubElement(parent, tag, named)
    element.text = text
    return element


def _drawn(place: int, figure: Figure) -> str:
    # Inside a script nothing is escaped: no "<" may stand there that could end it.
    data, layout, config = (
        json.dumps(part, allow_nan=False).replace("<", "\\u003c") for part in (figure["data"], figure["layout"], CONFIG)
    )
    return f'Plotly.newPlot("chart-{place}", {data}, {layout}, {config});'


def add_list(parent: Element, pairs: Sequence[tuple[str, str]], kind: str) -> None:
    """A further list of names and what they mean."""
    block = SubElement(parent, "dl", {"class": kind})
    for name, meaning in pairs:
        row = SubElement(block, "div")
        add(row, "dt", name)
        add(row, "dd", meaning)


def data_uri(rgb: npt.NDArray[np.uint8]) -> str:
    """A picture ``(H, W, 3)`` uint8 as an address that holds the picture itself."""
    return "data:image/jpeg;base64," + base64.b64encode(encode_jpeg(rgb, _QUALITY)).decode("ascii")
