"""A dashboard over a narrow network of random weights, or over what a module gives as its ``checkpoint_root``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from dash import Dash
from flask.testing import FlaskClient

from visml import checkpoints
from visml.dashboard.app import create_app
from visml.dashboard.context import Context
from visml.inspector import Inspection
from visml.models import registry
from visml.settings import Settings

ARGUMENTS = {"width": 0.0625}
Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def checkpoint_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one sound checkpoint, ``zhang16``, and one that cannot be opened, ``broken``."""
    root = tmp_path_factory.mktemp("checkpoints")
    torch.manual_seed(0)
    checkpoints.save(root / "zhang16", registry.build("zhang16", ARGUMENTS), ARGUMENTS)
    (root / "broken").mkdir()
    (root / "broken" / "model.json").write_text("{")
    return root


@pytest.fixture(scope="module")
def settings(checkpoint_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(
        checkpoints=checkpoint_root,
        cache_dir=tmp_path_factory.mktemp("cache"),
        precision="float32",
        device="cpu",
        max_mb=1,
    )


@pytest.fixture(scope="module")
def app(settings: Settings) -> Dash:
    return create_app(settings)


@pytest.fixture(scope="module")
def context(app: Dash) -> Context:
    found: Context = app.server.extensions["visml"]
    return found


@pytest.fixture
def client(app: Dash) -> FlaskClient:
    return app.server.test_client()


def ask_with(client: FlaskClient, asked: Any) -> dict[str, Any]:
    """What the page gets for a question to the server: the new properties by component."""
    body = {
        "output": "trace.data",
        "outputs": {"id": "trace", "property": "data"},
        "inputs": [{"id": "asked", "property": "data", "value": asked}],
        "changedPropIds": ["asked.data"],
    }
    response = client.post("/_dash-update-component", json=body)
    assert response.status_code == 200
    answer: dict[str, Any] = response.get_json()
    return {**answer.get("response", {}), **answer.get("sideUpdate", {})}


@pytest.fixture
def ask(client: FlaskClient) -> Ask:
    return lambda model="zhang16", photo="coffee": ask_with(client, {"model": model, "photo": photo, "question": 1})


@pytest.fixture(scope="module")
def trace(app: Dash) -> dict[str, Any]:
    """The description of an opened photo."""
    answer = ask_with(app.server.test_client(), {"model": "zhang16", "photo": "coffee", "question": 1})
    told: dict[str, Any] = answer["trace"]["data"]
    return told


@pytest.fixture(scope="module")
def inspection(context: Context, trace: dict[str, Any]) -> Inspection:
    """The opened photo."""
    found = context.answering(trace["trace"])
    assert found is not None
    return found
