"""Writers killed in the middle of checkpoints and of the cache."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import numpy as np
import torch

from faults.findings import Finding
from faults.killing import killed, moments
from visml import checkpoints
from visml.activations.store import ArrayStore
from visml.models import registry

KILLS = 50
ARGUMENTS = {"width": 0.125}
LONGEST_S = 0.6


def checkpoint(folder: Path) -> list[Finding]:
    """A writer that replaces one checkpoint again and again."""
    torch.set_num_threads(1)
    out, whole = folder / "net", 0
    checkpoints.save(out, _network(0), ARGUMENTS)
    for after in moments(KILLS, LONGEST_S):
        killed(lambda: [checkpoints.save(out, _network(seed), ARGUMENTS) for seed in count()], after)
        whole += _opens(out)
    checkpoints.save(out, _network(0), ARGUMENTS)
    left = sorted(each.name for each in folder.iterdir() if each != out)
    seen = f"the folder opened whole {whole} times of {KILLS}; {len(left)} leftovers after the next save"
    return [Finding(f"{KILLS} kills -9 while a checkpoint is replaced", seen, whole == KILLS and not left)]


def cache(folder: Path) -> list[Finding]:
    """A writer that keeps one photo's arrays after another."""
    torn = hits = 0
    for after in moments(KILLS, LONGEST_S):
        killed(lambda: _keep(folder), after)
        found, wrong = _read(folder)
        hits, torn = hits + found, torn + wrong
    ArrayStore(folder, 10**8)
    left = len(list((folder / "writing").glob("*")))
    seen = f"{hits} arrays read back right, {torn} wrong; {left} leftovers after the next start"
    return [Finding(f"{KILLS} kills -9 while the cache is written", seen, not torn and not left and hits > 0)]


def _network(seed: int) -> torch.nn.Module:
    torch.manual_seed(seed)
    return registry.build("zhang16", ARGUMENTS)


def _opens(folder: Path) -> bool:
    try:
        checkpoints.load(folder)
    except checkpoints.CheckpointRefused as refusal:
        print(refusal)
        return False
    return True


def _keep(folder: Path) -> None:
    store = ArrayStore(folder, 10**8)
    for photo in count():
        arrays = {name: np.full(50_000, photo % 20, np.float32) for name in "abcd"}
        store.put(store.handle(str(photo % 20)), arrays)


def _read(folder: Path) -> tuple[int, int]:
    store, found, wrong = ArrayStore(folder, 10**8), 0, 0
    for photo in range(20):
        for name in "abcd":
            array = store.get(store.handle(str(photo)), name)
            if array is not None:
                right = array.shape == (50_000,) and bool((array == photo).all())
                found, wrong = found + right, wrong + (not right)
    return found, wrong
