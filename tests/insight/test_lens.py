"""The lens of a narrow network: what is fitted, how it is kept, what it reads of a photo, where a hue is decided."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.families import TINY
from tests.insight.pictures import fill
from visml import checkpoints
from visml.color import bins
from visml.images.folder import content_fraction
from visml.insight import lens as lenses
from visml.insight import means
from visml.insight.forward import InsightRefused
from visml.insight.lens import decided
from visml.insight.lens_fit import HELD_OUT, Fitted, fit
from visml.insight.lens_learn import Fitting
from visml.insight.sweep import Folder, at_centers, run
from visml.inspector import Inspection, Inspector
from visml.metrics import SMALLEST_BIN, ab_errors, auc, class_balanced_auc
from visml.models import registry

LAYERS = [f"conv{number}" for number in range(1, 9)]


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("album"))


@pytest.fixture(scope="module")
def fitted(inspector: Inspector, album: Path) -> Fitted:
    with inspector.running() as network:
        return fit(network, album, model_sha256=network.sha256)


@pytest.fixture
def folder(root: Path, fitted: Fitted) -> Path:
    lenses.save(fitted.lens, root / "toy")
    return root / "toy"


def held_out(album: Path) -> list[Path]:
    return [path for path in sorted(album.rglob("0*.png")) if content_fraction(path.read_bytes()) < HELD_OUT]


def test_what_is_told_of_the_fit(fitted: Fitted, album: Path) -> None:
    facts = fitted.lens.facts
    assert [each.name for each in facts.layers] == LAYERS
    assert [(each.height, each.width) for each in facts.layers][:4] == [(56, 56), (56, 56), (28, 28), (28, 28)]
    assert facts.held_out == len(held_out(album)) > 0
    assert (facts.pictures + facts.held_out, facts.unreadable, facts.without_color) == (24, 1, 0)
    assert (facts.data, facts.held_out_data) == (album.name, None)
    assert set(fitted.lens.probes) == {f"{name}.{kind}" for name in LAYERS for kind in ("bins", "ab")}


def test_scores_are_those_of_each_held_out_picture(fitted: Fitted, album: Path, inspector: Inspector) -> None:
    """Gray, the network itself and one probe, from the metrics' plain functions over all points at once."""
    errors: dict[str, list[np.ndarray]] = {"gray": [], "output": [], "conv3.ab": [], "conv3.bins": []}
    nearest = []
    for path in held_out(album):
        opened = inspector.open(path)
        truth = at_centers(torch.tensor(opened.target_ab)[None], 56, 56)
        nearest.append(bins.nearest(truth, bins.centers()).numpy())
        found = {
            "gray": torch.zeros(1, 2, 1, 1),
            "output": torch.tensor(opened.ab(0.38))[None],
            "conv3.ab": fitted.lens.ridge_ab(opened.trace, "conv3"),
            "conv3.bins": fitted.lens.ab(opened.trace, "conv3", 0.38),
        }
        for name, ab in found.items():
            fine = torch.nn.functional.interpolate(ab, (56, 56), mode="bilinear")
            errors[name].append(ab_errors(truth[0].numpy(), fine[0].numpy()))
    conv3 = fitted.lens.facts.layers[2]
    facts = {"gray": fitted.lens.facts.gray, "output": fitted.lens.facts.output, "conv3.ab": conv3.ab}
    for name, quality in {**facts, "conv3.bins": conv3.bins}.items():
        assert quality is not None
        assert quality.auc == pytest.approx(auc(np.stack(errors[name])), abs=2e-3)
        balanced = class_balanced_auc(
            np.concatenate(errors[name])[:, None], np.concatenate(nearest)[:, None], round(SMALLEST_BIN / 16)
        )
        assert quality.balanced_auc == pytest.approx(balanced, abs=2e-3)


def test_probes_beat_gray_on_pictures_held_out(fitted: Fitted) -> None:
    facts = fitted.lens.facts
    assert all(each.ab.auc > facts.gray.auc for each in facts.layers), "these photos are colorful"


