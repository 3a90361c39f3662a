"""VisML for many: two workers behind nginx as ``deploy/`` sets them up, and what its files name."""

from __future__ import annotations

import io
import json
import re
import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import fields
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest
import skimage.data
from PIL import Image

from benchmarks.deployed import deployed
from visml.settings import Settings

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
NAME, TOKEN = "colors.example", "a secret for friends"
needs_nginx = pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of an nginx with two workers of VisML behind it."""
    folder = tmp_path_factory.mktemp("deploy")
    names = {"VISML_HOSTS": f"other.example, {NAME}", "VISML_TOKEN": TOKEN, "VISML_CHECKPOINTS": str(folder / "none")}
    with deployed(folder, **names) as site:
        yield site.port


def ask(port: int, method: str, path: str, body: bytes = b"", **headers: str) -> HTTPResponse:
    connection = HTTPConnection("127.0.0.1", port, timeout=50)
    connection.request(method, path, body, {"Host": NAME, "Connection": "close"} | headers)
    answer = connection.getresponse()
    answer.read_all = answer.read()  # type: ignore[attr-defined]
    connection.close()
    return answer


def cookie(port: int, **headers: str) -> str:
    answer = ask(port, "GET", "/?token=" + TOKEN.replace(" ", "%20"), **headers)
    assert answer.status == 303
    return str(answer.headers["Set-Cookie"])


@needs_nginx
def test_the_page_is_opened_by_its_token_under_its_name(proxy: int) -> None:
    assert ask(proxy, "GET", "/").status == 401
    known = cookie(proxy)
    assert "HttpOnly" in known
    assert ask(proxy, "GET", "/", Cookie=known).status == 200
    assert ask(proxy, "GET", "/", Cookie=known, Host="elsewhere.example").status == 400


@needs_nginx
def test_every_worker_shows_an_uploaded_photo(proxy: int) -> None:
    picture = io.BytesIO()
    Image.fromarray(skimage.data.coffee()).save(picture, "PNG")
    known = cookie(proxy)
    sent = ask(proxy, "POST", "/upload", picture.getvalue(), Cookie=known, **{"Content-Type": "image/png"})
    told = json.loads(sent.read_all)  # type: ignore[attr-defined]
    thumbs = [ask(proxy, "GET", f"/thumb/{told['key']}", Cookie=known) for _ in range(12)]
    assert {thumb.status for thumb in thumbs} == {200}
    assert len({thumb.read_all for thumb in thumbs}) == 1  # type: ignore[attr-defined]


@needs_nginx
def test_slow_bodies_wait_in_the_proxy(proxy: int) -> None:
    known = cookie(proxy)
    with ExitStack() as stack:
        for _ in range(40):  # more than both workers have threads; each could hold one for a minute
            slow = stack.enter_context(socket.create_connection(("127.0.0.1", proxy)))
            slow.sendall(f"POST /upload HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 9000\r\n\r\nhalf".encode())
        assert ask(proxy, "GET", "/", Cookie=known).status == 200


@needs_nginx
def test_the_proxy_refuses_in_sentences(proxy: int) -> None:
    answer = ask(proxy, "POST", "/upload", b"x", Cookie=cookie(proxy), **{"Content-Length": "90000000"})
    assert answer.status == 413
    assert "smaller" in json.loads(answer.read_all)["error"]  # type: ignore[attr-defined]


def test_the_files_name_settings_that_there_are() -> None:
    known = {f"VISML_{field.name.upper()}" for field in fields(Settings)}
    named = set(re.findall(r"VISML_[A-Z_]+", "".join(path.read_text() for path in DEPLOY.iterdir())))
    assert "VISML_WORKERS" in named
    assert named <= known


def test_the_container_is_given_what_there_is() -> None:
    lines = (DEPLOY / "Dockerfile").read_text().splitlines()
    sources = [name for line in lines if line.startswith("COPY ") for name in line.split()[1:-1]]
    assert {"visml", "assets", "checkpoints", "app.py"} <= set(sources)
    assert all((ROOT / name).exists() for name in sources)
    pinned = next(line for line in (ROOT / "requirements.txt").read_text().splitlines() if line.startswith("torch=="))
    assert any(pinned in line for line in lines)
