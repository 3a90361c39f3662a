"""JSON that anybody may have written or spoiled: what is sound of it, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from visml.settings import Refused

LARGEST = 32_000_000  # bytes of a record; what is larger is none
FARTHEST = 1e30  # from 0; charts are in float32, and take sums and differences


class RecordRefused(Refused):
    """A record that is missing or cannot be read; the message says which and what to do."""


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object of schema 1 in a file.

    Raises:
        RecordRefused: missing, unreadable, too large or of another kind.
    """
    where = f"{path.name} of '{path.parent.name}'"
    try:
        if path.stat().st_size > LARGEST:
            raise RecordRefused(f"The {where} is too large to be one.")
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecordRefused(f"'{path.parent.name}' has no {path.name}.") from None
    except (OSError, ValueError, RecursionError):
        raise RecordRefused(f"The {where} cannot be read.") from None
    if not isinstance(content, dict) or content.get("schema") != 1:
        raise RecordRefused(f"The {where} is not of schema 1.")
    return content


def version(path: Path) -> str:
    """Changes whenever the file is written anew; "" where there is none."""
    try:
        return f"{path.stat().st_mtime_ns:x}"
    except OSError:
        return ""


def items(content: dict[str, Any], key: str) -> list[Any]:
    """The list of that key; empty where it is missing or none."""
    value = content.get(key)
    return value if isinstance(value, list) else []


def table(content: dict[str, Any], key: str) -> dict[str, Any]:
    """The object of that key; empty where it is missing or none."""
    value = content.get(key)
    return value if isinstance(value, dict) else {}


def number(value: Any) -> float | None:
    """A number within +-:data:`FARTHEST`, or None."""
    sound = isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= FARTHEST
    return float(value) if sound else None


def whole(value: Any) -> int | None:
    """A whole number from 0, or None."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
