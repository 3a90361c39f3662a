"""The tables of docs/results.md, written from the evaluations of the checkpoints that are shipped.

``python -m visml.dashboard.results`` writes them anew; a test holds the two together. Each is the first table under the
heading of what it is about: one of all models and baselines, each against plain gray, one for every folder of pictures
and size scored, and one of zhang16's temperatures.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from visml.checkpoints import list_checkpoints
from visml.dashboard.board import read_board
from visml.dashboard.evaluations import GRAY, AtTemperature, Evaluation, Scores

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs" / "results.md"
ALL = "All of them against plain gray"
# Folder of pictures and their side in pixels.
SCORED = {
    "Photographs of 224 pixels": ("val", 224),
    "Photographs of 128 pixels": ("val", 128),
    "Fully connected layers: the baseline that fails": ("val", 32),
    "Faces: one mean color, and a color for each pixel": ("faces-validation", 128),
}
TEMPERATURES = ("Temperature and calibration", "zhang16")
BASELINES = {
    "lightness_table": "lightness table",
    "training_mean": "mean of the training prior",
    GRAY: "plain gray",
    "random_picture": "another picture's colors",
}
# Score, its name, digits after the point, and which end is better.
COLUMNS: tuple[tuple[str, str, int, Callable[..., float] | None], ...] = (
    ("auc", "AuC, %", 2, max),
    ("balanced_auc", "class-balanced AuC, %", 2, max),
    ("psnr", "PSNR, dB", 2, max),
    ("ssim", "SSIM", 3, max),
    ("rmse_ab", "RMSE ab", 2, min),
    ("ciede2000", "CIEDE2000", 2, min),
    ("colorfulness", "colorfulness", 1, None),
    ("ece", "calibration error, %", 1, None),
)

Line = tuple[str, Scores]


def evaluations(root: Path) -> list[Evaluation]:
    """What is known of every checkpoint of a folder that was scored."""
    groups = read_board(list_checkpoints(root)[0]).groups
    return [each for group in groups for each in group.evaluations]


def filled(text: str, known: Sequence[Evaluation]) -> str:
    """The page with its tables written anew.

    Args:
        text: the page as it is.
        known: evaluations of the checkpoints.

    Raises:
        ValueError: :data:`ALL` or a heading of :data:`SCORED` or :data:`TEMPERATURES` is not there, or has no table.
    """
    groups = {heading: [e for e in known if (e.data, e.size) == scored] for heading, scored in SCORED.items()}
    text = _replaced(text, ALL, _against_gray(list(groups.values())))
    for heading, group in groups.items():
        text = _replaced(text, heading, _compared(group))
    heading, name = TEMPERATURES
    return _replaced(text, heading, _swept(next(each for each in known if each.name == name).temperatures))


def _replaced(text: str, heading: str, table: str) -> str:
    pattern = re.compile(rf"(^## {re.escape(heading)}\n(?:(?!^#|^\|).*\n)*)(?:^\|.*\n)+", re.MULTILINE)
    changed, count = pattern.subn(lambda found: found[1] + table, text)
    if not count:
        raise ValueError(f"There is no table under '{heading}'.")
    return changed


def _lines(group: Sequence[Evaluation]) -> list[Line]:
    """Models, the best class-balanced AuC first, then the baselines, which are the same for all of a group."""
    models = sorted(((each.name, each.scores()) for each in group), key=lambda line: -line[1]["balanced_auc"])
    return [*models, *((label, group[0].scores(method)) for method, label in BASELINES.items())]


def _against_gray(groups: Sequence[Sequence[Evaluation]]) -> str:
    """Every score minus that of plain gray on the same pictures, but for the calibration error, which gray lacks."""
    shown = [column for column in COLUMNS if column[0] in groups[0][0].scores(GRAY)]
    rows = []
    for group in groups:
        gray, pictures = group[0].scores(GRAY), f"{group[0].data}, {group[0].size} px"
        for label, scores in _lines(group):
            if label != BASELINES[GRAY]:
                rows.append(
                    [label, pictures, *(_difference(scores[key], gray[key], digits) for key, _, digits, _ in shown)]
                )
    return _table(["", "pictures", *(label for _, label, _, _ in shown)], rows)


def _difference(score: float, gray: float, digits: int) -> str:
    return f"{round(score - gray, digits) + 0.0:+.{digits}f}"  # no minus before what is rounded to 0


def _compared(group: Sequence[Evaluation]) -> str:
    lines = _lines(group)
    shown = [column for column in COLUMNS if any(column[0] in scores for _, scores in lines)]
    head = ["", *(label for _, label, _, _ in shown)]
    return _table(head, [[label, *(_cell(scores, lines, *column) for column in shown)] for label, scores in lines])


def _cell(
    scores: Scores, lines: Sequence[Line], key: str, _label: str, digits: int, better: Callable[..., float] | None
) -> str:
    value = scores.get(key)
    if value is None:
        return ""
    text = f"{100 * value if key == 'ece' else value:.{digits}f}"
    return _bold(text, better is not None and value == better(each[key] for _, each in lines if key in each))


def _swept(temperatures: Sequence[AtTemperature]) -> str:
    """The best of each kind of AuC stands out."""
    areas = [(each.auc or 0.0, each.balanced_auc or 0.0) for each in temperatures]
    best = [max(kind) for kind in zip(*areas, strict=True)]
    rows = []
    for each, values in zip(temperatures, areas, strict=True):
        told = [_bold(f"{value:.2f}", value == most) for value, most in zip(values, best, strict=True)]
        rows.append([f"{each.temperature:g}", *told, f"{each.colorfulness or 0.0:.1f}"])
    return _table(["T", "AuC, %", "class-balanced AuC, %", "colorfulness"], rows)


def _bold(text: str, yes: bool) -> str:
    return f"**{text}**" if yes else text


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n".replace("|  |", "| |") for line in lines)


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), evaluations(ROOT / "checkpoints")), encoding="utf-8")
