"""Fitting a color lens: one pass over the pictures that its probes learn from, one over those held out.

Nothing grows with the number of pictures, see :mod:`visml.insight.lens_learn` and :mod:`visml.insight.lens_score`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from torch import Tensor

from visml.color import bins
from visml.images.decode import DEFAULT_LIMITS, Limits
from visml.insight.forward import InsightRefused
from visml.insight.gathering import G, gather
from visml.insight.lens import Lens, with_digest
from visml.insight.lens_learn import POSITIONS, Fitting, Gleaned
from visml.insight.lens_score import Held, Scoring
from visml.insight.sweep import Folder, Network
from visml.scale.work import Driver, here

HELD_OUT = 0.2  # share of pictures, by their content
Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Fitted:
    """What came of a folder.

    Attributes:
        lens: the probes and how well they do.
        means: of every filter of every layer over all pictures and positions, one layer after another, float32.
    """

    lens: Lens
    means: npt.NDArray[np.float32] = field(repr=False)


@dataclass(frozen=True)
class Split:
    """Pictures to learn from, and pictures held out: of two folders, or one in five of one folder's by their content.

    Attributes:
        learned: where those to learn from are.
        held_out: where the others are, the same object where there is one folder.
    """

    learned: Folder
    held_out: Folder

    @classmethod
    def of(cls, data: Path, held_out: Path | None, most: int | None, limits: Limits) -> Split:
        """At most so many pictures of each folder."""
        learned = Folder(data, most, limits)
        return cls(learned, learned if held_out is None else Folder(held_out, most, limits))

    @property
    def folders(self) -> list[Folder]:
        """The two folders, or the one."""
        return [self.learned] if self.learned is self.held_out else [self.learned, self.held_out]

    def parts(self, drive: Driver, network: Network, held_out: bool, new: Callable[[], G]) -> Iterator[G]:
        """What is gathered of the pictures of one pass in the network, part after part."""
        one = self.learned is self.held_out
        folder = self.held_out if held_out else self.learned
        return gather(drive, network, folder, new, lambda fraction: not one or (fraction < HELD_OUT) == held_out)


def fit(
    network: Network,
    data: Path,
    held_out: Path | None = None,
    *,
    model_sha256: str,
    precision: str = "float32",
    uniform: float | None = None,
    prior: Tensor | None = None,
    most: int | None = None,
    temperature: float = bins.DEFAULT_TEMPERATURE,
    limits: Limits = DEFAULT_LIMITS,
    progress: Progress = lambda done, total: None,
    drive: Driver = here,
) -> Fitted:
    """A lens of a network, fitted to the colors of a folder's pictures.

    Of each picture and layer 64 random positions are taken; the truth is the photo's ab in the pixel at a position's
    center. The output itself and layers of one position are left out. Pictures held out are scored: every layer's
    colors, upsampled bilinearly, at the same grid of at most 56 x 56 points.

    Args:
        network: in eval mode, run by nobody else meanwhile.
        data: folder of pictures; those without color are passed over.
        held_out: another folder to score on; where it is None one picture in five of ``data``, by its content. On
            pictures that the network was trained with its own score is too good.
        model_sha256: of the network's weights.
        precision: in which the network runs, as it is written down.
        uniform: lambda of the class rebalancing that the network was trained with, None for none; its weights are
            then given to the lens too, so that it can be compared with the network.
        prior: of the network's training pictures, ``(Q,)``, that these weights are made of.
        most: how many pictures of a folder at most.
        temperature: at which bins are decoded where scores are taken.
        limits: how large a picture may be.
        progress: told how many pictures are done, and of how many.
        drive: what goes through the pictures.

    Raises:
        FolderRefused: there is no such folder, or it holds no pictures.
        InsightRefused: too few of them have color, or no layer has more than one position.
    """
    began, split = time.monotonic(), Split.of(data, held_out, most, limits)
    total = sum(len(folder.pictures) for folder in split.folders)
    fitting = Fitting(network)
    weights = _rebalancing(network.centers, uniform, prior)
    for gleaned in split.parts(drive, network, False, partial(Gleaned, network.layers)):
        fitting.merge(gleaned)
        progress(fitting.shown, total)
    probes = fitting.finish(weights)
    scoring = Scoring(network, probes, temperature)
    for held in split.parts(drive, network, True, partial(Held, network, probes, temperature)):
        fitting.means.merge(held.means)
        scoring.merge(held.scoring)
        progress(fitting.shown + scoring.shown, total)
    if not (scoring.pictures and fitting.pictures):
        raise InsightRefused("A lens needs more pictures in color, some to fit and some to hold out; give at least 20.")
    if not fitting.grids:
        raise InsightRefused("No layer of this network has more than one position: a lens has nothing to read.")
    facts = _counts(split, fitting, scoring) | {
        "model_sha256": model_sha256,
        "size": network.size,
        "temperature": temperature,
        "rebalanced": None if weights is None else uniform,
        "precision": precision,
        "seconds": round(time.monotonic() - began, 1),
        "gray": scoring.quality("gray"),
        "layers": scoring.layers(fitting.grids),
        "output": scoring.quality("output"),
    }
    return Fitted(with_digest(facts, scoring.probes), fitting.means.array())


def _counts(split: Split, fitting: Fitting, scoring: Scoring) -> dict[str, Any]:
    """What the facts say of the pictures."""
    return {
        "data": split.learned.root.name,
        "held_out_data": None if split.learned is split.held_out else split.held_out.root.name,
        "pictures": fitting.pictures,
        "held_out": scoring.pictures,
        "without_color": fitting.shown + scoring.shown - fitting.pictures - scoring.pictures,
        "unreadable": sum(folder.unreadable for folder in split.folders),
        "positions": POSITIONS,
        "points": scoring.points,
    }


def _rebalancing(centers: Tensor | None, uniform: float | None, prior: Tensor | None) -> Tensor | None:
    """How much each bin counted in training, ``(Q,)``; None where all counted the same or that is not known."""
    if centers is None or uniform is None or prior is None:
        return None
    return bins.rebalancing_weights(bins.smooth(prior, centers), uniform)
