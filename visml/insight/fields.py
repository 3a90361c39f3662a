"""Which pixels a layer's positions see: found by a gradient, for paddings and strides move them off the position."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from visml.insight.carriers import watched
from visml.insight.sweep import Network
from visml.models.base import Layer


@dataclass(frozen=True)
class Field:
    """The square that a layer's positions see.

    Attributes:
        side: in input pixels; 0 where it is as large as the picture.
        start: the first pixel that position 0 sees, negative where that lies outside.
        stride: pixels by which the next position's square lies farther on.
    """

    side: int
    start: float
    stride: float


WHOLE = Field(0, 0.0, 0.0)


def fields(network: Network) -> dict[str, Field]:
    """Each layer's field, by name.

    Where the gradient of the middle position's sum over all filters to the lightness, at random noise, spans as many
    pixels as the layer declares, or the layer declares nothing, these are the pixels. Elsewhere, as in a layer without
    a gradient, the declared square is put around the position's middle.
    """
    size = network.size
    asked = tuple(layer for layer in network.layers if layer.receptive_field < size)
    spans = _spans(network, asked)
    seen = {layer.name: _field(layer, spans.get(layer.name), size) for layer in asked}
    return {layer.name: seen.get(layer.name, WHOLE) for layer in network.layers}


@dataclass(frozen=True)
class Span:
    """The first and last pixel that a position sees."""

    position: int
    first: int
    last: int


def _spans(network: Network, layers: tuple[Layer, ...]) -> dict[str, tuple[Span, Span]]:
    """What the middle and an earlier position see, of the layers that let a gradient through."""
    noise = 100 * torch.rand(1, 1, network.size, network.size, generator=torch.Generator().manual_seed(0))
    lightness = noise.to(network.device).requires_grad_()
    with torch.enable_grad(), watched(network.module, layers) as seen:
        network.module(lightness)
        found = {
            name: [_span(maps, lightness, maps.shape[3] // part) for part in (2, 4)]
            for name, maps in seen.items()
            if maps.requires_grad and maps.shape[3] > 1
        }
    return {name: (middle, other) for name, (middle, other) in found.items() if middle and other}


def _span(maps: Tensor, lightness: Tensor, column: int) -> Span | None:
    """None where nothing of the picture moves the position."""
    value = maps[0, :, maps.shape[2] // 2, column].sum()
    slope = torch.autograd.grad(value, lightness, retain_graph=True, allow_unused=True)[0]
    if slope is None or not slope.any():
        return None
    reached = (slope[0, 0] != 0).any(dim=0).nonzero()
    return Span(column, int(reached[0]), int(reached[-1]))


def _field(layer: Layer, spans: tuple[Span, Span] | None, size: int) -> Field:
    if spans is not None:
        middle, other = spans
        side, clipped = middle.last - middle.first + 1, middle.first == 0 or middle.last == size - 1
        if not clipped and layer.receptive_field in (0, side):
            stride = (middle.last - other.last) / (middle.position - other.position)
            return Field(side, middle.first - middle.position * stride, stride)
    if not layer.receptive_field:
        return WHOLE
    return Field(layer.receptive_field, (layer.stride - layer.receptive_field) / 2, layer.stride)
