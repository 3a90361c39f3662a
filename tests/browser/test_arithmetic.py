"""The page's own arithmetic against numpy, scikit-image and the library: decoding, colors, scores, bins."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from PIL import Image
from playwright.sync_api import Browser, Page
from skimage import color, data

from visml import metrics
from visml.color import bins, lab

ASSETS = Path(__file__).resolve().parents[2] / "assets"
SIZE, SIDE = 64, 16
FILES = ("color", "decode", "bins", "metrics", "viridis", "grid", "filter")


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    """A blank page with the arithmetic loaded, and ``bytes(text)`` to bring arrays in."""
    page = chromium.new_page()
    for name in FILES:
        page.add_script_tag(path=ASSETS / f"{name}.js")
    page.add_script_tag(
        content="V = dash_clientside.visml; bytes = (s) => Uint8Array.from(atob(s), (c) => c.charCodeAt(0));"
    )
    yield page
    page.close()


@pytest.fixture(scope="module")
def photo() -> npt.NDArray[np.uint8]:
    return np.asarray(Image.fromarray(data.astronaut()).resize((SIZE, SIZE)))


@pytest.fixture(scope="module")
def logits() -> npt.NDArray[np.float16]:
    """Raw outputs ``(SIDE, SIDE, 313)``, some peaked and some flat."""
    noise = np.random.default_rng(0).normal(size=(SIDE, SIDE, 313))
    return (noise * np.linspace(0.2, 8, SIDE)[:, None, None]).astype(np.float16)


def _send(array: npt.NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def _opaque(rgb: npt.NDArray[np.uint8]) -> str:
    return _send(np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)]))


def _tensor(logits: npt.NDArray[np.float16]) -> torch.Tensor:
    return torch.tensor(logits.astype(np.float32)).permute(2, 0, 1)[None]


def test_every_float16_is_read(page: Page) -> None:
    table = np.array(
        page.evaluate("Array.from(V.decode.float16Table(), (v) => Number.isFinite(v) ? v : null)"), dtype=float
    )
    truth = np.arange(65536, dtype=np.uint16).view(np.float16).astype(float)
    np.testing.assert_array_equal(table, np.where(np.isfinite(truth), truth, np.nan))


@pytest.mark.parametrize("temperature", [0.0, 0.05, 0.38, 1.0])
def test_colors_are_the_annealed_mean(page: Page, logits: npt.NDArray[np.float16], temperature: float) -> None:
    script = """([z, centers, t, n]) => { const a = new Float32Array(n), b = new Float32Array(n);
        V.decode.colors(V.decode.open(bytes(z).buffer, centers), t, a, b); return [[...a], [...b]]; }"""
    found = page.evaluate(script, [_send(logits), bins.BINS.tolist(), temperature, SIDE**2])
    truth = bins.decode(_tensor(logits), bins.centers(), temperature)[0].reshape(2, -1).numpy()
    np.testing.assert_allclose(found, truth, atol=0.01)


@pytest.mark.parametrize("scale", [1, 100, -100])
def test_entropy_probabilities_and_the_likeliest(page: Page, logits: npt.NDArray[np.float16], scale: int) -> None:
    logits = scale * logits  # exponentials of numbers in the hundreds are beyond a float
    script = """([z, centers, p, bin]) => {
        const d = V.decode.open(bytes(z).buffer, centers), row = V.decode.probabilities(d, p);
        return { entropy: [...d.entropy], row: [...row], best: V.decode.largest(row, 10),
                 where: [...V.decode.likelihood(d, bin)] }; }"""
    found = page.evaluate(script, [_send(logits), bins.BINS.tolist(), 200, 17])
    truth = bins.distribution(_tensor(logits))
    shares = truth[0].reshape(313, -1).numpy()
    np.testing.assert_allclose(found["entropy"], bins.entropy(truth)[0].flatten(), atol=1e-4)
    np.testing.assert_allclose(found["row"], shares[:, 200], atol=1e-6)
    np.testing.assert_allclose(found["where"], shares[17], atol=1e-6)
    assert found["best"] == np.argsort(-shares[:, 200], kind="stable")[:10].tolist()


def test_lab_is_scikit_images(page: Page, photo: npt.NDArray[np.uint8]) -> None:
    planes = page.evaluate(
        "(p) => { const l = V.color.toLab(bytes(p)); return [[...l.L], [...l.a], [...l.b]]; }", _opaque(photo)
    )
    np.testing.assert_allclose(np.array(planes).T, color.rgb2lab(photo).reshape(-1, 3), atol=1e-3)


def test_painting_agrees_with_the_library(page: Page, photo: npt.NDArray[np.uint8]) -> None:
    """With colors far outside sRGB too; one level off at most, and seldom."""
    ab = np.random.default_rng(1).uniform(-100, 100, (2, SIDE, SIDE)).astype(np.float32)
    script = """([p, a, b, side, size]) => {
        const l = V.color.toLab(bytes(p)), out = new Uint8ClampedArray(4 * size * size);
        const up = (s) => V.color.upsample(new Float32Array(bytes(s).buffer), side, side, size);
        V.color.paint(l.L, up(a), up(b), out); return [...out]; }"""
    painted = page.evaluate(script, [_opaque(photo), _send(ab[0]), _send(ab[1]), SIDE, SIZE])
    fine = lab.upsample(torch.tensor(ab)[None], (SIZE, SIZE))
    lightness = lab.rgb_to_lab(lab.from_uint8(photo))[:, :1]
    truth = lab.to_uint8(lab.lab_to_rgb(torch.cat([lightness, fine], 1)))
    off = np.abs(np.array(painted).reshape(SIZE, SIZE, 4)[..., :3] - truth.astype(int))
    assert off.max() <= 1
    assert (off > 0).mean() < 0.01


def test_scores_are_the_librarys(page: Page, photo: npt.NDArray[np.uint8]) -> None:
    other = np.clip(photo[::-1].astype(int) + 9, 0, 255).astype(np.uint8)
    script = """([p, q]) => {
        const one = new Uint8ClampedArray(bytes(p)), two = new Uint8ClampedArray(bytes(q));
        const s = V.color.toLab(one), t = V.color.toLab(two), m = V.metrics;
        return [m.psnr(one, two), m.mean(m.ciede2000(s, t)), m.colorfulness(two), m.auc(s, t.a, t.b),
                m.psnr(one, one)]; }"""
    found = page.evaluate(script, [_opaque(photo), _opaque(other)])
    ab = [color.rgb2lab(each).transpose(2, 0, 1)[1:] for each in (photo, other)]
    truth = metrics.score(photo, other, *ab)
    expected = [truth.psnr, truth.ciede2000, truth.colorfulness, truth.auc, metrics.EQUAL_PSNR]
    np.testing.assert_allclose(found, expected, atol=0.01)


def test_histograms_count_nearest_bins(page: Page) -> None:
    ab = np.random.default_rng(2).uniform(-125, 125, (2, 2000)).astype(np.float32)
    script = """([a, b, centers]) => { const f = (s) => new Float32Array(bytes(s).buffer);
        return [...V.bins.histogram(V.bins.index(centers), f(a), f(b))]; }"""
    found = page.evaluate(script, [_send(ab[0]), _send(ab[1]), bins.BINS.tolist()])
    distances = np.linalg.norm(ab.T[:, None] - bins.BINS[None], axis=2)
    np.testing.assert_array_equal(found, np.bincount(distances.argmin(1), minlength=313))


@pytest.mark.parametrize(
    ("step", "digits"), [(0.5, 0), (0.1, 1), (0.09, 1), (0.0208, 1), (0.004, 2), (3.0, 0), (0.0, 0)]
)
def test_a_kept_byte_supports_so_many_decimals(page: Page, step: float, digits: int) -> None:
    assert page.evaluate("(step) => V.filter.decimals(step)", step) == digits
    assert step == 0 or 10.0**-digits >= step or digits == 0


@pytest.mark.parametrize("count", [1, 16, 32, 64, 100, 256, 512])
@pytest.mark.parametrize("shape", [0.5, 1.0, 1.5, 2.0])
def test_cells_fit_the_panel(page: Page, count: int, shape: float) -> None:
    found = page.evaluate("([n, s]) => V.grid.fit(n, 700, 430, s)", [count, shape])
    assert found["columns"] * found["rows"] >= count
    assert (found["rows"] - 1) * found["columns"] < count
    assert found["columns"] * found["width"] <= 700.01
    assert found["rows"] * found["height"] <= 430.01
    assert 1 / 1.26 <= found["width"] / found["height"] / shape <= 1.26


def test_viridis_runs_from_dark_to_light(page: Page) -> None:
    pixels = np.array(page.evaluate("[...V.scales.viridis]"), dtype=np.uint32).view(np.uint8).reshape(256, 4)
    assert pixels[[0, 255], :3].tolist() == [[68, 1, 84], [253, 231, 37]]
    lightness = color.rgb2lab(pixels[None, :, :3])[0, :, 0]
    assert (np.diff(lightness) > -0.2).all()
