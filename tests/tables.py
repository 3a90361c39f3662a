"""Checks JSON against the tables of ``docs/formats.md``: what people read is what files must keep to."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent.parent / "docs" / "formats.md"
_HEAD = "| key | kind | what |"
_OPTIONAL = ", optional"
_PLAIN = {
    "text": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "anything": lambda value: True,
    "whole number": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value),
}


def read_tables() -> dict[str, dict[str, str]]:
    """Heading -> key -> kind."""
    tables: dict[str, dict[str, str]] = {}
    heading, inside = "", False
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ")
        inside = line == _HEAD or (inside and line.startswith("|"))
        if inside and line != _HEAD and not line.startswith("|---"):
            key, kind = (cell.strip() for cell in line.split("|")[1:3])
            tables.setdefault(heading, {})[key] = re.sub(r"\[(.+?)\]\(#.+?\)", r"[\1]", kind)
    return tables


TABLES = read_tables()


def problems(value: Any, table: str) -> list[str]:
    """Where a JSON object departs from a table; empty when nowhere."""
    return list(_object(value, table, table))


def _object(value: Any, table: str, where: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{where} is not an object"]
    kinds = TABLES[table]
    found = [f"{where}.{key} is not in the table" for key in value.keys() - kinds.keys()]
    for key, kind in kinds.items():
        if key in value:
            found += _kind(value[key], kind.removesuffix(_OPTIONAL), f"{where}.{key}")
        elif not kind.endswith(_OPTIONAL):
            found.append(f"{where}.{key} is missing")
    return found


def _kind(value: Any, kind: str, where: str) -> list[str]:
    tries = [_one(value, each, where) for each in kind.split(" or ")]
    return [] if [] in tries else tries[0]


def _one(value: Any, kind: str, where: str) -> list[str]:
    if kind in _PLAIN:
        return [] if _PLAIN[kind](value) else [f"{where} is not {kind}"]
    if kind.startswith("["):
        return _object(value, kind.strip("[]"), where)
    if kind.startswith("map of "):
        return _each(value.items(), kind[7:], where) if isinstance(value, dict) else [f"{where} is not a map"]
    match = re.fullmatch(r"list of (?:(\d+) )?(.+)", kind)
    if match is None:
        raise ValueError(f"{PAGE.name} has a kind '{kind}' that means nothing")
    if not isinstance(value, list) or (match[1] and len(value) != int(match[1])):
        return [f"{where} is not a {kind}"]
    return _each(enumerate(value), match[2], where)


def _each(items: Any, kind: str, where: str) -> list[str]:
    return [problem for key, value in items for problem in _one(value, kind, f"{where}.{key}")]
