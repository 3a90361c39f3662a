"""The training set's prior over the bins, divided out of a network's logits after the fact.

A network trained on natural pictures learns how frequent each color is, and most are nearly gray. Rebalancing changes
that while it learns (Zhang, Isola, Efros, "Colorful Image Colorization", ECCV 2016, section 2.2); this changes it
afterwards, as logit adjustment does (Menon et al., "Long-tail learning via logit adjustment", ICLR 2021, section 4.1).
"""

from __future__ import annotations

from torch import Tensor

from visml.color import bins
from visml.insight.forward import InsightRefused

FLOOR = 1e-8  # as in rebalancing: far bins of a small set's smoothed prior underflow


def log_prior(probabilities: Tensor, centers: Tensor) -> Tensor:
    """The natural logarithm of the prior smoothed as in training, ``(Q,)`` float64.

    Args:
        probabilities: how often each bin occurs in the training set, ``(Q,)``, sum 1.
        centers: the bins' centers ``(Q, 2)``.
    """
    smoothed = bins.smooth(probabilities.double(), centers).clamp_min(FLOOR)
    return (smoothed / smoothed.sum()).log()


def divided(logits: Tensor, log_prior: Tensor, strength: float = 1.0) -> Tensor:
    """Logits with a prior divided out: ``z'_q = z_q - alpha log p_q``, so probabilities become ``~ Z_q / p_q^alpha``.

    A temperature comes after it: ``softmax(z' / T)``.

    Args:
        logits: z, ``(Q, h, w)``.
        log_prior: log p, ``(Q,)``, see :func:`log_prior`.
        strength: alpha in 0..1: 0 changes nothing, 1 divides the whole prior out.

    Returns:
        z', ``(Q, h, w)`` float32.

    Raises:
        InsightRefused: alpha lies outside 0..1.
    """
    if not 0 <= strength <= 1:
        raise InsightRefused("How much of the prior is divided out lies between 0 and 1.")
    return (logits.double() - strength * log_prior.double().view(-1, 1, 1)).float()
