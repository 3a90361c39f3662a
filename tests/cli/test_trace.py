from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest

from tests.commands import Command
from visml import Inspector

CONVOLUTIONS = [f"conv{number}" for number in range(1, 9)]


def test_arrays_equal_the_inspectors_in_float32(
    visml: Command, root: Path, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISML_PRECISION", "bfloat16")
    assert visml("trace", photo, "-o", tmp_path / "t.npz", "--model", "tiny").code == 0
    arrays = np.load(tmp_path / "t.npz")
    expected = Inspector("tiny", checkpoints=root, precision="float32").open(photo)
    means = [f"mean/{name}" for name in CONVOLUTIONS]
    assert sorted(arrays) == sorted([*CONVOLUTIONS, *means, "logits", "ab", "lightness"])
    assert {array.dtype for array in arrays.values()} == {np.dtype(np.float32)}
    for name in CONVOLUTIONS:
        np.testing.assert_allclose(arrays[name], expected[name].maps, atol=1e-4)
        np.testing.assert_allclose(arrays[f"mean/{name}"], arrays[name].mean(axis=(1, 2)), rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(arrays["logits"], expected.logits, atol=1e-4)
    np.testing.assert_allclose(arrays["ab"], expected.ab(0.38), atol=1e-3)
    np.testing.assert_array_equal(arrays["lightness"], expected.lightness[0])
    assert (arrays["logits"].shape, arrays["ab"].shape) == ((313, 56, 56), (2, 56, 56))
    assert arrays["lightness"].shape == (1, 224, 224)


def test_chosen_layers_only(visml: Command, photo: Path, tmp_path: Path) -> None:
    outcome = visml("trace", photo, "-o", tmp_path / "t", "--model", "tiny", "--layers", "conv2, conv4", "--json")
    report = json.loads(outcome.text)
    assert report["arrays"]["conv4"] == [32, 28, 28]
    assert sorted(report["arrays"]) == ["ab", "conv2", "conv4", "lightness", "logits", "mean/conv2", "mean/conv4"]
    assert sorted(np.load(tmp_path / "t")) == sorted(report["arrays"])


def test_to_standard_output(visml: Command, photo: Path) -> None:
    outcome = visml("trace", photo, "-o", "-", "--model", "tiny", "--layers", "conv1")
    assert np.load(io.BytesIO(outcome.out))["conv1"].shape == (4, 112, 112)


def test_a_page_that_stands_alone(visml: Command, photo: Path, tmp_path: Path) -> None:
    outcome = visml("trace", photo, "-o", tmp_path / "cat.html", "--model", "tiny")
    assert outcome.code == 0
    text = (tmp_path / "cat.html").read_text()
    assert text.startswith("<!DOCTYPE html>")
    assert "<title>cat.png in tiny - VisML</title>" in text
    assert str(tmp_path) not in text
    refused = visml("trace", photo, "-o", tmp_path / "cat.html", "--model", "tiny", "--layers", "conv1")
    assert (refused.code, "all layers" in refused.err) == (2, True)
