"""Top patches by address: built from the gallery part by part, or read from an indexed folder; and cut as pictures."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from flask.testing import FlaskClient
from PIL import Image

from tests.insight.pictures import fill
from tests.tables import problems
from visml import checkpoints
from visml.dashboard.context import Context
from visml.images.decode import squash
from visml.insight import patches, patches_kept
from visml.inspector import Inspector
from visml.models import registry
from visml.settings import Settings

from .conftest import ARGUMENTS, Ask


@pytest.fixture(scope="module")
def checkpoint_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network to be indexed over the gallery, and one over a folder."""
    root = tmp_path_factory.mktemp("checkpoints")
    for seed, name in enumerate(("zhang16", "indexed")):
        torch.manual_seed(seed)
        checkpoints.save(root / name, registry.build("zhang16", ARGUMENTS), ARGUMENTS)
    return root


def asked(client: FlaskClient, trace: str, layer: str = "conv3") -> dict[str, Any]:
    told: dict[str, Any] = client.get(f"/ask/{trace}/patches.json?layer={layer}").get_json()
    assert problems(told, "patches.json") == []
    return told


def pixels(client: FlaskClient, trace: str, told: dict[str, Any], number: int, rank: int) -> np.ndarray:
    address = f"/ask/{trace}/patch?layer={told['layer']}&filter={number}&rank={rank}&index={told['index']}"
    return np.asarray(Image.open(BytesIO(client.get(address).data)))


def test_an_index_of_the_gallery_is_built_part_by_part(
    client: FlaskClient, trace: dict[str, Any], context: Context
) -> None:
    handle = trace["trace"]
    before = asked(client, handle)
    assert "visml patches index --model zhang16 --data DIR" in before["missing"]
    late = client.get(f"/ask/{handle}/patches-part?part=1")
    assert (late.status_code, "from its beginning" in late.get_json()["error"]) == (422, True)
    assert client.get(f"/ask/{handle}/patches-part?part=0").get_json()["seen"] == 2
    assert client.get(f"/ask/{handle}/patches-part?part=0").get_json()["seen"] == 2, "built already"
    stopped = asked(client, handle)
    assert (stopped["seen"], stopped["data"]) == (2, "gallery")
    for part in range(1, before["parts"]):
        seen = client.get(f"/ask/{handle}/patches-part?part={part}").get_json()["seen"]
    told = asked(client, handle)
    assert seen == told["seen"] == before["photos"]
    number = next(number for number in range(16) if number not in told["dead"])
    best = told["filters"][number]
    keys = [told["pictures"][patch[0]]["key"] for patch in best]
    inspector = context.inspector("zhang16")
    tops = [inspector.open(context.gallery.photo(key))["conv3"].maps[number].max() for key in keys]
    assert [patch[1] for patch in best] == pytest.approx(tops, abs=1e-3)
    left, top, right, bottom = best[0][4:8]
    seen_by_network = squash(context.gallery.photo(keys[0]).rgb, 224)[top:bottom, left:right]
    np.testing.assert_array_equal(pixels(client, handle, told, number, 0), seen_by_network)


def test_an_indexed_folder(
    client: FlaskClient, ask: Ask, context: Context, settings: Settings, checkpoint_root: Path, tmp_path: Path
) -> None:
    handle = ask(model="indexed")["trace"]
    inspector = Inspector("indexed", checkpoints=checkpoint_root, precision="float32", device="cpu")
    index = inspector.patches(fill(tmp_path / "album", 8), per_filter=3)
    patches_kept.save(index, patches_kept.place(settings.cache_dir, index.model_sha256))
    told = asked(client, handle)
    assert (told["data"], told["seen"]) == ("album", 8)
    assert {picture["key"] for picture in told["pictures"]} == {None}, "the gallery does not have them"
    assert str(tmp_path) not in str(told), "no path of this machine goes to the page"
    layer = index.layer("conv3")
    assert (tuple(told["dead"]), len(told["filters"])) == (layer.dead, layer.channels)
    number = next(number for number in range(layer.channels) if number not in layer.dead)
    patch = index.patches("conv3", number)[1]
    cut = patches.cut(patches.opened(index, patch, context.limits), patch, 224)
    np.testing.assert_array_equal(pixels(client, handle, told, number, 1), cut)
    assert "choose a layer" in asked(client, handle, "bins")["missing"]
    stale = client.get(f"/ask/{handle}/patch?layer=conv3&filter={number}&rank=0&index=0")
    assert (stale.status_code, "indexed anew" in stale.get_json()["error"]) == (422, True)
    for wrong, sentence in (("filter=99&rank=0", "'filter' must be"), ("filter=0&rank=3", "'rank' must be")):
        answer = client.get(f"/ask/{handle}/patch?layer=conv3&{wrong}&index={told['index']}")
        assert (answer.status_code, sentence in answer.get_json()["error"]) == (422, True)


@pytest.mark.parametrize("part", ["", "-1", "x", "1.5", "1000"])
def test_nonsense_gets_a_sentence(client: FlaskClient, trace: dict[str, Any], part: str) -> None:
    answer = client.get(f"/ask/{trace['trace']}/patches-part?part={part}")
    assert (answer.status_code, "'part' must be" in answer.get_json()["error"]) == (422, True)


@pytest.mark.parametrize("question", ["patches.json?layer=conv1", "patches-part?part=0", "patch?layer=conv1"])
def test_an_unknown_trace_is_gone(client: FlaskClient, question: str) -> None:
    assert client.get(f"/ask/{'0' * 32}/{question}").status_code == 404
