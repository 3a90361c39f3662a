"""Reliability and calibration error against the definition, position by position."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from skimage.color import rgb2lab

from tests.evaluation.test_report import targets
from tests.evaluation.toys import Flat, Sure
from visml.color.bins import BINS
from visml.evaluation.calibration import Calibration, Reliability
from visml.evaluation.report import evaluate


def slow(confidence: np.ndarray, right: np.ndarray) -> tuple[float, list[tuple[float | None, float | None, int]]]:
    """Guo et al. 2017, section 2: sets B_m of positions with a confidence in ((m-1)/M, m/M], M = 15."""
    error, parts = 0.0, []
    for m in range(1, 16):
        members = [(p, ok) for p, ok in zip(confidence, right, strict=True) if (m - 1) / 15 < p <= m / 15]
        if not members:
            parts.append((None, None, 0))
            continue
        mean, accuracy = (float(np.mean([member[i] for member in members])) for i in (0, 1))
        error += len(members) / len(confidence) * abs(accuracy - mean)
        parts.append((mean, accuracy, len(members)))
    return error, parts


def compare(found: Calibration, confidence: np.ndarray, right: np.ndarray) -> None:
    error, parts = slow(confidence, right)
    assert found.ece == pytest.approx(error)
    assert [part.positions for part in found.parts] == [count for _, _, count in parts]
    for part, (mean, accuracy, _) in zip(found.parts, parts, strict=True):
        assert part.confidence == (None if mean is None else pytest.approx(mean))
        assert part.accuracy == (None if accuracy is None else pytest.approx(accuracy))


@given(st.integers(0, 2**32 - 1), st.integers(1, 60))
def test_parts_and_error_equal_the_definition(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    confidence, right = random.uniform(1e-9, 1, count), random.random(count) < 0.5
    whole, pieces = Reliability(), Reliability()
    whole.add(confidence, right)
    for start in range(0, count, 7):
        pieces.add(confidence[start : start + 7], right[start : start + 7])
    compare(whole.result(), confidence, right)
    compare(pieces.result(), confidence, right)


def test_a_confidence_on_a_border_belongs_below_it_and_one_to_the_last_part() -> None:
    reliability = Reliability()
    reliability.add(np.array([1.0, 0.2, 0.6, math.nextafter(0.6, 1)]), np.array([True, True, False, True]))
    parts = reliability.result().parts
    assert [place for place, part in enumerate(parts) if part.positions] == [2, 8, 9, 14]
    assert (parts[0].low, parts[0].confidence, parts[14].high) == (0, None, 1)


def test_an_evaluation_takes_the_networks_own_distribution_at_every_position(folder: Path) -> None:
    evaluation = evaluate(Sure(), folder, temperature=0.2)
    pictures = targets(folder, None)
    lab = np.stack([rgb2lab(rgb) for rgb in pictures])
    # 64 pixels in 21 positions: the pixel in the middle of each one's share.
    middle = [math.floor((i + 0.5) * 64 / 21) for i in range(21)]
    colors = lab[:, middle][:, :, middle, 1:].reshape(-1, 2)
    true = np.array([np.square(BINS - color).sum(axis=1).argmin() for color in colors])
    gray = next(place for place, center in enumerate(BINS.tolist()) if center == [0, 0])
    with torch.no_grad():
        logits = Sure()(torch.tensor(lab[..., :1]).permute(0, 3, 1, 2).float()).double().numpy()
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    confidence = (1 / shifted.sum(axis=1)).ravel()
    found = evaluation.calibration
    assert found is not None
    assert found.temperature == 1
    error, parts = slow(confidence, true == gray)
    assert sum(count > 0 for _, _, count in parts) > 4
    assert found.ece == pytest.approx(error, abs=0.01)
    for part, (mean, _, count) in zip(found.parts, parts, strict=True):
        assert part.positions == pytest.approx(count, abs=6)  # Lab in float32 moves a few over a border
        assert mean is None or part.confidence == pytest.approx(mean, abs=0.01)


def test_a_model_without_bins_has_none(folder: Path) -> None:
    assert evaluate(Flat(0, 0), folder).calibration is None
