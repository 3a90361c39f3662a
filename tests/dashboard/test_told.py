"""What a class-conditioned network is told: asked for with a photo, kept apart, refused where it is not known."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import torch
from flask.testing import FlaskClient
from skimage import data

from tests.dashboard.conftest import ask_with
from visml import checkpoints
from visml.dashboard import describe, replay
from visml.dashboard.board_pictures import address
from visml.dashboard.context import Context
from visml.dashboard.evaluations import read_evaluation
from visml.dashboard.showing import named
from visml.inspector import Inspector
from visml.models import registry
from visml.settings import Settings

CATEGORIES = ["animals/cats", "scenes/sea"]
ARGUMENTS: dict[str, Any] = {"width": 0.0625, "categories": CATEGORIES}


@pytest.fixture(scope="module")
def checkpoint_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that is told a category, ``told``, and one that is not, ``plain``."""
    root = tmp_path_factory.mktemp("checkpoints")
    torch.manual_seed(0)
    checkpoints.save(root / "told", registry.build("conditioned", ARGUMENTS), ARGUMENTS)
    checkpoints.save(root / "plain", registry.build("zhang16", {"width": 0.0625}), {"width": 0.0625})
    return root


@pytest.fixture(scope="module")
def inspector(checkpoint_root: Path) -> Inspector:
    return Inspector("told", checkpoints=checkpoint_root, device="cpu", precision="float32")


def ask(client: FlaskClient, category: Any, model: str = "told") -> Any:
    return ask_with(client, {"model": model, "photo": "coffee", "category": category})


def cell(client: FlaskClient, *column: Any) -> dict[str, Any]:
    answer = client.post("/compare/row", json={"photo": "coffee", "columns": [column]})
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()["cells"][0]
    return found


@pytest.mark.parametrize("category", [None, *CATEGORIES])
def test_a_photo_opens_as_what_the_network_is_told(
    client: FlaskClient, context: Context, inspector: Inspector, category: str | None
) -> None:
    opened = ask(client, category)
    assert opened["category"] == category
    kept = context.reopen(opened["trace"])
    assert kept is not None
    np.testing.assert_allclose(kept.logits, inspector.open(data.coffee(), category).logits, atol=1e-4)


def test_nothing_said_is_nothing_told(client: FlaskClient) -> None:
    assert ask_with(client, {"model": "told", "photo": "coffee"}) == ask(client, None)
    assert len({ask(client, category)["trace"] for category in (None, *CATEGORIES)}) == 3


@pytest.mark.parametrize(
    ("model", "category", "words"),
    [
        ("told", "cats", "no category 'cats'"),
        ("told", ["scenes/sea"], "no category"),
        ("plain", "scenes/sea", "told no"),
    ],
)
def test_what_it_does_not_know_is_refused_in_one_sentence(
    client: FlaskClient, model: str, category: Any, words: str
) -> None:
    answer = client.post("/open", json={"model": model, "photo": "coffee", "category": category})
    assert answer.status_code == 422
    assert words in answer.get_json()["error"]
    told = cell(client, model, None, category)
    assert told["picture"] is None
    assert words in told["error"]


def test_a_cell_of_the_gallery_is_told_it_too(client: FlaskClient, inspector: Inspector) -> None:
    found = {category: cell(client, "told", 0.5, category) for category in (None, *CATEGORIES)}
    assert len({each["picture"] for each in found.values()}) == 3
    assert cell(client, "told", 0.5) == found[None]
    for category, each in found.items():
        scores = inspector.open(data.coffee(), category).scores(0.5)
        assert scores is not None
        assert each["scores"]["psnr"] == pytest.approx(scores.psnr, abs=1e-3)


def test_a_saved_page_says_what_was_told(inspector: Inspector) -> None:
    told, untold = (replay.page(inspector.open(data.coffee(), category)).decode() for category in ("scenes/sea", None))
    assert "told (conditioned, float32), told scenes/sea on photo" in told
    assert "told (conditioned, float32) on photo" in untold


def test_the_page_knows_which_models_are_told_what(context: Context) -> None:
    assert describe.catalog(context)["categories"] == {"told": tuple(CATEGORIES)}


def test_a_network_of_ones_own_may_be_told_too(checkpoint_root: Path, settings: Settings, inspector: Inspector) -> None:
    own = Context.of(settings, {}, named([inspector, torch.nn.Conv2d(1, 2, 4, 4)]))  # type: ignore[arg-type]
    assert describe.catalog(own)["categories"]["told"] == tuple(CATEGORIES)


@pytest.mark.parametrize(("folder", "told"), [("scenes/sea", ["scenes/sea"]), ("scenes/lake", []), ("sea", [])])
def test_a_scored_picture_opens_as_it_was_told(
    checkpoint_root: Path, tmp_path: Path, folder: str, told: list[str]
) -> None:
    shutil.copytree(checkpoint_root / "told", tmp_path / "told")
    scores = {"schema": 1, "rows": [{"method": "model", "category": None, "auc": 90.0}]}
    (tmp_path / "told" / "evaluation.json").write_text(json.dumps(scores))
    evaluation = read_evaluation(checkpoints.describe(tmp_path / "told"))
    query = parse_qs(urlsplit(address(evaluation, f"folder:{folder}/1.jpg")).query)
    assert (query.get("told", []), query["photo"]) == (told, [f"folder:{folder}/1.jpg"])
