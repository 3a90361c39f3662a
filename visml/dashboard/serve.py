"""Serving the dashboard: one process that keeps the model, several threads that answer."""

from __future__ import annotations

import logging
import socket
import threading
from typing import Any

from dash import Dash
from flask import Flask

from visml.dashboard.context import Context
from visml.settings import Refused, Settings, SettingsRefused

THREADS = 8
_log = logging.getLogger(__name__)


def serve(app: Dash, settings: Settings) -> None:
    """Serves until interrupted, and says where.

    Raises:
        SettingsRefused: the address cannot be listened on.
    """
    listener = listen(settings)
    print(f"VisML is at {address(settings, listener.getsockname()[1])}  (Ctrl+C stops it)", flush=True)
    try:
        from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
    except ImportError:  # no fork on this system
        return _serve_threads(app, listener)

    class Application(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            for name, value in _gunicorn(listener).items():
                self.cfg.set(name, value)

        def load(self) -> Flask:
            warm(app)
            server: Flask = app.server
            return server

    Application().run()


def address(settings: Settings, port: int) -> str:
    """The link that opens the page, with the token where there is one."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    host = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return f"http://{host}:{port}/" + (f"?token={settings.token}" if settings.token else "")


def warm(app: Dash) -> None:
    """Opens the photo that the page opens first, beside the first requests: PyTorch is there when it is asked for."""
    context: Context = app.server.extensions["visml"]

    def load() -> None:
        try:
            model, photos = context.default_model(), context.gallery.photos()
            if model and photos:
                context.inspector(model).open(context.gallery.photo(photos[0].key))
        except Refused as refusal:
            _log.warning("%s", refusal)

    threading.Thread(target=load, name="warm", daemon=True).start()


def listen(settings: Settings) -> socket.socket:
    """A bound socket; binding first gives a plain sentence where the port is taken."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host.strip("[]"), settings.port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        reason = (error.strerror or str(error)).lower()
        raise SettingsRefused(
            f"Cannot listen on {settings.host}:{settings.port} ({reason}); choose another port."
        ) from None
    listener.set_inheritable(True)
    return listener


def _gunicorn(listener: socket.socket) -> dict[str, Any]:
    return {
        "bind": f"fd://{listener.fileno()}",
        "workers": 1,
        "worker_class": "gthread",
        "threads": THREADS,
        "keepalive": 30,
        "timeout": 120,
        "graceful_timeout": 5,
        "loglevel": "warning",
        "proc_name": "visml",
    }


def _serve_threads(app: Dash, listener: socket.socket) -> None:
    from werkzeug.serving import make_server

    host, port = listener.getsockname()[:2]
    warm(app)
    make_server(host, port, app.server, threaded=True, fd=listener.fileno()).serve_forever()
