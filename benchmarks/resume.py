"""A filter switched off, until the new picture is there: the network goes on from what was kept of the block.

At each of conv1 to conv8 one filter's map is set to 0 at the ReLU, the forward pass is resumed from there, and the
output is decoded and painted at the network's input size. All layers count alike: conv1 has the most left to run.
"""

from __future__ import annotations

from collections.abc import Callable

import torch

from benchmarks import pictures
from benchmarks.findings import Finding, aside, p95_at_most
from benchmarks.samples import Samples, alternate
from benchmarks.workshop import Workshop
from visml import Inspector
from visml.color import bins
from visml.inspector import Inspection
from visml.inspector.painting import Pixels, paint
from visml.inspector.subject import Subject

BUDGET_MS = 250.0


def measure(shop: Workshop) -> list[Finding]:
    """All layers together, then the slowest and the fastest."""
    network = shop.speed_network()
    inspector = Inspector(network.name, checkpoints=network.root, device="cpu")
    inspection = inspector.open(pictures.small(256))
    names = [layer.name for layer in inspector.layers if layer.rectified]
    took = alternate(_sides(inspector.subject, inspection, names), shop.rounds(15, 2))
    every = Samples.of(value for samples in took.values() for value in samples.values)
    note = f"{network.note}, {inspector.precision}"
    return [
        p95_at_most("switched off -> picture, any layer", every, BUDGET_MS, note),
        *(aside(f"from {name}", took[name].tell(" ms")) for name in (names[0], names[-1])),
    ]


def _sides(subject: Subject, inspection: Inspection, names: list[str]) -> dict[str, Callable[[], object]]:
    def side(name: str) -> Callable[[], object]:
        return lambda: without(subject, inspection, name, filter_index=1)

    return {name: side(name) for name in names}


@torch.inference_mode()
def without(subject: Subject, inspection: Inspection, layer: str, filter_index: int) -> Pixels:
    """The squashed photo, ``(S, S, 3)`` uint8, as the network paints it without one filter of a layer."""
    value = torch.from_numpy(inspection[layer].maps.copy()).unsqueeze(0)
    value[:, filter_index] = 0
    output = subject.module.resume(layer, value).float()  # type: ignore[operator]
    assert subject.centers is not None
    return paint(inspection.squashed, bins.decode(output, subject.centers))
