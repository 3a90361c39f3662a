from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.commands import Command
from visml import Inspector


def pixels(path: Path | bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(path) if isinstance(path, bytes) else path))


class Pipe:
    """Standard input with something in it."""

    def __init__(self, content: bytes) -> None:
        self.buffer = io.BytesIO(content)

    def isatty(self) -> bool:
        return False


def test_writes_a_picture_of_the_photos_size(visml: Command, root: Path, photo: Path, tmp_path: Path) -> None:
    outcome = visml("colorize", photo, "-o", tmp_path / "out", "--model", "tiny")
    path = tmp_path / "out" / "cat-color.jpg"
    assert (outcome.code, outcome.text, outcome.err) == (0, f"{path}\n", "")
    colored = Inspector("tiny", checkpoints=root).colorize(photo)
    assert pixels(path).shape == colored.shape == (60, 91, 3)
    assert np.abs(pixels(path).astype(int) - colored).mean() < 3
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_the_temperature_reaches_the_decoder(visml: Command, photo: Path, tmp_path: Path) -> None:
    for temperature in (0, 1):
        visml("colorize", photo, "-o", tmp_path / f"{temperature}", "--model", "tiny", "--temperature", temperature)
    mode, mean = (pixels(tmp_path / name / "cat-color.jpg").astype(int) for name in ("0", "1"))
    assert np.ptp(mode - mode.mean(axis=2, keepdims=True)) > np.ptp(mean - mean.mean(axis=2, keepdims=True))


def test_nothing_is_overwritten_without_force(visml: Command, photo: Path, tmp_path: Path) -> None:
    path = tmp_path / "cat-color.jpg"
    path.write_bytes(b"mine")
    outcome = visml("colorize", photo, "-o", tmp_path, "--model", "tiny")
    assert outcome.code == 2
    assert "--force" in outcome.err
    assert path.read_bytes() == b"mine"
    assert visml("colorize", photo, "-o", tmp_path, "--model", "tiny", "--force").code == 0
    assert pixels(path).shape == (60, 91, 3)


def test_compare_is_gray_colored_and_actual(visml: Command, photo: Path, tmp_path: Path) -> None:
    visml("colorize", photo, "-o", tmp_path, "--model", "tiny", "--compare")
    gray, colored, actual = np.split(pixels(tmp_path / "cat-color.jpg").astype(int), 3, axis=1)
    # JPEG keeps color in blocks of 16 pixels, so the last of one picture lie in the next one's first block.
    assert np.ptp(gray[:, :80], axis=2).max() <= 4
    assert np.ptp(colored, axis=2).mean() > 4
    assert np.abs(actual - pixels(photo)).mean() < 6 < np.abs(colored - pixels(photo)).mean()


def test_folders_keep_their_folders(visml: Command, album: Path, tmp_path: Path) -> None:
    outcome = visml("colorize", album, "-o", tmp_path / "out", "--model", "tiny", "--json")
    report = json.loads(outcome.text)
    assert outcome.code == 0
    assert [Path(each["output"]).relative_to(tmp_path / "out").as_posix() for each in report["written"]] == [
        "cats/one-color.jpg",
        "cats/two-color.jpg",
        "sky-color.jpg",
    ]
    assert {(each["width"], each["height"]) for each in report["written"]} == {(64, 48)}
    assert (report["schema"], report["model"], report["temperature"], report["refused"]) == (1, "tiny", 0.38, [])


def test_a_bad_photo_does_not_stop_the_others(visml: Command, photo: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"")
    outcome = visml("colorize", bad, photo, tmp_path / "gone.jpg", "-o", tmp_path / "out", "--model", "tiny")
    assert outcome.code == 2
    assert (tmp_path / "out" / "cat-color.jpg").is_file()
    assert [line.partition(":")[0] for line in outcome.err.splitlines()] == [str(bad), str(tmp_path / "gone.jpg")]


def test_photos_that_would_become_one_file_are_refused(visml: Command, photo: Path, tmp_path: Path) -> None:
    twin = photo.with_suffix(".jpg")
    twin.write_bytes(photo.read_bytes())
    outcome = visml("colorize", photo, twin, "-o", tmp_path / "out", "--model", "tiny")
    assert outcome.code == 2
    assert outcome.err.count("Several photos") == 2
    assert not (tmp_path / "out").exists()


def test_from_standard_input_to_standard_output(visml: Command, photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Pipe(photo.read_bytes()))
    outcome = visml("colorize", "-", "-o", "-", "--model", "tiny")
    assert (outcome.code, outcome.err) == (0, "")
    assert pixels(outcome.out).shape == (60, 91, 3)


def test_standard_output_takes_one_photo(visml: Command, album: Path) -> None:
    outcome = visml("colorize", album, "-o", "-", "--model", "tiny")
    assert (outcome.code, outcome.out) == (2, b"")
    assert "one photo, not 3" in outcome.err


def test_a_photo_whose_name_begins_with_a_dash(
    visml: Command, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo.rename(tmp_path / "--force.png")
    monkeypatch.chdir(tmp_path)
    assert visml("colorize", "-o", "out", "--model", "tiny", "--", "--force.png").code == 0
    assert (tmp_path / "out" / "--force-color.jpg").is_file()


def test_a_folder_is_a_model_too(visml: Command, root: Path, photo: Path, tmp_path: Path) -> None:
    assert visml("colorize", photo, "-o", tmp_path / "out", "--model", root / "tiny").code == 0
