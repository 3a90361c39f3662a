"""Others than this machine's own user: they need a token, and get in by it alone."""

from __future__ import annotations

import hmac
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from visml.dashboard import security
from visml.dashboard.app import create_app
from visml.dashboard.security import CALLBACKS
from visml.settings import Settings, SettingsRefused


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org"])
def test_others_need_a_token(settings: Settings, host: str) -> None:
    with pytest.raises(SettingsRefused):
        create_app(replace(settings, host=host))
    first, second = security.with_token(replace(settings, host=host)), security.with_token(replace(settings, host=host))
    assert first.token != second.token
    assert len(first.token or "") >= 22


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.3.2.1"])
def test_loopback_needs_none(settings: Settings, host: str) -> None:
    assert security.with_token(replace(settings, host=host)).token is None


def test_behind_a_proxy_a_token_is_needed_and_its_names_are_known(settings: Settings) -> None:
    proxied = replace(settings, host="127.0.0.1", hosts="visml.example, Other.example")
    with pytest.raises(SettingsRefused, match="VISML_TOKEN"):
        create_app(proxied)
    assert security.with_token(proxied).token
    assert security.trusted_hosts(proxied) == {*security.LOOPBACK, "visml.example", "other.example"}


@pytest.fixture
def guarded(settings: Settings, tmp_path: Path) -> FlaskClient:
    own = replace(settings, token="correct horse", cache_dir=tmp_path, host="0.0.0.0")
    return create_app(own).server.test_client()


@pytest.mark.parametrize(
    "address", ["/", "/?token=wrong", "/?token=", "/_dash-layout", "/thumb/coffee", "/assets/state.js", "/?token=ünï"]
)
def test_without_the_token_nothing_is_shown(guarded: FlaskClient, address: str) -> None:
    answer = guarded.get(address)
    assert answer.status_code == 401
    assert "token" in answer.get_json()["error"]
    assert "correct" not in answer.get_data(as_text=True)


def test_the_link_opens_the_page_and_leaves_the_address_clean(guarded: FlaskClient) -> None:
    answer = guarded.get("/?token=correct%20horse")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "correct" not in cookie
    assert guarded.get("/").status_code == 200
    assert guarded.get("/thumb/coffee").status_code == 200


def test_health_needs_no_token(guarded: FlaskClient) -> None:
    assert guarded.get("/health").status_code == 200


def test_without_the_token_no_route_of_the_map_answers(guarded: FlaskClient) -> None:
    for rule in guarded.application.url_map.iter_rules():
        for method in (rule.methods or set()) - {"OPTIONS"}:
            with guarded.open(rule.rule, method=method) as answer:
                assert answer.status_code == (200 if rule.rule == "/health" else 401), (method, rule.rule)


@pytest.mark.parametrize("cookie", ["", "correct horse", "0" * 128, "\u00fc"])
def test_a_wrong_cookie_opens_nothing(guarded: FlaskClient, cookie: str) -> None:
    guarded.set_cookie("visml-8050", cookie)
    assert guarded.get("/").status_code == 401


def test_a_post_needs_the_cookie_too(guarded: FlaskClient) -> None:
    assert guarded.post("/upload", data=b"x").status_code == 401
    assert guarded.post(CALLBACKS, json={}).status_code == 401
    guarded.get("/?token=correct%20horse")
    assert guarded.post("/upload", data=b"x").status_code == 422


def test_the_cookie_goes_by_tls_alone_where_the_page_does(guarded: FlaskClient) -> None:
    over_tls = guarded.get("/?token=correct%20horse", base_url="https://localhost")
    assert "Secure" in over_tls.headers["Set-Cookie"]


def test_token_and_cookie_are_compared_in_constant_time(guarded: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[bytes] = []
    plain = hmac.compare_digest

    def compare(given: bytes, expected: bytes) -> bool:
        compared.append(given)
        return plain(given, expected)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    guarded.set_cookie("visml-8050", "forged")
    guarded.get("/?token=guess")
    assert compared == [b"forged", b"guess"]
