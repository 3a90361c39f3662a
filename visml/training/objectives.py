"""What training lowers: each objective turns a network and a batch into named loss terms, the sum of which counts."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

from visml.color import bins
from visml.training import recipe, targets


class CrossEntropy(nn.Module):
    """Class-rebalanced cross-entropy with soft targets (Zhang et al. 2016, equation 2).

    ``-sum v(Z) sum_q Z_q log Zhat_q`` averaged over pixels, where ``v = w[argmax_q Z]`` and w are the rebalancing
    weights of the smoothed prior. Pictures without color count nothing.

    Args:
        settings: lambda, and how colors are encoded.
        prior: probabilities ``(Q,)`` of the training set.
        centers: bin centers ``(Q, 2)``.
    """

    centers: Tensor
    weights: Tensor

    def __init__(self, settings: recipe.Objective, prior: Tensor, centers: Tensor) -> None:
        super().__init__()
        self.settings = settings
        smoothed = bins.smooth(prior, centers)
        self.register_buffer("centers", centers.clone())
        self.register_buffer("weights", bins.rebalancing_weights(smoothed, settings.uniform))

    def forward(self, model: nn.Module, rgb: Tensor) -> dict[str, Tensor]:
        """The loss of crops ``(N, 3, S, S)`` uint8."""
        lightness, ab = targets.lightness_and_ab(rgb)
        index, share = bins.soft_encode(ab, self.centers, self.settings.neighbors, self.settings.sigma)
        weight = self.weights[index[:, 0]] * targets.has_color(ab)[:, None, None]
        log_probability = model(lightness).float().log_softmax(dim=1)
        each = -(share * log_probability.gather(1, index)).sum(dim=1)
        return {"cross_entropy": (weight * each).mean()}


OBJECTIVES: dict[str, Callable[[recipe.Objective, Tensor, Tensor], nn.Module]] = {
    "cross_entropy": CrossEntropy,
}


def build(settings: recipe.Objective, prior: Tensor, centers: Tensor) -> nn.Module:
    """The objective a recipe names.

    Raises:
        RecipeRefused: there is none of that name.
    """
    if settings.name not in OBJECTIVES:
        known = ", ".join(sorted(OBJECTIVES))
        raise recipe.RecipeRefused(f"There is no objective '{settings.name}'; there are {known}.")
    return OBJECTIVES[settings.name](settings, prior, centers)
