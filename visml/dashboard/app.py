"""The dashboard as one Dash app, made from settings."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dash import ClientsideFunction, Dash, Input, Output, ctx, set_props
from flask import Flask, Request
from flask_compress import Compress

from visml.dashboard import describe, ids, shell
from visml.dashboard.context import Context
from visml.dashboard.routes import add_routes
from visml.dashboard.security import SENTENCES, protect
from visml.dashboard.values import small_values
from visml.settings import Refused, Settings

if TYPE_CHECKING:
    from torch import nn

ASSETS = Path(__file__).resolve().parent.parent.parent / "assets"
SCRIPTS = 64
_log = logging.getLogger(__name__)


def create_app(settings: Settings, modules: Mapping[str, nn.Module] | None = None) -> Dash:
    """The whole dashboard, ready to serve; no checkpoint is loaded and no photo decoded yet.

    Args:
        settings: where things are and what is allowed.
        modules: networks to show without a checkpoint, by name; the first opens first.

    Raises:
        SettingsRefused: others could reach the page and there is no token.
        FolderRefused: the folder of photos is not there or holds none.
        ModuleRefused: a module is no network from lightness to color.
    """
    app = Dash(
        "visml",
        title="VisML",
        update_title=None,  # type: ignore[arg-type]
        assets_folder=str(ASSETS),
        assets_ignore=r"^theme\.js$",
        index_string=shell.index(ASSETS),
        prevent_initial_callbacks=True,
        suppress_callback_exceptions=True,
        on_error=tell,
        enable_mcp=False,
    )
    context = Context.of(settings, small_values(app.server, settings), modules)
    app.layout = lambda: shell.layout(context)
    _compress(app.server)
    add_routes(app.server, context)
    _open_photos(app, context)
    _listen(app)
    shell.register(app, context)
    protect(app, settings)
    app.server.extensions["visml"] = context
    return app


def _open_photos(app: Dash, context: Context) -> None:
    @app.callback(Output(ids.TRACE, "data"), Input(ids.ASKED, "data"))
    def open_photo(asked: dict[str, Any]) -> dict[str, Any]:
        model, key = str(asked["model"]), str(asked["photo"])
        inspection = context.inspector(model).open(context.gallery.photo(key))
        return {
            **describe.trace(inspection, context.gallery.find(key), context.checkpoint(model)),
            "question": asked["question"],
        }


def _listen(app: Dash) -> None:
    """Wires what Dash components report to the page's scripts; only the opener runs by itself."""

    def clientside(function: str, source: Input, opener: bool = False) -> None:
        app.clientside_callback(  # type: ignore[no-untyped-call]
            ClientsideFunction("visml", function), source, prevent_initial_call=not opener
        )

    clientside("start", Input(ids.CATALOG, "data"), opener=True)
    clientside("opened", Input(ids.TRACE, "data"))
    clientside("noticed", Input(ids.NOTICE, "data"))
    clientside("chooseModel", Input(ids.MODEL, "value"))
    clientside("chooseTemperature", Input(ids.TEMPERATURE, "value"))
    clientside("choosePrior", Input(ids.PRIOR, "value"))
    clientside("chooseCategory", Input(ids.CATEGORY, "value"))


def tell(error: Exception) -> None:
    """Turns whatever a callback raised into a notice: a refusal in its own words, a fault in plain ones."""
    refused = isinstance(error, Refused)
    if refused:
        _log.warning("Refused: %a", str(error))
    else:
        _log.error("A callback failed.", exc_info=error)
    outputs = ctx.outputs_list if isinstance(ctx.outputs_list, list) else [ctx.outputs_list]
    about = [output["id"] for output in outputs if isinstance(output, dict)]
    text = str(error) if refused else SENTENCES[500]
    set_props(ids.NOTICE, {"data": {"text": text, "kind": "error", "about": about}})


class _Scripts(dict[str, bytes]):
    """Compressed scripts of components, a bounded number: their addresses change when they do, unlike all others."""

    def set(self, key: str, value: bytes) -> None:
        if "/_dash-component-suites/" in key and len(self) < SCRIPTS:
            self[key] = value


def _compress(server: Flask) -> None:
    def address(request: Request) -> str:
        return request.path

    server.config.update(
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=4,
        COMPRESS_MIMETYPES=["text/html", "text/css", "text/javascript", "application/javascript", "application/json"],
        COMPRESS_CACHE_KEY=address,
        COMPRESS_CACHE_BACKEND=_Scripts,
    )
    Compress(server)
