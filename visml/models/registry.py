"""Family names to their builders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from visml.models.base import Colorizer
from visml.models.zhang16 import Zhang16
from visml.settings import Refused

FAMILIES: dict[str, Callable[..., Colorizer]] = {
    "zhang16": Zhang16,
}


class FamilyRefused(Refused):
    """A family that does not exist, or arguments it does not take."""


def build(family: str, arguments: dict[str, Any]) -> Colorizer:
    """A freshly initialized network.

    Raises:
        FamilyRefused: no such family, or it does not take these arguments.
    """
    if family not in FAMILIES:
        raise FamilyRefused(f"There is no family '{family}'; there are {', '.join(sorted(FAMILIES))}.")
    try:
        return FAMILIES[family](**arguments)
    except TypeError as error:
        raise FamilyRefused(f"The family '{family}' does not take these arguments: {error}.") from None
