"""The networks kept in memory between requests: several, so that going from one to another reads no weights."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import safetensors

if TYPE_CHECKING:
    from visml.inspector import Inspector

MAX_BYTES = 400 * 10**6
_BYTES_EACH = {"float32": 4, "bfloat16": 2}


class KeptInspectors:
    """Inspectors by checkpoint, the longest unused let go first; threads may share it.

    Weights count from the moment their inspector is kept, read or not: so the cap holds whenever they are read. Who
    still computes with an inspector that was let go keeps it until done.

    Args:
        max_bytes: cap on the weights of all; the one asked for last stays even where it alone is larger.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._kept: OrderedDict[tuple[str, str], tuple[Inspector, int]] = OrderedDict()
        self._lock = Lock()

    def find(self, name: str, sha256: str) -> Inspector | None:
        """The inspector kept of a checkpoint with these weights, or None."""
        with self._lock:
            if (name, sha256) not in self._kept:
                return None
            self._kept.move_to_end((name, sha256))
            return self._kept[name, sha256][0]

    def keep(self, name: str, sha256: str, weights: Path, make: Callable[[], Inspector]) -> Inspector:
        """The inspector kept of a checkpoint, or else the one that ``make`` gives, which is kept from then on.

        One of the same name with other weights is let go: its checkpoint was replaced.

        Args:
            name: the checkpoint's.
            sha256: of its weights.
            weights: their file.
            make: gives an inspector without reading them.
        """
        key = (name, sha256)
        with self._lock:
            if key not in self._kept:
                inspector = make()
                for old in [each for each in self._kept if each[0] == name]:
                    del self._kept[old]
                self._kept[key] = (inspector, weight_bytes(weights, inspector.precision))
            self._kept.move_to_end(key)
            self._let_go()
            return self._kept[key][0]

    def _let_go(self) -> None:
        while len(self._kept) > 1 and sum(size for _, size in self._kept.values()) > self._max_bytes:
            self._kept.popitem(last=False)


def weight_bytes(path: Path, precision: str) -> int:
    """Bytes that the weights of a safetensors file take in memory in a precision; 0 for one that cannot be read.

    Only the file's header is read. In bfloat16 the few weights that stay float32 count half.
    """
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            shapes = [file.get_slice(name).get_shape() for name in file.keys()]  # noqa: SIM118
    except (OSError, safetensors.SafetensorError):
        return 0
    return _BYTES_EACH[precision] * sum(map(math.prod, shapes))
