"""The facade: opened twice it is the same to the bit, reopened it needs no model, whatever happens to the cache."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from visml import checkpoints
from visml.activations.store import ArrayStore, DictValues, is_handle
from visml.activations.trace import TraceExpired
from visml.checkpoints import CheckpointRefused
from visml.images.decode import Limits, Photo, PhotoRefused, open_photo
from visml.inspector import Inspection, Inspector
from visml.inspector.wrapping import ModuleRefused

CAP = 10**8


def inspector(root: Path, store: ArrayStore | None = None, precision: str = "float32") -> Inspector:
    return Inspector("toy", checkpoints=root, store=store, precision=precision, device="cpu")


def contents(opened: Inspection) -> dict[str, object]:
    """Everything that can be asked, as bytes and numbers."""
    arrays = {layer.name: opened[layer.name].maps for layer in opened.layers}
    arrays |= {"ab": opened.ab(), "colorized": opened.colorized(), "entropy": opened.entropy()}
    arrays |= {"distribution": opened.distribution(), "squashed": opened.squashed, "lightness": opened.lightness}
    arrays |= {"target": opened.target_ab, "bins": opened.ab_histogram(), "painted": opened.painted()}
    told = {layer.name: opened[layer.name].summary.to_json() for layer in opened.layers}
    return {
        **{name: (array.dtype, array.shape, array.tobytes()) for name, array in arrays.items()},
        "told": told,
        "scores": (opened.scores(), opened.gray_scores(), opened.lightness_histogram().tolist()),
    }


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("threads", [1, 2])
def test_opened_twice_with_fresh_stores_it_is_the_same_to_the_bit(
    root: Path, tmp_path: Path, astronaut: np.ndarray, precision: str, threads: int
) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        stores = [ArrayStore(tmp_path / name, CAP) for name in "ab"]
        first, second = (contents(inspector(root, store, precision).open(astronaut)) for store in stores)
    finally:
        torch.set_num_threads(before)
    assert first == second


def test_opened_among_other_photos_it_is_the_same(root: Path, astronaut: np.ndarray) -> None:
    shared = inspector(root)
    shared.open(astronaut[::-1])
    assert contents(shared.open(astronaut)) == contents(inspector(root).open(astronaut))


def test_a_model_left_in_train_mode_is_looked_at_in_eval_mode(root: Path, astronaut: np.ndarray) -> None:
    shared = inspector(root)
    expected = contents(shared.open(astronaut))
    shared.subject.module.train()
    assert contents(shared.open(astronaut)) == expected


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_reopened_by_its_handle_it_is_the_same_to_the_bit_without_a_model(
    root: Path, store: ArrayStore, astronaut: np.ndarray, precision: str
) -> None:
    opened = inspector(root, store, precision).open(astronaut)
    found = Inspection.reopen(ArrayStore(store._root, CAP), opened.handle)
    assert found is not None
    assert contents(found) == contents(opened)
    assert found.photo.sha256 == opened.photo.sha256
    assert found.layers == opened.layers
    for array in (found["conv4"].maps, found.logits, found.squashed, found.photo.rgb):
        assert array is not None
        assert not array.flags.owndata
        assert not array.flags.writeable


def test_reopened_in_another_process_it_is_the_same(root: Path, store: ArrayStore, astronaut: np.ndarray) -> None:
    opened = inspector(root, store).open(astronaut)
    script = """
