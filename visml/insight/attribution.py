"""Which pixels of the lightness, and which filters, a quantity of the output hangs on.

All of it is to be asked of a forward pass in float32 (``trace.forward(exact=True)``): gradients amplify the rounding of
a network in bfloat16.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from visml.insight.forward import Forward, InsightRefused
from visml.insight.quantity import Quantity
from visml.insight.region import Region, weights

METHODS = ("gradient_x_input", "integrated_gradients", "occlusion")
BASELINES = ("gray", "mean")
GRAY = 50.0  # the networks' normalized lightness is 0 there
WINDOW, STRIDE = 16, 8
PARTS, STEPS = 24, 4
_BATCH = 3


@dataclass(frozen=True)
class Attribution:
    """How much each pixel's lightness, or a part of its change, adds to a quantity.

    Attributes:
        map: ``(S, S)`` float32 on the CPU, in the quantity's unit.
        low: the quantity where the change begins: at the baseline, or where the part before ended.
        high: the quantity where it ends: on the photo, or where the next part begins.
    """

    map: Tensor = field(repr=False)
    low: float
    high: float

    @property
    def missing(self) -> float:
        """By how much the map's sum misses the difference of the quantity; 0 is complete."""
        return float(self.map.double().sum()) - (self.high - self.low)


@dataclass(frozen=True)
class Question:
    """A quantity of a photo's output over a region.

    Attributes:
        forward: the photo's forward pass, in float32.
        quantity: what is asked about.
        region: where in the output, in pixels of the photo.
    """

    forward: Forward
    quantity: Quantity
    region: Region

    def of(self, lightness: Tensor) -> Tensor:
        """The quantity ``(N,)`` of lightness ``(N, 1, S, S)``.

        Raises:
            InsightRefused: the network or the photo has no such quantity or region.
        """
        output = self.forward.run(lightness)
        return self.quantity.of(output, self.forward.centers, self._weights)

    def at(self, lightness: Tensor) -> float:
        """The quantity of one lightness ``(1, 1, S, S)``."""
        with torch.inference_mode():
            return float(self.of(lightness))

    @property
    def _weights(self) -> Tensor:
        mask = self.region.mask(self.forward.lightness.shape[-1])
        return weights(mask, *self.forward.trace.output.shape[1:])


def level(lightness: Tensor, baseline: str) -> float:
    """The lightness that stands for nothing to see: 50 for ``gray``, the photo's mean for ``mean``.

    Raises:
        InsightRefused: the baseline is another word.
    """
    if baseline not in BASELINES:
        raise InsightRefused(f"The baseline must be one of {', '.join(BASELINES)}.")
    return GRAY if baseline == "gray" else float(lightness.mean())


def parts(method: str, size: int) -> int:
    """In how many parts a method can be asked of a photo of ``size`` x ``size`` pixels.

    Raises:
        InsightRefused: there is no such method.
    """
    if method not in METHODS:
        raise InsightRefused(f"The method must be one of {', '.join(METHODS)}.")
    return {"gradient_x_input": 1, "integrated_gradients": PARTS, "occlusion": len(_tops(size))}[method]


def attribution(
    question: Question, method: str = METHODS[0], baseline: str = BASELINES[0], part: int | None = None
) -> Attribution:
    """How much each pixel's lightness adds to a quantity.

    With x the lightness, x0 the baseline (the same lightness everywhere) and F the quantity:

    - ``gradient_x_input``: ``(x - x0) dF/dx``. With the baseline 50 this is the gradient times the network's own
      normalized input (Shrikumar et al. 2016, "Not just a black box").
    - ``integrated_gradients``: ``(x - x0)`` times the mean of ``dF/dx`` on the straight path from x0 to x (Sundararajan
      et al. 2017, "Axiomatic attribution for deep networks"), by captum. A part is the same between two points of the
      path; parts sum to the whole, and its sum is ``F(x) - F(x0)`` but for the error of 24 x 4 Gauss-Legendre steps.
    - ``occlusion``: by how much F falls when a window of 16 x 16 pixels is replaced by the baseline, mean of all
      windows over a pixel; windows stand 8 pixels apart (Zeiler and Fergus 2014, "Visualizing and understanding
      convolutional networks"), by captum. A part is a row of windows; parts sum to the whole.

    Args:
        question: what is asked about, and of which photo.
        method: one of :data:`METHODS`.
        baseline: one of :data:`BASELINES`.
        part: from 0, fewer than :func:`parts`; all of them when None.

    Raises:
        InsightRefused: there is no such method, baseline, part, region or quantity, or the network has no gradient.
    """
    count = parts(method, question.forward.lightness.shape[-1])
    if part is None:
        return _joined([attribution(question, method, baseline, each) for each in range(count)], method)
    if not 0 <= part < count:
        raise InsightRefused(f"Parts of this method are counted from 0 to {count - 1}.")
    start = torch.full_like(question.forward.lightness, level(question.forward.lightness, baseline))
    return {"gradient_x_input": _gradient, "integrated_gradients": _integrated, "occlusion": _occluded}[method](
        question, start, part
    )


