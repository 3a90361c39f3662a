"""Work in a process of its own that is killed at a random moment."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable


def killed(work: Callable[[], object], after_s: float) -> bool:
    """Do the work in a forked process and kill -9 it after so many seconds; whether it was still at work then.

    The fork shares what is imported already, so that no time goes by before the work begins.
    """
    child = os.fork()
    if child == 0:
        _work(work)
    deadline = time.monotonic() + after_s
    while time.monotonic() < deadline:
        if os.waitpid(child, os.WNOHANG) != (0, 0):
            return False
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def seconds(work: Callable[[], object]) -> float:
    """How long the work takes in a forked process that nobody kills."""
    start = time.monotonic()
    killed(work, float("inf"))
    return time.monotonic() - start


def moments(count: int, longest_s: float, seed: int = 0) -> list[float]:
    """Random moments from 0 to so many seconds, the same each time."""
    dice = random.Random(seed)
    return [dice.uniform(0, longest_s) for _ in range(count)]


def _work(work: Callable[[], object]) -> None:
    try:
        work()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)
