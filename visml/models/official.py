"""Published weights of the nine-block network to ours.

The published state dict holds ``model1.0.weight`` .. ``model8.6.bias`` and ``model_out.weight`` ``(2, 313, 1, 1)``:
block i's modules at the places they have here, the 1x1 convolution to the bins as ``model8.6``, and the bins'
centers, in units of 110, as the weights of a last 1x1 convolution.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor

from visml.color import bins
from visml.models.zhang16 import Zhang16
from visml.settings import Refused

AB_UNIT = 110.0


class WeightsRefused(Refused):
    """A file that is not the published network's weights."""


def read(path: Path) -> Zhang16:
    """The network of a published ``.pth`` or ``.safetensors`` file, in eval mode. Runs no code from the file.

    Raises:
        WeightsRefused: the file cannot be read, or a tensor is missing, superfluous, misshapen or not finite.
    """
    return convert(read_tensors(Path(path)))


def convert(published: dict[str, Tensor]) -> Zhang16:
    """The network, in eval mode, of a published state dict; see :func:`read`."""
    try:
        width = published["model1.0.weight"].shape[0] / 64
        state = {_our_name(name): value for name, value in published.items() if name != "model_out.weight"}
        state["centers"] = _centers(published["model_out.weight"])
    except KeyError as error:
        raise WeightsRefused(f"These are not the published weights: {error.args[0]} is missing.") from None
    model = Zhang16(width)
    counters = {name: value for name, value in model.state_dict().items() if name.endswith("num_batches_tracked")}
    state = counters | state  # old releases of PyTorch did not write them
    _check(model.state_dict(), state)
    model.load_state_dict(state)
    return model.eval()


def read_tensors(path: Path) -> dict[str, Tensor]:
    """A weights file's tensors by name, floats in float32. Runs no code from the file.

    Raises:
        WeightsRefused: it is not a plain table of tensors that can be read safely.
    """
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise WeightsRefused(f"There is no file '{path.name}'.") from None
    except Exception:  # torch, zipfile, pickle and safetensors each have their own
        raise WeightsRefused(f"'{path.name}' is not a weights file that can be read safely.") from None
    loaded = loaded.get("state_dict", loaded) if isinstance(loaded, dict) else {}
    if not all(_is_plain(value) for value in loaded.values()):
        raise WeightsRefused(f"'{path.name}' does not hold a plain table of tensors.")
    return {str(name): value.float() if value.is_floating_point() else value for name, value in loaded.items()}


def _is_plain(value: object) -> bool:
    """Whether it is a tensor whose numbers are all there: a file of a few bytes can claim any shape."""
    if not isinstance(value, Tensor) or value.layout is not torch.strided or value.device.type != "cpu":
        return False
    return value.nbytes <= value.untyped_storage().nbytes()


def _our_name(name: str) -> str:
    match = re.fullmatch(r"model([1-8])\.(\d+)\.(\w+)", name)
    if not match:
        raise WeightsRefused(f"These are not the published weights: '{name}' has no place in the network.")
    block, place, kind = match.groups()
    return f"bins.{kind}" if (block, place) == ("8", "6") else f"trunk.conv{block}.{place}.{kind}"


def _centers(weight: Tensor) -> Tensor:
    """Bin centers ``(Q, 2)``; the table's own where the file agrees with it to rounding."""
    if tuple(weight.shape) != (2, len(bins.BINS), 1, 1):
        raise WeightsRefused(f"model_out.weight must be (2, {len(bins.BINS)}, 1, 1), not {tuple(weight.shape)}.")
    centers = weight[:, :, 0, 0].T * AB_UNIT
    return bins.centers() if np.allclose(centers.numpy(), bins.BINS, atol=0.01) else centers.contiguous()


def _check(expected: dict[str, Tensor], state: dict[str, Tensor]) -> None:
    for name in expected.keys() | state.keys():
        if name not in state or name not in expected:
            problem = "missing" if name not in state else "superfluous"
            raise WeightsRefused(f"These are not the published weights: {name} is {problem}.")
        if expected[name].shape != state[name].shape:
            ours, theirs = tuple(expected[name].shape), tuple(state[name].shape)
            raise WeightsRefused(f"{name} is {theirs} in the file and must be {ours}.")
        if not torch.isfinite(state[name]).all():
            raise WeightsRefused(f"{name} holds values that are not finite.")
