"""The Training page: its body for a run, for a bare model, and the sample colorings' route."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dash.development.base_component import Component
from flask.testing import FlaskClient
from PIL import Image

from tests import run_folder
from visml import checkpoints
from visml.dashboard.app import create_app
from visml.dashboard.facts import facts
from visml.dashboard.panels import training
from visml.dashboard.records import read_history
from visml.dashboard.runs import read_run, run_data, signature
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


def ask(client: FlaskClient, model: str, seen: str = "") -> Any:
    """What the server puts into the page when it is opened."""
    body = {
        "output": "training-body.children",
        "outputs": {"id": "training-body", "property": "children"},
        "inputs": [{"id": "training-asked", "property": "data", "value": {"model": model, "seen": seen}}],
        "changedPropIds": ["training-asked.data"],
    }
    return client.post("/_dash-update-component", json=body)


def strings(content: Any) -> str:
    """Everything a tree of components holds, as JSON."""
    return json.dumps(content, default=lambda c: c.to_plotly_json() if isinstance(c, Component) else str(c))


def test_the_body_has_every_chart_and_the_numbers_as_a_table(root: Path) -> None:
    body = strings(training.body(checkpoints.describe(root / "toy"), "s"))
    for chart in ("loss", "accuracy", "lr", "heatmap", "lines"):
        assert f'"data-chart": "{chart}"' in body
    for line in run_folder.history_lines(run_folder.EPOCHS):
        assert f"{line['accuracy']:.1%}" in body
        assert f"{line['losses']['cross_entropy']:.4f}" in body  # type: ignore[index]


def test_folder_names_never_reach_plotly(root: Path) -> None:
    body = training.body(checkpoints.describe(root / "toy"), "s")
    graphs = [c for part in body for c in _every(part) if type(c).__name__ == "Graph"]
    assert len(graphs) == 5
    drawn = strings([graph.figure for graph in graphs])
    for name in run_folder.CATEGORIES:
        assert name.split("/")[1] not in drawn


def _every(part: Any) -> list[Component]:
    return [part, *part._traverse()] if isinstance(part, Component) else []


def test_the_most_accurate_category_comes_first(root: Path) -> None:
    run = read_run(checkpoints.describe(root / "toy"))
    assert run.categories == tuple(reversed(run_folder.CATEGORIES))
    final = run.by_category("accuracy")[:, -1]
    assert (np.diff(final) < 0).all()


def test_the_browser_gets_every_number(root: Path) -> None:
    data = json.loads(json.dumps(run_data(read_run(checkpoints.describe(root / "toy"))), allow_nan=False))
    lines = run_folder.history_lines(run_folder.EPOCHS)
    assert data["epochs"] == [1, 2, 3, 4]
    assert data["series"]["lr"] == pytest.approx([line["lr"] for line in lines], rel=1e-5)
    losses = [line["losses"]["cross_entropy"] for line in lines]  # type: ignore[index]
    assert data["series"]["loss:cross_entropy"] == pytest.approx(losses, rel=1e-5)
    row = data["categories"].index("scenes/sea")
    wanted = [line["categories"]["scenes/sea"]["relaxed_accuracy"] for line in lines]  # type: ignore[index]
    assert data["byCategory"]["relaxed_accuracy"][row] == pytest.approx(wanted, rel=1e-5)
    assert data["samples"]["photos"] == list(run_folder.PHOTOS)


def test_a_category_that_appears_late_leaves_a_gap(tmp_path: Path) -> None:
    folder = tmp_path / "late"
    run_folder.make_model(folder)
    first, second = run_folder.history_lines(2, ("a", "b"))
    del first["categories"]["b"]  # type: ignore[attr-defined]
    (folder / "history.jsonl").write_text(json.dumps(first) + "\n" + json.dumps(second) + "\n")
    data = run_data(read_run(checkpoints.describe(folder)))
    assert data["byCategory"]["accuracy"][data["categories"].index("b")][0] is None


def test_a_model_without_bins_has_losses_alone(tmp_path: Path) -> None:
    folder = tmp_path / "plain"
    run_folder.make_model(folder)
    line = {"schema": 1, "epoch": 1, "lr": 1e-3, "losses": {"l2": 3.0}, "accuracy": None, "categories": {}}
    (folder / "history.jsonl").write_text(json.dumps(line))
    body = strings(training.body(checkpoints.describe(folder), "s"))
    assert '"data-chart": "loss"' in body
    assert '"data-chart": "heatmap"' not in body


def test_the_page_is_sent_once_and_again_when_the_run_went_on(client: FlaskClient, root: Path) -> None:
    first = ask(client, "toy")
    assert first.status_code == 200
    seen = f"toy:{signature(root / 'toy')}"
    assert seen in first.get_data(as_text=True)
    assert len(ask(client, "toy", seen).data) < 100
    assert "data-chart" in ask(client, "toy", "toy:0.0.0").get_data(as_text=True)


def test_the_signature_follows_the_run(tmp_path: Path) -> None:
    folder = tmp_path / "toy"
    run_folder.make_model(folder)
    empty = signature(folder)
    run_folder.write_history(folder, 1)
    one = signature(folder)
    run_folder.write_samples(folder, 1)
    assert len({empty, one, signature(folder)}) == 3


def test_without_a_history_the_page_says_so_and_still_tells_what_the_model_is(client: FlaskClient) -> None:
    text = ask(client, "bare").get_data(as_text=True)
    assert "No training history" in text
    assert "visml train" in text
    assert "131,725" in text
    assert "data-chart" not in text


def test_an_unknown_model_gets_a_sentence(client: FlaskClient) -> None:
    response = ask(client, "../toy")
    assert response.status_code == 200
    assert "There is no such model" in response.get_data(as_text=True)


def test_a_sample_is_served_as_it_was_written(client: FlaskClient) -> None:
    address = "/data/checkpoint/toy/samples/3/coffee.webp"
    response = client.get(address)
    assert response.status_code == 200
    assert response.mimetype == "image/webp"
    assert "immutable" in response.headers["Cache-Control"]
    pixel = Image.open(io.BytesIO(response.data)).convert("RGB").getpixel((5, 5))
    assert pixel == run_folder.sample_color(3, run_folder.PHOTOS.index("coffee"))
    again = client.get(address, headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "path",
    ["toy/samples/9/coffee", "toy/samples/1/moon", "toy/samples/1/..%2f..%2fmodel", "none/samples/1/coffee",
     "bare/samples/1/coffee", "toy/samples/-1/coffee", "toy/samples/1/%2e%2e"],
)  # fmt: skip
def test_what_the_index_does_not_name_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(f"/data/checkpoint/{path}.webp").status_code == 404


def test_facts_tell_what_is_known_and_nothing_else(root: Path) -> None:
    rows = dict(facts(checkpoints.describe(root / "toy").description, read_history(root / "toy")))
    assert rows["network"] == "zhang16, width 0.0625"
    assert rows["trained on"] == "1,234 pictures, 56 kept for validation"
    assert rows["epochs"] == "4 of 4"
    assert rows["time"] == "21 min"
    assert rows["licence"] == "test only"
    assert facts({}, ()) == []
    assert facts({"recipe": 7, "data": [], "parameters": "many", "arguments": None}, ()) == []
