"""A class-conditioned network is told what a photo shows, and what it then does is kept under a handle of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from visml import checkpoints
from visml.activations.store import ArrayStore
from visml.checkpoints import Checkpoint
from visml.inspector import Inspection, Inspector
from visml.inspector.categories import CategoryRefused
from visml.models import registry

CATEGORIES = ["animals/cats", "scenes/sea"]
ARGUMENTS = {"width": 1 / 16, "categories": CATEGORIES}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one checkpoint, ``told``."""
    folder = tmp_path_factory.mktemp("checkpoints")
    torch.manual_seed(6)
    checkpoints.save(folder / "told", registry.build("conditioned", ARGUMENTS), ARGUMENTS)
    return folder


def told(folder: Path, store: ArrayStore | None = None) -> Inspector:
    return Inspector("told", checkpoints=folder, store=store, precision="float32", device="cpu")


@pytest.mark.parametrize("category", [None, *CATEGORIES])
def test_the_network_is_told_the_category(folder: Path, astronaut: np.ndarray, category: str | None) -> None:
    inspector = told(folder)
    opened = inspector.open(astronaut, category)
    model = checkpoints.load(folder / "told")
    index = -1 if category is None else CATEGORIES.index(category)
    with torch.inference_mode():
        expected = model(torch.from_numpy(opened.lightness.copy()), torch.tensor([index]))[0]
    np.testing.assert_allclose(opened.logits, expected, atol=1e-4)
    assert opened.trace.facts.category == category
    assert inspector.predict(astronaut, category).trace.facts.category == category
    np.testing.assert_array_equal(inspector.predict(astronaut, category).logits, opened.logits)
    np.testing.assert_array_equal(inspector.colorize(astronaut, 0.5, category), opened.colorized(0.5))


def test_what_it_is_told_reaches_every_layer(folder: Path, astronaut: np.ndarray) -> None:
    inspector = told(folder)
    one, other = (inspector.open(astronaut, category) for category in CATEGORIES)
    for layer in inspector.layers:
        assert not np.array_equal(one[layer.name].maps, other[layer.name].maps)
    np.testing.assert_array_equal(one.lightness, other.lightness)


def test_each_category_is_kept_under_its_own_handle(
    folder: Path, store: ArrayStore, astronaut: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = {category: told(folder, store).open(astronaut, category) for category in (None, *CATEGORIES)}
    assert len({opened.handle for opened in first.values()}) == 3
    monkeypatch.setattr(checkpoints, "load", lambda checkpoint: pytest.fail("the model was loaded"))
    for category, opened in first.items():
        again = told(folder, store).open(astronaut, category)
        assert again.handle == opened.handle
        np.testing.assert_array_equal(again.logits, opened.logits)
        found = Inspection.reopen(store, opened.handle)
        assert found is not None
        assert found.trace.facts.category == category


def test_its_names_are_known_without_the_weights(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "load", lambda checkpoint: pytest.fail("the model was loaded"))
    assert told(folder).categories == tuple(CATEGORIES)
    with pytest.raises(CategoryRefused, match="no category 'cats'; it knows animals/cats, scenes/sea"):
        told(folder).open(np.zeros((8, 8), np.uint8), "cats")


def test_its_names_are_the_same_with_the_weights(folder: Path) -> None:
    inspector = told(folder)
    assert inspector.subject.categories == inspector.categories == tuple(CATEGORIES)


@pytest.mark.parametrize("ask", ["open", "predict", "colorize"])
def test_a_network_that_is_told_none_refuses_every_category(
    inspector: Inspector, astronaut: np.ndarray, ask: str
) -> None:
    assert inspector.categories == ()
    with pytest.raises(CategoryRefused, match="told no category"):
        getattr(inspector, ask)(astronaut, category="animals/cats")


@pytest.mark.parametrize("names", [None, "cats", {"cats": 1}, 3])
def test_a_checkpoint_with_nonsense_for_categories_has_none(folder: Path, names: object) -> None:
    found = checkpoints.describe(folder / "told")
    nonsense = Checkpoint(found.name, found.folder, found.family, {"categories": names}, found.model_sha256, {})
    assert nonsense.told == ()


def test_a_wrapped_module_takes_lightness_alone(astronaut: np.ndarray) -> None:
    module = torch.nn.Conv2d(1, 2, 4, 4)
    opened = Inspector.wrap(module).open(astronaut)
    assert opened.trace.facts.category is None
    with pytest.raises(CategoryRefused, match="told no category"):
        Inspector.wrap(module).open(astronaut, "cats")
