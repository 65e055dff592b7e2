"""Uploads are drawn anew; drawings come from our own code only."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from market.catalogue import pictures
from market.catalogue.models import Picture
from market.core.errors import BadInput, NotFound
from tests.catalogue.conftest import Shelf
from tests.factories.catalogue import make_product

GPS = 0x8825
ORIENTATION = 0x0112


def photo(width: int = 1600, height: int = 900, kind: str = "JPEG", mode: str = "RGB", **save: object) -> bytes:
    picture = Image.new(mode, (width, height), "red" if mode == "RGB" else 0)
    ImageDraw.Draw(picture).rectangle((0, 0, width // 2, height // 2), fill="blue" if mode == "RGB" else 255)
    out = io.BytesIO()
    picture.save(out, kind, **save)
    return out.getvalue()


def opened(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        picture.load()
        return picture


def test_an_upload_is_kept_in_three_sizes_and_two_formats(tmp_path: Path) -> None:
    stored = pictures.store_upload(photo(), tmp_path)
    found = {path.name.removeprefix(stored.sha256): opened(path) for path in tmp_path.rglob("*") if path.is_file()}
    assert {name: picture.width for name, picture in found.items()} == {
        f"-{width}.{kind}": width for width in pictures.WIDTHS for kind in ("webp", "jpg")
    }


def test_where_and_when_it_was_taken_is_dropped(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif.get_ifd(GPS)[1] = "N"
    stored = pictures.store_upload(photo(400, 200, exif=exif.tobytes(), comment=b"secret"), tmp_path)
    for path in tmp_path.rglob(f"{stored.sha256}*"):
        picture = opened(path)
        assert dict(picture.getexif()) == {}
        assert "comment" not in picture.info
        assert picture.height > picture.width  # turned upright before the mark went


def test_the_same_picture_is_stored_once_and_small_ones_are_not_blown_up(tmp_path: Path) -> None:
    first = pictures.store_upload(photo(100, 80), tmp_path)
    assert pictures.store_upload(photo(100, 80), tmp_path) == first
    assert len([p for p in tmp_path.rglob("*") if p.is_file()]) == 6
    assert opened(pictures.find(f"{first.sha256}-1280.webp", tmp_path)).size == (100, 80)


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGBA"), ("PNG", "P"), ("GIF", "L"), ("WEBP", "RGB"), ("PNG", "1")])
def test_every_usual_kind_of_picture_is_read(tmp_path: Path, kind: str, mode: str) -> None:
    assert pictures.store_upload(photo(300, 200, kind, mode), tmp_path).kind == "raster"


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7", photo()[:3000], photo(kind="PNG")[:900]],
)
def test_what_is_no_picture_is_refused_in_german(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(pictures.NoPicture, match="Bitte wählen Sie ein Foto") as refused:
        pictures.store_upload(data, tmp_path)
    assert refused.value.field == "picture"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("brand", [b"heic", b"mif1", b"avif"])
def test_a_phone_format_is_refused_with_what_to_do(tmp_path: Path, brand: bytes) -> None:
    with pytest.raises(pictures.PhonePicture, match="Maximale Kompatibilität"):
        pictures.store_upload(b"\x00\x00\x00\x18ftyp" + brand + b"\x00" * 500, tmp_path)


def test_a_picture_of_too_many_pixels_is_refused_unread(tmp_path: Path) -> None:
    with pytest.raises(pictures.HugePicture, match="50 Megapixeln"):
        pictures.store_upload(photo(9000, 9000, "PNG", "1"), tmp_path)


def test_our_drawings_are_kept_as_they_are(tmp_path: Path) -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><use href="#a"/><text>Käse</text></svg>'
    stored = pictures.store_drawing(svg, tmp_path)
    assert pictures.find(f"{stored.sha256}.svg", tmp_path).read_text(encoding="utf-8") == svg
    assert pictures.url(stored.sha256, stored.kind) == f"/medien/{stored.sha256}.svg"


@pytest.mark.parametrize(
    "part",
    [
        "<script>1</script>",
        '<a onclick="x()"/>',
        '<image href="http://a.example/x"/>',
        "<foreignObject/>",
        "<!ENTITY a 'b'>",
    ],
)
def test_a_drawing_that_could_run_or_fetch_is_a_bug(tmp_path: Path, part: str) -> None:
    with pytest.raises(ValueError, match="shapes and text"):
        pictures.store_drawing(f'<svg xmlns="http://www.w3.org/2000/svg">{part}</svg>', tmp_path)


@pytest.mark.parametrize("name", ["../market.db", "..", "a" * 64 + ".svg", "a" * 64 + "-640.php", "A" * 64 + ".svg"])
def test_only_our_own_files_are_found(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotFound):
        pictures.find(name, tmp_path)


def test_a_photo_takes_the_place_of_the_drawing(shelf: Shelf) -> None:
    bread = make_product(shelf.s, shelf.merchant)
    pictures.add_picture(shelf.s, bread.id, pictures.Stored("a" * 64, "svg"), symbolic=True)
    pictures.replace_pictures(shelf.s, bread.id, pictures.Stored("b" * 64, "raster"), alt="Brot auf Holz")
    shelf.s.expire(bread)
    assert [(p.position, p.sha256, p.symbolic) for p in bread.pictures] == [(0, "b" * 64, False)]


def test_enough_is_enough(shelf: Shelf) -> None:
    bread = make_product(shelf.s, shelf.merchant)
    for n in range(pictures.MOST_PER_PRODUCT):
        assert isinstance(pictures.add_picture(shelf.s, bread.id, pictures.Stored(f"{n}" * 64, "raster")), Picture)
    with pytest.raises(BadInput, match="Mehr als 8"):
        pictures.add_picture(shelf.s, bread.id, pictures.Stored("f" * 64, "raster"))


@pytest.mark.parametrize("kind", ["TIFF", "BMP", "ICO", "PCX"])
def test_no_other_decoder_is_asked(tmp_path: Path, kind: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, kind)
    with pytest.raises(pictures.NoPicture):
        pictures.store_upload(out.getvalue(), tmp_path)


@pytest.mark.parametrize(("mode", "colour"), [("RGBA", (0, 0, 0, 0)), ("P", 0), ("L", 7), ("RGB", "red"), ("1", 1)])
def test_a_wide_picture_is_shrunk_before_anything_is_done_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str, colour: Any
) -> None:
    """A file of some kB may hold 50 megapixels: work on all of them, several times over, is memory for the asking."""
    worked_on: list[int] = []
    plain = pictures._plain

    def seen(opened: Image.Image) -> Image.Image:
        worked_on.append(opened.width)
        return plain(opened)

    monkeypatch.setattr(pictures, "_plain", seen)
    out = io.BytesIO()
    Image.new(mode, (6000, 40), colour).save(out, "PNG")
    stored = pictures.store_upload(out.getvalue(), tmp_path)
    assert worked_on == ([6000] if mode == "1" else [2560])
    with Image.open(pictures.find(f"{stored.sha256}-1280.webp", tmp_path)) as kept:
        assert kept.width == 1280
