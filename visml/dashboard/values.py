"""Small values kept by flask-caching, as JSON with a checksum: no pickle, and whatever goes wrong is a miss."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from pathlib import Path
from typing import IO, Any

from cachelib.serializers import BaseSerializer
from flask import Flask
from flask_caching import Cache
from flask_caching.backends.filesystemcache import FileSystemCache

from visml.activations.values import DictValues, SmallValues
from visml.settings import Settings

ITEMS = 20_000
REST_SECONDS = 5.0
_LEFTOVER_SECONDS = 3600
_DIGEST = 16
_log = logging.getLogger(__name__)


class CheckedJson(BaseSerializer):
    """JSON behind its BLAKE2 digest, so that a changed byte reads as nothing instead of as another number."""

    def dumps(self, value: Any, protocol: int = 0) -> bytes:
        """The digest (16 bytes) and the JSON of ``value``; NaN and infinity are refused with a ``ValueError``."""
        text = json.dumps(value, allow_nan=False, separators=(",", ":")).encode()
        return hashlib.blake2b(text, digest_size=_DIGEST).digest() + text

    def loads(self, bvalue: bytes | None) -> Any:
        """The value, or None when there is none or it is damaged."""
        digest, text = (bvalue or b"")[:_DIGEST], (bvalue or b"")[_DIGEST:]
        if not text or hashlib.blake2b(text, digest_size=_DIGEST).digest() != digest:
            return None
        return json.loads(text)

    def dump(self, value: Any, f: IO[bytes], protocol: int = 0) -> None:
        """Writes what ``dumps`` gives."""
        f.write(self.dumps(value))

    def load(self, f: IO[bytes]) -> Any:
        """Reads what ``dump`` wrote."""
        return self.loads(f.read())


class JsonFiles(FileSystemCache):
    """flask-caching's files, JSON from the first byte: its constructor already writes one."""

    serializer = CheckedJson()  # type: ignore[assignment]


class CachedValues:
    """The get and set of a flask-caching cache; a cache that fails is left alone for a few seconds."""

    def __init__(self, cache: Cache, server: Flask) -> None:
        self._cache = cache
        self._server = server
        self._rest_until = 0.0

    def get(self, key: str) -> Any | None:
        """What is kept under ``key``, or None."""
        return self._try(lambda: self._cache.get(key))

    def set(self, key: str, value: Any) -> None:
        """Keeps a JSON value; a fault keeps nothing."""

        def keep() -> None:
            if not self._cache.set(key, value):
                raise OSError("not kept")

        self._try(keep)

    def _try(self, action: Any) -> Any | None:
        if time.monotonic() < self._rest_until:
            return None
        try:
            with self._server.app_context():
                return action()
        except Exception as error:
            self._rest_until = time.monotonic() + REST_SECONDS
            _log.warning("The cache of small values does not answer (%s); going on without it.", type(error).__name__)
            return None


def small_values(server: Flask, settings: Settings) -> SmallValues:
    """The cache of small values: files under the cache folder, or Redis where ``redis_url`` is set.

    Where the folder cannot be made or written to, they live in this process's memory alone.
    """
    options = _redis(settings.redis_url) if settings.redis_url else _files(settings.cache_dir / "values")
    try:
        cache = Cache(server, config={"CACHE_DEFAULT_TIMEOUT": 0, "CACHE_KEY_PREFIX": "visml:", **options})
    except OSError as error:
        _log.warning("The cache folder cannot be written to (%s); going on without it.", error.strerror)
        return DictValues()
    return CachedValues(cache, server)


def _files(folder: Path) -> dict[str, Any]:
    _sweep(folder)
    return {
        "CACHE_TYPE": f"{__name__}.{JsonFiles.__name__}",
        "CACHE_DIR": str(folder),
        "CACHE_THRESHOLD": ITEMS,
    }


def _redis(url: str) -> dict[str, Any]:
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return {
        "CACHE_TYPE": "RedisCache",
        "CACHE_REDIS_URL": url,
        "CACHE_SERIALIZER": CheckedJson(),
        "CACHE_OPTIONS": {
            "socket_timeout": 0.25,
            "socket_connect_timeout": 0.25,
            "retry": Retry(NoBackoff(), 0),
        },
    }


def _sweep(folder: Path) -> None:
    """Removes what a write cut short has left: the cache itself never does."""
    for leftover in folder.glob(f"*{JsonFiles._fs_transaction_suffix}"):
        try:
            if time.time() - leftover.stat().st_mtime > _LEFTOVER_SECONDS:
                leftover.unlink()
        except OSError:
            continue
