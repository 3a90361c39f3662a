"""Evaluations against the same numbers found another way: picture by picture, with Pillow and scikit-image."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from skimage.color import deltaE_ciede2000, lab2rgb, rgb2lab
from skimage.metrics import structural_similarity

from tests.evaluation.toys import SIZE, Conditioned, Critic, Flat, Mean, Ranked, write
from visml.color.bins import BINS
from visml.evaluation import reading
from visml.evaluation.baselines import TrainingColors
from visml.evaluation.report import EvaluationRefused, evaluate
from visml.images.decode import Limits
from visml.images.folder import FolderRefused, Picture

COLORED = {
    "cats": ["cats/chelsea.png", "cats/half.png"],
    "space/far": ["space/far/hubble.png"],
    None: ["astronaut.png", "cats/chelsea.png", "cats/half.png", "space/far/hubble.png"],
}


def targets(folder: Path, category: str | None, size: int = SIZE) -> list[np.ndarray]:
    """The squashed photos, ``(S, S, 3)`` uint8."""
    images = [Image.open(folder / name).convert("RGB") for name in COLORED[category]]
    return [np.array(image.resize((size, size), Image.Resampling.BICUBIC)) for image in images]


def painted(rgb: np.ndarray, ab: tuple[float, float]) -> np.ndarray:
    lab = rgb2lab(rgb)
    lab[..., 1:] = ab
    return np.rint(255 * lab2rgb(lab)).astype(np.uint8)


def slow_aucs(pictures: list[np.ndarray], ab: tuple[float, float]) -> tuple[float, float | None]:
    """Raw and class-balanced AuC of painting one color, over all pixels at once."""
    colors = np.concatenate([rgb2lab(rgb)[..., 1:].reshape(-1, 2) for rgb in pictures])
    errors = np.hypot(*(colors - ab).T)
    bins = np.array([np.square(BINS - color).sum(axis=1).argmin() for color in colors])
    sizes = np.bincount(bins, minlength=313)
    balance = np.where(sizes[bins] >= 500, 1 / sizes[bins], 0)
    raw, balanced = (
        [weights[errors <= t].sum() / max(weights.sum(), 1e-9) for t in range(151)]
        for weights in (np.ones(len(errors)), balance)
    )
    return 100 * np.trapezoid(raw) / 150, 100 * np.trapezoid(balanced) / 150 if balance.any() else None


@pytest.mark.parametrize("category", [None, "cats", "space/far"])
@pytest.mark.parametrize(("method", "ab"), [("gray", (0, 0)), ("model", (12.5, 20.0))])
def test_scores_equal_an_independent_computation(
    folder: Path, category: str | None, method: str, ab: tuple[float, float]
) -> None:
    row = evaluate(Flat(12.5, 20.0), folder).row(method, category)
    pictures = targets(folder, category)
    colorings = [painted(rgb, ab) for rgb in pictures]
    pairs = list(zip(pictures, colorings, strict=True))
    mse = [np.square(one.astype(float) - two).mean() for one, two in pairs]
    raw, balanced = slow_aucs(pictures, ab)
    assert row.pictures == len(pictures)
    assert row.auc == pytest.approx(raw, abs=0.01)
    assert row.balanced_auc == pytest.approx(balanced, abs=0.05)
    assert row.psnr == pytest.approx(np.mean(10 * np.log10(255**2 / np.array(mse))), abs=0.01)
    difference = np.mean([deltaE_ciede2000(rgb2lab(one), rgb2lab(two)).mean() for one, two in pairs])
    assert row.ciede2000 == pytest.approx(difference, abs=0.02)
    window = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    likeness = [structural_similarity(one, two, channel_axis=2, data_range=255, **window) for one, two in pairs]
    assert row.ssim == pytest.approx(np.mean(likeness), abs=1e-3)
    assert row.rmse_ab == pytest.approx(slow_rmse(pictures, ab), abs=1e-3)
    assert row.accuracy is None


def slow_rmse(pictures: list[np.ndarray], ab: tuple[float, float]) -> float:
    """Over all ab values of all pictures at once, in float64."""
    total, count = 0.0, 0
    for rgb in pictures:
        for color in rgb2lab(rgb.astype(np.float64) / 255)[..., 1:].reshape(-1, 2):
            total += (color[0] - ab[0]) ** 2 + (color[1] - ab[1]) ** 2
            count += 2
    return float(np.sqrt(total / count))


def test_colorfulness_and_its_difference_to_the_photos(folder: Path) -> None:
    evaluation = evaluate(Flat(0, 0), folder)
    row = evaluation.row("gray")
    # A gray coloring's channels differ by rounding at most, so the difference is the photos' own colorfulness.
    assert row.colorfulness == pytest.approx(0, abs=0.6)
    own = []
    for rgb in targets(folder, None):
        red, green, blue = np.moveaxis(rgb.astype(float), 2, 0)
        first, second = red - green, (red + green) / 2 - blue
        own.append(np.hypot(first.std(), second.std()) + 0.3 * np.hypot(first.mean(), second.mean()))
    assert row.colorfulness - row.colorfulness_difference == pytest.approx(np.mean(own), rel=1e-4)
    assert row.colorfulness_absolute - row.colorfulness_absolute_difference < np.mean(own)


def test_accuracy_counts_positions_whose_true_bin_leads(folder: Path) -> None:
    place = {tuple(center): index for index, center in enumerate(BINS.tolist())}
    order = [place[ab] for ab in ((0, 0), (10, 10), (0, 10), (10, 20), (0, -10), (20, 20))]
    row = evaluate(Ranked(order), folder).row("model", "cats")
    colors = np.concatenate([rgb2lab(rgb)[2::4, 2::4, 1:].reshape(-1, 2) for rgb in targets(folder, "cats")])
    true = np.array([np.square(BINS - color).sum(axis=1).argmin() for color in colors])
    assert 0 < (true == order[0]).mean() < np.isin(true, order[:5]).mean() < np.isin(true, order).mean()
    assert row.accuracy == pytest.approx((true == order[0]).mean(), abs=0.005)
    assert row.relaxed_accuracy == pytest.approx(np.isin(true, order[:5]).mean(), abs=0.005)


def test_temperature_moves_the_models_color(folder: Path) -> None:
    place = {tuple(center): index for index, center in enumerate(BINS.tolist())}
    model = Ranked([place[0, 0], place[80, 0]])
    with torch.no_grad():
        model.logits[place[80, 0]] = 19.0
    mode, mean = (evaluate(model, folder, temperature=t) for t in (0, 1))
    assert mode.row("model").auc == pytest.approx(mode.row("gray").auc)
    # softmax(20, 19) puts 0.2689 on (80, 0).
    expected = slow_aucs(targets(folder, None), (80 * 0.26894, 0.0))[0]
    assert mean.row("model").auc == pytest.approx(expected, abs=0.02)


def test_a_prior_adds_the_training_mean_and_the_papers_auc(folder: Path) -> None:
    prior = np.linspace(1, 3, 313) / np.linspace(1, 3, 313).sum()
    evaluation = evaluate(Flat(0, 0), folder, training=TrainingColors("some", 7, 77, prior))
    expected = slow_aucs(targets(folder, None), tuple((prior @ BINS).tolist()))[0]
    assert evaluation.row("training_mean").auc == pytest.approx(expected, abs=0.01)
    assert evaluation.row("model").prior_auc == pytest.approx(slow_prior_auc(targets(folder, None), prior), abs=0.05)
    assert [row.method for row in evaluation.rows[:4]] == ["model", "gray", "training_mean", "random_picture"]
    assert evaluation.to_json()["prior"] == {"name": "some", "pictures": 7, "pixels": 77}


def test_a_lightness_table_adds_what_it_paints(folder: Path) -> None:
    table = np.random.default_rng(1).uniform(-30, 30, (101, 2))
    known = TrainingColors("some", 7, 77, np.full(313, 1 / 313), table)
    row = evaluate(Flat(0, 0), folder, training=known).row("lightness_table", "cats")
    lab = np.concatenate([rgb2lab(rgb).reshape(-1, 3) for rgb in targets(folder, "cats")])
    errors = np.hypot(*(lab[:, 1:] - table[np.rint(lab[:, 0]).astype(int)]).T)
    assert row.auc == pytest.approx(100 * np.trapezoid([(errors <= t).mean() for t in range(151)]) / 150, abs=0.02)


def test_another_pictures_colors_are_those_of_the_one_read_before(folder: Path) -> None:
    evaluation = evaluate(Flat(0, 0), folder)
    order = [picture.path.relative_to(folder.resolve()).as_posix() for picture in reading.shuffled(folder)]
    order = [name for name in order if name in COLORED[None]]
    labs = {name: rgb2lab(rgb) for name, rgb in zip(COLORED[None], targets(folder, None), strict=True)}
    for category, names in COLORED.items():
        pairs = [(labs[name], labs[order[order.index(name) - 1]]) for name in names]
        squares = np.concatenate([np.square(own - others)[..., 1:].ravel() for own, others in pairs])
        row = evaluation.row("random_picture", category)
        assert (row.pictures, row.accuracy) == (len(names), None)
        assert row.rmse_ab == pytest.approx(np.sqrt(squares.mean()), rel=1e-3)


@pytest.mark.parametrize("late", ["astronaut", "chelsea", "half", "hubble"])
def test_a_late_worker_changes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch, late: str) -> None:
    expected, read = evaluate(Flat(0, 0), folder), reading.read

    def slow(picture: Picture, root: Path, size: int, limits: Limits) -> reading.Read:
        time.sleep(0.1 * (late in picture.path.name))
        return read(picture, root, size, limits)

    monkeypatch.setattr(reading, "read", slow)
    found = evaluate(Flat(0, 0), folder)
    assert (found.rows, found.curves, found.best) == (expected.rows, expected.curves, expected.best)


def test_a_single_picture_has_no_other_to_take_colors_from(folder: Path) -> None:
    assert [row.method for row in evaluate(Flat(0, 0), folder / "space").rows] == ["model", "gray"] * 2


def slow_prior_auc(pictures: list[np.ndarray], prior: np.ndarray) -> float:
    """Gray's AuC, each pixel weighing 1/p of its true bin, p blurred bin by bin with a Gaussian of sigma 5."""
    smoothed = np.zeros(313)
    for mass, center in zip(prior, BINS, strict=True):
        kernel = np.exp(-np.square(BINS - center).sum(axis=1) / (2 * 5**2))
        smoothed += mass * kernel / kernel.sum()
    colors = np.concatenate([rgb2lab(rgb)[..., 1:].reshape(-1, 2) for rgb in pictures])
    weights = 1 / smoothed[[np.square(BINS - color).sum(axis=1).argmin() for color in colors]]
    errors = np.hypot(*colors.T)
    shares = [weights[errors <= t].sum() / weights.sum() for t in range(151)]
    return 100 * float(np.trapezoid(shares)) / 150


