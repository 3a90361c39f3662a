"""Dash's HTML components as HTML text, for what stands without Dash."""

from __future__ import annotations

from html import escape
from typing import Any

from dash.development.base_component import Component

_VOID = ("Br", "Hr", "Img")
_NAMES = {"className": "class", "htmlFor": "for"}


def markup(node: Any, served: bool = False) -> str:
    """The HTML of a component, of a list of them or of a text; attributes stand in the order of their names.

    Args:
        node: what is to be written.
        served: whether it is served beside the dashboard; if not, an address on the server is no link any more.

    Raises:
        TypeError: a component is none of HTML's own.
    """
    if isinstance(node, list | tuple):
        return "".join(markup(each, served) for each in node)
    if not isinstance(node, Component):
        return "" if node is None else escape(str(node))
    told: dict[str, Any] = node.to_plotly_json()  # type: ignore[no-untyped-call]
    if told["namespace"] != "dash_html_components":
        raise TypeError(f"{told['type']} is no element of HTML.")
    tag, properties = told["type"].lower(), dict(told["props"])
    inside = markup(properties.pop("children", None), served)
    start = f"<{tag}{''.join(_attribute(name, value, served) for name, value in sorted(properties.items()))}>"
    return start if told["type"] in _VOID else f"{start}{inside}</{tag}>"


def _attribute(name: str, value: Any, served: bool) -> str:
    name = _NAMES.get(name, name.lower())
    if value is None or value is False or (str(value).startswith("/") and not served):
        return ""
    if isinstance(value, dict):
        value = ";".join(f"{key}:{each}" for key, each in value.items())
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'
