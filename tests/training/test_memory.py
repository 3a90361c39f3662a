"""Memory between steps, in processes of their own: the setting is the process's for good."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from visml.training import memory

FAULTS = """
import resource, sys, torch
from visml.training.memory import keep_freed
if "keep" in sys.argv: assert keep_freed()
layers = torch.nn.Sequential(*(torch.nn.Conv2d(16, 16, 3, padding=1) for _ in range(4)))
picture = torch.ones(8, 16, 256, 256)
def steps(count):
    for _ in range(count): layers(picture).relu().mean().backward()
steps(4)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
steps(8)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""

glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")


def faults(*told: str) -> int:
    """Pages fetched from the system in eight steps of a small network, whose maps are 32 MB a layer."""
    ran = subprocess.run([sys.executable, "-c", FAULTS, *told], capture_output=True, text=True, check=True)
    return int(ran.stdout)


@glibc
def test_what_is_freed_is_not_fetched_from_the_system_again() -> None:
    assert faults("keep") < faults() / 4


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    assert memory.keep_freed() is False
