"""Which pixels a layer sees: against changing one pixel after another, and layers that tell nothing of themselves."""

from __future__ import annotations

import torch
from torch import nn

from visml.activations.recorder import record
from visml.insight.fields import WHOLE, Field, fields
from visml.inspector import Inspector


def test_the_nine_blocks_see_what_they_declare_around_a_multiple_of_their_stride(inspector: Inspector) -> None:
    with inspector.running() as network:
        found = fields(network)
    assert {name: each for name, each in found.items() if each.side} == {
        "conv1": Field(5, -2, 2),
        "conv2": Field(13, -6, 4),
        "conv3": Field(37, -18, 8),
        "conv4": Field(85, -42, 8),
        "conv5": Field(181, -90, 8),
    }
    assert found["conv6"] == found["conv8"] == found["bins"] == WHOLE


def test_a_module_that_declares_nothing_is_looked_through() -> None:
    """By changing one column of the picture after another."""
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(1, 3, 4, 3, 1), nn.ReLU(), nn.Conv2d(3, 3, (1, 3)), nn.ReLU(), nn.Conv2d(3, 2, 1)
    ).eval()
    inspector = Inspector.wrap(net)
    with inspector.running() as network, torch.no_grad(), record(net, network.layers) as maps:
        size, name = network.size, network.layers[1].name
        seen = 100 * torch.rand(1, 1, size, size)
        net(seen)
        before, column = maps[name].clone(), 20
        moved = []
        for x in range(40, 90):
            changed = seen.clone()
            changed[..., x] += 7
            net(changed)
            if not torch.equal(maps[name][..., column], before[..., column]):
                moved.append(x)
        found = fields(network)[name]
    assert found.stride == 3
    assert moved == list(range(int(found.start) + 3 * column, int(found.start) + 3 * column + found.side))


def test_a_layer_without_a_gradient_that_declares_nothing_may_see_everything() -> None:
    class Steps(nn.Module):
        def forward(self, lightness: torch.Tensor) -> torch.Tensor:
            return (lightness > 50).float().expand(-1, 2, -1, -1).clone()

    inspector = Inspector.wrap(nn.Sequential(Steps(), nn.Identity()), layers=["0"])
    with inspector.running() as network:
        assert fields(network) == {"0": WHOLE}
