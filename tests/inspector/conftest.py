"""A narrow nine-block network with random weights, saved as a checkpoint, and photos that ship with scikit-image."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import skimage.data
import torch

from visml import checkpoints
from visml.activations.store import ArrayStore
from visml.inspector import Inspection, Inspector
from visml.models import registry


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one checkpoint, ``toy``."""
    folder = tmp_path_factory.mktemp("checkpoints")
    torch.manual_seed(5)
    model = registry.build("zhang16", {"width": 1 / 16})
    with torch.no_grad():
        model.bins.weight *= 4  # type: ignore[operator, union-attr]
    checkpoints.save(folder / "toy", model, {"width": 1 / 16})
    return folder


@pytest.fixture(scope="session")
def astronaut() -> np.ndarray:
    """A color photo that is not square."""
    return np.ascontiguousarray(skimage.data.astronaut()[:300, 40:500])


@pytest.fixture(scope="session")
def inspector(root: Path) -> Inspector:
    """Without a store, in float32."""
    return Inspector("toy", checkpoints=root, precision="float32", device="cpu")


@pytest.fixture(scope="session")
def opened(inspector: Inspector, astronaut: np.ndarray) -> Inspection:
    return inspector.open(astronaut)


@pytest.fixture
def store(tmp_path: Path) -> ArrayStore:
    return ArrayStore(tmp_path / "cache", 10**8)
