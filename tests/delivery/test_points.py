"""An order's way over a pick-up point: planned, dropped with others at once, handed over against one code, or back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time, timedelta
from email import message_from_string, policy

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from delivery import bringing, personal, planning, results, runs, thin
from delivery.desk import leftovers
from delivery.models import (
    Booking,
    DeliveryWindow,
    IfThin,
    Parcel,
    ParcelState,
    Stop,
    StopKind,
    Unserved,
    WindowState,
    Zone,
)
from delivery.outcomes import Actor, Dropped, Failure, Pickup, SheetResult
from delivery.points import claims, dropping, lying
from delivery.points.keeping import Keeper
from delivery.points.lying import HandOver
from delivery.points.models import LeftBy, PickupPoint, PointDay, PointGoods, PointKeeper, PointStay
from market.catalogue.models import Product
from market.core import clock, db
from market.core.errors import BadInput, NotFound
from market.core.models import Mail
from market.core.outbox import emit
from market.directory import merchants
from market.directory.models import Shop
from market.orders import handing, parts
from market.orders.models import Delivery, Fulfilment, MerchantOrder, Order, PartState
from market.people.models import User
from tests.conftest import Clock
from tests.delivery.day import STAFF, MarketDay, key_of, make_market_day, part_states, runs_of
from tests.factories.delivery import make_window
from tests.factories.people import make_courier, make_user
from tests.factories.points import make_point, make_point_order

pytestmark = pytest.mark.usefixtures("database")


@dataclass
class Street:
    """A market day with a point, its keeper, its courier, and orders that go there."""

    day: MarketDay
    point_id: int
    keeper: User
    courier_id: int

    def order(self, goods: list[int], *, accepted: bool = True, window_id: int | None = None, **more: object) -> int:
        with db.transaction() as s:
            bought = [(s.get_one(Product, self.day.products[i]), 1) for i in goods]
            window = s.get_one(DeliveryWindow, window_id or self.day.window_id)
            zone = s.get_one(Zone, self.day.zone_id)
            if any(product.min_age for product, _ in bought):
                more |= {"age_declared": 18}
            order = make_point_order(s, self.point_id, *bought, window=window, zone=zone, **more)
            order_id, part_ids = order.id, [part.id for part in order.parts]
        for part_id in part_ids if accepted else ():
            parts.accept(part_id, STAFF)
        return order_id

    @property
    def keep(self) -> Keeper:
        return Keeper(self.keeper.id, frozenset({self.point_id}))

    def code(self, order_id: int) -> str:
        with db.reading() as s:
            return s.get_one(PointStay, order_id).code

    def taken(self, ahead: int = 0) -> int:
        """Compartments spoken for on the window's day (and so many days later)."""
        with db.reading() as s:
            row = s.get(PointDay, (self.point_id, self.day.day + timedelta(days=ahead)))
            return row.taken if row else 0


@pytest.fixture
def street(app: Flask, frozen: Clock) -> Street:
    with db.transaction() as s:
        courier, keeper = make_courier(s), make_user(s, name="Thea Tresen")
    day = make_market_day(shops=3, courier_id=courier.id)
    with db.transaction() as s:
        point = make_point(s, keeper=keeper, name="Tourist-Information")
        return Street(day, point.id, keeper, courier.id)


def drive(street: Street, frozen: Clock) -> str:
    """Plan the day and travel to its afternoon; the run's code."""
    planning.plan_day(street.day.day)
    frozen.forward(days=2, hours=7)
    with db.reading() as s:
        return runs_of(s, street.day.day)[0].code


def point_stop(code: str) -> tuple[int, list[int]]:
    """The position of the halt at the point and the orders for it."""
    with db.reading() as s:
        view = runs.desk_run(s, code)
    stop = next(one for one in view.drops if one.point)
    return stop.position, [to.order_id for to in stop.for_point]


def drop_all(street: Street, frozen: Clock, drain: Callable[[], None]) -> str:
    code = drive(street, frozen)
    position, orders = point_stop(code)
    dropping.report_point(code, position, orders, None, key="at-the-point", actor=Actor(street.courier_id))
    drain()
    return code


