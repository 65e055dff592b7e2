"""Goods that are not in their shop: in a vehicle or at the pick-up point since the last try, or where one fell out.

The next run collects them there and not at the shop. A vehicle that fell out hands over what it carries where it
stands; goods with an age mark only from person to person, so only when somebody stays with it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery.models import BackTo, Parcel, ParcelState, Run, RunState, Vehicle, VehicleOut
from market.core.i18n import N_, gettext
from market.orders.models import MerchantOrder

ON_BOARD = (ParcelState.PICKED_UP, ParcelState.SHORT)

ALL_DAY = ((0, 86_399),)
"""Where no shop has to be open."""

SETUP_S = 60
"""Finding the goods in a vehicle, or taking them over from one that stands."""

IN_VEHICLE = N_("{vehicle}: liegt im Fahrzeug")
AT_POINT = N_("Ausgabestelle des Marktes, wo {vehicle} steht")
HAND_OVER = N_("Übergabe von {vehicle}")
BY_HAND_ONLY = N_("Ware mit Altersgrenze wird nur von Hand zu Hand übergeben, und beim Fahrzeug ist niemand.")


class Spot(NamedTuple):
    """Where goods are collected instead of their shop. `key` is the batcher's id of it.

    `home`: the vehicle they lie in. `run_id`, `since`: the run that had collected them, and when.
    """

    key: str
    name: str
    place: str
    lat: float
    lon: float
    home: int = 0
    run_id: int = 0
    since: datetime | None = None


def stranded(day: date) -> sa.ColumnElement[bool]:
    """Of a Parcel joined with its Run: on board of a vehicle that fell out on this day while it was under way."""
    gone = sa.select(VehicleOut.vehicle_id).where(VehicleOut.day == day)
    return sa.and_(Run.day == day, Run.state == RunState.STARTED, Run.vehicle_id.in_(gone), Parcel.state.in_(ON_BOARD))


def stranded_parts(day: date) -> sa.Select[int]:
    """Parts on board of a vehicle that fell out."""
    return sa.select(Parcel.part_id).join(Run, Run.id == Parcel.run_id).where(stranded(day))


def by_hand_only(s: Session, day: date) -> set[int]:
    """Orders on board of a vehicle that fell out and that nobody may hand over: an age mark, and nobody is with it."""
    rows = s.scalars(
        sa.select(MerchantOrder.order_id)
        .join(Parcel, Parcel.part_id == MerchantOrder.id)
        .join(Run, Run.id == Parcel.run_id)
        .join(VehicleOut, sa.and_(VehicleOut.vehicle_id == Run.vehicle_id, VehicleOut.day == Run.day))
        .where(stranded(day), MerchantOrder.min_age > 0, VehicleOut.attended.is_(False))
    )
    return set(rows)


def key_of(vehicle_id: int) -> str:
    """Of the place where a vehicle stands that fell out."""
    return f"x{vehicle_id}"


def spots(s: Session, day: date, part_ids: Collection[int]) -> Mapping[int, Spot]:
    """Part -> where it is collected when that is not its shop. Two queries."""
    found: dict[int, Spot] = {}
    came_back = s.execute(
        sa.select(Parcel.part_id, Parcel.back_to, Vehicle)
        .join(Run, Run.id == Parcel.run_id)
        .join(Vehicle, Vehicle.id == Run.vehicle_id)
        .where(Parcel.part_id.in_(part_ids), Parcel.back_at.is_not(None))
        .order_by(Parcel.id)
    )
    for part_id, to, vehicle in came_back:
        found.pop(part_id, None)
        if to is not None and to is not BackTo.SHOP:
            found[part_id] = _at_rest(to, vehicle)
    on_board = s.execute(
        sa.select(Parcel.part_id, Parcel.run_id, Parcel.at, Vehicle, VehicleOut)
        .join(Run, Run.id == Parcel.run_id)
        .join(Vehicle, Vehicle.id == Run.vehicle_id)
        .join(VehicleOut, sa.and_(VehicleOut.vehicle_id == Vehicle.id, VehicleOut.day == day))
        .where(Parcel.part_id.in_(part_ids), stranded(day))
    )
    for part_id, run_id, at, vehicle, out in on_board:
        name = gettext(HAND_OVER).format(vehicle=vehicle.name)
        lat = vehicle.depot_lat if out.lat is None else out.lat
        lon = vehicle.depot_lon if out.lon is None else out.lon
        found[part_id] = Spot(key_of(vehicle.id), name, out.place, lat, lon, run_id=run_id, since=at)
    return found


def _at_rest(to: BackTo, vehicle: Vehicle) -> Spot:
    kept = to is BackTo.VEHICLE
    name = gettext(IN_VEHICLE if kept else AT_POINT).format(vehicle=vehicle.name)
    key = f"{'v' if kept else 'p'}{vehicle.id}"
    home = vehicle.id if kept else 0
    return Spot(key, name, vehicle.depot_place, vehicle.depot_lat, vehicle.depot_lon, home=home)
