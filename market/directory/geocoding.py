"""From an address as somebody typed it to a point - or to an honest "not known". Never raises, never blocks.

Exact hit of the normalised street in that place, else a similar street (accepted, but shown), else the middle of the
village or town, else nothing. A minority of addresses will hit: the seed knows few streets and no house numbers
(docs/geo.md). Places are matched together with the postcode or the municipality, never by name alone: villages have
namesakes in the next county.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

import sqlalchemy as sa
from rapidfuzz import fuzz
from sqlalchemy.orm import Session

from market.directory.gazetteer import load_gazetteer, normalise
from market.directory.models import GazetteerEntry, PinSource

__all__ = ["GeocodeResult", "geocode", "load_gazetteer", "normalise", "split_street"]

Status = Literal["exact", "fuzzy", "area", "none"]

ACCEPT_SCORE = 85.0
ACCEPT_LEAD = 3.0
ALTERNATIVE_SCORE = 60.0
ALTERNATIVES = 3
LONGEST = 200
"""Characters of a street or a town; the patterns below take the square of the length."""
TOWN_ACCURACY_M = 600
_NUMBER = re.compile(r"^(?P<street>.*?\D)[\s,]*(?P<number>\d+\s?[a-zA-Z]?(?:\s?[-/]\s?\d+\s?[a-zA-Z]?)?)\s*$")
_PARTS = re.compile(r"\bot\b|\bortsteil\b|[,/()\-–\d]")


@dataclass(frozen=True, slots=True)
class GeocodeResult:
    """What is known about an address. `accuracy_m` is a radius in metres; `alternatives` are names to offer."""

    lat: float | None = None
    lon: float | None = None
    accuracy_m: int | None = None
    status: Status = "none"
    source: PinSource = PinSource.NONE
    matched_text: str = ""
    alternatives: tuple[str, ...] = ()


def split_street(text: str) -> tuple[str, str]:
    """("Kramerstr.", "5 a") of "Kramerstr. 5 a"; the number is empty when there is none."""
    found = _NUMBER.match(text.strip())
    return (found["street"].strip(" ,"), found["number"].strip()) if found else (text.strip(), "")


def geocode(s: Session, *, street: str, house_number: str = "", zip: str = "", city: str = "") -> GeocodeResult:  # noqa: A002 - the form's and the column's word
    """Find an address. One query for a known street, at most five; what cannot be found has the status "none"."""
    if max(len(street), len(city)) > LONGEST:
        return GeocodeResult()
    if not house_number:
        street, house_number = split_street(street)
    key = normalise(street)
    named = _named(s, [key]) if key else []
    area = _area(s, "".join(c for c in zip if c.isalnum()), city, named)
    if hits := _nearest(named, area):
        return _result(hits, house_number, "exact")
    ranked = _similar(s, area, key)
    names = tuple(name for _, _, name in ranked[:ALTERNATIVES])
    if _clear(ranked):
        return _result(_rows(s, area, [ranked[0][1]]), house_number, "fuzzy", names[1:])
    return _middle(s, area, names)


@dataclass(frozen=True, slots=True)
class _Area:
    """Where the street must lie: the postcode when the gazetteer knows it, else municipality or village."""

    zip: str
    keys: frozenset[str]

    def holds(self, row: GazetteerEntry) -> bool:
        if row.zip and self.zip:
            return row.zip == self.zip
        return normalise(row.municipality) in self.keys or normalise(row.district) in self.keys

    def rank(self, row: GazetteerEntry) -> int:
        """The village that was named comes before the rest of its municipality."""
        return 0 if row.district and normalise(row.district) in self.keys else 1 if not row.district else 2


def _area(s: Session, zip_: str, city: str, named: Iterable[GazetteerEntry]) -> _Area:
    """`named`: what has the street's name. When some of it lies in the town as typed, the town is no typing error."""
    keys = {normalise(city)} | {normalise(part) for part in _PARTS.split(city.lower())}
    keys.discard("")
    if not keys or any(keys & {normalise(row.municipality), normalise(row.district)} for row in named):
        return _Area(zip_, frozenset(keys))
    rows = s.execute(sa.select(GazetteerEntry.municipality, GazetteerEntry.district).distinct())
    known = {normalise(name) for row in rows for name in row if name}
    if not keys & known:
        scored = sorted(((fuzz.ratio(key, name), name) for key in keys for name in known), reverse=True)
        if scored and scored[0][0] >= ACCEPT_SCORE and (len(scored) < 2 or scored[0][0] - scored[1][0] >= ACCEPT_LEAD):
            keys = {scored[0][1]}
    return _Area(zip_, frozenset(keys))


