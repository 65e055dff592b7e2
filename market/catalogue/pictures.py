"""Pictures: whatever is uploaded is drawn anew (no metadata, no surprises) and kept by content hash in three sizes.

SVG never comes from outside: only `store_drawing` writes one, and only our own code calls it.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import sqlalchemy as sa
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError
from sqlalchemy.orm import Session

from market.catalogue.models import Picture
from market.core import config
from market.core.errors import BadInput, NotFound
from market.core.i18n import N_

WIDTHS = (320, 640, 1280)
MAX_PIXELS = 50_000_000
"""A 48-megapixel phone photo passes, a decompression bomb does not."""
MOST_PER_PRODUCT = 8
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
"""What phones and the web write. Every further format is a further decoder that a forged file can reach."""
_ROOMY = WIDTHS[-1] * 2
_one_at_a_time = Lock()
_PHONE_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif")
_NAME = re.compile(r"^([0-9a-f]{64})(?:\.svg|-(?:320|640|1280)\.(?:webp|jpg))$")
_ACTIVE = re.compile(
    r"""<script|<foreignObject|<!(?:DOCTYPE|ENTITY)|\son\w+\s*=|href\s*=(?!\s*["']#)|url\((?!\s*["']?#)""",
    re.IGNORECASE,
)
TYPES = {".svg": "image/svg+xml", ".webp": "image/webp", ".jpg": "image/jpeg"}

Image.MAX_IMAGE_PIXELS = MAX_PIXELS


class NoPicture(BadInput):
    """The file is no picture we can read."""

    message = N_("Das ist kein Bild, das wir lesen können. Bitte wählen Sie ein Foto (JPEG, PNG oder WebP).")


class PhonePicture(NoPicture):
    """HEIC or AVIF, as some phones keep their photos: no browser of our shoppers is sure to show it."""

    message = N_(
        "Dieses Foto ist im Format HEIC, das nicht jeder Browser zeigt. Bitte wählen Sie ein JPEG: am iPhone unter "
        "Einstellungen, Kamera, Formate „Maximale Kompatibilität“, oder schicken Sie sich das Foto selbst als JPEG."
    )


class HugePicture(BadInput):
    """More pixels than any phone makes."""

    message = N_("Dieses Bild ist zu groß. Bitte wählen Sie eines mit höchstens 50 Megapixeln.")


@dataclass(frozen=True, slots=True)
class Stored:
    """A picture in the media folder: content hash and kind (svg, raster)."""

    sha256: str
    kind: str


def store_upload(data: bytes, media: Path | None = None) -> Stored:
    """Re-encode an uploaded picture in every size. Slow (a second for a big photo): call it outside a transaction.

    One at a time in a process: 50 megapixels are 400 MB for a moment, and a file of 200 kB can hold them.
    Raises NoPicture, PhonePicture, HugePicture (all name the field "picture").
    """
    with _one_at_a_time:
        picture = _open(data)
    sizes = {width: _fit(picture, width) for width in WIDTHS}
    largest = _encode(sizes[WIDTHS[-1]], "WEBP")
    sha = hashlib.sha256(largest).hexdigest()
    folder = (media or config.current().media) / sha[:2]
    for width, sized in sizes.items():
        _write(folder / f"{sha}-{width}.webp", largest if width == WIDTHS[-1] else _encode(sized, "WEBP"))
        _write(folder / f"{sha}-{width}.jpg", _encode(sized, "JPEG"))
    return Stored(sha, "raster")


def store_drawing(svg: str, media: Path | None = None) -> Stored:
    """Keep a picture our own code has drawn. Raises ValueError for anything that could run or fetch."""
    if _ACTIVE.search(svg):
        raise ValueError("a drawing holds shapes and text only")
    data = svg.encode()
    sha = hashlib.sha256(data).hexdigest()
    _write((media or config.current().media) / sha[:2] / f"{sha}.svg", data)
    return Stored(sha, "svg")


def _open(data: bytes) -> Image.Image:
    if data[4:8] == b"ftyp" and data[8:12] in _PHONE_BRANDS:
        raise PhonePicture(field="picture")
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise HugePicture(field="picture")
            opened.draft("RGB", (_ROOMY, _ROOMY))  # JPEG: decode no more than needed
            return _plain(_roomy(opened))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise HugePicture(field="picture") from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, ImageCms.PyCMSError):
        raise NoPicture(field="picture") from None


