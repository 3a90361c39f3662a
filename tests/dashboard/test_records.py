"""Reading back what a run left, whole, half-written or spoiled."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests import run_folder
from visml.dashboard.records import RecordRefused, read_history, read_prior, read_samples


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "toy"
    folder.mkdir()
    run_folder.write_prior(folder, run_folder.invented_prior())
    run_folder.write_history(folder, 3)
    run_folder.write_samples(folder, 2)
    return folder


def test_the_prior_is_what_was_written(folder: Path) -> None:
    prior = read_prior(folder, 313)
    np.testing.assert_allclose(prior.probabilities, run_folder.invented_prior(), rtol=1e-12)
    assert (prior.pictures, prior.pixels) == (1234, 1234 * 4096)


@pytest.mark.parametrize(
    "content",
    [
        "", "{", "[]", '{"schema": 2}', '{"schema": 1}', '{"schema": 1, "probabilities": [1, 2]}',
        '{"schema": 1, "probabilities": "no"}', json.dumps({"schema": 1, "probabilities": [0] * 313}),
        json.dumps({"schema": 1, "probabilities": [-1] + [1] * 312}),
        json.dumps({"schema": 1, "probabilities": [float("nan")] * 313}), "[" * 100_000,
    ],
)  # fmt: skip
def test_a_spoiled_prior_is_refused_in_a_sentence(folder: Path, content: str) -> None:
    (folder / "prior.json").write_text(content)
    with pytest.raises(RecordRefused, match=r"^.*toy.*\.$"):
        read_prior(folder, 313)


def test_a_missing_prior_is_refused_by_name(folder: Path) -> None:
    (folder / "prior.json").unlink()
    with pytest.raises(RecordRefused, match=r"'toy' has no prior\.json"):
        read_prior(folder, 313)


def test_the_history_reads_back(folder: Path) -> None:
    epochs = read_history(folder)
    lines = run_folder.history_lines(3)
    assert [epoch.number for epoch in epochs] == [1, 2, 3]
    assert [epoch.overall.accuracy for epoch in epochs] == [line["accuracy"] for line in lines]
    assert epochs[1].losses == lines[1]["losses"]
    assert epochs[1].validation == lines[1]["validation"]
    assert (epochs[1].unreadable, epochs[1].small) == (0, 7)
    assert list(epochs[0].categories) == list(run_folder.CATEGORIES)
    assert epochs[2].categories["animals/dogs"].pictures == 9


def test_a_line_being_written_is_passed_over_and_a_repeated_epoch_counts_once(folder: Path) -> None:
    path = folder / "history.jsonl"
    again = dict(run_folder.history_lines(3)[1], lr=0.25)
    path.write_text(path.read_text() + json.dumps(again) + '\nnot json\n[]\n{"epoch": true}\n{"epoch": 4, "lo')
    epochs = read_history(folder)
    assert [epoch.number for epoch in epochs] == [1, 2, 3]
    assert epochs[1].lr == 0.25


def test_numbers_that_are_none_count_as_unknown(folder: Path) -> None:
    terms = {"a": float("nan"), "b": 2, "c": 10**400, "d": "1"}
    line = {"schema": 1, "epoch": 1, "lr": float("inf"), "losses": terms, "validation": [], "accuracy": None}
    (folder / "history.jsonl").write_text(json.dumps(line))
    epoch = read_history(folder)[0]
    assert epoch.lr is None
    assert epoch.losses == {"b": 2.0}
    assert (epoch.validation, epoch.small) == ({}, None)
    assert epoch.overall.accuracy is None
    assert epoch.categories == {}


def test_no_history_is_an_empty_one(tmp_path: Path) -> None:
    assert read_history(tmp_path) == ()
    assert read_samples(tmp_path) is None


def test_samples_are_found_by_the_index_alone(folder: Path) -> None:
    samples = read_samples(folder)
    assert samples is not None
    assert (samples.epochs, samples.photos) == ((1, 2), run_folder.PHOTOS)
    assert samples.path(2, "coffee") == folder / "samples" / "002" / "coffee.webp"
    (folder / "samples" / "003").mkdir()
    (folder / "samples" / "003" / "coffee.webp").write_bytes(b"stray")
    assert samples.path(3, "coffee") is None
    assert samples.path(1, "../../model") is None


@pytest.mark.parametrize("name", ["../secret", "a/b", "", ".hidden", "x\\y", "x" * 200, 7])
def test_an_index_cannot_name_what_lies_elsewhere(folder: Path, name: object) -> None:
    index = {"schema": 1, "epochs": [1], "photos": [name, "coffee"]}
    (folder / "samples" / "index.json").write_text(json.dumps(index))
    samples = read_samples(folder)
    assert samples is not None
    assert samples.photos == ("coffee",)


def test_a_sample_that_leads_out_of_the_folder_is_not_served(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    link = folder / "samples" / "001" / "coffee.webp"
    link.unlink()
    link.symlink_to(tmp_path / "secret")
    samples = read_samples(folder)
    assert samples is not None
    assert samples.path(1, "coffee") is None
