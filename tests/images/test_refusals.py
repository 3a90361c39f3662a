"""Every refusal is one sentence of one type, and comes before any pixel is decoded where it can."""

from __future__ import annotations

import re
import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFile

from visml.images import decode as module
from visml.images.decode import Limits, PhotoRefused, decode, open_photo, preview, read_file


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def picture() -> Image.Image:
    return Image.fromarray(np.random.default_rng(3).integers(0, 256, (40, 30, 3), dtype=np.uint8))


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def black_png(side: int) -> bytes:
    rows = zlib.compressobj(9)
    packed = b"".join(rows.compress(bytes(1 + side // 8)) for _ in range(side)) + rows.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def refusal(data: bytes, limits: Limits | None = None) -> str:
    """The sentence that refuses ``data``, the same for the photo and its thumbnail."""
    limits = limits or Limits()
    with pytest.raises(PhotoRefused) as refused:
        decode(data, limits, name="/home/me/photo.jpg")
    with pytest.raises(PhotoRefused, match=re.escape(str(refused.value))):
        preview(data, 176, limits)
    return one_sentence(str(refused.value))


def one_sentence(text: str) -> str:
    assert re.fullmatch(r"[A-Z][^.!?\n]*: [^.!?\n]*\.", text), text
    assert not any(word in text for word in ("/", "\\", "Error", "Traceback", "PIL")), text
    return text


@pytest.fixture
def no_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(_: ImageFile.ImageFile) -> None:
        pytest.fail("pixels were decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", load)


@pytest.fixture
def no_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "open", lambda *_, **__: pytest.fail("the bytes reached Pillow"))


@pytest.mark.filterwarnings("ignore:Truncated File Read")
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "TIFF"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.99])
def test_truncated(kind: str, share: float) -> None:
    data = saved(picture(), kind)
    assert decode(data).rgb.shape == (40, 30, 3)
    assert "incomplete" in refusal(data[: max(12, int(len(data) * share))])


@pytest.mark.parametrize("kind", [b"IHDR", b"IDAT"])
def test_bad_checksum(kind: bytes) -> None:
    data = bytearray(saved(picture(), "PNG"))
    place = data.index(kind)
    (length,) = struct.unpack(">I", data[place - 4 : place])
    data[place + 4 + length] ^= 1
    assert "damaged" in refusal(bytes(data))


def test_changed_pixels_under_an_old_checksum() -> None:
    data = bytearray(saved(picture(), "PNG", compress_level=0))
    data[len(data) // 2] ^= 1
    assert "damaged" in refusal(bytes(data))


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [30000, 12000])
def test_huge_picture_in_a_small_file(side: int, no_pixels: None) -> None:
    data = black_png(side)
    assert len(data) < 500_000
    assert "more than 40 megapixels" in refusal(data)


def test_a_gif_whose_frame_is_larger_than_its_screen(no_pixels: None) -> None:
    control = b"\x21\xf9\x04\x09\0\0\0\0"  # to be cleared, with a transparent color
    frame = struct.pack("<cHHHHB", b",", 0, 0, 7_000, 7_000, 0)
    sentence = refusal(b"GIF89a" + struct.pack("<HHBBB", 9, 7, 128, 0, 0) + bytes(6) + control + frame + b"\x02\0;")
    assert sentence == "This photo has more than 40 megapixels: make it smaller and try again."


def test_huge_picture_that_only_pillow_refuses(no_pixels: None) -> None:
    assert "more than 178 megapixels" in refusal(black_png(30000), Limits(max_megapixels=10_000))


def test_large_file(no_pillow: None) -> None:
    assert "more than 1 MB" in refusal(bytes(10**6 + 1), Limits(max_mb=1))


def test_empty_file(no_pillow: None) -> None:
    assert "empty" in refusal(b"")


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "a HEIC picture"),
        (b"\0\0\0\x20ftypavif\0\0\0\0avifmif1", "an AVIF picture"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0", "a video"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n(x) run", "an EPS drawing"),
        (b"\xc5\xd0\xd3\xc6\x1e\0\0\0", "an EPS drawing"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- x -->\n<svg/>', "an SVG drawing"),
        (b"\n <!DOCTYPE html><script>alert(1)</script>", "an HTML page"),
        (b"<HTML><body>\xff\xd8\xff", "an HTML page"),
        (b"just text", "not a photo of a known kind"),
        (b"\0" * 100, "not a photo of a known kind"),
    ],
)
def test_other_files_named_jpg(data: bytes, what: str, no_pillow: None) -> None:
    sentence = refusal(data)
    assert what in sentence
    assert "convert to JPEG" in sentence


def test_heic_is_told_to_convert_to_jpeg(no_pillow: None) -> None:
    expected = "This file is a HEIC picture, which VisML cannot open: convert to JPEG or PNG and try again."
    assert refusal(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic") == expected


@pytest.mark.parametrize("kind", ["PPM", "TGA", "ICO", "JPEG2000", "PCX", "EPS", "PDF"])
def test_formats_outside_the_list(kind: str, no_pillow: None) -> None:
    assert "convert to JPEG" in refusal(saved(picture(), kind))


@pytest.mark.parametrize("mode", ["F", "I", "LAB"])
def test_pixels_that_have_no_one_meaning(mode: str) -> None:
    assert "8 bits per channel" in refusal(saved(Image.new(mode, (8, 8)), "TIFF"))


@pytest.mark.parametrize(
    "error",
    [
        OSError("/etc/passwd"),
        SyntaxError("x"),
        ValueError("x"),
        struct.error("x"),
        MemoryError(),
        RecursionError(),
        ZeroDivisionError(),
        OverflowError(),
        KeyError("x"),
        EOFError(),
        Image.UnidentifiedImageError("<BytesIO at 0x7f>"),
    ],
)
def test_whatever_pillow_raises(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Image.Image) -> Image.Image:
        raise error

    monkeypatch.setattr(module, "_upright_rgb", broken)
    assert "damaged" in refusal(saved(picture(), "PNG"))
    with pytest.raises(PhotoRefused):
        open_photo(picture())


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 4, 3), np.float32),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((3,), np.uint8),
        np.zeros((1, 3, 4, 4), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((1001, 1000), np.uint8),
    ],
)
def test_arrays_that_are_no_photo(array: np.ndarray) -> None:
    with pytest.raises(PhotoRefused) as refused:
        open_photo(array, Limits(max_megapixels=1))
    assert re.fullmatch(r"This .*: .*\.", str(refused.value))


def test_images_beyond_the_limit() -> None:
    with pytest.raises(PhotoRefused, match="more than 1 megapixels"):
        open_photo(Image.new("L", (1001, 1000)), Limits(max_megapixels=1))


@pytest.mark.parametrize("name", ["missing.jpg", "folder", "a\0b.jpg", "x" * 5000])
def test_paths_that_cannot_be_read(name: str, tmp_path: Path) -> None:
    (tmp_path / "secret" / "folder").mkdir(parents=True)
    with pytest.raises(PhotoRefused, match="cannot be read") as refused:
        open_photo(tmp_path / "secret" / name)
    assert "secret" not in one_sentence(str(refused.value).replace(".jpg", ""))


def test_a_large_file_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    with path.open("wb") as file:
        file.truncate(5 * 10**9)
    assert len(read_file(path, Limits(max_mb=1))) == 10**6 + 1
    with pytest.raises(PhotoRefused, match="more than 1 MB"):
        open_photo(path, Limits(max_mb=1))
