from __future__ import annotations

import subprocess
import sys

import pytest

import visml as package
from tests.commands import Command

COMMANDS = ["serve", "models", "colorize", "trace", "train", "evaluate", "prior", "import-weights", "lens", "patches"]
SLOW = {"torch", "kornia", "dash", "skimage", "lightning_fabric", "ray"}


@pytest.mark.parametrize("arguments", [["--help"], ["colorize", "--help"], ["train", "-h"], ["--version"], []])
def test_help_does_not_wait_for_the_slow_packages(arguments: list[str]) -> None:
    code = f"import sys; from visml.cli import run; run({arguments}); print('|', *sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    told, _, modules = done.stdout.rpartition("|")
    assert told.strip()
    assert SLOW.isdisjoint(modules.split())
    assert "typer" in modules.split()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(visml: Command, command: str) -> None:
    outcome = visml(command, "--help")
    assert outcome.code == 0
    assert f"Usage: visml {command}" in outcome.text


def test_help_lists_every_command(visml: Command) -> None:
    told = visml("--help").text
    assert all(f" {command} " in told for command in COMMANDS)


def test_version(visml: Command) -> None:
    assert visml("--version").text.strip() == package.__version__


def test_run_as_a_module() -> None:
    done = subprocess.run([sys.executable, "-m", "visml", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == package.__version__
