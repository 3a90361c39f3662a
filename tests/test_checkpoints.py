"""Checkpoint folders: what is saved comes back, what is broken is refused, whoever is killed loses nothing."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from visml import checkpoints
from visml.checkpoints import CheckpointRefused
from visml.color import bins
from visml.models.zhang16 import Zhang16

ARGUMENTS = {"width": 1 / 32}


def _model(seed: int = 0) -> Zhang16:
    torch.manual_seed(seed)
    return Zhang16(**ARGUMENTS).eval()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    checkpoints.save(tmp_path / "tiny", _model(), ARGUMENTS, step=7, licence="MIT")
    return tmp_path / "tiny"


def _describe(folder: Path, **changes: object) -> None:
    """Change ``model.json``; keys set to None are taken out."""
    path = folder / checkpoints.DESCRIPTION
    facts = json.loads(path.read_text()) | changes
    path.write_text(json.dumps({key: value for key, value in facts.items() if value is not None}))


def _reweigh(folder: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    """Change the weights, and the SHA-256 with them."""
    state = load_file(folder / checkpoints.WEIGHTS)
    change(state)
    save_file(state, folder / checkpoints.WEIGHTS)
    _describe(folder, sha256=checkpoints._sha256(folder / checkpoints.WEIGHTS))


def test_a_model_comes_back_in_eval_mode_with_colors_that_look_the_same(folder: Path) -> None:
    before, after = _model(), checkpoints.load(folder)
    assert not after.training
    assert torch.equal(after.centers, bins.centers())
    lightness = torch.rand(1, 1, 64, 64) * 100
    with torch.no_grad():
        difference = before.ab(before(lightness)) - after.ab(after(lightness))
    assert difference.norm(dim=1).max() < 0.5


def test_matrices_are_kept_in_float16_and_vectors_in_float32(folder: Path) -> None:
    for value in load_file(folder / checkpoints.WEIGHTS).values():
        if value.is_floating_point():
            assert value.dtype == (torch.float16 if value.dim() > 1 else torch.float32)


def test_imported_weights_can_be_kept_to_the_bit(tmp_path: Path) -> None:
    model = _model()
    checkpoints.save(tmp_path / "exact", model, ARGUMENTS, half=False)
    for name, value in checkpoints.load(tmp_path / "exact").state_dict().items():
        assert torch.equal(value, model.state_dict()[name])


def test_the_description_says_what_it_is(folder: Path) -> None:
    checkpoint = checkpoints.describe(folder)
    assert (checkpoint.name, checkpoint.family, checkpoint.arguments) == ("tiny", "zhang16", ARGUMENTS)
    assert (checkpoint.description["step"], checkpoint.description["licence"]) == (7, "MIT")
    assert [layer["name"] for layer in checkpoint.description["layers"]][-1] == "bins"


def test_saving_again_keeps_the_folders_other_files(folder: Path) -> None:
    (folder / "samples").mkdir()
    (folder / "samples" / "one.webp").write_bytes(b"picture")
    checkpoints.save(folder, _model(1), ARGUMENTS, step=8)
    assert (folder / "samples" / "one.webp").read_bytes() == b"picture"
    assert checkpoints.describe(folder).description["step"] == 8
    assert [path.name for path in folder.parent.iterdir()] == ["tiny"]


def _flip_one_bit(folder: Path) -> None:
    data = bytearray((folder / checkpoints.WEIGHTS).read_bytes())
    data[-3] ^= 4
    (folder / checkpoints.WEIGHTS).write_bytes(data)


def _put(folder: Path, content: bytes) -> None:
    """Write other bytes as weights, and their SHA-256."""
    path = folder / checkpoints.WEIGHTS
    path.write_bytes(content)
    _describe(folder, sha256=checkpoints._sha256(path))


def _claim_a_giant(folder: Path) -> None:
    """A header of a few bytes that claims a 100,000 x 100,000 matrix."""
    header = json.dumps({"bins.weight": {"dtype": "F32", "shape": [100_000, 100_000], "data_offsets": [0, 0]}}).encode()
    _put(folder, len(header).to_bytes(8, "little") + header)


BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "one flipped bit": (_flip_one_bit, "SHA-256 differs"),
    "truncated": (
        lambda folder: _put(folder, (folder / checkpoints.WEIGHTS).read_bytes()[:100]),
        "not a safetensors file",
    ),
    "empty": (lambda folder: _put(folder, b""), "not a safetensors file"),
    "html saved as weights": (lambda folder: _put(folder, b"<html>not found</html>"), "not a safetensors file"),
    "a giant claimed": (_claim_a_giant, "not a safetensors file|do not fit"),
    "weights gone": (lambda folder: (folder / checkpoints.WEIGHTS).unlink(), "has no model.safetensors"),
    "description gone": (lambda folder: (folder / checkpoints.DESCRIPTION).unlink(), "no readable model.json"),
    "description empty": (lambda folder: (folder / checkpoints.DESCRIPTION).write_text(""), "is not JSON"),
    "description a list": (lambda folder: (folder / checkpoints.DESCRIPTION).write_text("[]"), "not of schema 1"),
    "description nested": (lambda folder: (folder / checkpoints.DESCRIPTION).write_text("[" * 99_999), "is not JSON"),
    "later schema": (lambda folder: _describe(folder, schema=2), "not of schema 1"),
    "no family": (lambda folder: _describe(folder, family=None), "has no 'family'"),
    "family a number": (lambda folder: _describe(folder, family=3), "of the wrong kind"),
    "unknown family": (lambda folder: _describe(folder, family="vgg99"), "no family 'vgg99'"),
    "unknown argument": (lambda folder: _describe(folder, arguments={"size": 3}), "size"),
    "argument a word": (lambda folder: _describe(folder, arguments={"width": "wide"}), "cannot be built"),
    "another width": (
        lambda folder: _describe(folder, arguments={"width": 1.0}),
        r"bins.weight must be \(313, 256, 1, 1\) and is \(313, 8, 1, 1\)",
    ),
    "a width past any memory": (
        lambda folder: _describe(folder, arguments={"width": 1e6}),
        "do not fit|cannot be built",
    ),
    "a tensor missing": (lambda folder: _reweigh(folder, lambda state: state.pop("bins.bias")), "bins.bias .* missing"),
    "a tensor too many": (
        lambda folder: _reweigh(folder, lambda state: state.update(more=torch.zeros(2))),
        "more must be not expected",
    ),
    "nan": (
        lambda folder: _reweigh(folder, lambda state: state["bins.bias"].fill_(torch.nan)),
        "not finite in bins.bias",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_checkpoint_is_refused_in_one_sentence_and_the_others_still_listed(folder: Path, case: str) -> None:
    breaking, sentence = BROKEN[case]
    checkpoints.save(folder.parent / "whole", _model(), ARGUMENTS)
    breaking(folder)
    with pytest.raises(CheckpointRefused, match=sentence) as refusal:
        checkpoints.load(folder)
    assert "\n" not in str(refusal.value)
    assert str(folder.parent) not in str(refusal.value)
    good, _ = checkpoints.list_checkpoints(folder.parent)
    assert "whole" in [checkpoint.name for checkpoint in good]


def test_half_copied_unreadable_and_linked_out_folders_are_skipped_with_a_reason(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "a file").write_text("")
    shutil.copytree(folder, tmp_path / "half", ignore=shutil.ignore_patterns(checkpoints.WEIGHTS))
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    checkpoints.save(outside, _model(), ARGUMENTS)
    (tmp_path / "link").symlink_to(outside)
    (tmp_path / "unreadable" / checkpoints.DESCRIPTION).mkdir(parents=True)
    good, skipped = checkpoints.list_checkpoints(tmp_path)
    assert [checkpoint.name for checkpoint in good] == ["tiny"]
    told = ["no readable model.json", "has no model.safetensors", "leads out", "no readable model.json"]
    assert [name for name, _ in skipped] == ["empty", "half", "link", "unreadable"]
    assert all(words in reason for words, (_, reason) in zip(told, skipped, strict=True))


def test_a_checkpoint_replaced_since_it_was_described_is_refused(folder: Path) -> None:
    described = checkpoints.describe(folder)
    checkpoints.save(folder, _model(1), ARGUMENTS)
    with pytest.raises(CheckpointRefused, match="SHA-256 differs"):
        checkpoints.load(described)
    checkpoints.load(folder)


def test_a_root_that_is_not_there_has_no_checkpoints(tmp_path: Path) -> None:
    assert checkpoints.list_checkpoints(tmp_path / "absent") == ([], [])


WRITER = """
import sys, torch
from pathlib import Path
from visml import checkpoints
from visml.models.zhang16 import Zhang16
model = Zhang16(1 / 32)
for step in range(10**6):
    checkpoints.save(Path(sys.argv[1]), model, {"width": 1 / 32}, step=step)
    print(step, flush=True)