def _roomy(opened: Image.Image) -> Image.Image:
    """Small enough to work on, still twice as wide as the largest size we keep."""
    palette = opened.mode == "P"
    picture = opened.convert("RGBA" if "transparency" in opened.info else "RGB") if palette else opened
    if picture.mode in ("RGB", "RGBA", "L", "CMYK"):
        picture.thumbnail((_ROOMY, _ROOMY), Image.Resampling.LANCZOS)
    return picture


def _plain(opened: Image.Image) -> Image.Image:
    """Upright, sRGB, on white: what a browser shows, and nothing else."""
    picture = ImageOps.exif_transpose(opened)
    profile = opened.info.get("icc_profile")
    if profile and picture.mode in ("RGB", "RGBA"):
        source, target = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
        picture = ImageCms.profileToProfile(picture, source, target) or picture
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        picture = Image.new("RGBA", layer.size, "white")
        picture.alpha_composite(layer)
    return picture.convert("RGB")


def _fit(picture: Image.Image, width: int) -> Image.Image:
    """At most `width` pixels wide and high; never blown up."""
    sized = picture.copy()
    sized.thumbnail((width, width), Image.Resampling.LANCZOS)
    sized.info.clear()  # no EXIF, no comments, no profile
    return sized


def _encode(picture: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    if kind == "WEBP":
        picture.save(out, "WEBP", quality=80, method=4)
    else:
        picture.save(out, "JPEG", quality=82, optimize=True, progressive=True)
    return out.getvalue()


def _write(path: Path, data: bytes) -> None:
    """All or nothing: a reader never sees half a file, and the same content is written once."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    Path(name).chmod(0o644)
    Path(name).replace(path)


def find(name: str, media: Path) -> Path:
    """The file behind /medien/<name>. Raises NotFound for anything that is not one of ours."""
    match = _NAME.match(name)
    path = media / name[:2] / name
    if match is None or not path.is_file():
        raise NotFound
    return path


def url(sha256: str, kind: str, width: int = 640) -> str:
    """The address of a picture; drawings have one size."""
    return f"/medien/{sha256}.svg" if kind == "svg" else f"/medien/{sha256}-{width}.webp"


def srcset(sha256: str, kind: str) -> str:
    """The sizes a browser may choose from; empty for drawings."""
    if kind == "svg":
        return ""
    return ", ".join(f"/medien/{sha256}-{width}.webp {width}w" for width in WIDTHS)


def add_picture(s: Session, product_id: int, stored: Stored, *, alt: str = "", symbolic: bool = False) -> Picture:
    """Step: the product's next picture. Raises BadInput when it has enough."""
    query = sa.select(sa.func.count(), sa.func.coalesce(sa.func.max(Picture.position), -1))
    taken, last = s.execute(query.where(Picture.product_id == product_id)).one()
    if taken >= MOST_PER_PRODUCT:
        raise BadInput(N_("Mehr als {most} Bilder je Ware gehen nicht."), field="picture", most=MOST_PER_PRODUCT)
    picture = Picture(
        product_id=product_id,
        position=last + 1,
        sha256=stored.sha256,
        kind=stored.kind,
        alt=alt[:200],
        symbolic=symbolic,
    )
    s.add(picture)
    s.flush()
    return picture


def replace_pictures(s: Session, product_id: int, stored: Stored, *, alt: str = "", symbolic: bool = False) -> Picture:
    """Step: a real photo takes the place of what was there (the Symbolbild)."""
    s.execute(sa.delete(Picture).where(Picture.product_id == product_id))
    return add_picture(s, product_id, stored, alt=alt, symbolic=symbolic)