def test_another_folder_is_held_out(inspector: Inspector, album: Path, tmp_path: Path) -> None:
    other = fill(tmp_path / "other", 5, seed=1)
    with inspector.running() as network:
        facts = fit(network, album, other, model_sha256=network.sha256).lens.facts
    assert (facts.data, facts.held_out_data) == (album.name, "other")
    assert (facts.pictures, facts.held_out, facts.unreadable) == (24, 5, 2)


def test_filter_means_are_over_all_pictures_and_positions(
    fitted: Fitted, album: Path, inspector: Inspector, root: Path
) -> None:
    opened = [inspector.open(path) for path in sorted(album.rglob("0*.png"))]
    truth = [
        np.mean([each[layer.name].maps.astype(np.float64) for each in opened], axis=(0, 2, 3))
        for layer in inspector.layers
    ]
    assert fitted.means.dtype == np.float32
    np.testing.assert_allclose(fitted.means, np.concatenate(truth), rtol=1e-4, atol=1e-6)
    means.save(fitted.means, root / "toy")
    np.testing.assert_array_equal(np.load(root / "toy" / means.FILE), fitted.means)
    assert means.current(root / "toy", inspector.layers)
    assert not means.current(root / "toy", inspector.layers[1:])


def test_memory_does_not_grow_with_the_pictures(inspector: Inspector, album: Path) -> None:
    def held(fitting: Fitting) -> int:
        return sum(
            layer.pool.features.numel() + layer.pool.ab.numel() + layer.moments._products.numel()
            for layer in fitting._layers.values()
        )

    with inspector.running() as network:
        fitting, folder = Fitting(network), Folder(album)
        sizes = []
        for shown in folder.batches(network.size, count=6):
            fitting.add(run(network, shown))
            sizes.append(held(fitting))
    assert len(sizes) == 5
    assert len(set(sizes)) == 1


def test_a_saved_lens_comes_back_to_the_bit(folder: Path, fitted: Fitted, opened: Inspection) -> None:
    lens = lenses.load(folder, fitted.lens.facts.model_sha256)
    assert lens.facts == fitted.lens.facts
    for name, probe in fitted.lens.probes.items():
        assert all(torch.equal(value, vars(lens.probes[name])[part]) for part, value in vars(probe).items())


def test_what_it_reads_of_a_photo(folder: Path, fitted: Fitted, opened: Inspection) -> None:
    """By a loop over positions, features averaged by hand where they are finer than 56 x 56."""
    for layer, factor in (("conv1", 2), ("conv4", 1)):
        logits, maps = opened.lens(layer), opened[layer].maps.astype(np.float64)
        side = maps.shape[1] // factor
        assert logits.shape == (313, side, side)
        probe = fitted.lens.probes[f"{layer}.bins"]
        for row, column in ((0, 0), (5, 17), (side - 1, 3)):
            block = maps[:, row * factor : (row + 1) * factor, column * factor : (column + 1) * factor]
            standardized = (block.mean(axis=(1, 2)) - probe.mean.numpy()) * probe.scale.numpy()
            truth = probe.weight.double().numpy() @ standardized + probe.bias.numpy()
            np.testing.assert_allclose(logits[:, row, column], truth, rtol=1e-4, atol=1e-3)
        shares = np.exp(logits / 0.5 - (logits / 0.5).max(axis=0))
        shares = shares / shares.sum(axis=0)
        np.testing.assert_allclose(opened.lens_ab(layer, 0.5), np.einsum("qhw,qc->chw", shares, bins.BINS), atol=1e-2)
    assert opened.lens_facts() == fitted.lens.facts


def test_layers_that_it_does_not_read(folder: Path, opened: Inspection) -> None:
    for layer in ("bins", "conv99"):
        with pytest.raises(InsightRefused, match="does not read"):
            opened.lens(layer)


def test_a_lens_of_other_weights_is_refused(folder: Path, fitted: Fitted) -> None:
    with pytest.raises(InsightRefused, match="other weights"):
        lenses.load(folder, "0" * 64)
    other = replace(fitted.lens, facts=replace(fitted.lens.facts, model_sha256="0" * 64))
    with pytest.raises(InsightRefused, match="replaced"):
        lenses.save(other, folder)


