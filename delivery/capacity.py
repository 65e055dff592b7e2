"""How many orders a weekly window can take: as many as its vehicles manage, found out by planning too many.

Orders like those of the last weeks (filled up with typical ones while there are few) are given to the batcher, far
more than fit; what it serves is what the vehicles manage, less a reserve. Runs at night in a child process; the result
stands on the template (`fits`) and bounds the places of its windows, below the operator's own number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from delivery import inputs, pace, routing
from delivery.batcher import Load
from delivery.batcher.child import plan_in_child
from delivery.models import Booking, DeliveryWindow, WindowState, WindowTemplate, Zone
from delivery.task import Drop, Goods, Inputs, Wheels
from delivery.travel import Point
from market.core import clock, config, db
from market.core.config import Region
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
    """A window of the week: which day, from when to when (seconds after midnight), and for which zone (None: all)."""

    day: date
    tw_from: int
    tw_to: int
    zone_id: int | None


def measure(template_ids: Sequence[int] | None = None) -> dict[int, int]:
    """Use case: estimate all active templates (or these) and bound the open windows; orders that fit by template id.

    Nothing changes where there is no active vehicle or no shop. Templates that ask the same question are planned once.
    """
    region = config.current().region
    answers: dict[Question, int] = {}
    found: dict[int, int] = {}
    for template_id, question in _questions(template_ids):
        if question not in answers:
            with db.reading() as s:
                todo = trial(s, question, region)
            if todo is None:
                continue
            answers[question] = _served(todo)
        found[template_id] = max(1, int(answers[question] * RESERVE)) if answers[question] else 0
    with db.transaction() as s:
        for template_id, fits in sorted(found.items()):
            _bound(s, template_id, fits)
    return found


def _questions(template_ids: Sequence[int] | None) -> list[tuple[int, Question]]:
    with db.reading() as s:
        rows = s.scalars(sa.select(WindowTemplate).where(WindowTemplate.active).order_by(WindowTemplate.id))
        tomorrow = clock.today() + timedelta(days=1)
        return [
            (
                row.id,
                Question(
                    tomorrow + timedelta(days=(row.weekday - tomorrow.weekday()) % 7),
                    inputs.seconds(row.starts),
                    inputs.seconds(row.ends),
                    row.zone_id,
                ),
            )
            for row in rows
            if template_ids is None or row.id in template_ids
        ]


def _served(todo: Inputs) -> int:
    problem = routing.build(todo, config.current()).problem
    plan = plan_in_child(problem, iterations=ITERATIONS, seed=1, timeout_s=120.0)
    return len(problem.orders) - len(plan.unserved)


def _bound(s: Session, template_id: int, fits: int) -> None:
    """Step: note it, and give the template's open windows at most so many places - never fewer than are booked."""
    template = s.get_one(WindowTemplate, template_id)
    template.fits = fits
    places = min(template.capacity, fits)
    s.execute(
        sa.update(DeliveryWindow)
        .where(
            DeliveryWindow.template_id == template_id,
            DeliveryWindow.state == WindowState.OPEN,
            DeliveryWindow.day > clock.today(),
        )
        .values(capacity=sa.case((DeliveryWindow.booked > places, DeliveryWindow.booked), else_=places))
        .execution_options(synchronize_session=False)
    )


# -------------------------------------------------------------------------------------------------------------- trial


def trial(s: Session, question: Question, region: Region) -> Inputs | None:
    """A day with more orders than fit; None where there is no vehicle for the window, or nothing to collect."""
    vehicles = tuple(
        one
        for one in inputs.wheels_of(s, question.day)
        if one.shift_from < question.tw_to and one.shift_to > question.tw_from
    )
    patterns = recent(s, question.zone_id)
    if len(patterns) < ENOUGH:
        patterns += typical(s, question.zone_id, region, ENOUGH - len(patterns))
    if not vehicles or not patterns:
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
        hours = inputs.hours_of(calendars[shop_id], question.day)
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
    return Inputs(question.day, (), drops, vehicles, names, tuple(sorted(pace.factors(s, question.day).items())))
