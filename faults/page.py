"""The dashboard, asked without a browser, in a folder of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from flask.testing import FlaskClient

from visml import checkpoints
from visml.dashboard.app import create_app
from visml.models import registry
from visml.settings import Settings

ARGUMENTS = {"width": 0.0625}


def make_checkpoint(folder: Path) -> None:
    """Puts a narrow network of random weights, ``zhang16``, where :func:`client` looks for checkpoints."""
    torch.manual_seed(0)
    checkpoints.save(folder / "checkpoints" / "zhang16", registry.build("zhang16", ARGUMENTS), ARGUMENTS)


def client(folder: Path, cache: Path, **settings: Any) -> FlaskClient:
    """Somebody at a dashboard with that cache folder."""
    options = {"checkpoints": folder / "checkpoints", "cache_dir": cache, "device": "cpu", "precision": "float32"}
    return create_app(Settings(**options, **settings)).server.test_client()


def question(photo: str) -> dict[str, Any]:
    """What the page posts to open a photo."""
    return {"model": "zhang16", "photo": photo}


def opened(client: FlaskClient, photo: str) -> str | None:
    """The handle of a photo that is opened, None where the page would show a notice."""
    trace: str | None = client.post("/open", json=question(photo)).get_json().get("trace")
    return trace
