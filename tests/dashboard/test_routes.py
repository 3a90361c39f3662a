"""What ``/data`` serves equals the inspector's arrays, and the browser may keep it for good."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image

from visml.dashboard.context import Context
from visml.inspector import Inspection

THINGS = ("photo.png", "logits.bin", "conv1.png", "conv4.json", "bins.png", "bins.json", "kernels/conv1/0.json")


@pytest.fixture
def inspection(context: Context, trace: dict[str, Any]) -> Inspection:
    found = context.reopen(trace["trace"])
    assert found is not None
    return found


def test_health(client: FlaskClient) -> None:
    assert client.get("/health").get_json() == {"status": "ok"}


def test_the_photo_is_lossless(client: FlaskClient, trace: dict[str, Any], inspection: Inspection) -> None:
    answer = client.get(f"/data/{trace['trace']}/photo.png")
    assert answer.mimetype == "image/png"
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(answer.data))), inspection.squashed)


def test_logits_are_float16_with_the_bins_last(
    client: FlaskClient, trace: dict[str, Any], inspection: Inspection
) -> None:
    served = np.frombuffer(client.get(f"/data/{trace['trace']}/logits.bin").data, "<f2").reshape(56, 56, 313)
    assert inspection.logits is not None
    np.testing.assert_array_equal(served[7, 30], inspection.logits[:, 7, 30].astype(np.float16))
    np.testing.assert_array_equal(served[:, :, 100], inspection.logits[100].astype(np.float16))


def test_the_atlas_and_its_numbers_give_the_maps_back(
    client: FlaskClient, trace: dict[str, Any], inspection: Inspection
) -> None:
    told = client.get(f"/data/{trace['trace']}/conv2.json").get_json()
    atlas = np.asarray(Image.open(io.BytesIO(client.get(f"/data/{trace['trace']}/conv2.png").data)))
    maps = inspection["conv2"].maps
    assert (told["channels"], told["height"], told["width"]) == maps.shape
    for index in (0, told["channels"] - 1):
        top, left = index // told["columns"] * 56, index % told["columns"] * 56
        low, high = told["min"][index], told["max"][index]
        restored = low + atlas[top : top + 56, left : left + 56] / 255 * (high - low)
        np.testing.assert_allclose(restored, maps[index], atol=(high - low) / 509 + 1e-6)


def test_the_numbers_of_a_layer_are_those_of_its_maps(
    client: FlaskClient, trace: dict[str, Any], inspection: Inspection
) -> None:
    told = client.get(f"/data/{trace['trace']}/conv4.json").get_json()
    maps = np.asarray(inspection["conv4"].maps, dtype=np.float64)
    np.testing.assert_allclose(told["mean"], maps.mean((1, 2)), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(told["std"], maps.std((1, 2)), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(told["max"], maps.max((1, 2)))
    np.testing.assert_allclose(told["active_share"], (maps > 0).mean((1, 2)), rtol=1e-6)
    assert told["silent"] == (maps.max((1, 2)) == 0).tolist()
    assert sum(told["histogram"]["counts"]) == maps.size
    assert told["schema"] == 1
    assert told["receptive_field"] == 85


def test_the_prediction_layer_has_no_active_share(client: FlaskClient, trace: dict[str, Any]) -> None:
    assert client.get(f"/data/{trace['trace']}/bins.json").get_json()["active_share"] is None


def test_kernels_are_the_networks_own(client: FlaskClient, trace: dict[str, Any], context: Context) -> None:
    inspector = context.inspector("zhang16")
    module = inspector.subject.module
    first = client.get(f"/data/{trace['trace']}/kernels/conv1/1.json").get_json()
    path = next(layer.convolution for layer in inspector.layers if layer.name == "conv1")
    assert first["convolution"] == path
    weight = module.get_submodule(path).weight.detach().numpy()[1]
    np.testing.assert_allclose(np.reshape(first["weights"], first["shape"]), weight)
    inputs = next(each for name, each in module.named_parameters() if each.dim() == 4).detach().numpy()
    np.testing.assert_allclose(first["inputs"], inputs.reshape(len(inputs), 9))
    assert client.get(f"/data/{trace['trace']}/kernels/conv3/0.json").get_json()["inputs"] is None


@pytest.mark.parametrize("thing", THINGS)
def test_the_browser_keeps_what_it_has_fetched(client: FlaskClient, trace: dict[str, Any], thing: str) -> None:
    address = f"/data/{trace['trace']}/{thing}"
    answer = client.get(address, headers={"Accept-Encoding": "br"})
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
    again = client.get(address, headers={"If-None-Match": answer.headers["ETag"], "Accept-Encoding": "br"})
    assert again.status_code == 304
    assert again.data == b""
    assert client.get(address, headers={"If-None-Match": '"another"'}).status_code == 200


def test_tags_differ_between_things(client: FlaskClient, trace: dict[str, Any]) -> None:
    tags = [client.get(f"/data/{trace['trace']}/{name}.png").headers["ETag"] for name in ("conv1", "conv2")]
    assert len(set(tags)) == 2


UNKNOWN = "0" * 32


@pytest.mark.parametrize(
    "address",
    [
        *(f"/data/{UNKNOWN}/{thing}" for thing in THINGS),
        "/data/../../etc/passwd",
        "/data/%2e%2e/%2e%2e/etc/passwd",
        "/data/short/photo.png",
        f"/data/{'A' * 32}/photo.png",
        "/data/",
        "/data/x",
        "/thumb/nothing",
        "/thumb/folder:../../etc/passwd",
        "/thumb/upload:..%2f..%2fsecret",
        "/thumb//etc/passwd",
        "/assets/../app.py",
        "/assets/nothing.js",
        "/nothing",
        "/app.py",
    ],
)
def test_what_is_not_there_is_told_without_paths_or_traces(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert answer.get_json()["error"].endswith(".")
    text = answer.get_data(as_text=True)
    assert not any(word in text for word in ("Traceback", "passwd", "File ", ".py", "/"))


@pytest.mark.parametrize(
    "thing", ["conv99.png", "conv99.json", "ab.bin", "kernels/conv1/9999.json", "kernels/x/0.json"]
)
def test_what_an_opened_photo_does_not_have(client: FlaskClient, trace: dict[str, Any], thing: str) -> None:
    assert client.get(f"/data/{trace['trace']}/{thing}").status_code == 404


def test_thumbnails_are_small_jpegs(client: FlaskClient) -> None:
    answer = client.get("/thumb/coffee")
    picture = Image.open(io.BytesIO(answer.data))
    assert picture.format == "JPEG"
    assert max(picture.size) <= 176
    assert client.get("/thumb/coffee", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_scripts_travel_compressed(client: FlaskClient, encoding: str) -> None:
    index = client.get("/").get_data(as_text=True)
    address = next(part for part in index.split('"') if "dash_mantine_components" in part and part.endswith(".js"))
    plain = client.get(address, headers={"Accept-Encoding": "identity"})
    packed = client.get(address, headers={"Accept-Encoding": encoding})
    assert packed.headers["Content-Encoding"] == encoding
    assert len(packed.data) < 0.4 * len(plain.data)
