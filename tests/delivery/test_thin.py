"""A window below its minimum does not take place, as was said: orders move on, or are collected without a fee."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from delivery import planning, thin
from delivery.models import Booking, DeliveryWindow, IfThin, Run, Unserved, WindowState
from market.core import clock, db
from market.core.models import Mail, OutboxMessage
from market.core.outbox import emit
from market.orders.models import Fulfilment, MerchantOrder, PartState
from tests.conftest import Clock
from tests.delivery.day import MarketDay, key_of, make_market_day
from tests.factories.delivery import make_window

pytestmark = pytest.mark.usefixtures("database")
Drain = Callable[[], int]


def thin_day(*, minimum: int = 3, later: bool = True) -> MarketDay:
    """A day whose window takes place from `minimum` orders on; `later`: there is a window on the day after."""
    made = make_market_day()
    with db.transaction() as s:
        window = s.get_one(DeliveryWindow, made.window_id)
        window.minimum_orders = minimum
        if later:
            make_window(s, day=date.fromordinal(made.day.toordinal() + 1))
        emit(s, "window.cutoff", key=f"window.cutoff/{window.id}", due_at=window.cutoff_at, window_id=window.id)
    return made


def wish(order_id: int, how: IfThin) -> None:
    with db.transaction() as s:
        s.execute(sa.update(Booking).where(Booking.order_id == order_id).values(if_thin=how))


def cut_off(day: MarketDay, frozen: Clock, drain: Drain) -> None:
    with db.reading() as s:
        frozen.set(s.get_one(DeliveryWindow, day.window_id).cutoff_at)
    drain()


def state(window_id: int) -> WindowState:
    with db.reading() as s:
        return s.get_one(DeliveryWindow, window_id).state


def booked_days(*orders: int) -> list[date | None]:
    with db.reading() as s:
        rows = {
            row.order_id: None if row.released_at else row.window.day
            for row in s.scalars(sa.select(Booking).where(Booking.order_id.in_(orders)))
        }
        return [rows[order_id] for order_id in orders]


def consistent() -> bool:
    with db.reading() as s:
        counted = dict(
            s.execute(
                sa.select(Booking.window_id, sa.func.count())
                .where(Booking.released_at.is_(None))
                .group_by(Booking.window_id)
            ).all()
        )
        return all(counted.get(window.id, 0) == window.booked for window in s.scalars(sa.select(DeliveryWindow)))


def test_too_few_orders_move_to_the_next_window_and_are_told(app: Flask, drain: Drain, frozen: Clock) -> None:
    day = thin_day()
    orders = [day.order([0]), day.order([1])]
    cut_off(day, frozen, drain)
    assert state(day.window_id) is WindowState.CANCELLED
    assert booked_days(*orders) == [date.fromordinal(day.day.toordinal() + 1)] * 2
    assert consistent()
    with db.reading() as s:
        assert {row.code for row in s.scalars(sa.select(Unserved))} == {thin.CODE}
        assert s.scalar(sa.select(sa.func.count()).select_from(Run)) == 0
        subjects = [mail.subject for mail in s.scalars(sa.select(Mail))]
    assert sum("Neuer Liefertermin" in subject for subject in subjects) == 2


def test_enough_orders_are_planned(app: Flask, drain: Drain, frozen: Clock) -> None:
    day = thin_day(minimum=2)
    day.order([0])
    day.order([1])
    cut_off(day, frozen, drain)
    assert state(day.window_id) is WindowState.PLANNED
    with db.reading() as s:
        assert s.scalars(sa.select(Unserved)).all() == []


def test_who_wanted_to_collect_collects_and_the_fee_is_on_its_way_back(app: Flask, drain: Drain, frozen: Clock) -> None:
    day = thin_day()
    mover, collector = day.order([0]), day.order([0, 1])
    wish(collector, IfThin.COLLECT)
    cut_off(day, frozen, drain)
    assert booked_days(collector) == [None]
    assert booked_days(mover) != [None]
    assert consistent()
    with db.reading() as s:
        parts = s.scalars(sa.select(MerchantOrder).where(MerchantOrder.order_id == collector)).all()
        assert {part.fulfilment for part in parts} == {Fulfilment.PICKUP}
        assert all(part.code for part in parts)
        rung = s.scalars(sa.select(OutboxMessage).where(OutboxMessage.topic == "delivery.not_needed")).all()
        assert [row.payload["order_id"] for row in rung] == [collector]
        assert any("holen Sie" in mail.subject for mail in s.scalars(sa.select(Mail)))


def test_the_page_of_an_order_that_is_collected_instead_knows_no_delivery(
    client: FlaskClient, drain: Drain, frozen: Clock
) -> None:
    day = thin_day()
    order_id = day.order([0, 1])
    wish(order_id, IfThin.COLLECT)
    before = client.get(f"/bestellung/{key_of(order_id)}").text
    assert "Findet ab 3 Bestellungen statt. Sonst: ich hole selbst in den Läden ab" in before
    cut_off(day, frozen, drain)
    page = client.get(f"/bestellung/{key_of(order_id)}").text
    assert "Lieferfenster" not in page
    assert page.count("wird im Laden abgeholt statt geliefert") == 2
    assert page.count(">angenommen</span><time") == 2, "each part's story says it once"


def test_a_part_no_merchant_has_answered_waits_for_the_next_window(app: Flask, drain: Drain, frozen: Clock) -> None:
    day = thin_day()
    order_id = day.order([0], accepted=False)
    wish(order_id, IfThin.COLLECT)
    with db.transaction() as s:
        assert thin.collect(s, order_id, why="Darum.") is False
        part = s.scalars(sa.select(MerchantOrder).where(MerchantOrder.order_id == order_id)).one()
        assert (part.fulfilment, part.state) == (Fulfilment.DELIVERY, PartState.PLACED)


def test_without_a_later_window_the_desk_decides(app: Flask, drain: Drain, frozen: Clock) -> None:
    day = thin_day(later=False)
    order_id = day.order([0])
    cut_off(day, frozen, drain)
    with db.reading() as s:
        row = s.scalars(sa.select(Unserved)).one()
        assert (row.order_id, row.rolled_to_id) == (order_id, None)
        assert "1 von 3" in row.reason


def test_the_same_cut_off_twice_changes_nothing_more(app: Flask, drain: Drain, frozen: Clock) -> None:
    day = thin_day()
    order_id = day.order([0])
    cut_off(day, frozen, drain)
    before = booked_days(order_id)
    with db.transaction() as s:
        assert thin.cancel_if_thin(s, day.window_id) is False
    assert booked_days(order_id) == before


def test_a_dispatcher_may_drive_a_thin_window_all_the_same(app: Flask, drain: Drain, frozen: Clock) -> None:
    day = thin_day()
    order_id = day.order([0])
    planning.plan_day(day.day)
    cut_off(day, frozen, drain)
    assert state(day.window_id) is WindowState.PLANNED
    assert booked_days(order_id) == [day.day]
    assert clock.today() <= day.day
