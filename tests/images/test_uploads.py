from __future__ import annotations

import os
import re
import stat
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from visml.images.decode import Limits, PhotoRefused
from visml.images.uploads import Uploads


def png(seed: int = 0, size: tuple[int, int] = (20, 30)) -> bytes:
    rgb = np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)
    buffer = BytesIO()
    Image.fromarray(rgb).save(buffer, "PNG")
    return buffer.getvalue()


def token_of(key: str) -> str:
    return key.removeprefix("upload:")


def make_older(folder: Path, token: str, seconds: float) -> None:
    for path in folder.glob(f"{token}*"):
        born = path.stat().st_mtime - seconds
        os.utime(path, (born, born))


def test_an_upload_comes_back_as_its_pixels(tmp_path: Path) -> None:
    listed = Uploads(tmp_path / "uploads").add(png(), "../me & you.jpg")
    assert (listed.label, listed.kind, listed.origin, listed.category) == (
        "me & you.jpg",
        "color",
        "upload",
        None,
    )
    later = Uploads(tmp_path / "uploads")
    photo = later.photo(token_of(listed.key))
    np.testing.assert_array_equal(photo.rgb, np.asarray(Image.open(BytesIO(png()))))
    assert photo.name == "me & you.jpg"
    assert later.find(token_of(listed.key)) == listed


def test_gray_and_nameless_uploads(tmp_path: Path) -> None:
    buffer = BytesIO()
    Image.new("L", (5, 5), 99).save(buffer, "JPEG")
    listed = Uploads(tmp_path).add(buffer.getvalue(), "")
    assert (listed.label, listed.kind) == ("photo", "grayscale")


def kept(folder: Path) -> bytes:
    """The one picture in the folder."""
    (path,) = folder.glob("*.png")
    return path.read_bytes()


def test_exif_and_gps_of_an_upload_are_not_kept(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0)})
    buffer = BytesIO()
    Image.new("RGB", (40, 40)).save(buffer, "JPEG", exif=exif, comment=b"secret place")
    Uploads(tmp_path).add(buffer.getvalue())
    assert Image.open(BytesIO(kept(tmp_path))).info == {}
    assert not any(part in kept(tmp_path) for part in (b"camera", b"Exif", b"secret"))


def test_a_jpeg_with_html_behind_it_is_kept_as_pixels_only(tmp_path: Path) -> None:
    buffer = BytesIO()
    Image.new("RGB", (40, 40)).save(buffer, "JPEG")
    Uploads(tmp_path).add(buffer.getvalue() + b"<html><script>alert(1)</script>", "x.html")
    assert Image.open(BytesIO(kept(tmp_path))).format == "PNG"
    assert b"script" not in kept(tmp_path)


def test_tokens_cannot_be_guessed_and_files_are_private(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "uploads")
    tokens = {token_of(uploads.add(png()).key) for _ in range(5)}
    assert len(tokens) == 5
    assert all(re.fullmatch(r"[\w-]{32}", token) for token in tokens)
    assert stat.S_IMODE((tmp_path / "uploads").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "uploads").iterdir()} == {0o600}


@pytest.mark.parametrize(
    "token",
    ["", "x" * 32, "../secret", "/etc/passwd", "a\0b", "x" * 5000, "..", "%2e%2e", f"{'x' * 32}\n", "é" * 32],
)
def test_unknown_tokens_are_refused_in_the_same_words(tmp_path: Path, token: str) -> None:
    (tmp_path / "secret.png").write_bytes(png())
    uploads = Uploads(tmp_path / "uploads")
    for ask in (uploads.photo, uploads.find, uploads.path):
        with pytest.raises(PhotoRefused, match=r"^This upload has expired or never was: add the photo again\.$"):
            ask(token)


def test_uploads_expire(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, max_age_s=100)
    old, new = (token_of(uploads.add(png(seed)).key) for seed in (1, 2))
    make_older(tmp_path, old, 101)
    with pytest.raises(PhotoRefused, match="expired"):
        uploads.photo(old)
    uploads.sweep()
    assert {path.stem for path in tmp_path.iterdir()} == {new}


def test_the_oldest_make_room_and_the_newest_stays(tmp_path: Path) -> None:
    one = len(png(size=(100, 100)))
    uploads = Uploads(tmp_path, max_bytes=int(2.5 * one))
    tokens = []
    for seed in range(4):
        tokens.append(token_of(uploads.add(png(seed, (100, 100))).key))
        make_older(tmp_path, tokens[-1], 10 * (4 - seed))
    Uploads(tmp_path, max_bytes=int(2.5 * one))
    assert {path.stem for path in tmp_path.glob("*.png")} == set(tokens[2:])
    tiny = Uploads(tmp_path, max_bytes=1)
    kept = token_of(tiny.add(png(9)).key)
    assert [path.stem for path in tmp_path.glob("*.png")] == [kept]


def test_leftovers_of_a_killed_process_are_swept(tmp_path: Path) -> None:
    fresh, old, foreign = (tmp_path / name for name in (f"{'a' * 32}x1.part", f"{'b' * 32}x2.part", "readme.txt"))
    for path in (fresh, old, foreign):
        path.write_bytes(b"half a file")
    os.utime(old, (1, 1))
    os.utime(foreign, (1, 1))
    Uploads(tmp_path)
    assert set(tmp_path.iterdir()) == {fresh, foreign}


def test_a_full_disk_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device", str(tmp_path))

    uploads = Uploads(tmp_path)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(PhotoRefused, match=r"^This photo could not be kept: [^/]*\.$"):
        uploads.add(png())
    assert list(tmp_path.iterdir()) == []


def test_an_upload_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    uploads = Uploads(tmp_path / "file" / "uploads")
    with pytest.raises(PhotoRefused, match="could not be kept"):
        uploads.add(png())
    with pytest.raises(PhotoRefused, match="expired"):
        uploads.photo("x" * 32)


@pytest.mark.parametrize("about", [b"", b"[]", b"\xff", b'{"name": 5, "kind": "color"}', b'{"name": "x"}', None])
def test_a_broken_description_costs_the_label_only(tmp_path: Path, about: bytes | None) -> None:
    uploads = Uploads(tmp_path)
    token = token_of(uploads.add(png(), "mine.png").key)
    (tmp_path / f"{token}.json").unlink() if about is None else (tmp_path / f"{token}.json").write_bytes(about)
    assert uploads.photo(token).rgb.shape == (20, 30, 3)
    assert uploads.find(token).kind == "color"


def test_a_broken_picture_is_refused(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)
    token = token_of(uploads.add(png()).key)
    data = bytearray((tmp_path / f"{token}.png").read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / f"{token}.png").write_bytes(bytes(data))
    with pytest.raises(PhotoRefused, match="damaged"):
        uploads.photo(token)


def test_what_is_refused_leaves_nothing(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)
    for data, limits in (
        (b"", Limits()),
        (b"<svg/>", Limits()),
        (png(size=(1001, 1000)), Limits(max_megapixels=1)),
    ):
        with pytest.raises(PhotoRefused):
            uploads.add(data, "x.jpg", limits)
    assert list(tmp_path.iterdir()) == []
