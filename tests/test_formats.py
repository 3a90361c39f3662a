"""Every JSON that leaves VisML keeps to ``docs/formats.md``: shipped files, files written now, answers, reports."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from flask.testing import FlaskClient

from tests import commands
from tests.commands import Command
from tests.insight.pictures import fill
from tests.tables import TABLES, problems
from visml import checkpoints
from visml.dashboard.app import create_app
from visml.dashboard.context import Context
from visml.insight import lens_learn
from visml.models.zhang16 import Zhang16
from visml.settings import Settings
from visml.training import history, samples
from visml.training.prior import Prior

root, visml, photo, album = commands.root, commands.visml, commands.photo, commands.album
SHIPPED = sorted(path for path in (Path(__file__).parent.parent / "checkpoints").glob("*") if path.is_dir())
FILES = ("model.json", "prior.json", "samples/index.json", "evaluation.json", "lens.json")


def departures(folder: Path) -> list[str]:
    """Where the files of a checkpoint folder depart from their tables."""
    there = [name for name in FILES if (folder / name).is_file()]
    found = [problem for name in there for problem in problems(json.loads((folder / name).read_text()), name)]
    if (folder / history.FILE).is_file():
        for line in (folder / history.FILE).read_text().splitlines():
            found += problems(json.loads(line), history.FILE)
    return found


def printed(visml: Command, *arguments: object) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(visml(*arguments, "--json").text)
    return report


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda folder: folder.name)
def test_shipped_checkpoints(folder: Path) -> None:
    assert departures(folder) == []
    assert (folder / "model.json").is_file()


def test_what_training_writes(tmp_path: Path) -> None:
    model = Zhang16(1 / 16).eval()
    data = {"training": 9, "validation": 1, "categories": ["cats"]}
    checkpoints.save(tmp_path / "new", model, {"width": 1 / 16}, recipe={}, data=data, epoch=1, step=7)
    scores = {"cats": history.Accuracy(0.1, 0.3, 1)}
    history.append(tmp_path / "new", history.Epoch(1, 7, 1e-3, {"cross_entropy": 5.0}, {}, 0.1, 0.3, scores, 2.0, 0, 0))
    history.append(tmp_path / "new", history.Epoch(2, 14, 1e-3, {"l2": 5.0}, {"l2": 6.0}, None, None, {}, 2.0, 0, 1))
    with torch.inference_mode():
        samples.write(tmp_path / "new", model, 1)
    Prior(torch.full((313,), 1 / 313), 9, 99).save(tmp_path / "new" / "prior.json")
    assert departures(tmp_path / "new") == []
    assert all((tmp_path / "new" / name).is_file() for name in FILES if name not in ("evaluation.json", "lens.json"))


def test_what_the_commands_report(visml: Command, photo: Path, album: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.jpg").write_text("no photo")
    colorize = ["colorize", photo, tmp_path / "bad.jpg", "-o", tmp_path / "out", "--model", "tiny"]
    assert problems(printed(visml, *colorize), "visml colorize") == []
    assert problems(printed(visml, "trace", photo, "-o", tmp_path / "t.npz", "--model", "tiny"), "visml trace") == []
    assert problems(printed(visml, "prior", album, "-o", tmp_path / "prior.json"), "visml prior") == []
    evaluation = ["evaluate", "--data", album, "--model", "tiny", "-o", tmp_path]
    assert problems(printed(visml, *evaluation), "evaluation.json") == []
    assert departures(tmp_path) == []


def test_what_a_lens_and_an_index_are(
    visml: Command, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path / "album")
    monkeypatch.setattr(lens_learn, "STEPS", 8)
    shutil.copytree(root / "tiny", tmp_path / "models" / "tiny")
    monkeypatch.setenv("VISML_CHECKPOINTS", str(tmp_path / "models"))
    monkeypatch.setenv("VISML_CACHE_DIR", str(tmp_path / "cache"))
    asked = ["--model", "tiny", "--data", tmp_path / "album", "--pictures", 20]
    assert problems(printed(visml, "lens", "fit", *asked), "lens.json") == []
    told = printed(visml, "patches", "index", *asked)
    assert problems(told, "visml patches index") == []
    assert problems(json.loads((Path(told["index"]) / "index.json").read_text()), "index.json") == []
    assert departures(tmp_path / "models" / "tiny") == []
    assert (tmp_path / "models" / "tiny" / "lens.json").is_file()


def test_what_models_reports(visml: Command, root: Path, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    checkpoints.save(tmp_path / "whole", Zhang16(1 / 16), {"width": 1 / 16}, epoch=3, step=9)
    report = printed(visml, "models", "--checkpoints", tmp_path)
    assert problems(report, "visml models") == []
    assert (len(report["checkpoints"]), len(report["skipped"])) == (1, 1)


@pytest.fixture(scope="module")
def opened(root: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[FlaskClient, str]:
    """A client of the dashboard, and the handle of a photo opened in it."""
    settings = Settings(checkpoints=root, cache_dir=tmp_path_factory.mktemp("cache"), device="cpu")
    app = create_app(settings)
    context: Context = app.server.extensions["visml"]
    handle = context.inspector("tiny").open(context.gallery.photo("coffee")).handle
    return app.server.test_client(), handle


@pytest.mark.parametrize("layer", ["conv1", "conv8", "bins"])
def test_what_the_page_fetches(opened: tuple[FlaskClient, str], layer: str) -> None:
    client, handle = opened
    assert problems(client.get(f"/data/{handle}/{layer}.json").get_json(), "layer.json") == []
    kernel = client.get(f"/data/{handle}/kernels/{layer}/2.json").get_json()
    assert problems(kernel, "kernels.json") == []
    assert len(kernel["weights"]) == torch.Size(kernel["shape"]).numel()


def test_what_is_gone_is_one_sentence(opened: tuple[FlaskClient, str]) -> None:
    answer = opened[0].get(f"/data/{'0' * 32}/conv1.json")
    assert answer.status_code == 404
    assert problems(answer.get_json(), "error") == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"pictures": 2.5}, "prior.json.pictures is not whole number"),
        ({"pictures": None}, "prior.json.pictures is not whole number"),
        ({"probabilities": [0.5, 0.5]}, "prior.json.probabilities is not a list of 313 number"),
        ({"probabilities": [float("nan")] * 313}, "prior.json.probabilities.0 is not number"),
        ({"color": 1}, "prior.json.color is not in the table"),
    ],
)
def test_a_departure_is_found(change: dict[str, Any], told: str) -> None:
    prior = {"schema": 1, "pictures": 2, "pixels": 3, "probabilities": [1 / 313] * 313}
    assert problems(prior, "prior.json") == []
    assert told in problems(prior | change, "prior.json")
    del prior["pixels"]
    assert problems(prior, "prior.json") == ["prior.json.pixels is missing"]


def test_every_table_named_in_a_kind_is_there() -> None:
    named = {kind.split("[")[1].split("]")[0] for table in TABLES.values() for kind in table.values() if "[" in kind}
    assert named <= TABLES.keys()
    assert {"model.json", "layer", "history.jsonl", "row"} <= TABLES.keys()
