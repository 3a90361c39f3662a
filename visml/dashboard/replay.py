"""An inspection as one HTML file: the page's own scripts over the same bytes that ``/data`` serves, and no server.

The file asks nothing of anybody: its policy allows its own scripts, by their digests, and no connection. It holds no
handle, no address and no path.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape
from string import Template
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from dash import html
from dash.development.base_component import Component

from visml.activations.atlas import encode_atlas
from visml.dashboard import describe, header, inspecting
from visml.dashboard.markup import sentences
from visml.dashboard.plain import markup
from visml.dashboard.routes import encode_output
from visml.dashboard.scripts import ASSETS
from visml.images.decode import encode_png
from visml.settings import VERSION

if TYPE_CHECKING:
    from visml.inspector import Inspection

FIRST = "theme.js"
SCRIPTS = (
    "bins-draw.js",
    "bins.js",
    "candidates.js",
    "color.js",
    "crosshair.js",
    "data.js",
    "decode.js",
    "draw.js",
    "elements.js",
    "filter.js",
    "gamut-brush.js",
    "gamut-extras.js",
    "gamut-maps.js",
    "gamut.js",
    "grid.js",
    "hues.js",
    "keys.js",
    "layer-head.js",
    "layer-view.js",
    "means.js",
    "metrics.js",
    "network.js",
    "notices.js",
    "open.js",
    "pictures.js",
    "prior.js",
    "readout.js",
    "scene.js",
    "slider.js",
    "state.js",
    "summary.js",
    "terms.js",
    "told.js",
    "url.js",
    "viridis.js",
    "replay.js",
)
STYLES = ("01-tokens.css", "02-shell.css", "10-inspect.css", "41-learn.css", "replay.css")
VIEW = ("layer", "filter", "x", "y", "pixelPinned", "t", "prior", "sort", "scale", "extra", "brush")
NOT_REPLAYED = (("sort", "push"),)

_PAGE = Template("""<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="$policy">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="generator" content="VisML $version">
    <title>$title</title>
    <link rel="icon" type="image/svg+xml" href="data:image/svg+xml;base64,$icon">
    <style>$style</style>
    <script>$first</script>
  </head>
  <body>
    $body
    <noscript>This file draws its pictures with JavaScript: allow it, and open the file again.</noscript>
    $data
    <script>$scripts</script>
  </body>
</html>
""")


def page(inspection: Inspection, view: str = "", name: str = "") -> bytes:
    """The file, a few megabytes of UTF-8.

    Args:
        inspection: an opened photo.
        view: what it opens with, as a link to the page says it: ``layer=conv4&filter=12&x=120&y=85&t=0.5``.
        name: what the photo is called; the inspection's own name when empty.
    """
    name = name or inspection.name or "photo"
    model = inspection.trace.facts.model or inspection.trace.facts.family
    first, scripts = _script(FIRST), ";\n".join(map(_script, SCRIPTS))
    text = _PAGE.substitute(
        policy=_policy(first, scripts),
        version=escape(VERSION),
        title=escape(f"{name} in {model}{_told(inspection)} - VisML"),
        icon=base64.b64encode((ASSETS / "icon.svg").read_bytes()).decode(),
        style="\n".join((ASSETS / each).read_text(encoding="utf-8") for each in STYLES),
        first=first,
        body=markup(_body(inspection, name, model)),
        data="\n".join(_data(inspection, name, model, view)),
        scripts=scripts,
    )
    return text.encode()


def _script(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8").replace("</script", r"<\/script")


def _policy(*scripts: str) -> str:
    digests = (base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in scripts)
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


def _body(inspection: Inspection, name: str, model: str) -> list[Component]:
    height, width = inspection.photo.rgb.shape[:2]
    facts, day = inspection.trace.facts, datetime.now(UTC).date().isoformat()
    network = f"{model} ({facts.family}, {facts.precision}){_told(inspection)}"
    shown = f"{network} on {name}, {width} \N{MULTIPLICATION SIGN} {height} px."
    return [
        html.Header(
            [
                html.Span("VisML", className="brand"),
                html.P([html.B(name), f" in {model}{_told(inspection)}"], className="replay-title"),
                html.Div(
                    [*header.sliders(), html.Div(header.theme_button(), className="tool tool-buttons")],
                    className="tools",
                ),
            ],
            className="header",
        ),
        html.Main(html.Section(inspecting.layout(), id="page-inspect", className="page"), id="main", tabIndex=-1),
        html.Footer(f"{shown} Saved on {day} by VisML {VERSION}.", className="sub replay-foot"),
        html.Div(id="notices", className="notices"),
        html.Div(id="announcer", className="visually-hidden", role="status"),
        sentences(),
    ]


def _told(inspection: Inspection) -> str:
    """What a class-conditioned network was told; empty for others."""
    category = inspection.trace.facts.category
    return "" if category is None else f", told {category}"


def _data(inspection: Inspection, name: str, model: str, view: str) -> Iterator[str]:
    """What is shown, and the view it opens with, each in an element that is no script."""
    trace = {
        **describe.opened(inspection, {"key": "photo", "label": name}),
        "trace": "saved",
        "model": model,
        "family": inspection.trace.facts.family,
    }
    told = json.dumps({"trace": trace, "view": _view(view)}).replace("<", r"\u003c")
    yield f'<script type="application/json" id="replay">{told}</script>'
    for path, body in _files(inspection):
        zipped = not path.endswith(".png")
        text = base64.b64encode(gzip.compress(body, mtime=0) if zipped else body).decode()
        marked = " data-gzip" if zipped else ""
        yield f'<script type="application/octet-stream" data-path="{escape(path)}"{marked}>{text}</script>'


def _files(inspection: Inspection) -> Iterator[tuple[str, bytes]]:
    """What ``/data`` serves of a photo, by the end of its address."""
    yield "photo.png", encode_png(inspection.squashed)
    bins = inspection.logits is not None
    yield ("logits.bin" if bins else "ab.bin"), encode_output(inspection.trace.output, bins=bins)
    for layer in inspection.layers[: -1 if bins else None]:
        traced = inspection[layer.name]
        yield f"{layer.name}.png", encode_atlas(traced.maps)
        yield f"{layer.name}.json", json.dumps(describe.layer(traced)).encode()


def _view(text: str) -> str:
    """The part of a view that the file can show."""
    pairs = parse_qsl(text.removeprefix("?"))
    return urlencode([pair for pair in pairs if pair[0] in VIEW and pair not in NOT_REPLAYED])
