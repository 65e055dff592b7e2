"""The operator's rules of the street. Runs that are planned already stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from delivery.models import ClosedArea
from market.core import config, db, settings
from market.core.errors import BadInput, NotFound
from market.core.i18n import N_
from market.directory.geocoding import geocode
from market.people import accounts


class UnknownMiddle(BadInput):
    """An area needs a middle that can be found."""

    message = N_("Diese Straße kennt der Markt nicht. Bitte geben Sie eine Straße mit Hausnummer der Stadt ein.")


class OpensBeforeItShuts(BadInput):
    """Times the wrong way round."""

    message = N_("Das Ende muss nach dem Anfang liegen.")


def areas() -> tuple[ClosedArea, ...]:
    """All closed areas by name."""
    with db.reading() as s:
        return tuple(s.scalars(sa.select(ClosedArea).order_by(ClosedArea.name, ClosedArea.id)))


def warm_minutes() -> int:
    """The limit for cooled goods on the way; 0: none."""
    with db.reading() as s:
        return int(settings.get(s, "max_warm_minutes"))


def set_warm_minutes(minutes: int, by: int) -> None:
    """Use case: set the limit."""
    with db.transaction() as s:
        settings.put(s, "max_warm_minutes", minutes)
        accounts.audit(s, "delivery.max_warm", "max_warm_minutes", by=by, minutes=minutes)


def save_area(area_id: int | None, values: Mapping[str, Any], middle: str, by: int) -> None:
    """Use case: an area, changed or new (None). Raises OpensBeforeItShuts, UnknownMiddle, NotFound."""
    if values["shut_from"] >= values["shut_to"]:
        raise OpensBeforeItShuts(field="shut_to")
    region = config.current().region
    with db.transaction() as s:
        area = ClosedArea() if area_id is None else s.get(ClosedArea, area_id)
        if area is None:
            raise NotFound
        if middle.strip() or area_id is None:
            found = geocode(s, street=middle, zip=region.postcodes[0], city=region.name)
            if not middle.strip() or found.lat is None or found.lon is None:
                raise UnknownMiddle(field="middle")
            area.lat, area.lon = found.lat, found.lon
        for name, value in values.items():
            setattr(area, name, value)
        s.add(area)
        s.flush()
        accounts.audit(s, "closed_area.saved", f"closed_area:{area.id}", by=by)
