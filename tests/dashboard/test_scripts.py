"""The page's scripts and styles, each kind as one file."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from visml.dashboard.app import create_app
from visml.dashboard.scripts import ALONE, ASSETS, bundle, compress_ahead
from visml.settings import Settings


@pytest.mark.parametrize("kind", ["js", "css"])
def test_a_bundle_holds_every_file_but_those_that_stand_alone(client: FlaskClient, kind: str) -> None:
    answer = client.get(bundle(kind).address)
    assert "immutable" in answer.headers["Cache-Control"]
    text = answer.get_data(as_text=True)
    for path in ASSETS.glob(f"*.{kind}"):
        assert (path.read_text(encoding="utf-8") in text) == (path.name not in ALONE)


def test_the_map_gives_each_line_its_file(client: FlaskClient) -> None:
    text = client.get(bundle("js").address).get_data(as_text=True)
    link = re.search(r"//# sourceMappingURL=(\S+)$", text)
    assert link
    sections = json.loads(client.get(f"/bundle/{link[1]}").data)["sections"]
    lines = text.split("\n")
    assert len(sections) == len(bundle("js").files)
    for section in sections:
        source = ASSETS / Path(section["map"]["sources"][0]).name
        wanted, first = source.read_text(encoding="utf-8").split("\n"), section["offset"]["line"]
        assert lines[first : first + len(wanted)] == wanted
        assert section["map"]["mappings"] == ";".join(["AAAA", *["AACA"] * (len(wanted) - 1)])


def test_a_bundle_of_another_version_leads_to_this_one(client: FlaskClient) -> None:
    answer = client.get("/bundle/0123456789abcdef.js")
    assert (answer.status_code, answer.headers["Location"]) == (302, bundle("js").address)
    assert "immutable" not in answer.headers["Cache-Control"]
    assert client.get("/bundle/0123456789abcdef.py").status_code == 404


def test_a_changed_file_changes_the_address(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("visml.dashboard.scripts.ASSETS", tmp_path)
    (tmp_path / "a.js").write_text("1;")
    before = bundle("js")
    (tmp_path / "b.js").write_text("2;")
    assert before.address != bundle("js").address
    assert bundle("js").text.startswith("1;\n2;\n")


@pytest.mark.parametrize("token", [None, "a-token-of-some-length"])
def test_the_first_page_is_compressed_before_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, token: str | None
) -> None:
    server = create_app(Settings(checkpoints=tmp_path, cache_dir=tmp_path / "cache", token=token)).server
    compress_ahead(server, token)
    monkeypatch.setattr("brotli.compress", None)
    client = server.test_client()
    page = client.get("/", query_string={"token": token} if token else None, follow_redirects=True)
    scripts = re.findall(r'<script src="(/(?:bundle|_dash)[^"]+)"', page.get_data(as_text=True))
    assert len(scripts) > 5
    for address in scripts:
        answer = client.get(address, headers={"Accept-Encoding": "br"})
        assert (answer.status_code, answer.headers["Content-Encoding"]) == (200, "br")
