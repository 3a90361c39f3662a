"""An opened photo, each answer computed again another way."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from scipy.special import softmax
from skimage.color import rgb2lab

from visml.color import bins, lab
from visml.images.decode import squash
from visml.inspector import Inspection, Inspector

T = bins.DEFAULT_TEMPERATURE


def test_the_photo_as_the_model_sees_it(opened: Inspection, astronaut: np.ndarray) -> None:
    np.testing.assert_array_equal(opened.photo.rgb, astronaut)
    np.testing.assert_array_equal(opened.squashed, squash(astronaut, 224))
    expected = rgb2lab(opened.squashed).transpose(2, 0, 1)
    assert opened.lightness.shape == (1, 1, 224, 224)
    assert opened.lightness.dtype == np.float32
    np.testing.assert_allclose(opened.lightness[0], expected[:1], atol=1e-3)
    np.testing.assert_allclose(opened.target_ab, expected[1:], atol=5e-3)


def test_layers_are_the_models_and_their_maps_are_what_a_forward_pass_gives(
    opened: Inspection, inspector: Inspector
) -> None:
    model, value = inspector.subject.module, torch.from_numpy(opened.lightness.copy())
    with torch.inference_mode():
        logits = model(value)
        first = model.trunk.conv1[:4](model.normalize(value))  # type: ignore[operator, union-attr, index]
    np.testing.assert_array_equal(opened["conv1"].maps, first[0].numpy())
    np.testing.assert_array_equal(opened.logits, logits[0].numpy())
    assert opened.layers == inspector.layers
    assert [opened[layer.name].maps.shape[0] for layer in opened.layers] == [layer.channels for layer in opened.layers]
    assert opened["bins"].maps is opened.logits


@pytest.mark.parametrize("temperature", [1.0, T, 0.1])
def test_distribution_is_the_softmax_of_logits_over_t(opened: Inspection, temperature: float) -> None:
    assert opened.logits is not None
    expected = softmax(opened.logits.astype(np.float64) / temperature, axis=0)
    np.testing.assert_allclose(opened.distribution(temperature), expected, atol=1e-5)


def test_ab_is_the_mean_under_it(opened: Inspection) -> None:
    expected = np.einsum("qhw,qc->chw", opened.distribution(T), bins.BINS)
    assert opened.ab(T).shape == (2, 56, 56)
    np.testing.assert_allclose(opened.ab(T), expected, atol=1e-3)
    np.testing.assert_array_equal(opened.ab(), opened.ab(T))


def test_at_temperature_0_it_is_the_mode(opened: Inspection) -> None:
    assert opened.logits is not None
    np.testing.assert_array_equal(opened.ab(0), bins.BINS[opened.logits.argmax(0)].transpose(2, 0, 1))


def test_entropy_is_in_bits_at_temperature_1(opened: Inspection) -> None:
    p = opened.distribution(1.0).astype(np.float64)
    np.testing.assert_allclose(opened.entropy(), -(p * np.log2(p)).sum(0), rtol=1e-4)


def test_colorized_has_the_photos_size_and_the_pictures_colors(opened: Inspection, inspector: Inspector) -> None:
    assert opened.colorized().shape == opened.photo.rgb.shape
    np.testing.assert_array_equal(opened.colorized(), inspector.colorize(opened.photo.rgb))
    assert (opened.colorized(0.1) != opened.colorized(1)).any()


@pytest.mark.parametrize(("x", "y"), [(0, 0), (223, 223), (5, 100), (100, 5)])
def test_top_bins_are_the_pixels_likeliest(opened: Inspection, x: int, y: int) -> None:
    column = opened.distribution()[:, y // 4, x // 4]
    order = np.argsort(-column, kind="stable")[:10]
    found = opened.top_bins(x, y)
    assert [share.index for share in found] == order.tolist()
    np.testing.assert_allclose([share.probability for share in found], column[order], rtol=1e-5)
    assert [(share.a, share.b) for share in found] == [tuple(bins.BINS[index]) for index in order]
    assert len(opened.top_bins(x, y, count=3)) == 3


@pytest.mark.parametrize(("x", "y"), [(-1, 0), (0, -1), (224, 0), (0, 224)])
def test_a_pixel_outside_is_refused(opened: Inspection, x: int, y: int) -> None:
    with pytest.raises(ValueError, match="between 0 and 223"):
        opened.top_bins(x, y)


def nearest(ab: np.ndarray) -> np.ndarray:
    """Pixels by nearest bin, by plain distances."""
    distances = cdist(ab.reshape(2, -1).T, bins.BINS)
    return np.bincount(distances.argmin(1), minlength=len(bins.BINS))


def test_ab_histograms_count_nearest_bins(opened: Inspection) -> None:
    painted = lab.upsample(torch.from_numpy(opened.ab(T).copy())[None], (224, 224))[0].numpy()
    for found, ab in ((opened.ab_histogram(), opened.target_ab), (opened.predicted_ab_histogram(T), painted)):
        assert found.dtype == np.int64
        assert found.sum() == 224 * 224
        assert np.abs(found - nearest(ab)).sum() <= 4  # ties between bins may fall either way


def test_lightness_histogram(opened: Inspection) -> None:
    found = opened.lightness_histogram()
    expected = np.bincount(np.minimum(opened.lightness.ravel().astype(int), 99), minlength=100)
    assert found.shape == (100,)
    assert np.abs(found - expected).sum() <= 4


def test_accuracy_curve_is_the_share_within_t(opened: Inspection) -> None:
    painted = lab.upsample(torch.from_numpy(opened.ab(T).copy())[None], (224, 224))[0].numpy()
    errors = np.hypot(*(opened.target_ab - painted).astype(np.float64))
    found = opened.accuracy_curve()
    assert found is not None
    np.testing.assert_allclose(found, [(errors <= t).mean() for t in range(151)], atol=1e-4)
    scores = opened.scores()
    assert scores is not None
    assert scores.auc == pytest.approx(100 * np.trapezoid(found) / 150)


def test_scores_at_224(opened: Inspection) -> None:
    found, painted = opened.scores(0.5), opened.painted(0.5).astype(float)
    assert found is not None
    assert found.psnr == pytest.approx(10 * np.log10(255**2 / np.mean((opened.squashed - painted) ** 2)))
    assert found != opened.scores(T)


def test_gray_scores_are_those_of_no_color(opened: Inspection) -> None:
    found, curve = opened.gray_scores(), opened.gray_accuracy_curve()
    assert found is not None
    assert curve is not None
    chroma = np.hypot(*opened.target_ab.astype(np.float64))
    np.testing.assert_allclose(curve, [(chroma <= t).mean() for t in range(151)], atol=1e-4)
    assert found.colorfulness < 1
    assert found.auc == pytest.approx(100 * np.trapezoid(curve) / 150)


def test_a_photo_without_color_has_no_scores(inspector: Inspector, astronaut: np.ndarray) -> None:
    gray = inspector.open(astronaut[..., 0])
    assert not gray.photo.has_color
    assert (gray.scores(), gray.gray_scores(), gray.accuracy_curve(), gray.gray_accuracy_curve()) == (None,) * 4
    assert gray.ab_histogram().sum() == 224 * 224


def test_answers_are_read_only(opened: Inspection) -> None:
    for array in (opened.squashed, opened.lightness, opened.target_ab, opened.distribution(), opened.ab()):
        assert not array.flags.writeable


def test_small_results_are_asked_for_once(root: object, astronaut: np.ndarray) -> None:
    asked: dict[str, object] = {}

    class Watching:
        def get(self, key: str) -> object:
            return asked.get(key)

        def set(self, key: str, value: object) -> None:
            assert key not in asked
            asked[key] = value

    opened = Inspector("toy", checkpoints=root, precision="float32", values=Watching()).open(astronaut)  # type: ignore[arg-type]
    for _ in range(2):
        opened.scores()
        opened.gray_scores()
        opened.ab_histogram()
        opened.predicted_ab_histogram()
        opened.lightness_histogram()
        opened.accuracy_curve()
        opened["conv3"].mean  # noqa: B018
    whats = {key.split(":", 3)[3] for key in asked}
    assert whats >= {"scores:0.38", "scores:gray", "bins:target", "bins:0.38", "lightness", "curve:0.38"}
    assert {what for what in whats if what.startswith("summary:")} == {f"summary:{each.name}" for each in opened.layers}
