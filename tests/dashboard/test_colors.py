"""The numbers of the Colors page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient

from tests import run_folder
from visml.color.bins import BINS
from visml.dashboard.app import create_app
from visml.settings import Settings


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("runs")
    run_folder.make_run(root, "toy")
    run_folder.make_model(root / "bare")
    return root


@pytest.fixture(scope="module")
def client(root: Path, tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    settings = Settings(checkpoints=root, cache_dir=tmp_path_factory.mktemp("cache"))
    return create_app(settings).server.test_client()


def test_the_prior_and_its_smoothing_reach_the_browser(client: FlaskClient) -> None:
    told = client.get("/data/checkpoint/toy/colors.json").get_json()
    prior = run_folder.invented_prior()
    assert told["schema"] == 1
    assert told["missing"] is None
    assert told["centers"] == BINS.astype(int).tolist()
    np.testing.assert_allclose(told["prior"], prior, rtol=1e-12)
    centers = BINS.astype(np.float64)
    kernel = np.exp(-((centers[:, None] - centers[None]) ** 2).sum(axis=2) / (2 * 5.0**2))
    expected = prior @ (kernel / kernel.sum(axis=1, keepdims=True))
    np.testing.assert_allclose(told["smoothed"], expected, rtol=1e-5, atol=1e-18)
    assert sum(told["smoothed"]) == pytest.approx(1)


def test_without_a_prior_it_says_what_is_missing(client: FlaskClient) -> None:
    response = client.get("/data/checkpoint/bare/colors.json")
    told = response.get_json()
    assert response.status_code == 200
    assert told["prior"] is told["smoothed"] is None
    assert told["missing"] == "'bare' has no prior.json."
    assert len(told["colors"]) == 313


@pytest.mark.parametrize("name", ["nothing", "..", "%2e%2e", "toy%2f..%2fbare"])
def test_an_unknown_model_is_not_found(client: FlaskClient, name: str) -> None:
    response = client.get(f"/data/checkpoint/{name}/colors.json")
    assert response.status_code == 404
    assert "/" not in response.get_data(as_text=True).replace("\\/", "")


def test_the_answer_is_revalidated_by_its_etag(client: FlaskClient) -> None:
    first = client.get("/data/checkpoint/toy/colors.json")
    assert first.headers["Cache-Control"] == "no-cache"
    again = client.get("/data/checkpoint/toy/colors.json", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
