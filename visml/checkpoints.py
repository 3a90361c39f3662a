"""A checkpoint folder: list, find, verify, load, save.

``<root>/<name>/model.safetensors`` holds the weights and ``model.json`` says what they are; nothing in a folder runs
code. A folder is replaced as a whole: whoever is killed while writing leaves the old one or the new one.
PyTorch is imported only where weights are touched, so that checkpoints can be listed at once.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import safetensors

from visml.settings import VERSION, Refused

if TYPE_CHECKING:
    from torch import Tensor

    from visml.models.base import Colorizer

SCHEMA = 1
WEIGHTS, DESCRIPTION, KEPT = "model.safetensors", "model.json", "epochs"
TOLD = ("conditioned",)  # families whose networks are told what a photo shows; no PyTorch is needed to know it
_BEFORE = ("prior.json", "lr_find.json")
_NAME = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(?:@(?P<epoch>\d+)|:(?P<companion>[a-z_]+))?")
_LARGEST_JSON = 4_000_000


class CheckpointRefused(Refused):
    """A folder that is not a whole, sound checkpoint."""


@dataclass(frozen=True)
class Checkpoint:
    """What ``model.json`` says.

    Attributes:
        name: the folder's name; ``name@5`` for weights kept after epoch 5, ``name:critic`` for a companion.
        folder: where it is.
        family: the network's family.
        arguments: what the family's builder is given.
        model_sha256: SHA-256 of ``model.safetensors``, in hexadecimal; a companion's is made from that and its name.
        description: the whole of ``model.json``.
        companion: which of the networks trained with the described one this is, "" for that one itself.
    """

    name: str
    folder: Path
    family: str
    arguments: dict[str, Any]
    model_sha256: str
    description: dict[str, Any]
    companion: str = ""

    @property
    def told(self) -> tuple[str, ...]:
        """Names of the categories that the network can be told a photo shows, in their order; none for most."""
        names = self.arguments.get("categories") if self.family in TOLD else None
        return tuple(map(str, names)) if isinstance(names, list) else ()

    @property
    def temperature_folded(self) -> bool:
        """Whether its logits may already be divided by a temperature, so that T = 1 is the one to decode them at."""
        return self.description.get("temperature") == "unknown"


def list_checkpoints(root: Path) -> tuple[list[Checkpoint], list[tuple[str, str]]]:
    """What can be opened in a folder, by name, and the folders passed over, each as (name, reason).

    A checkpoint is followed by the epochs kept of it and by its companions.
    """
    good: list[Checkpoint] = []
    skipped: list[tuple[str, str]] = []
    folders = [entry for entry in root.iterdir() if not entry.name.startswith(".")] if root.is_dir() else []
    for folder in sorted(entry for entry in folders if entry.is_dir() and not _unmade(entry)):
        try:
            if root.resolve() not in folder.resolve().parents:
                raise CheckpointRefused(f"'{folder.name}' is a link that leads out of the folder.")
            good.extend(_with_parts(describe(folder)))
        except CheckpointRefused as refusal:
            skipped.append((folder.name, str(refusal)))
    return good, skipped


def find(root: Path, name: str) -> Checkpoint:
    """The checkpoint of that name in a folder, one of its kept epochs (``name@5``) or companions (``name:critic``).

    Args:
        root: folder of checkpoints.
        name: a name in it, or else the path of a checkpoint folder.

    Raises:
        CheckpointRefused: there is none, or it is broken.
    """
    match = _NAME.fullmatch(name)
    folder = root / match["name"] if match and (root / match["name"]).is_dir() else None
    if match is None or folder is None:
        return describe(Path(name))
    if match["epoch"] or match["companion"]:
        for each in _with_parts(describe(folder)):
            if each.name == name:
                return each
        raise CheckpointRefused(f"The checkpoint '{match['name']}' has no '{name}'.")
    return describe(folder)


def _with_parts(checkpoint: Checkpoint) -> Iterator[Checkpoint]:
    """A checkpoint, its kept epochs and its companions; what is broken among the epochs is left out."""
    yield checkpoint
    for folder in sorted((checkpoint.folder / KEPT).glob("[0-9]*")):
        with suppress(CheckpointRefused, ValueError):
            yield replace(describe(folder), name=f"{checkpoint.name}@{int(folder.name)}")
    companions = checkpoint.description.get("companions", {})
    for companion, layers in companions.items() if isinstance(companions, dict) else ():
        yield replace(
            checkpoint,
            name=f"{checkpoint.name}:{companion}",
            model_sha256=hashlib.sha256(f"{checkpoint.model_sha256}:{companion}".encode()).hexdigest(),
            description=checkpoint.description | {"layers": layers},
            companion=companion,
        )


def _unmade(folder: Path) -> bool:
    """Whether a folder holds what is known before training, and no network yet."""
    return not (folder / DESCRIPTION).exists() and any((folder / name).exists() for name in _BEFORE)


def describe(folder: Path) -> Checkpoint:
    """What a checkpoint says of itself; the weights are not read.

    Raises:
        CheckpointRefused: there is no readable ``model.json`` of schema 1, or no weights beside it.
    """
    _recover(folder)
    name = folder.name
    if not folder.is_dir():
        raise CheckpointRefused(f"There is no checkpoint '{name}'.")
    description = _read_json(folder / DESCRIPTION)
    if not (folder / WEIGHTS).is_file():
        raise CheckpointRefused(f"The checkpoint '{name}' has no {WEIGHTS}.")
    try:
        family, arguments, digest = (description[key] for key in ("family", "arguments", "sha256"))
    except KeyError as error:
        raise CheckpointRefused(f"The {DESCRIPTION} of '{name}' has no {error}.") from None
    if not (isinstance(family, str) and isinstance(arguments, dict) and isinstance(digest, str)):
        raise CheckpointRefused(f"The {DESCRIPTION} of '{name}' has a family, arguments or sha256 of the wrong kind.")
    return Checkpoint(name, folder, family, arguments, digest, description)


def load(source: Path | Checkpoint) -> Colorizer:
    """The network of a checkpoint or of its folder, in eval mode and float32.

    Raises:
        CheckpointRefused: the folder is not whole, the weights are not the ones described (SHA-256), do not fit the
            family, or are not finite.
    """
    import torch
    from safetensors.torch import load_file

    from visml.models import registry

    checkpoint = source if isinstance(source, Checkpoint) else describe(source)
    path = checkpoint.folder / WEIGHTS
    if _sha256(path) != checkpoint.description["sha256"]:
        raise CheckpointRefused(f"The weights of '{checkpoint.name}' were changed or damaged: their SHA-256 differs.")
    try:
        with torch.device("meta"):
            model = registry.build(checkpoint.family, checkpoint.arguments)
    except (Refused, RuntimeError, ValueError) as error:
        raise CheckpointRefused(f"The checkpoint '{checkpoint.name}' cannot be built: {error}") from None
    _compare_shapes(checkpoint.name, path, model)
    state = {name: _full(value) for name, value in load_file(path).items()}
    _refuse_not_finite(checkpoint.name, state)
    model.load_state_dict(state, assign=True)
    model.eval().requires_grad_(False)
    return model.companions[checkpoint.companion].eval() if checkpoint.companion else model


def save(
    folder: Path, model: Colorizer, arguments: dict[str, Any], *, half: bool = True, **description: Any
) -> Checkpoint:
    """Write a checkpoint folder, whole or not at all; other files of an older one are kept.

    Args:
        folder: the checkpoint's folder; its name becomes the checkpoint's.
        model: the network.
        arguments: what the family's builder was given.
        half: keep matrices and kernels in float16; vectors stay float32 always.
        **description: further keys of ``model.json``: recipe, data, step, licence, ...

    Returns:
        What was written.
    """
    with replacing(folder) as new:
        write(new, model, arguments, half=half, **description)
    return describe(folder)


def write(folder: Path, model: Colorizer, arguments: dict[str, Any], *, half: bool = True, **description: Any) -> None:
    """Write weights and description, as :func:`save` does, into a folder that :func:`replacing` has opened."""
    from safetensors.torch import save_file

    (folder / WEIGHTS).unlink(missing_ok=True)
    state = {name: value.detach().cpu().contiguous() for name, value in model.state_dict().items()}
    save_file({name: _half(value) if half else value for name, value in state.items()}, folder / WEIGHTS)
    (folder / WEIGHTS).chmod(0o644)
    facts = {
        "schema": SCHEMA,
        "family": model.family,
        "arguments": arguments,
        "input_size": model.input_size,
        "layers": [asdict(layer) for layer in model.layers],
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "sha256": _sha256(folder / WEIGHTS),
        "versions": {"visml": VERSION, "torch": version("torch")},
    }
    if model.companions:
        companions = {name: [asdict(layer) for layer in each.layers] for name, each in model.companions.items()}
        facts["companions"] = companions
    write_json(folder / DESCRIPTION, facts | description)


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """A fresh folder, first filled with links to ``folder``'s files, that takes its place when the block ends well.

    Files in it must be replaced, never written into: they are shared with the old folder until then.
    """
    _recover(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    new, old = _beside(folder, "new"), _beside(folder, "old")
    shutil.rmtree(new, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)
    if folder.is_dir():
        shutil.copytree(folder, new, copy_function=os.link)
    else:
        new.mkdir()
    try:
        yield new
        _flush(new)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    if folder.is_dir():
        folder.rename(old)
    new.rename(folder)
    _sync(folder.parent)
    shutil.rmtree(old, ignore_errors=True)


def write_json(path: Path, value: Any, indent: int | None = 1) -> None:
    """Replace a file by JSON, each level indented by so many spaces, or all in one line."""
    path.unlink(missing_ok=True)
    path.write_text(json.dumps(value, indent=indent) + "\n", encoding="utf-8")


def _recover(folder: Path) -> None:
    """Bring back the old folder when a kill fell between the two renames of :func:`replacing`."""
    old = _beside(folder, "old")
    if old.is_dir() and not folder.exists():
        old.rename(folder)


def _beside(folder: Path, what: str) -> Path:
    return folder.parent / f".{folder.name}.{what}"


def _flush(folder: Path) -> None:
    for path in folder.rglob("*"):
        _sync(path)
    _sync(folder)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read_json(path: Path) -> dict[str, Any]:
    name = path.parent.name
    try:
        if path.stat().st_size > _LARGEST_JSON:
            raise CheckpointRefused(f"The {path.name} of '{name}' is too large to be one.")
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise CheckpointRefused(f"The checkpoint '{name}' has no readable {path.name}.") from None
    except (ValueError, RecursionError):
        raise CheckpointRefused(f"The {path.name} of '{name}' is not JSON.") from None
    if not isinstance(value, dict) or value.get("schema") != SCHEMA:
        raise CheckpointRefused(f"The {path.name} of '{name}' is not of schema {SCHEMA}.")
    return value


def _compare_shapes(name: str, path: Path, model: Colorizer) -> None:
    """Refuse weights that do not fit the network, from the file's header alone."""
    expected = {key: tuple(value.shape) for key, value in model.state_dict().items()}
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            found = {key: tuple(file.get_slice(key).get_shape()) for key in file.keys()}  # noqa: SIM118
    except (OSError, safetensors.SafetensorError):
        raise CheckpointRefused(f"The {WEIGHTS} of '{name}' is not a safetensors file.") from None
    for key in sorted(expected.keys() | found.keys()):
        if expected.get(key) != found.get(key):
            ours, theirs = expected.get(key, "not expected"), found.get(key, "missing")
            raise CheckpointRefused(f"The weights of '{name}' do not fit: {key} must be {ours} and is {theirs}.")


def _refuse_not_finite(name: str, state: dict[str, Tensor]) -> None:
    for key, value in state.items():
        if not value.isfinite().all():
            raise CheckpointRefused(f"The weights of '{name}' are not finite in {key}.")


def _half(value: Tensor) -> Tensor:
    return value.half() if value.is_floating_point() and value.dim() > 1 else value


def _full(value: Tensor) -> Tensor:
    return value.float() if value.is_floating_point() else value


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
