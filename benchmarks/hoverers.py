"""A locustfile: people who hover, each asking ``/data`` a fixed number of times a second.

Started by :mod:`benchmarks.load`, which names the opened photo's description in ``BENCHMARK_TRACE``.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from locust import FastHttpUser, constant_throughput, task

from benchmarks.hovering import hovered

EACH_SECOND = 5


class Hoverer(FastHttpUser):
    """Somebody who hovers."""

    wait_time = constant_throughput(EACH_SECOND)
    address = staticmethod(hovered(json.loads(Path(os.environ["BENCHMARK_TRACE"]).read_text())))

    @task
    def hover(self) -> None:
        """One request."""
        self.client.get(self.address(), name="hover")
