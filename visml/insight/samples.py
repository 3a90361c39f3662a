"""Sampled colorings: each position's color drawn from its own distribution, neighbors agreeing with each other."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from visml.insight.forward import InsightRefused

MOST = 24
LARGEST_COHERENCE = 1000.0  # positions; far beyond any picture, where the noise is the same everywhere


def samples(
    logits: Tensor,
    centers: Tensor,
    count: int = 6,
    temperature: float = 1.0,
    coherence: float = 16.0,
    seed: int = 0,
) -> Tensor:
    """Colorings drawn from a network's distributions, as bin centers ``(N, 2, h, w)`` float32.

    By the Gumbel-max trick the bin at a position is ``argmax_q (z_q / T + G_q)``, which is distributed as
    ``softmax(z / T)`` when the G_q are independent standard Gumbel values. Here each bin's G is a field over
    positions, ``G = -log(-log Phi(g))``, g being smooth Gaussian noise of unit variance at every position (see
    :func:`smooth_noise`). So every position's color has exactly the network's distribution, while near positions
    share their noise and agree where their distributions do. Only a joint distribution that the network does not
    give is made up by this: how colors of different positions go together.

    The n-th sample hangs on the seed and n alone; another temperature or coherence uses the same white noise.

    Args:
        logits: z, ``(Q, h, w)``.
        centers: ``(Q, 2)``.
        count: N, from 1 to 24.
        temperature: T of the sampling; 1 is the network's own distribution, 0 always takes the likeliest bin.
        coherence: standard deviation of the blur, in positions of the output; 0 draws each position by itself.
        seed: a whole number from 0.

    Raises:
        InsightRefused: one of these lies outside its range.
    """
    if not 1 <= count <= MOST:
        raise InsightRefused(f"There can be 1 to {MOST} samples.")
    if not 0 <= coherence <= LARGEST_COHERENCE or temperature < 0 or seed < 0:
        raise InsightRefused("Temperature, coherence and seed must not be below 0.")
    chosen = [_sample(logits, temperature, coherence, seed, number) for number in range(count)]
    return centers[torch.stack(chosen)].permute(0, 3, 1, 2).contiguous()


def smooth_noise(shape: tuple[int, int, int], coherence: float, seed: int, number: int = 0) -> Tensor:
    """Gaussian noise of mean 0 and variance 1 at every position, smooth over positions: ``(Q, h, w)`` float32.

    White noise is blurred along both sides by a Gaussian of that standard deviation, cut at the picture's edge. A
    blurred value is a weighted sum of independent ones, so dividing the weights by the root of the sum of their
    squares gives it variance 1, at the edge too.
    """
    white = np.random.default_rng([seed, number]).standard_normal(shape, dtype=np.float32)
    return _blur(shape[1], coherence) @ torch.from_numpy(white) @ _blur(shape[2], coherence).T


def spread(drawn: Tensor) -> Tensor:
    """How far samples lie apart at each position: ``sqrt(mean_n |ab_n - mean ab|^2)``, ``(h, w)``, in Lab units."""
    squared = (drawn.double() - drawn.double().mean(dim=0)).square()
    apart: Tensor = squared.sum(dim=1).mean(dim=0).sqrt().float()
    return apart


def _sample(logits: Tensor, temperature: float, coherence: float, seed: int, number: int) -> Tensor:
    """The bin drawn at each position, ``(h, w)`` int64."""
    if temperature < 1e-6:
        return torch.argmax(logits, dim=0)
    count, height, width = logits.shape
    noise = smooth_noise((count, height, width), coherence, seed, number)
    gumbel = torch.special.log_ndtr(noise).neg_().log_().neg_()  # in place: a million values each
    return torch.argmax(gumbel.add_(logits, alpha=1 / temperature), dim=0)


def _blur(length: int, sigma: float) -> Tensor:
    """Weights ``(length, length)`` of a Gaussian blur, each row with a sum of squares of 1."""
    if sigma < 1e-6:  # narrower than any step; its square could underflow
        return torch.eye(length)
    place = torch.arange(length, dtype=torch.float64)
    weights = torch.exp(-(place[:, None] - place).square() / (2 * sigma**2))
    return (weights / weights.square().sum(dim=1, keepdim=True).sqrt()).float()
