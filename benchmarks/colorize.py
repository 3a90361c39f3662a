"""What ``visml colorize`` does of a JPEG file, against the published demo's pipeline re-stated, on the same network.

The demo: scikit-image Lab of the full photo, a float32 forward at 256 x 256 (bicubic on RGB), ab upsampled
bilinearly by 4 and then to the photo's size, scikit-image back to RGB. Both sides read the same file and write a
JPEG of the same quality; neither counts the start of Python or the loading of weights.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from skimage import color
from torch import Tensor
from torch.nn.functional import interpolate

from benchmarks import pictures
from benchmarks.findings import Finding, aside, at_least
from benchmarks.samples import alternate
from benchmarks.workshop import Workshop
from visml import Inspector, checkpoints
from visml.color.bins import DEFAULT_TEMPERATURE
from visml.images.decode import encode_jpeg
from visml.models.base import Colorizer

DEMO_SIZE = 256
CASES = (("256 px", 256, 256, 2.0, 40), ("12 MP", 4000, 3000, 4.0, 8))


def measure(shop: Workshop) -> list[Finding]:
    """How many times faster, at both sizes."""
    network = shop.speed_network()
    inspector = Inspector(network.name, checkpoints=network.root, device="cpu")
    model = checkpoints.load(network.root / network.name)
    found: list[Finding] = []
    for name, width, height, budget, rounds in CASES:
        shop.say(name)
        path = pictures.jpeg(shop.folder, width, height)
        sides = _sides(inspector, model, path)
        took = alternate(sides, shop.rounds(rounds, 1))
        times = took["demo"].over(took["visml"])
        found += [
            at_least(f"{name}, demo / visml", times.median, budget, "x", f"{times.tell()}; {network.note}"),
            aside(f"{name}, visml colorize", took["visml"].tell(" ms")),
            aside(f"{name}, the demo", took["demo"].tell(" ms")),
        ]
    return found


def _sides(inspector: Inspector, model: Colorizer, path: Path) -> dict[str, Callable[[], object]]:
    return {
        "visml": lambda: encode_jpeg(inspector.colorize(path)),
        "demo": lambda: encode_jpeg(demo(model, path)),
    }


def demo(model: Colorizer, path: Path) -> np.ndarray:
    """The photo in color, ``(H, W, 3)`` uint8, as the published demo makes it."""
    rgb = np.asarray(Image.open(path))
    small = np.asarray(Image.fromarray(rgb).resize((DEMO_SIZE, DEMO_SIZE), resample=Image.Resampling.BICUBIC))
    lightness, reduced = (color.rgb2lab(each)[:, :, 0] for each in (rgb, small))
    ab = _predict(model, torch.Tensor(reduced)[None, None])
    ab = interpolate(ab, size=rgb.shape[:2], mode="bilinear")
    joined = torch.cat([torch.Tensor(lightness)[None, None], ab], dim=1)
    painted = color.lab2rgb(joined[0].numpy().transpose(1, 2, 0))
    return np.asarray(np.round(255 * np.clip(painted, 0, 1)), dtype=np.uint8)


@torch.no_grad()
def _predict(model: Colorizer, lightness: Tensor) -> Tensor:
    """ab ``(1, 2, 256, 256)``: softmax, the mean as a 1x1 convolution, upsampled by 4."""
    assert model.centers is not None
    shares = (model(lightness) / DEFAULT_TEMPERATURE).softmax(dim=1)
    ab = torch.nn.functional.conv2d(shares, model.centers.T[:, :, None, None])
    return interpolate(ab, scale_factor=4, mode="bilinear", align_corners=False)
