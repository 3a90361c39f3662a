"""Each score against scikit-image, a slow float64 loop or a value worked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from skimage import data
from skimage.color import deltaE_ciede2000, rgb2lab
from skimage.metrics import peak_signal_noise_ratio

from visml import metrics

PHOTO = np.ascontiguousarray(data.astronaut()[::8, ::8])
DULL = np.clip(PHOTO.astype(int) // 2 + 40, 0, 255).astype(np.uint8)


def flat(red: int, green: int, blue: int) -> np.ndarray:
    return np.full((16, 16, 3), (red, green, blue), dtype=np.uint8)


def slow_auc(errors: np.ndarray) -> float:
    """The definition, threshold by threshold, pixel by pixel."""
    shares = [sum(1 for e in errors.ravel() if e <= t) / errors.size for t in range(151)]
    return 100 * sum((shares[t] + shares[t + 1]) / 2 for t in range(150)) / 150


def slow_balanced_auc(errors: np.ndarray, bins: np.ndarray, smallest: int) -> float:
    """Each pixel weighs 1/n of its bin; bins under ``smallest`` pixels weigh nothing."""
    sizes = {q: int((bins == q).sum()) for q in np.unique(bins)}
    weights = np.array([1 / sizes[q] if sizes[q] >= smallest else 0.0 for q in bins.ravel()])
    shares = [weights[errors.ravel() <= t].sum() / weights.sum() for t in range(151)]
    return 100 * sum((shares[t] + shares[t + 1]) / 2 for t in range(150)) / 150


def test_psnr_by_hand_and_against_scikit_image() -> None:
    assert metrics.psnr(flat(10, 20, 30), flat(15, 25, 25)) == pytest.approx(20 * math.log10(255 / 5))
    assert metrics.psnr(PHOTO, DULL) == pytest.approx(peak_signal_noise_ratio(PHOTO, DULL))


def test_psnr_of_equal_pictures_is_finite_and_above_the_smallest_difference() -> None:
    one_off = np.zeros((224, 224, 3), dtype=np.uint8)
    one_off[0, 0, 0] = 1
    assert metrics.psnr(PHOTO, PHOTO) == 100
    assert 99 < metrics.psnr(np.zeros_like(one_off), one_off) < 100


def test_ssim_of_flat_pictures_is_the_luminance_term() -> None:
    # Without variance only (2 m1 m2 + C1) / (m1^2 + m2^2 + C1) is left, C1 = (0.01 * 255)^2.
    expected = (2 * 100 * 50 + 6.5025) / (100**2 + 50**2 + 6.5025)
    assert metrics.ssim(flat(100, 100, 100), flat(50, 50, 50)) == pytest.approx(expected, abs=1e-6)
    assert metrics.ssim(PHOTO, PHOTO) == pytest.approx(1)
    assert metrics.ssim(PHOTO, DULL) < 0.95


def test_ssim_equals_the_slow_loop() -> None:
    # Wang et al. 2004, section III B: C1 = (0.01 L)^2, C2 = (0.03 L)^2, an 11 x 11 Gaussian window of sigma 1.5.
    target, painted = (each[:20, :16].astype(np.float64) for each in (PHOTO, DULL))
    place = np.arange(-5, 6)
    window = np.exp(-(place[:, None] ** 2 + place**2) / (2 * 1.5**2))
    window /= window.sum()
    similarities = []
    for channel, y, x in np.ndindex(3, 20 - 10, 16 - 10):
        one, two = (each[y : y + 11, x : x + 11, channel] for each in (target, painted))
        m1, m2 = (window * one).sum(), (window * two).sum()
        v1, v2 = (window * (one - m1) ** 2).sum(), (window * (two - m2) ** 2).sum()
        covariance = (window * (one - m1) * (two - m2)).sum()
        c1, c2 = 2.55**2, 7.65**2
        similarities.append((2 * m1 * m2 + c1) * (2 * covariance + c2) / ((m1**2 + m2**2 + c1) * (v1 + v2 + c2)))
    assert metrics.ssim(PHOTO[:20, :16], DULL[:20, :16]) == pytest.approx(np.mean(similarities), abs=1e-7)
    with pytest.raises(ValueError, match="exceeds"):
        metrics.ssim(PHOTO[:10, :16], DULL[:10, :16])


# The first, seventh and last pairs of Sharma, Wu and Dalal's published test data (2005, table 1).
@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_ciede2000_gives_the_published_values(
    first: tuple[float, ...], second: tuple[float, ...], expected: float
) -> None:
    one, two = np.array([[first]]), np.array([[second]])
    assert metrics.ciede2000(one, two) == pytest.approx(expected, abs=1e-4)


def test_ciede2000_of_photos_is_the_mean_over_pixels() -> None:
    expected = deltaE_ciede2000(rgb2lab(PHOTO), rgb2lab(DULL)).mean()
    assert metrics.ciede2000(metrics.lab(PHOTO), metrics.lab(DULL)) == pytest.approx(expected, rel=1e-4)


def test_rmse_ab_by_hand() -> None:
    target, painted = np.zeros((2, 1, 2)), np.array([[[3.0, 0.0]], [[4.0, 1.0]]])
    assert metrics.rmse_ab(target, painted) == pytest.approx(math.sqrt((9 + 16 + 0 + 1) / 4))


def test_colorfulness_by_hand() -> None:
    # Half pure red, half pure green: rg = +-255 (mean 0, std 255), yb = 127.5 (mean 127.5, std 0).
    picture = np.concatenate([flat(255, 0, 0), flat(0, 255, 0)])
    assert metrics.colorfulness(picture) == pytest.approx(255 + 0.3 * 127.5)
    # Absolute: |rg| = 255 throughout, so nothing varies.
    assert metrics.colorfulness_absolute(picture) == pytest.approx(0.3 * math.hypot(255, 127.5))
    assert metrics.colorfulness(flat(90, 90, 90)) == metrics.colorfulness_absolute(flat(90, 90, 90)) == 0


def test_colorfulness_against_a_slow_loop() -> None:
    pixels = [tuple(int(v) for v in pixel) for pixel in PHOTO.reshape(-1, 3)]
    signed, absolute = [], []
    for red, green, blue in pixels:
        rg, yb = red - green, (red + green) / 2 - blue
        signed.append((rg, yb))
        absolute.append((abs(rg), abs(yb)))
    for pairs, function in ((signed, metrics.colorfulness), (absolute, metrics.colorfulness_absolute)):
        values = np.array(pairs, dtype=np.float64)
        expected = math.hypot(*values.std(axis=0)) + 0.3 * math.hypot(*values.mean(axis=0))
        assert function(PHOTO) == pytest.approx(expected, rel=1e-6)


def test_ab_errors_are_euclidean() -> None:
    target = np.zeros((2, 1, 2), dtype=np.float32)
    painted = np.array([[[3, 0]], [[4, -7]]], dtype=np.float32)
    assert metrics.ab_errors(target, painted).tolist() == [[5.0, 7.0]]


def test_auc_by_hand() -> None:
    assert metrics.auc(np.zeros(4)) == 100
    assert metrics.auc(np.full(4, 150.5)) == 0
    # An error of exactly 75 is met by t = 75..150: 75 whole steps and half of the one that leads there.
    assert metrics.auc(np.array([75.0])) == pytest.approx(100 * 75.5 / 150)
    # Just above 75 the curve starts one threshold later.
    assert metrics.auc(np.array([np.nextafter(75.0, 76.0)])) == pytest.approx(100 * 74.5 / 150)


@given(hnp.arrays(np.float32, st.integers(1, 40), elements=st.floats(0, 400, width=32)))
def test_auc_equals_the_slow_loop(errors: np.ndarray) -> None:
    assert metrics.auc(errors) == pytest.approx(slow_auc(errors))


@given(
    hnp.arrays(np.float32, 60, elements=st.floats(0, 200, width=32)),
    hnp.arrays(np.int64, 60, elements=st.integers(0, 5)),
    st.integers(1, 9),
)
def test_balanced_auc_equals_the_slow_loop(errors: np.ndarray, bins: np.ndarray, smallest: int) -> None:
    assert metrics.class_balanced_auc(errors, bins, smallest) == pytest.approx(
        slow_balanced_auc(errors, bins, smallest)
    )


def test_balanced_auc_is_the_mean_over_bins_and_leaves_small_bins_out() -> None:
    errors = np.concatenate([np.zeros(5000), np.full(500, 75.0), np.full(499, 150.5)])
    bins = np.repeat([7, 2, 300], [5000, 500, 499])
    assert metrics.class_balanced_auc(errors, bins) == pytest.approx((100 + 100 * 75.5 / 150) / 2)
    assert math.isnan(metrics.class_balanced_auc(errors[-499:], bins[-499:]))


def test_curves_gathered_in_pieces_equal_the_whole() -> None:
    random = np.random.default_rng(0)
    errors, bins = random.gamma(2, 20, 3000), random.integers(0, 4, 3000)
    first, second = metrics.AccuracyCurves(4), metrics.AccuracyCurves(4)
    for part in range(0, 2000, 100):
        first.add(errors[part : part + 100], bins[part : part + 100])
    second.add(errors[2000:].reshape(50, 20), bins[2000:].reshape(50, 20))
    first.merge(second)
    assert metrics.curve_area(first.raw()) == pytest.approx(slow_auc(errors))
    assert metrics.curve_area(first.balanced()) == pytest.approx(slow_balanced_auc(errors, bins, 500))


def test_curves_take_the_same_memory_however_many_pixels() -> None:
    curves = metrics.AccuracyCurves(313)
    before = curves.counts.nbytes
    for _ in range(3):
        curves.add(np.full(10_000, 3.5), np.full(10_000, 312))
    assert curves.counts.nbytes == before
    assert curves.counts[312, 4] == 30_000


def test_weighted_curve_weighs_each_pixel_by_its_bin() -> None:
    curves = metrics.AccuracyCurves(3)
    curves.add(np.array([0.0, 0.0, 200.0]), np.array([0, 0, 1]))
    curve = curves.weighted(np.array([0.5, 3.0, 100.0]))
    assert curve[0] == curve[150] == pytest.approx(2 * 0.5 / (2 * 0.5 + 3.0))


def test_score_of_the_photo_itself_is_perfect() -> None:
    ab = np.moveaxis(metrics.lab(PHOTO)[..., 1:], 2, 0)
    scores = metrics.score(PHOTO, PHOTO, ab, ab)
    assert (scores.psnr, scores.ciede2000, scores.auc) == (100, 0, 100)
    assert scores.colorfulness == metrics.colorfulness(PHOTO)


def test_score_names_its_numbers_rightly() -> None:
    target, painted = metrics.lab(PHOTO), metrics.lab(DULL)
    target_ab, painted_ab = (np.moveaxis(lab[..., 1:], 2, 0) for lab in (target, painted))
    scores = metrics.score(PHOTO, DULL, target_ab, painted_ab)
    assert scores.psnr == metrics.psnr(PHOTO, DULL)
    assert scores.ciede2000 == metrics.ciede2000(target, painted)
    assert scores.colorfulness_absolute == metrics.colorfulness_absolute(DULL) != scores.colorfulness
    errors = np.sqrt(((target - painted)[..., 1:] ** 2).sum(axis=-1))
    assert scores.auc == pytest.approx(slow_auc(errors), abs=1e-3)
