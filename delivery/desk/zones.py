"""Zones: which postcodes and villages, at which honest price; made and changed by the operator.

A line names a village of a postcode, or with the postcode alone everything in it that has no line of its own. Every
place belongs to one zone. Orders keep the fee they were placed with.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from delivery.models import Zone, ZonePlace
from market.core import db
from market.core.errors import BadInput, NotFound
from market.core.i18n import N_
from market.directory.geocoding import normalise
from market.people import accounts

LONGEST = 80
_LINE = re.compile(rf"(\d{{5}})(?:\s+(\S.{{0,{LONGEST - 1}}}))?", re.ASCII)


class NotLower(BadInput):
    """The price for a good fit is a reduction."""

    message = N_("Dieser Preis darf nicht über der Liefergebühr liegen.")


class NoPlace(BadInput):
    """A zone is somewhere."""

    message = N_("Bitte geben Sie mindestens einen Ort an, zum Beispiel „12345“ oder „12345 Unterdorf“.")


class NotAPlace(BadInput):
    """A line that is no place."""

    message = N_("„{line}“ ist kein Ort: Bitte erst die Postleitzahl, dann das Dorf, zum Beispiel „12345 Unterdorf“.")


class PlaceTaken(BadInput):
    """Of two prices a shopper would not know which is right."""

    message = N_("„{place}“ gehört schon zum Gebiet „{zone}“. Bitte nehmen Sie den Ort erst dort heraus.")


def lines(places: Iterable[ZonePlace]) -> str:
    """A zone's places as they are typed, one a line."""
    return "\n".join(f"{place.zip} {place.place}".strip() for place in places)


def parse(text: str) -> dict[tuple[str, str], str]:
    """(postcode, normalised village) -> the village as typed. Raises NoPlace, NotAPlace."""
    found: dict[tuple[str, str], str] = {}
    for line in filter(None, (re.sub(r"\s+", " ", one).strip() for one in re.split(r"[\n,;]", text))):
        parts = _LINE.fullmatch(line)
        village = (parts[2] or "") if parts else ""
        if parts is None or bool(village) != bool(normalise(village)):
            raise NotAPlace(field="places", line=line[:LONGEST])
        found.setdefault((parts[1], normalise(village)), village)
    if not found:
        raise NoPlace(field="places")
    return found


def save_zone(zone_id: int | None, values: Mapping[str, Any], by: int) -> None:
    """Use case: a zone, changed or new (None). Raises NotLower, NoPlace, NotAPlace, PlaceTaken, NotFound."""
    if values.get("good_fee") is not None and values["good_fee"] > values["fee"]:
        raise NotLower(field="good_fee")
    places = parse(values["places"])
    with db.transaction() as s:
        all_ = sa.select(Zone).order_by(Zone.position, Zone.id).options(selectinload(Zone.places))
        known = s.scalars(all_.with_for_update().execution_options(populate_existing=True)).all()
        zone = (
            _new(values["name"], known) if zone_id is None else next((one for one in known if one.id == zone_id), None)
        )
        if zone is None:
            raise NotFound
        _refuse_taken(places, [one for one in known if one is not zone])
        for name in ("name", "fee", "good_fee", "minimum", "active"):
            setattr(zone, name, values[name])
        _put(zone, places)
        s.add(zone)
        s.flush()
        accounts.audit(s, "zone.saved", f"zone:{zone.id}", by=by)


def _new(name: str, known: Sequence[Zone]) -> Zone:
    slug, taken = normalise(name)[:50] or "gebiet", {one.slug for one in known}
    free = next(one for one in (slug, *(f"{slug}-{n}" for n in range(2, len(taken) + 3))) if one not in taken)
    return Zone(slug=free, position=max((one.position for one in known), default=-1) + 1)


def _refuse_taken(places: Mapping[tuple[str, str], str], others: Iterable[Zone]) -> None:
    for other in others:
        for place in other.places:
            if (place.zip, place.key) in places:
                raise PlaceTaken(field="places", place=f"{place.zip} {place.place}".strip(), zone=other.name)


def _put(zone: Zone, places: Mapping[tuple[str, str], str]) -> None:
    """Step: rows that stay stay, so that none is written twice."""
    rows = {(place.zip, place.key): place for place in zone.places}
    for (zip_, key), village in places.items():
        row = rows.setdefault((zip_, key), ZonePlace(zip=zip_, key=key))
        row.place = village
    zone.places = [rows[one] for one in places]
