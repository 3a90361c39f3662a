"""Recording: what is kept, and that nothing stays behind."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from visml.activations.recorder import RecordingRefused, as_maps, record
from visml.models.base import Layer


def layer(name: str, module: str, channels: int = 4) -> Layer:
    return Layer(name, module, channels, stride=1, receptive_field=3, rectified=True)


@pytest.fixture
def net() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 2, 1)).eval()


def hooks(net: nn.Module) -> int:
    return sum(len(part._forward_hooks) for part in net.modules())


def test_keeps_what_the_module_gave(net: nn.Sequential) -> None:
    x = torch.rand(1, 1, 5, 5)
    with record(net, [layer("first", "1")]) as kept:
        net(x)
    assert list(kept) == ["first"]
    torch.testing.assert_close(kept["first"], net[1](net[0](x)), rtol=0, atol=0)


def test_what_is_kept_has_no_graph(net: nn.Sequential) -> None:
    with record(net, [layer("first", "1")]) as kept:
        net(torch.rand(1, 1, 5, 5))
    assert not kept["first"].requires_grad


def test_the_models_own_layers_are_the_default(net: nn.Sequential) -> None:
    net.layers = (layer("a", "0"), layer("b", "2", 2))  # type: ignore[assignment]
    with record(net) as kept:
        net(torch.rand(1, 1, 5, 5))
    assert list(kept) == ["a", "b"]


def test_changes_in_place_come_too_late() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(inplace=True))
    x = torch.randn(1, 1, 6, 6)
    with torch.inference_mode(), record(net, [layer("raw", "0")]) as kept:
        net(x)
    with record(net, [layer("raw", "0")], as_maps) as maps, torch.inference_mode():
        net(x)
    assert kept["raw"].min() < 0
    assert maps["raw"].min() < 0


def test_hooks_go_when_the_block_ends(net: nn.Sequential) -> None:
    with record(net, [layer("a", "0"), layer("b", "1")]):
        assert hooks(net) == 2
    assert hooks(net) == 0


def test_hooks_go_when_the_block_raises(net: nn.Sequential) -> None:
    with pytest.raises(ZeroDivisionError), record(net, [layer("a", "0")]):
        raise ZeroDivisionError
    assert hooks(net) == 0


def test_hooks_go_when_a_layer_is_missing(net: nn.Sequential) -> None:
    with (
        pytest.raises(RecordingRefused, match="no module '9' for 'b'"),
        record(net, [layer("a", "0"), layer("b", "9")]),
    ):
        pass
    assert hooks(net) == 0


def test_hooks_go_when_the_network_raises(net: nn.Sequential) -> None:
    with pytest.raises(RuntimeError), record(net, [layer("a", "0")]):
        net(torch.rand(1, 7, 5, 5))
    assert hooks(net) == 0


def test_other_hooks_stay(net: nn.Sequential) -> None:
    net[0].register_forward_hook(lambda *_: None)
    with record(net, [layer("a", "0")]):
        pass
    assert hooks(net) == 1


def test_an_output_that_is_no_tensor_is_refused() -> None:
    class Pair(nn.Module):
        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            return x, x

    net = nn.Sequential(Pair())
    with pytest.raises(RecordingRefused, match="gives tuple, not a tensor"), record(net, [layer("pair", "0")]):
        net(torch.rand(1, 1, 2, 2))


def test_maps_are_float32_contiguous_and_their_own() -> None:
    output = torch.randn(1, 3, 4, 5, dtype=torch.bfloat16).to(memory_format=torch.channels_last)
    maps = as_maps(output)
    assert maps.shape == (3, 4, 5)
    assert maps.dtype == torch.float32
    assert maps.is_contiguous()
    torch.testing.assert_close(maps, output[0].float(), rtol=0, atol=0)
    same_kind = torch.randn(1, 3, 4, 5)
    assert as_maps(same_kind).data_ptr() != same_kind.data_ptr()


@pytest.mark.parametrize("shape", [(2, 3, 4, 4), (3, 4, 4), (1, 8)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(RecordingRefused, match="shape"):
        as_maps(torch.zeros(shape))