def mails(name: str) -> list[str]:
    with db.reading() as s:
        found = s.scalars(sa.select(Mail.mime).where(Mail.key.startswith(name)).order_by(Mail.id)).all()
    bodies = [message_from_string(one, policy=policy.default).get_body(("plain",)) for one in found]
    return [body.get_content() for body in bodies if body is not None]


class TestTheWayThere:
    def test_many_recipients_share_one_halt_whose_address_is_the_points(self, street: Street, frozen: Clock) -> None:
        orders = [street.order([0, 1]), street.order([1]), street.order([2])]
        code = drive(street, frozen)
        position, found = point_stop(code)
        assert found == sorted(orders)
        with db.reading() as s:
            view = runs.desk_run(s, code)
        assert len([stop for stop in view.drops if stop.point]) == 1
        stop = next(stop for stop in view.drops if stop.position == position)
        assert {to.street for to in stop.recipients} == {_address(street)}
        assert {to.house for to in stop.recipients} == {"Tourist-Information"}

    def test_the_drop_begins_inside_the_window_and_while_the_point_is_open(self, street: Street, frozen: Clock) -> None:
        with db.transaction() as s:
            s.get_one(PickupPoint, street.point_id).gives_from = time(17, 15)
            s.get_one(PickupPoint, street.point_id).gives_until = time(18)
        street.order([0])
        drive(street, frozen)
        with db.reading() as s:
            stop = s.scalars(sa.select(Stop).where(Stop.kind == StopKind.DROP)).one()
            assert time(17, 15) <= clock.local(stop.arrives_at).time() <= time(18)

    def test_a_point_that_shuts_after_the_booking_leaves_the_order_for_a_person(self, street: Street) -> None:
        order_id = street.order([0])
        with db.transaction() as s:
            shop_id = s.get_one(PickupPoint, street.point_id).shop_id
            merchants.add_exception(s, shop_id, street.day.day, street.day.day, note="Inventur")
        made = planning.plan_day(street.day.day)
        assert [(one.order_id, one.code) for one in made.unserved] == [(order_id, "window_empty")]
        with db.reading() as s:
            assert s.scalars(sa.select(Unserved.reason)).one() == "Der Abholpunkt Tourist-Information hat dann zu."

    def test_what_is_packed_in_the_shop_that_is_the_point_is_not_driven(
        self, app: Flask, street: Street, frozen: Clock, drain: Callable[[], None]
    ) -> None:
        with db.transaction() as s:
            own = s.scalars(sa.select(Shop).where(Shop.name == "Laden 1")).one()
            s.get_one(PickupPoint, street.point_id).shop_id = own.id
        order_id = street.order([0, 1])
        with db.transaction() as s:
            mine = s.scalars(sa.select(MerchantOrder.id).where(MerchantOrder.shop_id == own.id)).one()
        parts.mark_ready(mine, STAFF, bags=1)
        drain()
        assert part_states(order_id)[0] is PartState.READY  # it waits for the rest
        drop_all(street, frozen, drain)
        with db.reading() as s:
            assert s.scalar(sa.select(sa.func.count()).select_from(Parcel)) == 1
        assert part_states(order_id) == [PartState.AT_POINT, PartState.AT_POINT]
        assert len(mails("point_ready")) == 1


def _address(street: Street) -> str:
    with db.reading() as s:
        return s.get_one(Shop, s.get_one(PickupPoint, street.point_id).shop_id).door


