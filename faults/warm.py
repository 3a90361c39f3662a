"""pytest in a process of its own that need not import PyTorch and Dash first, which takes longer than most tests."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

SLOW = ["captum", "dash", "dash_mantine_components", "flask_caching", "flask_compress", "kornia", "numpy", "PIL"]
SLOW += ["plotly.graph_objects", "safetensors.torch", "scipy.stats", "skimage", "torch", "typer"]


def pytest(tree: Path, arguments: list[str], longest_s: float) -> tuple[int | None, str]:
    """Runs pytest in a folder whose packages come before all others.

    Returns:
        Its exit status, None where it was killed for taking too long, and what it printed.
    """
    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload(SLOW)
    said = tree / "said.txt"
    process = forks.Process(target=_run, args=(tree, arguments, said))
    process.start()
    process.join(longest_s)
    with suppress(ProcessLookupError):  # itself, and what its tests have left running
        os.killpg(process.pid or 0, signal.SIGKILL)
    killed = process.is_alive()
    process.join()
    return (None if killed else process.exitcode), said.read_text(errors="replace")


def _run(tree: Path, arguments: list[str], said: Path) -> None:
    os.setsid()
    multiprocessing.set_start_method(None, force=True)  # this process was started in a way that is not the usual one
    os.chdir(tree)
    sys.path[0:0] = [str(tree)]
    sys.dont_write_bytecode = True
    os.environ |= {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    with said.open("w") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    import pytest

    import visml

    if not Path(visml.__file__).is_relative_to(tree):
        sys.exit(f"Not the copy is imported but '{visml.__file__}'.")
    quiet = ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # Dash brings a plugin, and is imported already
    sys.exit(int(pytest.main(["-p", "no:cacheprovider", "--tb=no", *quiet, *arguments])))
