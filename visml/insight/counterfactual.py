"""Lightness counterfactuals: what a network would paint were the photo lighter, softer, inverted or made of two.

Edits work on the squashed photo's L, ``(S, S)`` float32 in 0..100, one after the other, each on what the one before
left; after each the values are clipped to 0..100. As text, edits are joined by ``;``::

    curve:0-0_50-70_100-100     through these points, input-output      gamma:2  contrast:1.5   curves by one number
    blur:2                      Gaussian, sigma in pixels               invert                  100 - L
    paint:12,20,60,80@70        a rectangle with L 70                   disc:50,60,20@70        center x, y, radius
    paste:coffee@10,10,60,60    a rectangle of another photo at the same place; @x,y behind it: from that corner
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from urllib.parse import unquote

import numpy as np
import torch
from torch import Tensor

from visml.activations.summary import Floats
from visml.activations.trace import frozen
from visml.color import lab
from visml.images.decode import Pixels
from visml.insight.edits import LIGHTEST, Blur, Curve, Disc, Invert, LightnessEdit, Lit, Paint, Paste
from visml.insight.forward import Forward, InsightRefused
from visml.insight.region import Region

__all__ = [
    "Blur",
    "Curve",
    "Disc",
    "Edits",
    "Invert",
    "LightnessEdit",
    "Lit",
    "Paint",
    "Paste",
    "Photos",
    "apply",
    "gray",
    "output",
    "parse",
]

MOST_EDITS = 32
GRAMMAR = (
    "Edits of lightness are written as curve:0-0_50-70_100-100, gamma:2, contrast:1.5, blur:2, invert, "
    "paint:12,20,60,80@70, disc:50,60,20@70 or paste:coffee@10,10,60,60, joined by ';'."
)


Edits = Sequence[LightnessEdit]
Photos = Callable[[str], Lit]


def apply(lightness: Floats, edits: Edits) -> Floats:
    """The edited lightness, ``(1, 1, S, S)`` float32 in 0..100, of one ``(1, 1, S, S)``; itself without edits.

    Raises:
        InsightRefused: the photo has no such place.
    """
    for edit in edits:
        lightness = edit.of(lightness[0, 0]).clip(0, LIGHTEST)[None, None]
    return lightness


def output(forward: Forward, lightness: Floats) -> Tensor:
    """What the network gives for a lightness ``(1, 1, S, S)``: one forward pass, no gradients.

    Returns:
        ``(1, Q, h, w)`` or ``(1, 2, h, w)``, float32, on the CPU.
    """
    with torch.inference_mode():
        return forward.run(torch.tensor(lightness, device=forward.lightness.device)).cpu()


def gray(lightness: Floats) -> Pixels:
    """The gray photo of a lightness ``(1, 1, S, S)``: at each pixel the 8-bit gray whose L is nearest.

    Of L a gray's rounding loses 0.26 at most: two neighboring grays lie up to 0.51 apart.

    Returns:
        ``(S, S, 3)`` uint8.
    """
    grays = torch.arange(256, dtype=torch.uint8).expand(1, 3, 1, 256)
    levels = lab.lightness(grays).flatten().numpy()
    nearest = np.searchsorted((levels[1:] + levels[:-1]) / 2, lightness[0, 0]).astype(np.uint8)
    return frozen(np.repeat(nearest[:, :, None], 3, axis=2))


def parse(text: str, photos: Photos | None = None) -> tuple[LightnessEdit, ...]:
    """Edits from their text, see above; an empty text is none.

    Args:
        text: a photo's name in it is percent-encoded, so that it holds neither ``;`` nor ``@``.
        photos: gives the photo of a name, for pasting.

    Raises:
        InsightRefused: it is written otherwise, or has a value that no such edit takes.
    """
    parts = text.split(";") if text else []
    if len(parts) > MOST_EDITS:
        raise InsightRefused(f"These are {len(parts)} edits; {MOST_EDITS} can be made at most.")
    return tuple(_parse(part, photos) for part in parts)


_NUMBER = r"(\d{1,3}(?:\.\d{1,3})?)"
_POINT = r"\d{1,3}(?:\.\d{1,3})?-\d{1,3}(?:\.\d{1,3})?"
_BOX = r"(\d{1,5},\d{1,5},\d{1,5},\d{1,5})"
_FORMS: tuple[tuple[str, Callable[..., LightnessEdit]], ...] = (
    (r"invert", Invert),
    (rf"blur:{_NUMBER}", lambda sigma: Blur(float(sigma))),
    (rf"gamma:{_NUMBER}", lambda exponent: Curve.gamma(float(exponent))),
    (rf"contrast:{_NUMBER}", lambda factor: Curve.contrast(float(factor))),
    (rf"curve:({_POINT}(?:_{_POINT})*)", lambda points: Curve(_points(points))),
    (rf"paint:{_BOX}@{_NUMBER}", lambda box, level: Paint(Region.parse(box), float(level))),
    (
        rf"disc:(\d{{1,5}}),(\d{{1,5}}),(\d{{1,5}})@{_NUMBER}",
        lambda x, y, radius, level: Paint(Disc(int(x), int(y), int(radius)), float(level)),
    ),
)
_PASTE = re.compile(rf"paste:([^;@]+)@{_BOX}(?:@(\d{{1,5}}),(\d{{1,5}}))?", re.ASCII)


def _parse(part: str, photos: Photos | None) -> LightnessEdit:
    for form, make in _FORMS:
        if found := re.fullmatch(form, part, re.ASCII):
            return make(*found.groups())
    if found := _PASTE.fullmatch(part):
        return _pasted(photos, *found.groups())
    raise InsightRefused(GRAMMAR)


def _pasted(photos: Photos | None, name: str, box: str, x: str | None, y: str | None) -> Paste:
    if photos is None:
        raise InsightRefused("There is no gallery to paste from; give the other photo itself, as Paste(photo, region).")
    source = None if x is None or y is None else (int(x), int(y))
    return Paste(photos(unquote(name)), Region.parse(box), source)


def _points(text: str) -> tuple[tuple[float, float], ...]:
    pairs = (point.split("-") for point in text.split("_"))
    return tuple((float(left), float(right)) for left, right in pairs)