def test_what_cannot_be_scored_is_counted(folder: Path) -> None:
    evaluation = evaluate(Flat(0, 0), folder)
    assert (evaluation.pictures, evaluation.without_color, evaluation.unreadable) == (4, 1, 1)
    assert [(row.category, row.method) for row in evaluation.rows] == [
        (category, method) for category in (None, "cats", "space/far") for method in ("model", "gray", "random_picture")
    ]


def test_batches_do_not_change_the_scores(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = evaluate(Flat(3, -4), folder)
    monkeypatch.setattr(reading, "BATCH", 1)
    single = evaluate(Flat(3, -4), folder)
    assert single.curves == whole.curves
    assert single.row("model", "cats").psnr == pytest.approx(whole.row("model", "cats").psnr)
    assert (single.best, single.worst) == (whole.best, whole.worst)


def test_categories_reach_the_networks_that_read_them(folder: Path) -> None:
    evaluation = evaluate(Conditioned(), folder)
    for category, a in (("cats", 0), ("space/far", 10)):
        assert evaluation.row("model", category).rmse_ab == pytest.approx(
            slow_rmse(targets(folder, category), (a, 5)), abs=1e-3
        )
    (astronaut,) = [each.scores for each in evaluation.best if each.scores.category is None]
    assert (astronaut.painted_mean_a, astronaut.painted_mean_b) == (-10, 5)


@pytest.mark.parametrize("size", [8, 30, 224])
def test_one_color_for_a_picture_of_any_size_is_painted_everywhere(folder: Path, size: int) -> None:
    evaluation = evaluate(Mean(7, -3, size), folder)
    pictures = targets(folder, None, size)
    assert evaluation.size == size
    assert evaluation.row("model").rmse_ab == pytest.approx(slow_rmse(pictures, (7, -3)), abs=1e-3)
    assert evaluation.row("model").auc == pytest.approx(slow_aucs(pictures, (7, -3))[0], abs=0.05)
    assert (evaluation.row("model").ssim is None) == (size < 11)


def test_what_gives_no_color_is_refused(folder: Path) -> None:
    with pytest.raises(EvaluationRefused, match="no colors"):
        evaluate(Critic(0, 0), folder)


def test_progress_reaches_the_number_of_pictures(folder: Path) -> None:
    told: list[tuple[int, int]] = []
    evaluate(Flat(0, 0), folder, progress=lambda done, found: told.append((done, found)))
    assert told[-1] == (6, 6)


def test_the_model_is_not_changed(folder: Path) -> None:
    model = Ranked([1, 2, 3])
    before = {name: value.clone() for name, value in model.state_dict().items()}
    evaluate(model, folder)
    for name, value in model.state_dict().items():
        assert value.dtype == before[name].dtype
        assert torch.equal(value, before[name])


def test_json_is_written_whole_and_holds_no_nan(folder: Path, tmp_path: Path) -> None:
    evaluation = evaluate(Flat(0, 0), folder / "space", name="flat-1", sha256="ab" * 32)
    path = evaluation.save(tmp_path / "out")
    assert sorted(each.name for each in path.parent.iterdir()) == ["evaluation.csv", "evaluation.json"]
    content = json.loads(path.read_text(), parse_constant=pytest.fail)
    assert (content["schema"], content["model"], content["data"]) == (1, "flat-1", "space")
    assert content["rows"][0]["auc"] == evaluation.row("model").auc
    assert len(content["curves"][0]["raw"]) == 151


def test_a_folder_that_cannot_be_scored_is_refused(tmp_path: Path, folder: Path) -> None:
    write(tmp_path / "gray" / "camera.png", np.full((20, 30), 99, dtype=np.uint8))
    with pytest.raises(EvaluationRefused, match="0 cannot be opened and 1 have no color"):
        evaluate(Flat(0, 0), tmp_path / "gray")
    with pytest.raises(FolderRefused):
        evaluate(Flat(0, 0), tmp_path / "nothing")
    with pytest.raises(EvaluationRefused, match="negative"):
        evaluate(Flat(0, 0), folder, temperature=-1)
