"""Two people press at once: one wins, the other gets a sentence; the counters and the money stay right."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import Engine

from market.core import db
from market.core.models import OutboxMessage
from market.core.money import Money
from market.orders import handing, lifecycle, parts
from market.orders.models import MerchantOrder, Order, PartEvent, PartState, PaymentMethod
from payments import ledger, refunds
from payments.models import Payment, PaymentState
from tests.conftest import Clock
from tests.factories.catalogue import only_stock
from tests.factories.orders import make_draft, make_order, make_town, place, staff_of
from tests.races.together import race

pytestmark = pytest.mark.usefixtures("committing", "app")


def kinds(results: list[Any]) -> Counter[str]:
    return Counter(type(result).__name__ for result in results)


def test_a_double_click_places_one_order() -> None:
    with db.transaction() as s:
        bread, _ = make_town(s)
        draft = make_draft(s, (bread, 3), method=PaymentMethod.IN_SHOP)

    def click(_: int) -> int:
        with db.transaction() as s:
            return place(s, draft).id

    results = race(8, click)
    assert len(set(results)) == 1, results
    with db.reading() as s:
        assert s.scalar(sa.select(sa.func.count()).select_from(Order)) == 1
        assert only_stock(s, bread).quantity == 7


def test_many_orders_at_once_have_numbers_of_their_own() -> None:
    with db.transaction() as s:
        bread, _ = make_town(s)
        drafts = [make_draft(s, (bread, 1), method=PaymentMethod.IN_SHOP) for _ in range(8)]

    def click(number: int) -> str:
        with db.transaction() as s:
            return place(s, drafts[number]).number

    results = race(8, click)
    assert kinds(results) == {"str": 8}, results
    assert len(set(results)) == 8


def test_short_numbers_of_a_day_are_given_once_however_many_accept_at_once() -> None:
    with db.transaction() as s:
        bread, top = make_town(s)
        orders = [make_order(s, (bread, 1), (top, 1), method=PaymentMethod.IN_SHOP) for _ in range(4)]
        todo = [(part.id, staff_of(part.merchant)) for order in orders for part in order.parts]
    results = race(8, lambda n: parts.accept(*todo[n]))
    assert sorted(results) == list(range(1, 9))


def test_accepting_and_cancelling_at_once_has_one_winner() -> None:
    with db.transaction() as s:
        bread, _ = make_town(s)
        order = make_order(s, (bread, 2), method=PaymentMethod.IN_SHOP)
        part_id, staff = order.parts[0].id, staff_of(bread.merchant)

    def press(number: int) -> Any:
        if number % 2:
            return parts.accept(part_id, staff)
        parts.cancel_by_shopper(order.key, part_id)
        return "cancelled"

    results = race(6, press)
    won = [result for result in results if isinstance(result, int | str)]
    assert len(won) == 1, results
    assert all(isinstance(result, lifecycle.WrongStep | parts.AlreadyAnswered | int | str) for result in results)
    with db.reading() as s:
        assert s.scalar(sa.select(sa.func.count()).select_from(PartEvent)) == 2
        assert only_stock(s, bread).quantity == (8 if won == [1] else 10)


def test_goods_are_handed_over_once_however_often_it_is_pressed() -> None:
    with db.transaction() as s:
        bread, _ = make_town(s)
        order = make_order(s, (bread, 1), method=PaymentMethod.IN_SHOP)
        part, staff = order.parts[0], staff_of(bread.merchant)
    parts.accept(part.id, staff)
    parts.mark_ready(part.id, staff, bags=1)
    results = race(6, lambda _: handing.hand_over(part.id, staff, code=part.code))
    assert kinds(results) == {"NoneType": 1, "AlreadyHandedOver": 5}, results


def test_wrong_codes_at_once_are_all_counted() -> None:
    with db.transaction() as s:
        bread, _ = make_town(s)
        order = make_order(s, (bread, 1), method=PaymentMethod.IN_SHOP)
        part, staff = order.parts[0], staff_of(bread.merchant)
    parts.accept(part.id, staff)
    parts.mark_ready(part.id, staff, bags=1)
    results = race(8, lambda _: handing.hand_over(part.id, staff, code="WRONG7"))
    assert kinds(results) == {"WrongCode": 4, "CodeLocked": 4}, results


def test_two_last_deliveries_refused_at_once_bring_the_fee_back_once() -> None:
    with db.transaction() as s:
        bread, top = make_town(s)
        from_window = make_order(s, (bread, 1), (top, 1), method=PaymentMethod.IN_SHOP)
        order = s.get_one(Order, from_window.id)
        order.delivery_fee, order.total = Money(391), order.total + Money(391)
        for part in order.parts:
            part.fulfilment = type(part.fulfilment).DELIVERY
        todo = [(part.id, staff_of(part.merchant)) for part in order.parts]
    results = race(2, lambda n: parts.reject(*todo[n], reason="leider nicht"))
    assert kinds(results) == {"NoneType": 2}, results
    with db.reading() as s:
        told = s.scalars(sa.select(OutboxMessage.payload).where(OutboxMessage.topic == "part.rejected")).all()
    assert sorted(payload["fee_cents"] for payload in told) == [0, 391]


def test_refunds_at_once_never_exceed_the_part(frozen: Clock) -> None:
    with db.transaction() as s:
        bread, _ = make_town(s)
        order = make_order(s, (bread, 2))
        part = order.parts[0]
        payment = Payment(
            order_id=order.id,
            attempt=1,
            amount=order.total,
            state=PaymentState.PAID,
            idempotency_key="k",
            created_at=frozen.now(),
            expires_at=frozen.now(),
        )
        s.add(payment)
        s.flush()
        ledger.post(
            s,
            key=f"allot/{payment.id}/{part.id}",
            kind="allot",
            source="gateway",
            target="due:1",
            amount=part.total,
            order_id=order.id,
            part_id=part.id,
        )

    def ask(number: int) -> Any:
        with db.transaction() as s:
            return refunds.open_refund(s, part.id, Money(300), key=f"kulanz/{number}", reason="trocken")

    results = race(6, ask)
    assert kinds(results) == {"Refund": 2, "TooMuch": 4}, results  # 2 x 3,00 of 8,40 leave 2,40
    with db.reading() as s:
        assert s.get_one(MerchantOrder, part.id).refunded == Money(600)


@pytest.mark.parametrize("committing", ["postgresql"], indirect=True)
def test_that_race_is_real(committing: Engine, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the locks two presses both hand the goods over: what the tests above see is not luck."""

    def unlocked(s: Any, part_id: int, **more: Any) -> MerchantOrder:
        part: MerchantOrder = s.get_one(MerchantOrder, part_id)
        assert part.order
        gate.wait(timeout=10)
        return part

    with db.transaction() as s:
        bread, _ = make_town(s)
        order = make_order(s, (bread, 1), method=PaymentMethod.IN_SHOP)
        part, staff = order.parts[0], staff_of(bread.merchant)
    parts.accept(part.id, staff)
    gate = threading.Barrier(2)
    monkeypatch.setattr(lifecycle, "part_for_update", unlocked)
    results = race(2, lambda _: parts.mark_ready(part.id, staff, bags=1))
    assert kinds(results) == {"NoneType": 2}, results
    with db.reading() as s:
        moves = sa.select(sa.func.count()).select_from(PartEvent).where(PartEvent.after == PartState.READY)
        assert s.scalar(moves) == 2
