"""However many pictures a folder has, an evaluation needs the memory of a few."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from tests.evaluation.toys import Flat, write
from visml.evaluation.report import evaluate
from visml.images.decode import Limits

SIDE, FEW, MANY = 96, 40, 240  # the few are more than one part
LIMITS = Limits(max_mb=1)  # so much is set aside for reading a file, by each of two workers


class Small(Flat):
    input_size = SIDE


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("pictures")
    random = np.random.default_rng(0)
    for place in range(FEW + MANY):
        part = "few" if place < FEW else "many"
        write(root / part / f"{place}.png", random.integers(60, 190, (SIDE, SIDE, 3), dtype=np.uint8))
    return root


def peak(folder: Path) -> int:
    """The most bytes that were held at once, of numpy's and Python's."""
    tracemalloc.start()
    try:
        evaluate(Small(3, 4), folder, limits=LIMITS)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_set(pictures: Path) -> None:
    evaluate(Small(3, 4), pictures / "few", limits=LIMITS)  # what is made once and kept is there from now on
    few, many = peak(pictures / "few"), peak(pictures / "many")
    further = (MANY - FEW) * SIDE * SIDE * 3
    assert many - few < further / 2, f"{many - few} bytes more; the further pictures alone are {further}"
