"""gunicorn's threads, taken back from clients that do not finish what they began.

gunicorn itself lets half a request hold a thread for good, and whoever holds all of them stops everybody else.
"""

from __future__ import annotations

import socket
import struct
import time
from contextlib import suppress
from typing import Any

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

PATIENCE_S = 60  # for a request to come in whole, and for a client that stops taking its answer


class Worker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's threaded worker, with an end to its patience."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._since: dict[Any, float] = {}

    def handle(self, conn: Any) -> Any:
        """One request, in a thread."""
        self._since[conn] = time.monotonic()
        try:
            return super().handle(conn)
        finally:
            self._since.pop(conn, None)

    def murder_pending(self) -> None:
        """Called about every second: whoever is read from for too long is read to its end.

        Answers that take long are still sent; only their connection is not used again.
        """
        super().murder_pending()
        for conn, since in list(self._since.items()):
            if time.monotonic() - since > PATIENCE_S:
                with suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RD)


def bound_sending(listener: socket.socket) -> None:
    """Connections inherit it from the socket that is listened on."""
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", PATIENCE_S, 0))
