"""What one process does, done on two nodes: the same results, whatever becomes of the workers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from skimage import data

from tests.commands import Command
from tests.scale.works import Squares, TooLarge
from visml.insight import patches_kept
from visml.insight.lens_fit import fit
from visml.inspector import Inspector
from visml.scale.cluster import driving
from visml.scale.work import here as in_one_process

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """20 cuts in two categories, a gray one and one that cannot be opened."""
    root, random = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)
    for category, photo in (("people", data.astronaut()), ("cats", data.chelsea())):
        (root / category).mkdir()
        for index in range(10):
            top, left = (int(random.integers(length - 64)) for length in photo.shape[:2])
            Image.fromarray(photo[top : top + 64, left : left + 64]).save(root / category / f"{index}.png")
    Image.fromarray(data.camera()[:64, :64]).save(root / "gray.png")
    (root / "cats" / "broken.jpg").write_bytes(b"\xff\xd8\xff not a photo")
    return root


@pytest.fixture(autouse=True)
def _one_thread() -> Any:
    """As a worker has: sums of convolutions may hang on how many there are."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_parts_come_in_order_from_both_nodes(cluster: str, tmp_path: Path) -> None:
    told: list[int] = []
    with driving(cluster) as drive:
        parts = list(drive(Squares(meet=tmp_path), list(range(40)), told.append))
    assert [square for _, part in parts for square in part] == [number**2 for number in range(40)]
    assert len({pid for pid, _ in parts}) == 2
    assert told == [*range(3, 40, 3), 40]


def test_a_killed_workers_items_are_done_again(cluster: str, tmp_path: Path) -> None:
    with driving(cluster) as drive:
        parts = list(drive(Squares(mark=tmp_path / "died"), list(range(40))))
    assert (tmp_path / "died").exists()
    assert [square for _, part in parts for square in part] == [number**2 for number in range(40)]


def test_a_workers_refusal_is_ours(cluster: str) -> None:
    with driving(cluster) as drive, pytest.raises(TooLarge, match=r"^39 is too large\.$"):
        list(drive(Squares(most=38), list(range(40))))


def test_the_prior_is_the_same(visml: Command, cluster: str, pictures: Path, tmp_path: Path) -> None:
    assert visml("prior", pictures, "-o", tmp_path / "here.json").code == 0
    outcome = visml("prior", pictures, "-o", tmp_path / "there.json", "--ray", cluster)
    assert (outcome.code, outcome.err) == (0, "")
    assert (tmp_path / "there.json").read_bytes() == (tmp_path / "here.json").read_bytes()


def test_an_evaluation_is_the_same(visml: Command, cluster: str, pictures: Path, tmp_path: Path) -> None:
    asked = ("evaluate", "--model", "tiny", "--data", pictures, "--sweep")
    for where, more in (("here", ()), ("there", ("--ray", cluster))):
        outcome = visml(*asked, "-o", tmp_path / where, "--pictures", tmp_path / where / "pictures.csv", *more)
        assert outcome.code == 0, outcome.err
    here, there = (json.loads((tmp_path / where / "evaluation.json").read_text()) for where in ("here", "there"))
    assert here["pictures"] == 20
    assert there | {"seconds": 0} == here | {"seconds": 0}
    assert (tmp_path / "there" / "pictures.csv").read_bytes() == (tmp_path / "here" / "pictures.csv").read_bytes()


def test_colored_pictures_are_the_same(visml: Command, cluster: str, pictures: Path, tmp_path: Path) -> None:
    for where, more in (("here", ()), ("there", ("--ray", cluster))):
        (tmp_path / where / "cats").mkdir(parents=True)
        (tmp_path / where / "cats" / "3-color.jpg").write_bytes(b"there already")
        outcome = visml("colorize", pictures, "-o", tmp_path / where, "--model", "tiny", *more)
        assert outcome.code == 2
        assert outcome.err.count("is there already") == 1
        assert outcome.err.count("broken.jpg") == 1
    names = sorted(path.relative_to(tmp_path / "here") for path in (tmp_path / "here").rglob("*.jpg"))
    assert len(names) == 21
    assert sorted(path.relative_to(tmp_path / "there") for path in (tmp_path / "there").rglob("*.*")) == names
    for name in names:
        assert (tmp_path / "there" / name).read_bytes() == (tmp_path / "here" / name).read_bytes()


def test_an_index_of_patches_is_the_same(
    visml: Command, cluster: str, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for where, more in (("here", ()), ("there", ("--ray", cluster))):
        monkeypatch.setenv("VISML_CACHE_DIR", str(tmp_path / where))
        outcome = visml("patches", "index", "--model", "tiny", "--data", pictures, "--json", *more)
        assert outcome.code == 0, outcome.err
        place = Path(json.loads(outcome.text)["index"])
        found.append(patches_kept.load(place, place.name))
    here, there = found
    assert here is not None
    assert there is not None
    assert (there.seen, there.unreadable, there.pictures) == (here.seen, here.unreadable, here.pictures)
    assert there.layers == here.layers
    np.testing.assert_array_equal(there.values, here.values)
    np.testing.assert_array_equal(there.places, here.places)


def test_a_color_lens_is_the_same(cluster: str, root: Path, pictures: Path) -> None:
    inspector = Inspector("tiny", checkpoints=root, device="cpu")
    with inspector.running() as network, driving(cluster) as drive:
        here, there = (fit(network, pictures, model_sha256="", drive=each) for each in (in_one_process, drive))
    facts = [each.lens.facts.to_json() | {"seconds": 0} for each in (here, there)]
    assert facts[1] == facts[0], "the digest of the probes among them"
    np.testing.assert_array_equal(there.means, here.means)
