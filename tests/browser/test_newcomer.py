"""The page as somebody sees it who comes for the first time: the tour, the help, the words, the way to an answer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.conftest import Visit, visiting
from tests.browser.test_inspect import number
from visml.insight.region import Region
from visml.inspector import Inspection

CHECKPOINTS = Path(__file__).parent.parent.parent / "checkpoints"
AXE = Axe()
RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"],
}
STEPS = ("A photo without its colors", "Its layers", "What each filter sees", "What it makes of a pixel", "Ask why")


@pytest.fixture(scope="module")
def checkpoint_root() -> Path:
    """The shipped networks."""
    return CHECKPOINTS


@pytest.fixture
def stranger(chromium: Browser, site: str) -> Iterator[Visit]:
    """A visit of a browser that was never here."""
    context: BrowserContext = chromium.new_context(viewport={"width": 1440, "height": 1000}, reduced_motion="reduce")
    with visiting(context, site) as made:
        yield made
    context.close()


def step(page: Page, name: str) -> Locator:
    """The tour's card at a step."""
    card = page.get_by_role("dialog", name=name, exact=True)
    expect(card).to_be_visible()
    return card


def onward(page: Page, name: str, follows: str) -> None:
    """What was tried is noticed; then to the next step."""
    expect(step(page, name)).to_contain_text("\u2713")
    step(page, name).get_by_role("button", name=follows, exact=True).click()


def test_the_tour_is_offered_once_and_notices_what_was_tried(stranger: Visit) -> None:
    page = stranger.page
    stranger.open("/?photo=coffee")
    expect(page.locator("#tour")).to_have_count(0)  # a link shows what it names
    stranger.open()
    assert stranger.ask("document.activeElement.textContent") == "Next"
    expect(step(page, STEPS[0])).not_to_contain_text("\u2713")
    page.get_by_role("option", name="coffee").click()
    onward(page, STEPS[0], "Next")
    stranger.point("[data-layer=conv3]", 0.5, 0.5)
    onward(page, STEPS[1], "Next")
    stranger.point("#grid .grid-box", 0.3, 0.3)
    onward(page, STEPS[2], "Next")
    expect(page.locator("#view-bins")).to_be_visible()
    page.get_by_role("slider", name="Temperature").focus()
    page.keyboard.press("ArrowRight")
    onward(page, STEPS[3], "Next")
    page.get_by_role("tab", name="Trust").click()
    onward(page, STEPS[4], "Done")
    expect(page.locator("#tour")).to_be_hidden()
    page.goto(stranger.url)
    stranger.settled()
    expect(page.locator("#tour")).to_have_count(0)
    page.keyboard.press("?")
    page.get_by_role("button", name="Take the tour").click()
    step(page, STEPS[0])
    page.keyboard.press("Escape")
    expect(page.locator("#tour")).to_be_hidden()
    assert stranger.ask("document.activeElement.id") == "help-open"


def test_every_key_of_the_help_is_answered(visit: Visit) -> None:
    visit.open("/?photo=coffee")
    groups = visit.ask("V.keys.GROUPS.map(({ at, list }) => ({ at, keys: list.flatMap((each) => each.keys) }))")
    assert visit.page.locator("#help-keys .key").count() == visit.ask(
        "V.keys.GROUPS.flatMap((each) => each.list).length"
    )
    visit.page.evaluate("addEventListener('keydown', (event) => { window.lastKey = event; }, true)")
    for group in groups[1:]:
        layer = "bins" if group["at"] == "#gamut" else "conv4"
        visit.ask(f"V.state.set({{ layer: '{layer}', pinnedLayer: '{layer}' }})")
        visit.frames()
        visit.page.locator(group["at"]).first.focus()
        for key in group["keys"]:
            visit.page.keyboard.press("Space" if key == " " else key)
            assert visit.page.evaluate("window.lastKey.defaultPrevented"), (group["at"], key)
    visit.settled()


def test_a_word_says_what_it_means(visit: Visit) -> None:
    """By keyboard, by pointing, and to whoever does not see it."""
    visit.open("/?photo=coffee&layer=bins")
    page, tip = visit.page, visit.page.locator("#term-tip")
    word = page.get_by_role("button", name="annealed mean")
    assert "between mode" in visit.text(word.get_attribute("aria-describedby") or "")
    word.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(tip).to_contain_text("between mode (T 0) and mean (T 1)")
    page.keyboard.press("Enter")
    link = page.get_by_role("link", name="More in the glossary")
    expect(link).to_be_focused()
    assert link.get_attribute("href") == "/docs/glossary.html#annealed-mean"
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    expect(word).to_be_focused()
    page.get_by_role("button", name="Predicted", exact=True).hover()
    expect(tip).to_contain_text("the photo's own lightness")
    page.mouse.move(720, 990)
    expect(tip).to_be_hidden()


def test_what_changed_is_announced(visit: Visit) -> None:
    visit.open("/?photo=coffee")
    told = visit.page.locator("#announcer")
    visit.page.keyboard.press("]")
    expect(told).to_have_text(re.compile(r"Layer conv2: \d+ filters of 56 by 56"))
    visit.page.locator("#grid").focus()
    visit.page.keyboard.press("Enter")
    expect(told).to_have_text(re.compile(r"Filter \d+ of conv2 is pinned\."))
    visit.page.locator("#ask-tab-samples").click()
    expect(told).to_have_text("Samples: the answer is there.")
    visit.page.locator("#picture-predicted").focus()
    visit.page.keyboard.press("ArrowRight")
    expect(told).to_have_text(re.compile(r"target \w[\w ]* L .*; lightness x .*; predicted \w[\w ]* L .*bits\."))


