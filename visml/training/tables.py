"""Values read from a table of TOML or JSON: every key known, every value of the right kind, or one sentence."""

from __future__ import annotations

from dataclasses import MISSING, fields, is_dataclass
from typing import Any, TypeVar, get_type_hints

from visml.settings import Refused

T = TypeVar("T")


class RecipeRefused(Refused):
    """A recipe that cannot be followed."""


def build(kind: type[T], table: dict[str, Any], where: str = "") -> T:
    """A value of a dataclass from a table; tables in it become the dataclasses in it.

    Args:
        kind: the dataclass.
        table: key to value.
        where: what stands before a key when it is named to a person, for instance ``data.``.

    Raises:
        RecipeRefused: a key is unknown or missing, or a value is of the wrong kind.
    """
    hints = {each.name: hint for each in fields(kind) if (hint := get_type_hints(kind)[each.name])}  # type: ignore[arg-type]
    unknown = sorted(table.keys() - hints.keys())
    known = f"known are {', '.join(sorted(hints))}" if hints else "none is known there"
    check(not unknown, f"unknown key '{where}{''.join(unknown[:1])}'; {known}")
    values = {name: _value(hints[name], value, f"{where}{name}") for name, value in table.items()}
    missing = sorted(each.name for each in fields(kind) if each.name not in values and _required(each))  # type: ignore[arg-type]
    check(not missing, f"'{where}{''.join(missing[:1])}' is missing")
    return kind(**values)


def check(holds: bool, sentence: str) -> None:
    """Refuse a recipe with a sentence unless something holds.

    Raises:
        RecipeRefused: it does not.
    """
    if not holds:
        raise RecipeRefused(f"The recipe cannot be followed: {sentence}.")


def _required(each: Any) -> bool:
    return each.default is MISSING and each.default_factory is MISSING


def _value(kind: Any, value: Any, where: str) -> Any:
    if is_dataclass(kind):
        check(isinstance(value, dict), f"'{where}' must be a table")
        return build(kind, value, f"{where}.")  # type: ignore[arg-type]
    if getattr(kind, "__origin__", None) is list:
        check(type(value) is list, f"'{where}' must be of type list, not {type(value).__name__}")
        return [_value(kind.__args__[0], each, where) for each in value]
    plain = getattr(kind, "__origin__", kind)
    if plain is float and type(value) is int:
        return float(value)
    check(type(value) is plain, f"'{where}' must be of type {plain.__name__}, not {type(value).__name__}")
    return value
