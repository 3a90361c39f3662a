"""Where the page listens, and what is printed of it."""

from __future__ import annotations

import socket

import pytest

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
