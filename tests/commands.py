"""A tiny untrained checkpoint, a few photos, and a way to run commands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from skimage import data

from visml import checkpoints
from visml.cli import run
from visml.models.zhang16 import Zhang16

WIDTH = 1 / 16


@dataclass(frozen=True)
class Outcome:
    """What a command left behind: its exit code and what it wrote."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()


Command = Callable[..., Outcome]


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of checkpoints that holds ``tiny``."""
    folder = tmp_path_factory.mktemp("checkpoints")
    torch.manual_seed(0)
    checkpoints.save(folder / "tiny", Zhang16(WIDTH), {"width": WIDTH})
    return folder


@pytest.fixture
def visml(root: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> Command:
    """Runs a command line among these checkpoints."""
    monkeypatch.setenv("VISML_CHECKPOINTS", str(root))
    monkeypatch.setenv("VISML_DEVICE", "cpu")
    monkeypatch.setenv("COLUMNS", "200")

    def command(*arguments: object) -> Outcome:
        capsysbinary.readouterr()
        code = run([str(argument) for argument in arguments])
        written = capsysbinary.readouterr()
        return Outcome(code, written.out, written.err.decode())

    return command


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A color photo of 90 x 60 pixels."""
    path = tmp_path / "cat.png"
    Image.fromarray(np.ascontiguousarray(data.chelsea()[::5, ::5])).save(path)
    return path


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """``cats/one.png``, ``cats/two.jpg`` and ``sky.png``, of 64 x 48 pixels."""
    folder = tmp_path / "album"
    (folder / "cats").mkdir(parents=True)
    Image.fromarray(data.chelsea()[:48, :64]).save(folder / "cats" / "one.png")
    Image.fromarray(data.chelsea()[100:148, 100:164]).save(folder / "cats" / "two.jpg")
    Image.fromarray(data.rocket()[:48, :64]).save(folder / "sky.png")
    return folder