"""


def test_a_killed_writer_leaves_a_whole_checkpoint(folder: Path) -> None:
    for delay in (0.003, 0.011, 0.023, 0.05):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(delay)
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        checkpoints.load(folder)


def test_a_write_cut_short_leaves_the_checkpoint_as_it_was(folder: Path) -> None:
    with suppress(ZeroDivisionError), checkpoints.replacing(folder) as new:
        (new / checkpoints.WEIGHTS).unlink()
        (new / checkpoints.WEIGHTS).write_bytes(b"half of the weights")
        raise ZeroDivisionError
    checkpoints.load(folder)
    assert [path.name for path in folder.parent.iterdir()] == ["tiny"]


def test_a_checkpoint_is_on_the_disk_before_it_takes_the_old_ones_place(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    sync, rename = checkpoints._sync, Path.rename
    monkeypatch.setattr(checkpoints, "_sync", lambda path: (done.append(path.name), sync(path)))
    monkeypatch.setattr(Path, "rename", lambda path, to: (done.append("rename"), rename(path, to))[1])
    checkpoints.save(folder, _model(1), ARGUMENTS)
    before = done[: done.index("rename")]
    assert {checkpoints.WEIGHTS, checkpoints.DESCRIPTION, ".tiny.new"} <= set(before)


def test_a_kill_between_the_two_renames_is_mended(folder: Path) -> None:
    folder.rename(folder.parent / ".tiny.old")
    assert checkpoints.describe(folder).name == "tiny"


def test_a_kill_before_the_old_folder_is_dropped_is_mended_by_the_next_save(folder: Path) -> None:
    shutil.copytree(folder, folder.parent / ".tiny.old")
    checkpoints.save(folder, _model(1), ARGUMENTS, step=8)
    assert checkpoints.describe(folder).description["step"] == 8
    assert [path.name for path in folder.parent.iterdir()] == ["tiny"]


def test_a_folder_that_only_knows_its_data_yet_is_no_broken_checkpoint(tmp_path: Path) -> None:
    (tmp_path / "planned").mkdir()
    (tmp_path / "planned" / "lr_find.json").write_text("{}")
    (tmp_path / "other").mkdir()
    good, skipped = checkpoints.list_checkpoints(tmp_path)
    assert (good, [name for name, _ in skipped]) == ([], ["other"])


def test_a_name_never_leads_out_of_the_folder(tmp_path: Path) -> None:
    for name in ("../elsewhere", "a/../../b", "zhang16@x", "zhang16:Critic", ":critic", ""):
        with pytest.raises(checkpoints.CheckpointRefused):
            checkpoints.find(tmp_path / "checkpoints", name)
