"""The Compare page's questions: photos opened in models, rows of the gallery grid, networks kept in memory."""

from __future__ import annotations

import io
import json
import math
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from skimage import data

from tests.dashboard.conftest import ask_with
from tests.tables import problems
from visml import checkpoints
from visml.dashboard.app import create_app
from visml.dashboard.context import Context
from visml.dashboard.inspectors import KeptInspectors, weight_bytes
from visml.inspector import Inspection, Inspector
from visml.models import registry
from visml.settings import Settings

ARGUMENTS = {"width": 0.0625}
SCORES = ("psnr", "ciede2000", "auc", "colorfulness_difference")


@pytest.fixture(scope="module")
def checkpoint_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sound checkpoints, ``one`` and ``two``, and ``hurt``, whose weights were damaged."""
    root = tmp_path_factory.mktemp("checkpoints")
    for seed, name in enumerate(("one", "two", "hurt")):
        torch.manual_seed(seed)
        checkpoints.save(root / name, registry.build("zhang16", ARGUMENTS), ARGUMENTS)
    weights = root / "hurt" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")
    return root


@pytest.fixture(scope="module")
def inspector(checkpoint_root: Path) -> Inspector:
    return Inspector("one", checkpoints=checkpoint_root, device="cpu", precision="float32")


def row(client: FlaskClient, photo: str, *columns: tuple[str, float | None]) -> dict[str, Any]:
    answer = client.post("/compare/row", json={"photo": photo, "columns": columns})
    assert answer.status_code == 200
    told: dict[str, Any] = answer.get_json()
    assert problems(told, "gallery row") == []
    return told


def known(told: dict[str, Any]) -> list[bool]:
    return [cell["picture"] is not None for cell in told["cells"]]


def jpeg(client: FlaskClient, address: str) -> np.ndarray:
    answer = client.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert "immutable" in answer.headers["Cache-Control"]
    return np.asarray(Image.open(io.BytesIO(answer.data)))


# ---- opening a photo in a model ----------------------------------------------------------------------------------


def test_a_photo_opens_in_any_model(client: FlaskClient) -> None:
    told = ask_with(client, {"model": "two", "photo": "coffee"})
    assert problems(told, "trace.json") == []
    assert client.get(f"/data/{told['trace']}/logits.bin").status_code == 200


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"model": "nobody", "photo": "coffee"}, "no such model"),
        ({"model": "../one", "photo": "coffee"}, "no such model"),
        ({"model": "one", "photo": "folder:../../etc/passwd"}, "no such photo"),
        ({"model": "hurt", "photo": "coffee"}, "SHA-256"),
        ({}, "no such model"),
    ],
)
def test_what_cannot_be_opened_is_one_sentence(client: FlaskClient, asked: Any, words: str) -> None:
    answer = client.post("/open", json=asked)
    assert answer.status_code == 422
    assert words in answer.get_json()["error"]


@pytest.mark.parametrize("address", ["/open", "/compare/row"])
def test_questions_come_from_the_page_alone_and_are_short(client: FlaskClient, address: str) -> None:
    asked = {"model": "one", "photo": "coffee", "columns": []}
    assert client.post(address, json=asked, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.post(address, json=asked, headers={"Origin": "http://elsewhere"}).status_code == 403
    assert client.get(address).status_code == 404
    assert client.post(address, json={**asked, "more": "x" * 70_000}).status_code == 413
    assert client.post(address, data=b"{", content_type="application/json").status_code == 400


@pytest.mark.parametrize(
    "asked",
    [
        5, [], {}, {"photo": "coffee"}, {"photo": "coffee", "columns": 3}, {"photo": "coffee", "columns": ["one"]},
        {"photo": "coffee", "columns": [["one"]]}, {"photo": "coffee", "columns": [["one", 1.5]]},
        {"photo": "coffee", "columns": [["one", "0.3"]]}, {"photo": "coffee", "columns": [["one", True]]},
        {"photo": "coffee", "columns": [["one", None]] * 65}, {"photo": "coffee", "columns": [["one", 10**400]]},
    ],
)  # fmt: skip
def test_a_malformed_question_for_a_row_is_told_so(client: FlaskClient, asked: Any) -> None:
    assert client.post("/compare/row", json=asked).status_code == 400


def test_not_a_number_is_no_temperature(client: FlaskClient) -> None:
    body = json.dumps({"photo": "coffee", "columns": [["one", math.nan]]})
    assert client.post("/compare/row", data=body, content_type="application/json").status_code == 400


# ---- rows --------------------------------------------------------------------------------------------------------


def test_a_cells_scores_are_those_of_the_opened_photo(client: FlaskClient, inspector: Inspector) -> None:
    told = row(client, "coffee", ("one", None), ("one", 1.0))
    opened = inspector.open(np.asarray(data.coffee()))
    target = colorfulness(opened.squashed)
    for cell, temperature in zip(told["cells"], (0.38, 1.0), strict=True):
        scores = opened.scores(temperature)
        assert scores is not None
        expected = [scores.psnr, scores.ciede2000, scores.auc, scores.colorfulness - target]
        assert [cell["scores"][name] for name in SCORES] == pytest.approx(expected, rel=1e-6)
        assert cell["temperature"] == temperature
    gray = opened.gray_scores()
    assert gray is not None
    expected = [gray.psnr, gray.ciede2000, gray.auc, gray.colorfulness - target]
    assert [told["gray"]["scores"][name] for name in SCORES] == pytest.approx(expected, rel=1e-3, abs=2e-3)


def colorfulness(rgb: np.ndarray) -> float:
    """Hasler and Suesstrunk 2003, section 7, written down once more."""
    r, g, b = np.moveaxis(rgb.astype(np.float64), 2, 0)
    rg, yb = r - g, (r + g) / 2 - b
    return float(math.hypot(rg.std(), yb.std()) + 0.3 * math.hypot(rg.mean(), yb.mean()))


def test_a_picture_is_the_small_photo_in_the_models_colors(client: FlaskClient, inspector: Inspector) -> None:
    told = row(client, "chelsea", ("one", 0.2))
    shown = jpeg(client, told["cells"][0]["picture"])
    assert shown.shape == (117, 176, 3)
    colored = inspector.colorize(np.asarray(data.chelsea()), temperature=0.2)
    small = np.asarray(Image.fromarray(colored).resize((176, 117), Image.Resampling.BICUBIC))
    assert np.abs(shown.astype(int) - small).mean() < 3
    gray = jpeg(client, told["gray"]["picture"])
    assert np.ptp(gray.astype(int), axis=2).max() <= 4
    assert gray.shape == shown.shape


def test_a_row_comes_one_model_at_a_time_and_then_at_once(
    client: FlaskClient, context: Context, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = counted(monkeypatch)
    columns: list[tuple[str, float | None]] = [("one", None), ("two", None), ("one", 0.9)]
    before = context.store.used()
    assert known(row(client, "rocket", *columns)) == [True, False, True]
    assert calls == ["one"]
    whole = row(client, "rocket", *columns)
    assert known(whole) == [True, True, True]
    assert calls == ["one", "two"]
    assert row(client, "rocket", *columns) == whole
    assert calls == ["one", "two"]
    assert context.store.used() == before, "no activations are kept for a gallery"
    restarted = create_app(settings).server.test_client()
    assert row(restarted, "rocket", *columns) == whole
    assert calls == ["one", "two"]
    np.testing.assert_array_equal(
        jpeg(restarted, whole["cells"][1]["picture"]), jpeg(client, whole["cells"][1]["picture"])
    )


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The models that ran, as they do."""
    calls: list[str] = []
    predict = Inspector.predict

    def count(self: Inspector, photo: Any, category: str | None = None) -> Inspection:
        calls.append(self.subject.name)
        return predict(self, photo, category)

    monkeypatch.setattr(Inspector, "predict", count)
    return calls


