"""Encoded answers: the last used stay, within a size and an age."""

from __future__ import annotations

import time

import pytest

from visml.dashboard.bodies import Bodies


def test_what_was_put_is_found() -> None:
    bodies = Bodies()
    bodies.put("/a", b"one")
    bodies.put("/a", b"two")
    assert bodies.get("/a") == b"two"
    assert bodies.get("/b") is None


def test_the_longest_unused_go_first() -> None:
    bodies = Bodies(max_bytes=10)
    bodies.put("/a", b"1234")
    bodies.put("/b", b"1234")
    bodies.get("/a")
    bodies.put("/c", b"1234")
    assert [bodies.get(address) is not None for address in ("/a", "/b", "/c")] == [True, False, True]


def test_one_that_is_too_large_is_not_kept_and_takes_no_room() -> None:
    bodies = Bodies(max_bytes=10)
    bodies.put("/large", b"x" * 11)
    assert bodies.get("/large") is None
    bodies.put("/small", b"x" * 10)
    assert bodies.get("/small") is not None


def test_an_old_one_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    bodies = Bodies(max_age_s=600)
    bodies.put("/a", b"one")
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 601)
    assert bodies.get("/a") is None
