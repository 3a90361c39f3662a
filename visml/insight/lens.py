"""The color lens: what color each layer of a network could already give, read by linear probes.

A lens belongs to one set of weights and lies beside them in their checkpoint's folder: ``lens.safetensors`` holds a
probe from every layer to the bins' logits and one to ab, ``lens.json`` says how they were fitted and how well they
do on pictures held out (see :mod:`visml.insight.lens_fit`). Linear probes of layers: Alain and Bengio,
"Understanding intermediate layers using linear classifier probes", 2016.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import safetensors.torch
from torch import Tensor
from torch.nn import functional

from visml import checkpoints
from visml.activations.trace import Trace, shared
from visml.color import bins
from visml.insight.forward import InsightRefused
from visml.insight.probes import Probe

SCHEMA = 1
WEIGHTS, FACTS = "lens.safetensors", "lens.json"
PARTS = ("weight", "bias", "mean", "scale")
FINEST = 56  # positions on a side; finer maps are averaged to this
DEGREES, CHROMA = 30.0, 8.0
_LARGEST = 1_000_000  # bytes of lens.json


@dataclass(frozen=True)
class Quality:
    """Areas under accuracy curves over held-out pictures, in percent.

    Balanced leaves out bins with less than the points that stand for 500 pixels, and is None where that are all.
    """

    auc: float
    balanced_auc: float | None


@dataclass(frozen=True)
class LayerLens:
    """How well a layer's probes do.

    Attributes:
        name: the layer's.
        height: rows at which it is read.
        width: columns at which it is read.
        bins: of the probe to the bins, None for a network without them.
        ab: of the probe to ab.
    """

    name: str
    height: int
    width: int
    bins: Quality | None
    ab: Quality


@dataclass(frozen=True)
class LensFacts:
    """What ``lens.json`` says, see ``docs/formats.md``."""

    model_sha256: str
    sha256: str
    data: str
    held_out_data: str | None
    pictures: int
    held_out: int
    without_color: int
    unreadable: int
    positions: int
    points: int
    size: int
    temperature: float
    rebalanced: float | None
    precision: str
    seconds: float
    gray: Quality
    layers: tuple[LayerLens, ...]
    output: Quality

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {"schema": SCHEMA} | asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> LensFacts:
        """What :meth:`to_json` made.

        Raises:
            KeyError, TypeError, ValueError: it is something else.
        """
        if value["schema"] != SCHEMA:
            raise ValueError("schema")
        layers = tuple(
            LayerLens(**(each | {"bins": each["bins"] and Quality(**each["bins"]), "ab": Quality(**each["ab"])}))
            for each in value["layers"]
        )
        rest = {key: each for key, each in value.items() if key not in ("schema", "layers", "gray", "output")}
        return cls(layers=layers, gray=Quality(**value["gray"]), output=Quality(**value["output"]), **rest)


@dataclass(frozen=True)
class Lens:
    """Probes of a network's layers, by ``<layer>.bins`` and ``<layer>.ab``, and how they were fitted."""

    facts: LensFacts
    probes: Mapping[str, Probe] = field(repr=False)

    def logits(self, trace: Trace, layer: str) -> Tensor:
        """Logits ``(1, Q, h, w)`` float32 of an opened photo, read from a layer at its own grid, at most 56 x 56.

        Raises:
            InsightRefused: the lens does not read this layer, or the network has no bins.
        """
        return self._read(trace, layer, "bins")

    def ab(self, trace: Trace, layer: str, temperature: float = bins.DEFAULT_TEMPERATURE) -> Tensor:
        """Colors ``(1, 2, h, w)`` float32: the logits' annealed mean, or the ridge's own for a network without bins.

        Raises:
            InsightRefused: the lens does not read this layer.
        """
        if trace.centers is None:
            return self._read(trace, layer, "ab")
        return bins.decode(self.logits(trace, layer), shared(trace.centers), temperature)

    def ridge_ab(self, trace: Trace, layer: str) -> Tensor:
        """Colors ``(1, 2, h, w)`` float32 of the probe to ab.

        Raises:
            InsightRefused: the lens does not read this layer.
        """
        return self._read(trace, layer, "ab")

    def _read(self, trace: Trace, layer: str, kind: str) -> Tensor:
        probe = self.probes.get(f"{layer}.{kind}")
        if probe is None:
            names = ", ".join(each.name for each in self.facts.layers)
            raise InsightRefused(f"The lens does not read '{layer}' that way; it reads {names}.")
        return probe(pooled(shared(trace[layer].maps).unsqueeze(0)))


def grid(height: int, width: int) -> tuple[int, int]:
    """Rows and columns at which maps of that many are read."""
    return min(height, FINEST), min(width, FINEST)


