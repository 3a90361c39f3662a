"""Every format, pixel mode, turn and shape that is taken, against pixels computed here."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from visml.images.decode import (
    decode,
    encode_jpeg,
    encode_png,
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


def on_white(rgb: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    share = alpha[..., None] / 255
    return rgb * share + 255 * (1 - share)


@pytest.mark.parametrize(("kind", "options"), [("PNG", {}), ("BMP", {}), ("TIFF", {}), ("WEBP", {"lossless": True})])
def test_lossless_formats_give_their_pixels(kind: str, options: dict[str, Any]) -> None:
    rgb = noise()
    np.testing.assert_array_equal(decode(saved(Image.fromarray(rgb), kind, **options)).rgb, rgb)


def test_jpeg_gives_its_pixels_nearly() -> None:
    ramp = np.linspace(0, 255, 64).astype(np.uint8)[None, :, None].repeat(32, 0).repeat(3, 2)
    rgb = decode(saved(Image.fromarray(ramp), "JPEG", quality=95)).rgb
    assert np.abs(rgb.astype(int) - ramp).max() <= 4


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bit_gray_is_scaled_not_clipped(kind: str) -> None:
    values = np.append(np.linspace(0, 65535, 63), 300).astype(np.uint16).reshape(8, 8)
    expected = np.round(values / 65535.0 * 255)
    photo = decode(saved(Image.fromarray(values), kind))
    np.testing.assert_array_equal(photo.rgb, np.repeat(expected[..., None], 3, 2))
    assert not photo.has_color


def test_transparent_value_of_16_bit_gray_is_white() -> None:
    values = np.array([[0, 30000], [30001, 65535]], dtype=np.uint16)
    photo = decode(saved(Image.fromarray(values), "PNG", transparency=30000))
    np.testing.assert_array_equal(photo.rgb[..., 0], [[0, 255], [117, 255]])


def test_cmyk_red_stays_red() -> None:
    red = decode(saved(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "JPEG", quality=95)).rgb
    assert red[..., 0].min() > 240
    assert red[..., 1:].max() < 15


def test_alpha_is_composited_on_white() -> None:
    rgba = noise(channels=4)
    photo = decode(saved(Image.fromarray(rgba), "PNG"))
    assert np.abs(photo.rgb - on_white(rgba[..., :3], rgba[..., 3])).max() <= 1


def test_gray_with_alpha_is_composited_on_white() -> None:
    pixels = noise(channels=2)
    photo = decode(saved(Image.fromarray(pixels, "LA"), "PNG"))
    expected = on_white(pixels[..., :1].repeat(3, 2), pixels[..., 1])
    assert np.abs(photo.rgb - expected).max() <= 1


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_hidden_colors_of_a_palette_become_white(kind: str) -> None:
    image = Image.new("P", (4, 1))
    image.putpalette([255, 0, 0, 0, 0, 255, 0, 255, 0, 9, 9, 9])
    image.putdata([0, 1, 2, 3])
    photo = decode(saved(image, kind, transparency=0))
    np.testing.assert_array_equal(photo.rgb[0], [[255, 255, 255], [0, 0, 255], [0, 255, 0], [9, 9, 9]])


@pytest.mark.parametrize(("kind", "options"), [("GIF", {}), ("WEBP", {"lossless": True}), ("PNG", {})])
def test_animations_give_their_first_frame(kind: str, options: dict[str, Any]) -> None:
    red, blue = (Image.new("RGB", (9, 5), color) for color in ("red", "blue"))
    photo = decode(saved(red, kind, save_all=True, append_images=[blue], duration=50, **options))
    assert photo.rgb.shape == (5, 9, 3)
    assert (photo.rgb == (255, 0, 0)).all()


def test_a_phone_file_of_several_jpegs_gives_the_first() -> None:
    red, blue = (Image.new("RGB", (640, 480), color) for color in ("red", "blue"))
    data = saved(red, "MPO", save_all=True, append_images=[blue])
    assert data.startswith(b"\xff\xd8\xff")
    for rgb in (decode(data).rgb, preview(data, 64)):
        assert np.abs(rgb.astype(int) - (255, 0, 0)).max() <= 3


TURNS: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    1: lambda x: x,
    2: lambda x: x[:, ::-1],
    3: lambda x: x[::-1, ::-1],
    4: lambda x: x[::-1],
    5: lambda x: x.transpose(1, 0, 2),
    6: lambda x: np.rot90(x, -1),
    7: lambda x: x[::-1, ::-1].transpose(1, 0, 2),
    8: lambda x: np.rot90(x, 1),
}


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize("orientation", TURNS)
def test_exif_rotation_is_applied(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.fromarray(noise())
    expected = TURNS[orientation](noise())
    data = saved(image, kind, exif=exif)
    np.testing.assert_array_equal(decode(data).rgb, expected)
    np.testing.assert_array_equal(open_photo(Image.open(BytesIO(data))).rgb, expected)


def test_thumbnail_of_a_jpeg_is_turned_too() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    halves = np.zeros((400, 800, 3), np.uint8)
    halves[:, 400:] = 255
    small = preview(saved(Image.fromarray(halves), "JPEG", exif=exif), 100)
    assert small.shape == (100, 50, 3)
    assert small[:45].max() < 20
    assert small[55:].min() > 235


def test_gps_is_stripped() -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0)})
    exif[0x010F] = "A camera"
    given = saved(Image.fromarray(noise()), "JPEG", exif=exif, comment=b"secret place")
    assert b"A camera" in given
    for out in (encode_png(decode(given).rgb), encode_jpeg(decode(given).rgb)):
        assert not Image.open(BytesIO(out)).getexif()
        assert not any(secret in out for secret in (b"Exif", b"A camera", b"secret"))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_photo_with_unreadable_exif_opens(kind: str) -> None:
    data = saved(Image.fromarray(noise()), kind, exif=b"Exif\0\0no such thing")
    assert decode(data).rgb.shape == (12, 20, 3)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 20000), (20000, 1)])
def test_extreme_shapes_open(width: int, height: int) -> None:
    data = saved(Image.new("RGB", (width, height), (10, 200, 30)), "PNG")
    photo = decode(data)
    assert photo.rgb.shape == (height, width, 3)
    assert (squash(photo.rgb, 224) == (10, 200, 30)).all()
    assert max(preview(data, 176).shape) <= 176
