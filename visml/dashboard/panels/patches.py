"""Top patches: what a filter answers to most strongly, and the filters of its layer that tell nothing new.

``/ask/<trace>/patches.json?layer=conv4`` gives every filter's patches in a layer, or why there are none, and
``/ask/<trace>/patch?layer=conv4&filter=3&rank=0&index=<stamp>`` one of them as a picture, looked up in the index and
cut anew. ``/ask/<trace>/patches-part?part=0`` builds the next part of an index of the gallery.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from dash import Dash, html
from dash.development.base_component import Component

from visml.dashboard.asking import Asked, QuestionRefused, answer
from visml.dashboard.context import Context
from visml.dashboard.markup import aria, term
from visml.dashboard.patching import Patching
from visml.dashboard.routes import JSON, PNG
from visml.images.decode import clean_label, encode_png

if TYPE_CHECKING:
    from visml.insight.patches import Patch, PatchIndex
    from visml.inspector import Inspection

WORDS = (
    "What does this filter look for? These are the places, one a photo, where it answers most strongly, cut to what "
    "it sees there. Point at a filter above, or pin one."
)
AGAIN = "The patches were indexed anew: choose the layer again."


def layout() -> Component:
    """The filter's patches, where they come from, and the layer's dead and near-duplicate filters."""
    return html.Div(
        [
            html.P(WORDS, className="sub ask-words"),
            html.Div(
                [
                    html.H3("Filter", id="patches-title", className="panel-title num"),
                    html.Span(id="patches-sub", className="sub num"),
                    html.Button("Build from the gallery", id="patches-build", className="button", type="button"),
                    html.Span(id="patches-progress", className="ask-progress"),
                ],
                className="patches-head",
            ),
            html.P(id="patches-missing", className="patches-missing"),
            html.Ol(id="patches-list", className="patches-list", **aria(labelledby="patches-title")),
            html.Div(
                [
                    _filters("dead", term("dead-filter", "Dead filters")),
                    _filters("duplicates", term("near-duplicates")),
                ],
                className="patches-others",
            ),
        ]
    )


def register(app: Dash, context: Context) -> None:
    """Answers the addresses named above; what hangs on the index is not for good."""
    patching = Patching(context)

    def told(inspection: Inspection, asked: Asked) -> bytes:
        return _json(_told(context, patching, inspection, asked.text("layer")))

    def part(inspection: Inspection, asked: Asked) -> bytes:
        return _json({"schema": 1, "seen": patching.add(inspection, asked.whole("part", 0, 999))})

    answer(app.server, context, "patches.json", JSON, told, lasting=False)
    answer(app.server, context, "patches-part", JSON, part, lasting=False)
    answer(app.server, context, "patch", PNG, lambda inspection, asked: _cut(patching, inspection, asked))


def _told(context: Context, patching: Patching, inspection: Inspection, layer: str) -> dict[str, Any]:
    index = patching.of(inspection)
    common: dict[str, Any] = {"schema": 1, "photos": len(patching.keys()), "parts": patching.parts()}
    if index is None:
        return common | {"missing": _missing(inspection, common["photos"])}
    if layer not in [each.name for each in index.layers]:
        return common | {"missing": "The output has no filters: choose a layer of the network."}
    found = index.layer(layer)
    patches = [index.patches(layer, number) for number in range(found.channels)]
    pictures = list(dict.fromkeys(patch.picture for each in patches for patch in each))
    numbers = {picture: number for number, picture in enumerate(pictures)}
    return common | {
        "index": _stamp(index),
        "data": "gallery" if _of_gallery(index) else Path(index.data).name,
        "seen": index.seen,
        "size": index.size,
        "layer": layer,
        "pictures": [_picture(context, index, each.name, each.width, each.height) for each in pictures],
        "filters": [[_patch(numbers[patch.picture], patch) for patch in each] for each in patches],
        "dead": found.dead,
        "duplicates": found.duplicates,
    }


def _missing(inspection: Inspection, photos: int) -> str:
    """What to do where nothing is indexed; a network without a checkpoint has the gallery alone."""
    facts = inspection.trace.facts
    ways = [f"build a small index from the gallery\u2019s {photos} photos"] if photos else []
    if facts.model_sha256:
        ways.append(f"index a folder: visml patches index --model {facts.model} --data DIR")
    told = ", or ".join(ways)
    return f"No pictures are indexed for this network yet. {told[:1].upper()}{told[1:]}"


def _picture(context: Context, index: PatchIndex, name: str, width: int, height: int) -> dict[str, Any]:
    """A picture's label, its key in the gallery or null, and its shape."""
    if _of_gallery(index):
        key: str | None = name
    else:
        key = _key(context, Path(index.data), name)
    label = clean_label(PurePosixPath(name.removeprefix("folder:")).name)
    return {"label": label or "photo", "key": key, "width": width, "height": height}


def _key(context: Context, root: Path, name: str) -> str | None:
    """The gallery's key of a file of an indexed folder, where the gallery's own folder holds it."""
    images = context.settings.images
    if images is None or not root.is_relative_to(images.resolve()):
        return None
    return f"folder:{(root / name).relative_to(images.resolve()).as_posix()}"


def _patch(number: int, patch: Patch) -> list[Any]:
    """Number of the picture, value, middle x and y, the box, and whether it is the whole photo."""
    return [number, round(patch.value, 4), patch.x, patch.y, *astuple(patch.box), int(patch.whole)]


def _cut(patching: Patching, inspection: Inspection, asked: Asked) -> bytes:
    from visml.insight.patches import cut

    index = patching.of(inspection)
    if index is None or asked.text("index") != _stamp(index):
        raise QuestionRefused(AGAIN)
    layer = asked.text("layer")
    patches = index.patches(layer, asked.whole("filter", 0, index.layer(layer).channels - 1))
    rank = asked.whole("rank", 0, index.per_filter - 1)
    if rank >= len(patches):
        raise QuestionRefused("This filter has fewer patches.")
    return encode_png(cut(patching.photo(index, patches[rank]), patches[rank], index.size))


def _stamp(index: PatchIndex) -> str:
    """A name of the index that no other has."""
    digest = hashlib.blake2b(index.values.tobytes(), digest_size=8)
    digest.update(index.places.tobytes())
    digest.update("\n".join([index.data, *(each.name for each in index.pictures)]).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _of_gallery(index: PatchIndex) -> bool:
    from visml.insight.patches import GALLERY

    return index.data == GALLERY


def _filters(name: str, title: Component) -> Component:
    return html.Section(
        [
            html.H3(
                [title, " ", html.Span(id=f"patches-{name}-count", className="sub num")],
                id=f"patches-{name}-title",
                className="panel-title",
            ),
            html.P(id=f"patches-{name}-words", className="sub"),
            html.Ul(id=f"patches-{name}", className="patches-chips num"),
        ],
        **aria(labelledby=f"patches-{name}-title"),
    )


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode()
