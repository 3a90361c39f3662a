"""Weight histograms and learning-rate sweeps read back, whole or spoiled; what training writes is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests import run_folder
from tests.tables import problems
from visml.dashboard.learning import read_sweep, read_weights
from visml.dashboard.lenient import RecordRefused
from visml.training import lr_finder, weights


def put(folder: Path, name: str, content: Any) -> None:
    (folder / name).write_text(content if isinstance(content, str) else json.dumps(content))


def test_histograms_that_training_wrote_are_read(tmp_path: Path) -> None:
    model = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3), torch.nn.Conv2d(4, 2, 1))
    for epoch in (1, 2):
        weights.append(tmp_path, model, epoch)
    read = read_weights(tmp_path)
    assert read == json.loads((tmp_path / "weights.json").read_text())
    assert list(read["layers"]) == ["0", "1"]
    assert sum(read["layers"]["0"][1]["counts"]) == 36


def test_the_invented_ones_keep_to_the_tables() -> None:
    assert problems(run_folder.weights(3), "weights.json") == []
    assert problems(run_folder.sweep(), "lr_find.json") == []


@pytest.mark.parametrize(
    "spoiled",
    [{"low": 1.0, "high": 0.0, "counts": [1]}, {"low": 0, "high": 1, "counts": []}, {"low": 0, "high": 1},
     {"low": 0, "high": 1, "counts": [1.5]}, {"low": 0, "high": 1, "counts": [-1]},
     {"low": None, "high": 1, "counts": [1]},
     {"low": 0, "high": 1, "counts": [0] * 5000}, 7, None],
)  # fmt: skip
def test_a_layer_with_a_spoiled_histogram_is_left_out(tmp_path: Path, spoiled: object) -> None:
    content = run_folder.weights(2)
    content["layers"]["bins"][1] = spoiled
    put(tmp_path, "weights.json", content)
    assert list(read_weights(tmp_path)["layers"]) == ["trunk.conv1.0"]


def test_a_layer_that_lacks_an_epoch_is_left_out(tmp_path: Path) -> None:
    content = run_folder.weights(3)
    del content["layers"]["bins"][0]
    put(tmp_path, "weights.json", content)
    assert list(read_weights(tmp_path)["layers"]) == ["trunk.conv1.0"]


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{", {"schema": 2}, {"schema": 1}, {"schema": 1, "epochs": [], "layers": {"a": []}},
     run_folder.weights(2) | {"epochs": [2, 1]}, run_folder.weights(2) | {"layers": [1]}, "[" * 100_000],
)  # fmt: skip
def test_nothing_sound_is_refused_in_a_sentence(tmp_path: Path, content: object) -> None:
    put(tmp_path, "weights.json", content)
    with pytest.raises(RecordRefused, match=r"^The weights\.json of .*\.$"):
        read_weights(tmp_path)


def test_a_sweep_that_the_finder_wrote_is_read(tmp_path: Path) -> None:
    rates = np.geomspace(1e-6, 1, 50)
    losses = 5 - 2 / (1 + np.exp(-4 * (np.log10(rates) + 3)))
    written = lr_finder.judge(rates.tolist(), losses.tolist())
    put(tmp_path, "lr_find.json", written.to_json())
    read = read_sweep(tmp_path)
    assert read is not None
    np.testing.assert_allclose(read.rates, rates)
    np.testing.assert_allclose(read.smoothed, written.smoothed)
    assert read.best == written.best is not None


@pytest.mark.parametrize(
    "change",
    [{"rates": []}, {"rates": [1, 2]}, {"rates": None}, {"losses": [None] * 61}, {"schema": 3},
     {"rates": [1.0] * 61}, {"rates": list(range(61))}, {"smoothed": ["x"] * 61}],
)  # fmt: skip
def test_a_spoiled_sweep_is_none(tmp_path: Path, change: dict[str, Any]) -> None:
    put(tmp_path, "lr_find.json", run_folder.sweep())
    assert read_sweep(tmp_path) is not None
    put(tmp_path, "lr_find.json", run_folder.sweep() | change)
    assert read_sweep(tmp_path) is None


def test_a_sweep_that_found_nothing_has_no_best_rate(tmp_path: Path) -> None:
    put(tmp_path, "lr_find.json", run_folder.sweep() | {"best": None})
    found = read_sweep(tmp_path)
    assert found is not None
    assert found.best is None
