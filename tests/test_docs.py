"""The documentation does what it says: its blocks of Python run, and so does its notebook."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
import torch
from nbclient import NotebookClient
from PIL import Image
from skimage import data

from visml.dashboard.showing import Page

DOCS = Path(__file__).parent.parent / "docs"
FENCED = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a photo and a few pictures, as a reader might have, who types at a prompt."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VISML_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setattr(sys, "ps1", ">>> ", raising=False)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    Image.fromarray(data.coffee()).save("photo.jpg")
    for number in range(8):
        Path("pictures").mkdir(exist_ok=True)
        Image.fromarray(np.roll(data.astronaut()[::4, ::4], 9 * number, axis=1)).save(f"pictures/{number}.jpg")
    yield tmp_path
    torch.set_num_threads(threads)


def test_every_block_of_python_runs(workplace: Path) -> None:
    text = (DOCS / "own-model.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {"__name__": "own_model"}
    torch.manual_seed(0)
    pages = set()
    for block in FENCED.finditer(text):
        line = text[: block.start(1)].count("\n")
        exec(compile("\n" * line + block[1], str(DOCS / "own-model.md"), "exec"), names)  # noqa: S102
        pages |= {value for value in names.values() if isinstance(value, Page)}
    for page in pages:
        page.stop()
    assert names["trace"]["look"].maps.shape == (8, 32, 32)
    assert len(list(workplace.glob("*-color.png"))) == 8


def test_the_notebook_runs(workplace: Path) -> None:
    notebook = nbformat.read(DOCS / "notebook.ipynb", as_version=4)
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": workplace}}).execute()
    told = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert all(output.output_type in ("execute_result", "display_data") for output in told), told
