"""A model as a painter: its ab at the input's size, and how its likeliest bins compare with the true ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from visml.color import bins, lab
from visml.models.base import Colorizer
from visml.settings import Refused

RELAXED = 5  # relaxed accuracy asks for the true bin among this many


class EvaluationRefused(Refused):
    """A network without colors, a folder none of whose pictures can be scored, or an impossible temperature."""


@dataclass(frozen=True)
class Guesses:
    """What a model with bins says at each position of its output, all ``(N, h, w)``.

    Attributes:
        right: whether the likeliest bin is the true one.
        among_five: whether the true one is among the five likeliest.
        confidence: probability of the likeliest bin at T = 1, float64 in 0..1.
    """

    right: npt.NDArray[np.bool_]
    among_five: npt.NDArray[np.bool_]
    confidence: npt.NDArray[np.float64]


class ModelPainter:
    """A model behind the few questions that an evaluation asks; nothing is recorded."""

    def __init__(self, model: Colorizer, temperature: float) -> None:
        """Prepare a model.

        Args:
            model: any colorizer; it is put into eval mode and stays where it is, in the precision it has.
            temperature: of decoding, 0 or more.
        """
        self.temperature = temperature
        self._model = model.eval()
        self._device = next((weight.device for weight in model.parameters()), torch.device("cpu"))

    @property
    def has_bins(self) -> bool:
        """Whether the model gives distributions over bins rather than colors."""
        return self._model.centers is not None

    @torch.inference_mode()
    def output(self, lightness: Tensor, categories: Sequence[str | None]) -> Tensor:
        """The model's output, float32 on its device, of lightness ``(N, 1, S, S)`` in 0..100.

        Args:
            lightness: what it sees.
            categories: the pictures' own, which only class-conditioned models read.

        Raises:
            EvaluationRefused: the network gives something else than bins or ab.
        """
        category = self._model.category(categories)
        known = None if category is None else category.to(self._device)
        result: Tensor = self._model(lightness.to(self._device), known)
        if not self.has_bins and (result.dim() != 4 or result.shape[1] != 2):
            raise EvaluationRefused("This network gives no colors, so it cannot be scored; choose a colorizer.")
        return result.float()

    @torch.inference_mode()
    def ab(self, output: Tensor, size: int, temperature: float | None = None) -> Tensor:
        """Colors ``(N, 2, size, size)`` on the CPU, of an :meth:`output`, at another temperature where one is given."""
        chosen = self.temperature if temperature is None else temperature
        return lab.upsample(self._model.ab(output, chosen), (size, size)).cpu()

    @torch.inference_mode()
    def guesses(self, output: Tensor, ab: Tensor) -> Guesses | None:
        """How the model's distributions compare with the photos' colors; None for a model without bins.

        The true color of a position is that of one inner pixel of the rectangle it stands for, as in training.

        Args:
            output: logits ``(N, Q, h, w)``.
            ab: the photos' own colors, ``(N, 2, S, S)``.
        """
        if self._model.centers is None:
            return None
        rows, columns = (_inner(ab.shape[i], output.shape[i]) for i in (2, 3))
        sampled = ab[:, :, rows][:, :, :, columns].to(self._device)
        true = bins.nearest(sampled, self._model.centers)
        likeliest = output.topk(min(RELAXED, output.shape[1]), dim=1)
        right = likeliest.indices == true.unsqueeze(1)
        # The softmax's largest value, without the others.
        confidence = (likeliest.values[:, 0] - output.logsumexp(dim=1)).exp().clamp_max(1).cpu().double()
        return Guesses(*(each.cpu().numpy() for each in (right[:, 0], right.any(dim=1), confidence)))


def _inner(pixels: int, positions: int) -> Tensor:
    """For each of ``positions`` along a side the pixel of ``pixels`` in the middle of its share: ``(positions,)``."""
    return (torch.arange(positions) * 2 + 1) * pixels // (2 * positions)
