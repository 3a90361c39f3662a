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
from flask.testing import FlaskClient
from PIL import Image

from faults import training
from faults.findings import FaultRefused, Finding
from faults.killing import killed
from visml import checkpoints
from visml.dashboard.app import create_app
from visml.models import registry
from visml.settings import Refused, Settings
from visml.training import recipe as recipes
from visml.training.loop import train

ARGUMENTS = {"width": 0.0625}


def measure(folder: Path) -> list[Finding]:
    """A disk of one megabyte that is filled, then one that is read-only; both need the right to mount."""
    torch.manual_seed(0)
    checkpoints.save(folder / "checkpoints" / "zhang16", registry.build("zhang16", ARGUMENTS), ARGUMENTS)
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
    """Two photos are opened and a layer is fetched at once, while their trace is at hand."""
    client = _client(folder, disk)
    traces = [_opened(client, photo) for photo in ("coffee", "chelsea")]
    opened = sum(trace is not None for trace in traces)
    return Finding(f"the cache on a {how} disk", f"{opened} of 2 photos open, uncached", opened == 2)


def _upload(folder: Path, disk: Path, how: str) -> Finding:
    picture = BytesIO()
    Image.fromarray(skimage.data.coffee()).save(picture, "PNG")
    response = _client(folder, disk).post("/upload", data=picture.getvalue())
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
    told = said.read_text() if said.exists() else "no sentence"
    return Finding("training on a disk that fills up", f"'{told}' Gone on with: the same weights, {same}", same)


def _client(folder: Path, cache: Path) -> FlaskClient:
    settings = Settings(
        checkpoints=folder / "checkpoints", cache_dir=cache / "cache", device="cpu", precision="float32"
    )
    return create_app(settings).server.test_client()


def _opened(client: FlaskClient, photo: str) -> str | None:
    asked = {"model": "zhang16", "photo": photo, "question": 1}
    body = {
        "output": "trace.data",
        "outputs": {"id": "trace", "property": "data"},
        "inputs": [{"id": "asked", "property": "data", "value": asked}],
        "changedPropIds": ["asked.data"],
    }
    answer = client.post("/_dash-update-component", json=body).get_json() or {}
    trace: str | None = answer.get("response", {}).get("trace", {}).get("data", {}).get("trace")
    return trace


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
