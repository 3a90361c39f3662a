"""What the numbers were taken on."""

from __future__ import annotations

import os
import platform
import re
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import torch

from visml.inspector.runtime import resolve_precision

BUSY = 0.25  # load per core from which measurements say more of the rest than of VisML


def facts() -> dict[str, str]:
    """Name to value, without any path."""
    fast = "yes" if torch.cpu._is_avx512_bf16_supported() else "no"
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "CPU": _cpu(),
        "cores": str(cores()),
        "memory": _memory(),
        "AVX512-BF16": f"{fast} (the precision `auto` is {resolve_precision('auto', torch.device('cpu'))})",
        "torch": f"{torch.__version__}, {torch.get_num_threads()} threads",
        "Python": platform.python_version(),
        "dash": version("dash"),
        "load before": f"{load():.2f} a core" + ("; **the machine was busy**" if busy() else ""),
    }


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def load() -> float:
    """Processes that wanted to run over the last minute, per core."""
    return os.getloadavg()[0] / cores()


def busy() -> bool:
    """Whether something else is running."""
    return load() > BUSY


def _cpu() -> str:
    found = _search("/proc/cpuinfo", r"model name\s*:\s*(.+)")
    family = _search("/proc/cpuinfo", r"cpu family\s*:\s*(\d+)")
    model = _search("/proc/cpuinfo", r"model\s*:\s*(\d+)")
    return f"{found}, family {family}, model {model}" if found else platform.processor() or platform.machine()


def _memory() -> str:
    kilobytes = _search("/proc/meminfo", r"MemTotal:\s*(\d+)")
    return f"{int(kilobytes) / 1e6:.1f} GB" if kilobytes else "unknown"


def _search(file: str, pattern: str) -> str:
    try:
        found = re.search(pattern, Path(file).read_text())
    except OSError:
        return ""
    return found[1].strip() if found else ""
