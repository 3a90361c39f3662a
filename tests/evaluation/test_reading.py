from __future__ import annotations

import hashlib
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from visml.evaluation import reading
from visml.evaluation.reading import Passed, Read, read_ahead, shuffled
from visml.images.decode import Limits
from visml.images.folder import Picture, find_pictures

NAMES = ["astronaut.png", "camera.png", "cats/broken.jpg", "cats/chelsea.png", "cats/half.png", "space/far/hubble.png"]


def test_never_more_than_two_batches_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Path] = []

    def read(picture: Picture, root: Path, size: int, limits: Limits) -> Read:
        begun.append(picture.path)
        return Read(picture.path.name, None, "", Passed.UNREADABLE)

    monkeypatch.setattr(reading, "read", read)
    pictures = [Picture(Path(f"{index}.png"), None) for index in range(5 * reading.BATCH + 3)]
    with ThreadPoolExecutor(2) as pool:
        taken = 0
        for batch in read_ahead(pool, pictures, Path(), 16, Limits()):
            taken += len(batch)
            assert len(begun) <= taken + reading.BATCH
    assert taken == len(pictures)
    assert sorted(begun) == sorted(picture.path for picture in pictures)


def test_pictures_come_in_order_and_squashed(folder: Path) -> None:
    pictures = find_pictures(folder)
    with ThreadPoolExecutor(2) as pool:
        found = [each for batch in read_ahead(pool, pictures, folder.resolve(), 16, Limits()) for each in batch]
    assert [each.name for each in found] == NAMES
    assert [each.category for each in found] == [picture.category for picture in pictures]
    assert [getattr(each.content, "shape", each.content) for each in found] == [
        (16, 16, 3),
        Passed.WITHOUT_COLOR,
        Passed.UNREADABLE,
        (16, 16, 3),
        (16, 16, 3),
        (16, 16, 3),
    ]


def test_a_picture_is_known_by_the_digest_of_its_file(folder: Path) -> None:
    path = folder.resolve() / "cats" / "half.png"
    found = reading.read(Picture(path, "cats"), folder.resolve(), 16, Limits())
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    missing = reading.read(Picture(path.with_name("gone.png"), "cats"), folder.resolve(), 16, Limits())
    assert (missing.sha256, missing.content) == ("", Passed.UNREADABLE)


def test_the_order_is_mixed_and_hangs_on_names_alone(folder: Path, tmp_path: Path) -> None:
    first = [picture.path.relative_to(folder.resolve()).as_posix() for picture in shuffled(folder)]
    shutil.move(folder, tmp_path / "elsewhere")
    second = [
        picture.path.relative_to((tmp_path / "elsewhere").resolve()).as_posix()
        for picture in shuffled(tmp_path / "elsewhere")
    ]
    assert first == second
    assert sorted(first) == NAMES != first
