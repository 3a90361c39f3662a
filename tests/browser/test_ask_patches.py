"""Top patches, as a person uses them: built from the gallery and stopped, a filter's patches, photos behind them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import SILENT, Visit
from tests.browser.test_inspect import number
from visml.inspector import Inspection

Inspect = Callable[[str], Inspection]
LAYER = "conv3"


def build(visit: Visit) -> None:
    """Builds the gallery's index, unless an earlier test did."""
    visit.until("!document.getElementById('patches-missing').hidden || document.querySelector('.patch')")
    if visit.page.locator("#patches-missing").is_visible():
        visit.page.locator("#patches-build").click()
    visit.until("document.querySelector('.patch') && !document.querySelector('#patches-progress progress')")


def test_stopped_it_holds_the_photos_so_far_and_can_be_built_again(visit: Visit) -> None:
    visit.open(f"/?photo=coffee&layer={LAYER}&filter=0&ask=patches")
    visit.until("!document.getElementById('patches-missing').hidden")
    assert "visml patches index --model zhang16" in visit.text("patches-missing")
    photos = int(visit.text("patches-missing").split("gallery\u2019s ")[1].split()[0])
    visit.page.locator("#patches-build").click()
    visit.until("document.querySelector('#patches-progress progress')?.value > 0")
    visit.page.locator("#patches-progress button").click()
    visit.until("!document.querySelector('#patches-progress progress') && document.querySelector('.patch')")
    seen = int(visit.text("patches-sub").split("strongest of ")[1].split()[0])
    assert 0 < seen < photos
    assert visit.text("patches-build") == "Build it again"
    visit.page.locator("#patches-build").focus()
    visit.page.keyboard.press("Enter")
    visit.until(f"document.getElementById('patches-sub').textContent.startsWith('strongest of {photos} ')")


def test_a_filters_patches_are_where_it_answers_most(visit: Visit, inspect: Inspect) -> None:
    visit.open(f"/?photo=coffee&layer={LAYER}&filter=11&ask=patches")
    build(visit)
    assert visit.text("patches-title") == f"Filter 11 of {LAYER}"
    shown = [number(text) for text in visit.page.locator(".patch b").all_text_contents()]
    assert shown == sorted(shown, reverse=True)
    visit.until("[...document.querySelectorAll('.patch img')].every((image) => image.complete && image.naturalWidth)")
    sizes = visit.ask("[...document.querySelectorAll('.patch img')].map((image) => image.naturalWidth)")
    assert max(sizes) == 37, "the layer's receptive field"
    labels = visit.page.locator(".patch-label").all_text_contents()
    for label, value in list(zip(labels, shown, strict=True))[:2]:
        top = inspect(label)[LAYER].maps[11].max()
        assert value == pytest.approx(top, rel=0.01, abs=0.0006)
    before = len(visit.requests)
    visit.ask("V.state.set({ hoverFilter: 5 })")
    visit.frames()
    assert visit.text("patches-title") == f"Filter 5 of {LAYER}"
    assert visit.requests[before:] == [], "a pointer passing by fetches nothing"


def test_a_patch_opens_its_photo_by_keyboard_and_by_mouse(visit: Visit, inspect: Inspect) -> None:
    visit.open(f"/?photo=coffee&layer={LAYER}&filter=11&ask=patches")
    build(visit)
    for place, act in ((0, "keyboard"), (1, "mouse")):
        patch = visit.page.locator(".patch-open").nth(place)
        label = patch.locator(".patch-label").text_content()
        if act == "keyboard":
            patch.focus()
            visit.page.keyboard.press("Enter")
        else:
            patch.click()
        visit.until(f"V.state.get().photo === '{label}'")
        visit.settled()
        build(visit)
        x, y = visit.ask("[V.state.get().x, V.state.get().y]")
        maps = inspect(str(label))[LAYER].maps[11]
        assert maps[y * 28 // 224, x * 28 // 224] == pytest.approx(maps.max(), rel=1e-4)


def test_dead_filters_are_listed_and_can_be_looked_at(visit: Visit) -> None:
    visit.open(f"/?photo=coffee&layer={LAYER}&ask=patches")
    build(visit)
    chips = visit.page.locator("#patches-dead .patches-chip")
    assert set(map(str, SILENT)) <= set(chips.all_text_contents())
    chips.get_by_text(str(SILENT[1]), exact=True).click()
    visit.until(f"V.state.get().filter === {SILENT[1]}")
    visit.until("document.querySelector('.patches-none')")
    assert visit.text("patches-title") == f"Filter {SILENT[1]} of {LAYER}"
    assert visit.page.locator(".patch").count() == 0
    visit.ask("V.state.set({ layer: 'bins', pinnedLayer: 'bins', filter: null })")
    visit.until("!document.getElementById('patches-missing').hidden")
    assert "choose a layer" in visit.text("patches-missing")
    assert visit.page.locator("#patches-build").is_hidden()
