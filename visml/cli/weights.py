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
_TRUNK = (
    "Instead of a family: vgg19, vgg16 or either with _bn, learned on ImageNet, as the trunk of a hypercolumn network."
)
_LICENCE = "as its publisher says"


class ImportRefused(Refused):
    """Published weights that cannot be imported as asked, or a name that cannot be a checkpoint's."""


def import_weights(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .pth or .safetensors file.", show_default=False)],
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Of the checkpoint to make.", show_default=False)],
    family: Annotated[str | None, typer.Option("--family", metavar="NAME", help="zhang16.", show_default=False)] = None,
    trunk: Annotated[str | None, typer.Option("--trunk", metavar="NAME", help=_TRUNK, show_default=False)] = None,
    maps: Annotated[
        str | None, typer.Option("--maps", metavar="SET", help="What its head reads; blocks.", show_default=False)
    ] = None,
    folded_temperature: Annotated[
        float | None, typer.Option("--folded-temperature", metavar="T", help=_FOLDED, show_default=False)
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a checkpoint of that name.")] = False,
    checkpoints: common.Checkpoints = None,
    json: common.AsJson = False,
) -> None:
    """Turn published weights into a checkpoint: a whole network's, or those of a trunk to start training from.

    No code in the file is run.
    """
    folder = common.settings(checkpoints).checkpoints / name
    _refuse_name(name, folder, force)
    if trunk is not None:
        _refuse(family is not None, "Give --family or --trunk, not both.")
        _refuse(folded_temperature is not None, "A trunk has no temperature to unfold.")
        told, sentence = _import_trunk(file, trunk, maps or "blocks", folder)
    else:
        _refuse(family is None, "Say what the weights are of: --family zhang16, or --trunk vgg19 or vgg16.")
        _refuse(maps is not None, "--maps goes with --trunk.")
        _refuse_family(str(family), folded_temperature)
        told, sentence = _import_family(file, folded_temperature, folder)
    if json:
        common.print_json(told)
    else:
        typer.echo(f"{folder}: {sentence}")


def _import_family(file: Path, folded_temperature: float | None, folder: Path) -> tuple[dict[str, Any], str]:
    """Write the nine-block network of a file into a folder; returns what to report, as JSON and as a sentence."""
    from visml import checkpoints as folders
    from visml.models import official

    model = official.read(file)
    temperature = "unknown" if folded_temperature is None else _unfold(model, folded_temperature)
    width = model.state_dict()["trunk.conv1.0.weight"].shape[0] / 64
    facts = {"source": file.name, "licence": _LICENCE, "temperature": temperature}
    made = folders.save(folder, model, {"width": width}, half=False, **facts)
    entropy = _median_entropy(model)
    told = {"checkpoint": str(folder), "sha256": made.model_sha256, "temperature": temperature}
    return told | {"median_entropy": entropy}, f"the median entropy on the built-in photos is {entropy:.2f} bits."


def _import_trunk(file: Path, trunk: str, maps: str, folder: Path) -> tuple[dict[str, Any], str]:
    """Write a hypercolumn network with the trunk of a file into a folder; returns as :func:`_import_family`."""
    from visml import checkpoints as folders
    from visml.models import backbone

    model, arguments = backbone.read(file, trunk, maps)
    facts = {"source": file.name, "licence": _LICENCE, "note": backbone.NOTE}
    made = folders.save(folder, model, arguments, half=False, **facts)
    told = {"checkpoint": str(folder), "sha256": made.model_sha256, "trunk": trunk, "maps": maps}
    sentence = f"a {trunk} trunk with an untrained head, which paints gray; a recipe takes it by"
    return told, f'{sentence} start = "{folder.name}".'


def _refuse_name(name: str, folder: Path, force: bool) -> None:
    fits = _NAME.fullmatch(name) is not None
    _refuse(not fits, f"'{name}' cannot be a checkpoint's name; use letters, digits, '.', '_' and '-'.")
    _refuse(folder.exists() and not force, f"'{folder}' is there already; --force replaces it.")


def _refuse_family(family: str, temperature: float | None) -> None:
    known = family == "zhang16"
    _refuse(not known, f"There are no published weights to import for '{family}'; there are for zhang16.")
    fits = temperature is None or 0 < temperature < float("inf")
    _refuse(not fits, f"The folded temperature must be larger than 0, not {temperature}.")


def _refuse(when: bool, sentence: str) -> None:
    if when:
        raise ImportRefused(sentence)


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
