"""Money and the clock at the same moment: an order is paid or given back, never both, never neither."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from market.catalogue import stock_moves
from market.catalogue.models import Product
from market.core import db, outbox
from market.orders import lifecycle
from market.orders.models import MerchantOrder, Order, PartState
from payments import ledger, online
from payments.cashier import Cashier, use
from payments.models import Payment, PaymentState, Refund
from tests.conftest import Clock
from tests.factories.catalogue import only_stock
from tests.factories.orders import make_order, make_town
from tests.payments.paper_gateway import PaperGateway
from tests.races.together import race
from wsgi import JOB_HANDLERS

pytestmark = pytest.mark.usefixtures("committing", "app")


@pytest.fixture
def gateway() -> Iterator[PaperGateway]:
    paper = PaperGateway(Random(1))
    use(Cashier(paper, "http://localhost"))
    yield paper
    use(None)


def waiting_order(pieces: int = 10) -> tuple[Order, Product]:
    """An order over `pieces` of ten loaves whose page is open."""
    with db.transaction() as s:
        bread, _ = make_town(s)
        order = make_order(s, (bread, pieces))
    online.start_payment(order.id)
    return order, bread


def paid_page(gateway: PaperGateway, order: Order) -> tuple[int, Any]:
    """The shopper pays; the payment's id and what the gateway says now."""
    with db.reading() as s:
        payment = s.scalars(sa.select(Payment).where(Payment.order_id == order.id).order_by(Payment.id.desc())).first()
        assert payment is not None
    assert payment.reference is not None
    gateway.pay(gateway.pages[payment.reference])
    return payment.id, gateway.fetch_page(payment.reference)


def release(order_id: int) -> None:
    """What the end of the hold does once it has asked."""
    with db.transaction() as s:
        online.release_hold(s, order_id)


def how_it_ended(order: Order, bread: Product) -> str:
    """ "kept" or "given back"; fails for anything in between."""
    outbox.drain(JOB_HANDLERS)
    with db.reading() as s:
        assert ledger.discrepancies(s) == []
        assert stock_moves.discrepancies(s) == []
        row = s.get_one(Order, order.id)
        state, left = row.parts[0].state, only_stock(s, bread).quantity
        back = s.scalars(sa.select(Refund.amount)).all()
    if row.confirmed_at is not None:
        assert (state, left, back) == (PartState.PLACED, 0, [])
        return "kept"
    assert (state, left, back) == (PartState.EXPIRED, 10, [order.total])
    return "given back"


@pytest.mark.parametrize("_round", range(4))
def test_money_that_arrives_as_the_hold_ends_counts_or_goes_back(gateway: PaperGateway, _round: int) -> None:
    order, bread = waiting_order()
    payment_id, status = paid_page(gateway, order)
    results = race(4, lambda n: release(order.id) if n % 2 else online.apply(payment_id, status))
    assert not [result for result in results if isinstance(result, Exception)], results
    assert how_it_ended(order, bread) == "kept"  # late or not: the goods were still there


def test_money_for_goods_that_somebody_else_took_meanwhile_goes_back(gateway: PaperGateway) -> None:
    order, bread = waiting_order()
    payment_id, status = paid_page(gateway, order)
    release(order.id)

    def buy(_: int) -> str:
        with db.transaction() as s:
            make_order(s, (s.get_one(Product, bread.id), 1))
        return "bought"

    race(3, lambda n: online.apply(payment_id, status) if n == 0 else buy(n))
    with db.reading() as s:
        row = s.get_one(Order, order.id)
        taken, left = row.confirmed_at is not None, only_stock(s, bread).quantity
        back = s.scalars(sa.select(Refund.amount).join(Payment).where(Payment.order_id == order.id)).all()
        assert ledger.discrepancies(s) == []
    assert back == ([] if taken else [order.total])
    assert left in ((0,) if taken else (8, 9, 10))


@pytest.mark.parametrize("committing", ["postgresql"], indirect=True)
def test_that_race_is_real(
    gateway: PaperGateway, committing: Engine, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: without the locks the order is confirmed AND its goods are given back, and nobody gets money."""
    order, bread = waiting_order()
    payment_id, status = paid_page(gateway, order)
    gate = threading.Barrier(2)

    def order_unlocked(s: Session, order_id: int) -> Order:
        return s.get_one(Order, order_id)

    def parts_unlocked(s: Session, order_id: int) -> list[MerchantOrder]:
        found = list(s.scalars(sa.select(MerchantOrder).where(MerchantOrder.order_id == order_id)))
        gate.wait(timeout=10)  # both have read by now
        return found

    monkeypatch.setattr(lifecycle, "order_for_update", order_unlocked)
    monkeypatch.setattr(lifecycle, "parts_for_update", parts_unlocked)
    race(2, lambda n: release(order.id) if n else online.apply(payment_id, status))
    with db.reading() as s:
        row = s.get_one(Order, order.id)
        assert row.confirmed_at is not None
        assert row.parts[0].state is PartState.EXPIRED
        assert only_stock(s, bread).quantity == 10
        assert s.scalars(sa.select(Refund)).all() == []


def test_paying_again_in_many_tabs_at_once_opens_one_page(gateway: PaperGateway) -> None:
    with db.transaction() as s:
        bread, _ = make_town(s)
        order = make_order(s, (bread, 2))
    urls = race(8, lambda _: online.start_payment(order.id))
    assert len(set(urls)) == 1, urls
    assert len(gateway.pages) == 1
    with db.reading() as s:
        assert s.scalar(sa.select(sa.func.count()).select_from(Payment)) == 1


def test_two_pages_of_one_order_paid_at_once_keep_one_and_give_the_other_back(
    gateway: PaperGateway, frozen: Clock
) -> None:
    order, bread = waiting_order()
    first = paid_page(gateway, order)
    with db.transaction() as s:  # a second page should never be open; if one is, nobody pays twice
        s.get_one(Payment, first[0]).state = PaymentState.FAILED
    online.start_payment(order.id)
    second = paid_page(gateway, order)
    assert first[0] != second[0]
    race(4, lambda n: online.apply(*(first if n % 2 else second)))
    outbox.drain(JOB_HANDLERS)
    with db.reading() as s:
        assert s.scalars(sa.select(Refund.amount)).all() == [order.total]
        assert s.get_one(Order, order.id).confirmed_at is not None
        assert ledger.discrepancies(s) == []
        assert only_stock(s, bread).quantity == 0
    assert sum(gateway.refunded(page.charge).cents for page in gateway.pages.values()) == order.total.cents
