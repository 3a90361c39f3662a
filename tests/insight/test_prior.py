"""The prior divided out, against a slow loop in float64."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from visml.color import bins
from visml.insight import prior
from visml.insight.forward import InsightRefused
from visml.inspector import Inspection, Inspector

FEW = bins.BINS[:40]


def slow(logits: np.ndarray, probabilities: np.ndarray, centers: np.ndarray, strength: float) -> np.ndarray:
    """Distributions ``(Q, M)`` of logits ``(Q, M)``: smoothed, floored and divided bin by bin."""
    smoothed = np.zeros(len(centers))
    for i, mass in enumerate(probabilities):
        kernel = [math.exp(-sum((centers[i] - other) ** 2) / 50) for other in centers.astype(np.float64)]
        smoothed += mass * np.array(kernel) / sum(kernel)
    floored = np.maximum(smoothed, 1e-8)
    divided = np.exp(logits.astype(np.float64)) / (floored / floored.sum())[:, None] ** strength
    return divided / divided.sum(axis=0)


@given(st.floats(0, 1), st.integers(0, 99))
def test_probabilities_are_divided_by_the_priors_power(strength: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    logits = random.normal(size=(40, 2, 3)).astype(np.float32) * 3
    probabilities = random.dirichlet(np.full(40, 0.1))
    log = prior.log_prior(torch.tensor(probabilities), torch.tensor(FEW))
    found = bins.distribution(prior.divided(torch.tensor(logits), log, strength)[None])[0]
    truth = slow(logits.reshape(40, 6), probabilities, FEW, strength)
    np.testing.assert_allclose(found.reshape(40, 6), truth, rtol=1e-4, atol=1e-9)


def test_a_strength_of_none_changes_no_bit() -> None:
    logits = torch.randn(313, 2, 2)
    log = prior.log_prior(torch.full((313,), 1 / 313), bins.centers())
    torch.testing.assert_close(prior.divided(logits, log, 0.0), logits, rtol=0, atol=0)


@pytest.mark.parametrize("strength", [-0.1, 1.5, math.nan])
def test_a_strength_outside_is_refused(strength: float) -> None:
    with pytest.raises(InsightRefused, match="between 0 and 1"):
        prior.divided(torch.zeros(313, 1, 1), torch.zeros(313), strength)


def test_a_model_without_a_prior_says_so(opened: Inspection) -> None:
    assert opened.log_prior is None
    with pytest.raises(InsightRefused, match="prior"):
        opened.divided(0.5)


def test_an_inspection_reads_it_from_its_checkpoint(root: Path, astronaut: np.ndarray) -> None:
    probabilities = np.random.default_rng(3).dirichlet(np.full(313, 0.3))
    path = root / "toy" / "prior.json"
    path.write_text(json.dumps({"schema": 1, "pictures": 1, "pixels": 9, "probabilities": probabilities.tolist()}))
    try:
        opened = Inspector("toy", checkpoints=root, precision="float32", device="cpu").open(astronaut)
        changed = opened.divided(0.7)
    finally:
        path.unlink()
    assert opened.logits is not None
    places = np.s_[:, 20, 5:9]
    truth = slow(opened.logits[places], probabilities.astype(np.float32), bins.BINS, 0.7)
    expected = bins.BINS.T.astype(np.float64) @ truth
    np.testing.assert_allclose(changed.ab(1.0)[places], expected, atol=0.01)
    assert changed.difference().max() > 1
