"""The 70x70 PatchGAN of Isola et al. 2017: which patches of a picture look real, given the gray one."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from visml.models import blocks
from visml.models.base import Layer

SLOPE = 0.2  # of the leaky ReLUs below 0


@dataclass(frozen=True)
class Stage:
    """A 4x4 convolution of the critic.

    Attributes:
        name: of its layer.
        channels: at full width.
        step: of the convolution.
        stride: input pixels from one position to the next.
        receptive_field: side in input pixels of what a position sees.
    """

    name: str
    channels: int
    step: int
    stride: int
    receptive_field: int


STAGES = (
    Stage("down1", 64, 2, 2, 4),
    Stage("down2", 128, 2, 4, 10),
    Stage("down3", 256, 2, 8, 22),
    Stage("down4", 512, 1, 8, 46),
)
VERDICT = Stage("verdict", 1, 1, 8, 70)


class Critic(nn.Module):
    """A gray and a painted picture to a verdict on each patch of 70x70 pixels, 8 pixels apart.

    Convolutions of 4x4: C64-C128-C256-C512, then one channel (appendix 6.1.2); BatchNorm in all but the first and the
    last, leaky ReLU. As in the released code, the last two have stride 1, which makes the patch 70 pixels wide; each
    of them gives a map one position smaller than its input.

    Args:
        width: share of the paper's channels; 1.0 has 2.77 million parameters.
    """

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        before = 4
        for stage in STAGES:
            after = blocks.scaled(stage.channels, width)
            self.add_module(stage.name, contracting(before, after, stage.step, norm=stage is not STAGES[0]))
            before = after
        self.verdict = nn.Sequential(nn.Conv2d(before, VERDICT.channels, 4, VERDICT.step, 1))

    def forward(self, lightness: Tensor, rgb: Tensor) -> Tensor:
        """Logits ``(N, 1, h, w)``, above 0 for patches that look real.

        Args:
            lightness: ``(N, 1, H, W)`` in 0..100; H and W are at least 24.
            rgb: the picture judged, ``(N, 3, H, W)`` in 0..1.
        """
        value = torch.cat([gray(lightness), 2 * rgb - 1], dim=1)
        for stage in self.children():
            value = stage(value)
        return value

    def layers(self, path: str) -> tuple[Layer, ...]:
        """Its layers, for a network that holds it at a dotted path."""
        return tuple(self._layer(stage, f"{path}.{stage.name}") for stage in (*STAGES, VERDICT))

    def _layer(self, stage: Stage, module: str) -> Layer:
        channels = self.get_submodule(f"{stage.name}.0").get_parameter("weight").shape[0]
        return Layer(stage.name, module, channels, stage.stride, stage.receptive_field, False, f"{module}.0")


def gray(lightness: Tensor) -> Tensor:
    """The gray picture as generator and critic take it: lightness 0..100 to -1..1."""
    return lightness / 50 - 1


def contracting(before: int, after: int, step: int = 2, *, norm: bool = True) -> nn.Sequential:
    """4x4 convolution, BatchNorm where ``norm`` says so, leaky ReLU; the convolution has a bias where there is none."""
    stage = nn.Sequential(nn.Conv2d(before, after, 4, step, 1, bias=not norm))
    if norm:
        stage.append(nn.BatchNorm2d(after))
    return stage.append(nn.LeakyReLU(SLOPE))
