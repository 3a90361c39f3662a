from __future__ import annotations

from pathlib import Path

import pytest

from tests.evaluation.toys import Flat, Sure
from visml.evaluation.report import evaluate
from visml.evaluation.sweep import TEMPERATURES


def test_each_temperature_scores_as_an_evaluation_at_it(folder: Path) -> None:
    swept = evaluate(Sure(), folder, sweep=True).temperatures
    assert swept is not None
    assert tuple(at.temperature for at in swept) == TEMPERATURES == (0.2, 0.38, 0.5, 0.7, 1.0)
    for at in swept:
        row = evaluate(Sure(), folder, temperature=at.temperature).row("model")
        assert at.auc == pytest.approx(row.auc)
        assert at.balanced_auc == pytest.approx(row.balanced_auc)
        assert at.colorfulness == pytest.approx(row.colorfulness)
    assert len({round(at.auc, 4) for at in swept}) == 5


def test_without_the_wish_or_bins_there_is_none(folder: Path) -> None:
    assert evaluate(Sure(), folder).temperatures is None
    assert evaluate(Flat(0, 0), folder, sweep=True).temperatures is None
