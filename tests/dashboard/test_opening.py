"""Choosing a photo: one question, and a sentence for whatever cannot be opened."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from dash import Dash
from flask.testing import FlaskClient
from PIL import Image

from tests.dashboard.conftest import CALLBACK, Ask, ask_with
from visml import checkpoints
from visml.dashboard.app import create_app
from visml.dashboard.context import FAMILIES, Context
from visml.dashboard.security import SENTENCES
from visml.images.folder import FolderRefused
from visml.models import registry
from visml.settings import Settings


def png(shape: tuple[int, ...] = (8, 6, 3), **options: Any) -> bytes:
    file = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    Image.fromarray(pixels).save(file, "PNG", **options)
    return file.getvalue()


def test_the_description_fits_the_photo_and_the_network(trace: dict[str, Any]) -> None:
    assert trace["photo"]["key"] == "coffee"
    assert (trace["photo"]["width"], trace["photo"]["height"]) == (600, 400)
    assert trace["photo"]["has_color"] is True
    assert (trace["schema"], trace["model"], trace["family"], trace["size"]) == (1, "zhang16", "zhang16", 224)
    assert [layer["name"] for layer in trace["layers"]] == [f"conv{i}" for i in range(1, 9)] + ["bins"]
    assert [layer["height"] for layer in trace["layers"]] == [112, 56, 28, 28, 28, 28, 28, 56, 56]
    assert sum(trace["lightness_histogram"]) == 224 * 224
    assert trace["output"]["kind"] == "bins"
    assert len(trace["output"]["centers"]) == 313


def test_a_gray_photo_opens_too(ask: Ask) -> None:
    assert ask(photo="camera")["photo"]["has_color"] is False


@pytest.mark.parametrize(
    ("model", "photo", "words"),
    [
        ("nobody", "coffee", "no such model"),
        ("../zhang16", "coffee", "no such model"),
        ("", "coffee", "no such model"),
        ("broken", "coffee", "no such model"),
        ("zhang16", "nothing", "no such photo"),
        ("zhang16", "folder:../../etc/passwd", "no such photo"),
        ("zhang16", "upload:" + "a" * 32, "expired"),
        ("zhang16", "upload:../../secret", "expired"),
    ],
)
def test_a_refusal_is_one_sentence(client: FlaskClient, model: str, photo: str, words: str) -> None:
    answer = client.post("/open", json={"model": model, "photo": photo})
    assert answer.status_code == 422
    assert words in answer.get_json()["error"]
    assert answer.get_json()["error"].endswith(".")


def test_a_fault_is_told_without_its_inside(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Context, *_: Any) -> None:
        raise RuntimeError("/secret/path")

    monkeypatch.setattr(Context, "inspector", fail)
    monkeypatch.setattr(Context, "checkpoints", fail)
    assert ask_with(client, {"model": "zhang16", "photo": "coffee"}) == {"schema": 1, "error": SENTENCES[500]}
    notice = client.post("/_dash-update-component", json=CALLBACK).get_json()["sideUpdate"]["notice"]["data"]
    assert notice == {"text": SENTENCES[500], "kind": "error"}


@pytest.mark.parametrize("asked", [5, [], {}, {"model": []}, {"model": {}, "photo": []}])
def test_a_malformed_question_is_told_so(client: FlaskClient, asked: Any) -> None:
    answer = client.post("/open", json=asked)
    assert answer.status_code in (400, 422)
    assert answer.get_json()["error"].endswith(".")


def test_an_upload_opens_and_is_known_to_its_owner_alone(app: Dash, context: Context, ask: Ask) -> None:
    mine, other = app.server.test_client(), app.server.test_client()
    sent = mine.post("/upload", data=png(), headers={"X-Photo-Name": "%3Cb%3Ehello.png"})
    photo = sent.get_json()
    assert sent.status_code == 200
    assert photo["label"] == "<b>hello.png"
    assert photo["kind"] == "color"
    assert ask(photo=photo["key"])["photo"]["width"] == 6
    assert photo["key"] not in other.get("/_dash-layout").get_data(as_text=True)
    assert photo["key"] not in [each.key for each in context.gallery.photos()]
    assert other.get(f"/thumb/{photo['key']}").mimetype == "image/jpeg"


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("../../../etc/passwd", "passwd"),
        ("..\\..\\me.png", "me.png"),
        ("a\0b.png", "ab.png"),
        ("photo\u202egnp.exe", "photognp.exe"),
        ("x" * 4096, "x" * 80),
        ("\U0001f308.png", "\U0001f308.png"),
        ("<img src=x onerror=alert(1)>.png", "<img src=x onerror=alert(1)>.png"),
    ],
    ids=["dots", "backslashes", "NUL", "RTL", "4 kB", "emoji", "HTML"],
)
def test_names_with_dots_nul_rtl_emoji_and_html_become_labels_and_never_paths(
    client: FlaskClient, context: Context, name: str, label: str
) -> None:
    folder = context.settings.cache_dir
    before = set(folder.parent.rglob("*"))
    photo = client.post("/upload", data=png(), headers={"X-Photo-Name": quote(name)}).get_json()
    assert photo["label"] == label
    token = photo["key"].removeprefix("upload:")
    made = {path for path in set(folder.parent.rglob("*")) - before if not path.is_dir()}
    assert made == {folder / "uploads" / f"{token}{suffix}" for suffix in (".png", ".json")}


def test_uploads_of_one_photo_share_no_handle(client: FlaskClient) -> None:
    keys = {client.post("/upload", data=png()).get_json()["key"] for _ in range(5)}
    assert len(keys) == 5
    assert min(map(len, keys)) >= len("upload:") + 22  # 128 bits in base64


@pytest.mark.parametrize(
    "data", [b"", b"<html>", b"\xff\xd8\xff\xe0 cut short", png()[:60], b"%!PS-Adobe-3.0 EPSF-3.0"]
)
def test_a_bad_upload_is_refused_in_one_sentence(client: FlaskClient, data: bytes) -> None:
    answer = client.post("/upload", data=data)
    assert answer.status_code == 422
    assert answer.get_json()["error"].endswith(".")
    assert "/" not in answer.get_json()["error"]


def test_an_upload_over_the_limit_is_refused(client: FlaskClient) -> None:
    answer = client.post("/upload", data=b"x" * 1_000_001)
    assert answer.status_code == 413
    assert answer.get_json()["error"].endswith(".")


def test_the_catalog_lists_what_can_be_opened(client: FlaskClient) -> None:
    layout = client.get("/_dash-layout").get_json()
    catalog = next(
        part["props"]["data"] for part in layout["props"]["children"] if part["props"].get("id") == "catalog"
    )
    assert catalog["models"] == ["zhang16"]
    assert catalog["model"] == "zhang16"
    assert catalog["maxMb"] == 1
    assert {"astronaut", "coffee", "camera"} <= {photo["key"] for photo in catalog["photos"]}


def test_a_skipped_checkpoint_is_listed_with_its_reason(client: FlaskClient) -> None:
    text = client.get("/_dash-layout").get_data(as_text=True)
    assert "broken" in text
    assert "model.json" in text


def test_the_first_page_mounts_no_chart(client: FlaskClient) -> None:
    assert '"type":"Graph"' not in client.get("/_dash-layout").get_data(as_text=True)


def test_only_the_opener_runs_by_itself(client: FlaskClient) -> None:
    callbacks = client.get("/_dash-dependencies").get_json()
    running = [each["clientside_function"] for each in callbacks if not each["prevent_initial_call"]]
    assert [each and each["function_name"] for each in running] == ["start"]


def test_a_folder_of_ones_own_comes_with_its_categories(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "photos" / "scenes").mkdir(parents=True)
    (tmp_path / "photos" / "scenes" / "one.png").write_bytes(png())
    own = Settings(checkpoints=settings.checkpoints, cache_dir=tmp_path / "cache", images=tmp_path / "photos")
    text = create_app(own).server.test_client().get("/_dash-layout").get_data(as_text=True)
    assert '"category":"scenes"' in text
    assert str(tmp_path) not in text


def test_a_folder_without_pictures_is_refused(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(FolderRefused):
        create_app(Settings(checkpoints=settings.checkpoints, cache_dir=tmp_path, images=tmp_path / "missing"))


def test_without_any_checkpoint_the_page_still_opens(tmp_path: Path) -> None:
    app = create_app(Settings(checkpoints=tmp_path / "none", cache_dir=tmp_path / "cache"))
    assert app.server.test_client().get("/_dash-layout").status_code == 200


def test_models_are_listed_family_by_family_and_unknown_ones_last(context: Context, tmp_path: Path) -> None:
    assert set(FAMILIES) <= set(registry.FAMILIES)
    assert set(checkpoints.TOLD) == {family for family in registry.FAMILIES if registry.reads_category(family)}
    made = (("b", "pix2pix"), ("a", "fully_connected"), ("d", "zhang16"), ("c", "zhang16"), ("e", "unheard"))
    for name, family in made:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "model.safetensors").write_bytes(b"")
        (folder / "model.json").write_text(json.dumps({"schema": 1, "family": family, "arguments": {}, "sha256": ""}))
    here = replace(context, settings=replace(context.settings, checkpoints=tmp_path))
    assert [each.name for each in here.checkpoints()[0]] == ["c", "d", "b", "a", "e"]
