"""Filters switched off: the hooked pass of a network computed whole, what addresses say, what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from tests.families import TINY
from visml.insight.ablation import filter_means, parse, switched_off
from visml.insight.forward import InsightRefused
from visml.insight.means import FILE as FILTER_MEANS
from visml.inspector import Inspection, Inspector
from visml.models import registry


def whole(opened: Inspection, filters: dict[str, list[int]], change: object) -> np.ndarray:
    """The output of a pass from the start, each layer's map changed on its way."""
    with opened.forward() as forward:
        hooks = []
        for name, numbers in filters.items():

            def hook(module: object, inputs: object, output: Tensor, name: str = name, numbers=numbers) -> Tensor:
                output = output.clone()
                for each in numbers:
                    output[:, each] = change(name, each, output[:, each])  # type: ignore[operator]
                return output

            hooks.append(forward.module.get_submodule(forward.layer(name).module).register_forward_hook(hook))
        with torch.inference_mode():
            output = forward.run()[0]
        for each in hooks:
            each.remove()
        return output.numpy()


FILTERS = {"conv2": [0, 5], "conv5": [3]}


def test_zero_and_factor_are_those_of_a_pass_from_the_start(opened: Inspection) -> None:
    zero = whole(opened, FILTERS, lambda name, each, maps: 0 * maps)
    np.testing.assert_allclose(opened.switch_off(FILTERS).output, zero, atol=1e-4)
    scaled = whole(opened, FILTERS, lambda name, each, maps: 1.5 * maps)
    np.testing.assert_allclose(opened.switch_off(FILTERS, to=1.5).output, scaled, atol=1e-4)
    assert np.abs(zero - opened.trace.output).max() > 1e-3


def test_a_factor_of_one_changes_nothing(opened: Inspection) -> None:
    np.testing.assert_array_equal(opened.switch_off(FILTERS, to=1).output, opened.trace.output)


@pytest.mark.parametrize("family", TINY)
def test_in_every_family(family: str, astronaut: np.ndarray) -> None:
    torch.manual_seed(1)
    model = registry.build(TINY[family].family, TINY[family].arguments).eval()
    opened = Inspector.wrap(model).open(astronaut)
    filters = {opened.layers[0].name: [0], opened.layers[len(opened.layers) // 2].name: [1]}
    expected = whole(opened, filters, lambda name, each, maps: 0 * maps)
    np.testing.assert_allclose(opened.switch_off(filters).output, expected, rtol=1e-4, atol=1e-4)


def with_means(root: Path, opened: Inspection, means: np.ndarray, folder: Path) -> Inspector:
    """The toy network in a folder of its own, with these means beside it."""
    (folder / "toy").mkdir()
    for file in (root / "toy").iterdir():
        (folder / "toy" / file.name).write_bytes(file.read_bytes())
    np.save(folder / "toy" / FILTER_MEANS, means)
    return Inspector("toy", checkpoints=folder, precision="float32", device="cpu")


def test_means_over_a_data_set_come_from_the_checkpoints_folder(
    root: Path, opened: Inspection, astronaut: np.ndarray, tmp_path: Path
) -> None:
    count = sum(layer.channels for layer in opened.layers)
    means = np.arange(count, dtype=np.float32) / 100
    found = with_means(root, opened, means, tmp_path).open(astronaut)
    by_layer = filter_means(tmp_path / "toy", opened.layers)
    assert [len(part) for part in by_layer.values()] == [layer.channels for layer in opened.layers]
    np.testing.assert_array_equal(np.concatenate(list(by_layer.values())), means)
    expected = whole(found, FILTERS, lambda name, each, maps: torch.full_like(maps, float(by_layer[name][each])))
    np.testing.assert_allclose(found.switch_off(FILTERS, to="mean").output, expected, atol=1e-4)


@pytest.mark.parametrize("means", [np.zeros(3, np.float32), np.zeros(3), np.array([{}], dtype=object)])
def test_means_of_another_network_are_refused(
    root: Path, opened: Inspection, astronaut: np.ndarray, tmp_path: Path, means: np.ndarray
) -> None:
    found = with_means(root, opened, means, tmp_path).open(astronaut)
    with pytest.raises(InsightRefused, match="do not fit"):
        found.switch_off(FILTERS, to="mean")


def test_without_means_it_says_so(opened: Inspection, astronaut: np.ndarray) -> None:
    with pytest.raises(InsightRefused, match="not known for this model"):
        opened.switch_off(FILTERS, to="mean")
    wrapped = Inspector.wrap(registry.build("zhang16", {"width": 1 / 16}).eval()).open(astronaut)
    with pytest.raises(InsightRefused, match="not known for this model"):
        wrapped.switch_off(FILTERS, to="mean")


@pytest.mark.parametrize(
    ("filters", "to", "sentence"),
    [
        ({"conv9": [1]}, "zero", "no layer 'conv9'"),
        ({"conv1": [4]}, "zero", "Filters of 'conv1' are counted from 0 to 3"),
        ({"conv1": [-1]}, "zero", "counted from 0 to 3"),
        ({}, "zero", "at least one filter"),
        ({"conv1": []}, "zero", "at least one filter"),
        ({"conv1": [1]}, -0.1, "scaled by 0 to 10"),
        ({"conv1": [1]}, 10.5, "scaled by 0 to 10"),
        ({"conv1": [1]}, float("nan"), "scaled by 0 to 10"),
        ({"conv1": [1]}, "median", "set to zero, to the mean"),
    ],
)
def test_what_means_nothing_is_refused(opened: Inspection, filters: object, to: object, sentence: str) -> None:
    with pytest.raises(InsightRefused, match=sentence):
        opened.switch_off(filters, to)  # type: ignore[arg-type]


def test_what_was_kept_is_not_written_to(opened: Inspection) -> None:
    before = opened["conv2"].maps.copy()
    with opened.forward() as forward:
        switched_off(forward, {"conv2": [0, 1]})
    np.testing.assert_array_equal(opened["conv2"].maps, before)


def test_addresses_are_read() -> None:
    assert parse("conv4:12,17;conv5:3") == {"conv4": [12, 17], "conv5": [3]}
    assert parse("features.3:2,1,2;") == {"features.3": [1, 2]}
    assert parse("a:b:1") == {"a:b": [1]}
    assert parse("") == {}


NAMES = st.text("abc.:_1", min_size=1, max_size=6)
NUMBERS = st.lists(st.integers(0, 99_999), min_size=1, unique=True).map(sorted)


@given(st.dictionaries(NAMES, NUMBERS))
def test_what_is_written_is_read_again(filters: dict[str, list[int]]) -> None:
    text = ";".join(f"{name}:{','.join(map(str, numbers))}" for name, numbers in filters.items())
    assert parse(text) == filters


@given(st.text("conv45:;,-+ .\u0661", max_size=12))
def test_anything_else_is_refused_or_read(text: str) -> None:
    try:
        found = parse(text)
    except InsightRefused:
        pass
    else:
        assert all(each >= 0 for numbers in found.values() for each in numbers)
