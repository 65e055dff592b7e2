"""What nobody fetched at a pick-up point, and the compartments orders take there."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from delivery import bringing, planning, results, runs
from delivery.desk import leftovers
from delivery.models import (
    Booking,
    DeliveryWindow,
    ParcelState,
    Unserved,
)
from delivery.outcomes import Actor, Dropped, Failure, Pickup
from delivery.points import claims, dropping, lying
from delivery.points.lying import HandOver
from delivery.points.models import LeftBy, PickupPoint, PointGoods, PointStay
from market.core import clock, db
from market.core.errors import BadInput
from market.core.outbox import emit
from market.orders import parts
from market.orders.models import Delivery, Fulfilment, MerchantOrder, Order, PartState
from tests.conftest import Clock
from tests.delivery.counter import Street, drive, drop_all, mails, point_stop
from tests.delivery.counter import street as street
from tests.delivery.day import STAFF, key_of, part_states, runs_of
from tests.factories.delivery import make_window

pytestmark = pytest.mark.usefixtures("database")


class TestNobodyComes:
    def overdue(self, street: Street, frozen: Clock, drain: Callable[[], None]) -> int:
        order_id = street.order([0, 1])
        drop_all(street, frozen, drain)
        frozen.forward(days=2, hours=3)
        drain()
        return order_id

    def test_shopper_and_desk_hear_of_it_and_a_late_shopper_still_gets_it(
        self, street: Street, frozen: Clock, drain: Callable[[], None], client: FlaskClient
    ) -> None:
        order_id = self.overdue(street, frozen, drain)
        assert len(mails("point_reminder")) == 1
        assert len(mails("point-overdue")) == 1
        with db.reading() as s:
            row = s.scalars(sa.select(Unserved)).one()
            assert (row.code, row.rolled_to_id) == ("failed_uncollected", None)
        frozen.forward(days=1)
        with db.transaction() as s:
            emit(s, "day.begins", key="the-day-after")
        drain()  # it still takes a compartment: its last day moves on, the end it was told of does not
        note = re.search(r"Die Abholfrist[^.]*\.", client.get(f"/bestellung/{key_of(order_id)}").text)
        assert note is not None
        assert note[0] == "Die Abholfrist ist vorbei."
        assert lying.hand_over(order_id, HandOver(street.code(order_id)), street.keep)

    def test_it_goes_back_with_the_courier_and_then_the_ways_of_every_leftover_are_open(
        self, street: Street, frozen: Clock, drain: Callable[[], None], client: FlaskClient
    ) -> None:
        order_id = self.overdue(street, frozen, drain)
        day = clock.today()
        with pytest.raises(leftovers.NotAtTheShop):
            leftovers.move_on(order_id, day, street.keeper.id)
        lying.send_back(order_id, street.keep)
        assert part_states(order_id) == [PartState.WITH_COURIER] * 2
        page = client.get(f"/bestellung/{key_of(order_id)}").text
        assert "sie ging zurück. Der Markt meldet sich bei Ihnen" in page
        assert "wird gebracht" not in page.lower()
        assert 'class="to-come"' not in page
        with db.reading() as s:
            view = leftovers.decision(s, order_id, day)
            assert view.away == (
                "Laden 1: vom Abholpunkt Tourist-Information unterwegs zurück",
                "Laden 2: vom Abholpunkt Tourist-Information unterwegs zurück",
            )
        bringing.now_at_the_shop(order_id, street.keeper.id)
        assert part_states(order_id) == [PartState.READY] * 2
        with db.reading() as s:
            assert set(s.scalars(sa.select(PointGoods.left_by))) == {LeftBy.SHOP}
        assert "wird gebracht" not in client.get(f"/bestellung/{key_of(order_id)}").text.lower()
        leftovers.collect(order_id, day, street.keeper.id)
        assert client.get(f"/bestellung/{key_of(order_id)}").text.count("Abholen statt Lieferung") == 2
        with db.reading() as s:
            assert set(s.scalars(sa.select(MerchantOrder.fulfilment))) == {Fulfilment.PICKUP}

    def test_another_try_takes_a_compartment_again(
        self, street: Street, frozen: Clock, drain: Callable[[], None]
    ) -> None:
        order_id = self.overdue(street, frozen, drain)
        day = clock.today()
        with db.transaction() as s:
            later = make_window(s, day=day + timedelta(days=3)).id
        bringing.now_at_the_shop(order_id, street.keeper.id)
        assert "bis" in leftovers.move_on(order_id, day, street.keeper.id)
        with db.reading() as s:
            stay = s.get_one(PointStay, order_id)
            window = s.get_one(DeliveryWindow, later)
            assert (stay.first_day, stay.released_at) == (window.day, None)
            again = window.day
            first = runs_of(s, street.day.day)[0].code
        results.finish_run(first, Actor(street.keeper.id, desk=True))
        planning.plan_day(again)
        frozen.forward(days=3, hours=-3)
        with db.reading() as s:
            code = runs_of(s, again)[0].code
        position, orders = point_stop(code)
        dropping.report_point(code, position, orders, None, key="again", actor=Actor(street.courier_id))
        drain()
        assert part_states(order_id) == [PartState.AT_POINT] * 2
        assert len(mails("point_ready")) == 2  # told again, with the new end
        assert lying.hand_over(order_id, HandOver(street.code(order_id)), street.keep)

    def test_what_is_still_to_come_keeps_its_compartment_when_the_rest_goes_back(
        self, street: Street, frozen: Clock, drain: Callable[[], None]
    ) -> None:
        order_id = street.order([0, 1])
        with db.transaction() as s:
            make_window(s, day=street.day.day + timedelta(days=5))
        code = drive(street, frozen)
        with db.reading() as s:
            view = runs.desk_run(s, code)
        closed = view.pickups[0]
        shut = Pickup({parcel.id: ParcelState.SHOP_CLOSED for parcel in closed.parcels})
        results.report_pickup(code, closed.position, shut, key="shut", actor=Actor(street.courier_id))
        position, orders = point_stop(code)
        dropping.report_point(code, position, orders, None, key="rest", actor=Actor(street.courier_id))
        drain()
        assert sorted(part_states(order_id), key=str) == [PartState.ACCEPTED, PartState.AT_POINT]
        with db.reading() as s:
            lying_part = s.scalars(sa.select(PointGoods.part_id)).one()
        parts.agree_to_cancel(lying_part, STAFF, reason="auf Wunsch")
        drain()
        lying.send_back(order_id, street.keep)
        with db.reading() as s:
            stay = s.get_one(PointStay, order_id)
            assert stay.released_at is None
            assert stay.last_day > street.day.day + timedelta(days=5)
        assert street.taken(5) == 1

    def test_before_its_last_day_nothing_is_sent_back(
        self, street: Street, frozen: Clock, drain: Callable[[], None]
    ) -> None:
        order_id = street.order([0])
        drop_all(street, frozen, drain)
        with pytest.raises(lying.MayStillCome):
            lying.send_back(order_id, street.keep)

    def test_who_calls_gets_more_time(self, street: Street, frozen: Clock, drain: Callable[[], None]) -> None:
        order_id = street.order([0])
        drop_all(street, frozen, drain)
        lying.keep_longer(order_id, street.keep, clock.today() + timedelta(days=5))
        frozen.forward(days=2, hours=3)
        drain()
        assert mails("point-overdue") == []
        frozen.forward(days=3)
        drain()
        assert len(mails("point-overdue")) == 1

    def test_a_cancelled_part_is_only_given_back(
        self, street: Street, frozen: Clock, drain: Callable[[], None]
    ) -> None:
        order_id = street.order([0])
        drop_all(street, frozen, drain)
        with db.reading() as s:
            part_id = s.scalars(sa.select(MerchantOrder.id).where(MerchantOrder.order_id == order_id)).one()
        parts.agree_to_cancel(part_id, STAFF, reason="auf Wunsch")
        drain()
        with pytest.raises(lying.NothingHere):
            lying.hand_over(order_id, HandOver(street.code(order_id)), street.keep)
        assert street.taken() == 1
        lying.send_back(order_id, street.keep)
        assert street.taken() == 0

    def test_who_gets_more_time_is_off_the_desks_list(
        self, street: Street, frozen: Clock, drain: Callable[[], None]
    ) -> None:
        order_id = self.overdue(street, frozen, drain)
        with pytest.raises(BadInput, match="ohnehin"):
            lying.keep_longer(order_id, street.keep, clock.today())
        lying.keep_longer(order_id, street.keep, clock.today() + timedelta(days=3))
        with db.reading() as s:
            assert s.scalars(sa.select(Unserved)).all() == []
            assert s.get_one(PointStay, order_id).overdue_at is None
        frozen.forward(days=4)
        drain()
        assert len(mails("point-overdue")) == 2


class TestCompartments:
    def test_an_order_takes_one_from_its_window_to_its_last_day(self, street: Street) -> None:
        street.order([0])
        assert [street.taken(ahead) for ahead in range(-1, 4)] == [0, 1, 1, 1, 0]

    def test_the_last_one_is_refused_and_the_order_with_it(self, street: Street) -> None:
        with db.transaction() as s:
            s.get_one(PickupPoint, street.point_id).compartments = 1
        street.order([0])
        with pytest.raises(claims.PointFull), db.transaction():
            street.order([1])
        assert street.taken() == 1

    def test_a_cancelled_order_gives_it_back(self, street: Street, drain: Callable[[], None]) -> None:
        order_id = street.order([0], accepted=False)
        with db.reading() as s:
            order = s.get_one(Order, order_id)
            part_id = order.parts[0].id
            key = order.key
        parts.cancel_by_shopper(key, part_id)
        drain()
        assert street.taken() == 0

    def test_a_failed_drop_moves_it_to_the_next_window_that_finds_the_point_open(
        self, street: Street, frozen: Clock
    ) -> None:
        order_id = street.order([0])
        with db.transaction() as s:
            sunday = make_window(s, day=street.day.day + timedelta(days=4))  # shut
            monday = make_window(s, day=street.day.day + timedelta(days=5))
            days = sunday.day, monday.day
        code = drive(street, frozen)
        position, _ = point_stop(code)
        failed = Dropped(order_id, Failure.NOBODY)
        results.report_drop(code, position, failed, key="nobody", actor=Actor(street.courier_id))
        assert days[0].weekday() == 6
        with db.reading() as s:
            assert s.get_one(Delivery, order_id).day == days[1]
            stay = s.get_one(PointStay, order_id)
            assert stay.first_day == days[1]
            booking = s.scalars(sa.select(Booking).where(Booking.order_id == order_id)).one()
            assert s.get_one(DeliveryWindow, booking.window_id).day == days[1]
        assert street.taken() == 0
        assert street.taken(5) == 1

    def test_the_next_morning_what_nobody_fetched_still_counts(
        self, street: Street, frozen: Clock, drain: Callable[[], None]
    ) -> None:
        street.order([0])
        drop_all(street, frozen, drain)
        frozen.forward(days=3)
        with db.transaction() as s:
            emit(s, "day.begins", key="test-day")
        drain()
        assert street.taken(3) == 1
