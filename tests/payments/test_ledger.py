"""The books: balanced by construction, written once, never changed; and orders that leave no trace in them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from market.core import db
from market.core.money import Money
from market.orders import parts
from market.orders.models import PaymentMethod
from payments import ledger
from payments.models import Invoice, LedgerEntry, Payment, Refund, Transfer
from tests.factories.orders import make_order, staff_of
from tests.payments.sandbox_fixtures import _shared as _shared
from tests.payments.sandbox_fixtures import inbox as inbox
from tests.payments.sandbox_fixtures import sandbox as sandbox
from tests.payments.till import Till
from tests.payments.till import till as till


def post(s: sa.orm.Session, order_id: int, key: str = "k", cents: int = 100) -> bool:
    return ledger.post(
        s, key=key, kind="paid", source="shoppers", target="gateway", amount=Money(cents), order_id=order_id
    )


def test_an_entry_is_written_once_and_the_sum_of_all_accounts_is_zero(till: Till) -> None:
    order = till.order((till.bread, 1))
    with db.transaction() as s:
        assert post(s, order.id)
        assert not post(s, order.id)
        assert not post(s, order.id, "nothing", 0)
        assert ledger.balances(s) == {"gateway": Money(100), "shoppers": Money(-100)}


def test_a_key_used_for_another_movement_is_an_error_and_not_silence(till: Till) -> None:
    order = till.order((till.bread, 1))
    with db.transaction() as s:
        post(s, order.id)
    with pytest.raises(RuntimeError, match="moves something else"), db.transaction() as s:
        post(s, order.id, cents=101)


@pytest.mark.parametrize("statement", ["UPDATE ledger_entry SET amount = 1", "DELETE FROM ledger_entry"])
def test_an_entry_can_neither_be_changed_nor_deleted(till: Till, statement: str) -> None:
    order = till.order((till.bread, 1))
    with db.transaction() as s:
        post(s, order.id)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), db.transaction() as s:
        s.execute(sa.text(statement))


@pytest.mark.law("E5")
@pytest.mark.parametrize("method", [PaymentMethod.IN_SHOP, PaymentMethod.INVOICE])
def test_what_is_not_paid_online_leaves_no_row_about_money(till: Till, method: PaymentMethod) -> None:
    with db.transaction() as s:
        order = make_order(s, (till.bread, 2), (till.top, 1), method=method)
    bread, top = order.parts
    till.hand_over(bread)
    parts.accept(top.id, staff_of(till.top.merchant))
    parts.agree_to_cancel(top.id, staff_of(till.top.merchant), reason="verkauft")
    till.drain()
    with db.reading() as s:
        for table in (Payment, Refund, Transfer, LedgerEntry, Invoice):
            assert s.scalar(sa.select(sa.func.count()).select_from(table)) == 0, table.__tablename__
    till.check()


def test_the_books_name_an_order_whose_money_stands_in_between(till: Till) -> None:
    order = till.order((till.bread, 1))
    till.pay(order)
    with db.reading() as s:
        assert ledger.discrepancies(s) == []
    with db.transaction() as s:
        post(s, order.id, "wrong")
    with db.reading() as s:
        found = ledger.discrepancies(s)
    assert any("belongs to nobody" in line for line in found)
    assert any("paid in the ledger" in line for line in found)


@pytest.mark.law("E5")
def test_the_books_name_an_order_that_should_not_be_in_them(till: Till) -> None:
    with db.transaction() as s:
        order = make_order(s, (till.bread, 1), method=PaymentMethod.IN_SHOP)
        ledger.post(s, key="k", kind="allot", source="gateway", target="due:1", amount=Money(1), order_id=order.id)
    with db.reading() as s:
        assert any("not paid online" in line for line in ledger.discrepancies(s))
