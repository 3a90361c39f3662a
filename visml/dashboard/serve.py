"""Serving the dashboard: processes that keep the model, each with several threads that answer."""

from __future__ import annotations

import logging
import os
import socket
import threading
from typing import TYPE_CHECKING, Any

from dash import Dash
from flask import Flask

from visml.dashboard.context import Context
from visml.dashboard.scripts import compress_ahead
from visml.dashboard.security import ANYWHERE, refuse_debug
from visml.settings import Refused, Settings, SettingsRefused

if TYPE_CHECKING:
    from werkzeug.serving import BaseWSGIServer

THREADS = 8
_log = logging.getLogger(__name__)


def serve(app: Dash, settings: Settings) -> None:
    """Serves until interrupted, and says where.

    Args:
        app: the dashboard.
        settings: the address.

    Raises:
        SettingsRefused: the address cannot be listened on, or debug mode is switched on.
    """
    refuse_debug(os.environ)
    listener = listen(settings)
    print(f"VisML is at {address(settings, listener.getsockname()[1])}  (Ctrl+C stops it)", flush=True)
    try:
        from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

        from visml.dashboard.worker import Worker, bound_sending
    except ImportError:  # no fork on this system
        return threaded(app, listener).serve_forever()

    class Application(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            for name, value in (_gunicorn(listener, settings.workers) | {"worker_class": Worker}).items():
                self.cfg.set(name, value)

        def load(self) -> Flask:
            warm(app)
            server: Flask = app.server
            return server

    bound_sending(listener)
    Application().run()


def address(settings: Settings, port: int) -> str:
    """The link that opens the page, with the token where there is one."""
    host = "127.0.0.1" if settings.host in ANYWHERE else settings.host
    host = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return f"http://{host}:{port}/" + (f"?token={settings.token}" if settings.token else "")


def warm(app: Dash) -> None:
    """Makes the first page fast: beside the first requests its scripts are compressed and its photo is opened."""
    context: Context = app.server.extensions["visml"]

    def load() -> None:
        compress_ahead(app.server, context.settings.token)
        try:
            model, photos = context.default_model(), context.gallery.photos()
            if model and photos:
                context.inspector(model).open(context.gallery.photo(photos[0].key))
        except Refused as refusal:
            _log.warning("%s", refusal)

    app.server.test_client().get("/health")  # Dash sets itself up in the first request, which none may join
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


def _gunicorn(listener: socket.socket, workers: int) -> dict[str, Any]:
    return {
        "bind": f"fd://{listener.fileno()}",
        "workers": workers,
        "threads": THREADS,
        "keepalive": 30,
        "timeout": 120,
        "graceful_timeout": 5,
        "loglevel": "warning",
        "proc_name": "visml",
    }


def threaded(app: Dash, listener: socket.socket) -> BaseWSGIServer:
    """A server of this process's own, its threads beside everything else that runs here; it logs no requests."""
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Nothing: a notebook would show it below its cell."""

    host, port = listener.getsockname()[:2]
    warm(app)
    return make_server(host, port, app.server, threaded=True, request_handler=Quiet, fd=listener.fileno())
