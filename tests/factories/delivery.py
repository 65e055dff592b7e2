"""Zones, weekly templates and windows with good defaults. Each takes the session and says only what matters."""

from __future__ import annotations

from datetime import date, time, timedelta
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from delivery.models import DeliveryWindow, Vehicle, VehicleKind, WindowState, WindowTemplate, Zone, ZonePlace
from market.core import clock, codes
from market.core.money import ZERO, Money
from market.directory.geocoding import normalise
from market.orders.models import Order, PaymentMethod

_numbers = count(1)
FEE = Money(290)


def make_zone(
    s: Session, *places: tuple[str, str], name: str = "Innenstadt", fee: Money = FEE, minimum: Money = ZERO
) -> Zone:
    """A zone of (postcode, village) pairs; an empty village is the rest of the postcode."""
    zone = Zone(slug=f"zone-{next(_numbers)}", name=name, fee=fee, minimum=minimum, position=next(_numbers))
    zone.places = [ZonePlace(zip=zip_, place=place, key=normalise(place)) for zip_, place in places]
    s.add(zone)
    s.flush()
    return zone


def make_template(
    s: Session,
    *,
    weekday: int = 3,
    starts: time = time(16),
    ends: time = time(19),
    cutoff_minutes: int = 240,
    capacity: int = 10,
    surcharge: Money = ZERO,
    zone: Zone | None = None,
) -> WindowTemplate:
    """A weekly window, Thursday afternoon unless said otherwise."""
    template = WindowTemplate(
        weekday=weekday,
        starts=starts,
        ends=ends,
        cutoff_minutes=cutoff_minutes,
        capacity=capacity,
        surcharge=surcharge,
        zone_id=zone.id if zone else None,
    )
    s.add(template)
    s.flush()
    return template


def make_window(
    s: Session,
    *,
    day: date | None = None,
    starts: time = time(16),
    ends: time = time(19),
    capacity: int = 10,
    booked: int = 0,
    surcharge: Money = ZERO,
    zone: Zone | None = None,
    state: WindowState = WindowState.OPEN,
    cutoff_minutes: int = 240,
) -> DeliveryWindow:
    """A window, the day after tomorrow in the afternoon unless said otherwise."""
    day = day or clock.today() + timedelta(days=2)
    window = DeliveryWindow(
        zone_id=zone.id if zone else None,
        day=day,
        starts=starts,
        ends=ends,
        cutoff_at=clock.at(day, starts) - timedelta(minutes=cutoff_minutes),
        capacity=capacity,
        booked=booked,
        surcharge=surcharge,
        state=state,
    )
    s.add(window)
    s.flush()
    return window


def make_empty_order(s: Session) -> Order:
    """An order without parts: enough to hold a booking."""
    order = Order(
        number=f"T-{next(_numbers)}",
        key=codes.key(),
        form_token=codes.key(),
        placed_at=clock.now(),
        payment_method=PaymentMethod.ONLINE,
        name="Karl Kunde",
        goods=Money(0),
        total=Money(0),
    )
    s.add(order)
    s.flush()
    return order


def make_vehicle(s: Session, *, driver_id: int | None = None, **fields: Any) -> Vehicle:
    """A van with its depot in the middle of town, out from 13 to 20 o'clock."""
    defaults: dict[str, Any] = {
        "name": f"Transporter {next(_numbers)}",
        "kind": VehicleKind.VAN,
        "max_weight_g": 600_000,
        "max_volume_ml": 3_000_000,
        "max_cooled_ml": 300_000,
        "depot_lat": 51.0490,
        "depot_lon": 12.1352,
        "shift_from": time(13),
        "shift_to": time(20),
        "driver_id": driver_id,
    }
    vehicle = Vehicle(**defaults | fields)
    s.add(vehicle)
    s.flush()
    return vehicle
