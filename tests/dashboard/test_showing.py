"""A page shown beside other work."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from torch import nn

import visml
from tests.dashboard.conftest import ask_with
from visml.dashboard.app import create_app
from visml.dashboard.security import NOTEBOOKS
from visml.dashboard.showing import Page, named
from visml.settings import Settings


@pytest.fixture(scope="module")
def inspector(checkpoint_root: Path) -> visml.Inspector:
    return visml.Inspector("zhang16", checkpoints=checkpoint_root, precision="float32", device="cpu")


@pytest.fixture(scope="module")
def elsewhere(checkpoint_root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return {"checkpoints": checkpoint_root, "cache_dir": tmp_path_factory.mktemp("cache")}


@pytest.fixture
def page(inspector: visml.Inspector, elsewhere: dict[str, Any]) -> Iterator[Page]:
    shown = inspector.show(block=False, **elsewhere)
    yield shown
    shown.stop()


def test_it_answers_until_it_is_stopped(page: Page) -> None:
    with urllib.request.urlopen(page.url, timeout=30) as answer:  # noqa: S310 - its own address
        policy = answer.headers["Content-Security-Policy"]
        assert "X-Frame-Options" not in answer.headers
    assert f"frame-ancestors 'self' {' '.join(NOTEBOOKS)}" in policy
    assert f'<iframe src="{page.url}"' in page._repr_html_()
    page.stop()
    assert "iframe" not in page._repr_html_()
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(page.url, timeout=5)  # noqa: S310


def test_shown_again_it_takes_the_place_of_the_page_before(
    page: Page, inspector: visml.Inspector, elsewhere: dict[str, Any]
) -> None:
    again = inspector.show(block=False, **elsewhere)
    assert (page.running, again.running) == (False, True)
    again.stop()


def test_two_networks_are_shown_beside_each_other(page: Page, checkpoint_root: Path, elsewhere: dict[str, Any]) -> None:
    other = visml.Inspector("zhang16", checkpoints=checkpoint_root, device="cpu").show(block=False, **elsewhere)
    assert page.running
    assert page.url != other.url
    other.stop()


def test_a_page_for_others_stands_in_no_frame(inspector: visml.Inspector, elsewhere: dict[str, Any]) -> None:
    shown = inspector.show(block=False, token="secret", **elsewhere)
    shown.stop()
    assert "?token=secret" in shown.url
    assert not shown._frame


def test_a_script_waits_until_it_is_interrupted(
    inspector: visml.Inspector,
    elsewhere: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(Page, "_patience_s", property(_interrupted), raising=False)
    assert not inspector.show(block=True, port=0, **elsewhere).running
    assert "Ctrl+C" in capsys.readouterr().out


def _interrupted(_: Page) -> float:
    raise KeyboardInterrupt


def test_its_photos_are_opened_in_the_inspector_s_own_network(inspector: visml.Inspector, settings: Settings) -> None:
    app = create_app(settings, named([inspector]))
    told = ask_with(app.server.test_client(), {"model": "zhang16", "photo": "coffee"})
    found = app.server.extensions["visml"].answering(told["trace"])
    assert found.source.subject.module is inspector.subject.module
    assert found.source.checkpoint == inspector.checkpoint
    assert inspector.reopen(told["trace"]) is None  # the inspector itself keeps nothing


def test_networks_of_one_name_are_numbered(inspector: visml.Inspector) -> None:
    assert list(named([nn.ReLU(), nn.ReLU(), inspector])) == ["ReLU", "ReLU-2", "zhang16"]
