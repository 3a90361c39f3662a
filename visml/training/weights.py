"""Histograms of a network's weights after each epoch: how they spread while it learns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from visml.checkpoints import SCHEMA, write_json

FILE = "weights.json"
PARTS = 48


def append(folder: Path, model: nn.Module, epoch: int) -> None:
    """Add an epoch to the ``weights.json`` of a checkpoint folder that ``checkpoints.replacing`` has opened.

    Kept of every matrix and kernel, by its dotted name without ``.weight``: least and greatest weight, and counts in
    ``PARTS`` equally wide parts between them.
    """
    path = folder / FILE
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"epochs": [], "layers": {}}
    layers: dict[str, list[dict[str, Any]]] = known["layers"]
    for name, value in model.named_parameters():
        if value.dim() > 1:
            layers.setdefault(name.removesuffix(".weight"), []).append(histogram(value))
    write_json(path, {"schema": SCHEMA, "epochs": [*known["epochs"], epoch], "layers": layers}, indent=None)


def histogram(weights: Tensor) -> dict[str, Any]:
    """``low`` and ``high``, the least and greatest of weights of any shape, and ``counts`` of the parts between."""
    flat = weights.detach().float().cpu().flatten()
    low, high = float(flat.min()), float(flat.max())
    if low == high:
        return {"low": low, "high": high, "counts": [0] * (PARTS - 1) + [flat.numel()]}
    counts = torch.histc(flat, PARTS, low, high).long().tolist()
    return {"low": float(f"{low:.6g}"), "high": float(f"{high:.6g}"), "counts": counts}
