"""Where the page listens, and what is printed of it."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from dash import Dash

from visml.dashboard import serve
from visml.settings import Settings, SettingsRefused


@pytest.mark.parametrize(
    ("host", "token", "link"),
    [
        ("127.0.0.1", None, "http://127.0.0.1:8050/"),
        ("localhost", None, "http://localhost:8050/"),
        ("::1", None, "http://[::1]:8050/"),
        ("0.0.0.0", "secret", "http://127.0.0.1:8050/?token=secret"),
        ("192.168.1.5", "secret", "http://192.168.1.5:8050/?token=secret"),
    ],
)
def test_the_link_opens_the_page(host: str, token: str | None, link: str) -> None:
    assert serve.address(Settings(host=host, token=token), 8050) == link


def test_a_port_that_is_taken_is_told_in_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SettingsRefused, match="choose another port"):
            serve.listen(Settings(port=taken.getsockname()[1]))


def test_a_free_port_is_found() -> None:
    with serve.listen(Settings(port=0)) as listener:
        assert listener.getsockname()[1] > 0


def test_debug_mode_is_refused_before_gunicorn_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    monkeypatch.setattr(serve, "listen", lambda _: pytest.fail("it listens"))
    with pytest.raises(SettingsRefused, match="unset FLASK_DEBUG"):
        serve.serve(Dash(), Settings(port=0))


SERVER = """
import sys
from pathlib import Path
from visml.dashboard import serve, worker
from visml.dashboard.app import create_app
from visml.settings import Settings
worker.PATIENCE_S = 1
settings = Settings(port=0, checkpoints=Path(sys.argv[1], "none"), cache_dir=Path(sys.argv[1], "cache"))
serve.serve(create_app(settings), settings)
"""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[int]:
    """The port of a server that waits a second for silent clients."""
    process = subprocess.Popen([sys.executable, "-c", SERVER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    found = re.search(r":(\d+)/", process.stdout.readline())
    assert found is not None
    yield int(found[1])
    process.terminate()
    process.wait(30)
    process.stdout.close()


@pytest.mark.parametrize("sent", [
    b"POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n" + b"x" * 500,
    b"POST /upload HTTP/1.1\r\nHost: loc",
], ids=["half a body", "half a head"])  # fmt: skip
def test_slow_bodies_on_every_thread_do_not_stop_the_others(served: int, sent: bytes) -> None:
    with ExitStack() as stack:
        for _ in range(2 * serve.THREADS):
            slow = stack.enter_context(socket.create_connection(("127.0.0.1", served)))
            slow.sendall(sent)
        with urllib.request.urlopen(f"http://127.0.0.1:{served}/health", timeout=30) as answer:
            assert answer.status == 200