def test_a_photo_without_color_has_pictures_and_no_scores(client: FlaskClient) -> None:
    told = row(client, "camera", ("one", None))
    assert told["has_color"] is False
    assert told["gray"]["scores"] is told["cells"][0]["scores"] is None
    assert np.ptp(jpeg(client, told["cells"][0]["picture"]).astype(int), axis=2).max() > 8


def test_a_model_that_cannot_be_opened_says_so_in_its_cells(client: FlaskClient) -> None:
    told = row(client, "moon", ("hurt", None), ("nobody", None), ("hurt", 1.0))
    assert known(told) == [False, False, False]
    hurt, nobody, again = (cell["error"] for cell in told["cells"])
    assert "SHA-256" in hurt
    assert hurt == again
    assert "no such model" in nobody
    assert known(row(client, "moon", ("hurt", None), ("one", None))) == [False, False]
    assert known(row(client, "moon", ("one", None))) == [True]


def test_another_photo_or_a_retrained_model_is_another_cell(tmp_path: Path) -> None:
    own = Settings(checkpoints=tmp_path, cache_dir=tmp_path / "cache", precision="float32", device="cpu")
    client = create_app(own).server.test_client()
    pictures = []
    for seed in (5, 6):
        torch.manual_seed(seed)
        checkpoints.save(tmp_path / "toy", registry.build("zhang16", ARGUMENTS), ARGUMENTS)
        pictures += [row(client, photo, ("toy", None))["cells"][0] for photo in ("moon", "coffee")]
    assert len({cell["picture"] for cell in pictures}) == 4
    assert pictures[1]["scores"] != pictures[3]["scores"]


