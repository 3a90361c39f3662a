"""Every score of a coloring, as plain functions of numpy arrays with their definitions.

Pictures are ``(H, W, 3)`` uint8 RGB, ``ab`` is ``(2, H, W)`` in CIE Lab units. No score ranks colorings by itself:
plain gray does well on most of them, so each belongs beside the same score of gray.

Sources: Zhang, Isola, Efros, "Colorful Image Colorization", ECCV 2016, section 3.1 (accuracy curve, AuC); Hasler and
Suesstrunk, "Measuring colorfulness in natural images", 2003; Sharma, Wu, Dalal, "The CIEDE2000 color-difference
formula", 2005, and Wang et al., "Image quality assessment", 2004, both as implemented by scikit-image.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from skimage.color import deltaE_ciede2000, rgb2lab
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.floating]
Counts = npt.NDArray[np.int64]

THRESHOLDS = 150  # the accuracy curve runs over t = 0, 1, .. 150
EQUAL_PSNR = 100.0  # dB; a picture one level off in one of 150,528 values has 99.9
SMALLEST_BIN = 500  # pixels; rarer bins would make the class-balanced score hang on a handful of them


@dataclass(frozen=True)
class Scores:
    """How near one coloring of a photo comes to the photo.

    Attributes:
        psnr: peak signal-to-noise ratio of the RGB values, in dB.
        ciede2000: mean color difference, 0 is equal, about 1 just visible.
        colorfulness: of the coloring alone, as first defined (see :func:`colorfulness`).
        colorfulness_absolute: the variant of most recent papers.
        auc: area under the accuracy curve of this one photo, in percent.
    """

    psnr: float
    ciede2000: float
    colorfulness: float
    colorfulness_absolute: float
    auc: float


def score(target_rgb: Bytes, painted_rgb: Bytes, target_ab: Floats, painted_ab: Floats) -> Scores:
    """All scores of one coloring.

    Args:
        target_rgb: the photo, ``(S, S, 3)`` uint8.
        painted_rgb: its coloring, ``(S, S, 3)`` uint8.
        target_ab: the photo's ab, ``(2, S, S)``.
        painted_ab: the coloring's ab as the model gave it, ``(2, S, S)``, colors outside sRGB not yet clipped.
    """
    return Scores(
        psnr=psnr(target_rgb, painted_rgb),
        ciede2000=ciede2000(lab(target_rgb), lab(painted_rgb)),
        colorfulness=colorfulness(painted_rgb),
        colorfulness_absolute=colorfulness_absolute(painted_rgb),
        auc=auc(ab_errors(target_ab, painted_ab)),
    )


def lab(rgb: Bytes) -> Floats:
    """CIE Lab ``(H, W, 3)`` float32 of a uint8 picture (sRGB, D65, 2 degree observer)."""
    result: Floats = rgb2lab(rgb.astype(np.float32) / 255)
    return result


def psnr(target: Bytes, painted: Bytes) -> float:
    """``10 log10(255^2 / mean squared difference)`` of two uint8 pictures, in dB; 100 where they are equal."""
    if np.array_equal(target, painted):
        return EQUAL_PSNR
    return float(peak_signal_noise_ratio(target, painted, data_range=255))  # type: ignore[no-untyped-call]


def ssim(target: Bytes, painted: Bytes) -> float:
    """Structural similarity, -1..1, mean over the three channels, Gaussian window of sigma 1.5 (Wang et al. 2004).

    Raises:
        ValueError: a picture is smaller than the window of 11 pixels.
    """
    options = {"data_range": 255, "channel_axis": 2}
    window = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    return float(structural_similarity(target, painted, **options, **window))  # type: ignore[no-untyped-call]


def ciede2000(target: Floats, painted: Floats) -> float:
    """Mean CIEDE2000 difference of two Lab pictures ``(H, W, 3)``."""
    return float(np.mean(differences(target, painted), dtype=np.float64))


def differences(target: Floats, painted: Floats) -> Floats:
    """CIEDE2000 of each pixel, ``(H, W)``, of two Lab pictures ``(H, W, 3)``."""
    result: Floats = deltaE_ciede2000(target, painted)  # type: ignore[no-untyped-call]
    return result


def rmse_ab(target: Floats, painted: Floats) -> float:
    """Root of the mean squared difference over all ab values (both channels), in Lab units."""
    difference = np.asarray(target, dtype=np.float64) - painted
    return float(np.sqrt(np.mean(difference**2)))


def colorfulness(rgb: Bytes) -> float:
    """Colorfulness as first defined: ``sqrt(std_rg^2 + std_yb^2) + 0.3 sqrt(mean_rg^2 + mean_yb^2)``.

    ``rg = R - G`` and ``yb = (R + G)/2 - B`` keep their sign (Hasler and Suesstrunk 2003, section 7); values 0..255.
    """
    return _colorfulness(*_opponents(rgb))


def colorfulness_absolute(rgb: Bytes) -> float:
    """Colorfulness of ``|R - G|`` and ``|(R + G)/2 - B|``: the variant most recent papers compute."""
    red_green, yellow_blue = _opponents(rgb)
    return _colorfulness(np.abs(red_green), np.abs(yellow_blue))


def _opponents(rgb: Bytes) -> tuple[Floats, Floats]:
    red, green, blue = np.moveaxis(rgb.astype(np.float32), 2, 0)
    return red - green, (red + green) / 2 - blue


def _colorfulness(red_green: Floats, yellow_blue: Floats) -> float:
    spread = np.hypot(red_green.std(dtype=np.float64), yellow_blue.std(dtype=np.float64))
    shift = np.hypot(red_green.mean(dtype=np.float64), yellow_blue.mean(dtype=np.float64))
    return float(spread + 0.3 * shift)


def ab_errors(target: Floats, painted: Floats) -> Floats:
    """Distance in ab (L2) at each pixel, ``(H, W)``, of two ``(2, H, W)`` arrays."""
    difference = np.asarray(target) - painted
    errors: Floats = np.sqrt(np.square(difference[0]) + np.square(difference[1]))
    return errors


def accuracy_curve(errors: Floats) -> npt.NDArray[np.float64]:
    """Share of pixels whose error is at most t, for t = 0, 1, .. 150: ``(151,)`` in 0..1."""
    return _curve(np.bincount(_first_threshold(errors), minlength=THRESHOLDS + 2))


def auc(errors: Floats) -> float:
    """Area under :func:`accuracy_curve`, by the trapezoid rule, in percent of the whole (section 3.1)."""
    return curve_area(accuracy_curve(errors))


def curve_area(curve: npt.NDArray[np.float64]) -> float:
    """Area under an accuracy curve ``(151,)``, in percent."""
    return float(100 * np.trapezoid(curve) / THRESHOLDS)


def _first_threshold(errors: Floats) -> Counts:
    """The least whole t with ``error <= t``, flat; 151 where none of 0..150 is enough."""
    return np.minimum(np.ceil(errors), THRESHOLDS + 1).astype(np.int64).ravel()


def _curve(histogram: npt.NDArray[np.float64] | Counts) -> npt.NDArray[np.float64]:
    """Cumulative shares ``(..., 151)`` of histograms ``(..., 152)`` over the thresholds; NaN where they are empty."""
    total = histogram.sum(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore"):
        curve: npt.NDArray[np.float64] = np.cumsum(histogram, axis=-1)[..., : THRESHOLDS + 1] / total
    return curve


class AccuracyCurves:
    """Accuracy curves of a whole set of pictures, raw and class-balanced, gathered picture by picture.

    Pixels are counted by true bin and by the least whole threshold that their error meets. That loses nothing: the
    curve asks only how many errors are at most t for whole t. The memory is ``(Q, 152)`` counts, whatever the set.
    """

    def __init__(self, bins: int) -> None:
        """An empty set.

        Args:
            bins: Q, how many bins a true color may fall into.
        """
        self.counts: Counts = np.zeros((bins, THRESHOLDS + 2), dtype=np.int64)

    def add(self, errors: Floats, true_bins: npt.NDArray[np.integer]) -> None:
        """Count pixels.

        Args:
            errors: distances in ab, any shape (see :func:`ab_errors`).
            true_bins: the bin of each pixel's true color, 0..Q-1, of the same shape.
        """
        cells = true_bins.astype(np.int64).ravel() * (THRESHOLDS + 2) + _first_threshold(errors)
        self.counts += np.bincount(cells, minlength=self.counts.size).reshape(self.counts.shape)

    def merge(self, other: AccuracyCurves) -> None:
        """Count the pixels of another set too."""
        self.counts += other.counts

    def raw(self) -> npt.NDArray[np.float64]:
        """The curve in which every pixel counts the same, ``(151,)`` in 0..1; NaN when nothing was added."""
        return _curve(self.counts.sum(axis=0))

    def balanced(self, smallest: int = SMALLEST_BIN) -> npt.NDArray[np.float64]:
        """The curve in which a pixel counts 1/n of its true bin: the mean of the bins' own curves, ``(151,)``.

        Args:
            smallest: bins of fewer pixels are left out. NaN when that leaves none.
        """
        kept = self.counts[self.counts.sum(axis=1) >= max(smallest, 1)]
        return _curve(kept).mean(axis=0) if len(kept) else np.full(THRESHOLDS + 1, np.nan)

    def weighted(self, weights: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        """The curve in which a pixel counts the weight of its true bin, ``(151,)``.

        With ``1/p`` of a prior p this is the paper's class-balanced curve; it hangs on the rarest bins' pixels.

        Args:
            weights: one for each bin, ``(Q,)``.
        """
        return _curve(np.asarray(weights, dtype=np.float64) @ self.counts)


def class_balanced_auc(errors: Floats, true_bins: npt.NDArray[np.integer], smallest: int = SMALLEST_BIN) -> float:
    """Mean over bins of a bin's AuC, in percent; NaN when no bin is large enough. See :class:`AccuracyCurves`."""
    curves = AccuracyCurves(int(true_bins.max(initial=0)) + 1)
    curves.add(errors, true_bins)
    return curve_area(curves.balanced(smallest))
