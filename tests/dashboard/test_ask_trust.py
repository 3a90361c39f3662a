"""The addresses of samples and trust, and what the page is told of the prior."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from dash import Dash
from flask.testing import FlaskClient

from tests.dashboard.conftest import ask_with
from visml import checkpoints
from visml.inspector import Inspection
from visml.models import registry

PARTS = [{"low": i / 15, "high": (i + 1) / 15, "confidence": None, "accuracy": None, "positions": 0} for i in range(15)]
EVALUATION = {
    "schema": 1, "data": "photos", "pictures": 12, "rows": [{"method": "model", "category": None, "auc": 90.0}],
    "calibration": {"temperature": 1, "ece": 0.07, "parts": [PARTS[0] | {"accuracy": 0.2, "positions": 9}, *PARTS[1:]]},
}  # fmt: skip


@pytest.fixture(scope="module")
def checkpoint_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A classifier with a prior, and a network that gives ab."""
    root = tmp_path_factory.mktemp("checkpoints")
    torch.manual_seed(0)
    for name, family in (("zhang16", "zhang16"), ("flat", "regression")):
        checkpoints.save(root / name, registry.build(family, {"width": 0.0625}), {"width": 0.0625})
    probabilities = np.random.default_rng(0).dirichlet(np.full(313, 0.5)).tolist()
    for name in ("zhang16", "flat"):
        (root / name / "prior.json").write_text(json.dumps({"schema": 1, "probabilities": probabilities}))
    return root


@pytest.fixture(scope="module")
def flat(app: Dash) -> str:
    """The handle of a photo in the network without bins."""
    told = ask_with(app.server.test_client(), {"model": "flat", "photo": "coffee"})
    assert told["log_prior"] is None
    handle: str = told["trace"]
    return handle


def test_the_page_is_told_the_prior(trace: dict[str, Any], inspection: Inspection) -> None:
    assert inspection.log_prior is not None
    np.testing.assert_allclose(trace["log_prior"], inspection.log_prior, atol=2e-5)


def test_samples_are_the_librarys(client: FlaskClient, trace: dict[str, Any], inspection: Inspection) -> None:
    answer = client.get(f"/ask/{trace['trace']}/samples?count=3&t=0.5&coherence=2.5&seed=7&prior=0.25")
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
    found = np.frombuffer(answer.data, "<f4").reshape(3, 2, 56, 56)
    np.testing.assert_array_equal(found, inspection.samples(3, 0.5, 2.5, 7, strength=0.25))


@pytest.mark.parametrize(
    "query", ["count=0", "count=25", "t=-1", "t=2", "t=nan", "coherence=x", "coherence=-1", "seed=1.5", "prior=1.1"]
)
def test_samples_that_cannot_be_drawn_are_refused(client: FlaskClient, trace: dict[str, Any], query: str) -> None:
    answer = client.get(f"/ask/{trace['trace']}/samples?{query}")
    assert answer.status_code == 422
    assert answer.get_json()["error"].endswith(".")


def test_a_model_without_bins_has_no_samples(client: FlaskClient, flat: str) -> None:
    answer = client.get(f"/ask/{flat}/samples")
    assert answer.status_code == 422
    assert "no distribution" in answer.get_json()["error"]


@pytest.mark.parametrize("question", ["samples", "calibration", "again"])
@pytest.mark.parametrize("handle", ["0" * 32, "nonsense"])
def test_an_unknown_trace_is_gone(client: FlaskClient, handle: str, question: str) -> None:
    assert client.get(f"/ask/{handle}/{question}").status_code == 404


def test_calibration_is_read_anew_each_time(client: FlaskClient, trace: dict[str, Any], checkpoint_root: Path) -> None:
    address, path = f"/ask/{trace['trace']}/calibration", checkpoint_root / "zhang16" / "evaluation.json"
    path.unlink(missing_ok=True)
    missing = client.get(address)
    assert "visml evaluate --model zhang16" in missing.get_json()["missing"]
    assert missing.headers["Cache-Control"] == "no-store"
    path.write_text(json.dumps({**EVALUATION, "calibration": None}))
    assert "no calibration" in client.get(address).get_json()["missing"]
    path.write_text(json.dumps(EVALUATION))
    told = client.get(address).get_json()
    assert told["ece"] == 0.07
    assert told["parts"][0]["accuracy"] == 0.2
    assert (told["data"], told["pictures"], told["current"]) == ("photos", 12, True)


@pytest.mark.parametrize("model", ["zhang16", "flat"])
def test_the_network_is_run_again(client: FlaskClient, trace: dict[str, Any], flat: str, model: str) -> None:
    handle = flat if model == "flat" else trace["trace"]
    answer = client.get(f"/ask/{handle}/again")
    told = answer.get_json()
    assert answer.headers["Cache-Control"] == "no-store"
    assert told["output"] == {"name": "output", "same": True, "largest": 0.0}
    assert all(each["same"] for each in told["layers"])
    resumed = client.get(f"/ask/{handle}/again?layer=conv4").get_json()
    assert resumed["name"] == "conv4"
    assert resumed["largest"] <= 1e-4


def test_an_unknown_layer_is_refused(client: FlaskClient, trace: dict[str, Any]) -> None:
    answer = client.get(f"/ask/{trace['trace']}/again?layer=conv99")
    assert answer.status_code == 422
    assert "There is no layer" in answer.get_json()["error"]
