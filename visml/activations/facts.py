"""What a trace is of: the part of it that is kept as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from visml.activations.sealed import Array
from visml.models.base import Layer

SCHEMA = 2
Output = Literal["bins", "ab"]


@dataclass(frozen=True)
class Facts:
    """What a trace is of.

    Attributes:
        model: the checkpoint's name.
        family: the network's family.
        model_sha256: of its weights, "" when they have none.
        precision: ``float32`` or ``bfloat16``; what is kept is float32 in either case.
        size: side S of the squashed photo, in pixels.
        has_color: whether the photo has.
        photo_sha256: of the photo's shape and pixels.
        output: ``bins`` when the network gives logits over bins, ``ab`` when it gives colors.
        output_array: name of the array that holds the output.
        layers: what was recorded, from input to output.
        category: what the network was told the photo shows; None when nothing, or when it reads none.
    """

    model: str
    family: str
    model_sha256: str
    precision: str
    size: int
    has_color: bool
    photo_sha256: str
    output: Output
    output_array: str
    layers: tuple[Layer, ...]
    category: str | None = None

    def to_bytes(self) -> npt.NDArray[np.uint8]:
        """The same as JSON, in the bytes of an array."""
        return np.frombuffer(json.dumps({"schema": SCHEMA, **asdict(self)}).encode(), dtype=np.uint8)

    @classmethod
    def from_bytes(cls, array: Array) -> Facts:
        """What :meth:`to_bytes` was of.

        Raises:
            ValueError, TypeError, KeyError: the array holds something else.
        """
        value = json.loads(array.tobytes())
        if value.pop("schema") != SCHEMA:
            raise ValueError("another schema")
        return cls(**{**value, "layers": tuple(_layer(layer) for layer in value["layers"])})


def _layer(value: dict[str, Any]) -> Layer:
    return Layer(**(value | {"channel_names": tuple(value["channel_names"])}))
