"""A model's best and worst pictures: as pictures where the page serves them, and as a table always."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlencode

import numpy as np
from dash import html

from visml.dashboard.board import Metric, metrics
from visml.dashboard.board_pieces import panel, scrolling
from visml.dashboard.context import Context
from visml.dashboard.evaluations import Evaluation, Picture
from visml.dashboard.markup import aria, data
from visml.figures import bin_colors
from visml.images.decode import PhotoRefused

FOLDER = "folder:"  # how the gallery's keys of a folder's photos begin
COLUMNS = ("rmse_ab", "psnr", "ssim", "ciede2000", "auc", "colorfulness")
CAPTION = (
    ("rmse_ab", "RMSE ab {:.1f}"),
    ("psnr", "PSNR {:.1f} dB"),
    ("ciede2000", "\N{GREEK CAPITAL LETTER DELTA}E2000 {:.1f}"),
)
Keys = Mapping[str, str]  # a picture's name -> its key in the gallery


def pictures_panel(evaluation: Evaluation, context: Context) -> html.Section:
    """The best and the worst pictures by the root mean squared error of ab."""
    title, sub = "Best and worst pictures", "by RMSE ab, the mean error of the colors"
    keys = served(context, (*evaluation.best, *evaluation.worst))
    reason = why_not(evaluation, context, keys)
    lists = [] if reason else [_list(name, evaluation, keys) for name in ("best", "worst")]
    count = len({each.name for each in (*evaluation.best, *evaluation.worst)})
    some = f"{len(keys)} of {count} are shown; the other files were changed or removed since."
    told = reason or (some if len(keys) < count else "")
    inside = [
        *([html.P(told, className="sub evaluation-why")] if told else []),
        *lists,
        _table(evaluation, keys, shown=bool(reason) or not evaluation.has_bins),
    ]
    return panel("evaluation-pictures", title, sub, inside)


def served(context: Context, pictures: Sequence[Picture]) -> dict[str, str]:
    """The gallery's keys of those pictures that the page serves: found by name, and the very files by their SHA-256."""
    found = {}
    for picture in pictures:
        try:
            content = context.gallery.content(f"{FOLDER}{picture.name}")
        except PhotoRefused:
            continue
        if hashlib.sha256(content).hexdigest() == picture.sha256:
            found[picture.name] = f"{FOLDER}{picture.name}"
    return found


def why_not(evaluation: Evaluation, context: Context, keys: Keys) -> str:
    """Why no picture is shown, in a sentence; "" where some are."""
    images = context.settings.images
    if images is None:
        return (
            f"The pictures are not shown since the page serves no folder of photos: start it with 'visml serve "
            f"--images .../{evaluation.data}' to see them."
        )
    if not keys and images.resolve().name != evaluation.data:
        return (
            f"The pictures are not shown since the page serves photos of '{images.resolve().name}' and these are of "
            f"'{evaluation.data}'."
        )
    if not keys:
        return f"The pictures are not shown since the files of '{evaluation.data}' were changed or removed since."
    if evaluation.temperature is not None and evaluation.temperature > 1:
        return f"The pictures are not shown since the page paints at T 0 to 1, not at T {evaluation.temperature:g}."
    return ""


def address(evaluation: Evaluation, key: str) -> str:
    """The link that opens a picture in the model on Inspect, told what it was told, at the temperature scored."""
    return f"/?{urlencode({name: value for name, value in _asked(evaluation, key).items() if value})}"


def _asked(evaluation: Evaluation, key: str) -> dict[str, str]:
    """What a picture was scored with; "" for nothing."""
    category = key.removeprefix(FOLDER).rpartition("/")[0]
    return {
        "model": evaluation.name,
        "told": category if category in evaluation.told else "",
        "photo": key,
        "t": "" if evaluation.temperature is None or not evaluation.has_bins else f"{evaluation.temperature:g}",
    }


