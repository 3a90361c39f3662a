"""Published weights: random ones in the published layout against an independent forward pass in that layout."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional

from visml.color import bins
from visml.models import official

# (modules that are convolutions, index of the BatchNorm or None, dilation, stride of the last convolution)
PUBLISHED = {
    1: ((0, 2), 4, 1, 2),
    2: ((0, 2), 4, 1, 2),
    3: ((0, 2, 4), 6, 1, 2),
    4: ((0, 2, 4), 6, 1, 1),
    5: ((0, 2, 4), 6, 2, 1),
    6: ((0, 2, 4), 6, 2, 1),
    7: ((0, 2, 4), 6, 1, 1),
}
CHANNELS = [1, 64, 128, 256, 512, 512, 512, 512, 256]


def _published(scale: int = 16) -> dict[str, Tensor]:
    """A random state dict in the published layout, at 1/scale of its width."""
    generator = torch.Generator().manual_seed(3)
    widths = [1, *(channels // scale for channels in CHANNELS[1:])]
    state: dict[str, Tensor] = {}

    def random(name: str, *shape: int, spread: float) -> None:
        state[name] = torch.randn(shape, generator=generator) * spread

    for block, (places, norm, _, _) in PUBLISHED.items():
        for place in places:
            before = widths[block - 1] if place == 0 else widths[block]
            random(f"model{block}.{place}.weight", widths[block], before, 3, 3, spread=(2 / 9 / before) ** 0.5)
            random(f"model{block}.{place}.bias", widths[block], spread=0.1)
        for kind in ("weight", "bias", "running_mean"):
            random(f"model{block}.{norm}.{kind}", widths[block], spread=0.5)
        state[f"model{block}.{norm}.running_var"] = torch.rand(widths[block], generator=generator) + 0.5
    random("model8.0.weight", widths[7], widths[8], 4, 4, spread=(1 / 4 / widths[7]) ** 0.5)
    for place in (2, 4):
        random(f"model8.{place}.weight", widths[8], widths[8], 3, 3, spread=(2 / 9 / widths[8]) ** 0.5)
    random("model8.6.weight", 313, widths[8], 1, 1, spread=0.3)
    for place in (0, 2, 4):
        random(f"model8.{place}.bias", widths[8], spread=0.1)
    random("model8.6.bias", 313, spread=0.1)
    state["model_out.weight"] = torch.tensor(bins.BINS).T.reshape(2, 313, 1, 1) / 110
    return state


def _forward(state: dict[str, Tensor], lightness: Tensor) -> Tensor:
    """The published network's logits, written once more from its state dict alone, in float64."""
    weights = {name: value.double() for name, value in state.items()}
    x = (lightness.double() - 50) / 100
    for block, (places, norm, dilation, last_stride) in PUBLISHED.items():
        for place in places:
            stride = last_stride if place == places[-1] else 1
            name = f"model{block}.{place}"
            x = functional.conv2d(
                x, weights[f"{name}.weight"], weights[f"{name}.bias"], stride, padding=dilation, dilation=dilation
            ).relu()
        mean, variance = (weights[f"model{block}.{norm}.running_{kind}"].view(1, -1, 1, 1) for kind in ("mean", "var"))
        gain, shift = (weights[f"model{block}.{norm}.{kind}"].view(1, -1, 1, 1) for kind in ("weight", "bias"))
        x = (x - mean) / (variance + 1e-5).sqrt() * gain + shift
    x = functional.conv_transpose2d(x, weights["model8.0.weight"], weights["model8.0.bias"], stride=2, padding=1).relu()
    for place in (2, 4):
        x = functional.conv2d(x, weights[f"model8.{place}.weight"], weights[f"model8.{place}.bias"], padding=1).relu()
    return functional.conv2d(x, weights["model8.6.weight"], weights["model8.6.bias"])


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_imported_logits_equal_an_independent_forward(tmp_path: Path, suffix: str) -> None:
    state, path = _published(), tmp_path / f"weights{suffix}"
    if suffix == ".pth":
        torch.save(state, path)
    else:
        save_file({name: value.contiguous() for name, value in state.items()}, path)
    lightness = torch.rand(2, 1, 64, 64) * 100
    with torch.no_grad():
        ours, theirs = official.read(path)(lightness), _forward(state, lightness)
    assert (ours - theirs).abs().max() < 1e-5 * theirs.abs().max()


def test_bin_centers_are_the_tables_or_the_files_own() -> None:
    state = _published()
    assert torch.equal(official.convert(state).centers, bins.centers())
    state["model_out.weight"] = state["model_out.weight"] + 0.05
    torch.testing.assert_close(official.convert(state).centers, bins.centers() + 5.5, atol=1e-4, rtol=0)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda state: state.pop("model4.2.bias"), "trunk.conv4.2.bias is missing"),
        (lambda state: state.pop("model1.0.weight"), "model1.0.weight is missing"),
        (lambda state: state.update({"model9.0.weight": torch.zeros(1)}), "'model9.0.weight' has no place"),
        (lambda state: state.update({"model3.6.weight": torch.zeros(3)}), r"trunk.conv3.6.weight is \(3,\)"),
        (lambda state: state["model2.0.bias"].fill_(torch.nan), "not finite"),
    ],
)
def test_other_weights_are_refused_by_the_tensor_that_is_wrong(change: object, sentence: str) -> None:
    state = _published()
    change(state)  # type: ignore[operator]
    with pytest.raises(official.WeightsRefused, match=sentence):
        official.convert(state)


class Bomb:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.mark,)


def test_a_pickle_bomb_is_refused_and_does_not_run(tmp_path: Path) -> None:
    path, mark = tmp_path / "bomb.pth", tmp_path / "it ran"
    torch.save({"model1.0.weight": Bomb(mark)}, path)
    with pytest.raises(official.WeightsRefused, match="read safely"):
        official.read(path)
    path.write_bytes(pickle.dumps(Bomb(mark)))
    with pytest.raises(official.WeightsRefused, match="read safely"):
        official.read(path)
    assert not mark.exists()


def test_a_small_file_that_claims_a_giant_is_refused_before_its_numbers_are_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "giant.pth"
    torch.save({"model1.0.weight": torch.zeros(1, dtype=torch.float16).expand(100_000, 100_000)}, path)
    assert path.stat().st_size < 2000
    monkeypatch.setattr(Tensor, "float", lambda _: pytest.fail("numbers were touched"))
    with pytest.raises(official.WeightsRefused, match="plain table of tensors"):
        official.read(path)


@pytest.mark.parametrize("value", [torch.eye(2).to_sparse(), torch.empty(2, device="meta"), 3, None])
def test_anything_but_a_plain_tensor_is_refused(tmp_path: Path, value: object) -> None:
    torch.save({"model1.0.weight": value}, tmp_path / "odd.pth")
    with pytest.raises(official.WeightsRefused, match=r"plain table of tensors|read safely"):
        official.read(tmp_path / "odd.pth")


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>", b"PK\x03\x04 cut short"])
def test_files_that_are_no_weights_get_one_sentence(tmp_path: Path, content: bytes) -> None:
    for suffix in (".pth", ".safetensors"):
        path = tmp_path / f"weights{suffix}"
        path.write_bytes(content)
        with pytest.raises(official.WeightsRefused, match="read safely"):
            official.read(path)
    with pytest.raises(official.WeightsRefused, match=r"no file 'absent\.pth'"):
        official.read(tmp_path / "absent.pth")
