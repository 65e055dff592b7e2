"""What happens to windows and bookings by themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from delivery import weekly, windows
from delivery.models import Booking, DeliveryWindow, WindowState
from market.core import clock, daily, db
from market.core.models import OutboxMessage
from market.core.money import ZERO
from market.core.outbox import emit
from market.orders.models import Fulfilment, MerchantOrder, Order, PartState
from tests.conftest import Clock
from tests.factories.delivery import make_empty_order, make_template, make_window, make_zone
from tests.factories.directory import make_merchant, make_shop

pytestmark = pytest.mark.usefixtures("database")
Drain = Callable[[], int]


def test_windows_stay_current_over_forty_days(app: Flask, drain: Drain, frozen: Clock) -> None:
    with db.transaction() as s:
        make_template(s, weekday=3)
    daily.start()
    for _ in range(40):
        drain()
        frozen.forward(days=1)
    drain()
    with db.reading() as s:
        days = list(s.scalars(sa.select(DeliveryWindow.day).order_by(DeliveryWindow.day)))
        rung = s.scalar(sa.select(sa.func.count()).where(OutboxMessage.topic == "day.begins"))
    assert (days[-1] - clock.today()).days > 21
    assert len(days) == len(set(days))
    assert rung == 42  # today, forty more, and tomorrow's


def test_a_market_that_slept_does_not_make_up_for_every_day(app: Flask, drain: Drain, frozen: Clock) -> None:
    daily.start()
    drain()
    frozen.forward(days=30)
    drain()
    with db.reading() as s:
        assert s.scalar(sa.select(sa.func.count()).where(OutboxMessage.topic == "day.begins")) == 3


def test_at_the_cutoff_a_window_is_closed(app: Flask, drain: Drain, frozen: Clock) -> None:
    with db.transaction() as s:
        make_template(s, weekday=3, starts=time(16), cutoff_minutes=60)
        weekly.make_windows(s, 6, subdivision="ST")
    drain()
    assert _states() == [WindowState.OPEN]
    frozen.forward(days=3, hours=6)  # Thursday 15:00
    drain()
    assert _states() == [WindowState.CLOSED]


def _states() -> list[WindowState]:
    with db.reading() as s:
        return list(s.scalars(sa.select(DeliveryWindow.state)))


class TestGivingThePlaceBack:
    @pytest.fixture
    def parts(self, app: Flask) -> list[int]:
        """An order with two delivery parts and one pick-up, and its place in a window."""
        with db.transaction() as s:
            zone, window, order = make_zone(s), make_window(s), make_empty_order(s)
            windows.book(s, order.id, window.id, zone.id)
            return [
                _part(s, order, Fulfilment.DELIVERY),
                _part(s, order, Fulfilment.DELIVERY),
                _part(s, order, Fulfilment.PICKUP),
            ]

    def _end(self, part_id: int, state: PartState) -> None:
        with db.transaction() as s:
            s.get_one(MerchantOrder, part_id).state = state
            emit(s, f"part.{state.value}", part_id=part_id)

    def _held(self) -> tuple[int, bool]:
        with db.reading() as s:
            window = s.scalars(sa.select(DeliveryWindow)).one()
            return window.booked, s.scalars(sa.select(Booking)).one().released_at is None

    def test_the_place_stays_while_something_is_to_be_delivered(self, parts: list[int], drain: Drain) -> None:
        self._end(parts[0], PartState.REJECTED)
        drain()
        assert self._held() == (1, True)

    def test_the_place_is_free_when_no_delivery_part_is_left(self, parts: list[int], drain: Drain) -> None:
        self._end(parts[0], PartState.REJECTED)
        self._end(parts[1], PartState.CANCELLED)
        drain()
        assert self._held() == (0, False)

    def test_a_delivered_part_keeps_the_place(self, parts: list[int], drain: Drain) -> None:
        with db.transaction() as s:
            s.get_one(MerchantOrder, parts[0]).state = PartState.HANDED_OVER
        self._end(parts[1], PartState.EXPIRED)
        drain()
        assert self._held() == (1, True)


def _part(s: Session, order: Order, fulfilment: Fulfilment) -> int:
    merchant = make_merchant(s)
    part = MerchantOrder(
        order_id=order.id,
        merchant_id=merchant.id,
        shop_id=make_shop(s, merchant).id,
        fulfilment=fulfilment,
        day=clock.today(),
        due_at=clock.now(),
        answer_by=clock.now(),
        code="ABCDEF",
        goods=ZERO,
        total=ZERO,
    )
    s.add(part)
    s.flush()
    return part.id
