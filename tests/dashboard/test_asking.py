"""Questions by address: what an address may say, what is refused, what the browser keeps."""

from __future__ import annotations

from typing import Any

import pytest
from dash import Dash
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from tests.tables import problems
from visml.dashboard.app import create_app
from visml.dashboard.asking import LONGEST, Asked, QuestionRefused, answer
from visml.dashboard.context import Context
from visml.insight.region import Region
from visml.settings import Settings

from .conftest import ask_with


def asked(**values: str) -> Asked:
    return Asked(MultiDict(values))


@pytest.mark.parametrize("text", ["", "x", "nan", "inf", "-0.1", "2.1", "1e9"])
def test_a_number_outside_its_range_is_refused(text: str) -> None:
    with pytest.raises(QuestionRefused, match="'t' must be a number from 0 to 2"):
        asked(t=text).number("t", 0, 2)


def test_numbers_words_and_regions_are_read() -> None:
    assert asked(t="0.5").number("t", 0, 2) == 0.5
    assert asked().number("t", 0, 2, 0.38) == 0.38
    assert asked(n="12").whole("n", 0, 20) == 12
    assert asked(how="b").choice("how", ("a", "b")) == "b"
    assert asked().choice("how", ("a", "b")) == "a"
    assert asked().region(10) == Region(0, 0, 10, 10)
    assert asked(region="1,2,3,4").region(10) == Region(1, 2, 3, 4)


def test_what_must_be_said_is_asked_for() -> None:
    with pytest.raises(QuestionRefused):
        asked().number("t", 0, 2)
    with pytest.raises(QuestionRefused, match="whole number"):
        asked(n="1.5").whole("n", 0, 20)
    with pytest.raises(QuestionRefused, match="one of a, b"):
        asked(how="c").choice("how", ("a", "b"))


@pytest.fixture(scope="module")
def counting(settings: Settings) -> tuple[Dash, list[str]]:
    """A dashboard with one more question, and how often it was computed."""
    app, computed = create_app(settings), list[str]()
    context: Context = app.server.extensions["visml"]

    def encode(inspection: Any, asked: Asked) -> bytes:
        computed.append(asked.text("word"))
        with inspection.forward() as forward:
            size = forward.lightness.shape[-1]
        return f"{asked.region(size).mask(size).sum()} {asked.text('word')}".encode()

    answer(app.server, context, "count", "text/plain", encode)
    return app, computed


def test_an_answer_is_computed_once_and_kept_by_the_browser(counting: tuple[Dash, list[str]]) -> None:
    app, computed = counting
    client, trace = client_and_trace(app)
    first = client.get(f"/ask/{trace}/count?region=0,0,4,5&word=one")
    again = client.get(f"/ask/{trace}/count?region=0,0,4,5&word=one")
    assert first.data == again.data == b"20 one"
    assert computed == ["one"]
    assert "immutable" in first.headers["Cache-Control"]


def test_nonsense_is_told_in_a_sentence(counting: tuple[Dash, list[str]]) -> None:
    client, trace = client_and_trace(counting[0])
    outside = client.get(f"/ask/{trace}/count?region=0,0,999,5")
    assert (outside.status_code, outside.get_json()["error"][:10]) == (422, "The region")
    long = client.get(f"/ask/{trace}/count?word={'x' * LONGEST}")
    assert (long.status_code, long.get_json()["error"]) == (422, "This question is too long.")


@pytest.mark.parametrize("handle", ["0" * 32, "x", "..", "0" * 31 + "g"])
def test_an_unknown_trace_is_gone(counting: tuple[Dash, list[str]], handle: str) -> None:
    response = counting[0].server.test_client().get(f"/ask/{handle}/count")
    assert response.status_code == 404
    assert response.get_json()["error"]


def client_and_trace(app: Dash) -> tuple[FlaskClient, str]:
    client = app.server.test_client()
    told = ask_with(client, {"model": "zhang16", "photo": "coffee"})
    return client, told["trace"]


@pytest.mark.parametrize(
    ("question", "table"),
    [
        ("pushes?layer=conv4&t=0.38", "pushes"),
        ("pushes-exact?layer=conv4&filters=0-3&t=0.38", "pushes"),
        ("carriers?bin=150", "carriers"),
        ("field?layer=conv4&x=10&y=20", "field"),
        ("calibration", "calibration answer"),
        ("again", "again"),
        ("again?layer=conv4", "sameness"),
        ("lens.json", "lens answer"),
        ("patches.json?layer=conv4", "patches.json"),
    ],
)
def test_answers_are_what_the_tables_say(client: FlaskClient, trace: dict[str, Any], question: str, table: str) -> None:
    answer = client.get(f"/ask/{trace['trace']}/{question}")
    assert answer.status_code == 200
    assert problems(answer.get_json(), table) == []
