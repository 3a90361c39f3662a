"""What a file is, told by its first bytes."""

from __future__ import annotations

import re

PHOTOS = {
    "JPEG": rb"\xff\xd8\xff",
    "PNG": rb"\x89PNG\r\n\x1a\n",
    "WEBP": rb"RIFF....WEBP",
    "GIF": rb"GIF8[79]a",
    "BMP": rb"BM",
    "TIFF": rb"II\*\0|MM\0\*",
}
OTHERS = {
    "a HEIC picture": rb"....ftyp(hei|hev|mif1|msf1)",
    "an AVIF picture": rb"....ftypavi",
    "a video": rb"....ftyp",
    "an EPS drawing": rb"%!PS|\xc5\xd0\xd3\xc6",
    "a PDF document": rb"%PDF",
    "an SVG drawing": rb"(?i)\W{0,9}<(svg|!doctype svg|\?xml.*<svg)",
    "an HTML page": rb"(?i)\W{0,9}<(!doctype html|html|head|body|script)",
}


def photo_format(data: bytes) -> str | None:
    """Pillow's name of the photo format that ``data`` starts as; None keeps it from every decoder."""
    return _first_match(PHOTOS, data)


def describe(data: bytes) -> str:
    """What ``data`` is when it is no photo, in words."""
    return _first_match(OTHERS, data) or "not a photo of a known kind"


def _first_match(patterns: dict[str, bytes], data: bytes) -> str | None:
    head = data[:1024]
    return next((name for name, start in patterns.items() if re.match(start, head, re.DOTALL)), None)
