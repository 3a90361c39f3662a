"""What is measured on one coloring of one photo."""

from __future__ import annotations

import math
from dataclasses import dataclass

from visml import metrics
from visml.evaluation.photos import Colored
from visml.evaluation.reading import Read

_SSIM_WINDOW = 11


@dataclass(frozen=True)
class Measures:
    """The scores of one coloring; see :class:`visml.evaluation.tally.Row` for what each is.

    Attributes:
        ssim: NaN for pictures smaller than its window of 11 pixels.
        errors: distances in ab, ``(S, S)``.
    """

    rmse_ab: float
    psnr: float
    ssim: float
    ciede2000: float
    colorfulness: float
    colorfulness_difference: float
    colorfulness_absolute: float
    colorfulness_absolute_difference: float
    errors: metrics.Floats


@dataclass(frozen=True)
class PictureScores:
    """The model's scores on one picture.

    Attributes:
        picture: its path relative to the folder, with forward slashes.
        sha256: of the file's bytes, in hexadecimal.
        category: its folder; None in the root.
        rmse_ab: root of the mean squared difference of all ab values.
        psnr: dB.
        ssim: -1..1; None for pictures of fewer than 11 x 11 pixels.
        ciede2000: mean color difference.
        auc: area under this picture's accuracy curve, percent.
        colorfulness: of the coloring.
        mean_a: mean a of the photo.
        mean_b: mean b of the photo.
        painted_mean_a: mean a of the coloring as it was painted.
        painted_mean_b: mean b of the coloring as it was painted.
    """

    picture: str
    sha256: str
    category: str | None
    rmse_ab: float
    psnr: float
    ssim: float | None
    ciede2000: float
    auc: float
    colorfulness: float
    mean_a: float
    mean_b: float
    painted_mean_a: float
    painted_mean_b: float


def measure(target: Colored, painted: Colored) -> Measures:
    """The scores of one coloring of a photo."""
    signed, absolute = metrics.colorfulness(painted.rgb), metrics.colorfulness_absolute(painted.rgb)
    large_enough = len(target.rgb) >= _SSIM_WINDOW
    return Measures(
        rmse_ab=metrics.rmse_ab(target.ab, painted.ab),
        psnr=metrics.psnr(target.rgb, painted.rgb),
        ssim=metrics.ssim(target.rgb, painted.rgb) if large_enough else math.nan,
        ciede2000=metrics.ciede2000(target.lab, painted.lab),
        colorfulness=signed,
        colorfulness_difference=signed - metrics.colorfulness(target.rgb),
        colorfulness_absolute=absolute,
        colorfulness_absolute_difference=absolute - metrics.colorfulness_absolute(target.rgb),
        errors=metrics.ab_errors(target.ab, painted.ab),
    )


def picture_scores(read: Read, target: Colored, painted: Colored, measures: Measures) -> PictureScores:
    """One line of the table of pictures."""
    (mean_a, mean_b), (painted_a, painted_b) = (each.ab.mean(axis=(1, 2), dtype=float) for each in (target, painted))
    return PictureScores(
        picture=read.name,
        sha256=read.sha256,
        category=read.category,
        rmse_ab=measures.rmse_ab,
        psnr=measures.psnr,
        ssim=known(measures.ssim),
        ciede2000=measures.ciede2000,
        auc=metrics.auc(measures.errors),
        colorfulness=measures.colorfulness,
        mean_a=float(mean_a),
        mean_b=float(mean_b),
        painted_mean_a=float(painted_a),
        painted_mean_b=float(painted_b),
    )


def known(value: float) -> float | None:
    """The value, None for NaN."""
    return None if math.isnan(value) else value
