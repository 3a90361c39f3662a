"""Devices and precisions."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from visml.inspector import runtime
from visml.inspector.runtime import DeviceRefused
from visml.models.zhang16 import Zhang16

CPU = torch.device("cpu")


@pytest.fixture
def model() -> Zhang16:
    torch.manual_seed(1)
    return Zhang16(1 / 16)


def test_auto_is_a_device_that_is_there() -> None:
    assert runtime.resolve_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")


@pytest.mark.parametrize("name", ["nonsense", "cuda:99", "", "meta:x"])
def test_a_device_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(DeviceRefused, match="'cpu' always works"):
        runtime.resolve_device(name)


def test_auto_precision_follows_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    for fast, expected in ((True, "bfloat16"), (False, "float32")):
        monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda fast=fast: fast)
        assert runtime.resolve_precision("auto", CPU) == expected
        assert runtime.resolve_precision("float32", CPU) == "float32"
        assert runtime.resolve_precision("bfloat16", CPU) == "bfloat16"


def test_an_unknown_precision_is_refused() -> None:
    with pytest.raises(DeviceRefused, match="not 'float8'"):
        runtime.resolve_precision("float8", CPU)


def test_in_bfloat16_the_first_convolutions_and_the_last_stay_float32(model: Zhang16) -> None:
    prepared = runtime.prepare(model, CPU, "bfloat16")
    kinds = {name: part.weight.dtype for name, part in prepared.named_modules() if isinstance(part, nn.Conv2d)}
    exact = [kinds.pop(f"trunk.conv{block}.{place}") for block in (1, 2) for place in (0, 2)]
    assert {*exact, kinds.pop("bins")} == {torch.float32}
    assert set(kinds.values()) == {torch.bfloat16}
    assert prepared.centers.dtype == torch.float32
    assert not prepared.training


def test_bfloat16_stays_near_float32(model: Zhang16) -> None:
    # 8 bits of mantissa through 18 convolutions; a wrong cast of the lightness, 0..100 in steps of 0.5, is far off.
    lightness = torch.rand(1, 1, 64, 64, generator=torch.Generator().manual_seed(0)) * 100
    exact = runtime.prepare(copy.deepcopy(model), CPU, "float32")
    rounded = runtime.prepare(model, CPU, "bfloat16")
    with torch.inference_mode():
        expected, found = exact(lightness), rounded(lightness)
    assert found.dtype == torch.float32
    assert (found - expected).std() / expected.std() < 0.03


def test_eval_mode_is_for_the_block_only(model: Zhang16) -> None:
    model.train()
    model.trunk[3].eval()
    before = [part.training for part in model.modules()]
    with runtime.evaluating(model):
        assert not any(part.training for part in model.modules())
    assert [part.training for part in model.modules()] == before
    with pytest.raises(ZeroDivisionError), runtime.evaluating(model):
        raise ZeroDivisionError
    assert [part.training for part in model.modules()] == before
