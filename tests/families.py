"""A tiny network of every family, with the objective it learns by: what the tests over all families go through."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Tiny:
    """A family small enough to train in a test.

    Attributes:
        family: key in the model registry.
        arguments: what its builder is given.
        objective: the recipe's objective table.
        crop: side of its training crops, in pixels.
        lr: a rate at which it learns one picture by heart.
    """

    family: str
    arguments: dict[str, Any]
    objective: dict[str, Any] = field(default_factory=lambda: {"name": "cross_entropy"})
    crop: int = 32
    lr: float = 5e-3


TINY: dict[str, Tiny] = {
    "autoencoder-sigmoid": Tiny("autoencoder", {"maps": "small"}, {"name": "chroma_l2"}, crop=64),
    "autoencoder-tanh": Tiny(
        "autoencoder", {"maps": "small", "output": "tanh", "residual": True}, {"name": "chroma_l2"}, crop=64
    ),
    "chroma_mean": Tiny("chroma_mean", {"maps": "small"}, {"name": "chroma_l2"}, crop=64),
    "fully_connected": Tiny("fully_connected", {"hidden": [16, 16]}, {"name": "rgb_l2"}, lr=2e-3),
    "hypercolumn": Tiny("hypercolumn", {"width": 1 / 16}, {"name": "l2"}),
    "hypercolumn-nine": Tiny("hypercolumn", {"trunk": "zhang16", "width": 1 / 16}, {"name": "l2"}),
    "joint": Tiny(
        "joint", {"width": 1 / 16, "input_size": 32, "categories": ["cats", "people/astronaut"]}, {"name": "two_task"}
    ),
    "pix2pix": Tiny("pix2pix", {"width": 1 / 16, "depth": 5}, {"name": "adversarial"}, lr=2e-3),
    "residual_encoder": Tiny("residual_encoder", {"width": 1 / 16}, {"name": "blurred_l2"}, lr=2e-2),
    "zhang16": Tiny("zhang16", {"width": 1 / 16}),
    "zhang16-l2": Tiny("regression", {"width": 1 / 16}, {"name": "l2"}),
    "zhang16-focal-l2": Tiny("zhang16", {"width": 1 / 16}, {"name": "focal", "l2": 10.0}),
    "conditioned": Tiny("conditioned", {"width": 1 / 16, "categories": ["cats", "people/astronaut"]}),
}
