"""The dashboard as one Dash app, made from settings."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from dash import ClientsideFunction, Dash, Input, set_props

from visml.dashboard import ids, shell
from visml.dashboard.context import Context
from visml.dashboard.manual import add_manual
from visml.dashboard.routes import add_routes
from visml.dashboard.scripts import ASSETS, add_scripts
from visml.dashboard.security import SENTENCES, protect
from visml.dashboard.values import small_values
from visml.settings import Refused, Settings

if TYPE_CHECKING:
    from torch import nn

    from visml.inspector import Inspector

_log = logging.getLogger(__name__)


def create_app(
    settings: Settings, networks: Mapping[str, nn.Module | Inspector] | None = None, framed_by: Sequence[str] = ()
) -> Dash:
    """The whole dashboard, ready to serve; no checkpoint is loaded and no photo decoded yet.

    Args:
        settings: where things are and what is allowed.
        networks: networks to show beside the checkpoints, by name; the first opens first.
        framed_by: other sites that may show the page in a frame, as ``frame-ancestors`` names them.

    Raises:
        SettingsRefused: others could reach the page and there is no token.
        FolderRefused: the folder of photos is not there or holds none.
        ModuleRefused: a module is no network from lightness to color.
    """
    app = _Page(
        "visml",
        title="VisML",
        update_title=None,  # type: ignore[arg-type]
        assets_folder=str(ASSETS),
        assets_ignore=".*",  # scripts.py joins them
        prevent_initial_callbacks=True,
        suppress_callback_exceptions=True,
        on_error=tell,
        enable_mcp=False,
    )
    context = Context.of(settings, small_values(app.server, settings), networks)
    app.layout = lambda: shell.layout(context)
    add_scripts(app.server)
    add_routes(app.server, context)
    add_manual(app.server)
    _listen(app)
    shell.register(app, context)
    protect(app, settings, framed_by)
    app.server.extensions["visml"] = context
    return app


class _Page(Dash):
    """Dash, with the page's own HTML around the app."""

    def interpolate_index(self, **parts: str) -> str:  # type: ignore[override]
        return shell.index(parts)


def _listen(app: Dash) -> None:
    """Wires what Dash components report to the page's scripts; only the opener runs by itself."""

    def clientside(function: str, source: Input, opener: bool = False) -> None:
        app.clientside_callback(  # type: ignore[no-untyped-call]
            ClientsideFunction("visml", function), source, prevent_initial_call=not opener
        )

    clientside("start", Input(ids.CATALOG, "data"), opener=True)
    clientside("noticed", Input(ids.NOTICE, "data"))
    clientside("chooseModel", Input(ids.MODEL, "value"))
    clientside("chooseTold", Input(ids.TOLD, "value"))
    clientside("chooseCategory", Input(ids.CATEGORY, "value"))


def tell(error: Exception) -> None:
    """Turns whatever a callback raised into a notice: a refusal in its own words, a fault in plain ones."""
    refused = isinstance(error, Refused)
    if refused:
        _log.warning("Refused: %a", str(error))
    else:
        _log.error("A callback failed.", exc_info=error)
    text = str(error) if refused else SENTENCES[500]
    set_props(ids.NOTICE, {"data": {"text": text, "kind": "error"}})