def pooled(maps: Tensor) -> Tensor:
    """Maps ``(N, C, h, w)`` averaged to at most 56 x 56 positions; coarser ones as they are."""
    size = grid(*maps.shape[2:])
    return maps if size == maps.shape[2:] else functional.adaptive_avg_pool2d(maps, size)


def decided(ab: npt.ArrayLike, degrees: float = DEGREES, chroma: float = CHROMA) -> int | None:
    """The first layer from which on a pixel's hue is decided.

    It is the least k such that from the k-th color to the last one each has a chroma ``sqrt(a^2 + b^2)`` above
    ``chroma`` and a hue ``atan2(b, a)`` within ``degrees`` of the last one's.

    Args:
        ab: the pixel's color as each layer gives it, the network's own last: ``(n, 2)`` in Lab units.
        degrees: of hue, 0..180.
        chroma: in Lab units.

    Returns:
        The layer's place, 0..n-1, or None where the last color is too gray to have a hue.
    """
    colors = np.asarray(ab, dtype=np.float64)
    hues = np.degrees(np.arctan2(colors[:, 1], colors[:, 0]))
    apart = np.abs((hues - hues[-1] + 180) % 360 - 180)
    holds = (np.hypot(colors[:, 0], colors[:, 1]) > chroma) & (apart <= degrees)
    if not holds[-1]:
        return None
    failing = np.flatnonzero(~holds)
    return int(failing[-1]) + 1 if len(failing) else 0


def load(folder: Path, model_sha256: str, name: str = "NAME") -> Lens:
    """The lens in a checkpoint's folder.

    Args:
        folder: the checkpoint's.
        model_sha256: of the weights that it must have been fitted for.
        name: the checkpoint's, for what is told to a person.

    Raises:
        InsightRefused: there is none, it was fitted for other weights, or it is damaged.
    """
    command = f"visml lens fit --model {name} --data DIR"
    try:
        changed = tuple((folder / each).stat().st_mtime_ns for each in (FACTS, WEIGHTS))
    except OSError:
        raise InsightRefused(f"No color lens is fitted for this network yet: {command}") from None
    try:
        lens = _load(folder, changed)
    except (OSError, ValueError, KeyError, TypeError, safetensors.SafetensorError):
        raise InsightRefused(f"The color lens of this network is damaged; fit it again: {command}") from None
    if lens.facts.model_sha256 != model_sha256:
        raise InsightRefused(f"The color lens here was fitted for other weights; fit it again: {command}")
    return lens


@lru_cache(maxsize=4)
def _load(folder: Path, _changed: tuple[int, ...]) -> Lens:
    if (folder / FACTS).stat().st_size > _LARGEST:
        raise ValueError(FACTS)
    facts = LensFacts.from_json(json.loads((folder / FACTS).read_text(encoding="utf-8")))
    data = (folder / WEIGHTS).read_bytes()
    if hashlib.sha256(data).hexdigest() != facts.sha256:
        raise ValueError(WEIGHTS)
    tensors = {name: value.float() for name, value in safetensors.torch.load(data).items()}
    names = {name.rpartition(".")[0] for name in tensors}
    return Lens(facts, {name: Probe(**{part: tensors[f"{name}.{part}"] for part in PARTS}) for name in names})


def packed(probes: Iterable[tuple[str, Probe]]) -> bytes:
    """What ``lens.safetensors`` holds: matrices in float16, all else in float32."""
    tensors = {f"{name}.{part}": getattr(probe, part).contiguous() for name, probe in probes for part in PARTS}
    halved = {name: value.half() if value.dim() == 2 else value for name, value in tensors.items()}
    return safetensors.torch.save(halved)


def save(lens: Lens, folder: Path) -> None:
    """Write a lens into a checkpoint's folder, whole or not at all.

    Raises:
        InsightRefused: the folder's weights are no longer those that it was fitted for.
    """
    if checkpoints.describe(folder).model_sha256 != lens.facts.model_sha256:
        raise InsightRefused("The network was replaced while its lens was fitted; fit it again.")
    with checkpoints.replacing(folder) as new:
        (new / WEIGHTS).unlink(missing_ok=True)
        (new / WEIGHTS).write_bytes(packed(lens.probes.items()))
        checkpoints.write_json(new / FACTS, lens.facts.to_json())


def with_digest(facts: dict[str, Any], probes: Mapping[str, Probe]) -> Lens:
    """A lens of these facts, the digest of its probes added."""
    return Lens(LensFacts(sha256=hashlib.sha256(packed(probes.items())).hexdigest(), **facts), dict(probes))
