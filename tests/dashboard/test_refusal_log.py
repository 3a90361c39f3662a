"""What is refused leaves one line in the log, and nothing in it that opens a photo or the page."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.dashboard.conftest import CALLBACK
from visml.dashboard.app import create_app
from visml.dashboard.context import Context
from visml.dashboard.security import CALLBACKS
from visml.settings import Refused, Settings


def lines(caplog: pytest.LogCaptureFixture, level: int = logging.WARNING) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= level]


@pytest.mark.parametrize(
    ("method", "address", "headers", "words"),
    [
        ("GET", "/", {"Host": "evil.example"}, "Refused GET / from 127.0.0.1: 400"),
        ("POST", "/upload", {"Sec-Fetch-Site": "cross-site"}, "Refused POST /upload from 127.0.0.1: 403"),
        ("POST", "/upload", {"Origin": "http://evil.example"}, "Refused POST /upload from 127.0.0.1: 403"),
        ("POST", "/upload", {}, "Refused POST /upload from 127.0.0.1: 422 'This file is empty"),
        ("POST", CALLBACKS, {}, f"Refused POST {CALLBACKS} from 127.0.0.1: 415"),
        ("DELETE", "/upload", {}, "Refused DELETE '/upload' from 127.0.0.1: 405"),
    ],
)
def test_a_refusal_is_one_line(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, method: str, address: str, headers: Any, words: str
) -> None:
    client.open(address, method=method, headers=headers)
    assert len(lines(caplog)) == 1
    assert lines(caplog)[0].startswith(words)


def test_too_large_an_upload_is_one_line(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    client.post("/upload", data=b"x" * 1_000_001)
    assert lines(caplog) == [
        "Refused POST /upload from 127.0.0.1: 413 'This is larger than what is taken; make it smaller and try again.'"
    ]


def test_a_callbacks_refusal_is_one_line(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Context) -> None:
        raise Refused("There is no such folder.")

    monkeypatch.setattr(Context, "checkpoints", refuse)
    client.post(CALLBACKS, json=CALLBACK)
    assert lines(caplog) == ["Refused: 'There is no such folder.'"]


def test_what_is_gone_is_no_warning(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    client.get("/nothing")
    assert lines(caplog) == []
    assert lines(caplog, logging.INFO) == [
        "Refused GET '/nothing' from 127.0.0.1: 404 'There is nothing here; it may have expired.'"
    ]


def test_an_address_writes_no_line_of_its_own(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    client.get("/a%0d%0aRefused%20nobody%1b[2J" + "x" * 3000, headers={"Host": "evil.example"})
    (line,) = lines(caplog)
    assert line.isprintable()
    assert line.isascii()
    assert len(line) < 400


def test_neither_token_nor_handles_are_logged(
    settings: Settings, tmp_path: Path, trace: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    own = create_app(replace(settings, token="correct horse", cache_dir=tmp_path)).server.test_client()
    caplog.clear()
    own.get("/?token=correct%20horsee")
    own.get("/?token=correct%20horse")
    own.get(f"/ask/{trace['trace']}/why")
    own.get("/thumb/upload:" + "a" * 32, headers={"Host": "evil.example"})
    assert len(lines(caplog)) >= 2
    assert not any(secret in line for line in lines(caplog) for secret in ("horse", trace["trace"], "aaaa"))
