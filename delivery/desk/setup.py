"""Weekly templates and vehicles, changed by the operator (zones: zones.py). What is planned already stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from delivery import capacity, pace, weekly
from delivery.desk import depots
from delivery.models import Pace, Vehicle, VehicleKind, WindowTemplate, Zone
from delivery.travel import Speed, speed_of
from market.core import config, db, settings
from market.core.errors import BadInput, NotFound
from market.core.i18n import N_, gettext
from market.core.outbox import emit
from market.people import accounts


class EndsBeforeItStarts(BadInput):
    """Times the wrong way round."""

    message = N_("Das Ende muss nach dem Anfang liegen.")


class NeverEnough(BadInput):
    """A window takes as many as it needs."""

    message = N_("Mehr, als das Fenster Plätze hat: Es würde nie gefahren.")


class NameTaken(BadInput):
    """Names tell vehicles apart."""

    message = N_("So heißt schon ein anderes Fahrzeug.")


class MoreColdThanRoom(BadInput):
    """The cooled room is part of the room."""

    message = N_("Der gekühlte Raum kann nicht größer sein als der ganze Laderaum.")


class BreakWithoutTime(BadInput):
    """A break has a time in which it begins."""

    message = N_("Bitte geben Sie an, zwischen welchen Uhrzeiten die Pause beginnt.")


@dataclass(frozen=True, slots=True)
class Equipment:
    """Everything the settings page lists."""

    zones: tuple[Zone, ...]
    templates: tuple[WindowTemplate, ...]
    vehicles: tuple[Vehicle, ...]
    learnt: tuple[LearntTime, ...]
    learnt_used: bool


@dataclass(frozen=True, slots=True)
class LearntTime:
    """What couriers' times taught about one subject: `percent` more (or, negative, less) time than assumed."""

    subject: str
    percent: int
    samples: int
    valid_from: date


def equipment(s: Session) -> Equipment:
    """Zones in their order, templates by weekday and time, vehicles by name."""
    zones = s.scalars(sa.select(Zone).order_by(Zone.position, Zone.id).options(selectinload(Zone.places)))
    templates = s.scalars(
        sa.select(WindowTemplate).order_by(WindowTemplate.weekday, WindowTemplate.starts, WindowTemplate.id)
    )
    vehicles = s.scalars(sa.select(Vehicle).order_by(Vehicle.name))
    used = bool(settings.get(s, "learnt_pace"))
    return Equipment(tuple(zones), tuple(templates), tuple(vehicles), tuple(_learnt(s)), used)


def cutoff(row: WindowTemplate) -> str:
    """When its orders end, in words: on which day and at what time."""
    at = row.starts.hour * 60 + row.starts.minute - row.cutoff_minutes
    ahead, time_ = -(at // 1440), f"{at % 1440 // 60}:{at % 60:02}"
    if not ahead:
        return gettext(N_("am selben Tag, {time} Uhr")).format(time=time_)
    if ahead == 1:
        return gettext(N_("am Tag davor, {time} Uhr")).format(time=time_)
    return gettext(N_("{days} Tage davor, {time} Uhr")).format(days=ahead, time=time_)


def _learnt(s: Session) -> list[LearntTime]:
    words = {pace.SHOP: gettext(N_("Abholen im Laden")), pace.DOOR: gettext(N_("Übergabe an der Tür"))}
    words |= {kind.value: gettext(N_("Fahren mit {kind}")).format(kind=gettext(kind.label)) for kind in VehicleKind}
    newest = {row.subject: row for row in s.scalars(sa.select(Pace).order_by(Pace.valid_from))}
    return [
        LearntTime(words[subject], round((row.factor - 1) * 100), row.samples, row.valid_from)
        for subject, row in sorted(newest.items())
        if subject in words
    ]


def use_learnt_pace(*, on: bool, by: int) -> None:
    """Use case: plans use what couriers' times taught, or not; a planned day changes when it is planned again."""
    with db.transaction() as s:
        settings.put(s, "learnt_pace", on)
        accounts.audit(s, "delivery.learnt_pace", "learnt_pace", by=by, on=on)


def save_template(template_id: int | None, values: Mapping[str, Any], by: int) -> list[date]:
    """A weekly window, changed or new (None). The windows of the next weeks follow; the days of those that stay as they
    were because they are booked. Raises EndsBeforeItStarts, NeverEnough."""
    if values["starts"] >= values["ends"]:
        raise EndsBeforeItStarts(field="ends")
    if 0 < values["capacity"] < values["minimum_orders"]:
        raise NeverEnough(field="minimum_orders")
    with db.transaction() as s:
        template = WindowTemplate() if template_id is None else s.get(WindowTemplate, template_id)
        if template is None:
            raise NotFound
        _take(template, values)
        s.add(template)
        s.flush()
        accounts.audit(s, "window_template.saved", f"window_template:{template.id}", by=by)
        stay = weekly.follow(s, template, subdivision=config.current().region.subdivision)
        capacity.vehicles_changed(s)  # they are shared among windows at the same time
    return stay


def save_vehicle(vehicle_id: int | None, values: Mapping[str, Any], by: int) -> None:
    """A vehicle, changed or new (None). Raises NameTaken, what _check_vehicle raises and what depots.put raises."""
    _check_vehicle(values)
    with db.transaction() as s:
        vehicle = Vehicle() if vehicle_id is None else s.get(Vehicle, vehicle_id)
        if vehicle is None:
            raise NotFound
        known = s.scalar(sa.select(Vehicle.id).where(Vehicle.name == values["name"]))
        if known not in (None, vehicle_id):
            raise NameTaken(field="name")
        was = None if vehicle_id is None else _speed(vehicle)
        depots.put(s, vehicle, values["depot_place"])
        _take(vehicle, {name: value for name, value in values.items() if name != "depot_place"})
        s.add(vehicle)
        s.flush()
        accounts.audit(s, "vehicle.saved", f"vehicle:{vehicle.id}", by=by)
        capacity.vehicles_changed(s)
        if was not in (None, _speed(vehicle)):
            emit(s, "vehicle.speed", kind=vehicle.kind.value)


def _check_vehicle(values: Mapping[str, Any]) -> None:
    """Raises EndsBeforeItStarts, MoreColdThanRoom, BreakWithoutTime."""
    if values["shift_from"] >= values["shift_to"]:
        raise EndsBeforeItStarts(field="shift_to")
    if values["max_cooled_ml"] > values["max_volume_ml"]:
        raise MoreColdThanRoom(field="max_cooled_l")
    if values["break_minutes"] and not (values["break_from"] and values["break_to"]):
        raise BreakWithoutTime(field="break_from")
    if values["break_from"] and values["break_to"] and values["break_from"] > values["break_to"]:
        raise EndsBeforeItStarts(field="break_to")


def _speed(vehicle: Vehicle) -> Speed:
    return speed_of(vehicle.kind.value, vehicle.kmh_near, vehicle.kmh_far)


def _take(row: WindowTemplate | Vehicle, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
