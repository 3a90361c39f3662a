"""Bad input: exit code 2, one sentence on one line of stderr, nothing on stdout."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.commands import Command, Outcome

CASES = {
    "unknown model": (["colorize", "{photo}", "-o", "{tmp}/out", "--model", "nobody"], "no checkpoint 'nobody'"),
    "unknown layer": (["trace", "{photo}", "-o", "{tmp}/a.npz", "--model", "tiny", "--layers", "conv9"], "conv9"),
    "missing photo": (["trace", "{tmp}/no.jpg", "-o", "{tmp}/a.npz", "--model", "tiny"], "no.jpg"),
    "not a photo": (["trace", "{tmp}/text.jpg", "-o", "{tmp}/a.npz", "--model", "tiny"], "text.jpg|This file"),
    "temperature": (["colorize", "{photo}", "-o", "{tmp}/o", "--model", "tiny", "--temperature", "-1"], "temperature"),
    "output is a folder": (["trace", "{photo}", "-o", "{tmp}", "--model", "tiny"], "is a folder"),
    "output under a file": (["trace", "{photo}", "-o", "{photo}/a.npz", "--model", "tiny"], "cat.png"),
    "empty folder": (["evaluate", "--data", "{tmp}/empty", "--model", "tiny"], "no .* pictures"),
    "page is a folder": (["evaluate", "--data", "{tmp}", "--model", "tiny", "--report", "{tmp}"], "not .* a file"),
    "table to stdout": (["evaluate", "--data", "{tmp}", "--model", "tiny", "--pictures", "-"], "not .* a file"),
    "evaluation under a file": (["evaluate", "--data", "{tmp}", "--model", "tiny", "-o", "{photo}/e"], "in its way"),
    "page under a file": (["evaluate", "--data", "{tmp}", "--model", "tiny", "--report", "{photo}/a"], "in its way"),
    "no folder": (["prior", "{tmp}/nowhere", "-o", "{tmp}/prior.json"], "no folder"),
    "no recipe": (["train", "{tmp}/no.toml", "--data", "{tmp}"], "no recipe"),
    "bad recipe": (["train", "{tmp}/bad.toml", "--data", "{tmp}"], "colour"),
    "no weights": (["import-weights", "{tmp}/no.pth", "--family", "zhang16", "--name", "x"], "no.pth"),
    "pickle": (["import-weights", "{tmp}/text.jpg", "--family", "zhang16", "--name", "x"], "text.jpg"),
    "family": (["import-weights", "{tmp}/no.pth", "--family", "dahl", "--name", "x"], "dahl"),
    "name": (["import-weights", "{tmp}/no.pth", "--family", "zhang16", "--name", "../x"], "name"),
    "port": (["serve", "--port", "99999"], "99999"),
    "no images": (["serve", "--images", "{tmp}/nowhere", "--port", "0"], "nowhere"),
    "option": (["models", "--jsno"], "--jsno"),
    "missing option": (["trace", "{photo}"], "visml trace --help"),
    "command": (["colourize"], "colourize"),
}


@pytest.mark.parametrize(("arguments", "says"), CASES.values(), ids=CASES.keys())
def test_one_sentence_and_two(visml: Command, photo: Path, tmp_path: Path, arguments: list[str], says: str) -> None:
    (tmp_path / "text.jpg").write_text("not a photo, not weights\n")
    (tmp_path / "bad.toml").write_text('family = "zhang16"\nepochs = 1\ncolour = 3\n')
    (tmp_path / "empty").mkdir()
    outcome = visml(*(each.format(photo=photo, tmp=tmp_path) for each in arguments))
    refused(outcome, says)


def refused(outcome: Outcome, says: str) -> None:
    assert outcome.code == 2
    assert outcome.out == b""
    assert outcome.err.count("\n") == 1
    assert "Traceback" not in outcome.err
    assert re.search(says, outcome.err), outcome.err


def test_a_bad_environment_is_refused_too(visml: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISML_MAX_MB", "many")
    refused(visml("models"), "VISML_MAX_MB")


def test_a_broken_checkpoint_does_not_hide_the_others(visml: Command, root: Path, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "tiny").symlink_to(root / "tiny")
    (tmp_path / "whole").mkdir()
    for name in ("model.json", "model.safetensors"):
        (tmp_path / "whole" / name).write_bytes((root / "tiny" / name).read_bytes())
    outcome = visml("models", "--checkpoints", tmp_path)
    assert outcome.code == 0
    assert "whole" in outcome.text
    assert outcome.err.count("Skipped") == 2
