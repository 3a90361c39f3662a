"""``models``, ``evaluate``, ``prior``, ``train``, ``import-weights`` and ``serve``: what they say and leave."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from skimage.color import rgb2lab

from tests import tables
from tests.commands import WIDTH, Command
from tests.training import pictures
from visml import Inspector, checkpoints
from visml.color.bins import BINS
from visml.images.decode import open_photo
from visml.models.zhang16 import Zhang16
from visml.settings import Settings


def test_models_lists_families_and_checkpoints(visml: Command) -> None:
    report = json.loads(visml("models", "--json").text)
    (family,) = [each for each in report["families"] if each["name"] == "zhang16"]
    assert round(family["parameters"] / 1e6, 2) == 32.24
    (tiny,) = report["checkpoints"]
    assert tiny["parameters"] == sum(parameter.numel() for parameter in Zhang16(WIDTH).parameters())
    assert [layer["name"] for layer in tiny["layers"]] == [layer["name"] for layer in family["layers"]]
    table = visml("models").text
    assert "32.24 M" in table
    assert "conv1 4, conv2 8" in table


def test_evaluate_prints_a_table_and_writes_json(visml: Command, root: Path, album: Path, tmp_path: Path) -> None:
    outcome = visml(
        "evaluate", "--data", album, "--model", "tiny", "-o", tmp_path / "e", "--temperature", "1", "--json"
    )
    written = json.loads((tmp_path / "e" / "evaluation.json").read_text())
    assert outcome.code == 0
    assert json.loads(outcome.text) == written
    assert (written["model"], written["pictures"], written["temperature"]) == ("tiny", 3, 1)
    assert written["model_sha256"] == checkpoints.describe(root / "tiny").model_sha256
    table = visml("evaluate", "--data", album, "--model", "tiny").text
    gray = next(row for row in written["rows"] if row["method"] == "gray" and row["category"] == "cats")
    assert f"{gray['auc']:.2f}" in next(line for line in table.splitlines() if "cats" in line and "gray" in line)


def test_evaluate_names_the_prior_that_it_counts_by(visml: Command, root: Path, album: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "tiny", tmp_path / "known")
    assert visml("prior", album, "-o", tmp_path / "known" / "prior.json").code == 0
    arguments = ["evaluate", "--data", album, "--model", "known", "--checkpoints", tmp_path, "--json"]
    report = json.loads(visml(*arguments).text)
    prior = json.loads((tmp_path / "known" / "prior.json").read_text())
    assert report["prior"] == {"name": "known", "pictures": 3, "pixels": prior["pixels"]}
    methods = [row["method"] for row in report["rows"] if row["category"] is None]
    assert methods == ["model", "gray", "training_mean", "lightness_table", "random_picture"]
    assert report["rows"][0]["prior_auc"] > 0


def test_evaluate_writes_tables_and_a_page(visml: Command, album: Path, tmp_path: Path) -> None:
    out, page, pictures = tmp_path / "e", tmp_path / "page.html", tmp_path / "pictures.csv"
    files = ["-o", out, "--report", page, "--pictures", pictures]
    outcome = visml("evaluate", "--data", album, "--model", "tiny", "--sweep", "--json", *files)
    report = json.loads(outcome.text)
    assert [line.split()[-1] for line in outcome.err.splitlines()] == [
        f"{path}." for path in (pictures, out / "evaluation.json", page)
    ]
    assert [at["temperature"] for at in report["temperatures"]] == [0.2, 0.38, 0.5, 0.7, 1.0]
    with pictures.open(newline="") as file:
        lines = list(csv.DictReader(file))
    best = {scores["picture"]: str(scores["rmse_ab"]) for scores in report["best"]}
    assert {line["picture"]: line["rmse_ab"] for line in lines} == best
    assert sorted(best) == ["cats/one.png", "cats/two.jpg", "sky.png"]
    with (out / "evaluation.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == len(report["rows"])
    assert page.read_text().count("data:image/jpeg;base64,") == 12


def test_the_table_fits_a_hundred_columns(visml: Command, album: Path) -> None:
    long = album / ("a-name-far-too-long-for-any-table-of-scores-" + "x" * 60)
    shutil.copytree(album / "cats", long)
    table = visml("evaluate", "--data", album, "--model", "tiny", "--sweep").text
    lines = table.splitlines()[1:]  # without the title, which may go on in a second line
    assert all(len(line.rstrip()) <= 100 for line in lines)
    assert any(long.name[-20:] in line for line in lines)
    assert "top 5" in lines[0]
    assert any(line.split()[:2] == ["0.38", lines[1].split()[2]] for line in lines), "T = 0.38 is the table's own"


def test_control_characters_of_a_folder_do_not_reach_the_terminal(visml: Command, album: Path) -> None:
    (album / "cats").rename(album / "c\x1b[31mats")
    assert "\x1b" not in visml("evaluate", "--data", album, "--model", "tiny").text


def test_evaluate_takes_the_precision_of_the_settings(
    visml: Command, album: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = {}
    for precision in ("float32", "bfloat16"):
        monkeypatch.setenv("VISML_PRECISION", precision)
        report = json.loads(visml("evaluate", "--data", album, "--model", "tiny", "--json").text)
        assert report["precision"] == precision
        rows[precision] = report["rows"][0]
    assert rows["bfloat16"]["auc"] == pytest.approx(rows["float32"]["auc"], abs=0.5)
    assert rows["bfloat16"]["psnr"] != rows["float32"]["psnr"]


def test_prior_counts_nearest_bins(visml: Command, album: Path, tmp_path: Path) -> None:
    outcome = visml("prior", album, "-o", tmp_path / "prior.json", "--json")
    prior = json.loads((tmp_path / "prior.json").read_text())
    report = json.loads(outcome.text)
    assert (report["pictures"], report["unreadable"], report["pixels"]) == (3, 0, prior["pixels"])
    assert sum(prior["probabilities"]) == pytest.approx(1)
    pictures = [open_photo(path).rgb for path in sorted(album.rglob("*.*g"))]
    colors = np.concatenate([rgb2lab(rgb)[..., 1:].reshape(-1, 2) for rgb in pictures])
    all_pixels = np.bincount([np.square(BINS - color).sum(axis=1).argmin() for color in colors], minlength=313)
    # A sample of the pixels, so near but not equal.
    assert np.abs(np.array(prior["probabilities"]) - all_pixels / len(colors)).sum() < 0.35


def test_prior_to_standard_output(visml: Command, album: Path) -> None:
    outcome = visml("prior", album, "-o", "-")
    prior = json.loads(outcome.text)
    assert len(prior["probabilities"]) == 313
    assert [len(color) for color in prior["lightness_table"]] == [2] * 101


def test_train_makes_a_checkpoint_named_after_the_recipe(
    visml: Command, album: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def train(recipe: Any, data: Path, out: Path, *, resume: bool, progress: bool, root: Path) -> Path:
        asked.append((recipe.epochs, data, out, resume, progress, root))
        out.mkdir(parents=True)
        line = {"epoch": 2, "losses": {"cross_entropy": 4.5}, "accuracy": 0.25, "relaxed_accuracy": None}
        (out / "history.jsonl").write_text("{}\n" + json.dumps(line) + "\n")
        return out

    monkeypatch.setattr("visml.training.loop.train", train)
    (tmp_path / "mine.toml").write_text('family = "zhang16"\nepochs = 2\n')
    outcome = visml("train", tmp_path / "mine.toml", "--data", album, "--resume", "--checkpoints", tmp_path / "c")
    assert asked == [(2, album, tmp_path / "c" / "mine", True, False, tmp_path / "c")]
    assert outcome.text == f"{tmp_path / 'c' / 'mine'}: epoch 2, cross_entropy 4.5, accuracy 25.0%\n"


def test_lr_find_writes_its_finding_into_the_checkpoints_folder(visml: Command, tmp_path: Path) -> None:
    arguments = "[arguments]\nwidth = 0.0625\n[data]\ncrop = 16\ncrop_from = [16, 40]\nvalidation = 0.3\n"
    (tmp_path / "mine.toml").write_text(f'family = "zhang16"\nepochs = 2\nbatch = 2\n{arguments}')
    limits = ("--low", "1e-4", "--high", "1e-2", "--steps", "12", "--plot", tmp_path / "rates.html")
    data = pictures.write(tmp_path / "data", per_category=8)
    command = ("lr-find", tmp_path / "mine.toml", "--data", data, "--checkpoints", tmp_path / "c", *limits)
    told = json.loads(visml(*command, "--json").text)
    assert tables.problems(told, "lr_find.json") == []
    kept = json.loads((tmp_path / "c" / "mine" / "lr_find.json").read_text())
    assert told == {**kept, "checkpoint": str(tmp_path / "c" / "mine")}
    assert (len(kept["rates"]), kept["rates"][0]) == (12, pytest.approx(1e-4))
    assert "plotly" in (tmp_path / "rates.html").read_text().lower()


def published(seed: int = 0) -> dict[str, torch.Tensor]:
    """Random weights of a sixteenth of the width in the published layout."""
    torch.manual_seed(seed)
    table = {}
    for name, value in Zhang16(WIDTH).state_dict().items():
        if name.startswith("trunk."):
            table[name.replace("trunk.conv", "model")] = value.contiguous()
        elif name.startswith("bins."):
            table[name.replace("bins.", "model8.6.")] = value.contiguous()
    return table | {"model_out.weight": (torch.tensor(BINS).T / 110)[:, :, None, None].contiguous()}


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_import_keeps_every_bit(visml: Command, photo: Path, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"release{suffix}"
    torch.save(published(), file) if suffix == ".pth" else save_file(published(), file)
    outcome = visml("import-weights", file, "--family", "zhang16", "--name", "release", "--checkpoints", tmp_path)
    assert outcome.code == 0, outcome.err
    assert "median entropy" in outcome.text
    torch.manual_seed(0)
    original = Zhang16(WIDTH).eval()
    inspection = Inspector("release", checkpoints=tmp_path, precision="float32").open(photo)
    with torch.no_grad():
        logits = original(torch.tensor(inspection.lightness))[0].numpy()
    np.testing.assert_allclose(inspection.logits, logits, atol=1e-4)
    assert checkpoints.describe(tmp_path / "release").description["temperature"] == "unknown"


def test_a_folded_temperature_is_taken_out(visml: Command, photo: Path, tmp_path: Path) -> None:
    torch.save(published(), tmp_path / "w.pth")
    for name, more in (("as-is", []), ("unfolded", ["--folded-temperature", "0.5"])):
        arguments = ["--family", "zhang16", "--name", name, "--checkpoints", tmp_path, "--json"]
        report = json.loads(visml("import-weights", tmp_path / "w.pth", *arguments, *more).text)
        assert 0 < report["median_entropy"] < np.log2(313)
    as_is, unfolded = (
        Inspector(name, checkpoints=tmp_path, precision="float32").open(photo) for name in ("as-is", "unfolded")
    )
    np.testing.assert_allclose(unfolded.logits, 0.5 * as_is.logits, atol=1e-4)
    np.testing.assert_allclose(unfolded.ab(0.5), as_is.ab(1), atol=1e-3)


def test_weights_of_unknown_temperature_are_decoded_at_one(visml: Command, photo: Path, tmp_path: Path) -> None:
    torch.save(published(), tmp_path / "w.pth")
    visml("import-weights", tmp_path / "w.pth", "--family", "zhang16", "--name", "w", "--checkpoints", tmp_path)
    again = visml("import-weights", tmp_path / "w.pth", "--family", "zhang16", "--name", "w", "--checkpoints", tmp_path)
    assert again.code == 2
    colorize = ["colorize", photo, "-o", tmp_path / "o", "--model", "w", "--checkpoints", tmp_path, "--json"]
    assert json.loads(visml(*colorize).text)["temperature"] == 1


def test_serve_is_the_same_as_app_py(visml: Command, album: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[Settings] = []
    monkeypatch.setattr("visml.dashboard.app.create_app", lambda settings: "app")
    monkeypatch.setattr("visml.dashboard.serve.serve", lambda app, settings: served.append(settings))
    assert visml("serve", "--images", album, "--host", "0.0.0.0", "--port", "8123").code == 0
    assert (served[0].images, served[0].host, served[0].port) == (album, "0.0.0.0", 8123)
    assert served[0].token
