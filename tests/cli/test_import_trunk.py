"""``visml import-weights --trunk``: a backbone's weights into a checkpoint, and from there into a recipe."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.commands import Command
from tests.models.test_backbone import published
from tests.tables import problems
from tests.training import pictures
from visml import checkpoints
from visml.inspector import Inspector

RECIPE = """
family = "{family}"
epochs = 1
batch = 8
start = "imagenet"

[arguments]
width = 0.0625
{arguments}

[data]
crop = 32
crop_from = [32, 48]
validation = 0.3

[objective]
name = "{objective}"

[optimizer]
lr = 1e-9
weight_decay = 0.0
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    torch.save(published("vgg16"), tmp_path / "vgg16.pth")
    return tmp_path / "vgg16.pth"


def test_it_makes_a_checkpoint_that_opens_and_paints_gray(
    visml: Command, file: Path, photo: Path, tmp_path: Path
) -> None:
    arguments = ["--trunk", "vgg16", "--name", "imagenet", "--checkpoints", tmp_path]
    outcome = visml("import-weights", file, *arguments)
    assert outcome.code == 0, outcome.err
    assert 'start = "imagenet"' in outcome.text
    description = checkpoints.describe(tmp_path / "imagenet").description
    assert (description["family"], description["source"]) == ("hypercolumn", "vgg16.pth")
    assert description["arguments"] == {"trunk": "vgg16", "maps": "blocks", "width": 1 / 16}
    assert "untrained" in description["note"]
    assert problems(description, "model.json") == []
    inspection = Inspector("imagenet", checkpoints=tmp_path).open(photo)
    assert not inspection.ab(1.0).any()
    assert inspection["relu5_3"].maps.any()
    assert np.ptp(inspection.colorized(1.0), axis=2).max() <= 1


def test_its_report_is_as_documented(visml: Command, file: Path, tmp_path: Path) -> None:
    arguments = ["--trunk", "vgg16", "--maps", "pools", "--name", "p", "--checkpoints", tmp_path, "--json"]
    report = json.loads(visml("import-weights", file, *arguments).text)
    assert problems(report, "visml import-weights") == []
    assert (report["trunk"], report["maps"]) == ("vgg16", "pools")
    assert report["sha256"] == checkpoints.describe(tmp_path / "p").model_sha256


@pytest.mark.parametrize(("family", "arguments", "objective"), [
    ("hypercolumn", 'trunk = "vgg16"\nmaps = "all"', "l2"), ("residual_encoder", "", "blurred_l2"),
])  # fmt: skip
def test_a_recipe_starts_from_it(
    visml: Command, file: Path, tmp_path: Path, family: str, arguments: str, objective: str
) -> None:
    visml("import-weights", file, "--trunk", "vgg16", "--name", "imagenet", "--checkpoints", tmp_path)
    recipe = tmp_path / "tuned.toml"
    recipe.write_text(RECIPE.format(family=family, arguments=arguments, objective=objective))
    data = pictures.write(tmp_path / "data", per_category=8)
    outcome = visml("train", recipe, "--data", data, "--checkpoints", tmp_path)
    assert outcome.code == 0, outcome.err
    imported, tuned = (checkpoints.load(tmp_path / name).state_dict() for name in ("imagenet", "tuned"))
    taken = [name for name in tuned if name.startswith("trunk.")]
    assert len(taken) >= 20
    for name in taken:  # kept as float16, moved by next to nothing
        torch.testing.assert_close(tuned[name], imported[name], atol=1e-6, rtol=1e-3)


@pytest.mark.parametrize(("arguments", "said"), [
    (["--trunk", "vgg16", "--family", "zhang16"], "not both"),
    ([], "--family zhang16, or --trunk"),
    (["--trunk", "vgg19"], "not the weights of vgg19"),
    (["--trunk", "alexnet"], "'alexnet'; there are vgg16, vgg16_bn, vgg19"),
    (["--trunk", "vgg16", "--maps", "everything"], "no maps 'everything'"),
    (["--trunk", "vgg16", "--folded-temperature", "0.4"], "no temperature"),
    (["--family", "zhang16", "--maps", "blocks"], "--maps goes with --trunk"),
    (["--trunk", "vgg16", "--name", "tiny"], "--force"),
    (["--trunk", "vgg16", "--name", "../up"], "cannot be a checkpoint's name"),
])  # fmt: skip
def test_what_does_not_fit_is_one_sentence(visml: Command, file: Path, arguments: list[str], said: str) -> None:
    name = [] if "--name" in arguments else ["--name", "x"]
    outcome = visml("import-weights", file, *arguments, *name)
    assert (outcome.code, outcome.out) == (2, b"")
    assert outcome.err.count("\n") == 1
    assert said in outcome.err
