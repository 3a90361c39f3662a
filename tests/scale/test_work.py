"""Going through a collection in one process, and the command line's way to ask for a cluster."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import Command
from tests.scale.works import Squares, TooLarge
from visml.cli.common import with_address
from visml.scale.work import here


def test_parts_come_in_order_and_progress_is_told() -> None:
    told: list[int] = []
    parts = [part for _, part in here(Squares(), range(8), told.append)]
    assert parts == [[0, 1, 4], [9, 16, 25], [36, 49]]
    assert told == [3, 6, 8]


def test_a_refusal_ends_the_work() -> None:
    with pytest.raises(TooLarge, match="5 is too large"):
        list(here(Squares(most=4), range(8)))


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (["prior", "--ray"], ["prior", "--ray=local"]),
        (["prior", "--ray", "photos", "-o", "x"], ["prior", "--ray=local", "photos", "-o", "x"]),
        (["prior", "--ray", "head.lab:6379"], ["prior", "--ray", "head.lab:6379"]),
        (["prior", "--ray", "auto", "photos"], ["prior", "--ray", "auto", "photos"]),
        (["prior", "--ray=[::1]:6379"], ["prior", "--ray=[::1]:6379"]),
        ([], []),
    ],
)
def test_an_address_after_ray_may_be_left_out(given: list[str], meant: list[str]) -> None:
    assert with_address(given) == meant


def test_a_cluster_is_asked_for_or_not_touched(album: Path) -> None:
    lines = (
        "import sys; from visml.cli import run",
        f"code = run(['prior', {str(album)!r}, '-o', '-'])",
        "print('|', code, 'ray' in sys.modules)",
    )
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=True)
    assert done.stdout.rpartition("|")[2].split() == ["0", "False"]


def test_a_cluster_reads_and_writes_files_alone(visml: Command, photo: Path, tmp_path: Path) -> None:
    for asked in (["-", "-o", tmp_path], [photo, "-o", "-"]):
        outcome = visml("colorize", *asked, "--model", "tiny", "--ray")
        assert outcome.code == 2
        assert outcome.err == "A Ray cluster reads and writes files; name photos or folders, and a folder with -o.\n"


def test_no_cluster_at_an_address_is_one_sentence(visml: Command, album: Path, tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="Ray is not installed: pip install -e '.[dev]' brings it")
    outcome = visml("prior", album, "-o", tmp_path / "prior.json", "--ray", "127.0.0.1:1")
    assert outcome.code == 2
    assert outcome.err.startswith("There is no Ray cluster at '127.0.0.1:1'; ")
    assert outcome.err.count("\n") == 1


def test_without_ray_one_sentence_says_what_brings_it(
    visml: Command, album: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    outcome = visml("prior", album, "-o", tmp_path / "prior.json", "--ray", "nowhere:1")
    assert outcome.code == 2
    assert outcome.err == "Ray is not installed; pip install 'visml[scale]' brings it.\n"