def _named(s: Session, keys: Iterable[str]) -> Sequence[GazetteerEntry]:
    return s.scalars(
        sa.select(GazetteerEntry).where(GazetteerEntry.key.in_(list(keys))).order_by(GazetteerEntry.id)
    ).all()


def _nearest(rows: Iterable[GazetteerEntry], area: _Area) -> list[GazetteerEntry]:
    found = sorted((row for row in rows if area.holds(row)), key=area.rank)
    return [row for row in found if area.rank(row) == area.rank(found[0])]


def _rows(s: Session, area: _Area, keys: Iterable[str]) -> list[GazetteerEntry]:
    return _nearest(_named(s, keys), area)


def _result(
    rows: Sequence[GazetteerEntry], house_number: str, status: Status, alternatives: tuple[str, ...] = ()
) -> GeocodeResult:
    """The best of the rows that carry the street's name: the house, else the street, else the place of that name."""
    number = _number_key(house_number)
    house = next((row for row in rows if row.house_number and _number_key(row.house_number) == number), None)
    streets = [row for row in rows if row.kind == "street"] or [row for row in rows if row.kind == "address"]
    row = house or (streets or list(rows))[0]
    shared = {r.district for r in streets if r.kind == "street"}
    if not house and len(shared) > 1:  # the same street in two villages: show what was taken
        status = "fuzzy"
        alternatives = tuple(sorted(f"{r.name}, {r.district}" for r in streets if r is not row))[:ALTERNATIVES]
    if house:
        source, accuracy = PinSource.ADDRESS, house.accuracy_m
    elif row.kind == "place":
        status, source, accuracy = "area", PinSource.PLACE, row.accuracy_m
    elif row.kind == "address":  # houses of the street, but not this one
        source, accuracy = PinSource.STREET, max(row.accuracy_m, 300)
    else:
        source, accuracy = PinSource.STREET, row.accuracy_m
    text = f"{row.name} {house.house_number}" if house else row.name
    return GeocodeResult(row.lat, row.lon, accuracy, status, source, text, alternatives)


def _number_key(number: str) -> str:
    return "".join(number.lower().split())


def _similar(s: Session, area: _Area, key: str) -> list[tuple[float, str, str]]:
    """(score, key, name) of the area's streets, best first."""
    if len(key) < 3:
        return []
    rows = s.scalars(sa.select(GazetteerEntry).where(GazetteerEntry.kind.in_(("street", "place")), _in_sql(area)))
    best: dict[str, tuple[float, str, str]] = {}
    for row in rows:
        if area.holds(row):
            score = fuzz.ratio(key, row.key, score_cutoff=ALTERNATIVE_SCORE)
            if score:
                best.setdefault(row.key, (score, row.key, row.name))
    return sorted(best.values(), key=lambda hit: (-hit[0], hit[1]))


def _in_sql(area: _Area) -> sa.ColumnElement[bool]:
    """What the database can narrow down; `holds` decides."""
    return sa.or_(GazetteerEntry.zip.in_(("", area.zip)), sa.literal(not area.zip))


def _clear(ranked: Sequence[tuple[float, str, str]]) -> bool:
    if not ranked or ranked[0][0] < ACCEPT_SCORE:
        return False
    return len(ranked) == 1 or ranked[0][0] - ranked[1][0] >= ACCEPT_LEAD


def _middle(s: Session, area: _Area, names: tuple[str, ...]) -> GeocodeResult:
    """The middle of the village that was named, else of the town's streets; nothing for an unknown town."""
    if not area.keys:
        return GeocodeResult(alternatives=names)
    places = [row for row in _rows(s, area, sorted(area.keys)) if row.kind == "place"]
    if places:
        row = places[0]
        return GeocodeResult(row.lat, row.lon, row.accuracy_m, "area", PinSource.PLACE, row.name, names)
    rows = s.scalars(sa.select(GazetteerEntry).where(GazetteerEntry.kind == "street", _in_sql(area)))
    town = [row for row in rows if area.holds(row)]
    if not town:
        return GeocodeResult(alternatives=names)
    lat, lon = median(row.lat for row in town), median(row.lon for row in town)
    far = sorted(_metres(lat, lon, row.lat, row.lon) for row in town)
    accuracy = max(TOWN_ACCURACY_M, math.ceil(far[int(len(far) * 0.8)] / 100) * 100)
    return GeocodeResult(lat, lon, accuracy, "area", PinSource.PLACE, town[0].municipality, names)


def _metres(lat: float, lon: float, to_lat: float, to_lon: float) -> float:
    """Flat-earth distance, good to a per mille within a county."""
    x = math.radians(to_lon - lon) * math.cos(math.radians((lat + to_lat) / 2))
    return math.hypot(x, math.radians(to_lat - lat)) * 6_371_000
