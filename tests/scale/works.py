"""Work for the workers of a cluster: they import it from here."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from visml.scale.work import Tell, silent
from visml.settings import Refused


class TooLarge(Refused):
    """A number above what is allowed."""


@dataclass(frozen=True)
class Squares:
    """Squares of numbers, with the process that made them."""

    most: int = 10**9
    mark: Path | None = None
    meet: Path | None = None
    chunk: int = 3
    on_gpu: bool = False

    def do(self, items: Sequence[int], tell: Tell = silent) -> tuple[int, list[int]]:
        if max(items) > self.most:
            raise TooLarge(f"{max(items)} is too large.")
        if self.meet is not None:
            _wait_for_another(self.meet)
        if self.mark is not None and 7 in items:
            _die_once(self.mark)
        return os.getpid(), [item**2 for item in items]


def _wait_for_another(folder: Path) -> None:
    """Until a second process was here too."""
    (folder / str(os.getpid())).touch()
    deadline = time.monotonic() + 60
    while len(list(folder.iterdir())) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)


def _die_once(mark: Path) -> None:
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)
