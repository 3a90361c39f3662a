"""The one interface of every colorization network, and its layers declared as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from visml.color import bins


@dataclass(frozen=True)
class Layer:
    """A place inside a network whose output is kept and shown.

    Attributes:
        name: public, stable name, for instance ``conv4``.
        module: dotted path of the module whose output is kept.
        channels: number of filters.
        stride: input pixels from one position to the next.
        receptive_field: side, in input pixels, of the square that one position can see.
        rectified: whether the output is a ReLU's, never negative, so that "active" and "silent" have a meaning.
        convolution: dotted path of the convolution whose filters these are, or None.
        dilation: spacing of that convolution's taps.
        channel_names: what each filter stands for, in their order, where it has a name: a or b, a category.
    """

    name: str
    module: str
    channels: int
    stride: float
    receptive_field: int
    rectified: bool
    convolution: str | None = None
    dilation: int = 1
    channel_names: tuple[str, ...] = ()


class Colorizer(nn.Module):
    """A network from lightness to color.

    Attributes:
        family: its key in the registry.
        input_size: side S, in pixels, to which photos are squashed when looked at.
        layers: what can be looked at, from input to output.
        centers: bin centers ``(Q, 2)`` of a classifier, None for a network that gives ab itself.
        needs_categories: whether its builder must be given ``categories``, which training takes from the folders.
        reads_category: whether its forward pass reads a photo's category.
        categories: names of the categories it knows, none for most.
    """

    family: str
    input_size: int = 224
    layers: tuple[Layer, ...]
    centers: Tensor | None
    needs_categories: ClassVar[bool] = False
    reads_category: ClassVar[bool] = False
    categories: tuple[str, ...] = ()

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("centers", None)

    def forward(self, lightness: Tensor, category: Tensor | None = None) -> Tensor:
        """Logits ``(N, Q, h, w)`` of a classifier or ab ``(N, 2, h, w)``, of lightness ``(N, 1, H, W)`` in 0..100.

        ``category`` ``(N,)`` int64, -1 where it is not known, is read by class-conditioned networks only.
        """
        raise NotImplementedError

    def resume(self, layer: str, value: Tensor, lightness: Tensor | None = None) -> Tensor:
        """The network's output when ``value`` stands at ``layer``: the forward pass gone on from there.

        Here the whole pass is run again with the layer's output replaced, which is right for every network;
        those whose later layers read nothing but this one go on from there and do not need the lightness.

        Raises:
            ValueError: no layer has that name, or the lightness ``(N, 1, H, W)`` is needed and missing.
        """
        path = self.layer(layer).module
        if lightness is None:
            raise ValueError(f"{type(self).__name__} needs the lightness to go on from '{layer}'.")
        return resume_by_hook(self, path, value, lambda: self(lightness))

    def adopted(self, state: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """Another network's weights as this one begins from them, by name; here they are taken as they are."""
        return state

    @property
    def companions(self) -> Mapping[str, Colorizer]:
        """Networks trained together with this one, a critic for instance, by name."""
        return {}

    def category(self, names: Sequence[str | None]) -> Tensor | None:
        """What :meth:`forward` reads of categories ``(N,)`` int64, -1 for unknown ones; None where it reads none."""
        if not self.categories:
            return None
        known = {name: index for index, name in enumerate(self.categories)}
        return torch.tensor([-1 if name is None else known.get(name, -1) for name in names])

    def ab(self, output: Tensor, temperature: float = bins.DEFAULT_TEMPERATURE) -> Tensor:
        """Colors ``(N, 2, h, w)`` of an output of :meth:`forward`; only classifiers read the temperature."""
        return output if self.centers is None else bins.decode(output, self.centers, temperature)

    def layer(self, name: str) -> Layer:
        """The layer of that name.

        Raises:
            ValueError: there is none.
        """
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise ValueError(f"There is no layer '{name}'; there are {', '.join(each.name for each in self.layers)}.")


def resume_by_hook(network: nn.Module, path: str, value: Tensor, run: Callable[[], Tensor]) -> Tensor:
    """What ``run`` gives, a forward pass of ``network``, when ``value`` stands for the output of its part ``path``."""
    hook = network.get_submodule(path).register_forward_hook(lambda *_: value)
    try:
        return run()
    finally:
        hook.remove()
