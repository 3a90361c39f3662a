from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from visml.evaluation import reading
from visml.evaluation.reading import Passed, Read, read_ahead
from visml.images.decode import Limits
from visml.images.folder import Picture, find_pictures


def test_never_more_than_two_batches_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Path] = []

    def read(picture: Picture, size: int, limits: Limits) -> Read:
        begun.append(picture.path)
        return Read(None, Passed.UNREADABLE)

    monkeypatch.setattr(reading, "read", read)
    pictures = [Picture(Path(f"{index}.png"), None) for index in range(5 * reading.BATCH + 3)]
    with ThreadPoolExecutor(2) as pool:
        taken = 0
        for batch in read_ahead(pool, pictures, 16, Limits()):
            taken += len(batch)
            assert len(begun) <= taken + reading.BATCH
    assert taken == len(pictures)
    assert sorted(begun) == sorted(picture.path for picture in pictures)


def test_pictures_come_in_order_and_squashed(folder: Path) -> None:
    pictures = find_pictures(folder)
    with ThreadPoolExecutor(2) as pool:
        found = [each for batch in read_ahead(pool, pictures, 16, Limits()) for each in batch]
    assert [each.category for each in found] == [picture.category for picture in pictures]
    assert [getattr(each.content, "shape", each.content) for each in found] == [
        (16, 16, 3),
        Passed.WITHOUT_COLOR,
        Passed.UNREADABLE,
        (16, 16, 3),
        (16, 16, 3),
        (16, 16, 3),
    ]
