"""A forward pass run again: from the start, from a layer, and with layers edited, in every family."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tests.families import TINY
from visml.activations.recorder import record
from visml.color import bins
from visml.insight.forward import InsightRefused
from visml.inspector import Inspection, Inspector
from visml.models import registry


def in_family(name: str, photo: np.ndarray) -> Inspection:
    torch.manual_seed(1)
    model = registry.build(TINY[name].family, TINY[name].arguments).eval()
    return Inspector.wrap(model).open(photo)


@pytest.mark.parametrize("family", TINY)
def test_going_on_from_any_layer_gives_the_output(family: str, astronaut: np.ndarray) -> None:
    opened = in_family(family, astronaut)
    with opened.forward() as forward, torch.inference_mode():
        for layer in forward.layers:
            resumed = forward.resume(layer.name, forward.maps(layer.name))
            torch.testing.assert_close(resumed[0], torch.tensor(opened.trace.output), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("family", TINY)
def test_edits_of_two_layers_are_those_of_one_whole_pass(family: str, astronaut: np.ndarray) -> None:
    opened = in_family(family, astronaut)
    first, second = opened.layers[0].name, opened.layers[-2].name
    edits = {first: lambda maps: maps * 0.5, second: lambda maps: maps + 1.0}
    with opened.forward() as forward:
        edited = forward.edited(edits)[0]
        whole = by_hooks(forward.module, forward.lightness, {forward.layer(name).module: edits[name] for name in edits})
    np.testing.assert_allclose(edited.numpy(), whole.numpy(), rtol=1e-4, atol=1e-4)


def by_hooks(module: nn.Module, lightness: Tensor, edits: dict[str, object]) -> Tensor:
    hooks = [
        module.get_submodule(path).register_forward_hook(lambda part, inputs, output, edit=edit: edit(output))
        for path, edit in edits.items()
    ]
    with torch.inference_mode():
        output: Tensor = module(lightness)[0]
    for hook in hooks:
        hook.remove()
    return output


def test_what_was_kept_is_not_written_to(opened: Inspection) -> None:
    before = opened["conv2"].maps.copy()
    with opened.forward() as forward:
        forward.edited({"conv2": torch.zeros_like, "conv5": torch.zeros_like})
    np.testing.assert_array_equal(opened["conv2"].maps, before)


def test_no_hook_stays(opened: Inspection) -> None:
    with opened.forward() as forward:
        with pytest.raises(RuntimeError):
            forward.edited({"conv2": torch.zeros_like, "conv5": lambda maps: maps[:, :1].expand(1, 3, 5, 5)})
        with torch.inference_mode(), record(forward.module, forward.layers) as kept:
            output = forward.run()
    np.testing.assert_array_equal(output[0].numpy(), opened.trace.output)
    np.testing.assert_array_equal(kept["conv5"][0].numpy(), opened["conv5"].maps)


def test_an_unknown_layer_is_refused(opened: Inspection) -> None:
    with opened.forward() as forward, pytest.raises(InsightRefused, match="no layer 'conv9'"):
        forward.edited({"conv9": torch.zeros_like})


def test_without_the_network_it_says_so(opened: Inspection) -> None:
    with pytest.raises(InsightRefused, match="open the photo again"), Inspection(opened.trace).forward():
        pass


def test_gradients_reach_the_lightness(opened: Inspection) -> None:
    with opened.forward() as forward:
        lightness = forward.lightness.requires_grad_()
        assert forward.centers is not None
        bins.decode(forward.run(), forward.centers).sum().backward()
    assert lightness.grad is not None
    assert float(lightness.grad.abs().sum()) > 0