def test_an_unknown_photo_is_refused_and_an_unknown_picture_is_not_there(client: FlaskClient) -> None:
    answer = client.post("/compare/row", json={"photo": "nothing", "columns": [["one", None]]})
    assert answer.status_code == 422
    for address in (f"/data/cell/{'0' * 32}.jpg", "/data/cell/x.jpg", "/data/cell/..%2f..%2fsecret.jpg"):
        assert client.get(address).status_code == 404


def test_a_prediction_records_and_keeps_nothing_but_says_the_same(inspector: Inspector) -> None:
    photo = np.asarray(data.coffee())
    predicted, opened = inspector.predict(photo), inspector.open(photo)
    np.testing.assert_array_equal(predicted.ab(), opened.ab())
    np.testing.assert_array_equal(predicted.painted(), opened.painted())
    np.testing.assert_array_equal(predicted.entropy(), opened.entropy())
    assert predicted.scores() == opened.scores()
    assert predicted.layers == ()
    with pytest.raises(KeyError):
        predicted["conv1"]


# ---- networks in memory ------------------------------------------------------------------------------------------


def test_going_back_to_a_model_reads_no_weights(context: Context) -> None:
    one = context.inspector("one")
    assert context.inspector("two") is not one
    assert context.inspector("one") is one


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_weights_are_counted_as_they_are_in_memory(checkpoint_root: Path, precision: str) -> None:
    module = Inspector("one", checkpoints=checkpoint_root, device="cpu", precision=precision).subject.module
    tensors = [*module.parameters(), *(buffer for buffer in module.buffers())]
    held = sum(tensor.numel() * tensor.element_size() for tensor in tensors)
    counted = weight_bytes(checkpoint_root / "one" / "model.safetensors", precision)
    assert counted == pytest.approx(held, rel=1e-3 if precision == "float32" else 0.25)


def test_weights_that_cannot_be_read_count_nothing(tmp_path: Path) -> None:
    (tmp_path / "torn").write_bytes(b"torn")
    assert weight_bytes(tmp_path / "torn", "float32") == weight_bytes(tmp_path / "gone", "float32") == 0


class Sized:
    """Stands for an inspector."""

    precision = "float32"


def weights(folder: Path, count: int) -> Path:
    """A file of so many weights."""
    from safetensors.numpy import save_file

    path = folder / f"{count}.safetensors"
    if not path.exists():
        save_file({"w": np.zeros(count, dtype=np.float16)}, path)
    return path


@given(asked=st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from([10, 30, 60, 120])), max_size=40))
def test_the_longest_unused_go_first_and_one_stays(
    asked: list[tuple[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Against a list kept by hand; 4 bytes a weight, room for 100 weights."""
    folder = tmp_path_factory.getbasetemp()
    kept, expected = KeptInspectors(400), OrderedDict[tuple[str, int], Any]()
    for name, count in asked:
        made = kept.keep(name, str(count), weights(folder, count), cast(Callable[[], Inspector], Sized))
        if (name, count) in expected:
            assert made is expected[name, count]
        for other in [key for key in expected if key[0] == name and key != (name, count)]:
            del expected[other]
        expected[name, count] = made
        expected.move_to_end((name, count))
        while len(expected) > 1 and sum(size for _, size in expected) > 100:
            expected.popitem(last=False)
        assert all(
            kept.find(each, str(size)) is expected.get((each, size)) for each in "abcdef" for size in (10, 30, 60, 120)
        )
        for key in expected:  # looking is using: the order is set back
            kept.find(key[0], str(key[1]))


def test_threads_that_ask_at_once_get_the_same(checkpoint_root: Path) -> None:
    kept, made, found = KeptInspectors(), [], []
    barrier = threading.Barrier(8)

    def make() -> Inspector:
        made.append(1)
        return cast(Inspector, Sized())

    def ask() -> None:
        barrier.wait()
        found.append(kept.keep("one", "x", checkpoint_root / "one" / "model.safetensors", make))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert all(each is found[0] for each in found)
