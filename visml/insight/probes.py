"""Linear probes from features to colors: ridge regression in closed form and multinomial logistic regression."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from visml.color import bins

PENALTY = 1e-3  # of the ridge, on standardized features
RATE = 3e-3  # Adam's first step
_FAINT = 1e-3  # a feature that varies less than this share of the layer's mean deviation is not read
_FLOOR = 1e-6  # what an unseen bin's probability is taken as at first


@dataclass(frozen=True)
class Affine:
    """``W x + c`` at each position.

    Attributes:
        weight: W, ``(outputs, C)`` float32, of values that float16 holds exactly.
        bias: c, ``(outputs,)`` float32.
    """

    weight: Tensor = field(repr=False)
    bias: Tensor = field(repr=False)

    def __call__(self, maps: Tensor) -> Tensor:
        """``(N, outputs, h, w)`` of features ``(N, C, h, w)``."""
        return torch.einsum("qc,nchw->nqhw", self.weight, maps) + self.bias[:, None, None]


def folded(weight: Tensor, bias: Tensor, mean: Tensor, scale: Tensor) -> Affine:
    """A probe of raw features, from one of standardized features ``(x - mean) scale``.

    Weights are rounded to float16 first, those beyond its range to its largest, and the bias is taken from the rounded
    ones, so that rounding moves nothing at the features' mean.
    """
    largest = torch.finfo(torch.float16).max
    rounded = (weight.double() * scale.double()).clamp(-largest, largest).half()
    return Affine(rounded.float(), (bias.double() - rounded.double() @ mean.double()).float())


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

    @property
    def mean(self) -> Tensor:
        """Of each feature, ``(C,)`` float64."""
        return self._sums[: self._features] / max(self.rows, 1)

    @property
    def scale(self) -> Tensor:
        """One over each feature's standard deviation, ``(C,)`` float64; 0 for one that hardly varies."""
        return inverse_deviation(self._covariance().diagonal().clamp_min(0).sqrt())

    def ridge(self, penalty: float = PENALTY) -> tuple[Tensor, Tensor]:
        """The minimum of ``mean |y - W s - c|^2 + penalty |W|^2`` over W and c, s being the standardized features.

        In closed form: ``W = Y^T S (S^T S + penalty n)^-1`` of centered S and Y, c the targets' mean (Hastie,
        Tibshirani, Friedman, "The Elements of Statistical Learning", section 3.4.1).

        Returns:
            W ``(targets, C)`` and c ``(targets,)``, float64.
        """
        scale, means = self.scale, self._sums / max(self.rows, 1)
        cross = self._products[:, self._features :] / self.rows
        cross = (cross - torch.outer(self.mean, means[self._features :])) * scale[:, None]
        correlation = self._covariance() * scale[:, None] * scale
        system = correlation + penalty * torch.eye(len(scale), dtype=torch.float64)
        return torch.linalg.solve(system, cross).T, means[self._features :]

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
    """The rows seen last, a bounded number of them, to draw from at random.

    Attributes:
        features: ``(R, C)`` float32.
        ab: their colors, ``(R, 2)`` float32.
        seen: how many rows were added so far.
    """

    features: Tensor
    ab: Tensor
    seen: int = 0

    @classmethod
    def of(cls, rows: int, features: int) -> Pool:
        """An empty one."""
        return cls(torch.empty(rows, features), torch.empty(rows, 2))

    def __len__(self) -> int:
        return min(self.seen, len(self.features))

    def add(self, features: Tensor, ab: Tensor) -> None:
        """Put rows in the places of the oldest."""
        places = torch.arange(self.seen, self.seen + len(features)) % len(self.features)
        self.features[places], self.ab[places] = features, ab
        self.seen += len(features)

    def draw(self, count: int, random: torch.Generator) -> tuple[Tensor, Tensor]:
        """So many rows at random, with repeats."""
        chosen = torch.randint(len(self), (count,), generator=random)
        return self.features[chosen], self.ab[chosen]


class Logistic:
    """Multinomial logistic regression on soft-encoded colors, learned by Adam from minibatches.

    It lowers the mean over rows of ``-sum_q Z_q log softmax(W s + c)_q``, Z the soft-encoded color (Zhang et al.
    2016, section 2.1), unweighted, s the standardized features. It begins at the prior: W = 0, c the logarithm of
    the mean of Z. The rate falls linearly to 0 over the planned steps.

    Args:
        pool: the first rows; the features' mean and deviation, and the prior, are those of these rows from then on.
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
            loss.backward()  # type: ignore[no-untyped-call]
        self._optimizer.step()
        self._schedule.step()
        return float(loss.detach())

    def probe(self, weights: Tensor | None = None) -> Affine:
        """What was learned, for raw features.

        Args:
            weights: ``(Q,)``, how much more than one each color counted for the network that is probed. The best
                distribution for a loss so weighted is the unweighted one times the weights, so their logarithm is
                added to the logits (Menon et al., "Long-tail learning via logit adjustment", 2021); None for none.
        """
        bias = self.bias.detach() if weights is None else self.bias.detach() + weights.log()
        return folded(self.weight.detach(), bias, self.mean, self.scale)

    def _encode(self, ab: Tensor) -> tuple[Tensor, Tensor]:
        index, share = bins.soft_encode(ab.T[None, :, None], self._centers)
        return index[0, :, 0].T, share[0, :, 0].T

    def _prior(self, ab: Tensor) -> Tensor:
        index, share = self._encode(ab)
        return torch.zeros(len(self._centers)).index_add_(0, index.flatten(), share.flatten()) / max(len(ab), 1)
