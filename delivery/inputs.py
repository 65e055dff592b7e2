"""A day's task (`task.py`) read from the database: orders with their parcels, shops, vehicles, points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from delivery import elsewhere, pace, pinning, windows
from delivery.batcher import Load
from delivery.elsewhere import Spot, spots
from delivery.models import (
    Booking,
    ClosedArea,
    DeliveryWindow,
    OrderLock,
    Run,
    RunState,
    Unserved,
    Vehicle,
    VehicleOut,
    WindowState,
)
from delivery.models import Parcel as ParcelRow
from delivery.points.road import at_points
from delivery.task import Area, Drop, Goods, Inputs, Wheels
from delivery.travel import Point, speed_of
from market.catalogue.models import Temperature
from market.core import clock, settings
from market.core.config import Region
from market.directory.geocoding import geocode, normalise
from market.directory.hours import ShopCalendar, load_calendars
from market.directory.models import Shop
from market.orders.models import Delivery, MerchantOrder, OrderLine, PartState
from market.orders.models import Order as OrderRow

PIECE_G, PIECE_ML_PER_G = 500, 2
"""Where a merchant gave no weight (volume): half a kilogram a piece (two millilitres a gram)."""

CARRIABLE = (PartState.ACCEPTED, PartState.READY, PartState.WITH_COURIER)
"""States of parts a run may carry; with the courier only when that one cannot go on (elsewhere.py)."""

FAILED = "failed"
"""How codes of orders begin that came back from a run: they are not planned again by themselves for that day."""


# ------------------------------------------------------------------------------------------------------------- reading


def load(s: Session, day: date, region: Region) -> Inputs:
    """Everything that is to be planned for a day: accepted parts of closed windows that no started run has taken."""
    windows = list(
        s.scalars(
            sa.select(DeliveryWindow)
            .where(DeliveryWindow.day == day, DeliveryWindow.state.in_((WindowState.CLOSED, WindowState.PLANNED)))
            .order_by(DeliveryWindow.id)
        )
    )
    vehicles = wheels_of(s, day)
    waiting = _waiting(s, day, [window.id for window in windows])
    there = at_points(s, {order_id for order_id, _ in waiting}, day, region)
    where = spots(s, day, [part.id for parts in waiting.values() for part in parts])
    rolled = _rolled(s, [order_id for order_id, _ in waiting])
    max_warm_s = 60 * int(settings.get(s, "max_warm_minutes"))
    shop_ids = {part.shop_id for parts in waiting.values() for part in parts}
    shops = {shop.id: shop for shop in s.scalars(sa.select(Shop).where(Shop.id.in_(shop_ids)))}
    calendars = load_calendars(s, shop_ids, region)
    by_id = {window.id: window for window in windows}
    drops = []
    for (order_id, window_id), parts in sorted(waiting.items()):
        window = by_id[window_id]
        tw_from, tw_to = seconds(window.starts), seconds(window.ends)
        if (point_ := there.get(order_id)) is not None:  # inside the window, while its keeper is there
            parts = [part for part in parts if part.shop_id != point_.shop_id]  # noqa: PLW2901 - what is there already
            tw_from, tw_to = point_.within(window.starts, window.ends)
        to = parts[0].order.delivery
        if to is None or not parts:
            continue
        goods = tuple(_goods(part, shops[part.shop_id], calendars, day, region, where.get(part.id)) for part in parts)
        check = point_ is None and any(part.min_age or any(line.min_age for line in part.lines) for part in parts)
        tw_to = min([tw_to, *_still_cold(goods, day, max_warm_s)])
        drop = Drop(order_id, window_id, door(to), point(s, to, region), tw_from, tw_to, goods, check, to.point)
        drops.append(drop._replace(home=_home(goods, vehicles), rolled=rolled.get(order_id, 0)))
    names = tuple(sorted((shop.id, shop.name) for shop in shops.values()))
    learnt = tuple(sorted(pace.factors(s, day).items()))
    locks = s.execute(sa.select(OrderLock.order_id, OrderLock.vehicle_id).where(OrderLock.day == day))
    return Inputs(
        day=day,
        windows=tuple(by_id),
        drops=_one_point_per_door(drops),
        vehicles=vehicles,
        names=names,
        pace=learnt,
        areas=closed_areas(s),
        locks=tuple(sorted((order_id, vehicle_id) for order_id, vehicle_id in locks)),
        max_warm_s=max_warm_s,
        pins=pinning.read(s, day),
    )


def _still_cold(goods: Iterable[Goods], day: date, max_warm_s: int) -> list[int]:
    """Until when cooled goods that are on board of a vehicle since a while may be handed over at the door."""
    return [
        of_day(one.spot.since, day) + max_warm_s
        for one in goods
        if max_warm_s and one.load.cooled and one.spot is not None and one.spot.since is not None
    ]


def _home(goods: Iterable[Goods], vehicles: Iterable[Wheels]) -> int:
    """The vehicle the goods lie in, when it drives: nobody else can take them on the road."""
    lying = {one.spot.home for one in goods if one.spot is not None}
    return next((one.vehicle_id for one in vehicles if one.vehicle_id in lying), 0)


def _rolled(s: Session, order_ids: Sequence[int]) -> dict[int, int]:
    """Orders that were left behind before, with how often."""
    rows = s.execute(
        sa.select(Booking.order_id, Booking.rolled_over).where(Booking.order_id.in_(order_ids), Booking.rolled_over > 0)
    )
    return {row[0]: row[1] for row in rows}


def closed_areas(s: Session) -> tuple[Area, ...]:
    """Where a kind of vehicle may not stop at some hours, as the operator set it."""
    rows = s.scalars(sa.select(ClosedArea).where(ClosedArea.active).order_by(ClosedArea.id))
    return tuple(
        Area(row.name, row.kind.value, (row.lat, row.lon), row.radius_m, (seconds(row.shut_from), seconds(row.shut_to)))
        for row in rows
    )


def _waiting(s: Session, day: date, window_ids: Sequence[int]) -> dict[tuple[int, int], list[MerchantOrder]]:
    """(order, window) -> its parts that wait for a run, in part order. Five queries.

    What a vehicle carries that fell out waits as well, unless only a person may hand it over.
    """
    on_the_way = (
        sa.select(ParcelRow.part_id)
        .join(Run, Run.id == ParcelRow.run_id)
        .where(Run.state == RunState.STARTED, ~elsewhere.stranded(day))
    )
    not_moving = sa.or_(
        MerchantOrder.state != PartState.WITH_COURIER, MerchantOrder.id.in_(elsewhere.stranded_parts(day))
    )
    by_hand = elsewhere.by_hand_only(s, day)
    came_back = sa.exists().where(
        Unserved.order_id == Booking.order_id,
        Unserved.window_id == Booking.window_id,
        Unserved.code.startswith(FAILED),
    )
    rows = s.execute(
        windows.booked_parts(MerchantOrder, Booking.window_id, states=CARRIABLE)
        .join(OrderRow, OrderRow.id == MerchantOrder.order_id)
        .where(
            Booking.window_id.in_(window_ids),
            OrderRow.confirmed_at.is_not(None),
            MerchantOrder.id.not_in(on_the_way),
            MerchantOrder.order_id.not_in(by_hand),
            not_moving,
            ~came_back,
        )
        .order_by(MerchantOrder.order_id, MerchantOrder.id)
        .options(selectinload(MerchantOrder.lines), selectinload(MerchantOrder.order).selectinload(OrderRow.delivery))
        .execution_options(populate_existing=True)
    )
    waiting: dict[tuple[int, int], list[MerchantOrder]] = {}
    for part, window_id in rows:
        if any(line.quantity > line.missing for line in part.lines):
            waiting.setdefault((part.order_id, window_id), []).append(part)
    return waiting


def _goods(
    part: MerchantOrder,
    shop: Shop,
    calendars: dict[int, ShopCalendar],
    day: date,
    region: Region,
    spot: Spot | None = None,
) -> Goods:
    if spot is not None:
        return Goods(
            part.id, shop.id, elsewhere.ALL_DAY, elsewhere.SETUP_S, (spot.lat, spot.lon), load_of(part.lines), spot
        )
    at = (shop.lat, shop.lon) if shop.lat is not None and shop.lon is not None else region.centre
    return Goods(part.id, shop.id, hours_of(calendars[shop.id], day), shop.setup_s, at, load_of(part.lines))


def hours_of(calendar: ShopCalendar, day: date) -> tuple[tuple[int, int], ...]:
    """When a shop is open that day; a midday break lies between two spans."""
    return tuple((seconds(opens), seconds(closes)) for opens, closes in calendar.spans(day))


def load_of(lines: Iterable[OrderLine]) -> Load:
    """How much room the pieces take that are really given."""
    sum_ = Load()
    for line in lines:
        pieces = line.quantity - line.missing - line.withdrawn
        if pieces <= 0:
            continue
        weight = line.weight_g or PIECE_G
        volume = line.volume_ml or weight * PIECE_ML_PER_G
        cold = 0 if line.temperature is Temperature.AMBIENT else volume
        sum_ += Load(weight * pieces, volume * pieces, cold * pieces)
    return sum_


def wheels_of(s: Session, day: date) -> tuple[Wheels, ...]:
    """The active vehicles with their shifts; one that is out on a run may go again after it."""
    out = s.execute(
        sa.select(Run.vehicle_id, sa.func.max(Run.ends_at))
        .where(Run.day == day, Run.state.in_((RunState.STARTED, RunState.FINISHED)))
        .group_by(Run.vehicle_id)
    )
    busy = {row[0]: of_day(row[1], day) for row in out}
    gone = set(s.scalars(sa.select(VehicleOut.vehicle_id).where(VehicleOut.day == day)))
    return tuple(
        one._replace(shift_from=max(one.shift_from, busy.get(one.vehicle_id, 0)))
        for one in fleet(s)
        if one.vehicle_id not in gone
    )


def fleet(s: Session) -> tuple[Wheels, ...]:
    """The active vehicles on an ordinary day."""
    rows = s.scalars(sa.select(Vehicle).where(Vehicle.active).order_by(Vehicle.id))
    return tuple(
        Wheels(
            vehicle_id=row.id,
            name=row.name,
            kind=row.kind.value,
            depot=(row.depot_lat, row.depot_lon),
            shift_from=seconds(row.shift_from),
            shift_to=seconds(row.shift_to),
            cap=Load(row.max_weight_g, row.max_volume_ml, row.max_cooled_ml),
            speed=speed_of(row.kind.value, row.kmh_near, row.kmh_far),
            rest=_rest(row),
            use_cost=row.use_cost.cents if row.use_cost is not None else None,
        )
        for row in rows
    )


def _rest(row: Vehicle) -> tuple[int, int, int] | None:
    if not row.break_minutes or row.break_from is None or row.break_to is None:
        return None
    return seconds(row.break_from), seconds(row.break_to), 60 * row.break_minutes


# ------------------------------------------------------------------------------------------------- doors and points


def door(to: Delivery) -> str:
    """The normalised address: two recipients at one address share a stop, two at one pin do not."""
    return f"{normalise(to.zip)} {normalise(to.city)} {normalise(to.street)}"


INEXACT_M = 450
"""From this accuracy on (a village's middle) the sheet warns that the pin is rough."""


def is_inexact(to: Delivery) -> bool:
    """Whether the courier must ask or look for the house."""
    return to.lat is None or to.lon is None or (to.accuracy_m or 0) >= INEXACT_M


def point(s: Session, to: Delivery, region: Region) -> Point:
    """The order's pin, else the middle of its village or town, else the region's."""
    if to.lat is not None and to.lon is not None:
        return to.lat, to.lon
    found = geocode(s, street="", zip=to.zip, city=to.city)
    return (found.lat, found.lon) if found.lat is not None and found.lon is not None else region.centre


def _one_point_per_door(drops: Sequence[Drop]) -> tuple[Drop, ...]:
    first: dict[str, Point] = {}
    for drop in drops:
        first.setdefault(drop.door, drop.point)
    return tuple(drop._replace(point=first[drop.door]) for drop in drops)


# ------------------------------------------------------------------------------------------------------------- times


def seconds(at: time) -> int:
    """Seconds after midnight on the local clock."""
    return at.hour * 3600 + at.minute * 60 + at.second


def of_day(instant: datetime, day: date) -> int:
    """An instant as seconds after this day's local midnight, on the clock on the wall."""
    local = clock.local(instant)
    return (local.date() - day).days * 86_400 + seconds(local.time())


def instant(day: date, second: int) -> datetime:
    """The UTC instant of a second after local midnight."""
    second = min(max(second, 0), 86_399)
    return clock.at(day, time(second // 3600, second // 60 % 60, second % 60))
