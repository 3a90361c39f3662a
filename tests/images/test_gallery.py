from __future__ import annotations

import os
import socket
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from visml.images import gallery as module
from visml.images.decode import Limits, PhotoRefused
from visml.images.folder import FolderRefused
from visml.images.gallery import SAMPLES, Gallery, Uploads, sample_photos


def save(path: Path, image: Image.Image) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)


def thumbnail(gallery: Gallery, key: str) -> Image.Image:
    image = Image.open(BytesIO(gallery.thumbnail(key)))
    assert image.format == "JPEG"
    return image


@pytest.fixture
def uploads(tmp_path: Path) -> Uploads:
    return Uploads(tmp_path / "uploads")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    root = tmp_path / "photos"
    save(root / "beach.jpg", Image.new("RGB", (640, 480), (200, 150, 60)))
    save(root / "scenes" / "forest" / "gray.png", Image.new("L", (300, 500), 90))
    save(root / "scenes" / "saved as color.webp", Image.new("RGB", (50, 40), (90, 90, 90)))
    return root


def test_every_sample_ships_and_is_what_it_says(uploads: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "socket", lambda *_, **__: pytest.fail("a download was tried"))
    gallery = Gallery(None, uploads)
    listed = gallery.photos()
    assert [photo.key for photo in listed] == list(SAMPLES)
    assert [photo.kind for photo in listed] == ["color"] * 6 + ["grayscale"] * 7
    for photo in listed:
        opened = gallery.photo(photo.key)
        assert (opened.name, opened.has_color) == (photo.key, photo.kind == "color")
        assert gallery.find(photo.key) == photo


def test_samples_are_scikit_images_pictures(uploads: Uploads) -> None:
    from skimage import data

    gallery = Gallery(None, uploads)
    assert sample_photos() == {key: gallery.photo(key) for key in SAMPLES}
    np.testing.assert_array_equal(gallery.photo("astronaut").rgb, data.astronaut())
    np.testing.assert_array_equal(gallery.photo("rocket").rgb, data.rocket())
    np.testing.assert_array_equal(gallery.photo("camera").rgb[..., 1], data.camera())


@pytest.mark.parametrize("key", ["astronaut", "rocket", "hubble", "moon"])
def test_thumbnails_show_the_photo_within_176_pixels(uploads: Uploads, key: str) -> None:
    gallery = Gallery(None, uploads)
    small, rgb = thumbnail(gallery, key).convert("RGB"), gallery.photo(key).rgb
    scale = 176 / max(rgb.shape)
    assert small.size == (round(rgb.shape[1] * scale), round(rgb.shape[0] * scale))
    for quarter in (
        upper_left(np.asarray(small), rgb),
        upper_left(np.asarray(small)[::-1, ::-1], rgb[::-1, ::-1]),
    ):
        assert np.abs(quarter).max() < 3


