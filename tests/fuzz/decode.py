"""Fuzzes the decoder of photos by hand: ``pip install atheris``, then ``python tests/fuzz/decode.py``.

What libFuzzer takes can follow, ``-max_total_time=600`` for instance. A photo or a refusal is right; anything else
stops the run and leaves its input in a file ``crash-...``. It begins with a tiny picture of every format.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import atheris
import numpy as np

with atheris.instrument_imports(include=["PIL", "visml"]):
    from PIL import Image

    from visml.images.decode import Limits, PhotoRefused, decode, preview

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "MPO")
MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16")
SMALL = Limits(max_mb=1, max_megapixels=1)


def check(data: bytes) -> None:
    """Anything but a photo or a refusal ends the run."""
    try:
        rgb, small = decode(data, SMALL).rgb, preview(data, 8, SMALL)
    except PhotoRefused:
        return
    for pixels in (rgb, small):
        assert pixels.dtype == np.uint8
        assert pixels.ndim == 3
        assert pixels.shape[2] == 3
        assert pixels.size > 0
    assert max(small.shape) <= 8


def seeds() -> Iterator[bytes]:
    """A picture of 9 x 7 pixels in every format and mode that go together."""
    noise = np.random.default_rng(0).integers(0, 256, (7, 9, 4), dtype=np.uint8)
    for mode in MODES:
        image = Image.fromarray(noise[..., :2].copy().view(np.uint16)[..., 0])
        if mode != "I;16":
            image = Image.fromarray(noise).convert("RGB").convert(mode) if mode != "RGBA" else Image.fromarray(noise)
        yield from (data for kind in FORMATS if (data := _saved(image, kind)))


def _saved(image: Image.Image, kind: str) -> bytes:
    exif, buffer = Image.Exif(), BytesIO()
    exif[0x0112] = 6
    try:
        image.save(buffer, kind, exif=exif)
    except (OSError, ValueError):
        return b""
    return buffer.getvalue()


def main() -> None:
    """Runs until it is stopped, a time is over, or an input breaks the decoder."""
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        for number, data in enumerate(seeds()):
            Path(folder, f"{number:03d}").write_bytes(data)
        atheris.Setup([*sys.argv, folder], check)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
