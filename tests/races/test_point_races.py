"""The last compartment of a pick-up point, one code at two counters, and orders that move while others book."""

from __future__ import annotations

from collections import Counter
from datetime import date, time, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from delivery.points import claims, lying
from delivery.points.keeping import Keeper
from delivery.points.lying import HandOver
from delivery.points.models import PickupPoint, PointDay, PointStay
from market.core import clock, db
from market.orders import handing, parts
from market.orders.models import MerchantOrder, PartEvent, PartState
from tests.factories.delivery import make_empty_order, make_window, make_zone
from tests.factories.orders import make_town
from tests.factories.people import make_user
from tests.factories.points import make_point, make_point_order
from tests.races.together import race

SHOPPERS = 12
TIMES = (time(16), time(19))


def prepared(orders: int, compartments: int = 1) -> tuple[list[int], int, date]:
    with db.transaction() as s:
        make_zone(s, ("06712", ""))
        window = make_window(s)
        point = make_point(s, compartments=compartments)
        return [make_empty_order(s).id for _ in range(orders)], point.id, window.day


def claim(order_id: int, point_id: int, day: date) -> str:
    with db.transaction() as s:
        claims.claim(s, order_id, point_id, day, *TIMES)
    return "claimed"


def taken(point_id: int) -> dict[date, int]:
    with db.reading() as s:
        rows = s.execute(sa.select(PointDay.day, PointDay.taken).where(PointDay.point_id == point_id))
        return {row[0]: row[1] for row in rows if row[1]}


def assert_books_agree(point_id: int) -> None:
    """What is taken on a day is what the unreleased stays say."""
    with db.reading() as s:
        stays = s.scalars(sa.select(PointStay).where(PointStay.point_id == point_id, PointStay.released_at.is_(None)))
        counted: Counter[date] = Counter()
        for stay in stays:
            for n in range((stay.last_day - stay.first_day).days + 1):
                counted[stay.first_day + timedelta(days=n)] += 1
    assert taken(point_id) == dict(counted)


def test_the_last_compartment_is_taken_once(committing: Engine) -> None:
    orders, point_id, day = prepared(SHOPPERS)
    results = race(SHOPPERS, lambda n: claim(orders[n], point_id, day))
    told = Counter("claimed" if r == "claimed" else type(r).__name__ for r in results)
    assert told == {"claimed": 1, "PointFull": SHOPPERS - 1}
    assert set(taken(point_id).values()) == {1}
    assert_books_agree(point_id)


def test_that_race_is_real(committing: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: read, compare, write takes the last compartment several times. SQLite's writers stand in line anyway."""
    if committing.dialect.name == "sqlite":
        pytest.skip("BEGIN IMMEDIATE hides the mistake on SQLite")

    def read_then_write(s: Session, point: PickupPoint, _old: set[date], new: set[date]) -> None:
        rows = s.scalars(sa.select(PointDay).where(PointDay.point_id == point.id, PointDay.day.in_(new))).all()
        if any(row.taken >= row.compartments for row in rows):
            raise claims.PointFull(point="", day="")
        s.execute(sa.text("SELECT pg_sleep(0.2)"))
        for row in sorted(rows, key=lambda one: one.day):
            row.taken = row.taken + 1

    orders, point_id, day = prepared(7)
    claim(orders[6], point_id, day)  # the rows are there ...
    with db.transaction() as s:
        claims.release(s, orders[6])  # ... and empty
    monkeypatch.setattr(claims, "_move_days", read_then_write)
    assert race(6, lambda n: claim(orders[n], point_id, day)).count("claimed") > 1


def test_a_compartment_given_back_twice_at_once_is_free_once(committing: Engine) -> None:
    orders, point_id, day = prepared(1)
    claim(orders[0], point_id, day)

    def release(_number: int) -> bool:
        with db.transaction() as s:
            return claims.release(s, orders[0])

    assert Counter(race(6, release)) == {True: 1, False: 5}
    assert taken(point_id) == {}


def test_orders_that_move_and_orders_that_come_do_not_wait_for_each_other_in_a_circle(committing: Engine) -> None:
    """Moved orders give days back and take others, new ones take days in between: always in ascending order."""
    orders, point_id, day = prepared(12, compartments=20)
    for order_id in orders[:6]:
        claim(order_id, point_id, day)

    def go(number: int) -> str:
        if number >= 6:
            return claim(orders[number], point_id, day + timedelta(days=number % 3))
        with db.transaction() as s:
            later = day + timedelta(days=1 + number % 2)
            claims.move(s, orders[number], later, *TIMES)
        return "moved"

    results = race(12, go)
    assert Counter(map(str, results)) == {"claimed": 6, "moved": 6}
    assert_books_agree(point_id)


def lying_order() -> tuple[int, Keeper, int, str]:
    """An order of two shops that lies at a point: (order, its keeper, point, code)."""
    with db.transaction() as s:
        keeper = Keeper(make_user(s).id, None)
        bread, top = make_town(s)
        zone, window = make_zone(s, ("06712", "")), make_window(s)
        point = make_point(s)
        order = make_point_order(s, point.id, (bread, 1), (top, 1), window=window, zone=zone)
        order_id, ids = order.id, [part.id for part in order.parts]
    for part_id in ids:
        parts.accept(part_id, parts.Staff(None, by="caretaker"))
    with db.transaction() as s:
        stay = claims.open_stay(s, order_id)
        assert stay is not None
        for part_id in ids:
            handing.give_to_courier(s, part_id, by_user_id=None)
            lying.arrive(s, part_id, by="courier", by_user_id=None)
        lying.settle_arrival(s, stay)
        return order_id, keeper, point.id, stay.code


def test_two_keepers_hand_an_order_over_once(committing: Engine) -> None:
    order_id, keeper, point_id, code = lying_order()

    def give(_number: int) -> bool:
        return lying.hand_over(order_id, HandOver(code), keeper)

    results = race(6, give)
    assert Counter(type(r).__name__ for r in results) == {"bool": 1, "NothingHere": 5}
    with db.reading() as s:
        events = sa.select(sa.func.count()).where(PartEvent.after == PartState.HANDED_OVER)
        assert s.scalar(events) == 2
    assert taken(point_id) == {}


def test_handing_over_and_cancelling_at_once_do_one_of_the_two(committing: Engine) -> None:
    order_id, keeper, _point, code = lying_order()
    with db.reading() as s:
        part_id = s.scalars(sa.select(MerchantOrder.id).where(MerchantOrder.order_id == order_id)).first()
    assert part_id is not None

    def go(number: int) -> str:
        if number:
            parts.agree_to_cancel(part_id, parts.Staff(None, by="caretaker"), reason="kaputt")
            return "cancelled"
        lying.hand_over(order_id, HandOver(code), keeper)
        return "given"

    race(2, go)
    with db.reading() as s:
        states = Counter(s.scalars(sa.select(MerchantOrder.state)))
    assert states in (
        Counter({PartState.HANDED_OVER: 2}),
        Counter({PartState.HANDED_OVER: 1, PartState.CANCELLED: 1}),
    )


def test_the_database_itself_refuses_an_overfilled_point(committing: Engine) -> None:
    _, point_id, day = prepared(1)
    with pytest.raises(sa.exc.IntegrityError), db.transaction() as s:
        s.add(PointDay(point_id=point_id, day=day, compartments=1, taken=2))
    assert clock.today() <= day
