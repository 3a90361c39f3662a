"""Why here, by address: maps in parts, the filters, the field, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from torch import nn

from tests.dashboard.conftest import ask_with
from visml.dashboard.app import create_app
from visml.insight import attribution
from visml.insight.quantity import LogOdds, LogProbability, Shift
from visml.insight.region import Region
from visml.inspector import Inspection
from visml.settings import Settings

UNKNOWN = "0" * 32
HERE = Region(20, 30, 40, 44)
WHERE = {"region": "20,30,40,44"}


def asked(client: FlaskClient, trace: str, question: str, **what: Any) -> Any:
    return client.get(f"/ask/{trace}/{question}", query_string=what)


def test_the_map_with_the_quantity_at_both_ends(
    client: FlaskClient, trace: dict[str, Any], inspection: Inspection
) -> None:
    answer = asked(client, trace["trace"], "why", bin=40, against=200, **WHERE)
    found, truth = np.frombuffer(answer.data, "<f4"), inspection.attributed(LogOdds(40, 200), HERE)
    np.testing.assert_array_equal(found[:-2].reshape(224, 224), truth.map.numpy())
    np.testing.assert_allclose(found[-2:], [truth.low, truth.high], rtol=1e-6)


@pytest.mark.parametrize(("method", "part"), [("integrated_gradients", 5), ("occlusion", 26)])
def test_a_part_of_a_long_one(
    client: FlaskClient, trace: dict[str, Any], inspection: Inspection, method: str, part: int
) -> None:
    direction = {"a": 1, "b": -2, "t": 0.5}
    answer = asked(client, trace["trace"], "why", method=method, part=part, baseline="mean", **direction, **WHERE)
    truth = inspection.attributed(Shift(1, -2, 0.5), HERE, method, "mean", part)
    np.testing.assert_array_equal(np.frombuffer(answer.data, "<f4")[:-2].reshape(224, 224), truth.map.numpy())
    assert part < attribution.parts(method, 224)


def test_the_filters_of_every_layer_and_of_one(
    client: FlaskClient, trace: dict[str, Any], inspection: Inspection
) -> None:
    every = asked(client, trace["trace"], "carriers", bin=40, region="80,100").get_json()
    assert [each["layer"] for each in every["layers"]] == [layer.name for layer in inspection.layers]
    assert every["unit"] == "nats"
    one = asked(client, trace["trace"], "carriers", bin=40, region="80,100", layer="conv3", top=3).get_json()["layers"]
    truth = inspection.carriers("conv3", LogProbability(40), Region.pixel(80, 100))
    assert len(one) == 1
    assert one[0]["filters"] == np.argsort(-np.abs(truth), kind="stable")[:3].tolist()
    np.testing.assert_allclose(one[0]["values"], truth[one[0]["filters"]], rtol=1e-6)
    assert one[0]["total"] == pytest.approx(float(truth.sum()), rel=1e-4)
    assert len(every["layers"][3]["filters"]) == 10


def test_the_field(client: FlaskClient, trace: dict[str, Any], inspection: Inspection) -> None:
    found, truth = (
        asked(client, trace["trace"], "field", layer="conv4", x=80, y=100).get_json(),
        inspection.effective_field("conv4", 80, 100),
    )
    told = {name: getattr(truth, name) for name in ("x", "y", "radius", "side", "declared")}
    assert found == {"schema": 1, "layer": "conv4", **told}


@pytest.mark.parametrize(
    ("question", "what"),
    [
        ("why", {}),
        ("why", {"bin": 313}),
        ("why", {"bin": 1.5}),
        ("why", {"bin": 3, "against": "x"}),
        ("why", {"bin": 3, "method": "guess"}),
        ("why", {"bin": 3, "baseline": "black"}),
        ("why", {"bin": 3, "part": 1}),
        ("why", {"bin": 3, "region": "0,0,300,4"}),
        ("why", {"bin": 3, "region": "here"}),
        ("why", {"a": 0, "b": 0}),
        ("why", {"a": 1, "b": 0, "t": 0}),
        ("carriers", {"bin": 3, "layer": "conv99"}),
        ("carriers", {"bin": 3, "top": 0}),
        ("field", {"layer": "conv99", "x": 1, "y": 1}),
        ("field", {"layer": "conv3", "x": 224, "y": 1}),
        ("field", {"layer": "conv3", "x": 1}),
    ],
)
def test_nonsense_is_refused_in_a_sentence(
    client: FlaskClient, trace: dict[str, Any], question: str, what: dict[str, Any]
) -> None:
    answer = asked(client, trace["trace"], question, **what)
    assert answer.status_code == 422
    assert answer.get_json()["error"].endswith(".")


@pytest.mark.parametrize("question", ["why", "carriers", "field"])
def test_an_unknown_trace(client: FlaskClient, question: str) -> None:
    assert asked(client, UNKNOWN, question, bin=3).status_code == 404


def test_a_model_without_bins_has_directions(settings: Settings) -> None:
    client = create_app(settings, {"own": nn.Conv2d(1, 2, 3, padding=1)}).server.test_client()
    trace = ask_with(client, {"model": "own", "photo": "coffee"})["trace"]
    assert asked(client, trace, "why", a=1, b=0, region="3,4").status_code == 200
    refused = asked(client, trace, "why", bin=3, region="3,4")
    assert refused.status_code == 422
    assert "no bins" in refused.get_json()["error"]
