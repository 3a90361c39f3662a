"""What holds for the network of every family: its layers are as declared, and it goes on from any of them."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch
from skimage import data
from torch import Tensor, nn

from tests.families import TINY
from visml import checkpoints
from visml.activations.recorder import record
from visml.color import lab
from visml.images.decode import squash
from visml.inspector.runtime import prepare
from visml.models import registry
from visml.models.base import Colorizer

FAMILIES = list(TINY)


def _model(name: str) -> Colorizer:
    torch.manual_seed(0)
    return registry.build(TINY[name].family, TINY[name].arguments).eval().requires_grad_(False)


def _lightness(size: int, rgb: np.ndarray | None = None) -> Tensor:
    pixels = squash(data.astronaut() if rgb is None else rgb, size)
    return lab.lightness(torch.from_numpy(pixels.transpose(2, 0, 1).copy()).unsqueeze(0))


@pytest.fixture(scope="module", params=FAMILIES)
def model(request: pytest.FixtureRequest) -> Colorizer:
    return _model(request.param)


def _recorded(model: Colorizer, lightness: Tensor) -> tuple[dict[str, Tensor], Tensor]:
    with record(model) as kept:
        output = model(lightness)
    return kept, output


def test_every_family_of_the_registry_has_a_tiny_one() -> None:
    assert {tiny.family for tiny in TINY.values()} == set(registry.FAMILIES)


def test_every_family_is_built_without_arguments() -> None:
    for family in registry.FAMILIES:
        with torch.device("meta"):
            assert registry.build(family, {}).family == family


def test_the_output_is_ab_or_logits_and_the_same_every_time(model: Colorizer) -> None:
    lightness = _lightness(model.input_size)
    output = model(lightness)
    assert output.shape[:2] == (1, 2 if model.centers is None else len(model.centers))
    assert output.isfinite().all()
    assert torch.equal(model(lightness), output)
    assert torch.equal(copy.deepcopy(model)(lightness), output)


def test_the_colors_are_such_as_lab_can_hold(model: Colorizer) -> None:
    assert model.ab(model(_lightness(model.input_size))).abs().max() <= 130


def test_every_filter_of_a_layer_has_a_name_or_none_has(model: Colorizer) -> None:
    for layer in model.layers:
        assert len(layer.channel_names) in (0, layer.channels), layer.name
    output = model.layers[-1]
    channels = {"rgb": ("red", "green", "blue"), "uv": ("U", "V"), "ab": ("a", "b")}
    assert output.channel_names == channels.get(output.name, ())


def test_every_layer_gives_the_maps_it_declares(model: Colorizer) -> None:
    kept, _ = _recorded(model, _lightness(model.input_size))
    names = [layer.name for layer in model.layers]
    assert set(kept) == set(names)
    assert len(set(names)) == len(names)
    for layer in model.layers:
        maps = kept[layer.name]
        assert re.fullmatch(r"[a-z][a-z0-9_]{0,39}", layer.name)
        assert maps.shape[1] == layer.channels, layer.name
        assert model.input_size / layer.stride == pytest.approx(maps.shape[3], abs=1), layer.name
        assert layer.receptive_field >= 1
        assert not layer.rectified or maps.min() >= 0
        if layer.convolution is not None:
            part = model.get_submodule(layer.convolution)
            assert isinstance(part, nn.Conv2d | nn.ConvTranspose2d)
            assert (part.out_channels, max(part.dilation)) == (layer.channels, layer.dilation)


def test_going_on_from_any_layer_ends_where_the_whole_pass_does(model: Colorizer) -> None:
    lightness = _lightness(model.input_size)
    kept, output = _recorded(model, lightness)
    for layer in model.layers:
        torch.testing.assert_close(model.resume(layer.name, kept[layer.name], lightness), output)
    with pytest.raises(ValueError, match="no layer 'nothing'"):
        model.resume("nothing", output, lightness)


def test_a_layer_switched_off_is_missed(model: Colorizer) -> None:
    lightness = _lightness(model.input_size)
    kept, output = _recorded(model, lightness)
    for layer in (model.layers[0], model.layers[-1]):
        changed = model.resume(layer.name, kept[layer.name] * 0.5 + 1, lightness)
        assert not torch.equal(changed, output), layer.name


def test_no_position_sees_farther_than_declared(model: Colorizer) -> None:
    """By the gradient of the middle position, which ReLUs and poolings may thin out."""
    size = model.input_size
    lightness = (50 + 20 * torch.randn(1, 1, size, size, generator=torch.Generator().manual_seed(3))).requires_grad_()
    with record(model, keep=lambda output: output) as kept:
        model(lightness)
    for layer in model.layers:
        maps = kept[layer.name]
        middle = maps[0, :, maps.shape[2] // 2, maps.shape[3] // 2]
        (gradient,) = torch.autograd.grad((middle * torch.randn_like(middle)).sum(), lightness, retain_graph=True)
        rows = gradient[0, 0].abs().sum(dim=1).nonzero().flatten()
        if len(rows):
            seen = int(rows[-1] - rows[0]) + 1
            assert 0.5 * min(layer.receptive_field, size) <= seen <= layer.receptive_field, layer.name


def _described(model: Colorizer) -> object:
    return json.loads(json.dumps([asdict(layer) for layer in model.layers]))


def test_a_checkpoint_brings_the_same_network_back(
    model: Colorizer, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    arguments = TINY[request.node.callspec.params["model"]].arguments
    saved = checkpoints.save(tmp_path / "tiny", model, arguments, half=False)
    assert saved.description["layers"] == _described(model)
    lightness = _lightness(model.input_size)
    # Weights elsewhere in memory may be summed in another order, and float32 Lab of RGB is exact to 1e-4.
    torch.testing.assert_close(checkpoints.load(saved)(lightness), model(lightness), rtol=1e-5, atol=1e-4)
    for checkpoint in checkpoints.list_checkpoints(tmp_path)[0]:
        opened = checkpoints.load(checkpoint)
        assert checkpoint.description["layers"] == _described(opened)
        assert opened(lightness).isfinite().all()


def test_bfloat16_paints_nearly_the_same(model: Colorizer) -> None:
    lightness = _lightness(model.input_size)
    whole = model.ab(model(lightness))
    rough = prepare(copy.deepcopy(model), torch.device("cpu"), "bfloat16")
    with torch.inference_mode():
        output = rough(lightness)
    assert output.dtype == torch.float32
    spread = max(float(whole.std()), 1.0)
    assert float((model.ab(output) - whole).abs().mean()) < 0.25 * spread


def test_categories_are_looked_up_by_name(model: Colorizer) -> None:
    if not model.categories:
        assert model.category(["cats", None]) is None
        return
    first = model.categories[0]
    found = model.category([None, first, "of no such name"])
    assert found is not None
    assert found.tolist() == [-1, 0, -1]
    lightness = _lightness(model.input_size)
    assert model(lightness, found[1:2]).isfinite().all()