class TestAtThePoint:
    def test_one_press_leaves_everything_and_everybody_gets_code_address_and_end(
        self, street: Street, frozen: Clock, drain: Callable[[], None]
    ) -> None:
        orders = [street.order([0, 1]), street.order([2])]
        drop_all(street, frozen, drain)
        assert [state for one in orders for state in part_states(one)] == [PartState.AT_POINT] * 3
        texts = mails("point_ready")
        assert len(texts) == 2
        for order_id, text in zip(orders, texts, strict=True):
            assert f"Abholcode für alles zusammen: {street.code(order_id)}" in text
            assert "Tourist-Information, Altmarkt" in text
            assert "Fr, 27. November, 18:00" in text  # two opening days after Wednesday
        assert mails("delivered") == []

    def test_sending_the_drop_twice_is_sending_it_once(
        self, street: Street, frozen: Clock, drain: Callable[[], None]
    ) -> None:
        order_id = street.order([0])
        code = drop_all(street, frozen, drain)
        dropping.report_point(code, 2, [order_id], None, key="at-the-point", actor=Actor(street.courier_id))
        drain()
        assert len(mails("point_ready")) == 1

    def test_one_code_hands_over_the_goods_of_many_shops_once(
        self, street: Street, frozen: Clock, drain: Callable[[], None]
    ) -> None:
        order_id = street.order([0, 1, 2])
        drop_all(street, frozen, drain)
        assert lying.hand_over(order_id, HandOver(street.code(order_id).lower()), street.keep) is True
        drain()
        assert part_states(order_id) == [PartState.HANDED_OVER] * 3
        assert "am Abholpunkt Tourist-Information abgeholt" in mails("delivered")[0]
        with pytest.raises(lying.NothingHere):
            lying.hand_over(order_id, HandOver(street.code(order_id)), street.keep)
        assert street.taken() == 0

    def test_the_right_code_waits_after_five_wrong_ones(
        self, street: Street, frozen: Clock, drain: Callable[[], None]
    ) -> None:
        order_id = street.order([0])
        drop_all(street, frozen, drain)
        for _ in range(4):
            with pytest.raises(handing.WrongCode):
                lying.hand_over(order_id, HandOver("FALSCH"), street.keep)
        for said in ("FALSCH", street.code(order_id)):
            with pytest.raises(handing.CodeLocked):
                lying.hand_over(order_id, HandOver(said), street.keep)
        frozen.forward(minutes=16)
        assert lying.hand_over(order_id, HandOver(street.code(order_id)), street.keep)

    def test_goods_with_an_age_mark_stay_when_the_card_is_missing_and_the_rest_goes(
        self, street: Street, frozen: Clock, drain: Callable[[], None]
    ) -> None:
        with db.transaction() as s:
            s.get_one(Product, street.day.products[1]).min_age = 18
        order_id = street.order([0, 1])
        drop_all(street, frozen, drain)
        with pytest.raises(lying.AgeNotSaid):
            lying.hand_over(order_id, HandOver(street.code(order_id)), street.keep)
        assert lying.hand_over(order_id, HandOver(street.code(order_id), age=False), street.keep) is False
        drain()
        assert sorted(part_states(order_id), key=str) == [PartState.AT_POINT, PartState.HANDED_OVER]
        assert street.taken() == 1
        with db.reading() as s:
            assert s.scalars(sa.select(Unserved.code)).one() == "failed_age"
        assert lying.hand_over(
            order_id, HandOver(street.code(order_id), age=True), street.keep
        )  # came back with a card
        assert part_states(order_id) == [PartState.HANDED_OVER] * 2
        with db.reading() as s:
            checked = s.scalars(sa.select(MerchantOrder.age_checked_by_id).where(MerchantOrder.min_age > 0)).one()
            assert checked == street.keeper.id

    def test_a_strangers_point_is_not_found(self, street: Street, frozen: Clock, drain: Callable[[], None]) -> None:
        order_id = street.order([0])
        drop_all(street, frozen, drain)
        with pytest.raises(NotFound):
            lying.hand_over(order_id, HandOver(street.code(order_id)), Keeper(99, frozenset({street.point_id + 1})))


