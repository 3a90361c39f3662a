"""Untrusted bytes -> RGB pixels, or one sentence that says why not.

A file is known by its content, never by its name; its header is checked before any pixel is decoded; at most
two photos are decoded at once. Whatever a decoder raises leaves here as :class:`PhotoRefused`.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from visml.images.formats import describe, photo_format
from visml.settings import Refused

Pixels = npt.NDArray[np.uint8]
PhotoSource = str | Path | bytes | Image.Image | npt.NDArray[Any]

MODES = {"1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr"}
DEEP_MODES = {"I;16", "I;16L", "I;16B", "I;16N"}
COLOR_SPREAD = 8  # of 255: a gray photo saved as a JPEG in color stays below
SEARCHED_ROWS = 64  # at a time, until color is found
PILLOW_MEGAPIXELS = 178  # a larger header Pillow refuses by itself
DECODERS = BoundedSemaphore(2)


class PhotoRefused(Refused):
    """A file that is not taken as a photo; its text is one sentence: what is wrong and what to do."""


@dataclass(frozen=True)
class Limits:
    """The largest photo taken: ``max_mb`` in 10**6 bytes of file, ``max_megapixels`` in 10**6 pixels."""

    max_mb: int = 32
    max_megapixels: int = 40

    def check_bytes(self, count: int) -> None:
        """Refuses an empty file and one of more than ``max_mb``."""
        if count == 0:
            raise PhotoRefused("This file is empty: choose another photo.")
        if count > self.max_mb * 10**6:
            raise PhotoRefused(f"This photo has more than {self.max_mb} MB: make it smaller and try again.")

    def check_pixels(self, count: int) -> None:
        """Refuses a picture of no pixels and one of more than ``max_megapixels``."""
        most = min(self.max_megapixels, PILLOW_MEGAPIXELS)
        if count == 0:
            raise PhotoRefused("This picture has no pixels: choose another photo.")
        if count > most * 10**6:
            raise PhotoRefused(f"This photo has more than {most} megapixels: make it smaller and try again.")


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True)
class Photo:
    """A photo as pixels; two photos are equal when their pixels and names are.

    Attributes:
        rgb: ``(H, W, 3)`` uint8, sRGB, read-only.
        has_color: whether any pixel is visibly not gray.
        sha256: hexadecimal digest of the shape and the pixels.
        name: a label for people, never a path.
    """

    rgb: Pixels = field(repr=False, compare=False)
    has_color: bool
    sha256: str
    name: str = ""


def decode(data: bytes, limits: Limits = DEFAULT_LIMITS, name: str = "") -> Photo:
    """The photo in a file's bytes, turned as its EXIF says, on white where it is transparent.

    Args:
        data: a whole JPEG, PNG, WebP, GIF, BMP or TIFF file; of an animation the first frame is taken.
        limits: checked against the file's length and its header before a pixel is decoded.
        name: the file's name; only its last part is kept, as a label.

    Raises:
        PhotoRefused: it is anything else, incomplete, damaged or too large.
    """
    with _opened(data, limits) as image:
        rgb = _pixels(image)
    return _photo(rgb, name)


def preview(data: bytes, side: int, limits: Limits = DEFAULT_LIMITS) -> Pixels:
    """The photo as small ``(h, w, 3)`` uint8, neither side above ``side``; refuses as `decode` does."""
    with _opened(data, limits) as image:
        image.draft(image.mode, (2 * side, 2 * side))  # a JPEG then decodes at 1/2, 1/4 or 1/8 of its size
        small = _upright_rgb(image)
        small.thumbnail((side, side), Image.Resampling.BICUBIC, reducing_gap=2.0)
        return np.asarray(small)


def open_photo(source: PhotoSource, limits: Limits = DEFAULT_LIMITS) -> Photo:
    """The photo at a path, in bytes, in a Pillow image or in an ``(H, W)`` or ``(H, W, 3)`` uint8 array.

    Raises:
        PhotoRefused: there is no such file, or it is not a photo within ``limits``.
    """
    if isinstance(source, bytes):
        return decode(source, limits)
    if isinstance(source, np.ndarray):
        return _photo(_checked(source, limits), "")
    if isinstance(source, Image.Image):
        limits.check_pixels(source.width * source.height)
        with _refusing(limits):
            return _photo(_pixels(source.copy()), "")
    return decode(read_file(Path(source), limits), limits, Path(source).name)


def read_file(path: Path, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """A file's bytes, or its first ``max_mb`` and one more; refuses what is not a readable file."""
    with suppress(OSError):
        if path.is_file():
            with path.open("rb") as file:
                return file.read(limits.max_mb * 10**6 + 1)
    raise PhotoRefused(f"The file '{clean_label(path.name)}' cannot be read: check that it is there.")


