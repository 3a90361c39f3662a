"""Answers already encoded, for the next person who looks at the same photo."""

from __future__ import annotations

import time
from collections import OrderedDict
from threading import Lock


class Bodies:
    """Bytes by address: the last used, up to a size, for a few minutes.

    Args:
        max_bytes: cap on all that is kept.
        max_age_s: seconds after which an answer is made anew, so that what was deleted does not live on here.
    """

    def __init__(self, max_bytes: int = 48 * 10**6, max_age_s: float = 600.0) -> None:
        self._kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._room, self._max_age_s = max_bytes, max_age_s
        self._lock = Lock()

    def get(self, address: str) -> bytes | None:
        """The answer kept for an address, or None."""
        with self._lock:
            born, body = self._kept.get(address, (0.0, None))
            if body is None:
                return None
            if time.monotonic() - born > self._max_age_s:
                self._drop(address)
                return None
            self._kept.move_to_end(address)
            return body

    def put(self, address: str, body: bytes) -> None:
        """Keeps an answer, if need be in the place of those unused for longest."""
        with self._lock:
            self._drop(address)
            self._kept[address] = (time.monotonic(), body)
            self._room -= len(body)
            while self._room < 0:
                self._drop(next(iter(self._kept)))

    def _drop(self, address: str) -> None:
        _, body = self._kept.pop(address, (0.0, b""))
        self._room += len(body)
