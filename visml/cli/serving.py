"""``visml serve``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from visml.cli import common


def serve(
    images: Annotated[
        Path | None, typer.Option("--images", metavar="DIR", help="Folder of your own photos.", show_default=False)
    ] = None,
    host: Annotated[
        str | None, typer.Option("--host", help="Address to listen on; 127.0.0.1 if not given.", show_default=False)
    ] = None,
    port: Annotated[
        int | None, typer.Option("--port", help="TCP port; 8050 if not given, 0 for a free one.", show_default=False)
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", help="Processes that answer; 1 if not given.", show_default=False)
    ] = None,
    checkpoints: common.Checkpoints = None,
) -> None:
    """Serve the dashboard until interrupted; the same as python app.py."""
    settings = common.settings(checkpoints, images=images, host=host, port=port, workers=workers)

    from visml.dashboard.app import create_app
    from visml.dashboard.security import with_token
    from visml.dashboard.serve import serve as serve_forever

    settings = with_token(settings)
    serve_forever(create_app(settings), settings)
