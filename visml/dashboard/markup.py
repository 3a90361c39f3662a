"""Attributes that HTML spells with a dash, and words that explain themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import html
from dash.development.base_component import Component

from visml.dashboard.terms import BY_KEY, TERMS, Term


def aria(**attributes: str) -> dict[str, Any]:
    """``aria(label="Photos")`` for ``aria-label="Photos"``; an underscore becomes nothing, as in ARIA's own names."""
    return {f"aria-{name.replace('_', '')}": value for name, value in attributes.items()}


def data(**attributes: str) -> dict[str, Any]:
    """``data(photo_key="x")`` for ``data-photo-key="x"``."""
    return {f"data-{name.replace('_', '-')}": value for name, value in attributes.items()}


def term(key: str, text: str | None = None, more: str = "", **attributes: Any) -> Component:
    """A word that says what it means when it is pointed at, focused or tapped; see :mod:`visml.dashboard.terms`.

    Args:
        key: the term's.
        text: what stands on the page; the term's own name when None.
        more: further classes.
        **attributes: of the button.
    """
    name = BY_KEY[key].name if text is None else text
    classes = f"term {more}".strip()
    told = {**aria(describedby=f"term-{key}"), **data(term=key)}
    return html.Button(name, type="button", className=classes, **told, **attributes)


def sentences(more: Callable[[Term], str] | None = None) -> Component:
    """Every word's sentence, which tooltips show and screen readers read with the word; it stands once on the page.

    Args:
        more: where a word's definition stands; None where no page of docs/ can be reached.
    """
    told = [
        html.P(each.meaning, id=f"term-{each.key}", **data(name=each.name, more=more(each) if more else ""))
        for each in TERMS
    ]
    return html.Div(told, id="terms", hidden=True)