def _list(name: str, evaluation: Evaluation, keys: Keys) -> html.Div:
    pictures = evaluation.best if name == "best" else evaluation.worst
    cards = [html.Li(_card(evaluation, each, keys[each.name])) for each in pictures if each.name in keys]
    if not cards:
        return html.Div()
    note = "each: the photo, and as painted"
    heading = html.H4([name, html.Span(note, className="sub")], className="evaluation-rank")
    return html.Div([heading, html.Ol(cards, className="evaluation-cards")])


def _card(evaluation: Evaluation, picture: Picture, key: str) -> html.A:
    """The photo and its coloring; the second is put in by assets/evaluation-pictures.js when it is scrolled to."""
    folder, _, leaf = picture.name.rpartition("/")
    numbers = _caption(picture)
    source = f"/thumb/{quote(key, safe='')}"
    return html.A(
        [
            html.Span(html.Img(src=source, alt="", draggable="false"), className="evaluation-frame"),
            html.Span(className="evaluation-frame", **data(painted=key)),
            html.B(leaf, className="evaluation-leaf"),
            html.Span(folder, className="sub evaluation-leaf"),
            html.Span(numbers, className="sub num evaluation-card-numbers"),
        ],
        href=address(evaluation, key),
        title=picture.name,
        className="evaluation-card",
        **data(**_asked(evaluation, key)),
        **aria(label=f"{picture.name}: {numbers}. Open on Inspect."),
    )


def _caption(picture: Picture) -> str:
    numbers = [form.format(picture.scores[key]) for key, form in CAPTION if key in picture.scores]
    return " \N{MIDDLE DOT} ".join(each.replace(" ", "\N{NO-BREAK SPACE}") for each in numbers)


def _columns(keys: Sequence[str]) -> list[Metric]:
    known = {metric.key: metric for metric in metrics()}
    return [known[key] for key in keys if key in known]


def _table(evaluation: Evaluation, keys: Keys, shown: bool) -> html.Details:
    columns = _columns(COLUMNS)
    label = "Names, scores and mean colors"
    titles = ("picture", *(metric.title for metric in columns), "photo: mean a, b", "painted: mean a, b")
    bodies = [
        html.Tbody(
            [
                html.Tr(html.Th(name, colSpan=len(titles), scope="rowgroup")),
                *(_row(evaluation, each, columns, keys) for each in pictures),
            ]
        )
        for name, pictures in (("best", evaluation.best), ("worst", evaluation.worst))
        if pictures
    ]
    table = html.Table([_heads(titles), *bodies], className="evaluation-numbers num")
    return html.Details([html.Summary(label), scrolling(table, label)], className="numbers", open=shown)


def _heads(titles: Sequence[str]) -> html.Thead:
    colors = [html.Th(title, scope="col", className="evaluation-color") for title in titles[-2:]]
    return html.Thead(html.Tr([*(html.Th(title, scope="col") for title in titles[:-2]), *colors]))


def _row(evaluation: Evaluation, picture: Picture, columns: Sequence[Metric], keys: Keys) -> html.Tr:
    key, (folder, _, leaf) = keys.get(picture.name), picture.name.rpartition("/")
    link = [leaf] if key is None else [html.A(leaf, href=address(evaluation, key), **data(**_asked(evaluation, key)))]
    name = [*link, html.Span(folder, className="sub")]
    cells = [html.Td(metric.text(picture.scores.get(metric.key))) for metric in columns]
    return html.Tr(
        [html.Th(name, scope="row", title=picture.name), *cells, _color(picture.mean), _color(picture.painted_mean)]
    )


def _color(mean: tuple[float, float] | None) -> html.Td:
    """A mean color: a swatch, a and b."""
    if mean is None:
        return html.Td("\N{EN DASH}", className="evaluation-color")
    swatch = html.Span(className="swatch", style={"background": bin_colors(np.array([mean]))[0]})
    text = ", ".join(f"{value:.1f}".replace("-", "\N{MINUS SIGN}") for value in mean)
    return html.Td([swatch, f" {text}"], className="evaluation-color")
