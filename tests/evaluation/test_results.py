"""The files of an evaluation: its JSON keeps to the documented tables, its CSVs hold the same numbers."""

from __future__ import annotations

import csv
import hashlib
import json
from contextlib import suppress
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np
import pytest
from skimage.color import rgb2lab
from skimage.metrics import peak_signal_noise_ratio

from tests.evaluation.test_report import targets
from tests.evaluation.toys import Flat, Sure, write
from tests.tables import problems
from visml import metrics
from visml.evaluation.baselines import TrainingColors
from visml.evaluation.definitions import METHODS, SCORES
from visml.evaluation.measures import PictureScores
from visml.evaluation.report import evaluate
from visml.evaluation.results import PictureTable, replacing
from visml.evaluation.tally import Row

KNOWN = TrainingColors("some", 7, 77, np.full(313, 1 / 313), np.zeros((101, 2)))


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("swept", [False, True])
def test_json_keeps_to_the_tables(folder: Path, tmp_path: Path, swept: bool) -> None:
    for model, training in ((Sure(), KNOWN), (Flat(1, 2), None)):
        path = evaluate(model, folder, training=training, sweep=swept).save(tmp_path)
        assert problems(json.loads(path.read_text()), "evaluation.json") == []


def test_the_table_of_rows_holds_what_json_holds(folder: Path, tmp_path: Path) -> None:
    evaluation = evaluate(Sure(), folder, training=KNOWN)
    content = json.loads(evaluation.save(tmp_path).read_text())
    lines = read(tmp_path / "evaluation.csv")
    assert list(lines[0]) == list(content["rows"][0])
    assert lines == [
        {key: "" if value is None else str(value) for key, value in row.items()} for row in content["rows"]
    ]


def test_every_pictures_scores_are_its_own(folder: Path, tmp_path: Path) -> None:
    with replacing(tmp_path / "new" / "pictures.csv") as file:
        evaluation = evaluate(Flat(12.5, 20), folder, each=PictureTable(file).add)
    lines = {line["picture"]: line for line in read(tmp_path / "new" / "pictures.csv")}
    assert list(next(iter(lines.values()))) == [each.name for each in fields(PictureScores)]
    names = ["astronaut.png", "cats/chelsea.png", "cats/half.png", "space/far/hubble.png"]
    assert sorted(lines) == names
    for name, target in zip(names, targets(folder, None), strict=True):
        line, ab = lines[name], rgb2lab(target)[..., 1:]
        assert line["sha256"] == hashlib.sha256((folder / name).read_bytes()).hexdigest()
        assert line["category"] == ("" if "/" not in name else name.rsplit("/", 1)[0])
        assert [float(line["mean_a"]), float(line["mean_b"])] == pytest.approx(ab.mean(axis=(0, 1)), abs=1e-3)
        assert [float(line["painted_mean_a"]), float(line["painted_mean_b"])] == [12.5, 20]
        assert float(line["rmse_ab"]) == pytest.approx(np.sqrt(np.square(ab - (12.5, 20)).mean()), abs=1e-3)
        errors = np.hypot(*np.moveaxis(ab - (12.5, 20), 2, 0))
        assert float(line["auc"]) == pytest.approx(metrics.auc(errors), abs=0.05)
    best, worst = ([asdict(example.scores) for example in each] for each in (evaluation.best, evaluation.worst))
    assert best == worst[::-1] == sorted(best, key=lambda scores: scores["rmse_ab"])
    for scores in best:
        assert {key: "" if value is None else str(value) for key, value in scores.items()} == lines[scores["picture"]]


def test_examples_show_the_photo_and_what_was_painted(folder: Path) -> None:
    shown = {example.scores.picture: example for example in evaluate(Flat(12.5, 20), folder).best}
    half = shown["cats/half.png"]
    np.testing.assert_array_equal(half.target, targets(folder, "cats")[1])
    assert half.scores.psnr == pytest.approx(peak_signal_noise_ratio(half.target, half.painted))
    assert half.scores.colorfulness == metrics.colorfulness(half.painted)


def test_names_that_are_no_utf_8_are_written_as_escapes(tmp_path: Path) -> None:
    folder, name = tmp_path / "pictures", b'b\xe4r, "1".png'
    write(folder / "one.png", np.random.default_rng(0).integers(0, 256, (30, 30, 3), dtype=np.uint8))
    try:
        (folder / "one.png").rename(folder / name.decode("utf-8", "surrogateescape"))
    except OSError:
        pytest.skip("This file system takes UTF-8 alone.")
    with replacing(tmp_path / "pictures.csv") as file:
        evaluation = evaluate(Flat(0, 0), folder, each=PictureTable(file).add)
    assert read(tmp_path / "pictures.csv")[0]["picture"] == 'b\\udce4r, "1".png'
    content = json.loads(evaluation.save(tmp_path).read_text())
    assert content["best"][0]["picture"].encode("utf-8", "surrogateescape") == name


def test_a_file_that_could_not_be_finished_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("old")
    with suppress(ZeroDivisionError), replacing(path) as file:
        file.write("new")
        raise ZeroDivisionError
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("table.csv", "old")]
    with replacing(path) as file:
        file.write("new")
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("table.csv", "new")]


def test_every_score_and_method_is_defined() -> None:
    scores = [each.name for each in fields(Row)]
    assert scores == ["method", "category", "pictures", *(score.key for score in SCORES)]
    assert all(score.meaning.endswith(".") and score.meaning.count(". ") == 0 for score in SCORES)
    assert [method for method, _ in METHODS] == ["model", "gray", "training_mean", "lightness_table", "random_picture"]


def test_equal_pictures_of_a_folder_are_told_apart_by_name(tmp_path: Path) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (30, 30, 3), dtype=np.uint8)
    for place in range(14):
        write(tmp_path / f"{place:02d}.png", rgb)
    evaluation = evaluate(Flat(0, 0), tmp_path)
    names = [f"{place:02d}.png" for place in range(12)]
    assert [example.scores.picture for example in evaluation.best] == names
    assert [example.scores.picture for example in evaluation.worst] == names
