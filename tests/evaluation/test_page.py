"""The page of an evaluation: everything is in it, whatever stands in a name is text, and it opens without a network."""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser

from tests.browser import conftest
from tests.evaluation.test_results import KNOWN
from tests.evaluation.toys import Flat, Sure, write
from visml.evaluation.definitions import METHODS, SCORES
from visml.evaluation.elements import Page, add
from visml.evaluation.page import write_page
from visml.evaluation.report import evaluate
from visml.evaluation.results import Evaluation

chromium = conftest.chromium
EVIL = "<img_src=x onerror=alert(1)> & \"quoted\" 'too'"


class Elements(HTMLParser):
    """What a browser would make of a page: its elements with their attributes, and its text outside scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.cdata_elem is None:  # neither script nor style
            self.words.append(data)

    def every(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]

    @property
    def text(self) -> str:
        return " ".join(self.words)


@pytest.fixture
def evaluation(folder: Path) -> Evaluation:
    """Of a model with bins, swept, of a folder with a picture and a category of evil names."""
    write(folder / EVIL.replace("/", "") / f"{EVIL}.png", np.random.default_rng(0).integers(60, 190, (64, 64, 3), "u1"))
    return evaluate(Sure(), folder, name=EVIL, training=KNOWN, sweep=True)


def test_every_part_is_there(evaluation: Evaluation, tmp_path: Path) -> None:
    page = Elements(write_page(evaluation, tmp_path / "new" / "page.html").read_text(encoding="utf-8"))
    for score in SCORES:
        assert score.title in page.text
        assert score.meaning in page.text
    for row in evaluation.rows:
        assert f"{row.auc:.2f}" in page.text
    assert all(meaning in page.text for _, meaning in METHODS)
    assert f"{evaluation.calibration.ece:.1%}" in page.text  # type: ignore[union-attr]
    assert all(example.scores.picture in page.text for example in evaluation.best)
    charts = [each for each in page.every("div") if each.get("class") == "chart"]
    assert len(charts) == 7, "two curves, the categories, the reliability diagram and three of the sweep"
    assert all(each["aria-label"] for each in charts)


def test_the_pictures_themselves_are_in_it(evaluation: Evaluation, tmp_path: Path) -> None:
    page = Elements(write_page(evaluation, tmp_path / "page.html").read_text(encoding="utf-8"))
    pictures = page.every("img")
    assert len(pictures) == 2 * (len(evaluation.best) + len(evaluation.worst)) == 20
    example = evaluation.best[0]
    for attributes, expected in zip(pictures, (example.target, example.painted), strict=False):
        kind, data = str(attributes["src"]).split(",")
        assert kind == "data:image/jpeg;base64"
        shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(data)))).astype(int)
        assert np.abs(shown - expected).mean() < 12, "as near as a JPEG comes"


def test_names_are_text(evaluation: Evaluation, tmp_path: Path) -> None:
    page = Elements(write_page(evaluation, tmp_path / "page.html").read_text(encoding="utf-8"))
    assert page.text.count(EVIL) > 4, "as model, as category beside the chart and in the table, as picture"
    category = EVIL.replace("/", "")
    assert category in page.words
    assert not any(name.startswith("on") for _, attributes in page.found for name in attributes)
    assert all(str(each["src"]).startswith("data:") for each in page.every("img"))
    for tag, attributes in page.found:
        assert tag not in ("a", "link", "iframe", "object", "form", "base")
        assert "src" not in attributes or tag == "img"


def test_parts_that_were_not_measured_are_left_out(folder: Path, tmp_path: Path) -> None:
    evaluation = evaluate(Flat(1, 2), folder / "space" / "far")
    page = Elements(write_page(evaluation, tmp_path / "page.html").read_text(encoding="utf-8"))
    assert not {"Calibration", "Temperature of decoding", "Categories"} & set(page.words)
    assert page.text.count("relaxed accuracy") == 1, "defined, but no column of the table"


def test_a_chart_cannot_end_its_script() -> None:
    page = Page("title")
    page.chart(page.main, {"data": [{"name": "</script><b>"}], "layout": {}}, "a chart")
    add(page.main, "p", "</p><script>alert(1)</script>", title='"><b>')
    found = Elements(page.text())
    assert len(found.every("script")) == 2
    assert not found.every("b")


def test_it_opens_without_a_network(
    evaluation: Evaluation, tmp_path: Path, chromium: Browser, request: pytest.FixtureRequest
) -> None:
    shown = replace(evaluation, model="small")
    path = write_page(shown, tmp_path / "page.html")
    context = chromium.new_context(offline=True, viewport={"width": 390, "height": 800})
    request.addfinalizer(context.close)
    page = context.new_page()
    problems: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda sent: asked.append(sent.url.split(",")[0]))
    page.goto(path.as_uri())
    page.wait_for_function("document.querySelectorAll('.chart .main-svg').length >= 7")
    assert problems == []
    assert {address for address in asked if not address.startswith("data:")} == {path.as_uri()}
    assert page.title() == f"small on {shown.data}"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("img").first.evaluate("picture => picture.naturalWidth") == shown.size
    assert page.locator(".labels li").first.bounding_box()["height"] == 24  # type: ignore[index]
