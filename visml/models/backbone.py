"""Published VGG weights, learned on ImageNet, as the trunk of a hypercolumn network.

Their state dict holds ``features.0.weight`` .. ``features.34.bias`` (VGG-19) or ``features.28.bias`` (VGG-16), in the
variants with BatchNorm what each BatchNorm has too, and ``classifier.*``, which is not needed. They were learned on RGB
with the mean and standard deviation below taken off.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from visml.models import vgg
from visml.models.blocks import LIGHTNESS_CENTER, LIGHTNESS_SCALE
from visml.models.hypercolumn import Hypercolumn
from visml.models.official import WeightsRefused, read_tensors

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
NOTE = (
    "The trunk is imported. Its first convolution was folded from RGB to lightness: exact for gray pictures of value "
    "L/100, but for the outermost pixels. The head is untrained, all zeros, and paints gray."
)
_FIRST, _SEED = "features.0", 0
_COUNT = ".num_batches_tracked"  # older files lack it, and nothing is computed with it


def read(path: Path, trunk: str, maps: str = "blocks") -> tuple[Hypercolumn, dict[str, object]]:
    """The network of a published ``.pth`` or ``.safetensors`` file, and its builder's arguments.

    Args:
        path: the file; no code in it is run.
        trunk: ``vgg16``, ``vgg16_bn``, ``vgg19`` or ``vgg19_bn``.
        maps: what the head reads, see :func:`visml.models.hypercolumn.sets`.

    Raises:
        TrunkRefused: there is no such trunk, or it has no such maps.
        WeightsRefused: the file cannot be read, or a tensor of the trunk is missing, misshapen or not finite.
    """
    return convert(read_tensors(Path(path)), trunk, maps)


def convert(published: dict[str, Tensor], trunk: str, maps: str = "blocks") -> tuple[Hypercolumn, dict[str, object]]:
    """The network of a published state dict, see :func:`read`: in eval mode, its head all zeros.

    Zeros are the honest head of a network that has not learned colors: it paints gray, and training starts there.
    """
    width = _width(published, trunk)
    _check(published, trunk, width)
    arguments: dict[str, object] = {"trunk": trunk, "maps": maps, "width": width}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_SEED)  # what is neither imported nor zero is the same at every import
        model = Hypercolumn(trunk, maps, width)
    folded = fold(published)
    model.trunk.load_state_dict({name: folded.get(name, value) for name, value in model.trunk.state_dict().items()})
    model.head.silence()
    return model.eval(), arguments


def fold(published: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same state dict with a first convolution that takes normalized lightness ``(L - 50) / 100``.

    Where R = G = B = L/100, the published network sees ``(L/100 - mean_c) / std_c`` in channel c, so one kernel
    ``sum_c w_c / std_c`` on ``(L - 50) / 100`` does the same when the bias gains ``sum_c (1/2 - mean_c) / std_c`` times
    the sum of ``w_c`` over the kernel. Two things differ. L/100 stands for the gray value: lightness is not quite
    proportional to it, and at most 0.04 away. And zeros beside the picture stand for the mean color there, here for
    L = 50, so that the outermost pixels of ``conv1_1`` are others.
    """
    weight, bias = published[f"{_FIRST}.weight"].double(), published[f"{_FIRST}.bias"].double()
    mean, std = weight.new_tensor(MEAN), weight.new_tensor(STD)
    offset = (LIGHTNESS_CENTER / LIGHTNESS_SCALE - mean) / std
    kernel = torch.einsum("ochw,c->ohw", weight, 1 / std).unsqueeze(1)
    shifted = bias + torch.einsum("ochw,c->o", weight, offset)
    return published | {f"{_FIRST}.weight": kernel.float(), f"{_FIRST}.bias": shifted.float()}


def _width(published: dict[str, Tensor], trunk: str) -> float:
    first = published.get(f"{_FIRST}.weight")
    if first is None or first.dim() != 4:
        problem = "missing" if first is None else f"of shape {tuple(first.shape)}"
        raise WeightsRefused(f"These are not the weights of {trunk}: {_FIRST}.weight is {problem}.")
    return first.shape[0] / vgg.CHANNELS[0]


def _check(published: dict[str, Tensor], trunk: str, width: float) -> None:
    """Refuse a state dict whose features are not those of a trunk, whichever of them are read."""
    with torch.device("meta"):
        expected = {name: tuple(value.shape) for name, value in vgg.VGG(trunk, width).state_dict().items()}
    expected[f"{_FIRST}.weight"] = (expected[f"{_FIRST}.weight"][0], len(MEAN), 3, 3)
    for name in sorted(expected.keys() | {name for name in published if name.startswith("features.")}):
        if name not in published and name.endswith(_COUNT):
            continue
        if name not in published or name not in expected:
            problem = "missing" if name in expected else "superfluous"
            raise WeightsRefused(f"These are not the weights of {trunk}: {name} is {problem}.")
        if tuple(published[name].shape) != expected[name]:
            theirs = tuple(published[name].shape)
            raise WeightsRefused(f"{name} is {theirs} in the file and must be {expected[name]}.")
        if not torch.isfinite(published[name]).all():
            raise WeightsRefused(f"{name} holds values that are not finite.")
