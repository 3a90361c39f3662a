"""An evaluation as one HTML page that opens without a network: tables, charts, the best and worst pictures.

Names of categories and pictures are text from strangers: the page is built as a tree of elements, so that whatever
stands in one is escaped, and a policy in its head forbids it to load anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement

import numpy as np

from visml.evaluation.definitions import CALIBRATION, METHODS, SCORES
from visml.evaluation.elements import Page, add, add_list, data_uri
from visml.evaluation.extremes import Example
from visml.evaluation.results import Evaluation, replacing
from visml.evaluation.tally import Row
from visml.figures import evaluation as figures

_COMPARED = ("model", "gray")
_ROW = 24  # pixels per category, in the chart and in the labels beside it


def write_page(result: Evaluation, path: Path) -> Path:
    """Write an evaluation as a page; returns its path.

    Args:
        result: what to show.
        path: the HTML file, replaced whole or not at all; its folder is made if need be.
    """
    page = Page(f"{result.model} on {result.data}")
    _facts(page, result)
    _overall(page, result)
    _categories(page, result)
    _calibration(page, result)
    _sweep(page, result)
    for title, examples in (("Best pictures", result.best), ("Worst pictures", result.worst)):
        _examples(page.section(f"{title}, by RMSE of ab"), examples)
    _definitions(page)
    with replacing(path) as file:
        file.write(page.text())
    return path


def _facts(page: Page, result: Evaluation) -> None:
    passed = [(result.without_color, "without color"), (result.unreadable, "unreadable")]
    left_out = "".join(f", {count} {why}" for count, why in passed if count)
    prior = "none" if result.prior is None else f"{result.prior.name}, {result.prior.pictures} pictures"
    facts = {
        "pictures": f"{result.pictures} scored{left_out}",
        "compared at": f"{result.size} x {result.size} pixels",
        "temperature": f"{result.temperature:g}",
        "precision": result.precision,
        "prior of": prior,
        "weights": "unknown" if result.model_sha256 is None else f"SHA-256 {result.model_sha256}",
        "took": f"{result.seconds:.0f} s",
    }
    add_list(page.main, tuple(facts.items()), "facts")


def _overall(page: Page, result: Evaluation) -> None:
    section = page.section("All pictures")
    _table(section, [row for row in result.rows if row.category is None], "method")
    curves = result.to_json()["curves"]
    methods = [each["method"] for each in curves]
    _key(section, methods, [figures.stroke(method) for method in methods])
    pair = SubElement(section, "div", {"class": "pair"})
    for balanced, title in ((False, "Accuracy curve"), (True, "Class-balanced accuracy curve")):
        if any(each["balanced"] for each in curves) or not balanced:
            holder = SubElement(pair, "div")
            add(holder, "h3", title)
            page.chart(holder, figures.accuracy_curves(curves, balanced=balanced), f"{title} of every method")


def _categories(page: Page, result: Evaluation) -> None:
    rows = [row for row in result.rows if row.category is not None]
    if not rows:
        return
    section = page.section("Categories")
    add(section, "h3", "Class-balanced AuC of the model and of gray")
    _key(section, _COMPARED, [figures.Stroke(figures.fill(method), "solid", 10) for method in _COMPARED])
    names = list(dict.fromkeys(str(row.category) for row in rows))
    model, gray = (
        np.array([row.balanced_auc for row in rows if row.method == method], dtype=np.float64) for method in _COMPARED
    )
    pair = SubElement(section, "div", {"class": "labelled"})
    labels = add(pair, "ol", class_="labels")
    for name in names:
        add(labels, "li", name, title=name)
    page.chart(pair, figures.category_bars(model, gray, row_height=_ROW), "Class-balanced AuC for each category")
    details = SubElement(section, "details")
    add(details, "summary", "Every score of every method in every category")
    _table(details, rows, "category", "method", "pictures")


def _calibration(page: Page, result: Evaluation) -> None:
    if result.calibration is None:
        return
    section = page.section("Calibration")
    add(section, "p", CALIBRATION)
    add(section, "p", f"Expected calibration error: {result.calibration.ece:.1%}.")
    parts = result.to_json()["calibration"]["parts"]
    page.chart(add(section, "div", class_="half"), figures.reliability(parts), "Reliability diagram")


def _sweep(page: Page, result: Evaluation) -> None:
    if result.temperatures is None:
        return
    section = page.section("Temperature of decoding")
    values = result.to_json()["temperatures"]
    pair = SubElement(section, "div", {"class": "pair"})
    titles = {
        "auc": "AuC, %",
        "balanced_auc": "Class-balanced AuC, %",
        "colorfulness": "Colorfulness",
    }
    for measure, title in titles.items():
        if all(each[measure] is not None for each in values):
            holder = SubElement(pair, "div")
            add(holder, "h3", title)
            page.chart(holder, figures.sweep(values, (measure,)), f"{title} over the temperature")


def _examples(section: Element, examples: Sequence[Example]) -> None:
    grid = SubElement(section, "ol", {"class": "examples"})
    for example in examples:
        scores = example.scores
        figure = SubElement(SubElement(grid, "li"), "figure")
        for rgb, what in ((example.target, "photo"), (example.painted, "painted")):
            SubElement(figure, "img", src=data_uri(rgb), alt=f"{scores.picture}, {what}", title=what)
        caption = add(figure, "figcaption")
        add(caption, "b", scores.picture, title=f"SHA-256 {scores.sha256}")
        ssim = "" if scores.ssim is None else f", SSIM {scores.ssim:.3f}"
        add(
            caption,
            "span",
            f"RMSE ab {scores.rmse_ab:.1f}, AuC {scores.auc:.1f} %, PSNR {scores.psnr:.1f} dB{ssim}, "
            f"CIEDE2000 {scores.ciede2000:.1f}, colorfulness {scores.colorfulness:.0f}",
        )


def _definitions(page: Page) -> None:
    section = page.section("What the words mean")
    add_list(section, [(score.title, score.meaning) for score in SCORES], "words")
    add_list(section, [(method.replace("_", " "), meaning) for method, meaning in METHODS], "words")


def _key(parent: Element, methods: Sequence[str], strokes: Sequence[figures.Stroke]) -> None:
    """Which line or bar is which method's."""
    key = SubElement(parent, "ul", {"class": "key"})
    for method, stroke in zip(methods, strokes, strict=True):
        item = SubElement(key, "li")
        picture = SubElement(item, "svg", {"width": "34", "height": "10", "aria-hidden": "true"})
        line = {"x1": "0", "x2": "34", "y1": "5", "y2": "5", "stroke": stroke.color}
        dash = "none" if stroke.dash == "solid" else stroke.dash.replace("px", "")
        SubElement(picture, "line", line | {"stroke-width": str(stroke.width), "stroke-dasharray": dash})
        add(item, "span", method.replace("_", " "))


def _table(parent: Element, rows: Sequence[Row], *names: str) -> None:
    """A line for each row: what names it, then every score that any of them has."""
    scores = [each for each in SCORES if any(getattr(row, each.key) is not None for row in rows)]
    scroll = add(parent, "div", class_="scroll", tabindex="0", role="region", aria_label="Scores")
    table = SubElement(scroll, "table")
    head = SubElement(SubElement(table, "thead"), "tr")
    for name in names:
        add(head, "th", name, scope="col", class_="name")
    for each in scores:
        add(head, "th", each.title, scope="col")
    body = SubElement(table, "tbody")
    for row in rows:
        line = SubElement(body, "tr", {"class": row.method})
        for name in names:
            add(line, "th", _name(row, name), scope="row")
        for each in scores:
            value = getattr(row, each.key)
            add(line, "td", "" if value is None else format(value, each.form))


def _name(row: Row, key: str) -> str:
    return row.method.replace("_", " ") if key == "method" else str(getattr(row, key))
