"""One forward pass with everything recorded and summarized, against the bare one, in the same precision.

All sides run the same network on the same lightness in inference mode. The recorded side also copies every layer's
maps to contiguous float32 and summarizes them, as opening a photo does. Beside it stands what notebooks do: a hook on
every module appends its output to a list, and NumPy makes the same summaries of those that VisML shows.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks import pictures
from benchmarks.findings import Finding, aside, at_most
from benchmarks.samples import alternate
from benchmarks.workshop import Network, Workshop
from visml import checkpoints
from visml.activations import trace
from visml.activations.summary import summarize
from visml.color import lab
from visml.inspector import runtime
from visml.models.base import Colorizer

BUDGET = 1.25


def measure(shop: Workshop) -> list[Finding]:
    """The ratio in the precision that ``auto`` is here, and in float32 where that is another."""
    network, cpu = shop.speed_network(), torch.device("cpu")
    found: list[Finding] = []
    for precision in dict.fromkeys((runtime.resolve_precision("auto", cpu), "float32")):
        model = runtime.prepare(checkpoints.load(network.root / network.name), cpu, precision)
        found += _compare(shop, model, precision, network)
    return found


def _compare(shop: Workshop, model: Colorizer, precision: str, network: Network) -> list[Finding]:
    lightness = lab.lightness(_pixels(model.input_size))
    sides: dict[str, Callable[[], object]] = {
        "bare": lambda: _bare(model, lightness),
        "recorded": lambda: _recorded(model, lightness),
        "hooked": lambda: _hooked(model, lightness),
    }
    took = alternate(sides, shop.rounds(60, 3), warm=2)
    ratios = took["recorded"].over(took["bare"])
    what = f"recorded / bare forward, {precision}"
    return [
        at_most(what, ratios.median, BUDGET, "x", f"{ratios.tell()}; {network.note}"),
        aside(f"bare forward, {precision}", took["bare"].tell(" ms")),
        aside(f"recorded forward, {precision}", took["recorded"].tell(" ms")),
        aside(f"hooks into lists / recorded, {precision}", took["hooked"].over(took["recorded"]).tell("x")),
    ]


def _pixels(size: int) -> Tensor:
    """``(1, 3, S, S)`` uint8."""
    return torch.from_numpy(pictures.small(size).copy()).permute(2, 0, 1).unsqueeze(0)


@torch.inference_mode()
def _bare(model: Colorizer, lightness: Tensor) -> Tensor:
    return model(lightness)  # type: ignore[no-any-return]


def _recorded(model: Colorizer, lightness: Tensor) -> None:
    arrays, _ = trace.run(model, lightness, model.layers)
    for layer, maps in zip(model.layers, arrays.values(), strict=False):
        summarize(trace.shared(maps), layer.rectified)


@torch.inference_mode()
def _hooked(model: Colorizer, lightness: Tensor) -> None:
    kept: dict[str, list[Tensor]] = {name: [] for name, _ in model.named_modules()}

    def into(outputs: list[Tensor]) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]:
        return lambda _module, _taken, given: outputs.append(given.detach().clone())

    hooks = [module.register_forward_hook(into(kept[name])) for name, module in model.named_modules()]
    try:
        model(lightness)
    finally:
        for hook in hooks:
            hook.remove()
    for layer in model.layers:
        _numbers(kept[layer.module][-1].float().numpy()[0])


def _numbers(maps: np.ndarray) -> None:
    """Of each of ``(C, h, w)``: mean, deviation, ends, share above 0; and a histogram of all."""
    flat = maps.reshape(len(maps), -1)
    flat.mean(1), flat.std(1), flat.max(1), flat.min(1), (flat > 0).mean(1)
    np.histogram(flat, 64)
