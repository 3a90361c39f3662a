"""What a photo is to a network: the Lab of its squashed pixels, and the facts of its trace."""

from __future__ import annotations

import torch
from torch import Tensor

from visml.activations.facts import Facts
from visml.color import lab
from visml.images.decode import Photo
from visml.inspector.painting import Pixels
from visml.inspector.subject import Subject
from visml.models.base import Layer


def facts_of(network: Subject, photo: Photo, output: str, layers: tuple[Layer, ...], category: str | None) -> Facts:
    """What a trace is of: a photo in a network, these layers of it recorded, its output in the array of that name."""
    return Facts(
        model=network.name,
        family=network.family,
        model_sha256=network.sha256,
        precision=network.precision,
        size=network.size,
        has_color=photo.has_color,
        photo_sha256=photo.sha256,
        output="ab" if network.centers is None else "bins",
        output_array=output,
        layers=layers,
        category=category,
    )


def pixels_of(rgb: Pixels) -> Tensor:
    """``(1, 3, H, W)`` uint8 of a picture ``(H, W, 3)``."""
    return torch.from_numpy(rgb.copy()).permute(2, 0, 1).unsqueeze(0)


def lab_of(rgb: Pixels) -> Tensor:
    """Lab ``(1, 3, H, W)`` of a uint8 picture, its L the one that networks see."""
    return torch.cat([lab.lightness(pixels_of(rgb)), lab.rgb_to_lab(lab.from_uint8(rgb))[:, 1:]], dim=1)