HUES = {
    "black": (5, 1, 0),
    "gray": (50, 2, -2),
    "white": (98, 0, 1),
    "bluish gray": (50, 0, -10),
    "red": (53, 80, 67),
    "orange": (75, 24, 79),
    "brown": (40, 20, 30),
    "light yellow": (97, -21, 94),
    "olive": (52, -8, 56),
    "green": (46, -52, 50),
    "light turquoise": (91, -48, -14),
    "light blue": (79, -15, -21),
    "blue": (33, 79, -108),
    "dark blue": (13, 47, -64),
    "purple": (40, 52, -40),
    "pink": (65, 64, -11),
}


def test_every_color_has_a_name(visit: Visit) -> None:
    visit.open("/?photo=coffee")
    named = {name: visit.ask(f"V.hue({L}, {a}, {b})") for name, (L, a, b) in HUES.items()}
    assert named == {name: name for name in HUES}
    assert visit.page.locator("#ten .bin-hue").first.text_content() is not None
    assert re.fullmatch(r"[a-z ]+", visit.text("hue-predicted"))


ASKED: tuple[dict[str, str], ...] = (
    {"ask": "off", "off": "conv7:1,2"},
    {"ask": "lens"},
    {"ask": "why"},
    {"ask": "patches"},
    {"ask": "what-if", "what": "blur:2"},
    {"ask": "transplant", "donor": "grass"},
    {"ask": "samples", "layer": "bins", "pinnedLayer": "bins"},
    {"ask": "trust"},
)


READY = {
    "compare": "#compare-mean:not(:empty)",
    "colors": "#colors-grid",
    "training": "#training-curves .js-plotly-plot",
    "evaluation": "#evaluation-seen-model",
}


def test_axe_finds_nothing(visit: Visit) -> None:
    """Every page, every question, the help and a sentence, light; what is colored otherwise in the dark, there too."""
    page = visit.page
    visit.open("/?photo=camera&filter=1&layer=conv7&sort=push&region=140,5,220,70")
    clean(page, "a layer, sorted by push")
    for part in ASKED:
        visit.ask(f"V.state.set({json.dumps(part)})")
        page.wait_for_timeout(400)
    page.evaluate("document.querySelectorAll('.ask-panel').forEach((panel) => { panel.hidden = false; })")
    clean(page, "the questions", "#ask")
    page.locator("#becomes-mode .term").click()
    page.keyboard.press("?")
    clean(page, "help and a sentence")
    page.locator("#help-close").click()
    page.locator("#theme-toggle").click()
    clean(page, "dark")
    for name, ready in READY.items():
        page.locator(f"#nav-{name}").click()
        expect(page.locator(ready).first).to_be_visible(timeout=60_000)
        expect(page.locator(".is-waiting:visible")).to_have_count(0, timeout=60_000)
        clean(page, name)
    page.goto(f"{visit.url}/docs/glossary.html")
    clean(page, "manual")


def clean(page: Page, where: str, part: str | None = None) -> None:
    """Nothing is found on the page, or in a part of it, scrolled to the top: what the header covers counts as small."""
    page.evaluate("scrollTo(0, 0)")
    violations = AXE.run(page, part, RULES).response["violations"]
    told = [(each["id"], [node["target"] for node in each["nodes"]]) for each in violations]
    assert told == [], where


def test_from_the_first_screen_to_the_filters_that_push_a_sky_toward_blue(
    stranger: Visit, inspect: Callable[[str], Inspection]
) -> None:
    """With nothing but what the page says: its labels, its roles, its words."""
    page, done = stranger.page, []
    stranger.open()

    def act(one: Locator) -> None:
        one.click()
        done.append(one)

    act(page.get_by_role("button", name="Skip the tour"))
    act(page.get_by_role("option", name="camera"))
    stranger.settled()
    act(page.get_by_role("button", name="Which filters make this color?"))
    steps = page.get_by_role("list").filter(has_text="the sky for instance").last
    act(steps.get_by_role("button", name="Select a region"))
    drag(page, page.get_by_role("application", name="The predicted picture"), (0.63, 0.03), (0.97, 0.3))
    done.append(page.get_by_role("application", name="The predicted picture"))
    act(page.get_by_role("navigation", name="Layers of the network").get_by_role("button", name=re.compile("^conv7")))
    act(steps.get_by_role("button", name="Toward blue"))
    expect(page.get_by_text("all exact")).to_be_visible(timeout=60_000)
    answer = page.get_by_role("button", name=re.compile(r"^Pin filter \d+ of conv7"))
    told = [re.findall(r"\S+", each.inner_text()) for each in answer.all()]
    assert len(done) < 10

    sky, truth = Region.parse(stranger.ask("V.state.get().region")), inspect("camera")
    alive = np.flatnonzero(~truth["conv7"].silent)
    pushes = -truth.exact_pushes("conv7", alive.tolist(), sky)[:, 1]
    best = np.argsort(-pushes)[:3]
    assert [int(filter_) for filter_, _ in told] == alive[best].tolist()
    assert [number(push.replace("+", "")) for _, push in told] == pytest.approx(pushes[best], abs=0.006)

    act(page.get_by_role("button", name="Switch these off"))
    stranger.until("V.askOff.made")
    stranger.frames()
    assert number(stranger.text("off-delta-b")) == pytest.approx(
        truth.switch_off({"conv7": alive[best].tolist()}).shift(sky)[1], abs=0.03
    )


def drag(page: Page, picture: Locator, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draws a box over a picture, in shares of its sides."""
    picture.hover()  # it is brought into sight, perhaps smoothly
    box = picture.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + start[0] * box["width"], box["y"] + start[1] * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + end[0] * box["width"], box["y"] + end[1] * box["height"], steps=4)
    page.mouse.up()
