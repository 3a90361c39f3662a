"""Words that explain themselves: one list, the glossary made of it, and the pages that their links lead to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from visml.dashboard import manual
from visml.dashboard.terms import BY_KEY, TERMS, Term, anchor, glossary

ROOT = Path(__file__).parent.parent.parent
DOCS, ASSETS = ROOT / "docs", ROOT / "assets"


def anchors(name: str) -> set[str]:
    """The anchors of a file of docs/."""
    return {anchor(line.lstrip("# ")) for line in (DOCS / name).read_text().splitlines() if line.startswith("#")}


def test_the_glossary_is_made_of_the_list() -> None:
    assert (DOCS / "glossary.md").read_text() == glossary().rstrip() + "\n"
    assert len(BY_KEY) == len(TERMS)


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.key)
def test_a_term_is_one_sentence_and_its_definition_exists(term: Term) -> None:
    assert term.meaning.endswith(".")
    assert not re.search(r"\. [A-Z]", term.meaning)
    assert len(term.meaning) <= 110
    name, _, place = term.more.partition("#")
    assert not term.more or place in anchors(name)


def test_words_that_scripts_explain_are_in_the_list() -> None:
    texts = {path.name: path.read_text() for path in ASSETS.glob("*.js")}
    named = {key for text in texts.values() for key in re.findall(r'terms\.word\("([^"]+)"', text)}
    choices = set(re.findall(r'"([a-z-]+)"', re.search(r"const TERMS = {([^}]*)}", texts["pictures.js"])[1]))  # type: ignore[index]
    methods = {name.replace("_", "-") for name in ("gradient_x_input", "integrated_gradients", "occlusion")}
    assert named
    assert named | choices | methods | {"entropy", "modes", "margin"} <= BY_KEY.keys()


def test_a_word_leads_to_its_place_in_the_manual(client: FlaskClient) -> None:
    for term in TERMS:
        assert manual.address(term) == f"/docs/glossary.html#{term.key}"
    page = client.get("/docs/glossary.html")
    assert page.mimetype == "text/html"
    assert "script-src" in page.headers["Content-Security-Policy"]
    text = page.get_data(as_text=True)
    assert {f'id="{term.key}"' for term in TERMS} <= set(re.findall(r'id="[^"]+"', text))
    for link in set(re.findall(r'href="([a-z-]+\.html)', text)):
        assert client.get(f"/docs/{link}").status_code == 200


def test_the_manual_serves_its_pages_and_pictures_and_nothing_else(client: FlaskClient) -> None:
    told = client.get("/docs/insight.html").get_data(as_text=True)
    assert 'id="the-gamut-both-ways"' in told
    assert 'href="tour.html"' in told
    picture = re.search(r'src="(images/[^"]+)"', told)
    assert picture is not None
    with client.get(f"/docs/{picture[1]}") as answer:
        assert answer.mimetype == "image/webp"
    for name in ("no-such", "../README", "..%2FREADME", "images/../../README", "insight.md", "Insight"):
        assert client.get(f"/docs/{name}.html").status_code == 404
    assert client.get("/docs/images/../insight.md").status_code == 404


def test_markup_in_a_page_stays_a_text() -> None:
    assert "<script>alert" not in manual.page("# a\n\n<script>alert(1)</script>").split("<main>")[1]