class TestNobodyComes:
    def overdue(self, street: Street, frozen: Clock, drain: Callable[[], None]) -> int:
        order_id = street.order([0, 1])
        drop_all(street, frozen, drain)
        frozen.forward(days=2, hours=3)
        drain()
        return order_id

    def test_shopper_and_desk_hear_of_it_and_a_late_shopper_still_gets_it(
        self, street: Street, frozen: Clock, drain: Callable[[], None]
    ) -> None:
        order_id = self.overdue(street, frozen, drain)
        assert len(mails("point_reminder")) == 1
        assert len(mails("point-overdue")) == 1
        with db.reading() as s:
            row = s.scalars(sa.select(Unserved)).one()
            assert (row.code, row.rolled_to_id) == ("failed_uncollected", None)
        assert lying.hand_over(order_id, HandOver(street.code(order_id)), street.keep)

    def test_it_goes_back_with_the_courier_and_then_the_ways_of_every_leftover_are_open(
        self, street: Street, frozen: Clock, drain: Callable[[], None]
    ) -> None:
        order_id = self.overdue(street, frozen, drain)
        day = clock.today()
        with pytest.raises(leftovers.NotAtTheShop):
            leftovers.move_on(order_id, day, street.keeper.id)
        lying.send_back(order_id, street.keep)
        assert part_states(order_id) == [PartState.WITH_COURIER] * 2
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
        leftovers.collect(order_id, day, street.keeper.id)
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


class TestOtherWays:
    def test_a_paper_sheet_leaves_it_at_the_point_without_a_look_at_cards(
        self, street: Street, frozen: Clock, drain: Callable[[], None]
    ) -> None:
        with db.transaction() as s:
            s.get_one(Product, street.day.products[0]).min_age = 18
        order_id = street.order([0])
        code = drive(street, frozen)
        with db.reading() as s:
            view = runs.desk_run(s, code)
        position, _ = point_stop(code)
        picked = {
            stop.position: Pickup({parcel.id: ParcelState.PICKED_UP for parcel in stop.parcels})
            for stop in view.pickups
        }
        dropped = [("zeile", position, Dropped(order_id))]
        results.apply_sheet(code, SheetResult(picked, dropped), key="sheet", actor=Actor(street.keeper.id, desk=True))
        drain()
        assert part_states(order_id) == [PartState.AT_POINT]
        assert "Bitte bringen Sie Ihren Ausweis mit: ab 18 Jahren" in mails("point_ready")[0]

    def test_a_thin_window_that_is_collected_in_the_shops_frees_the_compartment(
        self, client: FlaskClient, street: Street, drain: Callable[[], None]
    ) -> None:
        with db.transaction() as s:
            s.get_one(DeliveryWindow, street.day.window_id).minimum_orders = 5
        order_id = street.order([0])
        with db.transaction() as s:
            s.scalars(sa.select(Booking).where(Booking.order_id == order_id)).one().if_thin = IfThin.COLLECT
            window = s.get_one(DeliveryWindow, street.day.window_id)
            window.state = WindowState.CLOSED
            s.flush()
            assert thin.cancel_if_thin(s, window.id)
        drain()
        assert street.taken() == 0
        with db.reading() as s:
            assert s.scalars(sa.select(MerchantOrder.fulfilment)).one() is Fulfilment.PICKUP
        page = client.get(f"/bestellung/{key_of(order_id)}").text
        assert 'data-test="order-point"' not in page
        assert "Laden 1" in page

    def test_what_is_known_of_a_person_names_the_point_and_a_deleted_keeper_keeps_nothing(
        self, street: Street, frozen: Clock, drain: Callable[[], None]
    ) -> None:
        order_id = street.order([0])
        drop_all(street, frozen, drain)
        with db.transaction() as s:
            karl = make_user(s, name="Karl")
            s.get_one(Order, order_id).user_id = karl.id
        lying.hand_over(order_id, HandOver(street.code(order_id)), street.keep)
        with db.reading() as s:
            told = personal.export(s, karl.id)
            assert [one["left_by"] for one in told if one.get("pickup_point") == "Tourist-Information"] == ["abgeholt"]
            kept = personal.export(s, street.keeper.id)
            assert [one["keeps_pickup_point"] for one in kept] == ["Tourist-Information"]
        with db.transaction() as s:
            personal.erase(s, street.keeper.id)
        with db.reading() as s:
            assert s.get(PointKeeper, (street.keeper.id, street.point_id)) is None


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