def has_color(rgb: Pixels) -> bool:
    """Whether any pixel of ``(H, W, 3)`` uint8 has channels more than 8 apart: 3 to 6 units of ab on gray."""
    return any(_spread(rgb[top : top + SEARCHED_ROWS]) > COLOR_SPREAD for top in range(0, len(rgb), SEARCHED_ROWS))


def _spread(rgb: Pixels) -> int:
    """How far a pixel's channels are apart at most."""
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    highest = np.maximum(np.maximum(red, green), blue)
    lowest = np.minimum(np.minimum(red, green), blue)
    return int((highest - lowest).max())


def clean_label(name: str) -> str:
    """The last part of a file's name, at most 80 characters, without control and direction characters."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(letter for letter in last if unicodedata.category(letter)[0] != "C")[:80].strip()


def squash(rgb: Pixels, size: int) -> Pixels:
    """``rgb`` ``(H, W, 3)`` uint8 as ``(size, size, 3)``: bicubic, antialiased, proportions not kept."""
    return np.array(Image.fromarray(rgb).resize((size, size), Image.Resampling.BICUBIC))


def encode_png(pixels: Pixels, level: int = 6) -> bytes:
    """A PNG of ``(H, W, 3)`` or gray ``(H, W)`` uint8, no metadata; ``level`` 0..9 trades time for bytes."""
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=level)
    return buffer.getvalue()


def encode_jpeg(rgb: Pixels, quality: int = 92) -> bytes:
    """A JPEG of ``(H, W, 3)`` or gray ``(H, W)`` uint8, no metadata; sides up to 65,500 pixels."""
    buffer = BytesIO()
    Image.fromarray(rgb).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def _format_of(data: bytes) -> str:
    if name := photo_format(data):
        return name
    what = describe(data)
    raise PhotoRefused(f"This file is {what}, which VisML cannot open: convert to JPEG or PNG and try again.")


@contextmanager
def _opened(data: bytes, limits: Limits) -> Iterator[Image.Image]:
    """The picture behind the bytes, header checked, no pixel decoded; waits while two others are open."""
    limits.check_bytes(len(data))
    formats = (_format_of(data),)
    with DECODERS, _refusing(limits), Image.open(BytesIO(data), formats=formats) as image:
        limits.check_pixels(image.width * image.height)
        if formats == ("PNG",):  # Pillow's decoder itself ignores the checksums of a PNG's pixels
            Image.open(BytesIO(data), formats=formats).verify()
        yield image


@contextmanager
def _refusing(limits: Limits) -> Iterator[None]:
    """Turns whatever a decoder raises into PhotoRefused."""
    try:
        yield
    except PhotoRefused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        limits.check_pixels(1 + PILLOW_MEGAPIXELS * 10**6)
    except Exception as error:
        raise PhotoRefused("This photo is incomplete or damaged: download or export it again.") from error


def _pixels(image: Image.Image) -> Pixels:
    return np.asarray(_upright_rgb(image))


def _upright_rgb(image: Image.Image) -> Image.Image:
    image.load()
    with suppress(Exception):  # a photo with unreadable EXIF is still a photo
        ImageOps.exif_transpose(image, in_place=True)
    if image.mode in DEEP_MODES:
        return _from_16_bits(image)
    if image.mode not in MODES:
        raise PhotoRefused("This picture has unusual pixels: save it as RGB with 8 bits per channel.")
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def _from_16_bits(image: Image.Image) -> Image.Image:
    """RGB of 16-bit gray: scaled and rounded, where Pillow's own conversion clips all above 255 to white."""
    values = np.asarray(image).astype(np.uint32)
    values[values == image.info.get("transparency", -1)] = 65535
    return Image.fromarray(((values + 128) // 257).astype(np.uint8)).convert("RGB")


def _checked(array: npt.NDArray[Any], limits: Limits) -> Pixels:
    if array.dtype != np.uint8 or array.ndim not in (2, 3) or array.shape[2:] not in ((), (3,)):
        given = f"{array.dtype} {array.shape}"
        raise PhotoRefused(f"This array is {given}: convert it to uint8 of shape (H, W) or (H, W, 3).")
    limits.check_pixels(array.shape[0] * array.shape[1])
    return np.array(array if array.ndim == 3 else np.stack([array] * 3, axis=-1), order="C")


def _photo(rgb: Pixels, name: str) -> Photo:
    rgb.setflags(write=False)
    digest = hashlib.sha256(repr(rgb.shape).encode())
    digest.update(rgb.data)
    return Photo(rgb, has_color(rgb), digest.hexdigest(), clean_label(name))
