"""A folder with everything that an evaluation meets."""

from __future__ import annotations

from pathlib import Path

import pytest
from skimage import data

from tests.evaluation.toys import write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two pictures in ``cats``, one in ``space/far``, one in the root; one without color, one broken."""
    root = tmp_path / "pictures"
    write(root / "cats" / "chelsea.png", data.chelsea()[::4, ::4])
    write(root / "cats" / "half.png", data.chelsea()[50:150, 100:260])
    write(root / "space" / "far" / "hubble.png", data.hubble_deep_field()[::10, ::10])
    write(root / "astronaut.png", data.astronaut()[::5, ::5])
    write(root / "camera.png", data.camera()[::5, ::5])
    (root / "cats" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 and no more")
    return root
