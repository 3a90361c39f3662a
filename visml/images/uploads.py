"""Photos that people gave: kept for a while under names nobody can guess.

```
<folder>/<token>.png    the pixels, encoded anew: nothing else of the given file is kept
<folder>/<token>.json   {"schema": 1, "name": ..., "kind": "color" | "grayscale"}
```
Each file appears whole or not at all; the picture comes last, and an upload exists from then on.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from visml.images.decode import (
    DEFAULT_LIMITS,
    Limits,
    Photo,
    PhotoRefused,
    clean_label,
    decode,
    encode_png,
    read_file,
)
from visml.images.listing import GalleryPhoto, kind_of

PREFIX = "upload:"
TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")
OWN_LIMITS = Limits(max_mb=4096, max_megapixels=178)  # a PNG of ours may outgrow the JPEG that it came from
UNFINISHED_S = 600.0  # a temporary file older than this was left by a killed process
GONE = "This upload has expired or never was: add the photo again."


class Uploads:
    """Uploaded photos in a folder of their own, which several processes may share.

    Args:
        folder: made when the first photo comes, readable by this user alone.
        max_age_s: seconds after which an upload is gone.
        max_bytes: cap of the folder; beyond it the oldest go first, and the newest always stays.
    """

    def __init__(self, folder: Path, max_age_s: float = 86400, max_bytes: int = 10**9) -> None:
        self._folder, self._max_age_s, self._max_bytes = folder, max_age_s, max_bytes
        with suppress(OSError):
            self.sweep()

    def add(self, data: bytes, name: str = "", limits: Limits = DEFAULT_LIMITS) -> GalleryPhoto:
        """Keeps the photo in a file's bytes.

        Raises:
            PhotoRefused: the bytes are not a photo within ``limits``, or cannot be kept.
        """
        photo = decode(data, limits, name)
        token = secrets.token_urlsafe(24)
        about = {"schema": 1, "name": photo.name, "kind": kind_of(photo.has_color)}
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(self._folder / f"{token}.json", json.dumps(about).encode())
            _write(self._folder / f"{token}.png", encode_png(photo.rgb, level=1))
            self.sweep()
        except OSError as error:
            raise PhotoRefused("This photo could not be kept: free some disk and try again.") from error
        return self.find(token)

    def find(self, token: str) -> GalleryPhoto:
        """What is known of an upload; refused when it is unknown or has expired."""
        description = self.path(token).with_suffix(".json")
        name, has_color = "photo", True
        with suppress(OSError, ValueError, KeyError, TypeError):
            about = json.loads(description.read_bytes())
            name, has_color = clean_label(about["name"]) or "photo", about["kind"] == "color"
        return GalleryPhoto(f"{PREFIX}{token}", name, kind_of(has_color), "upload")

    def photo(self, token: str) -> Photo:
        """The photo as it was added; refused when it is unknown or has expired."""
        return decode(read_file(self.path(token), OWN_LIMITS), OWN_LIMITS, self.find(token).label)

    def path(self, token: str) -> Path:
        """The file of an upload; refused, whatever the reason in the same words, when there is none."""
        path = self._folder / f"{token}.png"
        with suppress(OSError):
            if TOKEN.fullmatch(token) and abs(time.time() - path.stat().st_mtime) < self._max_age_s:
                return path
        raise PhotoRefused(GONE)

    def sweep(self) -> None:
        """Removes what has expired, what a killed process left and, beyond the cap, the oldest.

        What is from a future that a wrong clock had would stay for good, and goes like the expired.
        """
        now, total = time.time(), 0
        for born, size, path in self._newest_first():
            total += size
            most = UNFINISHED_S if path.suffix == ".part" else self._max_age_s
            if abs(now - born) >= most or (total > self._max_bytes and total > size):
                path.unlink(missing_ok=True)

    def _newest_first(self) -> list[tuple[float, int, Path]]:
        files = []
        for path in self._folder.iterdir():
            with suppress(FileNotFoundError):  # swept by another process meanwhile
                if TOKEN.match(path.name):
                    files.append((path.stat().st_mtime, path.stat().st_size, path))
        return sorted(files, reverse=True)


def _write(path: Path, data: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.stem, suffix=".part", delete=False) as file:
        try:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            os.replace(file.name, path)
        finally:
            Path(file.name).unlink(missing_ok=True)
