"""How many orders a weekly window can take: as many as its vehicles manage, found out by planning too many.

Orders like those of the last weeks (filled up with typical ones while there are few) are given to the batcher, far
more than fit; what it serves is what the vehicles manage, less a reserve. Runs at night in a child process; the result
stands on the template (`fits`) and bounds the places of its windows, below the operator's own number.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from delivery import inputs, pace, routing, weekly
from delivery.batcher import Load
from delivery.batcher.child import plan_in_child
from delivery.models import Booking, DeliveryWindow, Vehicle, VehicleOut, WindowState, WindowTemplate, Zone
from delivery.task import Drop, Goods, Inputs, Wheels
from delivery.travel import Point
from market.core import clock, config, db, settings
from market.core.config import Region
from market.core.outbox import emit
from market.directory.geocoding import geocode
from market.directory.hours import load_calendars
from market.directory.models import Shop
from market.orders.models import Delivery, Fulfilment, MerchantOrder

LOOK_BACK = timedelta(days=56)
ENOUGH = 25
"""Fewer real orders than this are filled up with typical ones: two shops, a few bags, a door somewhere in the area."""

TOO_MANY = 30
"""Orders offered per vehicle: more than it can take in one window."""

MOST = 120
RESERVE = 0.85
"""Of what was served in the trial: real days are less even."""

ITERATIONS = 120
TYPICAL = Load(weight=3_000, volume=9_000)


@dataclass(frozen=True, slots=True)
class Pattern:
    """An order as far as the road is concerned: the shops with what they hand over, and the door."""

    shops: tuple[tuple[int, Load], ...]
    door: Point


@dataclass(frozen=True, slots=True)
class Question:
    """A window of the week: when (seconds after midnight), for which zone (None: all), and which vehicles are out."""

    weekday: int
    tw_from: int
    tw_to: int
    zone_id: int | None
    out: frozenset[int] = frozenset()

    def meets(self, other: Question) -> bool:
        """Whether the same vehicles would drive both at the same time."""
        return self.weekday == other.weekday and self.tw_from < other.tw_to and other.tw_from < self.tw_to


@dataclass(frozen=True, slots=True)
class Asked:
    """A weekly window with its question on an ordinary day and on days with vehicles out, and its share of them all."""

    template_id: int
    usual: Question
    share: float
    special: Mapping[date, Question]


def measure(template_ids: Collection[int] | None = None) -> dict[int, int]:
    """Use case: estimate all active templates (or these) and bound the open windows; orders that fit by template id.

    Nothing changes in a town without vehicles or without shops. The same question is planned once.
    """
    region = config.current().region
    answers: dict[Question, int | None] = {}

    def places(asked: Asked, question: Question) -> int | None:
        if question not in answers:
            with db.reading() as s:
                todo = trial(s, question, region)
            answers[question] = None if todo is None else _served(todo)
        alone = answers[question]
        return max(1, int(alone * RESERVE * asked.share)) if alone else alone

    found: dict[int, int] = {}
    for asked in _asked(template_ids):
        fits = places(asked, asked.usual)
        if fits is None:
            continue
        found[asked.template_id] = fits
        special = {day: places(asked, question) for day, question in asked.special.items()}
        with db.transaction() as s:
            _bound(s, asked.template_id, fits, {day: n for day, n in special.items() if n is not None})
    return found


def _asked(template_ids: Collection[int] | None) -> list[Asked]:
    with db.reading() as s:
        rows = s.scalars(sa.select(WindowTemplate).where(WindowTemplate.active).order_by(WindowTemplate.id)).all()
        out: dict[date, frozenset[int]] = {}
        gone = sa.select(VehicleOut.day, VehicleOut.vehicle_id).join(Vehicle).where(Vehicle.active)
        for day, vehicle_id in s.execute(gone.where(VehicleOut.day >= clock.today())):
            out[day] = out.get(day, frozenset()) | {vehicle_id}
    usual = {
        row.id: Question(row.weekday, inputs.seconds(row.starts), inputs.seconds(row.ends), row.zone_id) for row in rows
    }
    own = {row.id: row.capacity for row in rows}
    return [
        Asked(
            row_id,
            question,
            own[row_id] / (sum(own[other] for other, one in usual.items() if one.meets(question)) or 1),
            {
                day: replace(question, out=frozenset(ids))
                for day, ids in out.items()
                if day.weekday() == question.weekday
            },
        )
        for row_id, question in usual.items()
        if template_ids is None or row_id in template_ids
    ]


def templates(day: date | None = None) -> list[int]:
    """The active weekly windows, or those that have one on such a day."""
    rows = sa.select(WindowTemplate.id).where(WindowTemplate.active).order_by(WindowTemplate.id)
    with db.reading() as s:
        return list(s.scalars(rows if day is None else rows.where(WindowTemplate.weekday == day.weekday())))


def vehicles_changed(s: Session, day: date | None = None) -> None:
    """Step: the places must follow (`day`: of that day only). What is changed within a minute is asked about once."""
    soon = (clock.now() + timedelta(minutes=1)).replace(second=0, microsecond=0) + timedelta(minutes=1)
    what = day.isoformat() if day else ""
    emit(s, "vehicles.changed", key=f"vehicles.changed/{what}/{soon:%Y%m%d%H%M}", due_at=soon, day=what)


def _served(todo: Inputs) -> int:
    if not todo.vehicles:
        return 0
    problem = routing.build(todo, config.current()).problem
    plan = plan_in_child(problem, iterations=ITERATIONS, seed=1, timeout_s=120.0)
    return len(problem.orders) - len(plan.unserved)


def _bound(s: Session, template_id: int, fits: int, special: Mapping[date, int]) -> None:
    """Step: note it, and give the template's open windows at most so many places - never fewer than are booked.

    `special`: the days on which it is another number.
    """
    template = s.get_one(WindowTemplate, template_id)
    template.fits = fits
    weekly.hold(s, template_id)
    mine = sa.and_(
        DeliveryWindow.template_id == template_id,
        DeliveryWindow.state == WindowState.OPEN,
        DeliveryWindow.day >= clock.today(),
    )
    days = [
        (DeliveryWindow.day.not_in(list(special)), fits),
        *((DeliveryWindow.day == day, n) for day, n in special.items()),
    ]
    for of_the_day, number in days:
        places = min(template.capacity, number)
        s.execute(
            sa.update(DeliveryWindow)
            .where(mine, of_the_day)
            .values(capacity=sa.case((DeliveryWindow.booked > places, DeliveryWindow.booked), else_=places))
            .execution_options(synchronize_session=False)
        )


# -------------------------------------------------------------------------------------------------------------- trial


def trial(s: Session, question: Question, region: Region) -> Inputs | None:
    """A day with more orders than fit, without vehicles when none drives then; None in a town that has entered no
    vehicles (its own numbers count), or where there is nothing to collect."""
    if s.scalar(sa.select(Vehicle.id).limit(1)) is None:
        return None
    vehicles = tuple(
        one
        for one in inputs.fleet(s)
        if one.vehicle_id not in question.out and one.shift_from < question.tw_to and one.shift_to > question.tw_from
    )
    patterns = recent(s, question.zone_id)
    if len(patterns) < ENOUGH:
        patterns += typical(s, question.zone_id, region, ENOUGH - len(patterns))
    if not patterns:
        return None
    wanted = min(MOST, TOO_MANY * len(vehicles))
    chosen = [patterns[i % len(patterns)] for i in range(wanted)]
    return _inputs(s, question, vehicles, chosen, region)


def recent(s: Session, zone_id: int | None) -> list[Pattern]:
    """Orders of the last weeks that went (or go) to a door of the zone, newest first."""
    area = [] if zone_id is None else [Booking.zone_id == zone_id]
    rows = s.scalars(
        sa.select(MerchantOrder)
        .join(Booking, Booking.order_id == MerchantOrder.order_id)
        .join(Delivery, Delivery.order_id == MerchantOrder.order_id)
        .where(
            MerchantOrder.fulfilment == Fulfilment.DELIVERY,
            Booking.booked_at > clock.now() - LOOK_BACK,
            Delivery.lat.is_not(None),
            *area,
        )
        .order_by(MerchantOrder.order_id.desc(), MerchantOrder.id)
        .limit(MOST * 3)
        .options(selectinload(MerchantOrder.lines))
    ).all()
    points = {
        row.order_id: (float(row.lat), float(row.lon))
        for row in s.execute(
            sa.select(Delivery.order_id, Delivery.lat, Delivery.lon).where(
                Delivery.order_id.in_({part.order_id for part in rows})
            )
        )
    }
    parts: dict[int, list[tuple[int, Load]]] = {}
    for part in rows:
        parts.setdefault(part.order_id, []).append((part.shop_id, inputs.load_of(part.lines)))
    return [Pattern(tuple(shops), points[order_id]) for order_id, shops in parts.items()]


def typical(s: Session, zone_id: int | None, region: Region, count: int) -> list[Pattern]:
    """Invented orders for an area without a history: two of the delivering shops, a door near one of its places."""
    shops = list(s.scalars(sa.select(Shop.id).where(Shop.delivers, Shop.lat.is_not(None)).order_by(Shop.id)))
    areas = sa.select(Zone).where(Zone.active).order_by(Zone.id).options(selectinload(Zone.places))
    places = [
        (place.zip, place.place)
        for zone in s.scalars(areas if zone_id is None else areas.where(Zone.id == zone_id))
        for place in zone.places
    ]
    if not shops or not places:
        return []
    dice = Random(1)  # noqa: S311 - the same night gives the same answer; nothing here is a secret
    middles = [_middle(s, zip_, name, region) for zip_, name in places]
    found = []
    for i in range(count):
        lat, lon = middles[i % len(middles)]
        door = (lat + dice.gauss(0, 0.003), lon + dice.gauss(0, 0.005))
        found.append(Pattern(tuple((shop, TYPICAL) for shop in dice.sample(shops, min(2, len(shops)))), door))
    return found


def _middle(s: Session, zip_: str, name: str, region: Region) -> Point:
    found = geocode(s, street="", zip=zip_, city=name or region.name)
    return (found.lat, found.lon) if found.lat is not None and found.lon is not None else region.centre


def _inputs(
    s: Session, question: Question, vehicles: tuple[Wheels, ...], patterns: Sequence[Pattern], region: Region
) -> Inputs:
    ids = {shop_id for pattern in patterns for shop_id, _ in pattern.shops}
    shops = {shop.id: shop for shop in s.scalars(sa.select(Shop).where(Shop.id.in_(ids)))}
    calendars = load_calendars(s, ids, region)

    def goods(number: int, shop_id: int, load: Load) -> Goods:
        shop = shops[shop_id]
        at = (shop.lat, shop.lon) if shop.lat is not None and shop.lon is not None else region.centre
        spans = calendars[shop_id].usual(question.weekday)
        hours = tuple((inputs.seconds(opens), inputs.seconds(closes)) for opens, closes in spans)
        return Goods(number, shop_id, hours, shop.setup_s, at, load)

    drops = tuple(
        Drop(
            n,
            0,
            f"{n}",
            pattern.door,
            question.tw_from,
            question.tw_to,
            tuple(goods(n * 100 + i, shop_id, load) for i, (shop_id, load) in enumerate(pattern.shops)),
        )
        for n, pattern in enumerate(patterns, 1)
    )
    names = tuple(sorted((shop.id, shop.name) for shop in shops.values()))
    day = clock.today() + timedelta(days=1)
    return Inputs(
        day,
        (),
        drops,
        vehicles,
        names,
        tuple(sorted(pace.factors(s, day).items())),
        areas=inputs.closed_areas(s),
        max_warm_s=60 * int(settings.get(s, "max_warm_minutes")),
    )
