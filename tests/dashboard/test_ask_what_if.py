"""What if, by address: the output for an edited lightness, the lightness itself, and what is refused."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
import torch
from flask.testing import FlaskClient
from PIL import Image
from torch import nn

from tests.dashboard.conftest import ask_with
from visml.dashboard.app import create_app
from visml.dashboard.context import Context
from visml.images.decode import squash
from visml.insight import counterfactual
from visml.insight.counterfactual import Paste
from visml.insight.region import Region
from visml.inspector import Inspection
from visml.settings import Settings

WHAT = "curve:0-0_50-70_100-100;blur:2;paint:12,20,60,80@70"
UNKNOWN = "0" * 32


def asked(client: FlaskClient, trace: str, what: str, question: str = "what-if") -> Any:
    return client.get(f"/ask/{trace}/{question}", query_string={"what": what})


def logits(body: bytes) -> np.ndarray:
    return np.moveaxis(np.frombuffer(body, "<f2").reshape(56, 56, 313), -1, 0)


def test_the_answer_is_the_librarys(client: FlaskClient, trace: dict[str, Any], inspection: Inspection) -> None:
    answer = asked(client, trace["trace"], WHAT)
    assert answer.status_code == 200
    changed = inspection.what_if(WHAT)
    np.testing.assert_array_equal(logits(answer.data), changed.output.astype(np.float16))
    picture = Image.open(io.BytesIO(asked(client, trace["trace"], WHAT, "what-if-lightness").data))
    assert picture.mode == "L"
    np.testing.assert_array_equal(np.asarray(picture), changed.squashed[:, :, 0])


def test_without_edits_it_is_the_photos_own(client: FlaskClient, trace: dict[str, Any], inspection: Inspection) -> None:
    answer = asked(client, trace["trace"], "")
    np.testing.assert_array_equal(logits(answer.data), inspection.trace.output.astype(np.float16))


def test_another_photo_is_pasted_from_the_gallery(
    client: FlaskClient, context: Context, trace: dict[str, Any], inspection: Inspection
) -> None:
    other = context.inspector("zhang16").open(context.gallery.photo("chelsea"))
    np.testing.assert_array_equal(other.squashed, squash(context.gallery.photo("chelsea").rgb, 224))
    changed = inspection.what_if([Paste(other, Region(10, 20, 90, 70), (30, 40))])
    for _ in range(2):
        answer = asked(client, trace["trace"], "paste:chelsea@10,20,90,70@30,40")
        np.testing.assert_array_equal(logits(answer.data), changed.output.astype(np.float16))
    assert "immutable" not in answer.headers["Cache-Control"], "the other photo may be replaced"


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("sharpen", counterfactual.GRAMMAR),
        ("blur:99", "A blur's sigma lies above 0 and is at most 32 pixels."),
        ("paint:0,0,300,10@5", "The region must lie within the photo's 224 x 224 pixels and hold at least one."),
        ("paste:nobody@0,0,9,9", "There is no such photo in the gallery: choose another."),
        ("paste:..%2F..%2Fetc%2Fpasswd@0,0,9,9", "There is no such photo in the gallery: choose another."),
        ("x" * 5000, "This question is too long."),
    ],
)
@pytest.mark.parametrize("question", ["what-if", "what-if-lightness"])
def test_nonsense_gets_a_sentence(
    client: FlaskClient, trace: dict[str, Any], what: str, sentence: str, question: str
) -> None:
    answer = asked(client, trace["trace"], what, question)
    assert answer.status_code == 422
    assert answer.get_json()["error"] == sentence


def test_an_unknown_photo_is_gone(client: FlaskClient) -> None:
    assert asked(client, UNKNOWN, "invert").status_code == 404


def test_a_model_without_bins(settings: Settings) -> None:
    torch.manual_seed(0)
    own = nn.Sequential(nn.Conv2d(1, 3, 3, 4, 1), nn.ReLU(), nn.Conv2d(3, 2, 1))
    app = create_app(settings, {"own": own})
    client = app.server.test_client()
    told = ask_with(client, {"model": "own", "photo": "coffee"})
    answer = asked(client, told["trace"], "invert")
    planes = np.frombuffer(answer.data, "<f4").reshape(2, 56, 56)
    found = app.server.extensions["visml"].answering(told["trace"])
    with torch.inference_mode():
        wanted = own(100 - torch.tensor(found.lightness))[0].numpy()
    np.testing.assert_allclose(planes, wanted, rtol=1e-4, atol=1e-4)
