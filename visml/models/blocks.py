"""Parts that several networks share: the normalization of lightness, and the trunk of the nine-block network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from torch import Tensor, nn

from visml.models.base import Layer

LIGHTNESS_CENTER, LIGHTNESS_SCALE = 50.0, 100.0


class Normalize(nn.Module):
    """``(L - 50) / 100``: lightness 0..100 to -0.5..0.5."""

    def forward(self, lightness: Tensor) -> Tensor:
        return (lightness - LIGHTNESS_CENTER) / LIGHTNESS_SCALE


@dataclass(frozen=True)
class Block:
    """A run of 3x3 convolutions, each with a ReLU, at full width."""

    name: str
    convolutions: int
    channels: int
    last_stride: int
    dilation: int
    stride: int
    receptive_field: int


TRUNK = (
    Block("conv1", 2, 64, 2, 1, 2, 5),
    Block("conv2", 2, 128, 2, 1, 4, 13),
    Block("conv3", 3, 256, 2, 1, 8, 37),
    Block("conv4", 3, 512, 1, 1, 8, 85),
    Block("conv5", 3, 512, 1, 2, 8, 181),
    Block("conv6", 3, 512, 1, 2, 8, 277),
    Block("conv7", 3, 512, 1, 1, 8, 325),
    Block("conv8", 3, 256, 1, 1, 4, 349),
)


def trunk(width: float = 1.0) -> nn.Sequential:
    """conv1 .. conv8 of Zhang et al. 2016: normalized lightness ``(N,1,H,W)`` to features ``(N, 256 width, H/4, W/4)``.

    conv1 to conv7 end in ReLU, BatchNorm; conv8 begins with a transposed convolution and has no BatchNorm.
    """
    stages = nn.Sequential()
    channels = 1
    for block in TRUNK:
        out = scaled(block.channels, width)
        stages.add_module(
            block.name, _upscaling(channels, out) if block.name == "conv8" else _block(block, channels, out)
        )
        channels = out
    return stages


def trunk_layers(width: float = 1.0, path: str = "trunk") -> tuple[Layer, ...]:
    """The trunk's layers, each kept at its block's last ReLU, before BatchNorm."""
    return tuple(_layer(block, width, path) for block in TRUNK)


def resume_trunk(stages: nn.Sequential, layer: str, value: Tensor) -> Tensor:
    """The trunk's output when ``value`` stands at the last ReLU of block ``layer``."""
    blocks = dict(stages.named_children())
    names = list(blocks)
    at = names.index(layer)
    value = cast(nn.Sequential, blocks[layer])[last_relu(layer) + 1 :](value)
    for name in names[at + 1 :]:
        value = blocks[name](value)
    return value


def last_relu(block: str) -> int:
    """The place of a block's last ReLU among its modules: convolution, ReLU, ..., convolution, ReLU."""
    return 2 * next(each.convolutions for each in TRUNK if each.name == block) - 1


def scaled(channels: int, width: float) -> int:
    """``channels`` at ``width`` times the paper's width, at least 1."""
    return max(1, round(channels * width))


def initialize(module: nn.Module) -> None:
    """He initialization of every convolution and linear layer (He et al. 2015, section 2.2), biases 0."""
    for part in module.modules():
        if isinstance(part, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            nn.init.kaiming_normal_(part.weight, nonlinearity="relu")
            if part.bias is not None:
                nn.init.zeros_(part.bias)


def _block(block: Block, channels: int, out: int) -> nn.Sequential:
    stage = nn.Sequential()
    for index in range(block.convolutions):
        stride = block.last_stride if index == block.convolutions - 1 else 1
        stage.append(nn.Conv2d(channels, out, 3, stride, block.dilation, block.dilation)).append(nn.ReLU())
        channels = out
    return stage.append(nn.BatchNorm2d(out))


def _upscaling(channels: int, out: int) -> nn.Sequential:
    stage = nn.Sequential(nn.ConvTranspose2d(channels, out, 4, 2, 1), nn.ReLU())
    for _ in range(2):
        stage.append(nn.Conv2d(out, out, 3, padding=1)).append(nn.ReLU())
    return stage


def _layer(block: Block, width: float, path: str) -> Layer:
    at = last_relu(block.name)
    return Layer(
        name=block.name,
        module=f"{path}.{block.name}.{at}",
        channels=scaled(block.channels, width),
        stride=block.stride,
        receptive_field=block.receptive_field,
        rectified=True,
        convolution=f"{path}.{block.name}.{at - 1}",
        dilation=block.dilation,
    )
