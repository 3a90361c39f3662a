"""What speaks for a coloring: how sure the network is, whether it is right, and whether it does the same again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from visml.activations import trace as traces
from visml.activations.summary import Floats
from visml.color import bins
from visml.insight.forward import Forward
from visml.insight.region import Mask


@dataclass(frozen=True)
class Difference:
    """How far an array computed again is from the one kept.

    Attributes:
        name: the layer's.
        same: whether every value is the same to the bit.
        largest: the largest difference of two values, 0 where they are the same; in the array's own units.
    """

    name: str
    same: bool
    largest: float


@dataclass(frozen=True)
class Reproduction:
    """A photo's forward pass run again.

    Attributes:
        output: the second run's output against the kept one.
        layers: the second run's maps against the kept ones, from input to output.
        resumed: the output when the pass goes on from what was kept of a layer, against the kept output.
    """

    output: Difference
    layers: tuple[Difference, ...]
    resumed: tuple[Difference, ...]

    @property
    def same(self) -> bool:
        """Whether the second run gave every layer and the output the same to the bit."""
        return self.output.same and all(each.same for each in self.layers)


def confidence(logits: Tensor) -> Tensor:
    """Probability of the likeliest bin at T = 1, ``(h, w)`` float32 in 0..1, of logits ``(Q, h, w)``."""
    return logits.softmax(dim=0).amax(dim=0)


def right(logits: Tensor, centers: Tensor, ab: Tensor) -> Mask:
    """Whether the likeliest bin is the one nearest to the photo's color: ``(h, w)``.

    A position's true color is that of the pixel in the middle of the square it stands for, as in evaluation.

    Args:
        logits: ``(Q, h, w)``.
        centers: ``(Q, 2)``.
        ab: the photo's own colors, ``(2, S, S)``.
    """
    rows, columns = (_middle(ab.shape[1 + i], logits.shape[1 + i]) for i in (0, 1))
    true = bins.nearest(ab[None][:, :, rows][:, :, :, columns], centers)[0]
    found: Mask = (logits.argmax(dim=0) == true).numpy()
    return found


def again(forward: Forward) -> tuple[Difference, tuple[Difference, ...]]:
    """The whole pass run once more on the kept lightness: its output and each layer's maps against the kept ones."""
    trace = forward.trace
    arrays, output = traces.run(forward.module, forward.lightness, forward.layers, forward.category)
    layers = (difference(layer.name, arrays[trace.array_name(layer.name)], trace[layer.name].maps)
              for layer in forward.layers)  # fmt: skip
    return difference("output", arrays[output], trace.output), tuple(layers)


def resumed(forward: Forward, layer: str) -> Difference:
    """The output when the pass goes on from what was kept of a layer, against the kept output.

    What is kept is float32. In a network computed in bfloat16 a layer whose values were not rounded to it may then
    differ by a rounding.

    Raises:
        InsightRefused: there is no such layer.
    """
    with torch.inference_mode():
        output = forward.resume(layer, forward.maps(layer))[0].cpu()
    return difference(layer, output.contiguous().numpy(), forward.trace.output)


def reproduced(forward: Forward) -> Reproduction:
    """The pass run again, whole and from each layer."""
    output, layers = again(forward)
    return Reproduction(output, layers, tuple(resumed(forward, layer.name) for layer in forward.layers))


def difference(name: str, one: Floats, kept: Floats) -> Difference:
    """How far one float32 array is from the one that was kept, of the same shape."""
    same = one.shape == kept.shape and one.tobytes() == kept.tobytes()
    return Difference(name, same, 0.0 if same else float(np.abs(one.astype(np.float64) - kept).max()))


def _middle(pixels: int, positions: int) -> Tensor:
    """For each of ``positions`` along a side the pixel in the middle of its share, ``(positions,)``."""
    return (torch.arange(positions) * 2 + 1) * pixels // (2 * positions)
