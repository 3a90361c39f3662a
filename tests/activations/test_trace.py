"""Traces of toy networks, in memory and found again in the store."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from visml.activations import trace as traces
from visml.activations.facts import Facts
from visml.activations.store import ArrayStore
from visml.activations.trace import CENTERS, FACTS, StoredArrays, Trace, TraceExpired, TraceRefused
from visml.activations.values import Ledger
from visml.models.base import Layer

LAYERS = (
    Layer("conv1", "0.1", 3, stride=1, receptive_field=3, rectified=True, convolution="0.0"),
    Layer("bins", "1", 5, stride=2, receptive_field=3, rectified=False, convolution="1"),
)


def net() -> nn.Sequential:
    torch.manual_seed(3)
    first = nn.Sequential(nn.Conv2d(1, 3, 3, padding=1), nn.ReLU())
    return nn.Sequential(first, nn.Conv2d(3, 5, 1, stride=2)).eval()


def facts(output: str) -> Facts:
    return Facts("toy", "toy", "ab" * 32, "float32", 8, True, "cd" * 32, "bins", output, LAYERS)


def lightness() -> Tensor:
    return torch.rand(1, 1, 8, 8, generator=torch.Generator().manual_seed(0)) * 100


@pytest.fixture
def trace() -> Trace:
    arrays, output = traces.run(net(), lightness(), LAYERS)
    return Trace("0" * 32, facts(output), {**arrays, CENTERS: np.zeros((5, 2), np.float32)})


@pytest.fixture
def store(tmp_path: Path, trace: Trace) -> ArrayStore:
    store = ArrayStore(tmp_path, 10**6)
    store.put(trace.handle, {**trace.arrays, FACTS: trace.facts.to_bytes()})
    return store


def test_maps_and_output_are_the_networks(trace: Trace) -> None:
    model = net()
    hidden = model[0](lightness())
    np.testing.assert_array_equal(trace["conv1"].maps, hidden[0].detach().numpy())
    np.testing.assert_array_equal(trace.output, model[1](hidden)[0].detach().numpy())


def test_an_output_that_is_the_last_layer_is_kept_once(trace: Trace) -> None:
    assert trace.facts.output_array == trace.array_name("bins")
    assert trace.names() == ("maps-000", "maps-001", CENTERS)


def test_another_output_is_kept_beside_the_layers() -> None:
    arrays, output = traces.run(net(), lightness(), LAYERS[:1])
    assert sorted(arrays) == ["maps-000", "output"]
    assert output == "output"


def test_statistics_are_of_the_layers_own_maps(trace: Trace) -> None:
    maps = trace["conv1"].maps.astype(np.float64)
    layer = trace["conv1"]
    np.testing.assert_allclose(layer.mean, maps.mean((1, 2)), rtol=1e-5)
    np.testing.assert_allclose(layer.std, maps.std((1, 2)), rtol=1e-5)
    np.testing.assert_array_equal(layer.max, maps.max((1, 2)))
    np.testing.assert_array_equal(layer.min, maps.min((1, 2)))
    np.testing.assert_allclose(layer.active_share, (maps > 0).mean((1, 2)))
    np.testing.assert_array_equal(layer.silent, maps.max((1, 2)) == 0)
    assert layer.histogram.counts.sum() == maps.size
    assert trace["bins"].active_share is None


def test_arrays_are_read_only(trace: Trace) -> None:
    with pytest.raises(ValueError, match="read-only"):
        trace["conv1"].maps[0] = 0


def test_an_unknown_layer_is_named(trace: Trace) -> None:
    with pytest.raises(KeyError, match="There is no layer 'conv9'; there are conv1, bins"):
        trace["conv9"]


def test_a_layer_that_did_not_run_is_refused() -> None:
    model = net()
    model[0].add_module("unused", nn.Identity())
    model[0].forward = lambda x: model[0][1](model[0][0](x))  # type: ignore[method-assign]
    unused = Layer("unused", "0.unused", 3, stride=1, receptive_field=3, rectified=False)
    with pytest.raises(TraceRefused, match="'unused' did not run"):
        traces.run(model, lightness(), (unused,))


def test_reopened_it_is_the_same_to_the_bit(trace: Trace, store: ArrayStore) -> None:
    found = traces.reopen(store, trace.handle)
    assert found is not None
    assert found.facts == trace.facts
    for name in ("conv1", "bins"):
        np.testing.assert_array_equal(found[name].maps, trace[name].maps)
        assert found[name].summary.to_json() == trace[name].summary.to_json()
    np.testing.assert_array_equal(found.output, trace.output)
    assert found.centers is not None


def test_reopened_maps_are_mapped_not_read(trace: Trace, store: ArrayStore) -> None:
    found = traces.reopen(store, trace.handle)
    assert found is not None
    assert not found["conv1"].maps.flags.owndata
    assert not found["conv1"].maps.flags.writeable


def test_statistics_come_from_the_ledger_when_it_has_them(trace: Trace, store: ArrayStore) -> None:
    ledger = Ledger()
    first = traces.reopen(store, trace.handle, ledger)
    assert first is not None
    expected = first["conv1"].summary.to_json()
    (store._root / "entries" / trace.handle / "maps-000.npy").unlink()
    again = traces.reopen(store, trace.handle, ledger)
    assert again is not None
    assert again["conv1"].summary.to_json() == expected


def test_what_goes_missing_later_is_told(trace: Trace, store: ArrayStore) -> None:
    found = traces.reopen(store, trace.handle)
    assert found is not None
    (store._root / "entries" / trace.handle / "maps-000.npy").unlink()
    with pytest.raises(TraceExpired, match="open the photo again"):
        found["conv1"].maps  # noqa: B018


@pytest.mark.parametrize("handle", ["1" * 32, "nonsense", "../" * 10])
def test_an_unknown_handle_is_none(store: ArrayStore, handle: str) -> None:
    assert traces.reopen(store, handle) is None


@pytest.mark.parametrize("foreign", [b"", b"[]", b"{}", b'{"schema": 1}', b'{"schema": 2, "layers": 3}', b"\xff"])
def test_facts_of_another_form_are_a_miss(trace: Trace, store: ArrayStore, foreign: bytes) -> None:
    store.put(trace.handle, {FACTS: np.frombuffer(foreign, dtype=np.uint8)})
    assert traces.reopen(store, trace.handle) is None


def test_an_array_is_looked_up_once(trace: Trace, store: ArrayStore) -> None:
    arrays = StoredArrays(store, trace.handle)
    assert arrays["maps-000"] is arrays["maps-000"]
    assert list(arrays) == ["maps-000"]
    assert len(arrays) == 1


def test_a_read_only_array_is_shared_without_a_warning(trace: Trace) -> None:
    maps = trace["conv1"].maps
    assert traces.shared(maps).data_ptr() == maps.ctypes.data
