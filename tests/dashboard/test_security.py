"""Who may ask, and what leaves with every answer."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from typing import Any

import pytest
from dash import Dash
from flask.testing import FlaskClient

from visml.dashboard import security
from visml.dashboard.app import create_app
from visml.dashboard.scripts import bundle
from visml.settings import Settings, SettingsRefused

CALLBACKS = "/_dash-update-component"


def policy_of(client: FlaskClient) -> dict[str, list[str]]:
    text = client.get("/").headers["Content-Security-Policy"]
    parts = [directive.split() for directive in text.split(";")]
    return {name: values for name, *values in parts}


def test_the_policy_allows_own_scripts_only(app: Dash, client: FlaskClient) -> None:
    scripts = policy_of(client)["script-src"]
    assert scripts == ["'self'", *app.csp_hashes()]
    assert not any("unsafe" in source or "http" in source or "*" in source for source in scripts)
    assert policy_of(client)["frame-ancestors"] == ["'self'"]
    assert policy_of(client)["default-src"] == ["'none'"]


def test_every_inline_script_of_the_page_is_known_by_its_hash(client: FlaskClient) -> None:
    page = client.get("/").get_data(as_text=True)
    inline = re.findall(r"<script(?![^>]*src=)(?![^>]*application/json)[^>]*>(.*?)</script>", page, re.DOTALL)
    allowed = policy_of(client)["script-src"]
    assert inline
    for script in inline:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in allowed


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("GET", "/"),
        ("GET", "/colors"),
        ("GET", "/health"),
        ("GET", "/_dash-layout"),
        ("GET", "/_dash-dependencies"),
        ("GET", "/assets/state.js"),
        ("GET", bundle("js").address),
        ("GET", "/thumb/coffee"),
        ("GET", "/thumb/none"),
        ("GET", "/data/none/photo.png"),
        ("GET", "/nothing"),
        ("POST", "/upload"),
        ("POST", CALLBACKS),
        ("DELETE", "/"),
        ("OPTIONS", "/upload"),
    ],
)
def test_every_answer_has_the_headers(client: FlaskClient, method: str, address: str) -> None:
    with client.open(address, method=method) as answer:
        headers = answer.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors" in headers["Content-Security-Policy"]
    assert "Cache-Control" in headers


BODIES: list[Any] = [
    None,
    [],
    {},
    5,
    "x",
    {"output": None},
    {"output": "nothing.data"},
    {"output": "training-body.children"},
    {"output": "training-body.children", "inputs": None, "outputs": None},
    {"output": "training-body.children", "inputs": [], "changedPropIds": ["training-asked.data"]},
    {"output": "training-body.children", "inputs": [[[]]], "outputs": [[]], "changedPropIds": 4},
    {"output": "training-body.children", "inputs": [{"id": "training-asked"}], "outputs": {"id": "training-body"}},
    {"output": {"a": 1}, "inputs": [{"id": {"x": 1}, "property": 3, "value": []}]},
    {"output": "..training-body.children...notice.data..", "inputs": []},
]


@pytest.mark.parametrize("body", BODIES)
def test_a_malformed_callback_is_told_so(client: FlaskClient, body: Any) -> None:
    answer = client.post(CALLBACKS, json=body)
    assert answer.status_code in (200, 204, 400, 415)
    assert "Traceback" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[" * 5000, b'{"output": NaN}'])
@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data"])
def test_a_body_that_is_no_json(client: FlaskClient, data: bytes, kind: str) -> None:
    answer = client.post(CALLBACKS, data=data, content_type=kind)
    assert answer.status_code in (400, 415)
    assert answer.get_json()["error"].endswith(".")


def test_a_callback_body_has_its_own_limit(settings: Settings) -> None:
    client = create_app(replace(settings, max_mb=4)).server.test_client()  # more than a callback's body
    answer = client.post(CALLBACKS, data=b" " * (security.CALLBACK_BYTES + 1), content_type="application/json")
    assert answer.status_code == 413
    assert answer.get_json()["error"].endswith(".")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8050", "127.0.0.1.evil.example", "localhost@evil"])
def test_a_foreign_host_is_refused(client: FlaskClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("host", ["localhost", "localhost:8050", "127.0.0.1:8050", "[::1]:8050"])
def test_loopback_names_are_taken(client: FlaskClient, host: str) -> None:
    assert client.get("/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("address", ["/upload", CALLBACKS])
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
    ],
)
def test_another_site_cannot_post(client: FlaskClient, address: str, headers: dict[str, str]) -> None:
    assert client.post(address, data=b"{}", headers=headers).status_code == 403


def test_the_page_itself_can_post(client: FlaskClient) -> None:
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}
    assert client.post("/upload", data=b"x", headers=headers).status_code == 422


@pytest.mark.parametrize("name", ["FLASK_DEBUG", "DASH_DEBUG"])
@pytest.mark.parametrize("value", ["1", "true", "True", "on"])
def test_debug_mode_refuses_to_start_under_gunicorn(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv("SERVER_SOFTWARE", "gunicorn/27.0.1")
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsRefused, match=rf"^Debug mode does not run under gunicorn: unset {name}\.$"):
        create_app(settings)


@pytest.mark.parametrize(("server", "value"), [("gunicorn/27.0.1", "0"), ("gunicorn/27.0.1", ""), ("Werkzeug/3", "1")])
def test_without_debug_mode_or_gunicorn_it_starts(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, server: str, value: str
) -> None:
    monkeypatch.setenv("SERVER_SOFTWARE", server)
    monkeypatch.setenv("FLASK_DEBUG", value)
    create_app(settings)
