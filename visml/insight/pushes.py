"""Where each filter of a layer pushes a region's color: how far its mean color would go back without the filter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from visml.activations.trace import shared
from visml.insight.ablation import check_filters
from visml.insight.forward import Forward, InsightRefused
from visml.insight.quantity import mean_ab

AT_ONCE = 4  # filters of one batch: memory grows with it, a filter takes as long in any


def pushes(forward: Forward, layer: str, weights: Tensor, temperature: float) -> Tensor:
    """A first-order estimate of every filter's push, of one pass and two backward.

    ``push_c = sum over positions of map_c * d(mean ab) / d(map_c)``: to first order, the region's mean color with the
    filter less that with its map at zero, as far as a straight line tells it (gradient x input; Shrikumar, Greenside,
    Kundaje, "Learning important features through propagating activation differences", ICML 2017, section 2.3).

    Args:
        forward: the photo's pass.
        layer: name of a layer.
        weights: of the output's positions ``(h, w)``, see :func:`visml.insight.region.weights`.
        temperature: of the decoding, above 0; a network without bins does not read it.

    Returns:
        ``(C, 2)`` float32 on the CPU: in a and in b, in Lab units; positive is toward red and toward yellow.

    Raises:
        InsightRefused: there is no such layer, or the temperature is 0 and there are bins.
    """
    with torch.enable_grad():
        maps = forward.maps(layer).clone().requires_grad_()
        output = forward.resume(layer, maps * 1)  # a copy, which a ReLU in place may write to
        color = mean_ab(output, forward.centers, weights, temperature)[0]
        return torch.stack([_effect(each, maps) for each in color], dim=1).float().cpu()


def exact_pushes(forward: Forward, layer: str, filters: Sequence[int], weights: Tensor, temperature: float) -> Tensor:
    """Filters' pushes as they are: the region's mean color less that with the filter's map at zero, one at a time.

    Args:
        forward: the photo's pass.
        layer: name of a layer.
        filters: numbers of its filters, from 0; at least one. A silent one costs nothing: it pushes nowhere.
        weights: of the output's positions ``(h, w)``.
        temperature: of the decoding, above 0; a network without bins does not read it.

    Returns:
        ``(len(filters), 2)`` float32 on the CPU, in Lab units, as :func:`pushes` gives them.

    Raises:
        InsightRefused: there is no such layer or filter, none is named, or the temperature is 0 and there are bins.
    """
    check_filters(forward.layer(layer), filters)
    if not filters:
        raise InsightRefused("Name at least one filter.")
    with torch.inference_mode():
        maps = forward.maps(layer)
        own = mean_ab(shared(forward.trace.output).unsqueeze(0), forward.centers, weights, temperature)
        pushed = torch.zeros(len(filters), 2)
        for places, values in _without(maps, filters):
            color = mean_ab(forward.resume(layer, values), forward.centers, weights, temperature)
            pushed[places] = own - color.float().cpu()
        return pushed


def _effect(color: Tensor, maps: Tensor) -> Tensor:
    """The sum of gradient x input over each map, ``(C,)``; zero where the color does not hang on the layer."""
    if not color.requires_grad:
        return torch.zeros(maps.shape[1])
    (gradient,) = torch.autograd.grad(color, maps, retain_graph=True, allow_unused=True, materialize_grads=True)
    return torch.sum(gradient * maps.detach(), dim=(0, 2, 3))


def _without(maps: Tensor, filters: Sequence[int]) -> Iterator[tuple[list[int], Tensor]]:
    """Batches of the maps ``(1, C, H, W)``, in each copy another filter at zero, and its places among ``filters``."""
    answering = [place for place, each in enumerate(filters) if maps[0, each].any()]
    for start in range(0, len(answering), AT_ONCE):
        places = answering[start : start + AT_ONCE]
        values = maps.repeat(len(places), 1, 1, 1)
        for row, place in enumerate(places):
            values[row, filters[place]] = 0
        yield places, values
