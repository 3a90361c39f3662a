"""Parts that several networks share: the normalization of lightness, and the trunk of the nine-block network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from torch import Tensor, nn

from visml.models.base import Layer

LIGHTNESS_CENTER, LIGHTNESS_SCALE = 50.0, 100.0
AB_UNIT = 110.0  # about the largest a or b of sRGB; the published weights count in it


class Normalize(nn.Module):
    """``(L - 50) / 100``: lightness 0..100 to -0.5..0.5."""

    def forward(self, lightness: Tensor) -> Tensor:
        return (lightness - LIGHTNESS_CENTER) / LIGHTNESS_SCALE


class LabUnits(nn.Module):
    """``110 x``: what a last convolution gives, about -1..1, to ab in Lab units, float32 of the same shape."""

    def forward(self, values: Tensor) -> Tensor:
        return AB_UNIT * values.float()


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


def initialize(module: nn.Module, how: str = "he") -> None:
    """Weights of every convolution and linear layer drawn anew, biases 0.

    Args:
        module: what to initialize, all its parts included.
        how: ``he``, variance 2 over the inputs (He et al. 2015, section 2.2), ``xavier``, uniform with variance 2
            over inputs plus outputs (Glorot and Bengio 2010, equation 16), or ``normal``, standard deviation 0.02.
    """
    for part in module.modules():
        if isinstance(part, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            INITIALIZATIONS[how](part.weight)
            if part.bias is not None:
                nn.init.zeros_(part.bias)


def _he(weight: Tensor) -> None:
    nn.init.kaiming_normal_(weight, nonlinearity="relu")


def _normal(weight: Tensor) -> None:
    nn.init.normal_(weight, std=0.02)


INITIALIZATIONS: dict[str, Callable[[Tensor], object]] = {
    "he": _he,
    "xavier": nn.init.xavier_uniform_,
    "normal": _normal,
}


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
