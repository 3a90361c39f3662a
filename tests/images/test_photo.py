"""What a photo is once it is decoded: its name, its digest, its sources, what is made of it."""

from __future__ import annotations

import threading
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from visml.images import decode as module
from visml.images.decode import (
    Limits,
    PhotoRefused,
    clean_label,
    decode,
    encode_png,
    has_color,
    open_photo,
    preview,
    squash,
)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def noise(height: int = 12, width: int = 20, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(7).integers(0, 256, (height, width, channels), dtype=np.uint8)


def test_jpeg_with_html_behind_it_leaves_as_pixels_only() -> None:
    data = saved(Image.fromarray(noise()), "JPEG") + b"<html><script>alert(1)</script></html>"
    assert b"script" not in encode_png(decode(data, name="page.html").rgb)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\photos\\me.jpg", "me.jpg"),
        ("a\0b\n.jpg", "ab.jpg"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("\U0001f308 rainbow.png", "\U0001f308 rainbow.png"),
        ("<b>x.jpg", "<b>x.jpg"),
        ("x" * 4096, "x" * 80),
        ("..", ".."),
        ("folder/", ""),
        ("\udcff.jpg", ".jpg"),
    ],
)
def test_names_become_labels(name: str, label: str) -> None:
    assert clean_label(name) == label
    assert decode(saved(Image.new("L", (2, 2)), "PNG"), name=name).name == label


def test_at_most_two_photos_are_decoded_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    inside, most, third_waits = 0, 0, threading.Event()
    lock, plain = threading.Lock(), module._upright_rgb

    def counted(image: Image.Image) -> Image.Image:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        third_waits.wait(0.05)
        with lock:
            inside -= 1
        return plain(image)

    monkeypatch.setattr(module, "_upright_rgb", counted)
    data, done = saved(Image.fromarray(noise()), "PNG"), []
    threads = [threading.Thread(target=lambda: done.append(decode(data))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(done) == 6
    assert most == 2


def test_a_refusal_frees_its_place() -> None:
    for _ in range(5):
        with pytest.raises(PhotoRefused):
            decode(b"\x89PNG\r\n\x1a\nbroken")
    assert decode(saved(Image.new("L", (2, 2)), "PNG")).rgb.shape == (2, 2, 3)


def test_every_source_gives_the_same_photo(tmp_path: Path) -> None:
    rgb = noise()
    path = tmp_path / "a photo.png"
    path.write_bytes(saved(Image.fromarray(rgb), "PNG"))
    photos = [open_photo(source) for source in (path, str(path), path.read_bytes(), Image.open(path), rgb)]
    assert {photo.sha256 for photo in photos} == {photos[0].sha256}
    assert [photo.name for photo in photos] == ["a photo.png", "a photo.png", "", "", ""]


def test_a_gray_array_is_a_photo_without_color() -> None:
    gray = noise()[..., 0]
    photo = open_photo(gray)
    np.testing.assert_array_equal(photo.rgb, np.stack([gray] * 3, -1))
    assert not photo.has_color


def test_what_the_caller_gave_is_left_alone() -> None:
    rgb = noise()
    exif = Image.Exif()
    exif[0x0112] = 6
    image = Image.open(BytesIO(saved(Image.fromarray(rgb), "PNG", exif=exif)))
    photo = open_photo(rgb)
    rgb[:] = 0
    open_photo(image)
    assert photo.rgb.any()
    assert image.size == (20, 12)
    with pytest.raises(ValueError, match="read-only"):
        photo.rgb[0, 0, 0] = 1


def test_digest_tells_shapes_and_pixels_apart() -> None:
    wide, tall = np.zeros((2, 8, 3), np.uint8), np.zeros((8, 2, 3), np.uint8)
    other = wide.copy()
    other[0, 0, 0] = 1
    assert len({open_photo(rgb).sha256 for rgb in (wide, tall, other)}) == 3
    png, bmp = (decode(saved(Image.fromarray(noise()), kind)) for kind in ("PNG", "BMP"))
    assert png == bmp


def test_has_color() -> None:
    gray = noise()[..., :1].repeat(3, 2) // 2
    tinted, spotted = gray + np.array([0, 4, 8], np.uint8), gray.copy()
    spotted[3, 5] = (200, 0, 0)
    assert [has_color(rgb) for rgb in (gray, tinted, spotted)] == [False, False, True]
    assert not decode(saved(Image.fromarray(gray), "JPEG", quality=60)).has_color
    assert decode(saved(Image.fromarray(spotted), "PNG")).has_color


def test_squash_antialiases() -> None:
    checkers = (np.indices((448, 896)).sum(0) % 2 * 255).astype(np.uint8)[..., None].repeat(3, 2)
    small = squash(checkers, 224)
    assert small.shape == (224, 224, 3)
    assert np.abs(small[4:-4, 4:-4].astype(int) - 127).max() <= 8


def test_encoded_png_is_lossless_and_bare() -> None:
    for pixels in (noise(), noise()[..., 0]):
        for level in (1, 6):
            image = Image.open(BytesIO(encode_png(pixels, level)))
            np.testing.assert_array_equal(np.asarray(image), pixels)
            assert image.info == {}


def test_preview_looks_like_the_photo() -> None:
    smooth = np.stack(np.meshgrid(np.arange(600), np.arange(400)), -1) * np.array([255 / 600, 255 / 400])
    rgb = np.dstack([smooth, np.full((400, 600), 90)]).astype(np.uint8)
    for kind in ("PNG", "JPEG"):
        small = preview(saved(Image.fromarray(rgb), kind), 150)
        assert small.shape == (100, 150, 3)
        blocks = rgb.reshape(100, 4, 150, 4, 3).mean((1, 3))
        assert np.abs(small - blocks).max() <= 6


def test_limits_are_met_at_their_edge() -> None:
    million = saved(Image.new("L", (1000, 1000)), "PNG")
    assert decode(million, Limits(max_mb=1, max_megapixels=1)).rgb.shape == (1000, 1000, 3)
