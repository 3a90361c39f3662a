"""How sure and how right, and the forward pass run again, in every family."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.families import TINY
from visml.insight import trust
from visml.insight.forward import InsightRefused
from visml.inspector import Inspection, Inspector
from visml.models import registry


def in_family(name: str, photo: np.ndarray) -> Inspection:
    torch.manual_seed(1)
    return Inspector.wrap(registry.build(TINY[name].family, TINY[name].arguments).eval()).open(photo)


@pytest.mark.parametrize("family", TINY)
def test_every_family_does_the_same_again(family: str, astronaut: np.ndarray) -> None:
    opened = in_family(family, astronaut)
    found = opened.reproduced()
    assert found.same
    assert [each.name for each in found.layers] == [layer.name for layer in opened.layers]
    assert max(each.largest for each in (*found.layers, found.output)) == 0
    assert max(each.largest for each in found.resumed) <= 1e-4


def test_a_network_in_bfloat16_does_the_same_again(root: object, astronaut: np.ndarray) -> None:
    opened = Inspector("toy", checkpoints=root, precision="bfloat16", device="cpu").open(astronaut)  # type: ignore[arg-type]
    found = opened.reproduced()
    assert found.same
    assert max(each.largest for each in found.resumed) <= 0.25, "a resume may round once more"


def test_a_change_of_the_network_is_found(astronaut: np.ndarray) -> None:
    model = registry.build("zhang16", {"width": 1 / 16}).eval()
    opened = Inspector.wrap(model).open(astronaut)
    with torch.no_grad():
        model.get_submodule("bins").bias[7] += 0.5  # type: ignore[index, operator, union-attr]
    found = opened.reproduced()
    assert not found.same
    assert [each.same for each in found.layers] == [True] * 8 + [False]
    assert found.output.largest == pytest.approx(0.5, abs=1e-5)
    assert all(each.largest == pytest.approx(0.5, abs=1e-5) for each in found.resumed[:-1])
    assert found.resumed[-1].same, "the logits themselves were kept"


def test_a_bit_is_enough() -> None:
    kept = np.array([[1.0, 0.0]], dtype=np.float32)
    other = np.array([[np.nextafter(np.float32(1), np.float32(2)), 0.0]], dtype=np.float32)
    assert trust.difference("x", kept.copy(), kept) == trust.Difference("x", True, 0.0)
    found = trust.difference("x", other, kept)
    assert not found.same
    assert found.largest == pytest.approx(2.0**-23)


def test_confidence_and_right_are_what_a_loop_finds(opened: Inspection) -> None:
    confidence, right, logits = opened.confidence(), opened.right(), opened.logits
    assert right is not None
    assert logits is not None
    for row, column in [(0, 0), (13, 40), (55, 55)]:
        exponents = np.exp(logits[:, row, column].astype(np.float64))
        assert confidence[row, column] == pytest.approx(exponents.max() / exponents.sum(), rel=1e-5)
    centers = np.asarray(opened.centers, dtype=np.float64)
    for row in range(0, 56, 5):
        for column in range(56):
            color = opened.target_ab[:, 4 * row + 2, 4 * column + 2].astype(np.float64)
            true = int(((centers - color) ** 2).sum(axis=1).argmin())
            assert right[row, column] == (true == logits[:, row, column].argmax())


def test_without_bins_there_is_no_confidence(astronaut: np.ndarray) -> None:
    opened = in_family("zhang16-l2", astronaut)
    for ask in (opened.confidence, opened.right, opened.samples):
        with pytest.raises(InsightRefused, match="no distribution"):
            ask()
    assert opened.spill().spilled.shape == (224, 224)


def test_a_gray_photo_has_nothing_to_be_right_about(inspector: Inspector, astronaut: np.ndarray) -> None:
    gray = inspector.open(astronaut[:, :, 0])
    assert gray.right() is None
    assert gray.target_spill() is None


def test_without_its_network_a_photo_cannot_be_run_again(opened: Inspection) -> None:
    with pytest.raises(InsightRefused, match="open the photo again"):
        replace(opened, source=None).reproduced()
