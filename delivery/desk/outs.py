"""Before a vehicle is taken out of the day: what it carries, where it may stand. Queries only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery import holding
from delivery.elsewhere import ON_BOARD
from delivery.holding import Stand
from delivery.models import Parcel, ParcelState, Run, RunState, Vehicle
from market.core import config, settings
from market.core.errors import BadInput, NotFound
from market.core.i18n import N_, gettext
from market.directory.geocoding import geocode
from market.orders import lifecycle
from market.orders.models import MerchantOrder, Order

HALT, DEPOT, ADDRESS = "halt", "depot", "address"


class UnknownPlace(BadInput):
    """The others must find the vehicle."""

    message = N_("Diese Adresse kennt der Markt nicht. Bitte geben Sie Straße und Hausnummer an.")


@dataclass(frozen=True, slots=True)
class FallsOut:
    """A vehicle that may fall out: numbers of the orders on board, how many it has not collected yet, and the places
    it may stand at (value, label)."""

    vehicle_id: int
    vehicle: str
    day: date
    aboard: tuple[str, ...]
    ahead: int
    places: tuple[tuple[str, str], ...]
    warm_minutes: int


def falls_out(s: Session, vehicle_id: int, day: date) -> FallsOut:
    """Raises NotFound for an unknown vehicle."""
    vehicle = s.get(Vehicle, vehicle_id)
    if vehicle is None:
        raise NotFound
    numbers = s.scalars(
        sa.select(Order.number)
        .join(MerchantOrder, MerchantOrder.order_id == Order.id)
        .join(Parcel, Parcel.part_id == MerchantOrder.id)
        .join(Run, Run.id == Parcel.run_id)
        .where(Run.day == day, Run.vehicle_id == vehicle_id, Run.state == RunState.STARTED, Parcel.state.in_(ON_BOARD))
        .distinct()
        .order_by(Order.number)
    )
    last = holding.last_halt(s, vehicle_id, day)
    known = [(HALT, gettext(N_("zuletzt: {place}")).format(place=last.place))] if last.place else []
    depot = ", ".join(filter(None, (gettext(N_("an seinem Standort")), vehicle.depot_place)))
    places = (*known, (DEPOT, depot), (ADDRESS, gettext(N_("woanders"))))
    minutes = int(settings.get(s, "max_warm_minutes"))
    return FallsOut(vehicle_id, vehicle.name, day, tuple(numbers), _ahead(s, vehicle_id, day), places, minutes)


def _ahead(s: Session, vehicle_id: int, day: date) -> int:
    """Orders of its runs of which something is still to be collected."""
    orders = (
        sa.select(MerchantOrder.order_id)
        .join(Parcel, Parcel.part_id == MerchantOrder.id)
        .join(Run, Run.id == Parcel.run_id)
        .where(
            Run.day == day,
            Run.vehicle_id == vehicle_id,
            Run.state.in_((RunState.PLANNED, RunState.STARTED)),
            Parcel.state == ParcelState.PLANNED,
            MerchantOrder.state.not_in(lifecycle.DEAD),
        )
    )
    return s.scalar(sa.select(sa.func.count()).select_from(orders.distinct().subquery())) or 0


def stand(s: Session, out: FallsOut, where: str, address: str, *, attended: bool) -> Stand:
    """Where the dispatcher says it stands. Raises UnknownPlace."""
    if where == HALT:
        last = holding.last_halt(s, out.vehicle_id, out.day)
        return Stand(last.place, last.lat, last.lon, attended)
    if where == DEPOT:
        vehicle = s.get_one(Vehicle, out.vehicle_id)
        return Stand(vehicle.depot_place or gettext(N_("an seinem Standort")), attended=attended)
    region = config.current().region
    found = geocode(s, street=address, zip=region.postcodes[0], city=region.name)
    if not address.strip() or found.lat is None or found.lon is None:
        raise UnknownPlace(field="address")
    return Stand(address.strip(), found.lat, found.lon, attended)
