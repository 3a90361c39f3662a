"""The built-in photos, colored after each epoch: small pictures that show what the network has learned so far."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

from visml.checkpoints import SCHEMA, write_json
from visml.color import lab
from visml.images.decode import squash
from visml.images.gallery import sample_photos
from visml.models.base import Colorizer

FOLDER, INDEX = "samples", "index.json"
_QUALITY = 80


def write(folder: Path, model: Colorizer, epoch: int) -> None:
    """Color every built-in photo and add ``samples/<epoch>/<photo>.webp`` to a checkpoint folder."""
    target = folder / FOLDER / f"{epoch:03d}"
    target.mkdir(parents=True, exist_ok=True)
    photos = sample_photos()
    for key, photo in photos.items():
        picture = Image.fromarray(color(model, squash(photo.rgb, model.input_size)))
        picture.save(target / f"{key}.webp", quality=_QUALITY)
    index = folder / FOLDER / INDEX
    epochs = json.loads(index.read_text(encoding="utf-8"))["epochs"] if index.exists() else []
    write_json(index, {"schema": SCHEMA, "epochs": sorted({*epochs, epoch}), "photos": list(photos)})


@torch.inference_mode()
def color(model: Colorizer, rgb: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The photo as the model paints it, ``(S, S, 3)`` uint8, keeping its own lightness; rgb of the same shape."""
    device = next(model.parameters()).device
    lightness = lab.lightness(torch.from_numpy(rgb.transpose(2, 0, 1).copy()).unsqueeze(0)).to(device)
    ab = model.ab(model(lightness).float())
    painted = torch.cat([lightness, lab.upsample(ab, (rgb.shape[0], rgb.shape[1]))], dim=1)
    return lab.to_uint8(lab.lab_to_rgb(painted))
