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
    line = next(line for line in PAGE.read_text().splitlines() if line.startswith(f"| {path.parent.name} |"))
    cells = [cell.strip(" *") for cell in line.strip("|").split("|")]
    wanted = [scores["auc"], scores["balanced_auc"], scores["psnr"]]
    assert [float(cell) for cell in cells[1:4]] == pytest.approx(wanted, abs=0.0051)


def test_the_best_of_a_column_stands_out() -> None:
    known = [each for each in evaluations(CHECKPOINTS) if (each.data, each.size) == ("val", 224)]
    best = max(known, key=lambda each: each.scores()["auc"])
    line = next(line for line in PAGE.read_text().splitlines() if line.startswith(f"| {best.name} |"))
    assert line.split("|")[2].strip() == f"**{best.scores()['auc']:.2f}**"


def test_a_page_without_the_table_is_not_written() -> None:
    with pytest.raises(ValueError, match="There is no table under"):
        filled("# Nothing\n", evaluations(CHECKPOINTS))
