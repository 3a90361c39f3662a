"""A locustfile: a class at work. A hundred hover, ten choose photos, two send photos as fast as they are taken.

Started by :mod:`benchmarks.crowd`, which names an opened photo's description in ``BENCHMARK_TRACE`` and how many there
are of each in ``BENCHMARK_CROWD``.
"""

from __future__ import annotations

import io
import json
import os
import random
from pathlib import Path

import skimage.data
from locust import FastHttpUser, constant, constant_throughput, task
from PIL import Image

from benchmarks.hovering import hovered
from benchmarks.server import PHOTOS

TRACE = json.loads(Path(os.environ["BENCHMARK_TRACE"]).read_text())
HOVERING, CHOOSING, SENDING = (int(number) for number in os.environ["BENCHMARK_CROWD"].split(","))
ANSWERED = (200, 429, 503)  # a photo may be asked to wait, in a sentence


def _photo() -> bytes:
    file = io.BytesIO()
    Image.fromarray(skimage.data.coffee()).resize((1200, 800)).save(file, "JPEG")
    return file.getvalue()


class Hoverer(FastHttpUser):
    """Somebody who hovers."""

    fixed_count = HOVERING
    wait_time = constant_throughput(5)
    address = staticmethod(hovered(TRACE))

    @task
    def hover(self) -> None:
        """One request to ``/data``."""
        self.client.get(self.address(), name="hover")


class Chooser(FastHttpUser):
    """Somebody who opens another photo every six seconds."""

    fixed_count = CHOOSING
    wait_time = constant(6)

    @task
    def choose(self) -> None:
        """One photo."""
        self.client.post("/open", json={"model": TRACE["model"], "photo": random.choice(PHOTOS)}, name="choose")


class Sender(FastHttpUser):
    """Somebody who sends photos without a pause."""

    fixed_count = SENDING
    photo = _photo()

    @task
    def send(self) -> None:
        """One photo of a megapixel."""
        headers = {"Content-Type": "image/jpeg"}
        with self.client.post("/upload", self.photo, headers=headers, name="send", catch_response=True) as answer:
            if answer.status_code in ANSWERED:
                answer.success()
