"""A locustfile: people who hover, each asking ``/data`` about five times a second, at irregular moments.

Started by :mod:`benchmarks.load`, which names the opened photo's description in ``BENCHMARK_TRACE``. Of a fixed pace
locust would keep all users in step, a hundred requests in one instant and then none for a fifth of a second.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from locust import FastHttpUser, between, task

from benchmarks.hovering import hovered

PAUSES_S = (0.09, 0.3)  # with the time to the answer 0.2 on average


class Hoverer(FastHttpUser):
    """Somebody who hovers."""

    wait_time = between(*PAUSES_S)
    address = staticmethod(hovered(json.loads(Path(os.environ["BENCHMARK_TRACE"]).read_text())))

    @task
    def hover(self) -> None:
        """One request."""
        self.client.get(self.address(), name="hover")
