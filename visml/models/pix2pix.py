"""pix2pix: a U-Net that paints a gray picture, and the critic it is trained against.

Isola, Zhu, Zhou, Efros, "Image-to-Image Translation with Conditional Adversarial Networks" (CVPR 2017), cited by
section of arXiv 1611.07004v3.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from visml.color import lab
from visml.models import blocks
from visml.models.base import Colorizer, Layer
from visml.models.critic import Critic, contracting, gray
from visml.settings import Refused

DROPPED = 3  # stages of the decoder with dropout
LEAST_DEPTH, GREATEST_DEPTH = 5, 10  # on fewer pixels than 2^5 the critic has no position left


class SizeRefused(Refused):
    """A depth that no picture fits, or a picture that does not fit the depth."""


class Pix2pix(Colorizer):
    """Lightness ``(N, 1, H, W)`` to ab ``(N, 2, H, W)``, by painting RGB; H and W are multiples of ``2^depth``.

    The encoder C64-C128-C256-C512-.. halves the sides ``depth`` times by 4x4 convolutions (BatchNorm, leaky ReLU); the
    decoder doubles them as often (BatchNorm, ReLU, dropout of one half in its first three stages), each stage but the
    first reading the encoder's maps of its input's size as well (appendix 6.1.1). Two things differ from the paper's
    text. The innermost stage has no BatchNorm (its erratum, section 6.3: a picture alone in its batch would be
    normalized to 0 there). And eval mode is the usual one, where the paper paints as it trained, with dropout, its only
    source of noise, and with BatchNorm by the statistics of the batch (section 3.3): here a photo always gets the same
    colors, whatever stands beside it.

    Training needs :attr:`critic`; painting does not run it. ``companions["critic"]`` shows it.

    Args:
        width: share of the paper's channels.
        depth: how often sides are halved; photos are squashed to ``2^depth`` pixels, at which the innermost map is one
            position. 8 is the paper's, with 54.41 million parameters in the generator at full width.

    Raises:
        SizeRefused: the depth does not lie in 5..10.
    """

    family = "pix2pix"

    def __init__(self, width: float = 1.0, depth: int = 8) -> None:
        super().__init__()
        if not LEAST_DEPTH <= depth <= GREATEST_DEPTH:
            raise SizeRefused(f"The depth of pix2pix must lie in {LEAST_DEPTH}..{GREATEST_DEPTH}, not be {depth}.")
        channels = [blocks.scaled(min(64 * 2**index, 512), width) for index in range(depth)]
        self.input_size = 2**depth
        self.encoder, self.decoder = _encoder(channels), _decoder(channels)
        self.rgb = nn.Sequential(nn.ConvTranspose2d(2 * channels[0], 3, 4, 2, 1), Tanh())
        self.critic = Critic(width)
        self.layers = _layers(channels)
        blocks.initialize(self, "normal")

    def forward(self, lightness: Tensor, category: Tensor | None = None) -> Tensor:
        return lab.rgb_to_lab(self.paint(lightness))[:, 1:]

    def paint(self, lightness: Tensor) -> Tensor:
        """The painted picture, RGB ``(N, 3, H, W)`` float32 in 0..1, of lightness ``(N, 1, H, W)`` in 0..100.

        Raises:
            SizeRefused: H or W is no multiple of ``2^depth``.
        """
        height, width = lightness.shape[2:]
        if height % self.input_size or width % self.input_size:
            raise SizeRefused(f"This network needs sides in multiples of {self.input_size}, not {width} x {height}.")
        value, skipped = gray(lightness), []
        for stage in self.encoder:
            value = stage(value)
            skipped.append(value)
        skipped.pop()
        for stage in self.decoder:
            value = torch.cat([stage(value), skipped.pop()], dim=1)
        painted: Tensor = self.rgb(value)
        return (painted + 1) / 2

    def judge(self, lightness: Tensor, rgb: Tensor) -> Tensor:
        """The critic's verdicts, logits ``(N, 1, h, w)``; see :meth:`Critic.forward`."""
        verdict: Tensor = self.critic(lightness, rgb)
        return verdict

    @property
    def companions(self) -> Mapping[str, Colorizer]:
        return {"critic": Judged(self)}


class Judged(Colorizer):
    """pix2pix with its critic looking on: lightness to the same ab, the critic run on what was painted.

    It shares the weights of the network it is given. Its layers are the critic's. The colors do not depend on them:
    to resume from one, with whatever value, gives the generator's own output.

    Args:
        painter: generator and critic.
    """

    family = Pix2pix.family

    def __init__(self, painter: Pix2pix) -> None:
        super().__init__()
        self.painter = painter
        self.input_size = painter.input_size
        self.layers = painter.critic.layers("painter.critic")

    def forward(self, lightness: Tensor, category: Tensor | None = None) -> Tensor:
        rgb = self.painter.paint(lightness)
        self.painter.judge(lightness, rgb)
        return lab.rgb_to_lab(rgb)[:, 1:]


class Tanh(nn.Module):
    """Hyperbolic tangent, float32 whatever the precision of the convolution before it."""

    def forward(self, value: Tensor) -> Tensor:
        return value.float().tanh()


def _encoder(channels: Sequence[int]) -> nn.Sequential:
    last = len(channels)
    stages: OrderedDict[str, nn.Module] = OrderedDict()
    for number, (before, after) in enumerate(zip([1, *channels[:-1]], channels, strict=True), 1):
        stages[f"down{number}"] = contracting(before, after, norm=number not in (1, last))
    return nn.Sequential(stages)


def _decoder(channels: Sequence[int]) -> nn.Sequential:
    """``up1``, which reads the innermost map, to the stage before RGB."""
    stages: OrderedDict[str, nn.Module] = OrderedDict()
    before = channels[-1]
    for number, after in enumerate(reversed(channels[:-1]), 1):
        stages[f"up{number}"] = _expanding(before, after, dropout=number <= DROPPED)
        before = 2 * after
    return nn.Sequential(stages)


def _expanding(before: int, after: int, *, dropout: bool) -> nn.Sequential:
    """Transposed 4x4 convolution that doubles the sides, BatchNorm, dropout where wanted, ReLU."""
    stage = nn.Sequential(nn.ConvTranspose2d(before, after, 4, 2, 1, bias=False), nn.BatchNorm2d(after))
    if dropout:
        stage.append(nn.Dropout(0.5))
    return stage.append(nn.ReLU())


def _layers(channels: Sequence[int]) -> tuple[Layer, ...]:
    found: list[Layer] = []
    stride, field = 1, 1
    for number, count in enumerate(channels, 1):
        field += 3 * stride  # a 4x4 window adds three positions of its input
        stride *= 2
        path = f"encoder.down{number}"
        found.append(Layer(f"down{number}", path, count, stride, field, False, f"{path}.0"))
    for number, count in enumerate([*reversed(channels[:-1]), 3], 1):
        field += stride  # a transposed one with stride 2 has two of them meet
        stride //= 2
        name, path = ("rgb", "rgb") if stride == 1 else (f"up{number}", f"decoder.up{number}")
        colors = ("red", "green", "blue") if name == "rgb" else ()
        found.append(Layer(name, path, count, stride, field, name != "rgb", f"{path}.0", channel_names=colors))
    return tuple(found)
