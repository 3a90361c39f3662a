"""What somebody who hovers asks the server for, where the browser does not hold it yet."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

NUMBERS_SHARE = 0.2  # of the requests for a layer's numbers; the others are for a filter's kernel


def hovered(trace: dict[str, Any]) -> Callable[[], str]:
    """Addresses under ``/data``, a different one at each call, of an opened photo's description."""
    base = f"/data/{trace['trace']}"
    layers = [(str(layer["name"]), int(layer["channels"])) for layer in trace["layers"]]
    chance = random.Random(0)

    def address() -> str:
        name, channels = chance.choice(layers)
        if chance.random() < NUMBERS_SHARE:
            return f"{base}/{name}.json"
        return f"{base}/kernels/{name}/{chance.randrange(channels)}.json"

    return address
