"""An order's way over a pick-up point: planned, dropped with others at once, handed over against one code."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from delivery import personal, planning, results, runs, thin
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
)
from delivery.outcomes import Actor, Dropped, Pickup, SheetResult
from delivery.points import dropping, lying
from delivery.points.keeping import Keeper
from delivery.points.lying import HandOver
from delivery.points.models import PickupPoint, PointKeeper
from market.catalogue.models import Product
from market.core import clock, db
from market.core.errors import NotFound
from market.directory import merchants
from market.directory.models import Shop
from market.orders import handing, parts
from market.orders.models import Fulfilment, MerchantOrder, Order, PartState
from tests.conftest import Clock
from tests.delivery.counter import Street, drive, drop_all, mails, point_stop
from tests.delivery.counter import street as street
from tests.delivery.day import STAFF, key_of, part_states
from tests.factories.people import make_user

pytestmark = pytest.mark.usefixtures("database")


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
        self, street: Street, frozen: Clock, drain: Callable[[], None], client: FlaskClient
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
        (told,) = mails("point-refused")  # the keeper gives it to the next courier: no day is promised
        assert "Sie geht mit dem nächsten Kurier zurück." in told
        assert "Fr, 27. November" not in told
        page = client.get(f"/bestellung/{key_of(order_id)}").text
        assert "Liegt für Sie bereit bis" not in page
        assert "bekommen Sie sie mit Ausweis und Code" in page
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
