"""Family names to their builders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from visml.models.autoencoder import Autoencoder
from visml.models.base import Colorizer
from visml.models.chroma_mean import ChromaMean
from visml.models.conditioned import Conditioned
from visml.models.fully_connected import FullyConnected
from visml.models.hypercolumn import Hypercolumn
from visml.models.joint import Joint
from visml.models.pix2pix import Pix2pix
from visml.models.regression import Regression
from visml.models.residual_encoder import ResidualEncoder
from visml.models.zhang16 import Zhang16
from visml.settings import Refused

FAMILIES: dict[str, Callable[..., Colorizer]] = {
    "autoencoder": Autoencoder,
    "chroma_mean": ChromaMean,
    "conditioned": Conditioned,
    "fully_connected": FullyConnected,
    "hypercolumn": Hypercolumn,
    "joint": Joint,
    "pix2pix": Pix2pix,
    "regression": Regression,
    "residual_encoder": ResidualEncoder,
    "zhang16": Zhang16,
}


class FamilyRefused(Refused):
    """A family that does not exist, or arguments it does not take."""


def needs_categories(family: str) -> bool:
    """Whether a family's builder must be given the names of categories; False for a family that does not exist."""
    return bool(getattr(FAMILIES.get(family), "needs_categories", False))


def reads_category(family: str) -> bool:
    """Whether a family's networks read a photo's category; False for a family that does not exist."""
    return bool(getattr(FAMILIES.get(family), "reads_category", False))


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
