"""``visml models``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from visml.cli import common

if TYPE_CHECKING:
    from visml.checkpoints import Checkpoint

_FACTS = ("input_size", "parameters", "layers", "epoch", "step")


def models(checkpoints: common.Checkpoints = None, json: common.AsJson = False) -> None:
    """List the families and the checkpoints, with their parameters and layers."""
    from visml.checkpoints import list_checkpoints
    from visml.models.registry import FAMILIES

    root = common.settings(checkpoints).checkpoints
    good, skipped = list_checkpoints(root)
    told = {
        "families": [_family(name) for name in sorted(FAMILIES)],
        "checkpoints": [_checkpoint(each) for each in good],
        "skipped": [{"name": name, "reason": reason} for name, reason in skipped],
    }
    if json:
        common.print_json(told)
    else:
        _print(told, str(root))


def _family(name: str) -> dict[str, Any]:
    import torch

    from visml.models import registry

    with torch.device("meta"):
        model = registry.build(name, {})
    parameters = sum(parameter.numel() for parameter in model.parameters())
    layers = [asdict(layer) for layer in model.layers]
    return {"name": name, "input_size": model.input_size, "parameters": parameters, "layers": layers}


def _checkpoint(checkpoint: Checkpoint) -> dict[str, Any]:
    facts = {name: checkpoint.description.get(name) for name in _FACTS}
    return {
        "name": checkpoint.name,
        "family": checkpoint.family,
        "arguments": checkpoint.arguments,
        "sha256": checkpoint.model_sha256,
        **facts,
    }


def _print(told: dict[str, Any], root: str) -> None:
    from rich.table import Table
    from rich.text import Text

    console = common.console()
    for title, rows in (("families", told["families"]), (f"checkpoints in {root}", told["checkpoints"])):
        table = Table("name", "family", title=Text(title), title_justify="left", box=None, pad_edge=False)
        table.add_column("parameters", justify="right")
        table.add_column("layers")
        for row in rows:
            table.add_row(*(Text(cell) for cell in _cells(row)))
        console.print(table)
        console.print()
    for each in told["skipped"]:
        common.say(f"Skipped {each['name']}: {each['reason']}")


def _cells(row: dict[str, Any]) -> list[str]:
    parameters = f"{row['parameters'] / 1e6:.2f} M" if isinstance(row["parameters"], int) else "?"
    layers = row["layers"] if isinstance(row["layers"], list) else []
    names = [f"{layer.get('name')} {layer.get('channels')}" for layer in layers if isinstance(layer, dict)]
    return [row["name"], row.get("family", row["name"]), parameters, ", ".join(names)]
