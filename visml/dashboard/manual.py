"""``GET /docs/<page>.html``: the files of docs/ as pages, for whoever follows a word of the page to its definition."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

from flask import Flask, Response, send_from_directory
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from visml.dashboard.terms import GLOSSARY, Term, anchor

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
ADDRESS = "/docs"
STYLES = ("01-tokens.css", "02-shell.css", "40-manual.css")
_NAME = re.compile(r"^[a-z][a-z-]*$")
_LINK = re.compile(r"^([a-z][a-z/-]*)\.md(#[\w-]+)?$")
_PAGE = """<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>{title} - VisML</title>
    <link rel="icon" href="data:,">
    <script src="/assets/theme.js"></script>
    {styles}
  </head>
  <body class="manual">
    <header><a href="/" class="brand">VisML</a></header>
    <main>{body}</main>
  </body>
</html>
"""


def address(term: Term) -> str:
    """Where a word stands in the glossary."""
    return f"{ADDRESS}/{GLOSSARY}.html#{term.key}"


def add_manual(server: Flask) -> None:
    """Serves the pages and their pictures."""

    def _page(name: str) -> AnyResponse:
        if not _NAME.match(name) or not (DOCS / f"{name}.md").is_file():
            raise NotFound
        return Response(page((DOCS / f"{name}.md").read_text(encoding="utf-8")), mimetype="text/html")

    def _image(name: str) -> AnyResponse:
        return send_from_directory(DOCS / "images", name)

    server.add_url_rule(f"{ADDRESS}/<name>.html", "docs/page", _page)
    server.add_url_rule(f"{ADDRESS}/images/<name>", "docs/image", _image)


def page(text: str) -> str:
    """A file of docs/ as a page: its headings are anchors, its links lead to other pages."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    markdown.add_render_rule("fence", _fence)
    tokens = markdown.parse(text)
    title = next((tokens[i + 1].content for i, token in enumerate(tokens) if token.type == "heading_open"), "")
    for i, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", anchor(tokens[i + 1].content))
        for child in token.children or ():
            found = _LINK.match(str(child.attrGet("href") or ""))
            if found:
                child.attrSet("href", f"{found[1]}.html{found[2] or ''}")
    styles = "".join(f'<link rel="stylesheet" href="/assets/{name}">' for name in STYLES)
    return _PAGE.format(title=escape(title), styles=styles, body=markdown.renderer.render(tokens, markdown.options, {}))


def _fence(renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
    """A fenced block: a formula as MathML, all else as code."""
    from latex2mathml.converter import convert

    if tokens[at].info != "math":
        return renderer.fence(tokens, at, options, env)
    return f'<div class="formula">{convert(tokens[at].content, display="block")}</div>'
