"""Switching filters off by address: outputs and pushes are the library's, nonsense gets a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from dash import Dash
from flask.testing import FlaskClient

from visml import checkpoints
from visml.dashboard.context import Context
from visml.insight.means import FILE as FILTER_MEANS
from visml.insight.region import Region
from visml.inspector import Inspection
from visml.models import registry

from .conftest import ask_with

ARGUMENTS = {"width": 0.0625}


@pytest.fixture(scope="module")
def checkpoint_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network with bins that knows its filters' means, and one without bins."""
    root = tmp_path_factory.mktemp("checkpoints")
    torch.manual_seed(0)
    model = registry.build("zhang16", ARGUMENTS)
    with torch.no_grad():
        model.bins.weight *= 4  # type: ignore[operator, union-attr]
    checkpoints.save(root / "zhang16", model, ARGUMENTS)
    count = sum(layer.channels for layer in model.layers)
    np.save(root / "zhang16" / FILTER_MEANS, np.linspace(0, 1, count, dtype=np.float32))
    checkpoints.save(root / "l2", registry.build("regression", ARGUMENTS), ARGUMENTS)
    return root


@pytest.fixture(scope="module")
def opened(trace: dict[str, Any], context: Context) -> Inspection:
    found = context.answering(trace["trace"])
    assert found is not None
    return found


def logits(body: bytes) -> np.ndarray:
    return np.moveaxis(np.frombuffer(body, "<f2").reshape(56, 56, 313), -1, 0)


@pytest.mark.parametrize("to", ["zero", "mean", "0.5", "2"])
def test_the_output_is_the_librarys(client: FlaskClient, trace: dict[str, Any], opened: Inspection, to: str) -> None:
    answer = client.get(f"/ask/{trace['trace']}/off?off=conv4:1,3;conv6:0&to={to}")
    assert answer.status_code == 200
    expected = opened.switch_off({"conv4": [1, 3], "conv6": [0]}, to if to in ("zero", "mean") else float(to))
    np.testing.assert_array_equal(logits(answer.data), expected.output.astype(np.float16))


def test_pushes_are_the_librarys(client: FlaskClient, trace: dict[str, Any], opened: Inspection) -> None:
    region, base = Region(10, 20, 90, 100), f"/ask/{trace['trace']}"
    told = client.get(f"{base}/pushes?layer=conv5&t=0.5&region=10,20,90,100").get_json()["pushes"]
    np.testing.assert_allclose(told, opened.pushes("conv5", region, 0.5), atol=6e-6)
    for written, filters in (("0-6", range(7)), ("3,1", [3, 1])):
        told = client.get(f"{base}/pushes-exact?layer=conv5&filters={written}&t=0.5&region=10,20,90,100")
        np.testing.assert_allclose(
            told.get_json()["pushes"], opened.exact_pushes("conv5", list(filters), region, 0.5), atol=6e-6
        )


def test_the_photos_parts_come_as_bytes(client: FlaskClient, trace: dict[str, Any], opened: Inspection) -> None:
    body = client.get(f"/ask/{trace['trace']}/segments").data
    np.testing.assert_array_equal(np.frombuffer(body, np.uint8).reshape(224, 224), opened.segments())


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("off", "at least one filter"),
        ("off?off=conv4", "layer:number"),
        ("off?off=conv4:x", "whole numbers"),
        ("off?off=conv4:99", "counted from 0 to 31"),
        ("off?off=conv44:1", "no layer 'conv44'"),
        ("off?off=conv4:1&to=11", "'to' must be a number from 0 to 10"),
        ("off?off=conv4:1&to=half", "'to' must be a number"),
        ("pushes?layer=conv4", "'t' must be"),
        ("pushes?layer=conv4&t=0", "T above 0"),
        ("pushes?t=0.4", "no layer ''"),
        ("pushes?layer=conv4&t=0.4&region=0,0,999,1", "lie within"),
        ("pushes-exact?layer=conv4&t=0.4", "whole numbers"),
        ("pushes-exact?layer=conv4&t=0.4&filters=0-99999", "1 to 64 filters"),
        ("pushes-exact?layer=conv4&t=0.4&filters=5-2", "1 to 64 filters"),
        ("pushes-exact?layer=conv4&t=0.4&filters=31-32", "counted from 0 to 31"),
    ],
)
def test_nonsense_gets_a_sentence(client: FlaskClient, trace: dict[str, Any], question: str, sentence: str) -> None:
    answer = client.get(f"/ask/{trace['trace']}/{question}")
    assert answer.status_code == 422
    assert sentence in answer.get_json()["error"]


@pytest.mark.parametrize("question", ["off?off=conv1:1", "pushes?layer=conv1&t=0.4", "segments"])
def test_an_unknown_trace_is_gone(client: FlaskClient, question: str) -> None:
    assert client.get(f"/ask/{'0' * 32}/{question}").status_code == 404


def test_a_model_without_bins(app: Dash, client: FlaskClient, context: Context) -> None:
    handle = ask_with(client, {"model": "l2", "photo": "coffee"})
    opened = context.answering(handle["trace"])
    assert opened is not None
    assert handle["filter_means"] is None
    layer = opened.layers[3].name
    answer = client.get(f"/ask/{handle['trace']}/off?off={layer}:1,2")
    expected = opened.switch_off({layer: [1, 2]}).output
    np.testing.assert_array_equal(np.frombuffer(answer.data, "<f4").reshape(expected.shape), expected)
    told = client.get(f"/ask/{handle['trace']}/pushes?layer={layer}&t=0").get_json()["pushes"]
    np.testing.assert_allclose(told, opened.pushes(layer), atol=6e-6)
    refused = client.get(f"/ask/{handle['trace']}/off?off={layer}:1&to=mean")
    assert (refused.status_code, "not known for this model" in refused.get_json()["error"]) == (422, True)


def test_the_page_is_told_of_the_means(trace: dict[str, Any]) -> None:
    assert int(trace["filter_means"], 16) > 0
