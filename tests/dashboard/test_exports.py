"""What the Export menu downloads, against the library's arrays of the same photo."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from flask.testing import FlaskClient
from PIL import Image

from visml import checkpoints
from visml.inspector import Inspection
from visml.models import registry
from visml.settings import Settings

ROOT = Path(__file__).parents[2]

VIEW = "name=%3DSUM(A1)%2C+caf%C3%A9&layer=conv3&x=100&y=60&t=0.5&prior=0.25"
NAME = "=SUM(A1), café"


@pytest.fixture(scope="module")
def checkpoint_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A classifier whose prior is known."""
    root = tmp_path_factory.mktemp("checkpoints")
    torch.manual_seed(0)
    checkpoints.save(root / "zhang16", registry.build("zhang16", {"width": 0.0625}), {"width": 0.0625})
    probabilities = np.random.default_rng(0).dirichlet(np.full(313, 0.5)).tolist()
    (root / "zhang16" / "prior.json").write_text(json.dumps({"schema": 1, "probabilities": probabilities}))
    return root


def get(client: FlaskClient, trace: dict[str, Any], file: str, view: str = VIEW) -> bytes:
    response = client.get(f"/ask/{trace['trace']}/export/{file}?{view}")
    assert response.status_code == 200, response.get_data(as_text=True)
    assert response.headers["Cache-Control"] == "no-store"
    return response.data


def table(client: FlaskClient, trace: dict[str, Any], file: str, view: str = VIEW) -> dict[str, list[str]]:
    """The columns of a CSV file by name, each of them as long as the others."""
    head, *rows = csv.reader(io.StringIO(get(client, trace, file, view).decode()))
    assert {len(row) for row in rows} == {len(head)}
    return dict(zip(head, map(list, zip(*rows, strict=True)), strict=True))


def floats(column: list[str]) -> np.ndarray:
    return np.array(column, np.float32)


def test_the_colored_photo_is_the_librarys_at_full_size(
    client: FlaskClient, trace: dict[str, Any], inspection: Inspection
) -> None:
    picture = np.asarray(Image.open(io.BytesIO(get(client, trace, "color.png", "t=0.5"))))
    np.testing.assert_array_equal(picture, inspection.colorized(0.5))
    assert picture.shape == inspection.photo.rgb.shape
    divided = np.asarray(Image.open(io.BytesIO(get(client, trace, "color.png"))))
    assert (divided != picture).any()


def test_the_npz_is_the_librarys_arrays(client: FlaskClient, trace: dict[str, Any], inspection: Inspection) -> None:
    with np.load(io.BytesIO(get(client, trace, "arrays.npz"))) as file:
        found = dict(file)
    divided, layer = inspection.divided(0.25), inspection["conv3"]
    row, column = inspection.position(100, 60)
    statistics = {name: getattr(layer, name) for name in ("mean", "std", "min", "max", "active_share", "silent")}
    wanted = {
        "photo": inspection.squashed,
        "lightness": inspection.lightness[0],
        "logits": inspection.logits,
        "centers": inspection.centers,
        "ab": divided.ab(0.5),
        "painted": divided.painted(0.5),
        "entropy": divided.entropy(),
        "distribution": divided.distribution()[:, row, column],
        "conv3": layer.maps,
        **{f"{name}/conv3": values for name, values in statistics.items()},
        "histogram/conv3": layer.histogram.counts,
        "edges/conv3": np.histogram_bin_edges(layer.maps, 64).astype(np.float64),
    }
    about = json.loads(str(found.pop("about")))
    assert sorted(found) == sorted(wanted)
    for name, values in wanted.items():
        assert (found[name].dtype, found[name].shape) == (np.asarray(values).dtype, np.asarray(values).shape), name
        np.testing.assert_allclose(found[name], values, rtol=0, atol=1e-5 if name.startswith("edges") else 0)
    assert (about["photo"], about["model"], about["layer"]) == (NAME, "zhang16", "conv3")
    assert (about["x"], about["y"], about["temperature"], about["prior"]) == (100, 60, 0.5, 0.25)


def test_the_output_layer_is_not_written_twice(client: FlaskClient, trace: dict[str, Any]) -> None:
    with np.load(io.BytesIO(get(client, trace, "arrays.npz", "layer=bins"))) as file:
        assert "bins" not in file.files
        assert {"logits", "mean/bins"} <= set(file.files)


