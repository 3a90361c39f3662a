"""Disks that are full or cannot be written to, under the cache, the uploads and a training run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import skimage.data
import torch
from PIL import Image

from faults import page, training
from faults.findings import FaultRefused, Finding
from faults.killing import killed
from visml.settings import Refused
from visml.training import recipe as recipes
from visml.training.loop import train


def measure(folder: Path) -> list[Finding]:
    """A disk of one megabyte that is filled, then one that is read-only; both need the right to mount."""
    page.make_checkpoint(folder)
    found = []
    with _mounted(folder / "full", "size=1m") as small:
        (small / "filler").write_bytes(b"0" * 10**6)
        found += [_page(folder, small, "full"), _upload(folder, small, "full")]
    with _mounted(folder / "readonly", "size=4m") as place:
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        found += [_page(folder, place, "read-only"), _upload(folder, place, "read-only")]
    with _mounted(folder / "training", "size=16m") as place:
        found.append(_training(folder, place))
    return found


def _page(folder: Path, disk: Path, how: str) -> Finding:
    """Two photos are opened."""
    client = page.client(folder, disk / "cache")
    traces = [page.opened(client, photo) for photo in ("coffee", "chelsea")]
    opened = sum(trace is not None for trace in traces)
    return Finding(f"the cache on a {how} disk", f"{opened} of 2 photos open, uncached", opened == 2)


def _upload(folder: Path, disk: Path, how: str) -> Finding:
    picture = BytesIO()
    Image.fromarray(skimage.data.coffee()).save(picture, "PNG")
    response = page.client(folder, disk / "cache").post("/upload", data=picture.getvalue())
    sentence = (response.get_json() or {}).get("error", "")
    return Finding(f"an upload to a {how} disk", f"{response.status_code}: {sentence}", response.status_code == 422)


def _training(folder: Path, disk: Path) -> Finding:
    """A run is stopped by a full disk, gone on with once there is room, and ends like one that never stopped."""
    data, path = training._pictures(folder / "data"), folder / "recipe.toml"
    path.write_text(training.RECIPE)
    recipe, said = recipes.load(path), folder / "said.txt"

    def run(out: Path) -> None:
        torch.set_num_threads(1)
        try:
            train(recipe, data, out, resume=True, progress=False)
        except Refused as refusal:
            said.write_text(str(refusal))

    killed(lambda: run(folder / "unbroken"), float("inf"))
    filler = disk / "filler"
    filler.write_bytes(b"0" * 12_500_000)
    killed(lambda: run(disk / "run"), float("inf"))
    filler.unlink()
    killed(lambda: run(disk / "run"), float("inf"))
    same = training._digest(disk / "run") == training._digest(folder / "unbroken")
    told = said.read_text().replace(f"{disk}/", "") if said.exists() else "no sentence"
    seen = f"{told} Gone on with once there is room, it ends with {'the same' if same else 'OTHER'} weights"
    return Finding("training on a disk that fills up", seen, same)


@contextmanager
def _mounted(place: Path, options: str) -> Iterator[Path]:
    place.mkdir()
    made: Callable[..., subprocess.CompletedProcess[bytes]] = subprocess.run
    if os.geteuid() or made(["mount", "-t", "tmpfs", "-o", options, "none", str(place)]).returncode:
        raise FaultRefused("Disks of a given size can be mounted by root alone.")
    try:
        yield place
    finally:
        made(["umount", "-l", str(place)], check=True)
