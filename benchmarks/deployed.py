"""VisML for many, as ``deploy/`` sets it up: two workers behind nginx."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "deploy" / "nginx.conf"
PATIENCE_S = 120.0
AROUND = """
daemon off; user {user}; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  {site}
}}
"""


@dataclass(frozen=True)
class Deployed:
    """A running VisML behind nginx.

    Attributes:
        port: nginx's.
        server: the process above the workers.
    """

    port: int
    server: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """The page's address, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def deployed(folder: Path, **variables: str) -> Iterator[Deployed]:
    """Two workers behind nginx, both with the block's end ended.

    Args:
        folder: takes nginx's files and VisML's cache.
        **variables: of VisML, ``VISML_TOKEN`` for instance.

    Raises:
        FileNotFoundError: nginx is not installed.
        TimeoutError: they do not answer.
    """
    if shutil.which("nginx") is None:
        raise FileNotFoundError("nginx is not installed.")
    port, behind = free_port(), free_port()
    site = SITE.read_text().replace("127.0.0.1:8050", f"127.0.0.1:{behind}").replace("listen 80", f"listen {port}")
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=getpass.getuser(), site=site))
    serve = (sys.executable, "-m", "visml", "serve", "--workers", "2", "--port", str(behind))
    with (
        running(*serve, VISML_CACHE_DIR=str(folder / "cache"), **variables) as server,
        running("nginx", "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")),
    ):
        _wait(port)
        yield Deployed(port, server)


@contextmanager
def running(*command: str, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that ends with the block."""
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | variables)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def free_port() -> int:
    """A TCP port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


def _wait(port: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError("VisML does not answer behind nginx.")
