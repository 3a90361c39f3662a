"""Whatever the bytes are, there is a photo or a refusal, and nothing else."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from visml.images.decode import Limits, Photo, PhotoRefused, clean_label, decode, preview

SMALL = Limits(max_mb=1, max_megapixels=1)
STARTS = [
    b"\xff\xd8\xff\xe0",
    b"\x89PNG\r\n\x1a\n",
    b"GIF89a",
    b"BM",
    b"II*\0",
    b"MM\0*",
    b"RIFF\x20\0\0\0WEBPVP8 ",
]


def saved(kind: str, **options: object) -> bytes:
    rgb = np.random.default_rng(1).integers(0, 256, (9, 13, 3), dtype=np.uint8)
    buffer = BytesIO()
    Image.fromarray(rgb).save(buffer, kind, **options)
    return buffer.getvalue()


VALID = [
    saved("PNG"),
    saved("JPEG"),
    saved("JPEG", progressive=True),
    saved("GIF"),
    saved("BMP"),
    saved("TIFF"),
    saved("WEBP"),
    saved("WEBP", lossless=True),
]
EDITS = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=8)


def answer(data: bytes) -> Photo | None:
    """The photo, or None where it is refused; any other outcome fails the test."""
    try:
        photo = decode(data, SMALL)
    except PhotoRefused:
        return None
    assert photo.rgb.dtype == np.uint8
    assert photo.rgb.ndim == 3
    assert photo.rgb.shape[2] == 3
    assert photo.rgb.size > 0
    return photo


@pytest.mark.parametrize("data", VALID)
def test_unharmed_photos_open(data: bytes) -> None:
    photo = answer(data)
    assert photo is not None
    assert photo.rgb.shape == (9, 13, 3)


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=200, deadline=None)
@given(st.sampled_from([b"", *STARTS]), st.binary(max_size=300))
def test_random_bytes(start: bytes, rest: bytes) -> None:
    answer(start + rest)


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=300, deadline=None)
@given(st.sampled_from(VALID), EDITS, st.floats(0, 1), st.binary(max_size=20))
def test_mutated_photos(data: bytes, edits: list[tuple[float, int]], kept: float, tail: bytes) -> None:
    mutated = bytearray(data)
    for place, value in edits:
        mutated[int(place * len(mutated))] = value
    cut = bytes(mutated[: int(kept * len(mutated)) + 1]) + tail
    for candidate in (bytes(mutated), cut):
        photo = answer(candidate)
        if photo is not None:
            assert max(preview(candidate, 8, SMALL).shape) <= 8


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(VALID[0]) - 1), st.integers(1, 255))
def test_one_changed_byte_of_a_png_is_never_shown_wrong(place: int, change: int) -> None:
    mutated = bytearray(VALID[0])
    mutated[place] ^= change
    photo = answer(bytes(mutated))
    if photo is not None:
        np.testing.assert_array_equal(photo.rgb, decode(VALID[0]).rgb)


@given(st.text(max_size=200))
def test_labels_are_printable_and_short(name: str) -> None:
    label = clean_label(name)
    assert len(label) <= 80
    assert all(letter.isprintable() or letter.isspace() for letter in label)
    assert "/" not in label
    assert "\\" not in label
    label.encode()
