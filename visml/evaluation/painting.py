"""A model as a painter: its ab at the input's size, and its hits among the bins."""

from __future__ import annotations

import torch
from torch import Tensor

from visml.color import bins, lab
from visml.models.base import Colorizer

RELAXED = 5  # relaxed accuracy asks for the true bin among this many


class ModelPainter:
    """A model behind the few questions that an evaluation asks; nothing is recorded."""

    def __init__(self, model: Colorizer, temperature: float) -> None:
        """Prepare a model.

        Args:
            model: any colorizer; it is put into eval mode and stays where it is, in the precision it has.
            temperature: of decoding, 0 or more.
        """
        self._temperature = temperature
        self._model = model.eval()
        self._device = next((weight.device for weight in model.parameters()), torch.device("cpu"))

    @torch.inference_mode()
    def output(self, lightness: Tensor) -> Tensor:
        """The model's output, float32 on its device, of lightness ``(N, 1, S, S)`` in 0..100."""
        result: Tensor = self._model(lightness.to(self._device))
        return result.float()

    @torch.inference_mode()
    def ab(self, output: Tensor, size: int) -> Tensor:
        """Colors ``(N, 2, size, size)`` on the CPU, of an :meth:`output`."""
        return lab.upsample(self._model.ab(output, self._temperature), (size, size)).cpu()

    @torch.inference_mode()
    def hits(self, output: Tensor, ab: Tensor) -> Tensor | None:
        """Positions that took the true bin for the likeliest, and for one of the five likeliest, in each picture.

        The true color of a position is that of one inner pixel of the square it stands for, as in training.

        Args:
            output: logits ``(N, Q, h, w)``.
            ab: the photos' own colors, ``(N, 2, S, S)``.

        Returns:
            Counts ``(N, 2)`` int64, or None for a model without bins.
        """
        if self._model.centers is None:
            return None
        stride = ab.shape[-1] // output.shape[-1]
        sampled = ab[:, :, stride // 2 :: stride, stride // 2 :: stride].to(self._device)
        true = bins.nearest(sampled, self._model.centers)
        right = output.topk(RELAXED, dim=1).indices == true.unsqueeze(1)
        return torch.stack([right[:, 0], right.any(dim=1)], dim=1).sum(dim=(2, 3)).cpu()