def test_the_tables_read_back_to_the_arrays(client: FlaskClient, trace: dict[str, Any], inspection: Inspection) -> None:
    layer = inspection["conv3"]
    filters = table(client, trace, "filters.csv")
    for name, column in (("mean", "mean"), ("max", "max"), ("active_share", "active share (0 to 1)")):
        np.testing.assert_array_equal(floats(filters[column]), getattr(layer, name))
    np.testing.assert_array_equal(floats(filters["silent (1 is yes)"]), layer.silent)
    assert set(filters["photo"]) == {f"'{NAME}"}, "no spreadsheet takes it for a formula"
    assert filters["filter"] == [str(index) for index in range(len(layer.maps))]
    one = table(client, trace, "map.csv", f"{VIEW}&filter=2")
    np.testing.assert_array_equal(floats(one["value"]).reshape(layer.maps[2].shape), layer.maps[2])
    assert (one["row"][-1], one["column"][-1]) == ("27", "27")
    counts = table(client, trace, "histogram.csv")
    assert list(map(int, counts["count"])) == layer.histogram.counts.tolist()
    assert float(counts["from"][0]) == layer.histogram.low
    assert float(counts["to"][-1]) == pytest.approx(layer.histogram.high)


def test_the_pixels_distribution_and_the_output_read_back(
    client: FlaskClient, trace: dict[str, Any], inspection: Inspection
) -> None:
    divided, (row, column) = inspection.divided(0.25), inspection.position(100, 60)
    pixel = table(client, trace, "distribution.csv")
    np.testing.assert_array_equal(floats(pixel["probability at T 1"]), divided.distribution()[:, row, column])
    annealed = floats(pixel["probability at temperature"])
    np.testing.assert_array_equal(annealed, divided.distribution(0.5)[:, row, column])
    centers = np.stack([floats(pixel["a (Lab units)"]), floats(pixel["b (Lab units)"])])
    np.testing.assert_array_equal(centers.T, inspection.centers)
    np.testing.assert_allclose(centers @ annealed, divided.ab(0.5)[:, row, column], atol=1e-3)
    output = table(client, trace, "output.csv")
    np.testing.assert_array_equal(floats(output["a (Lab units)"]).reshape(56, 56), divided.ab(0.5)[0])
    np.testing.assert_array_equal(floats(output["entropy (bits)"]).reshape(56, 56), divided.entropy())


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("arrays.npz?layer=conv99", "no such layer"),
        ("filters.csv?layer=", "no such layer"),
        ("map.csv?layer=conv3&filter=9999", "no such filter"),
        ("map.csv?layer=conv3", "'filter' must be"),
        ("distribution.csv?x=224", "between 0 and 223"),
        ("color.png?t=2", "'t' must be"),
        ("color.png?prior=nan", "'prior' must be"),
    ],
)
def test_what_there_is_not_is_told_in_a_sentence(
    client: FlaskClient, trace: dict[str, Any], question: str, sentence: str
) -> None:
    response = client.get(f"/ask/{trace['trace']}/export/{question}")
    assert response.status_code == 422
    assert sentence in response.get_json()["error"]


def test_the_page_tells_nothing_of_the_server(
    client: FlaskClient, trace: dict[str, Any], settings: Settings, inspection: Inspection
) -> None:
    hostile = "</script><script>alert(1)</script><b>"
    response = client.get(
        f"/ask/{trace['trace']}/export/page.html",
        query_string={"name": hostile, "layer": "conv3", "photo": "upload:secret", "sort": "push", "t": "0.5"},
    )
    text = response.get_data(as_text=True)
    assert response.mimetype == "application/octet-stream", "it must not open under the server's address"
    assert hostile not in text
    assert "&lt;/script&gt;&lt;script&gt;alert(1)" in text
    for secret in (trace["trace"], "upload:secret", str(settings.cache_dir), str(settings.checkpoints), str(ROOT)):
        assert secret not in text
    told = json.loads(re.findall(r'id="replay">(.*?)</script>', text)[0])
    assert told["trace"]["photo"]["label"] == hostile
    assert told["view"] == "layer=conv3&t=0.5"
    markup = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", text, flags=re.DOTALL)
    assert re.findall(r" (?:src|href|action)=\S", markup) == [' href="'], "its icon, which is in the file"
