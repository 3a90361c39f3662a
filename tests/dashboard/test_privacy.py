"""Two people at one dashboard, and what is left of a photo once its day is over."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from dash import Dash
from flask.testing import FlaskClient

from tests.dashboard.conftest import ask_with
from tests.dashboard.test_opening import png
from visml.activations.store import DAY_S
from visml.dashboard.app import create_app
from visml.settings import Settings

PAGES = ("/", "/compare", "/colors", "/training", "/evaluation", "/_dash-layout", "/_dash-dependencies")


@pytest.fixture
def own(settings: Settings, tmp_path: Path) -> Dash:
    """A dashboard with a cache of its own."""
    return create_app(Settings(settings.host, checkpoints=settings.checkpoints, cache_dir=tmp_path / "cache"))


def brought(client: FlaskClient, name: str) -> tuple[str, dict[str, Any]]:
    """The key of a photo that somebody uploads, and what the page is told when it is opened."""
    key = client.post("/upload", data=png(), headers={"X-Photo-Name": name}).get_json()["key"]
    return key, ask_with(client, {"model": "zhang16", "photo": key})


def test_nothing_that_another_visitor_gets_names_an_upload(own: Dash) -> None:
    mine, other = own.server.test_client(), own.server.test_client()
    key, told = brought(mine, "secret-holiday.png")
    seen = "".join(other.get(page).get_data(as_text=True) for page in PAGES)
    seen += json.dumps(ask_with(other, {"model": "zhang16", "photo": "coffee"}))
    assert "coffee" in seen
    assert not any(word in seen for word in ("secret-holiday", key, key.removeprefix("upload:"), told["trace"]))


def test_who_brings_the_same_photo_does_not_learn_its_other_name(own: Dash) -> None:
    mine, other = own.server.test_client(), own.server.test_client()
    key, told = brought(mine, "secret-holiday.png")
    same_key, same = brought(other, "plain.png")
    assert same["trace"] == told["trace"]
    assert same_key != key
    layers = [
        other.get(f"/data/{same['trace']}/{layer['name']}.json").get_data(as_text=True) for layer in same["layers"]
    ]
    assert "secret-holiday" not in json.dumps(same) + "".join(layers)


def test_after_its_day_nothing_of_an_upload_opens(own: Dash, tmp_path: Path) -> None:
    client = own.server.test_client()
    key, told = brought(client, "holiday.png")
    addresses = [f"/thumb/{key}", f"/data/{told['trace']}/photo.png", f"/ask/{told['trace']}/segments"]
    _age(tmp_path / "cache", DAY_S + 60)
    assert [client.get(address).status_code for address in addresses] == [404, 404, 404]
    answer = ask_with(client, {"model": "zhang16", "photo": key})
    assert "expired" in answer["error"]
    assert "trace" not in answer
    create_app(Settings(checkpoints=tmp_path / "none", cache_dir=tmp_path / "cache"))  # a start sweeps
    assert not list((tmp_path / "cache" / "uploads").iterdir())


def _age(folder: Path, seconds: float) -> None:
    """Makes everything in a folder as old as if so much time had gone by."""
    then = time.time() - seconds
    for path in folder.rglob("*"):
        os.utime(path, (then, then))