def upper_left(small: np.ndarray, full: np.ndarray) -> np.ndarray:
    """The difference of two pictures' mean colors in their upper left quarters."""
    means = [rgb[: len(rgb) // 2, : rgb.shape[1] // 2].mean((0, 1)) for rgb in (small, full)]
    difference: np.ndarray = means[0] - means[1]
    return difference


def test_thumbnails_are_made_once(uploads: Uploads, photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gallery, made = Gallery(photos, uploads), []
    plain = module.preview
    monkeypatch.setattr(module, "preview", lambda *args: made.append(1) or plain(*args))
    assert gallery.thumbnail("folder:beach.jpg") == gallery.thumbnail("folder:beach.jpg")
    assert len(made) == 1
    save(photos / "beach.jpg", Image.new("RGB", (640, 480), (0, 0, 255)))
    os.utime(photos / "beach.jpg", (1, 1))
    assert thumbnail(gallery, "folder:beach.jpg").getpixel((9, 9))[2] > 240
    assert len(made) == 2


def test_a_folder_with_its_categories(uploads: Uploads, photos: Path) -> None:
    listed = Gallery(photos, uploads).photos()[len(SAMPLES) :]
    assert [(photo.key, photo.label, photo.kind, photo.origin, photo.category) for photo in listed] == [
        ("folder:beach.jpg", "beach.jpg", "color", "folder", None),
        ("folder:scenes/forest/gray.png", "gray.png", "grayscale", "folder", "scenes/forest"),
        ("folder:scenes/saved as color.webp", "saved as color.webp", "color", "folder", "scenes"),
    ]


def test_the_kind_is_known_from_the_pixels_once_there_is_a_thumbnail(uploads: Uploads, photos: Path) -> None:
    gallery = Gallery(photos, uploads)
    gallery.thumbnail("folder:scenes/saved as color.webp")
    assert gallery.photos()[-1].kind == "grayscale"


def test_listing_decodes_nothing(uploads: Uploads, photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image.Image, "load", lambda _: pytest.fail("pixels were decoded"))
    assert len(Gallery(photos, uploads).photos()) == len(SAMPLES) + 3


def test_folder_photos_open(uploads: Uploads, photos: Path) -> None:
    photo = Gallery(photos, uploads).photo("folder:scenes/forest/gray.png")
    assert (photo.rgb == 90).all()
    assert (photo.rgb.shape, photo.name, photo.has_color) == ((500, 300, 3), "gray.png", False)


def test_the_folder_is_read_anew(uploads: Uploads, photos: Path) -> None:
    gallery = Gallery(photos, uploads)
    save(photos / "new.png", Image.new("L", (3, 3)))
    assert "folder:new.png" in [photo.key for photo in gallery.photos()]
    photos.rename(photos.with_name("elsewhere"))
    assert [photo.key for photo in gallery.photos()] == list(SAMPLES)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "nothing",
        "folder:",
        "folder:../secret.png",
        "folder:/etc/passwd",
        "folder:scenes/../../secret.png",
        "folder:out.png",
        "folder:a\0b",
        "astronaut.png",
        "../astronaut",
    ],
)
def test_unknown_keys_are_refused_in_the_same_words(uploads: Uploads, photos: Path, key: str) -> None:
    save(photos.parent / "secret.png", Image.new("L", (3, 3)))
    (photos / "out.png").symlink_to(photos.parent / "secret.png")
    gallery = Gallery(photos, uploads)
    for ask in (gallery.photo, gallery.find, gallery.thumbnail):
        with pytest.raises(PhotoRefused, match=r"^There is no such photo in the gallery: choose another\.$"):
            ask(key)


def test_a_broken_picture_in_the_folder_spoils_nothing(uploads: Uploads, photos: Path) -> None:
    (photos / "broken.jpg").write_bytes(b"\xff\xd8\xff no")
    gallery = Gallery(photos, uploads)
    assert len(gallery.photos()) == len(SAMPLES) + 4
    for ask in (gallery.photo, gallery.thumbnail):
        with pytest.raises(PhotoRefused, match="damaged"):
            ask("folder:broken.jpg")


def test_a_picture_that_went_away_is_refused(uploads: Uploads, photos: Path) -> None:
    gallery = Gallery(photos, uploads)
    (photos / "beach.jpg").unlink()
    for ask in (gallery.photo, gallery.thumbnail):
        with pytest.raises(PhotoRefused, match="cannot be read"):
            ask("folder:beach.jpg")


def test_limits_hold_for_the_folder_and_not_for_the_samples(uploads: Uploads, photos: Path) -> None:
    save(photos / "large.png", Image.new("L", (1200, 1000)))
    gallery = Gallery(photos, uploads, Limits(max_megapixels=1))
    with pytest.raises(PhotoRefused, match="more than 1 megapixels"):
        gallery.thumbnail("folder:large.png")
    assert Gallery(None, uploads, Limits(max_mb=0)).photo("astronaut").has_color


def test_names_that_are_not_utf8_get_keys_fit_for_a_page(uploads: Uploads, photos: Path) -> None:
    os.rename(photos / "beach.jpg", os.path.join(os.fsencode(photos), b"caf\xe9.jpg"))
    gallery = Gallery(photos, uploads)
    found = next(photo for photo in gallery.photos() if photo.label.startswith("caf"))
    assert found.key == "folder:caf\ufffd.jpg"
    assert gallery.photo(found.key).rgb.shape == (480, 640, 3)


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_a_folder_without_pictures_is_refused_at_the_start(uploads: Uploads, tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(FolderRefused):
        Gallery(tmp_path / name, uploads)


def test_uploads_open_by_their_key_and_are_not_listed(uploads: Uploads, photos: Path) -> None:
    gallery = Gallery(None, uploads)
    listed = uploads.add((photos / "beach.jpg").read_bytes(), "beach.jpg")
    assert gallery.find(listed.key) == listed
    assert gallery.photo(listed.key).name == "beach.jpg"
    assert thumbnail(gallery, listed.key).size == (176, 132)
    assert listed.key not in [photo.key for photo in gallery.photos()]
    with pytest.raises(PhotoRefused, match="expired"):
        gallery.thumbnail("upload:" + "x" * 32)


def test_an_expired_upload_has_no_thumbnail_left(tmp_path: Path, photos: Path) -> None:
    uploads = Uploads(tmp_path / "uploads", max_age_s=100)
    gallery = Gallery(None, uploads)
    listed = uploads.add((photos / "beach.jpg").read_bytes())
    gallery.thumbnail(listed.key)
    os.utime(next((tmp_path / "uploads").glob("*.png")), (1, 1))
    with pytest.raises(PhotoRefused, match="expired"):
        gallery.thumbnail(listed.key)
