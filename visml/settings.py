"""Where things are and what is allowed: read once from ``VISML_*``, then never changed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

VERSION = "0.1.0"
PRECISIONS = ("auto", "float32", "bfloat16")


class Refused(ValueError):
    """Input that VisML does not take; its text is one sentence for the person who gave it."""


class SettingsRefused(Refused):
    """A ``VISML_*`` variable or a command-line flag with an impossible value."""


def _default_checkpoints() -> Path:
    beside_the_package = Path(__file__).resolve().parent.parent / "checkpoints"
    return beside_the_package if beside_the_package.is_dir() else Path("checkpoints")


def _default_cache_dir() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "visml"


@dataclass(frozen=True)
class Settings:
    """Everything that can be set from outside.

    Attributes:
        host: address to listen on; anything but loopback needs a token.
        port: TCP port, 0..65535 (0 takes a free one).
        images: folder of one's own photos for the gallery, or None.
        checkpoints: folder of checkpoint folders.
        cache_dir: folder for kept activations and uploads.
        cache_mb: cap of that folder, in megabytes of 10**6 bytes.
        redis_url: where small values are cached instead of on disk, or None.
        device: a torch device, ``cpu`` or ``cuda`` for instance; ``auto`` takes a GPU where there is one.
        precision: ``auto``, ``float32`` or ``bfloat16``.
        max_mb: largest photo file taken, in megabytes.
        max_megapixels: largest photo taken, in millions of pixels.
        token: secret that opens the page, or None.
        workers: processes that answer; each keeps its own networks in memory.
        hosts: names, with commas between, under which a proxy in front serves the page; None without a proxy.
    """

    host: str = "127.0.0.1"
    port: int = 8050
    images: Path | None = None
    checkpoints: Path = Path("checkpoints")
    cache_dir: Path = Path("cache")
    cache_mb: int = 1024
    redis_url: str | None = None
    device: str = "auto"
    precision: str = "auto"
    max_mb: int = 32
    max_megapixels: int = 40
    token: str | None = None
    workers: int = 1
    hosts: str | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            raise SettingsRefused(f"The port must lie between 0 and 65535, not {self.port}.")
        if self.precision not in PRECISIONS:
            raise SettingsRefused(f"The precision must be one of {', '.join(PRECISIONS)}, not '{self.precision}'.")
        for name in ("cache_mb", "max_mb", "max_megapixels", "workers"):
            if getattr(self, name) <= 0:
                raise SettingsRefused(f"VISML_{name.upper()} must be larger than 0, not {getattr(self, name)}.")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
        """The settings of ``VISML_*`` variables, each beaten by an override that is not None.

        Args:
            environ: variables to read; the process's own when None.
            **overrides: attributes by name; None means "not given".

        Raises:
            SettingsRefused: a value cannot be read or lies outside its range.
        """
        environ = os.environ if environ is None else environ
        values: dict[str, Any] = {"checkpoints": _default_checkpoints(), "cache_dir": _default_cache_dir()}
        for field in fields(cls):
            text = environ.get(f"VISML_{field.name.upper()}")
            if text:
                values[field.name] = _read(field.name, str(field.type), text)
        values.update({name: value for name, value in overrides.items() if value is not None})
        return cls(**values)


def _read(name: str, kind: str, text: str) -> Any:
    if kind == "int":
        try:
            return int(text)
        except ValueError:
            raise SettingsRefused(f"VISML_{name.upper()} must be a whole number, not '{text}'.") from None
    return Path(text).expanduser() if kind.startswith("Path") else text
