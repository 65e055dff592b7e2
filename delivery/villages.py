"""Every place we deliver to with its own honest price, days and windows: for the public page of a village."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery import windows
from delivery.models import WindowTemplate, Zone, ZonePlace
from delivery.windows import WindowOffer
from market.core.i18n import N_, gettext
from market.directory.geocoding import normalise
from market.directory.models import GazetteerEntry, Shop


@dataclass(frozen=True, slots=True)
class Village:
    """One place of a zone. `rest`: what of a postcode has no entry of its own."""

    slug: str
    name: str
    zip: str
    zone: Zone
    rest: bool = False


@dataclass(frozen=True, slots=True)
class VillagePage:
    """What a village's page shows: on which weekdays (0 Monday) we come, and the next windows."""

    village: Village
    weekdays: tuple[int, ...]
    offers: Sequence[WindowOffer]
    neighbours: Sequence[Village]


def villages(s: Session) -> list[Village]:
    """Every place of every active zone, by zone and name. Two queries."""
    zones = windows.zones(s)
    towns = _towns(s, {place.zip for zone in zones for place in zone.places if not place.place})
    found = [_village(zone, place, towns) for zone in zones for place in zone.places]
    found.sort(key=lambda one: (one.zone.position, not one.rest, normalise(one.name)))
    return _unique(found)


def page(s: Session, slug: str, now: datetime) -> VillagePage | None:
    """One village; None for a place we do not deliver to. Four queries. A postcode's rest is found by number, too."""
    known = villages(s)
    village = next((one for one in known if slug == one.slug or (one.rest and slug == one.zip)), None)
    if village is None:
        return None
    days = s.scalars(
        sa.select(WindowTemplate.weekday)
        .where(
            WindowTemplate.active,
            sa.or_(WindowTemplate.zone_id.is_(None), WindowTemplate.zone_id == village.zone.id),
        )
        .distinct()
        .order_by(WindowTemplate.weekday)
    )
    neighbours = [one for one in known if one.zone.id == village.zone.id and one is not village]
    return VillagePage(village, tuple(days), windows.offers(s, village.zone, now), neighbours)


def _towns(s: Session, zips: Iterable[str]) -> Mapping[str, str]:
    """The town a postcode mostly belongs to, by the gazetteer (it may know no postcodes) and the shops' addresses."""
    wanted = sorted(zips)
    known = sa.union_all(
        sa.select(GazetteerEntry.zip, GazetteerEntry.municipality.label("town")).where(GazetteerEntry.zip.in_(wanted)),
        sa.select(Shop.zip, Shop.city).where(Shop.zip.in_(wanted)),
    ).subquery()
    rows = s.execute(
        sa.select(known.c.zip, known.c.town)
        .where(known.c.town != "")
        .group_by(known.c.zip, known.c.town)
        .order_by(sa.func.count(), known.c.town)
    )
    return {row.zip: row.town for row in rows}  # the largest comes last


def _village(zone: Zone, place: ZonePlace, towns: Mapping[str, str]) -> Village:
    if place.place:
        return Village(_slug(place.place), place.place, place.zip, zone)
    town = towns.get(place.zip, "")
    name = f"{town} ({place.zip})" if town else gettext(N_("{zip} (übrige Orte)")).format(zip=place.zip)
    return Village(_slug(f"{town} {place.zip}"), name, place.zip, zone, rest=True)


def _slug(name: str) -> str:
    return "-".join(key for word in re.split(r"\W+", name) if (key := normalise(word)))


def _unique(found: list[Village]) -> list[Village]:
    """Two villages of one name (in two postcodes) get the postcode in their address."""
    names = [one.slug for one in found]
    return [
        one
        if names.count(one.slug) == 1
        else Village(f"{one.slug}-{one.zip}", f"{one.name} ({one.zip})", one.zip, one.zone, one.rest)
        for one in found
    ]
