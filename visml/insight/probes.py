"""Linear probes from features to colors: ridge regression in closed form and multinomial logistic regression."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from visml.color import bins

PENALTY = 1e-3  # of squared weights of standardized features
RATE = 1e-2  # Adam's first step
_FAINT = 1e-3  # a feature that varies less than this share of the layer's mean deviation is not read
_FLOOR = 1e-6  # what an unseen bin's probability is taken as at first


@dataclass(frozen=True)
class Probe:
    """``W (x - mean) scale + c`` at each position, x being its features.

    Attributes:
        weight: W, ``(outputs, C)`` float32, of values that float16 holds exactly.
        bias: c, ``(outputs,)`` float32.
        mean: of each feature, ``(C,)`` float32.
        scale: one over each feature's deviation, ``(C,)`` float32; 0 for one that is not read.
    """

    weight: Tensor = field(repr=False)
    bias: Tensor = field(repr=False)
    mean: Tensor = field(repr=False)
    scale: Tensor = field(repr=False)

    @classmethod
    def of(cls, weight: Tensor, bias: Tensor, mean: Tensor, scale: Tensor) -> Probe:
        """A probe of any precision, rounded: standardized features have weights that float16 holds well."""
        return cls(weight.half().float(), bias.float(), mean.float(), scale.float())

    def __call__(self, maps: Tensor) -> Tensor:
        """``(N, outputs, h, w)`` of features ``(N, C, h, w)``."""
        standardized = (maps - self.mean[:, None, None]) * self.scale[:, None, None]
        return torch.einsum("qc,nchw->nqhw", self.weight, standardized) + self.bias[:, None, None]


class Moments:
    """Sums over rows of features and targets, in float64: all that least squares and cosines need of them.

    Args:
        features: C; the memory is ``C^2`` numbers, however many rows are added.
        targets: of each row, 0 for none.
    """

    def __init__(self, features: int, targets: int = 0) -> None:
        self.rows = 0
        self._sums = torch.zeros(features + targets, dtype=torch.float64)
        self._products = torch.zeros(features, features + targets, dtype=torch.float64)
        self._features = features

    def add(self, rows: Tensor, targets: Tensor | None = None) -> None:
        """Count rows ``(n, C)`` with their targets ``(n, targets)``."""
        features = rows.double()
        both = features if targets is None else torch.cat([features, targets.double()], dim=1)
        self._sums += both.sum(dim=0)
        self._products += features.T @ both
        self.rows += len(rows)

    def merge(self, other: Moments) -> None:
        """Count the rows of another set of the same features and targets too."""
        self._sums += other._sums
        self._products += other._products
        self.rows += other.rows

    @property
    def mean(self) -> Tensor:
        """Of each feature, ``(C,)`` float64."""
        return self._sums[: self._features] / max(self.rows, 1)

    @property
    def scale(self) -> Tensor:
        """One over each feature's standard deviation, ``(C,)`` float64; 0 for one that hardly varies."""
        return inverse_deviation(self._covariance().diagonal().clamp_min(0).sqrt())

    def ridge(self, penalty: float = PENALTY) -> Probe:
        """The minimum of ``mean |y - W s - c|^2 + penalty |W|^2`` over W and c, s being the standardized features.

        In closed form: ``W = Y^T S (S^T S + penalty n)^-1`` of centered S and Y, c the targets' mean (Hastie,
        Tibshirani, Friedman, "The Elements of Statistical Learning", section 3.4.1).

        No weight is above ``deviation of the target / (2 sqrt(penalty))``, so float16 holds them all.
        """
        scale, targets = self.scale, self._sums[self._features :] / self.rows
        cross = self._products[:, self._features :] / self.rows - torch.outer(self.mean, targets)
        correlation = self._covariance() * scale[:, None] * scale
        system = correlation + penalty * torch.eye(len(scale), dtype=torch.float64)
        return Probe.of(torch.linalg.solve(system, cross * scale[:, None]).T, targets, self.mean, scale)

    def cosines(self) -> Tensor:
        """Cosine of each pair of features, as vectors over all rows and not centered: ``(C, C)`` float64; 0 by zero."""
        products = self._products[:, : self._features]
        lengths = products.diagonal().sqrt()
        return products / torch.outer(lengths, lengths).clamp_min(torch.finfo(torch.float64).tiny)

    def _covariance(self) -> Tensor:
        return self._products[:, : self._features] / max(self.rows, 1) - torch.outer(self.mean, self.mean)


def inverse_deviation(deviation: Tensor) -> Tensor:
    """One over each deviation ``(C,)``; 0 where a feature is constant, or varies hardly beside the others."""
    read = deviation > _FAINT * deviation.mean()
    return torch.where(read, 1 / deviation.where(read, torch.ones_like(deviation)), torch.zeros_like(deviation))


