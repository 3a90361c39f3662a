"""Top patches of a narrow network: against sorting everything, and what is kept of them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.families import TINY
from tests.insight.pictures import fill
from visml import checkpoints
from visml.activations.recorder import record
from visml.images.decode import DEFAULT_LIMITS, PhotoRefused, squash
from visml.insight import patches, patches_kept
from visml.insight.forward import InsightRefused
from visml.insight.patches import PatchIndex
from visml.insight.patches_build import Builder, Built, build, duplicates
from visml.insight.strongest import Strongest
from visml.insight.sweep import Folder
from visml.inspector import Inspection, Inspector
from visml.models import registry

PER_FILTER = 4


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("album"), 14)


@pytest.fixture(scope="module")
def built(inspector: Inspector, album: Path) -> Built:
    with inspector.running() as network:
        return build(network, album, model_sha256=network.sha256, per_filter=PER_FILTER)


@pytest.fixture(scope="module")
def opened_all(inspector: Inspector, album: Path) -> dict[str, Inspection]:
    return {path.relative_to(album).as_posix(): inspector.open(path) for path in sorted(album.rglob("0*.png"))}


@pytest.mark.parametrize("layer", ["conv1", "conv4", "conv8"])
def test_the_strongest_of_all_pictures_by_sorting_everything(
    built: Built, opened_all: dict[str, Inspection], layer: str
) -> None:
    for number in range(built.index.layer(layer).channels):
        every = {name: opened[layer].maps[number] for name, opened in opened_all.items()}
        truth = sorted((each.max() for each in every.values() if each.max() > 0), reverse=True)[:PER_FILTER]
        found = built.index.patches(layer, number)
        np.testing.assert_allclose([patch.value for patch in found], truth, rtol=1e-4)
        assert len({patch.picture.name for patch in found}) == len(found), "at most one of a picture"
        for patch in found:
            assert every[patch.picture.name][patch.row, patch.column] == pytest.approx(patch.value, rel=1e-4)


def test_dead_filters_are_never_above_zero(built: Built, opened_all: dict[str, Inspection]) -> None:
    for layer in built.index.layers:
        highest = np.max([opened[layer.name].maps.max(axis=(1, 2)) for opened in opened_all.values()], axis=0)
        assert layer.dead == tuple(np.flatnonzero(highest <= 0))
        assert all(built.index.patches(layer.name, number) == () for number in layer.dead)


def test_near_duplicates_are_made_and_found(inspector: Inspector, album: Path, tmp_path: Path) -> None:
    torch.manual_seed(5)
    model = registry.build("zhang16", {"width": 1 / 16})
    convolution = model.get_submodule(model.layer("conv2").convolution or "")
    with torch.no_grad():
        convolution.weight[5], convolution.bias[5] = 2 * convolution.weight[2], 2 * convolution.bias[2]  # type: ignore[index, operator]
    checkpoints.save(tmp_path / "twins", model, {"width": 1 / 16})
    index = Inspector("twins", checkpoints=tmp_path, precision="float32").patches(album)
    pairs = {pair[:2]: pair[2] for pair in index.layer("conv2").duplicates}
    assert pairs[2, 5] == pytest.approx(1, abs=1e-3)
    assert all(one < other and cosine > 0.95 for (one, other), cosine in pairs.items())


def test_duplicates_are_all_pairs_above_the_bound() -> None:
    cosines = torch.tensor([[1, 0.96, 0.3], [0.96, 1, 0.99], [0.3, 0.99, 1]], dtype=torch.float64)
    assert duplicates(cosines) == ((1, 2, 0.99), (0, 1, 0.96))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 5), st.lists(st.integers(1, 4), min_size=1, max_size=6), st.booleans())
def test_streaming_equals_sorting(seed: int, count: int, parts: list[int], rectified: bool) -> None:
    """Whole numbers, so that many are equal: of equal ones the first seen stays."""
    random = np.random.default_rng(seed)
    maps = random.integers(-3, 6, (sum(parts), 3, 2, 3)).astype(np.float32)
    strongest = Strongest(3, count)
    for part in np.split(np.arange(len(maps)), np.cumsum(parts)[:-1]):
        strongest.add(torch.tensor(maps[part]), torch.tensor(part), rectified)
    for channel in range(3):
        every = [(-each.max(), number, int(each.argmax())) for number, each in enumerate(maps[:, channel])]
        truth = sorted(each for each in every if not rectified or -each[0] > 0)[:count]
        there = strongest.places[channel, :, 0] >= 0
        assert strongest.places[channel][there].tolist() == [list(each[1:]) for each in truth]
        assert strongest.values[channel][there].tolist() == [-each[0] for each in truth]
        assert bool((strongest.values[channel][~there] == -np.inf).all())


def test_nothing_is_kept_of_pictures_that_no_filter_names(inspector: Inspector, album: Path) -> None:
    """With one patch of each filter only its own pictures stay, and all else keeps its size."""
    with inspector.running() as network:
        builder, sizes = Builder(network, 1), set()
        for shown in Folder(album).batches(network.size, count=4):
            builder.add(network, shown)
            states = builder._layers.values()
            sizes.add(
                sum(each.strongest.values.numel() + each.moments._products.numel() for each in states if each.moments)
            )
            index = builder.index("", "there")
            assert set(builder._pictures.values()) == set(index.pictures)
            assert {int(number) for number in index.places[..., 0].ravel()} - {-1} == set(range(len(index.pictures)))
    assert len(sizes) == 1


@pytest.mark.parametrize("layer", ["conv1", "conv3", "conv5"])
def test_a_patch_is_all_that_moves_it_and_no_more(built: Built, inspector: Inspector, layer: str) -> None:
    """By running the network again, with other noise outside the patch; its side is the declared one."""
    found = built.index.layer(layer)
    every = [
        patch
        for number in range(found.channels)
        for patch in built.index.patches(layer, number)
        if patch.box.left > 0 and patch.box.top > 0 and patch.box.right < 224 and patch.box.bottom < 224
    ]
    patch = every[0]
    box, random = patch.box, torch.Generator().manual_seed(0)
    side = {"conv1": 5, "conv3": 37, "conv5": 181}[layer]
    assert (box.right - box.left, box.bottom - box.top) == (side, side)
    with inspector.running() as network, record(network.module, network.layers) as maps, torch.no_grad():
        seen = 100 * torch.rand(1, 1, 224, 224, generator=random)
        changed = 100 * torch.rand(1, 1, 224, 224, generator=random)
        changed[..., box.top : box.bottom, box.left : box.right] = seen[..., box.top : box.bottom, box.left : box.right]
        network.module(seen)
        before = maps[layer][0, :, patch.row, patch.column]
        network.module(changed)
        torch.testing.assert_close(maps[layer][0, :, patch.row, patch.column], before, rtol=0, atol=1e-5)
    assert not patch.whole


def test_a_field_as_large_as_the_picture_is_the_whole(built: Built) -> None:
    seven = built.index.layer("conv7")
    patch = built.index.patches("conv7", next(n for n in range(seven.channels) if n not in seven.dead))[0]
    assert patch.whole
    assert vars(patch.box) == {"left": 0, "top": 0, "right": 224, "bottom": 224}


def test_a_patch_is_cut_from_what_the_network_saw(built: Built, opened_all: dict[str, Inspection]) -> None:
    found = built.index.layer("conv3")
    patch = built.index.patches("conv3", next(n for n in range(found.channels) if n not in found.dead))[0]
    photo = patches.opened(built.index, patch, DEFAULT_LIMITS)
    seen = opened_all[patch.picture.name].squashed[patch.box.top : patch.box.bottom, patch.box.left : patch.box.right]
    np.testing.assert_array_equal(patches.cut(photo, patch, 224), seen)
    assert (patch.picture.width, patch.picture.height) == (48, 40)
    assert squash(photo.rgb, 224).shape == (224, 224, 3)


def test_an_index_comes_back(built: Built, tmp_path: Path) -> None:
    folder = patches_kept.place(tmp_path, built.index.model_sha256)
    patches_kept.save(built.index, folder)
    found = patches_kept.load(folder, built.index.model_sha256)
    assert found is not None
    np.testing.assert_array_equal(found.values, built.index.values)
    assert found.patches("conv3", 1) == built.index.patches("conv3", 1)
    assert found.layers == built.index.layers
    assert not list(folder.rglob("*.p*g")), "no pictures"
    assert patches_kept.load(folder, "0" * 64) is None
    assert patches_kept.load(tmp_path / "nowhere", built.index.model_sha256) is None


@pytest.mark.parametrize("harm", ["values.npy", "places.npy", "index.json", "picture", "schema"])
def test_a_damaged_index_is_none(built: Built, tmp_path: Path, harm: str) -> None:
    folder = patches_kept.place(tmp_path, built.index.model_sha256)
    patches_kept.save(built.index, folder)
    told = json.loads((folder / "index.json").read_text())
    if harm in ("picture", "schema"):
        told = {**told, "pictures": told["pictures"][:1]} if harm == "picture" else {**told, "schema": 2}
        (folder / "index.json").write_text(json.dumps(told))
    else:
        (folder / harm).write_bytes((folder / harm).read_bytes()[:-40])
    assert patches_kept.load(folder, built.index.model_sha256) is None


@pytest.mark.parametrize("name", ["../secret.png", "/etc/passwd", "link.png", "gone.png"])
def test_no_name_leads_out_of_the_folder(built: Built, album: Path, tmp_path: Path, name: str) -> None:
    fill(tmp_path, 1)
    (tmp_path / "secret.png").write_bytes((tmp_path / "even" / "000.png").read_bytes())
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link.png").symlink_to(tmp_path / "secret.png")
    index = PatchIndex(**{**vars(built.index), "data": str(inside)})
    patch = index.patches("conv3", next(n for n in range(8) if n not in index.layer("conv3").dead))[0]
    with pytest.raises(PhotoRefused):
        patches.opened(
            index, type(patch)(**{**vars(patch), "picture": patches.IndexedPicture(name, 1, 1)}), DEFAULT_LIMITS
        )


def test_what_there_is_no_patch_of(built: Built) -> None:
    with pytest.raises(InsightRefused, match="no layer"):
        built.index.patches("bins", 0)
    with pytest.raises(InsightRefused, match="counted from 0"):
        built.index.patches("conv1", 99)


def test_a_folder_without_a_readable_picture(inspector: Inspector, tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_text("no picture")
    with pytest.raises(InsightRefused, match="None of the 1"):
        inspector.patches(tmp_path)


@pytest.mark.parametrize("name", sorted(TINY))
def test_every_family_can_be_indexed(name: str, album: Path, tmp_path: Path) -> None:
    tiny = TINY[name]
    arguments = dict(tiny.arguments)
    checkpoints.save(tmp_path / name, registry.build(tiny.family, arguments), arguments)
    inspector = Inspector(name, checkpoints=tmp_path, precision="float32", device="cpu")
    index = inspector.patches(album, per_filter=2, pictures=5)
    assert index.seen >= 4
    assert index.values.shape == (sum(layer.channels for layer in index.layers), 2)
    with inspector.running() as network:
        output = network.layers[-1].name
    assert {layer.name for layer in index.layers} >= {layer.name for layer in inspector.layers} - {output}
