"""What the page fetches by address: arrays of an opened photo, thumbnails, uploads, health.

An address under ``/data`` names one answer for good, so the browser keeps it and never asks again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import numpy as np
from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import BadRequest

from visml.activations.atlas import encode_atlas
from visml.activations.store import is_handle
from visml.dashboard import describe
from visml.dashboard.bodies import Bodies
from visml.dashboard.context import Context
from visml.images.decode import PhotoRefused, encode_png
from visml.settings import Refused

if TYPE_CHECKING:
    from visml.activations.summary import Floats
    from visml.inspector import Inspection

YEAR = 365 * 86400
QUESTION_BYTES = 64_000
GONE = "This is no longer kept; open the photo again."
JSON, PNG, BINARY = "application/json", "image/png", "application/octet-stream"


def add_routes(server: Flask, context: Context) -> None:
    """Puts ``/health``, ``/open``, ``/thumb``, ``/upload`` and ``/data`` on the server."""
    server.add_url_rule("/health", view_func=_health)
    server.add_url_rule("/open", "open", _openings(context), methods=["POST"])
    server.add_url_rule("/thumb/<path:key>", "thumb", _thumbnails(context))
    server.add_url_rule("/upload", "upload", _uploads(context), methods=["POST"])
    bodies = Bodies()
    for rule, (mimetype, encode) in DATA.items():
        view = _data(context, bodies, mimetype, encode)
        server.add_url_rule(f"/data/<handle>/{rule}", f"data/{rule}", view)
    server.add_url_rule("/data/<path:anything>", "data", lambda anything: gone())


def question() -> Any:
    """The JSON of a request that asks something, which is never long.

    Raises:
        HTTPException: it is longer, or no JSON.
    """
    request.max_content_length = QUESTION_BYTES
    return request.get_json()


def _health() -> Response:
    return jsonify(status="ok")


def _openings(context: Context) -> Callable[[], Response]:
    def opened() -> Response:
        asked = question()
        if not isinstance(asked, dict):
            raise BadRequest
        model, key, category = str(asked.get("model")), str(asked.get("photo")), asked.get("category")
        told = None if category is None else str(category)
        inspection = context.inspector(model).open(context.gallery.photo(key), told)
        return jsonify(describe.trace(inspection, context.gallery.find(key), context.checkpoint(model)))

    return opened


def _thumbnails(context: Context) -> Callable[..., Response]:
    def thumbnail(key: str) -> Response:
        try:
            body = context.gallery.thumbnail(key)
        except PhotoRefused as refusal:
            return _missing(str(refusal))
        response = Response(body, mimetype="image/jpeg")
        response.headers["Cache-Control"] = "private, max-age=3600"
        response.add_etag()
        return response.make_conditional(request)  # type: ignore[return-value]

    return thumbnail


def _uploads(context: Context) -> Callable[[], Response]:
    def upload() -> Response:
        name = unquote(request.headers.get("X-Photo-Name", ""))
        listing = context.uploads.add(request.get_data(cache=False), name, context.limits)
        return jsonify(describe.photo(listing))

    return upload


def _data(
    context: Context, bodies: Bodies, mimetype: str, encode: Callable[..., bytes | None]
) -> Callable[..., Response]:
    """A view of one thing of an opened photo; ``encode`` gives None for what the photo does not have."""

    def make(handle: str, **names: Any) -> bytes | None:
        try:
            inspection = context.reopen(handle)
            return encode(context, inspection, **names) if inspection else None
        except Refused:  # part of it, or its model, went while it was read
            return None

    def view(handle: str, **names: Any) -> Response:
        etag = "-".join([handle, *map(str, names.values())])
        if is_handle(handle) and _has_already(etag):
            return kept(Response(status=304), etag)
        body = bodies.get(request.path)
        if body is None:
            body = make(handle, **names)
            if body is None:
                return gone()
            bodies.put(request.path, body)
        return kept(Response(body, mimetype=mimetype), etag)

    return view


def _has_already(etag: str) -> bool:
    """Whether the browser holds this answer; compressed answers have the compression's name behind a colon."""
    return any(held.split(":")[0] == etag for held in request.if_none_match)


def kept(response: Response, etag: str = "") -> Response:
    """The answer, for the browser to keep for good."""
    if etag:
        response.set_etag(etag)
    response.headers["Cache-Control"] = f"private, max-age={YEAR}, immutable"
    return response


def gone() -> Response:
    """The answer where an opened photo is no longer kept."""
    return _missing(GONE)


def _missing(sentence: str) -> Response:
    response = jsonify(schema=describe.SCHEMA, error=sentence)
    response.status_code = 404
    return response


def _photo(context: Context, inspection: Inspection) -> bytes:
    return encode_png(inspection.squashed)


def _logits(context: Context, inspection: Inspection) -> bytes | None:
    return None if inspection.logits is None else encode_output(inspection.logits, bins=True)


def _ab(context: Context, inspection: Inspection) -> bytes | None:
    """Only for models without bins, which have no temperature."""
    return encode_output(inspection.ab(), bins=False) if inspection.logits is None else None


def encode_output(output: Floats, *, bins: bool) -> bytes:
    """What a network gave, little-endian: logits as float16 ``(h, w, Q)``, ab as float32 ``(2, h, w)``."""
    if bins:
        return np.ascontiguousarray(np.moveaxis(output, 0, -1), "<f2").tobytes()
    return np.ascontiguousarray(output, "<f4").tobytes()


def _atlas(context: Context, inspection: Inspection, layer: str) -> bytes | None:
    return encode_atlas(inspection[layer].maps) if _has(inspection, layer) else None


def _layer(context: Context, inspection: Inspection, layer: str) -> bytes | None:
    if not _has(inspection, layer):
        return None
    return _json(describe.layer(inspection[layer]))


def _kernels(context: Context, inspection: Inspection, layer: str, index: int) -> bytes | None:
    inspector = context.inspector_of(inspection) if _has(inspection, layer) else None
    told = inspector and describe.kernel(inspector, layer, index)
    return _json(told) if told else None


def _has(inspection: Inspection, layer: str) -> bool:
    return any(layer == each.name for each in inspection.layers)


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


DATA: dict[str, tuple[str, Callable[..., bytes | None]]] = {
    "photo.png": (PNG, _photo),
    "logits.bin": (BINARY, _logits),
    "ab.bin": (BINARY, _ab),
    "<layer>.png": (PNG, _atlas),
    "<layer>.json": (JSON, _layer),
    "kernels/<layer>/<int:index>.json": (JSON, _kernels),
}
