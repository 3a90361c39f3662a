"""The page's own scripts and styles, each kind as one file, compressed once and kept by the browser for good.

They are written as a hundred small files and would be fetched as a hundred: the first page would wait for them. With
the scripts comes the HTML of the pages that they fill.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from flask import Flask, Request, Response, redirect
from flask_compress import Compress
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from visml.dashboard import pages

ASSETS = Path(__file__).resolve().parent.parent.parent / "assets"
ALONE = ("theme.js", "replay.js", "replay.css")  # read by themselves: before all others, and by a saved page
FOREVER = "private, max-age=31536000, immutable"
TYPES = {"js": "text/javascript", "css": "text/css", "map": "application/json"}
LASTING = (";/_dash-component-suites/", ";/bundle/")  # in keys: the algorithm; the address
COMPRESSED = 64


@dataclass(frozen=True)
class Bundle:
    """The files of one kind, joined.

    Attributes:
        kind: ``js`` or ``css``.
        files: name and text of each, in the order of their names.
        made: what follows them and is in no file.
    """

    kind: str
    files: tuple[tuple[str, str], ...]
    made: tuple[str, ...] = ()

    @cached_property
    def text(self) -> str:
        """All of them, one below the other."""
        return "\n".join([*(text for _, text in self.files), *self.made])

    @cached_property
    def digest(self) -> str:
        """32 hexadecimal digits that change with any of them."""
        return hashlib.blake2b(self.text.encode(), digest_size=16).hexdigest()

    @property
    def address(self) -> str:
        """Where it is served."""
        return f"/bundle/{self.digest}.{self.kind}"

    @property
    def map(self) -> str:
        """Where each line came from, by which a browser's own tools show the files as they were written.

        Its form is that of ECMA-426, with one section for each file; every line is mapped to itself.
        """
        sections, first = [], 0
        for name, text in self.files:
            lines = text.count("\n") + 1
            same = "AAAA" + ";AACA" * (lines - 1)
            mapped = {"version": 3, "sources": [f"/assets/{name}"], "names": [], "mappings": same}
            sections.append({"offset": {"line": first, "column": 0}, "map": mapped})
            first += lines
        return json.dumps({"version": 3, "sections": sections})


def bundle(kind: str) -> Bundle:
    """The files of a kind as they are now."""
    found = sorted(path for path in ASSETS.glob(f"*.{kind}") if path.name not in ALONE)
    return _read(kind, tuple((path, path.stat().st_mtime_ns) for path in found))


@lru_cache(maxsize=4)
def _read(kind: str, found: tuple[tuple[Path, int], ...]) -> Bundle:
    files = tuple((path.name, path.read_text(encoding="utf-8")) for path, _ in found)
    return Bundle(kind, files, made=(pages.script(),) if kind == "js" else ())


def add_scripts(server: Flask) -> None:
    """Serves the bundles; whatever is text leaves the server compressed."""

    def serve(digest: str, kind: str) -> AnyResponse:
        if kind not in TYPES:
            raise NotFound
        found = bundle("js" if kind == "map" else kind)
        if digest != found.digest:  # of another version of the page
            return redirect(f"/bundle/{found.digest}.{kind}")
        body = {"js": f"{found.text}\n//# sourceMappingURL={digest}.map", "map": found.map}.get(kind, found.text)
        return Response(body, mimetype=TYPES[kind], headers={"Cache-Control": FOREVER})

    server.add_url_rule("/bundle/<digest>.<kind>", "bundle", serve)
    _compress(server)


def compress_ahead(server: Flask, token: str | None) -> None:
    """Compresses what the first page will ask for, before it asks."""
    client = server.test_client()
    page = client.get("/", query_string={"token": token} if token else None, follow_redirects=True)
    for address in re.findall(r'="(/(?:bundle|_dash-component-suites)/[^"]+)"', page.text):
        client.get(address, headers={"Accept-Encoding": "br"}).close()


class _Kept(dict[str, bytes]):
    """Compressed answers, a bounded number: only those whose address changes when they do."""

    def set(self, key: str, value: bytes) -> None:
        if any(each in key for each in LASTING) and len(self) < COMPRESSED:
            self[key] = value


def _compress(server: Flask) -> None:
    def address(request: Request) -> str:
        return request.path

    server.config.update(
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=4,
        COMPRESS_MIMETYPES=["text/html", "text/css", "text/javascript", "application/javascript", "application/json"],
        COMPRESS_CACHE_KEY=address,
        COMPRESS_CACHE_BACKEND=_Kept,
    )
    Compress(server)
