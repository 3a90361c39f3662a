"""One's own photos in Chromium: by button, dropped and pasted; what is refused says so; nobody else sees them."""

from __future__ import annotations

import base64
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, FilePayload

from tests.browser.conftest import Visit

GIVE = """([kind, name, content]) => {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], name, { type: "image/png" }));
    const how = { bubbles: true, cancelable: true };
    if (kind === "paste") document.body.dispatchEvent(new ClipboardEvent("paste", { ...how, clipboardData: data }));
    else for (const step of ["dragenter", "dragover", "drop"])
        document.body.dispatchEvent(new DragEvent(step, { ...how, dataTransfer: data }));
}"""


def _photo(red: int) -> bytes:
    """A PNG of 40 x 30 pixels, a ramp of one red."""
    ramp = np.zeros((30, 40, 3), np.uint8)
    ramp[..., 0], ramp[..., 1] = red, np.arange(40)
    buffer = BytesIO()
    Image.fromarray(ramp).save(buffer, "PNG")
    return buffer.getvalue()


def _choose(visit: Visit, name: str, content: bytes) -> None:
    with visit.page.expect_file_chooser() as chooser:
        visit.page.get_by_text("drop, paste or choose").click()
    chooser.value.set_files(FilePayload(name=name, mimeType="image/png", buffer=content))


def _opened(visit: Visit, label: str) -> None:
    visit.until(f"V.trace && V.trace.photo.label === {label!r}")
    visit.settled()


def test_a_photo_chosen_by_the_button_is_opened_and_stays_after_a_reload(visit: Visit) -> None:
    visit.open()
    _choose(visit, "mine.png", _photo(200))
    _opened(visit, "mine.png")
    photo = visit.ask("V.trace.photo")
    assert (photo["origin"], photo["width"], photo["height"]) == ("upload", 40, 30)
    visit.page.reload()
    _opened(visit, "mine.png")


@pytest.mark.parametrize("kind", ["drop", "paste"])
def test_a_photo_dropped_or_pasted_anywhere_is_opened(visit: Visit, kind: str) -> None:
    visit.open()
    visit.page.evaluate(GIVE, [kind, f"by {kind}.png", base64.b64encode(_photo(90)).decode()])
    _opened(visit, f"by {kind}.png")


def test_a_name_with_markup_is_shown_as_text(visit: Visit) -> None:
    visit.open()
    name = "<img src=x onerror=alert(1)>.png"
    _choose(visit, name, _photo(10))
    _opened(visit, name)
    assert visit.page.locator("img[src='x']").count() == 0
    visit.page.get_by_title(name, exact=True).first.wait_for()


def test_a_photo_over_the_limit_is_told_so_in_the_page_and_stays_there(visit: Visit) -> None:
    visit.open("/?photo=coffee")
    _choose(visit, "large.png", bytes(3 * 10**6))
    visit.page.get_by_role("alert").filter(has_text="This photo is 3 MB; the limit is 2 MB.").wait_for()
    assert not [address for address in visit.requests if address.endswith("/upload")]


def test_what_is_no_photo_gets_one_sentence_and_the_photo_before_it_stays(visit: Visit) -> None:
    visit.open("/?photo=coffee")
    _choose(visit, "page.png", b"<html>not found</html>")
    notice = visit.page.get_by_role("alert").filter(has_text="HTML page")
    notice.wait_for()
    assert "convert to JPEG or PNG" in (notice.text_content() or "")
    assert visit.ask("V.trace.photo.key") == "coffee"
    assert [error for error in visit.errors if "422" not in error] == []
    visit.errors.clear()  # Chromium itself reports the refusal


def test_another_visitor_does_not_see_it(visit: Visit, chromium: Browser) -> None:
    visit.open()
    _choose(visit, "secret.png", _photo(77))
    _opened(visit, "secret.png")
    other = chromium.new_context()
    try:
        page = other.new_page()
        page.goto(visit.url)
        page.locator("#page-inspect").wait_for()
        assert "secret.png" not in page.content()
        assert "upload:" not in page.content()
    finally:
        other.close()
