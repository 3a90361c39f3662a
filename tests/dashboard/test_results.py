"""docs/results.md and the evaluations that its tables are written from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from visml.dashboard.results import PAGE, ROOT, SCORED, evaluations, filled

CHECKPOINTS = ROOT / "checkpoints"


def test_the_page_says_what_the_files_say() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert filled(text, evaluations(CHECKPOINTS)) == text


def test_every_checkpoint_that_was_scored_is_in_a_table() -> None:
    scored = {path.parent.name for path in CHECKPOINTS.glob("*/evaluation.json")}
    known = evaluations(CHECKPOINTS)
    assert {each.name for each in known} == scored
    assert {(each.data, each.size) for each in known} <= set(SCORED.values())
    assert all(each.current for each in known), "weights changed after they were scored"


@pytest.mark.parametrize("path", sorted(CHECKPOINTS.glob("*/evaluation.json")), ids=lambda path: path.parent.name)
def test_a_row_holds_the_numbers_of_the_file(path: Path) -> None:
    scores = next(row for row in json.loads(path.read_text())["rows"] if row["method"] == "model")
    cells = [cell.strip(" *") for cell in rows(path.parent.name)[1].strip("|").split("|")]
    wanted = [scores["auc"], scores["balanced_auc"], scores["psnr"]]
    assert [float(cell) for cell in cells[1:4]] == pytest.approx(wanted, abs=0.0051)


@pytest.mark.parametrize("path", sorted(CHECKPOINTS.glob("*/evaluation.json")), ids=lambda path: path.parent.name)
def test_the_first_table_has_what_gray_lacks(path: Path) -> None:
    told = json.loads(path.read_text())
    model, gray = (next(row for row in told["rows"] if row["method"] == method) for method in ("model", "gray"))
    cells = [cell.strip() for cell in rows(path.parent.name)[0].strip("|").split("|")]
    assert cells[1] == f"{told['data']}, {told['size']} px"
    wanted = [model[key] - gray[key] for key in ("auc", "balanced_auc", "psnr", "ssim", "rmse_ab", "ciede2000")]
    assert [float(cell) for cell in cells[2:8]] == pytest.approx(wanted, abs=0.0051)
    assert all(cell[0] in "+-" for cell in cells[2:])


def rows(name: str) -> list[str]:
    """A model's rows: in the table of all, and in that of its pictures."""
    return [line for line in PAGE.read_text().splitlines() if line.startswith(f"| {name} |")]


def test_the_best_of_a_column_stands_out() -> None:
    known = [each for each in evaluations(CHECKPOINTS) if (each.data, each.size) == ("val", 224)]
    best = max(known, key=lambda each: each.scores()["auc"])
    assert rows(best.name)[1].split("|")[2].strip() == f"**{best.scores()['auc']:.2f}**"


def test_a_page_without_the_table_is_not_written() -> None:
    with pytest.raises(ValueError, match="There is no table under"):
        filled("# Nothing\n", evaluations(CHECKPOINTS))