@pytest.mark.parametrize("harm", ["flip", "cut", "json", "key"])
def test_a_damaged_lens_is_refused(folder: Path, fitted: Fitted, harm: str) -> None:
    with checkpoints.replacing(folder) as new:
        weights, facts = new / lenses.WEIGHTS, new / lenses.FACTS
        data, told = bytearray(weights.read_bytes()), json.loads(facts.read_text())
        weights.unlink()
        if harm == "flip":
            data[-5] ^= 1
        weights.write_bytes(data[:-9] if harm == "cut" else data)
        if harm == "key":
            del told["gray"]
        facts.unlink()
        facts.write_text("{" if harm == "json" else json.dumps(told))
    with pytest.raises(InsightRefused, match="damaged"):
        lenses.load(folder, fitted.lens.facts.model_sha256)


def test_without_a_lens_it_says_how_to_fit_one(tmp_path: Path) -> None:
    with pytest.raises(InsightRefused, match="visml lens fit --model mine --data DIR"):
        lenses.load(tmp_path, "0" * 64, "mine")


def test_too_few_pictures(inspector: Inspector, tmp_path: Path) -> None:
    with inspector.running() as network, pytest.raises(InsightRefused, match="at least 20"):
        fit(network, fill(tmp_path, 1), model_sha256=network.sha256)


def test_a_network_of_one_position(album: Path) -> None:
    net = torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(1), torch.nn.Conv2d(1, 4, 1), torch.nn.Conv2d(4, 2, 1))
    with Inspector.wrap(net).running() as network, pytest.raises(InsightRefused, match="nothing to read"):
        fit(network, album, model_sha256="")


@pytest.mark.parametrize("name", sorted(TINY))
def test_every_family_can_be_fitted_or_says_why_not(name: str, album: Path, tmp_path: Path) -> None:
    tiny = TINY[name]
    torch.manual_seed(1)
    arguments = dict(tiny.arguments)
    checkpoint = checkpoints.save(tmp_path / name, registry.build(tiny.family, arguments), arguments)
    inspector = Inspector(name, checkpoints=tmp_path, precision="float32", device="cpu")
    opened = inspector.open(sorted(album.rglob("0*.png"))[0])
    with inspector.running() as network:
        readable = [layer.name for layer in network.layers if min(opened[layer.name].maps.shape[1:]) > 1]
        made = fit(network, album, model_sha256=checkpoint.model_sha256, most=20)
    lenses.save(made.lens, checkpoint.folder)
    assert {each.name for each in made.lens.facts.layers} <= set(readable)
    for each in made.lens.facts.layers:
        assert (each.bins is None) == (network.centers is None)
        ab = opened.lens_ab(each.name)
        assert ab.shape == (2, each.height, each.width)
        assert np.isfinite(ab).all()


def test_a_network_without_a_checkpoint_says_so(inspector: Inspector, album: Path) -> None:
    wrapped = Inspector.wrap(inspector.subject.module).open(sorted(album.rglob("0*.png"))[0])
    with pytest.raises(InsightRefused, match="save it as one"):
        wrapped.lens("conv4")


def slow_decided(colors: list[tuple[float, float]]) -> int | None:
    """By the words of the definition, one color after another."""
    end = complex(*colors[-1])
    for first in range(len(colors)):
        if all(
            abs(complex(*each)) > 8 and abs(np.degrees(np.angle(complex(*each) / end))) <= 30 for each in colors[first:]
        ):
            return first
    return None


def test_where_a_hue_is_decided() -> None:
    assert decided([(0, 0), (-20, 0), (20, 1), (3, 0), (20, -5), (30, 0)]) == 4
    assert decided([(20, 0), (20, 5)]) == 0
    assert decided([(20, 0), (3, 5)]) is None
    assert decided([(-20, 2), (-20, -2)]) == 0, "hues of 174 and -174 degrees are 12 apart"


ANY = st.floats(-60, 60).map(lambda value: round(value, 2))


@given(st.lists(st.tuples(ANY, ANY), min_size=1, max_size=9).filter(lambda each: abs(complex(*each[-1])) > 0.1))
def test_decided_keeps_to_its_words(colors: list[tuple[float, float]]) -> None:
    hues = [abs(np.degrees(np.angle(complex(*each) / complex(*colors[-1])))) for each in colors]
    if min(abs(np.asarray(hues) - 30)) > 1e-6:
        assert decided(colors) == slow_decided(colors)
