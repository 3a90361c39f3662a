"""Dash's components as HTML text."""

from __future__ import annotations

import pytest
from dash import dcc, html

from visml.dashboard.markup import aria, data
from visml.dashboard.plain import markup


def test_texts_and_attributes_are_escaped_and_attributes_sorted_by_name() -> None:
    box = html.Div(["<b>", html.Br(), html.Span("&", hidden=True)], className='"x', **aria(label="<i>"))
    wanted = '<div aria-label="&lt;i&gt;" class="&quot;x">&lt;b&gt;<br><span hidden>&amp;</span></div>'
    assert markup([box, None, 1]) == f"{wanted}1"


def test_nothing_leads_to_the_server() -> None:
    link = html.A("words", href="/docs/glossary.html", **data(more="/docs", name="word"))
    assert markup(link) == '<a data-name="word">words</a>'


def test_only_html_has_a_text() -> None:
    with pytest.raises(TypeError, match="Store"):
        markup(html.Div(dcc.Store(id="x")))
