"""Showing networks of one's own: the dashboard beside other work, in a notebook's frame or a browser's tab."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from werkzeug.serving import BaseWSGIServer

from visml.dashboard import serve
from visml.dashboard.security import NOTEBOOKS, with_token
from visml.inspector import Inspector
from visml.settings import Settings, SettingsRefused

if TYPE_CHECKING:
    from torch import nn

HEIGHT = 900  # pixels of a notebook's frame
_shown: WeakValueDictionary[tuple[int, ...], Page] = WeakValueDictionary()


class Page:
    """A dashboard that is being served; as the value of a notebook's cell it stands in a frame below it.

    Attributes:
        url: the link that opens it in a browser on this machine.
    """

    _patience_s = 1.0  # between two looks whether it was stopped: some systems interrupt no endless wait

    def __init__(self, url: str, server: BaseWSGIServer, listener: socket.socket, frame: bool) -> None:
        self.url = url
        self._server, self._listener, self._frame = server, listener, frame
        self._thread = threading.Thread(target=self._serve, name="visml", daemon=True)  # keeps it while it runs
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether it still answers."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Serves no longer; what was shown of it goes dead."""
        if self.running:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
            self._listener.close()

    def wait(self) -> None:
        """Returns when it was stopped; Ctrl+C stops it."""
        try:
            while self.running:
                self._thread.join(self._patience_s)
        except KeyboardInterrupt:
            self.stop()

    def _serve(self) -> None:
        self._server.serve_forever()

    def __repr__(self) -> str:
        return f"VisML is at {self.url}  (.stop() ends it)" if self.running else "A page of VisML that was stopped."

    def _repr_html_(self) -> str:
        if not self.running:
            return f"<p>{escape(repr(self))}</p>"
        link = f'<a href="{escape(self.url)}" target="_blank" rel="noopener">{escape(self.url)}</a>'
        told = f"<p>VisML is at {link} until <code>.stop()</code> is called or the notebook ends.</p>"
        look = "display:block;width:100%;border:1px solid rgba(128,128,128,.35);border-radius:8px"
        frame = f'<iframe src="{escape(self.url)}" title="VisML" height="{HEIGHT}" style="{look}"'
        return told + (f'{frame} allow="clipboard-write"></iframe>' if self._frame else "")


def show(*networks: nn.Module | Inspector, block: bool | None = None, **settings: Any) -> Page:
    """The dashboard with networks of one's own, the first opened first.

    In a notebook or at the prompt it is served until stopped, on a free port where the usual one is taken; in a script
    until Ctrl+C. The same networks shown again end the page shown before.

    ::

        page = visml.show(my_network)
        page.stop()

    Args:
        networks: inspectors, or modules from lightness ``(1, 1, 224, 224)`` in 0..100 to ab or logits, see
            :meth:`visml.Inspector.wrap`.
        block: whether to return only when it was stopped; a script does when None.
        settings: what the ``VISML_*`` variables say otherwise: ``port``, ``images``, ...

    Raises:
        Refused: a module is no network from lightness to color, or the address cannot be listened on.
    """
    from visml.dashboard.app import create_app

    typed = hasattr(sys, "ps1")  # so it is at Python's prompt, at IPython's and in a notebook
    block = not typed if block is None else block
    chosen = with_token(Settings.from_environment(**settings))
    same = tuple(map(id, networks))
    if same in _shown:
        _shown.pop(same).stop()
    app = create_app(chosen, named(networks), framed_by=() if block else NOTEBOOKS)
    listener = _listen(chosen, anywhere=not (block or "port" in settings or "VISML_PORT" in os.environ))
    url = serve.address(chosen, listener.getsockname()[1])
    page = _shown[same] = Page(url, serve.threaded(app, listener), listener, frame=chosen.token is None)
    if block:
        print(f"VisML is at {url}  (Ctrl+C stops it)", flush=True)
        page.wait()
    return page


def _listen(settings: Settings, anywhere: bool) -> socket.socket:
    """A bound socket, on any free port where the one set is taken and another may be chosen."""
    try:
        return serve.listen(settings)
    except SettingsRefused:
        if not anywhere:
            raise
        return serve.listen(replace(settings, port=0))


def named(networks: Sequence[nn.Module | Inspector]) -> dict[str, nn.Module | Inspector]:
    """The networks by their names, a module's being its class's; numbered where two have one."""
    names: dict[str, nn.Module | Inspector] = {}
    seen: dict[str, int] = {}
    for network in networks:
        name = network.name if isinstance(network, Inspector) else type(network).__name__
        seen[name] = seen.get(name, 0) + 1
        names[f"{name}-{seen[name]}" if seen[name] > 1 else name] = network
    return names
