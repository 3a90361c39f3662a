"""The color lens by address: what is said of it, what it reads of a layer, and one sentence where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from dash import Dash
from flask.testing import FlaskClient

from tests.insight.pictures import fill
from tests.tables import problems
from visml import checkpoints
from visml.dashboard.context import Context
from visml.insight import lens, lens_learn
from visml.insight.lens_fit import fit
from visml.inspector import Inspection, Inspector
from visml.models import registry

from .conftest import Ask

ARGUMENTS = {"width": 0.0625}


@pytest.fixture(scope="module")
def checkpoint_root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A network with bins and one without, each with its lens, and one that has none."""
    root, album = tmp_path_factory.mktemp("checkpoints"), fill(tmp_path_factory.mktemp("album"), 20)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lens_learn, "STEPS", 8)
        yield _filled(root, album)


def _filled(root: Path, album: Path) -> Path:
    torch.manual_seed(0)
    for name, family in (("zhang16", "zhang16"), ("l2", "regression"), ("bare", "zhang16")):
        saved = checkpoints.save(root / name, registry.build(family, ARGUMENTS), ARGUMENTS)
        if name != "bare":
            with Inspector(name, checkpoints=root, precision="float32", device="cpu").running() as network:
                lens.save(fit(network, album, model_sha256=saved.model_sha256, most=12).lens, saved.folder)
    return root


def opened(context: Context, told: dict[str, Any]) -> Inspection:
    found = context.answering(told["trace"])
    assert found is not None
    return found


def test_what_is_said_of_the_lens(client: FlaskClient, trace: dict[str, Any], context: Context) -> None:
    answer = client.get(f"/ask/{trace['trace']}/lens.json")
    assert problems(answer.get_json(), "lens.json") == []
    assert answer.get_json() == {**opened(context, trace).lens_facts().to_json(), "layers": answer.get_json()["layers"]}
    assert [each["name"] for each in answer.get_json()["layers"]] == [f"conv{number}" for number in range(1, 9)]
    assert answer.headers["Cache-Control"] == "no-store", "it may be fitted anew"


@pytest.mark.parametrize("layer", ["conv1", "conv5", "conv8"])
def test_logits_are_the_librarys(client: FlaskClient, trace: dict[str, Any], context: Context, layer: str) -> None:
    expected = opened(context, trace).lens(layer)
    answer = client.get(f"/ask/{trace['trace']}/lens?layer={layer}&lens=0")
    found = np.frombuffer(answer.data, "<f2").reshape(*expected.shape[1:], 313)
    np.testing.assert_array_equal(np.moveaxis(found, -1, 0), expected.astype(np.float16))
    assert "immutable" in answer.headers["Cache-Control"]


def test_colors_of_a_model_without_bins(client: FlaskClient, ask: Ask, context: Context) -> None:
    told = ask(model="l2")
    facts = client.get(f"/ask/{told['trace']}/lens.json").get_json()
    assert problems(facts, "lens.json") == []
    assert {each["bins"] for each in facts["layers"]} == {None}
    expected = opened(context, told).lens_ab("conv4")
    answer = client.get(f"/ask/{told['trace']}/lens?layer=conv4")
    np.testing.assert_array_equal(np.frombuffer(answer.data, "<f4").reshape(expected.shape), expected)


def test_without_a_lens_a_sentence_says_how_to_get_one(client: FlaskClient, ask: Ask) -> None:
    told = ask(model="bare")["trace"]
    answer = client.get(f"/ask/{told}/lens.json")
    assert (answer.status_code, problems(answer.get_json(), "lens answer")) == (200, [])
    assert "visml lens fit --model bare --data DIR" in answer.get_json()["missing"]
    refused = client.get(f"/ask/{told}/lens?layer=conv1")
    assert (refused.status_code, "visml lens fit" in refused.get_json()["error"]) == (422, True)


@pytest.mark.parametrize("layer", ["bins", "conv99", ""])
def test_a_layer_that_it_does_not_read(client: FlaskClient, trace: dict[str, Any], layer: str) -> None:
    answer = client.get(f"/ask/{trace['trace']}/lens?layer={layer}")
    assert (answer.status_code, "it reads conv1, conv2" in answer.get_json()["error"]) == (422, True)


@pytest.mark.parametrize("question", ["lens.json", "lens?layer=conv1"])
def test_an_unknown_trace_is_gone(app: Dash, client: FlaskClient, question: str) -> None:
    assert client.get(f"/ask/{'0' * 32}/{question}").status_code == 404
