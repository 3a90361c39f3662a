"""The photos that a person can open: scikit-image's own, those of a folder, and uploads."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from PIL import Image

from visml.images.decode import (
    DEEP_MODES,
    DEFAULT_LIMITS,
    Limits,
    Photo,
    PhotoRefused,
    clean_label,
    decode,
    encode_jpeg,
    has_color,
    preview,
    read_file,
)
from visml.images.folder import FolderRefused, Picture, find_pictures
from visml.images.listing import GalleryPhoto, Kind, kind_of
from visml.images.uploads import OWN_LIMITS, PREFIX, Uploads

__all__ = ["Gallery", "GalleryPhoto", "Uploads", "sample_photos"]

SAMPLES: dict[str, tuple[str, Kind]] = {
    "astronaut": ("astronaut.png", "color"),
    "chelsea": ("chelsea.png", "color"),
    "coffee": ("coffee.png", "color"),
    "rocket": ("rocket.jpg", "color"),
    "motorcycle": ("motorcycle_left.png", "color"),
    "hubble": ("hubble_deep_field.jpg", "color"),
    "camera": ("camera.png", "grayscale"),
    "moon": ("moon.png", "grayscale"),
    "coins": ("coins.png", "grayscale"),
    "clock": ("clock_motion.png", "grayscale"),
    "brick": ("brick.png", "grayscale"),
    "grass": ("grass.png", "grayscale"),
    "gravel": ("gravel.png", "grayscale"),
}
GRAY_MODES = {"1", "L", "LA"} | DEEP_MODES
THUMBNAIL_SIDE = 176
THUMBNAILS_KEPT = 4096


@dataclass(frozen=True)
class _Entry:
    listing: GalleryPhoto
    path: Path
    limits: Limits

    def open(self) -> Photo:
        return decode(read_file(self.path, self.limits), self.limits, self.listing.label)


class Gallery:
    """Photos by key; keys are looked up, never joined to a path.

    Args:
        images: folder of one's own photos, or None; its pictures are listed anew by every `photos`.
        uploads: where uploads are kept.
        limits: of the folder's photos.

    Raises:
        FolderRefused: ``images`` is missing, is not a folder or has no pictures.
    """

    def __init__(self, images: Path | None, uploads: Uploads, limits: Limits = DEFAULT_LIMITS) -> None:
        self._images, self._uploads, self._limits = images, uploads, limits
        self._kinds: dict[Path, Kind] = {}
        self._thumbnail = lru_cache(THUMBNAILS_KEPT)(self._make_thumbnail)
        self._samples = _samples()
        self._folder = self._read_folder()

    def photos(self) -> list[GalleryPhoto]:
        """The samples, then the folder's photos by path; uploads are known only to who holds their key.

        The kind of a folder's photo comes from its header until its thumbnail was made, then from its pixels.
        """
        try:
            self._folder = self._read_folder()
        except FolderRefused:  # emptied since the start: the samples are still there
            self._folder = {}
        return [entry.listing for entry in (*self._samples.values(), *self._folder.values())]

    def find(self, key: str) -> GalleryPhoto:
        """What is known of the photo without opening it; refused when there is none."""
        return self._entry(key).listing

    def photo(self, key: str) -> Photo:
        """The photo, decoded; refused with one sentence when there is none or it cannot be opened."""
        return self._entry(key).open()

    def content(self, key: str) -> bytes:
        """The photo's file as it is; refused as in `photo`."""
        entry = self._entry(key)
        return read_file(entry.path, entry.limits)

    def thumbnail(self, key: str) -> bytes:
        """A JPEG of the photo within 176 x 176 pixels, kept in memory; refused as in `photo`."""
        entry, changed = self._entry(key), 0
        with suppress(OSError):
            changed = entry.path.stat().st_mtime_ns
        return self._thumbnail(entry.path, entry.limits, changed)

    def _entry(self, key: str) -> _Entry:
        if key.startswith(PREFIX):
            token = key.removeprefix(PREFIX)
            return _Entry(self._uploads.find(token), self._uploads.path(token), OWN_LIMITS)
        entry = self._samples.get(key) or self._folder.get(key)
        if entry is None:
            raise PhotoRefused("There is no such photo in the gallery: choose another.")
        return entry

    def _make_thumbnail(self, path: Path, limits: Limits, _changed: int) -> bytes:
        pixels = preview(read_file(path, limits), THUMBNAIL_SIDE, limits)
        self._kinds[path] = kind_of(has_color(pixels))
        return encode_jpeg(pixels, quality=85)

    def _read_folder(self) -> dict[str, _Entry]:
        if self._images is None:
            return {}
        root = self._images.resolve()
        entries = (self._folder_entry(picture, root) for picture in find_pictures(self._images))
        return {entry.listing.key: entry for entry in entries}

    def _folder_entry(self, picture: Picture, root: Path) -> _Entry:
        kind = self._kinds.get(picture.path)
        if kind is None:
            kind = self._kinds[picture.path] = _kind_by_header(picture.path)
        key = f"folder:{_utf8(picture.path.relative_to(root).as_posix())}"
        category = None if picture.category is None else _utf8(picture.category)
        listing = GalleryPhoto(key, clean_label(picture.path.name) or "photo", kind, "folder", category)
        return _Entry(listing, picture.path, self._limits)


def sample_photos() -> dict[str, Photo]:
    """Scikit-image's own photos by key, decoded, those in color first."""
    return {key: entry.open() for key, entry in _samples().items()}


def _samples() -> dict[str, _Entry]:
    folder = Path(str(files("skimage") / "data"))
    return {
        key: _Entry(GalleryPhoto(key, key, kind, "sample"), folder / name, OWN_LIMITS)
        for key, (name, kind) in SAMPLES.items()
        if (folder / name).is_file()
    }


def _kind_by_header(path: Path) -> Kind:
    """A first guess without reading a pixel; only JPEG and PNG headers can say gray."""
    with suppress(Exception), Image.open(path, formats=("JPEG", "PNG")) as image:
        return kind_of(image.mode not in GRAY_MODES)
    return "color"


def _utf8(name: str) -> str:
    """A file's name fit for a page, whatever bytes it has on disk."""
    return os.fsencode(name).decode("utf-8", "replace")
