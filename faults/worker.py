"""A worker killed under load: nobody's photo is lost."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import skimage.data
from PIL import Image

from faults import page
from faults.findings import FaultRefused, Finding

ROOT = Path(__file__).resolve().parent.parent
USERS, KILLS = 8, 3


def measure(folder: Path) -> list[Finding]:
    """Two workers serve eight users who fetch layers of one uploaded photo; a worker is killed three times."""
    page.make_checkpoint(folder)
    with _served(folder) as (url, master):
        photo = _upload(url)
        trace = _open(url, photo)
        tally, stop = {"good": 0, "cut": 0, "wrong": 0}, threading.Event()
        users = [threading.Thread(target=_use, args=(url, trace, tally, stop)) for _ in range(USERS)]
        for user in users:
            user.start()
        for _ in range(KILLS):
            time.sleep(3)
            master.children()[0].send_signal(signal.SIGKILL)
        time.sleep(5)
        stop.set()
        for user in users:
            user.join()
        same = _open(url, photo) == trace
    seen = (
        f"{tally['good']} answers, {tally['cut']} connections cut with the worker, {tally['wrong']} wrong answers; "
        f"the uploaded photo {'opens as before' if same else 'is lost'}"
    )
    return [Finding(f"{KILLS} kills -9 of one of two workers under {USERS} users", seen, same and not tally["wrong"])]


def _use(url: str, trace: str, tally: dict[str, int], stop: threading.Event) -> None:
    expected: dict[str, bytes] = {}
    while not stop.is_set():
        for name in ("conv1.json", "conv3.png", "logits.bin"):
            try:
                body = urllib.request.urlopen(f"{url}/data/{trace}/{name}", timeout=30).read()
            except urllib.error.HTTPError:
                tally["wrong"] += 1
            except OSError:
                tally["cut"] += 1
                time.sleep(0.05)
            else:
                tally["good" if expected.setdefault(name, body) == body else "wrong"] += 1


def _upload(url: str) -> str:
    picture = BytesIO()
    Image.fromarray(skimage.data.coffee()).save(picture, "PNG")
    key: str = _post(f"{url}/upload", picture.getvalue(), "image/png")["key"]
    return key


def _open(url: str, photo: str) -> str:
    trace: str = _post(f"{url}/open", json.dumps(page.question(photo)).encode(), "application/json")["trace"]
    return trace


def _post(url: str, body: bytes, kind: str) -> Any:
    request = urllib.request.Request(url, body, {"Content-Type": kind})
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.load(answer)


@contextmanager
def _served(folder: Path) -> Iterator[tuple[str, psutil.Process]]:
    settings = {
        "VISML_CHECKPOINTS": str(folder / "checkpoints"),
        "VISML_CACHE_DIR": str(folder / "cache"),
        "VISML_DEVICE": "cpu",
    }
    command = [sys.executable, "-m", "gunicorn", "app:server", "--workers=2", "--threads=8", "--bind=127.0.0.1:0"]
    with (folder / "log.txt").open("w+") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | settings, stderr=log, stdout=log)
        try:
            yield _address(folder / "log.txt"), psutil.Process(process.pid)
        finally:
            _stop(psutil.Process(process.pid))
            process.wait()


def _stop(master: psutil.Process) -> None:
    """Asks the server to end, and its processes too if it does not."""
    every = [master, *master.children(recursive=True)]
    master.terminate()
    _, left = psutil.wait_procs(every, timeout=30)
    for each in left:
        with suppress(psutil.NoSuchProcess):
            each.kill()


def _address(log: Path) -> str:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        found = re.search(r"http://[\d.]+:\d+", log.read_text())
        if found:
            return found[0]
        time.sleep(0.1)
    raise FaultRefused("The server does not start.")