import sys
from pathlib import Path
from visml.activations.store import ArrayStore
from visml.inspector import Inspection
found = Inspection.reopen(ArrayStore(Path(sys.argv[1]), 10**8), sys.argv[2])
print(found["conv4"].maps.sum(dtype="float64"), found["conv4"].mean.tolist())
"""
    command = [sys.executable, "-c", script, str(store._root), opened.handle]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"{opened['conv4'].maps.sum(dtype='float64')} {opened['conv4'].mean.tolist()}\n"


def test_opened_again_nothing_is_computed(
    root: Path, store: ArrayStore, astronaut: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = contents(inspector(root, store).open(astronaut))
    again = inspector(root, store)
    monkeypatch.setattr(checkpoints, "load", lambda folder: pytest.fail("the model was loaded"))
    opened = again.open(astronaut)
    assert contents(opened) == expected
    assert opened.handle == again.open(astronaut).handle
    assert is_handle(opened.handle)


def test_handles_tell_photos_models_and_precisions_apart(root: Path, store: ArrayStore, astronaut: np.ndarray) -> None:
    one = inspector(root, store)
    assert one.open(astronaut).handle != one.open(astronaut[:-1]).handle
    assert one.open(astronaut).handle != inspector(root, store, "bfloat16").open(astronaut).handle


def test_a_name_is_not_kept(root: Path, store: ArrayStore, astronaut: np.ndarray) -> None:
    photo = open_photo(astronaut)
    first = inspector(root, store).open(Photo(photo.rgb, photo.has_color, photo.sha256, "my secret holiday"))
    assert first.photo.name == "my secret holiday"
    other = inspector(root, store).open(photo)
    reopened = Inspection.reopen(store, first.handle)
    assert reopened is not None
    assert (other.photo.name, reopened.photo.name) == ("", "")


@pytest.mark.parametrize("name", ["trace", "photo", "squashed", "lab", "maps-000", "maps-008", "centers"])
@pytest.mark.parametrize("fault", ["gone", "cut", "changed"])
def test_any_fault_in_the_cache_is_a_miss(
    root: Path, store: ArrayStore, astronaut: np.ndarray, name: str, fault: str
) -> None:
    opened = inspector(root, store).open(astronaut)
    expected = opened.colorized().tobytes(), opened["conv1"].maps.tobytes()
    path = store._root / "entries" / opened.handle / f"{name}.npy"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 64
    path.unlink() if fault == "gone" else path.write_bytes(bytes(content) if fault == "changed" else content[:-9])
    again = inspector(root, store).open(astronaut)
    assert (again.colorized().tobytes(), again["conv1"].maps.tobytes()) == expected
    assert Inspection.reopen(store, opened.handle) is not None
    assert store.get(opened.handle, name) is not None


def test_a_damaged_distribution_is_computed_anew(root: Path, store: ArrayStore, astronaut: np.ndarray) -> None:
    opened = inspector(root, store).open(astronaut)
    expected = opened.distribution().tobytes()
    path = store._root / "entries" / opened.handle / "distribution.npy"
    path.write_bytes(b"nonsense")
    assert opened.distribution().tobytes() == expected
    assert store.get(opened.handle, "distribution") is not None


def test_losing_all_of_it_costs_time_only(root: Path, store: ArrayStore, astronaut: np.ndarray) -> None:
    one = inspector(root, store)
    opened = one.open(astronaut)
    expected = contents(opened)
    shutil.rmtree(store._root)
    assert contents(opened) == expected
    assert contents(one.open(astronaut)) == expected
    assert one.reopen(opened.handle) is None


def test_what_goes_missing_under_a_reopened_one_is_told(root: Path, store: ArrayStore, astronaut: np.ndarray) -> None:
    one = inspector(root, store)
    found = one.reopen(one.open(astronaut).handle)
    assert found is not None
    shutil.rmtree(store._root / "entries")
    with pytest.raises(TraceExpired, match="open the photo again"):
        found["conv1"].maps  # noqa: B018


@pytest.mark.parametrize("handle", ["", "f" * 32, "../../../etc/passwd", "F" * 32])
def test_an_unknown_handle_is_none(root: Path, store: ArrayStore, handle: str) -> None:
    assert inspector(root, store).reopen(handle) is None
    assert inspector(root).reopen(handle) is None


def test_without_a_store_handles_are_ones_own(root: Path, astronaut: np.ndarray) -> None:
    one = inspector(root)
    assert one.open(astronaut).handle != one.open(astronaut).handle


def test_threads_that_open_the_same_photo_share_one_pass(root: Path, store: ArrayStore, astronaut: np.ndarray) -> None:
    one, runs, handles = inspector(root, store), [], set()
    one.subject.module.register_forward_hook(lambda *_: runs.append(1))
    threads = [threading.Thread(target=lambda: handles.add(one.open(astronaut).handle)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(runs) == 1
    assert len(handles) == 1


def test_nothing_stays_on_the_model_even_when_it_fails(root: Path, astronaut: np.ndarray) -> None:
    one = inspector(root)

    def fail(*_: object) -> None:
        raise RuntimeError("out of memory")

    hook = one.subject.module.bins.register_forward_hook(fail)  # type: ignore[operator, union-attr]
    with pytest.raises(RuntimeError, match="out of memory"):
        one.open(astronaut)
    hook.remove()
    assert not any(part._forward_hooks for part in one.subject.module.modules())
    assert one.open(astronaut).logits is not None


def test_colorize_keeps_size_and_records_nothing(root: Path, store: ArrayStore, astronaut: np.ndarray) -> None:
    before = store.used()
    assert inspector(root, store).colorize(astronaut, temperature=0.5).shape == astronaut.shape
    assert store.used() == before


@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (2000, 30)])
def test_photos_of_any_shape(root: Path, shape: tuple[int, int]) -> None:
    photo = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    assert inspector(root).colorize(photo).shape == photo.shape
    assert inspector(root).open(photo).colorized().shape == photo.shape


def test_a_folder_opens_as_a_name_does(root: Path, astronaut: np.ndarray) -> None:
    by_path = Inspector(root / "toy", precision="float32", device="cpu")
    assert by_path.open(astronaut)["conv3"].maps.tobytes() == inspector(root).open(astronaut)["conv3"].maps.tobytes()
    assert Inspector(str(root / "toy"), device="cpu").layers == by_path.layers


@pytest.mark.parametrize("name", ["nothing-here", "../toy", "/nowhere/toy"])
def test_an_unknown_model_is_refused_at_once(root: Path, name: str) -> None:
    with pytest.raises(CheckpointRefused, match="There is no checkpoint"):
        Inspector(name, checkpoints=root)


def test_what_is_no_photo_is_refused(root: Path, tmp_path: Path) -> None:
    one = Inspector("toy", checkpoints=root, limits=Limits(max_megapixels=1))
    (tmp_path / "x.jpg").write_text("<html>")
    for source in (b"nonsense", tmp_path / "x.jpg", tmp_path / "missing.jpg", np.zeros((2000, 2000), np.uint8)):
        with pytest.raises(PhotoRefused):
            one.open(source)
        with pytest.raises(PhotoRefused):
            one.colorize(source)


def test_kernels_are_the_convolutions_own(root: Path) -> None:
    one = inspector(root)
    model = one.subject.module
    expected = model.trunk.conv3[4].weight  # type: ignore[union-attr, index]
    np.testing.assert_array_equal(one.kernels("conv3"), expected.detach().numpy())
    first = one.subject.first_kernels()
    assert first is not None
    assert first.shape == (4, 1, 3, 3)
    with pytest.raises(KeyError, match="no layer 'conv9'"):
        one.kernels("conv9")


def net(out: int) -> nn.Sequential:
    torch.manual_seed(2)
    return nn.Sequential(
        nn.Conv2d(1, 6, 4, 4), nn.ReLU(inplace=True), nn.BatchNorm2d(6), nn.Dropout(0.9), nn.Conv2d(6, out, 1)
    )


def test_any_module_with_two_channels_is_a_model_of_ab(astronaut: np.ndarray) -> None:
    module = net(2)
    opened = Inspector.wrap(module).open(astronaut)
    with torch.inference_mode():
        expected = module.eval()(torch.from_numpy(opened.lightness.copy()))
    assert [layer.name for layer in opened.layers] == ["0", "1", "4"]
    assert opened["0"].maps.min() < 0
    np.testing.assert_array_equal(opened["1"].maps, opened["0"].maps.clip(0))
    np.testing.assert_array_equal(opened.ab(), expected[0].numpy())
    assert opened.logits is None
    assert opened.centers is None
    assert opened.ab_histogram().sum() == 224 * 224
    assert opened.scores() is not None
    with pytest.raises(ValueError, match="no distribution over bins"):
        opened.distribution()


def test_any_module_with_313_channels_is_a_model_of_bins(astronaut: np.ndarray, store: ArrayStore) -> None:
    one = Inspector.wrap(net(313), store=store, values=DictValues())
    opened = one.open(astronaut)
    assert opened.distribution().shape == (313, 56, 56)
    found = one.reopen(opened.handle)
    assert found is not None
    assert found.colorized().tobytes() == opened.colorized().tobytes() == one.colorize(astronaut).tobytes()


def test_a_wrapped_module_that_learned_is_computed_anew(astronaut: np.ndarray, store: ArrayStore) -> None:
    module = net(2)
    one = Inspector.wrap(module, store=store)
    before = one.open(astronaut)
    with torch.no_grad():
        module[4].bias.add_(5)  # type: ignore[union-attr, operator]
    after = one.open(astronaut)
    assert before.handle != after.handle
    np.testing.assert_allclose(after.ab(), before.ab() + 5, atol=1e-4)


def test_a_wrapped_module_keeps_its_mode_and_weights(astronaut: np.ndarray) -> None:
    module = net(2).train()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    one = Inspector.wrap(module)
    one.open(astronaut)
    one.colorize(astronaut)
    assert all(part.training for part in module.modules())
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in module.modules())


def test_what_is_no_network_from_lightness_to_color_is_refused() -> None:
    class Rgb(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.expand(1, 3, 224, 224)

    with pytest.raises(ModuleRefused, match="gives 3 channels"):
        Inspector.wrap(Rgb())


def test_torch_waits_until_the_inspector_is_asked_for() -> None:
    script = "import sys, visml; assert 'torch' not in sys.modules; print(visml.__version__, visml.Inspector.__name__)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split()[1] == "Inspector"


def test_the_package_knows_no_other_names() -> None:
    import visml

    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        visml.nothing  # noqa: B018
