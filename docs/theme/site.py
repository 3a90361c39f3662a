"""How the Markdown of ``docs/`` becomes a site: formulas as MathML, docstrings' roles as links."""

from __future__ import annotations

import re
from typing import Any

import griffe
from latex2mathml.converter import convert
from mkdocs.config.defaults import MkDocsConfig

_OUTSIDE = re.compile(r"\[([^\]]+)\]\(\.\./[^)]*\)")  # a file of the project that is no page of the site
_ROLE = re.compile(r":[a-z]+:`~?([\w.]+)`")
_LITERAL = re.compile(r"^(\s*)::\n", re.MULTILINE)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Fenced blocks of ``math``, which code hosts draw by themselves, become MathML: no script, no font to fetch."""
    fence = {"name": "math", "class": "math", "format": _formula}
    config.mdx_configs.setdefault("pymdownx.superfences", {})["custom_fences"] = [fence]
    return config


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Links that lead out of ``docs/`` are names on the site; reference pages, which lie deeper, have none."""
    return markdown if page.file.src_uri.startswith("reference/") else _OUTSIDE.sub(r"`\1`", markdown)


def _formula(source: str, *_: Any, **__: Any) -> str:
    return f'<div class="formula" tabindex="0">{convert(source, display="block")}</div>'


class Docstrings(griffe.Extension):
    """Sphinx's roles and ``::`` of the docstrings in Markdown."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite the docstring of whatever was read."""
        if obj.docstring:
            text = _LITERAL.sub(r"\1\n", obj.docstring.value)
            obj.docstring.value = _ROLE.sub(lambda role: _link(obj, role[1]), text)


def _link(obj: griffe.Object, name: str) -> str:
    """A link to what a role names, where it stands on a page; else its last word."""
    owner = obj if isinstance(obj, griffe.Module | griffe.Class) else obj.parent
    path = name
    while owner is not None and not name.startswith("visml."):
        if name.partition(".")[0] in owner.all_members:
            path = f"{owner.path}.{name}"
            break
        owner = owner.parent
    return f'<autoref identifier="{path}" optional><code>{name.rpartition(".")[2]}</code></autoref>'
