"""Training killed at random moments, and gone on with to the very weights of an unbroken run."""

from __future__ import annotations

import hashlib
from pathlib import Path

import skimage.data
import torch
from PIL import Image

from faults.findings import Finding
from faults.killing import killed, moments, seconds
from visml import checkpoints
from visml.training import recipe as recipes
from visml.training.loop import train

KILLS = 50
RECIPE = """
family = "zhang16"
epochs = 3
batch = 4
seed = 1
precision = "32-true"
save_steps = 2
[arguments]
width = 0.0625
[data]
crop = 32
crop_from = [32, 64]
mirror = true
validation = 0.2
[objective]
name = "cross_entropy"
uniform = 0.5
[optimizer]
lr = 1e-3
betas = [0.9, 0.99]
weight_decay = 1e-2
clip = 1.0
warmup = 2
averaging = 0.9
"""


def measure(folder: Path) -> list[Finding]:
    """Kill one run after another until there were fifty kills; each is gone on with until it ends."""
    torch.set_num_threads(1)
    data, path = _pictures(folder / "data"), folder / "recipe.toml"
    path.write_text(RECIPE)
    recipe = recipes.load(path)

    def run(out: Path) -> None:
        torch.set_num_threads(1)
        train(recipe, data, out, resume=True, progress=False)

    longest = seconds(lambda: run(folder / "unbroken"))
    expected, digests, kills = _digest(folder / "unbroken"), list[str](), 0
    pauses = iter(moments(10 * KILLS, longest))
    while kills < KILLS:
        out = folder / f"broken-{len(digests)}"
        while killed(lambda out=out: run(out), next(pauses)):
            kills += 1
            _refuse_broken(out)
        digests.append(_digest(out))
    same = sum(digest == expected for digest in digests)
    seen = f"{same} of {len(digests)} runs end with the unbroken run's weights, by SHA-256; no checkpoint was broken"
    return [
        Finding(f"{kills} kills -9 in training, at random moments of a {longest:.0f} s run", seen, same == len(digests))
    ]


def _refuse_broken(out: Path) -> None:
    """A folder that says it is a checkpoint opens, whenever its writer was killed."""
    if (out / checkpoints.DESCRIPTION).exists():
        checkpoints.load(out)


def _pictures(folder: Path) -> Path:
    whole = skimage.data.astronaut()
    for index in range(30):
        place = folder / ("a" if index % 2 else "b") / f"{index}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        top, left = 14 * index, (37 * index) % 400
        Image.fromarray(whole[top : top + 96, left : left + 96]).save(place)
    return folder


def _digest(out: Path) -> str:
    return hashlib.sha256((out / checkpoints.WEIGHTS).read_bytes()).hexdigest()
