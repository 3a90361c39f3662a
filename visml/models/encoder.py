"""Modules of 4x4 convolution, BatchNorm and ReLU that halve a picture's sides or double them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from visml.models.base import Layer
from visml.settings import Refused

SIZE = 128
MAPS = {"large": (32, 64, 128, 256, 256, 512), "small": (8, 16, 32, 64, 128, 256)}
CHROMA_LEAST, CHROMA_SPAN = -128.0, 255.0  # 8-bit Lab: a share s of 0..1 stands for a or b = 255 s - 128
SIDES = 2 ** len(MAPS["large"])  # what the sides of a picture must be multiples of to be halved so often
_SMALL = 0.01
# Input pixels from one position to the next, and side in input pixels of what a position and one of its branch see.
# Upwards a position sees two or three of the code's, depending on where it lies.
_PLACES = {
    "down1": (2, 4, 2),
    "down2": (4, 10, 6),
    "down3": (8, 22, 14),
    "down4": (16, 46, 30),
    "down5": (32, 94, 62),
    "down6": (64, 190, 126),
    "up1": (32, 254, 190),
    "up2": (16, 318, 254),
    "up3": (8, 318, 318),
    "up4": (4, 318, 318),
    "up5": (2, 318, 318),
    "up6": (1, 318, 318),
}


class EncoderRefused(Refused):
    """Maps that no encoder has, or a picture that cannot be halved so often."""


class Module(nn.Module):
    """``relu(norm(convolution(x)) + branch(x))``; the last one of a network is ``convolution(x) + branch(x)`` alone.

    Args:
        convolution: halves or doubles the sides.
        branch: beside it, from the same input to the same shape; without one nothing is added.
        channels: of both outputs; 0 for the last module, which ends without BatchNorm and ReLU.
    """

    def __init__(self, convolution: nn.Module, branch: nn.Module | None, channels: int) -> None:
        super().__init__()
        self.convolution = convolution
        self.norm = nn.BatchNorm2d(channels) if channels else nn.Identity()
        self.branch = branch
        self.relu = nn.ReLU() if channels else nn.Identity()

    def forward(self, maps: Tensor) -> Tensor:
        value: Tensor = self.norm(self.convolution(maps))
        added = value if self.branch is None else value + self.branch(maps)
        return self.relu(added)  # type: ignore[no-any-return]


def chosen_maps(maps: str) -> tuple[int, ...]:
    """How many maps each of the six modules gives, for ``large`` or ``small``.

    Raises:
        EncoderRefused: it is neither.
    """
    if maps not in MAPS:
        raise EncoderRefused(f"There are no maps '{maps}'; there are {', '.join(sorted(MAPS))}.")
    return MAPS[maps]


def check_sides(lightness: Tensor) -> None:
    """Refuse lightness ``(N, 1, H, W)`` whose sides cannot be halved six times.

    Raises:
        EncoderRefused: H or W is no multiple of 64.
    """
    height, width = lightness.shape[2:]
    if height % SIDES or width % SIDES:
        raise EncoderRefused(f"This network needs sides that are multiples of {SIDES} pixels, not {width} x {height}.")


def start_near_gray(network: nn.Module, last: str) -> None:
    """Make the weights of a network's last module, by its dotted path, small: training starts near ab = 0.

    He's weights suit what a ReLU follows; on the output they mean colors a hundred units off to begin with.
    """
    with torch.no_grad():
        for part in network.get_submodule(last).modules():
            if isinstance(part, nn.Conv2d | nn.ConvTranspose2d):
                part.weight.mul_(_SMALL)


def down(maps: Sequence[int], residual: bool = False) -> dict[str, nn.Module]:
    """``down1`` .. ``down6``: lightness ``(N, 1, H, W)`` to ``(N, maps[-1], H/64, W/64)``.

    Args:
        maps: how many each module gives.
        residual: whether each has a branch: the mean over 2x2 positions, a 1x1 convolution, BatchNorm.
    """
    pairs = pairwise((1, *maps))
    return {f"down{number}": _down(before, after, residual) for number, (before, after) in enumerate(pairs, 1)}


def up(maps: Sequence[int], out: int, residual: bool = False) -> dict[str, nn.Module]:
    """``up1`` .. ``up6``: what :func:`down` gives to ``(N, out, H, W)`` without BatchNorm and ReLU at the end.

    Args:
        maps: as for :func:`down`, walked back from the last.
        out: maps of the last module.
        residual: whether each has a branch: a 1x1 convolution, BatchNorm, every position repeated 2x2.
    """
    pairs = list(pairwise((*reversed(maps), out)))
    last = len(pairs)
    return {f"up{number}": _up(*pair, residual, number == last) for number, pair in enumerate(pairs, 1)}


def layers(modules: Mapping[str, nn.Module], path: str) -> tuple[Layer, ...]:
    """The layers of modules of :func:`down` and :func:`up` in turn, a branch's before its module's.

    Args:
        modules: by name.
        path: dotted path of what holds them.
    """
    found: list[Layer] = []
    for name, module in modules.items():
        assert isinstance(module, Module)
        if module.branch is not None:
            found.append(_branch_layer(name, module, path))
        found.append(_layer(name, module, path))
    return tuple(found)


def _down(before: int, after: int, residual: bool) -> Module:
    branch = nn.Sequential(nn.AvgPool2d(2), *_projection(before, after)) if residual else None
    return Module(nn.Conv2d(before, after, 4, 2, 1, bias=False), branch, after)


def _up(before: int, after: int, residual: bool, last: bool) -> Module:
    projection = _projection(before, after)[: 1 if last else 2]
    branch = nn.Sequential(*projection, nn.Upsample(scale_factor=2)) if residual else None
    return Module(nn.ConvTranspose2d(before, after, 4, 2, 1, bias=last), branch, 0 if last else after)


def _projection(before: int, after: int) -> tuple[nn.Module, nn.Module]:
    return nn.Conv2d(before, after, 1, bias=False), nn.BatchNorm2d(after)


def _layer(name: str, module: Module, path: str) -> Layer:
    stride, field, _ = _PLACES[name]
    rectified = isinstance(module.relu, nn.ReLU)
    return Layer(name, f"{path}.{name}", _channels(module), stride, field, rectified, f"{path}.{name}.convolution")


def _branch_layer(name: str, module: Module, path: str) -> Layer:
    assert isinstance(module.branch, nn.Sequential)
    stride, _, field = _PLACES[name]
    place = next(index for index, part in enumerate(module.branch) if isinstance(part, nn.Conv2d))
    branch = f"{path}.{name}.branch"
    return Layer(f"{name}_branch", branch, _channels(module), stride, field, False, f"{branch}.{place}")


def _channels(module: Module) -> int:
    assert isinstance(module.convolution, nn.Conv2d | nn.ConvTranspose2d)
    return module.convolution.out_channels
