from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visml.images.folder import FolderRefused, content_fraction, find_pictures


def fill(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"not opened")


def test_pictures_by_category_and_sorted(tmp_path: Path) -> None:
    fill(tmp_path, "b.PNG", "a.jpg", "scenes/forest/z.webp", "scenes/y.JpEg", "faces/x.jpg")
    found = find_pictures(tmp_path)
    assert [(picture.path.name, picture.category) for picture in found] == [
        ("a.jpg", None),
        ("b.PNG", None),
        ("x.jpg", "faces"),
        ("z.webp", "scenes/forest"),
        ("y.JpEg", "scenes"),
    ]
    assert all(picture.path.is_absolute() for picture in found)


def test_other_and_hidden_files_are_left_out(tmp_path: Path) -> None:
    fill(tmp_path, "a.jpg", "notes.txt", "a.gif", "._a.jpg", ".cache/b.jpg", "jpg", "folder.png/inside.txt")
    assert [picture.path.name for picture in find_pictures(tmp_path)] == ["a.jpg"]


def test_links_out_of_the_folder_are_left_out(tmp_path: Path) -> None:
    fill(tmp_path, "outside/secret.jpg", "root/a.jpg", "root/sub/b.jpg")
    root = tmp_path / "root"
    (root / "out.jpg").symlink_to(tmp_path / "outside" / "secret.jpg")
    (root / "outside").symlink_to(tmp_path / "outside")
    (root / "nowhere.jpg").symlink_to(tmp_path / "nothing.jpg")
    (root / "loop").symlink_to(root)
    (root / "within.jpg").symlink_to(root / "a.jpg")
    assert [picture.path.name for picture in find_pictures(root)] == ["a.jpg", "b.jpg", "within.jpg"]


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    fill(tmp_path, "real/faces/a.jpg")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert [picture.category for picture in find_pictures(tmp_path / "link")] == ["faces"]


@pytest.mark.parametrize(("name", "reason"), [("missing", "no folder"), ("a.jpg", "no folder"), ("empty", "no JPEG")])
def test_folders_that_give_no_pictures(tmp_path: Path, name: str, reason: str) -> None:
    fill(tmp_path, "a.jpg", "empty/notes.txt")
    with pytest.raises(FolderRefused, match=rf"^There (is|are) {reason}.*: .*\.$"):
        find_pictures(tmp_path / name)


@given(st.binary())
def test_content_fraction_is_a_fraction_of_the_content(data: bytes) -> None:
    assert 0 <= content_fraction(data) < 1
    assert content_fraction(data) == content_fraction(bytes(data))


def test_content_fraction_is_evenly_spread() -> None:
    fractions = sorted(content_fraction(str(index).encode()) for index in range(4000))
    assert max(abs(value - (index + 0.5) / 4000) for index, value in enumerate(fractions)) < 0.03


def test_content_fraction_never_moves() -> None:
    assert content_fraction(b"") == pytest.approx(0xE4A6A0577479B2B4 / 2**64, abs=1e-15)
