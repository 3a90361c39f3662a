"""What each set of a trunk's layers knows of color, as far as one 1x1 convolution can say.

``python -m benchmarks.layer_sets --data DIR --held-out DIR`` reads the maps of a hypercolumn network's trunk at random
pixels of the pictures of one folder, fits a and b by ridge regression on each set of maps, and scores it on another
folder (linear probing). The trunk itself does not learn: what differs is only what is read. The same trunk, randomly
initialized, is the control: what its maps know, no training brought. It prints a table in Markdown.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import grid_sample

from visml import checkpoints
from visml.color import lab
from visml.insight.probes import Moments, Probe
from visml.insight.sweep import Folder, Shown
from visml.models import registry, vgg
from visml.models.base import Layer
from visml.models.hypercolumn import Hypercolumn, sets

PIXELS = 64  # of each picture
SETS = ("all", "pools", "blocks", "blocks345", "blocks45", "block5", "before_relu")
Rows = tuple[dict[str, Tensor], Tensor]


def main() -> None:
    """Prints the table."""
    options = _options()
    checkpoint = checkpoints.find(options.checkpoints, options.model)
    trained = checkpoints.load(checkpoint)
    torch.manual_seed(0)
    random = registry.build(checkpoint.family, checkpoint.arguments).eval()
    assert isinstance(trained, Hypercolumn)
    assert isinstance(random, Hypercolumn)
    known = sets(checkpoint.arguments.get("trunk", "vgg19"), checkpoint.arguments.get("width", 1.0))
    there = {f"trunk.{name}" for name, _ in trained.trunk.named_modules()}
    chosen = {name: places for name, places in known.items() if name in SETS and places[-1].module in there}
    learned, held_out = (Folder(folder, options.most) for folder in (options.data, options.held_out))
    errors = {model: measure(model, chosen, learned, held_out) for model in (trained, random)}
    print("| set | maps | trained | random weights |\n|---|---|---|---|")
    for name, places in chosen.items():
        told = " | ".join(f"{errors[model][name]:.2f}" for model in (trained, random))
        print(f"| `{name}` | {sum(place.channels for place in places)} | {told} |")
    print(f"| no map: the mean color | 0 | {errors[trained]['']:.2f} | {errors[random]['']:.2f} |")


def measure(
    model: Hypercolumn, chosen: dict[str, tuple[Layer, ...]], learned: Folder, held_out: Folder
) -> dict[str, float]:
    """RMSE of ab, in Lab units, of the best reading of each set on pictures held out; under "" that of one color.

    Args:
        model: whose trunk is read, in eval mode.
        chosen: the sets, by name.
        learned: pictures that the readings are fitted to.
        held_out: pictures that they are scored on.
    """
    moments = {name: Moments(sum(place.channels for place in places), 2) for name, places in chosen.items()}
    colors = Moments(2)
    for features, ab in rows(model, chosen, learned):
        colors.add(ab)
        for name, each in moments.items():
            each.add(features[name], ab)
    readings = {name: _reading(each.ridge()) for name, each in moments.items()}
    squares: dict[str, list[Tensor]] = {name: [] for name in ("", *chosen)}
    for features, ab in rows(model, chosen, held_out):
        squares[""].append((colors.mean - ab).square())
        for name, reading in readings.items():
            squares[name].append((reading(features[name]) - ab).square())
    return {name: float(torch.cat(each).double().mean().sqrt()) for name, each in squares.items()}


def rows(model: Hypercolumn, chosen: dict[str, tuple[Layer, ...]], folder: Folder) -> Iterator[Rows]:
    """Batch by batch the maps of each set ``(n, C)`` and ab ``(n, 2)`` at random pixels of the pictures in color."""
    places = {place.module: place for each in chosen.values() for place in each}
    for shown in folder.batches(model.input_size):
        colored = [each for each in shown if each.has_color]
        if colored:
            pixels = torch.stack([each.draw(model.input_size**2, PIXELS) for each in colored])
            ab, found = _run(model, list(places), colored)
            maps = {path: at(each, pixels, model.input_size) for path, each in found.items()}
            read = {name: torch.cat([maps[place.module] for place in each], dim=1) for name, each in chosen.items()}
            yield read, at(ab, pixels, model.input_size)


def _run(model: Hypercolumn, paths: Sequence[str], shown: Sequence[Shown]) -> tuple[Tensor, dict[str, Tensor]]:
    pixels = torch.from_numpy(np.stack([each.pixels for each in shown])).permute(0, 3, 1, 2)
    colors = lab.rgb_to_lab(pixels.float() / 255)
    with torch.no_grad():
        return colors[:, 1:], vgg.maps_of(model.trunk, model.normalize(colors[:, :1]), "trunk", paths)


def at(maps: Tensor, pixels: Tensor, size: int) -> Tensor:
    """Maps ``(N, C, h, w)`` scaled bilinearly to ``size``, at pixels ``(N, n)`` by their numbers: ``(N n, C)``."""
    place = torch.stack([pixels % size, pixels // size], dim=-1)
    grid = (2 * (place + 0.5) / size - 1).unsqueeze(1)
    found = grid_sample(maps, grid, mode="bilinear", padding_mode="border", align_corners=False)
    return found[:, :, 0].permute(0, 2, 1).flatten(0, 1)


def _reading(probe: Probe) -> Callable[[Tensor], Tensor]:
    return lambda features: probe(features.T[None, :, :, None])[0, :, :, 0].T


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.layer_sets", description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="pictures to fit to")
    parser.add_argument("--held-out", type=Path, required=True, metavar="DIR", help="pictures to score on")
    parser.add_argument("--model", default="hypercolumn", metavar="NAME", help="a hypercolumn network on VGG")
    parser.add_argument("--checkpoints", type=Path, default=Path("checkpoints"), metavar="DIR")
    parser.add_argument("--most", type=int, default=1500, metavar="N", help="pictures of each folder")
    return parser.parse_args()


if __name__ == "__main__":
    main()