@dataclass
class Pool:
    """A bounded number of rows, each row ever added being among them with the same probability.

    Reservoir sampling, Vitter, "Random sampling with a reservoir", 1985, algorithm R.

    Attributes:
        features: ``(R, C)`` float32.
        ab: their colors, ``(R, 2)`` float32.
        seen: how many rows were added so far.
    """

    features: Tensor
    ab: Tensor
    seen: int = 0
    _random: torch.Generator = field(default_factory=lambda: torch.Generator().manual_seed(0), repr=False)

    @classmethod
    def of(cls, rows: int, features: int) -> Pool:
        """An empty one."""
        return cls(torch.empty(rows, features), torch.empty(rows, 2))

    def __len__(self) -> int:
        return min(self.seen, len(self.features))

    def add(self, features: Tensor, ab: Tensor) -> None:
        """Put rows in while there is room, then some of them in the places of others."""
        numbers = torch.arange(self.seen, self.seen + len(features))
        drawn = (torch.rand(len(features), generator=self._random, dtype=torch.float64) * (numbers + 1)).long()
        places = torch.where(numbers < len(self.features), numbers, drawn)
        kept = {place: row for row, place in enumerate(places.tolist()) if place < len(self.features)}
        there, rows = list(kept), list(kept.values())
        self.features[there], self.ab[there] = features[rows], ab[rows]
        self.seen += len(features)

    def draw(self, count: int, random: torch.Generator) -> tuple[Tensor, Tensor]:
        """So many rows at random, with repeats."""
        chosen = torch.randint(len(self), (count,), generator=random)
        return self.features[chosen], self.ab[chosen]


class Logistic:
    """Multinomial logistic regression on soft-encoded colors, learned by Adam from minibatches.

    It lowers the mean over rows of ``-sum_q Z_q log softmax(W s + c)_q`` plus ``penalty |W|^2``, Z the soft-encoded
    color (Zhang et al. 2016, section 2.1), unweighted, s the standardized features. It begins at the prior: W = 0, c
    the logarithm of the mean of Z. The rate falls linearly to 0 over the planned steps.

    Args:
        pool: rows, of which the features' mean and deviation, and the prior, are taken.
        centers: of the bins, ``(Q, 2)``.
        steps: how many are planned.
    """

    def __init__(self, pool: Pool, centers: Tensor, steps: int) -> None:
        rows, ab = pool.features[: len(pool)], pool.ab[: len(pool)]
        self.mean, self.scale = rows.mean(dim=0), inverse_deviation(rows.std(dim=0, correction=0))
        self._centers = centers
        self.weight = torch.zeros(len(centers), rows.shape[1], requires_grad=True)
        self.bias = self._prior(ab).add_(_FLOOR).log_().requires_grad_()
        self._optimizer = torch.optim.Adam([self.weight, self.bias], lr=RATE)
        left = torch.linspace(1, 0, steps + 1).tolist()
        self._schedule = torch.optim.lr_scheduler.LambdaLR(self._optimizer, lambda step: left[min(step, steps)])

    def loss(self, features: Tensor, ab: Tensor) -> Tensor:
        """Mean cross entropy of rows ``(n, C)`` with colors ``(n, 2)``, in nats."""
        index, share = self._encode(ab)
        logits = torch.addmm(self.bias, (features - self.mean) * self.scale, self.weight.T)
        return -(share * logits.log_softmax(dim=1).gather(1, index)).sum(dim=1).mean()

    def step(self, features: Tensor, ab: Tensor) -> float:
        """Learn from some rows; the loss before."""
        with torch.enable_grad():
            loss = self.loss(features, ab)
            self._optimizer.zero_grad()
            (loss + PENALTY * self.weight.square().sum()).backward()  # type: ignore[no-untyped-call]
        self._optimizer.step()
        self._schedule.step()
        return float(loss.detach())

    def probe(self, weights: Tensor | None = None) -> Probe:
        """What was learned.

        Args:
            weights: ``(Q,)``, how much more than one each color counted for the network that is probed. The best
                distribution for a loss so weighted is the unweighted one times the weights, so their logarithm is
                added to the logits (Menon et al., "Long-tail learning via logit adjustment", 2021); None for none.
        """
        bias = self.bias.detach() if weights is None else self.bias.detach() + weights.log()
        return Probe.of(self.weight.detach(), bias, self.mean, self.scale)

    def _encode(self, ab: Tensor) -> tuple[Tensor, Tensor]:
        index, share = bins.soft_encode(ab.T[None, :, None], self._centers)
        return index[0, :, 0].T, share[0, :, 0].T

    def _prior(self, ab: Tensor) -> Tensor:
        index, share = self._encode(ab)
        return torch.zeros(len(self._centers)).index_add_(0, index.flatten(), share.flatten()) / max(len(ab), 1)
