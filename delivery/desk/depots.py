"""Where a vehicle stands: its runs begin and end there, and goods wait there overnight."""

from __future__ import annotations

import re

from sqlalchemy.orm import Session

from delivery.models import Vehicle
from market.core import config
from market.core.errors import BadInput
from market.core.i18n import N_
from market.directory.geocoding import geocode

Point = tuple[float, float]

_WITH_POINT = re.compile(r"(.*?)\s*\((-?\d{1,2}\.\d{2,9}),\s*(-?\d{1,3}\.\d{2,9})\)", re.ASCII)
_ZIP = re.compile(r"\b\d{5}\b", re.ASCII)
NEAR = (1.0, 1.5)
"""Degrees of latitude and longitude, about a hundred kilometres: nobody delivers from further away."""


class UnknownDepot(BadInput):
    """Runs need a point to begin at."""

    message = N_(
        "Diese Adresse kennt der Markt nicht. Bitte geben Sie Straße und Hausnummer an, im Dorf auch Postleitzahl und "
        "Ort, oder setzen Sie Breite und Länge in Klammern dahinter, zum Beispiel (50.1234, 11.5678)."
    )


class SimilarDepot(BadInput):
    """A street we lack can look like one we have, and two villages may have one of the same name."""

    message = N_("So genau kennt der Markt diese Straße nicht. Meinten Sie „{like}“?")


def put(s: Session, vehicle: Vehicle, place: str) -> None:
    """Step: the vehicle stands at this address; none: in the middle of town. The same words again change nothing.

    Raises UnknownDepot, SimilarDepot.
    """
    place = place.strip()
    if vehicle.depot_lat is not None and place == vehicle.depot_place:
        return
    given = _WITH_POINT.fullmatch(place)
    if given:
        place, point = given[1], _near((float(given[2]), float(given[3])))
    else:
        point = _find(s, place) if place else config.current().region.centre
    vehicle.depot_place, (vehicle.depot_lat, vehicle.depot_lon) = place, point


def _near(point: Point) -> Point:
    centre = config.current().region.centre
    if any(abs(a - b) > most for a, b, most in zip(point, centre, NEAR, strict=True)):
        raise UnknownDepot(field="depot_place")
    return point


def _find(s: Session, place: str) -> Point:
    region = config.current().region
    street, _, town = place.partition(",")
    zips = _ZIP.findall(town)
    city = _ZIP.sub("", town).strip()
    nowhere = not zips and not city
    found = geocode(
        s,
        street=street,
        zip=region.postcodes[0] if nowhere else "".join(zips[:1]),
        city=region.name if nowhere else city,
    )
    if found.status == "fuzzy" and found.matched_text:
        raise SimilarDepot(field="depot_place", like="“, „".join((found.matched_text, *found.alternatives)))
    if found.status != "exact" or found.lat is None or found.lon is None:
        raise UnknownDepot(field="depot_place")
    return found.lat, found.lon
