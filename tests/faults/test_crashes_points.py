"""Kill the process over a pick-up point: no compartment is lost, nothing handed over by half, nobody told twice."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from delivery.models import Unserved, Zone
from delivery.points import claims, lying
from delivery.points.keeping import Keeper
from delivery.points.lying import HandOver
from delivery.points.models import PointDay, PointGoods, PointStay
from market.core import db
from market.core.models import Mail
from market.orders import handing, parts
from market.orders.models import Order, PartState
from tests.factories.delivery import make_empty_order, make_window
from tests.factories.people import make_user
from tests.factories.points import make_point, make_point_order
from tests.faults.street import Street
from tests.faults.street import street as street
from tests.payments.sandbox_fixtures import _shared as _shared
from tests.payments.sandbox_fixtures import inbox as inbox
from tests.payments.sandbox_fixtures import sandbox as sandbox


def taken() -> int:
    with db.reading() as s:
        return int(s.scalar(sa.select(sa.func.coalesce(sa.func.sum(PointDay.taken), 0))) or 0)


def lies(street: Street) -> tuple[int, int, str]:
    """An order of two shops that lies at a point: its id, a keeper and the code."""
    with db.transaction() as s:
        keeper = make_user(s).id
        zone, window = s.scalars(sa.select(Zone)).one(), make_window(s)
        point = make_point(s)
        order = make_point_order(s, point.id, (street.bread, 1), (street.top, 1), window=window, zone=zone)
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
        return order_id, keeper, stay.code


def test_a_booking_that_dies_holds_no_compartment(street: Street) -> None:
    with db.transaction() as s:
        window = make_window(s)
        point_id, order_id = make_point(s).id, make_empty_order(s).id
        when = window.day, window.starts, window.ends
    street.kill("point.claimed", "claim", order_id=order_id, point_id=point_id, when=when)
    assert taken() == 0
    with db.transaction() as s:
        claims.claim(s, order_id, point_id, *when)
    assert taken() == 3  # the day and two opening days


def test_a_hand_over_that_dies_has_not_happened_and_happens_once(street: Street) -> None:
    order_id, keeper, code = lies(street)
    before = taken()
    street.kill("point.handed_over", "hand_over", order_id=order_id, code=code, keeper=keeper)
    with db.reading() as s:
        assert set(s.scalars(sa.select(PointGoods.left_at))) == {None}
        assert {part.state for part in s.get_one(Order, order_id).parts} == {PartState.AT_POINT}
    assert taken() == before
    assert lying.hand_over(order_id, HandOver(code), Keeper(keeper, None))
    assert taken() == 0
    street.recover()


def test_a_worker_that_dies_as_time_runs_out_tells_and_lists_once(street: Street) -> None:
    order_id, _keeper, _code = lies(street)
    street.drain()
    with db.reading() as s:
        last = s.get_one(PointStay, order_id).last_day
    street.clock.forward(days=(last - street.clock.now().date() + timedelta(days=1)).days)
    street.kill("point.overdue", "drain")
    with db.reading() as s:
        assert s.get_one(PointStay, order_id).overdue_at is None
    street.recover()
    with db.reading() as s:
        assert s.get_one(PointStay, order_id).overdue_at is not None
        assert s.scalar(sa.select(sa.func.count()).select_from(Unserved)) == 1
        told = sa.select(sa.func.count()).where(Mail.key.startswith("point-overdue"))
        assert s.scalar(told) == 1
