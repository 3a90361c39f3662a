"""Transplant, by address: the donor by its key or its trace, where its features come from, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from flask.testing import FlaskClient
from torch import nn

from tests.dashboard.conftest import ask_with
from visml.dashboard.app import create_app
from visml.dashboard.context import Context
from visml.insight.region import Region
from visml.inspector import Inspection
from visml.settings import Settings

UNKNOWN = "0" * 32


@pytest.fixture
def donor(context: Context) -> Inspection:
    return context.inspector("zhang16").open(context.gallery.photo("chelsea"))


def asked(client: FlaskClient, trace: str, **what: str) -> Any:
    return client.get(f"/ask/{trace}/transplant", query_string=what)


def logits(body: bytes) -> np.ndarray:
    return np.moveaxis(np.frombuffer(body, "<f2").reshape(56, 56, 313), -1, 0)


def test_by_the_donors_key_and_by_its_trace(
    client: FlaskClient, trace: dict[str, Any], inspection: Inspection, donor: Inspection
) -> None:
    changed = inspection.transplant("conv4", donor, Region(20, 30, 90, 100))
    for name in ("chelsea", donor.handle):
        answer = asked(client, trace["trace"], layer="conv4", donor=name, region="20,30,90,100")
        np.testing.assert_array_equal(logits(answer.data), changed.output.astype(np.float16))


def test_from_another_place(
    client: FlaskClient, trace: dict[str, Any], inspection: Inspection, donor: Inspection
) -> None:
    changed = inspection.transplant("conv5", donor, Region(20, 30, 90, 100), Region(60, 0, 130, 70))
    answer = asked(client, trace["trace"], layer="conv5", donor=donor.handle, region="20,30,90,100", **{"from": "60,0"})
    np.testing.assert_array_equal(logits(answer.data), changed.output.astype(np.float16))


def test_the_whole_photo_where_no_region_is_said(
    client: FlaskClient, trace: dict[str, Any], inspection: Inspection, donor: Inspection
) -> None:
    answer = asked(client, trace["trace"], layer="conv8", donor="chelsea")
    changed = inspection.transplant("conv8", donor)
    np.testing.assert_array_equal(logits(answer.data), changed.output.astype(np.float16))


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ({"layer": "conv99", "donor": "chelsea"}, "There is no layer 'conv99'"),
        ({"donor": "chelsea"}, "There is no layer ''"),
        ({"layer": "conv4"}, "no such photo"),
        ({"layer": "conv4", "donor": "nobody"}, "no such photo"),
        ({"layer": "conv4", "donor": "f" * 32}, "The donor is no longer kept: choose it again."),
        ({"layer": "conv4", "donor": "chelsea", "region": "1,2"}, None),
        ({"layer": "conv4", "donor": "chelsea", "region": "0,0,9,300"}, "must lie within"),
        ({"layer": "conv4", "donor": "chelsea", "region": "0,0,9,9", "from": "220,0"}, "must lie within"),
        ({"layer": "conv4", "donor": "chelsea", "region": "0,0,9,9", "from": "x"}, "A region is written as"),
        ({"layer": "conv4", "donor": "chelsea", "from": "4,4"}, "must lie within"),
    ],
)
def test_nonsense_gets_a_sentence(
    client: FlaskClient, trace: dict[str, Any], what: dict[str, str], sentence: str | None
) -> None:
    answer = asked(client, trace["trace"], **what)
    if sentence is None:
        assert answer.status_code == 200, "one pixel is a region too"
        return
    assert answer.status_code == 422
    assert sentence in answer.get_json()["error"]


def test_an_unknown_photo_is_gone(client: FlaskClient) -> None:
    assert asked(client, UNKNOWN, layer="conv4", donor="chelsea").status_code == 404


def test_a_model_without_bins_and_a_donor_of_another(settings: Settings) -> None:
    torch.manual_seed(0)
    own = nn.Sequential(nn.Conv2d(1, 3, 3, 4, 1), nn.ReLU(), nn.Conv2d(3, 2, 1))
    app = create_app(settings, {"own": own})
    client = app.server.test_client()
    told, other = (ask_with(client, {"model": "own", "photo": key}) for key in ("coffee", "moon"))
    layer = told["layers"][0]["name"]
    answer = asked(client, told["trace"], layer=layer, donor=other["trace"])
    found = app.server.extensions["visml"].answering(other["trace"])
    planes = np.frombuffer(answer.data, "<f4").reshape(2, 56, 56)
    np.testing.assert_allclose(planes, found.trace.output, rtol=1e-4, atol=1e-4)
    nine = ask_with(client, {"model": "zhang16", "photo": "moon"})
    refused = asked(client, told["trace"], layer=layer, donor=nine["trace"])
    assert refused.status_code == 422
    assert refused.get_json()["error"] == "The donor must be opened in the same network as the photo."