def _joined(all_parts: list[Attribution], method: str) -> Attribution:
    first, last = all_parts[0], all_parts[-1]
    return Attribution(torch.stack([part.map for part in all_parts]).sum(dim=0), first.low, last.high)


def _gradient(question: Question, start: Tensor, part: int) -> Attribution:
    lightness = question.forward.lightness
    high, slope = _slope(question, lightness)
    return Attribution(_plane((lightness - start) * slope), question.at(start), high)


def _integrated(question: Question, start: Tensor, part: int) -> Attribution:
    from captum.attr import IntegratedGradients

    whole = question.forward.lightness - start
    ends = [start + whole * (point / PARTS) for point in (part, part + 1)]
    if part == 0:
        _slope(question, start)  # says so where there is no gradient
    map_ = IntegratedGradients(question.of).attribute(
        ends[1], baselines=ends[0], n_steps=STEPS, method="gausslegendre", internal_batch_size=_BATCH
    )
    return Attribution(_plane(map_), *map(question.at, ends))


def _occluded(question: Question, start: Tensor, part: int) -> Attribution:
    """A row of windows: captum's occlusion of a strip of the photo, shared among the rows that lie over a pixel."""
    from captum.attr import Occlusion

    lightness, size = question.forward.lightness, start.shape[-1]
    strip = slice(_tops(size)[part], min(size, _tops(size)[part] + WINDOW))

    def with_strip(rows: Tensor) -> Tensor:
        seen = lightness.expand(len(rows), -1, -1, -1).clone()
        seen[:, :, strip] = rows
        return question.of(seen)

    height = strip.stop - strip.start
    with torch.no_grad():
        fell = Occlusion(with_strip).attribute(
            lightness[:, :, strip],
            sliding_window_shapes=(1, height, min(WINDOW, size)),
            strides=(1, height, STRIDE),
            baselines=start[:, :, strip],
            perturbations_per_eval=_BATCH,
        )
    map_ = torch.zeros_like(start)
    map_[:, :, strip] = fell.float() / _rows_over(size)[strip, None].to(start.device)
    return Attribution(_plane(map_), question.at(start), question.at(lightness))


def _tops(size: int) -> range:
    """The first rows of the rows of windows; the last window may hang over the edge."""
    return range(0, max(size - WINDOW, 0) + STRIDE, STRIDE)


def _rows_over(size: int) -> Tensor:
    """How many rows of windows lie over each row of pixels, ``(S,)``."""
    row = torch.arange(size)
    return torch.stack([(row >= top) & (row < top + WINDOW) for top in _tops(size)]).sum(dim=0).float()


def _slope(question: Question, lightness: Tensor) -> tuple[float, Tensor]:
    """The quantity and its gradient."""
    seen = lightness.detach().clone().requires_grad_()
    with torch.enable_grad():
        value = question.of(seen).sum()
        slope = torch.autograd.grad(value, seen, allow_unused=True)[0] if value.requires_grad else None
    if slope is None:
        raise InsightRefused("This network lets no gradient through to the lightness; ask by occlusion.")
    return float(value.detach()), slope


def _plane(map_: Tensor) -> Tensor:
    return map_.detach()[0, 0].float().cpu()
