"""Loading streets and places from a CSV file: the region's own, or what the operator brings."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from market.core import db
from market.core.config import Config
from market.core.errors import BadInput
from market.core.i18n import N_
from market.directory.models import GazetteerEntry

KINDS = ("street", "place", "poi", "address")
REQUIRED = ("kind", "name", "municipality", "lat", "lon", "accuracy_m", "source", "licence")
BATCH = 2_000
_FOLD = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_STREET = re.compile(r"(?:strass?e|srasse|starsse|strsse|str\b)")  # with the usual slips


def normalise(text: str) -> str:
    """The key under which a street or place is found: "Wendische Straße" and "wendische str." are "wendischestr"."""
    folded = unicodedata.normalize("NFKC", text).lower().translate(_FOLD)
    plain = "".join(c for c in unicodedata.normalize("NFD", folded) if not unicodedata.combining(c))
    return "".join(c for c in _STREET.sub("str", plain) if c.isalnum())


NO_FILE = N_("{file}: {what}")


class BadGazetteer(BadInput):
    """The file is not a gazetteer; the sentence names file, line and what is wrong."""

    message = N_("{file}, Zeile {line}: {what}")


def load_gazetteer(path: Path, *, keep: bool = False) -> int:
    """Use case: replace the gazetteer with the file's rows (or add them, with `keep`); how many were read.

    All or nothing. Raises BadGazetteer.
    """
    rows = list(read_gazetteer(path))
    if not rows:  # an empty file must not wipe the streets away
        raise BadGazetteer(NO_FILE, file=path, what="Die Datei hat eine Kopfzeile, aber keine Einträge.")
    with db.transaction() as s:
        if not keep:
            s.execute(sa.delete(GazetteerEntry))
        for start in range(0, len(rows), BATCH):
            s.execute(sa.insert(GazetteerEntry), rows[start : start + BATCH])
    return len(rows)


def read_gazetteer(path: Path) -> Iterator[dict[str, Any]]:
    """The file's rows as column values: UTF-8, commas, first line = names (docs/geo.md). Raises BadGazetteer."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise BadGazetteer(NO_FILE, file=path, what="Die Datei gibt es nicht.") from None
    except (UnicodeDecodeError, OSError) as error:
        raise BadGazetteer(NO_FILE, file=path, what=f"nicht lesbar als Text in UTF-8 ({error}).") from None
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [name for name in REQUIRED if name not in (reader.fieldnames or ())]
    if missing:
        raise BadGazetteer(file=path, line=1, what=f"Spalte fehlt: {', '.join(missing)}.")
    try:
        for row in reader:
            yield _entry(row)
    except (ValueError, csv.Error) as error:
        raise BadGazetteer(file=path, line=reader.line_num, what=str(error)) from None


def _entry(row: Mapping[str, str | None]) -> dict[str, Any]:
    """One row's columns. Raises ValueError with a sentence."""
    text = {name: (value or "").strip() for name, value in row.items() if name is not None and isinstance(value, str)}
    kind, name = text.get("kind", ""), text.get("name", "")
    if kind not in KINDS:
        raise ValueError(f"kind ist „{kind}“, erlaubt sind {', '.join(KINDS)}.")
    if not normalise(name):
        raise ValueError("name ist leer.")
    if not text.get("source") or not text.get("licence"):
        raise ValueError("source und licence müssen gefüllt sein: Die Herkunft steht auf jeder Karte.")
    return {
        "kind": kind,
        "name": name[:120],
        "key": normalise(name)[:120],
        "house_number": text.get("house_number", "")[:12],
        "zip": text.get("zip", "")[:10],
        "district": text.get("ortsteil", "")[:80],
        "municipality": text.get("municipality", "")[:80],
        "lat": _number(text, "lat", -90, 90),
        "lon": _number(text, "lon", -180, 180),
        "accuracy_m": round(_number(text, "accuracy_m", 0, 100_000)),
        "source": text["source"][:120],
        "licence": text["licence"][:80],
    }


def _number(text: Mapping[str, str], name: str, low: float, high: float) -> float:
    try:
        value = float(text.get(name, ""))
    except ValueError:
        raise ValueError(f"{name} ist „{text.get(name, '')}“, gebraucht wird eine Zahl mit Punkt.") from None
    if not low <= value <= high:
        raise ValueError(f"{name} ist {value:g}, erlaubt ist {low:g} bis {high:g}.")
    return value


def load_region_gazetteer(config: Config) -> None:
    """Before the market starts: an empty gazetteer gets the region's own file, if it has one."""
    with db.reading() as s:
        filled = s.scalar(sa.select(GazetteerEntry.id).limit(1)) is not None
    if not filled and config.region.gazetteer.exists():
        load_gazetteer(config.region.gazetteer)
