"""Whatever is asked of whichever address, in whatever way: a sentence or an answer, never a fault of the program."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

import pytest
from dash import Dash
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from visml.dashboard.routes import QUESTION_BYTES
from visml.dashboard.security import CALLBACK_BYTES, CALLBACKS

UNKNOWN = "0" * 32
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
INSIDE = ("Traceback", 'File "', "/home/", "/root/", ".py", "site-packages")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def rules(app: Dash) -> list[Rule]:
    found = list(app.server.url_map.iter_rules())
    assert {"/", CALLBACKS, "/upload", "/data/<handle>/photo.png", "/ask/<handle>/why"} <= {rule.rule for rule in found}
    return found


def filled(rule: Rule, handle: str) -> str:
    """The rule as an address: an opened photo's handle where it takes one, a plain 0 everywhere else."""
    return re.sub(r"<[^>]*>", "0", rule.rule.replace("<handle>", handle))


def check(answer: TestResponse, asked: object) -> None:
    """No fault, all the headers, and in a refusal one sentence without the program's inside."""
    assert answer.status_code < 500, asked
    for name, value in HEADERS.items():
        assert answer.headers[name] == value, (name, asked)
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in policy, asked
    assert "unsafe-eval" not in policy, asked
    assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0], asked
    assert "Cache-Control" in answer.headers, asked
    if answer.status_code >= 400 and answer.data:
        sentence = json.loads(answer.data)["error"]
        assert sentence, asked
        assert not any(word in sentence for word in INSIDE), asked


@pytest.mark.parametrize("method", METHODS)
def test_every_route_of_the_map_answers_with_the_headers(
    app: Dash, client: FlaskClient, trace: dict[str, Any], method: str
) -> None:
    for rule in rules(app):
        for handle in (trace["trace"], UNKNOWN):
            address = filled(rule, handle)
            with client.open(address, method=method) as answer:
                check(answer, (method, address))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 400),
        ({"Host": ""}, 400),
        ({"Host": "[::1"}, 400),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "http://evil.example"}, 403),
    ],
    ids=str,
)
def test_refusals_of_every_route_have_the_headers_too(
    app: Dash, client: FlaskClient, headers: dict[str, str], status: int
) -> None:
    for rule in rules(app):
        with client.post(filled(rule, UNKNOWN), headers=headers) as answer:
            check(answer, (rule.rule, headers))
            assert answer.status_code == status


@pytest.mark.parametrize(
    ("address", "limit"),
    [
        ("/upload", 10**6),
        (CALLBACKS, CALLBACK_BYTES),
        ("/open", QUESTION_BYTES),
        ("/compare/row", QUESTION_BYTES),
    ],
)
def test_every_body_has_a_limit_and_a_sentence(client: FlaskClient, address: str, limit: int) -> None:
    answer = client.post(address, data=b"1" * (limit + 1), content_type="application/json")
    assert answer.status_code == 413
    check(answer, address)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "property", "value", "model", "photo", "question", "models", "temperature"]), inner
        )
    ),
    max_leaves=8,
)
OUTPUTS = st.sampled_from(["catalog.data", "notice.data", "..catalog.data...notice.data..", "training-body.children"])
CALLBACK = st.fixed_dictionaries(
    {"output": OUTPUTS | JSON},
    optional={"inputs": JSON, "outputs": JSON, "state": JSON, "changedPropIds": JSON},
)
BODIES = (
    st.binary(max_size=60) | (JSON | CALLBACK).map(lambda value: json.dumps(value).encode()) | st.just(b"[" * 90_000)
)
WORDS = st.text(max_size=12) | st.integers().map(str) | st.floats().map(str) | st.sampled_from(["", "9" * 5000, "0,0"])
UPLOAD = "upload:" + "a" * 32
SEGMENTS = WORDS | st.sampled_from(["..", "%00", "..%2f..", "conv1", "zhang16", "broken", "coffee", UPLOAD])
NAMES = """
a b t x y to from bin against top part seed count rank filter filters layer region prior baseline method off donor index
coherence what token
"""
QUERIES = st.dictionaries(st.sampled_from(NAMES.split()) | st.text(max_size=5), WORDS, max_size=4)
LATIN = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=20)
FIELDS = """
Content-Type Host Origin Sec-Fetch-Site If-None-Match If-Modified-Since Range Cookie Accept Accept-Encoding X-Photo-Name
X-Forwarded-For Authorization Transfer-Encoding
"""
COMMON = ["application/json", "multipart/form-data; boundary=x", "localhost", "bytes=9-1", "chunked"]
HEADS = st.dictionaries(st.sampled_from(FIELDS.split()), LATIN | st.sampled_from(COMMON), max_size=3)
EFFORT = effort(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@EFFORT
@given(data=st.data())
def test_no_request_is_answered_with_500(
    app: Dash, client: FlaskClient, trace: dict[str, Any], data: st.DataObject
) -> None:
    rule = data.draw(st.sampled_from(rules(app)), "rule")
    handle = data.draw(st.sampled_from([trace["trace"], UNKNOWN, UNKNOWN.upper(), ""]), "handle")
    fill = data.draw(st.lists(SEGMENTS, min_size=3, max_size=3), "segments")
    segments = iter(quote(segment, safe="%") for segment in fill)
    address = re.sub(r"<[^>]*>", lambda _: next(segments), rule.rule.replace("<handle>", handle))
    method = data.draw(st.sampled_from([*sorted(rule.methods or ()), *METHODS]), "method")
    query, headers = data.draw(QUERIES, "query"), data.draw(HEADS, "headers")
    with client.open(
        address, method=method, query_string=query, headers=headers, data=data.draw(BODIES, "body")
    ) as answer:
        check(answer, (method, address, query, headers))


@EFFORT
@given(body=CALLBACK, kind=st.sampled_from(["application/json", "text/plain", "multipart/form-data", ""]))
def test_no_callback_body_is_answered_with_500(client: FlaskClient, body: Any, kind: str) -> None:
    check(client.post(CALLBACKS, data=json.dumps(body), content_type=kind), body)
