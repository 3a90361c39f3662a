"""A server that answers ``/<filter>.png`` with one map of a layer, as tools without an atlas do."""

from __future__ import annotations

import io

import numpy as np
from flask import Flask, Response
from PIL import Image

from benchmarks import pictures
from benchmarks.filters import FILTERS, SIDE

app = Flask(__name__)
_photo = pictures.small(2 * SIDE)[..., 1]
MAPS = np.stack([np.roll(_photo, 3 * turn, axis=turn % 2)[:SIDE, :SIDE] for turn in range(FILTERS)])


@app.get("/<int:index>.png")
def one(index: int) -> Response:
    """One map, compressed as it is asked for."""
    body = io.BytesIO()
    Image.fromarray(MAPS[index]).save(body, "PNG", compress_level=1)
    return Response(body.getvalue(), mimetype="image/png")
