"""The one interface of every colorization network, and its layers declared as data."""

from __future__ import annotations

from dataclasses import dataclass

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
    """

    name: str
    module: str
    channels: int
    stride: float
    receptive_field: int
    rectified: bool
    convolution: str | None = None
    dilation: int = 1


class Colorizer(nn.Module):
    """A network from lightness to color.

    Attributes:
        family: its key in the registry.
        input_size: side S, in pixels, to which photos are squashed when looked at.
        layers: what can be looked at, from input to output.
        centers: bin centers ``(Q, 2)`` of a classifier, None for a network that gives ab itself.
    """

    family: str
    input_size: int = 224
    layers: tuple[Layer, ...]
    centers: Tensor | None

    def forward(self, lightness: Tensor, category: Tensor | None = None) -> Tensor:
        """Logits ``(N, Q, h, w)`` of a classifier or ab ``(N, 2, h, w)``, of lightness ``(N, 1, H, W)`` in 0..100.

        ``category`` ``(N,)`` int64 is read by class-conditioned networks only.
        """
        raise NotImplementedError

    def resume(self, layer: str, value: Tensor) -> Tensor:
        """The network's output when ``value`` stands at ``layer``: the forward pass gone on from there.

        Raises:
            ValueError: no layer has that name.
        """
        raise NotImplementedError

    @property
    def companions(self) -> dict[str, Colorizer]:
        """Networks trained together with this one, a critic for instance, by name."""
        return {}

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
