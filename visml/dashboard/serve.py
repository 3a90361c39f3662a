"""Serving the dashboard: processes that keep the model, each with several threads that answer."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dash import Dash
from flask import Flask

from visml.dashboard.context import Context
from visml.dashboard.security import ANYWHERE, refuse_debug
from visml.settings import Refused, Settings, SettingsRefused

if TYPE_CHECKING:
    from torch import nn

THREADS = 8
_log = logging.getLogger(__name__)


def serve(app: Dash, settings: Settings, *, fork: bool = True) -> None:
    """Serves until interrupted, and says where.

    Args:
        app: the dashboard.
        settings: the address.
        fork: whether a process of its own may be made of this one, as gunicorn does; not where PyTorch has run.

    Raises:
        SettingsRefused: the address cannot be listened on, or debug mode is switched on.
    """
    if fork:
        refuse_debug(os.environ)
    listener = listen(settings)
    print(f"VisML is at {address(settings, listener.getsockname()[1])}  (Ctrl+C stops it)", flush=True)
    if not fork:
        return _serve_threads(app, listener)
    try:
        from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

        from visml.dashboard.worker import Worker, bound_sending
    except ImportError:  # no fork on this system
        return _serve_threads(app, listener)

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


def show(*modules: nn.Module, **settings: Any) -> None:
    """Serves the dashboard with networks of one's own, the first opened first, until interrupted.

    Args:
        modules: each from lightness ``(1, 1, 224, 224)`` in 0..100 to ab or logits, see :meth:`visml.Inspector.wrap`.
        settings: what the ``VISML_*`` variables say otherwise: ``port``, ``images``, ...

    Raises:
        Refused: a module is no network from lightness to color, or the address cannot be listened on.
    """
    from visml.dashboard.app import create_app
    from visml.dashboard.security import with_token

    chosen = with_token(Settings.from_environment(**settings))
    serve(create_app(chosen, named(modules)), chosen, fork=False)


def named(modules: Sequence[nn.Module]) -> dict[str, nn.Module]:
    """The modules by the names of their classes, numbered where two have one."""
    names: dict[str, nn.Module] = {}
    for module in modules:
        name, count = (
            type(module).__name__,
            sum(type(other).__name__ == type(module).__name__ for other in names.values()),
        )
        names[f"{name}-{count + 1}" if count else name] = module
    return names


def address(settings: Settings, port: int) -> str:
    """The link that opens the page, with the token where there is one."""
    host = "127.0.0.1" if settings.host in ANYWHERE else settings.host
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


def _serve_threads(app: Dash, listener: socket.socket) -> None:
    from werkzeug.serving import make_server

    host, port = listener.getsockname()[:2]
    warm(app)
    make_server(host, port, app.server, threaded=True, fd=listener.fileno()).serve_forever()
