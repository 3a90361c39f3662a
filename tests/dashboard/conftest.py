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
_PARTS = [f"evaluation-{part}" for part in ("board", "group", "model")]
# What Dash posts when the page asks for an evaluation.
CALLBACK = {
    "output": f"..{'...'.join(f'{part}.children' for part in _PARTS)}..",
    "outputs": [{"id": part, "property": "children"} for part in _PARTS],
    "inputs": [{"id": "evaluation-asked", "property": "data", "value": {"model": "zhang16", "seen": []}}],
    "changedPropIds": ["evaluation-asked.data"],
}
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


def ask_with(client: FlaskClient, asked: Any) -> Any:
    """What the page gets for a question to the server: a photo's description, or an error."""
    return client.post("/open", json=asked).get_json()


@pytest.fixture
def ask(client: FlaskClient) -> Ask:
    return lambda model="zhang16", photo="coffee": ask_with(client, {"model": model, "photo": photo})


@pytest.fixture(scope="module")
def trace(app: Dash) -> dict[str, Any]:
    """The description of an opened photo."""
    told: dict[str, Any] = ask_with(app.server.test_client(), {"model": "zhang16", "photo": "coffee"})
    return told


@pytest.fixture(scope="module")
def inspection(context: Context, trace: dict[str, Any]) -> Inspection:
    """The opened photo."""
    found = context.answering(trace["trace"])
    assert found is not None
    return found
