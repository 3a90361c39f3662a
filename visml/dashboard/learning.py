"""What else a run may have left: weight histograms by epoch, and a sweep of learning rates before it began."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from visml.dashboard import lenient
from visml.dashboard.lenient import RecordRefused

WEIGHTS, SWEEP = "weights.json", "lr_find.json"
_MOST_PARTS = 1000


@dataclass(frozen=True)
class Sweep:
    """Losses of steps at ever higher learning rates.

    Attributes:
        rates: ``(N,)`` float64 learning rates, above 0, ascending.
        losses: ``(N,)`` float64 loss before each step.
        smoothed: ``(N,)`` float64 the same, averaged.
        best: the rate at which the loss falls fastest, or None.
    """

    rates: npt.NDArray[np.float64]
    losses: npt.NDArray[np.float64]
    smoothed: npt.NDArray[np.float64]
    best: float | None


def read_sweep(folder: Path) -> Sweep | None:
    """The sweep of a checkpoint folder, or None where there is no sound one."""
    try:
        content = lenient.read_object(folder / SWEEP)
    except RecordRefused:
        return None
    rates, losses, smoothed = (_finite(lenient.items(content, key)) for key in ("rates", "losses", "smoothed"))
    if not 0 < len(rates) == len(losses) == len(smoothed) or rates[0] <= 0 or (np.diff(rates) <= 0).any():
        return None
    return Sweep(rates, losses, smoothed, lenient.number(content.get("best")))


def read_weights(folder: Path) -> dict[str, Any]:
    """What is sound of a folder's ``weights.json``, as JSON of the same form.

    A layer is left out unless it has a histogram for every epoch.

    Raises:
        RecordRefused: there is none, or nothing in it is sound.
    """
    content = lenient.read_object(folder / WEIGHTS)
    epochs = [epoch for epoch in map(lenient.whole, lenient.items(content, "epochs")) if epoch is not None]
    layers = {name: found for name, raw in lenient.table(content, "layers").items() if (found := _histograms(raw))}
    layers = {name: found for name, found in layers.items() if len(found) == len(epochs)}
    if not epochs or not layers or epochs != sorted(set(epochs)):
        raise RecordRefused(f"The {WEIGHTS} of '{folder.name}' holds no histograms of epochs.")
    return {"schema": 1, "epochs": epochs, "layers": layers}


def _histograms(value: Any) -> list[dict[str, Any]]:
    """A layer's histograms; empty where one of them is none."""
    found = [_histogram(each) for each in value] if isinstance(value, list) else []
    return [] if None in found else [each for each in found if each is not None]


def _histogram(value: Any) -> dict[str, Any] | None:
    """``low``, ``high`` and how many weights lie in each part between them, or None."""
    if not isinstance(value, dict):
        return None
    low, high, counts = lenient.number(value.get("low")), lenient.number(value.get("high")), value.get("counts")
    if low is None or high is None or low > high or not isinstance(counts, list):
        return None
    sound = 0 < len(counts) <= _MOST_PARTS and all(lenient.whole(count) is not None for count in counts)
    return {"low": low, "high": high, "counts": counts} if sound else None


def _finite(values: list[Any]) -> npt.NDArray[np.float64]:
    """Numbers as ``(N,)`` float64; empty where one of them is none."""
    numbers = [lenient.number(value) for value in values]
    return np.array([] if None in numbers else numbers, dtype=np.float64)
