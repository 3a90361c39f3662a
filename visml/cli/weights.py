"""``visml import-weights``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from visml.cli import common
from visml.settings import Refused

if TYPE_CHECKING:
    from visml.models.zhang16 import Zhang16

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_FOLDED = "The temperature folded into the last convolution; it is taken out, so that T means what it says."


class ImportRefused(Refused):
    """A family that has no published weights to import, or a name that cannot be a checkpoint's."""


def import_weights(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .pth or .safetensors file.", show_default=False)],
    family: Annotated[str, typer.Option("--family", metavar="NAME", help="zhang16.", show_default=False)],
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Of the checkpoint to make.", show_default=False)],
    folded_temperature: Annotated[
        float | None, typer.Option("--folded-temperature", metavar="T", help=_FOLDED, show_default=False)
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a checkpoint of that name.")] = False,
    checkpoints: common.Checkpoints = None,
    json: common.AsJson = False,
) -> None:
    """Turn published weights into a checkpoint; no code in the file is run."""
    from visml import checkpoints as folders
    from visml.models import official

    folder = common.settings(checkpoints).checkpoints / name
    _refuse(family, name, folded_temperature, folder, force)
    model = official.read(file)
    temperature = "unknown" if folded_temperature is None else _unfold(model, folded_temperature)
    width = model.state_dict()["trunk.conv1.0.weight"].shape[0] / 64
    facts = {"source": file.name, "licence": "as its publisher says", "temperature": temperature}
    made = folders.save(folder, model, {"width": width}, half=False, **facts)
    told = {"checkpoint": str(folder), "sha256": made.model_sha256, "temperature": temperature}
    entropy = _median_entropy(model)
    if json:
        common.print_json(told | {"median_entropy": entropy})
    else:
        typer.echo(f"{folder}: the median entropy on the built-in photos is {entropy:.2f} bits.")


def _refuse(family: str, name: str, temperature: float | None, folder: Path, force: bool) -> None:
    if family != "zhang16":
        raise ImportRefused(f"There are no published weights to import for '{family}'; there are for zhang16.")
    if not _NAME.fullmatch(name):
        raise ImportRefused(f"'{name}' cannot be a checkpoint's name; use letters, digits, '.', '_' and '-'.")
    if temperature is not None and not 0 < temperature < float("inf"):
        raise ImportRefused(f"The folded temperature must be larger than 0, not {temperature}.")
    if folder.exists() and not force:
        raise ImportRefused(f"'{folder}' is there already; --force replaces it.")


def _unfold(model: Zhang16, temperature: float) -> float:
    """Undo a division of the logits by a temperature, in the last convolution; gives the temperature back."""
    import torch

    with torch.no_grad():
        for parameter in model.bins.parameters():
            parameter.mul_(temperature)
    return temperature


def _median_entropy(model: Any) -> float:
    """Median over all positions of the built-in photos, in bits, of the distribution at T = 1."""
    import torch

    from visml.color import bins, lab
    from visml.images.decode import squash
    from visml.images.gallery import sample_photos

    found = []
    with torch.inference_mode():
        for photo in sample_photos().values():
            rgb = torch.from_numpy(squash(photo.rgb, model.input_size)).permute(2, 0, 1).unsqueeze(0)
            found.append(bins.entropy(bins.distribution(model(lab.lightness(rgb)))).flatten())
    return float(torch.cat(found).median())
