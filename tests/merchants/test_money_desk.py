"""The operator sees what the payment service refused or sent back, and sends it once more."""

from __future__ import annotations

import sqlalchemy as sa
from flask.testing import FlaskClient

from market.core import db
from market.core.money import Money
from market.orders import parts
from market.people.models import AuditEntry
from payments import ledger
from payments.models import OutgoingState, Refund
from tests.factories.orders import staff_of
from tests.factories.people import make_caretaker, make_operator, sign_in
from tests.payments.sandbox_fixtures import _shared as _shared
from tests.payments.sandbox_fixtures import inbox as inbox
from tests.payments.sandbox_fixtures import sandbox as sandbox
from tests.payments.till import Till
from tests.payments.till import till as till

PAGE = "/betrieb/zahlungen"


def operator(till: Till) -> FlaskClient:
    with db.transaction() as s:
        otto = make_operator(s)
    return sign_in(till.app.test_client(), otto)


def refused_refund(till: Till) -> Refund:
    order = till.order((till.bread, 2))
    till.pay(order)
    till.sandbox.fail("POST /v1/refunds", "status", status=402, times=9)
    parts.reject(order.parts[0].id, staff_of(till.bread.merchant), reason="Ofen kaputt")
    till.drain()
    till.sandbox.control(reset=True)
    (refund,) = till.refunds(order)
    assert refund.state is OutgoingState.FAILED
    return refund


def test_a_refused_refund_is_shown_and_sent_again_by_a_button(till: Till) -> None:
    refund = refused_refund(till)
    client = operator(till)
    page = client.get(PAGE).text
    assert page.count('data-test="failed-refund"') == 1
    assert "Ofen kaputt" in page
    again = f"{PAGE}/erstattung/{refund.id}/wiederholen"
    assert client.post(again).status_code == 303
    assert client.post(again).status_code == 404  # pressed twice: it is under way
    till.drain()
    assert 'data-test="failed-refund"' not in client.get(PAGE).text
    with db.reading() as s:
        assert s.get_one(Refund, refund.id).state is OutgoingState.DONE
        noted = sa.select(AuditEntry.subject).where(AuditEntry.action == "refund.retried")
        assert s.scalars(noted).all() == [f"refund:{refund.id}"]
    till.check()


def test_a_refused_transfer_is_shown_and_sent_again_by_a_button(till: Till) -> None:
    order = till.order((till.bread, 2))
    till.pay(order)
    till.sandbox.fail("POST /v1/transfers", "status", status=402, times=9)
    till.hand_over(order.parts[0])
    till.drain()
    till.sandbox.control(reset=True)
    client = operator(till)
    assert client.get(PAGE).text.count('data-test="failed-transfer"') == 1
    (transfer,) = till.transfers(order)
    again = f"{PAGE}/auszahlung/{transfer.id}/wiederholen"
    assert client.post(again).status_code == 303
    assert client.post(again).status_code == 404
    till.drain()
    assert [each.state for each in till.transfers(order)] == [OutgoingState.DONE]
    till.check()


def test_the_books_are_checked_when_asked_and_fees_are_told(till: Till) -> None:
    order = till.order((till.bread, 2))
    till.pay(order)
    client = operator(till)
    assert "stimmen überein" not in client.get(PAGE).text
    page = client.get(f"{PAGE}?pruefen=1").text
    assert "0,38" in page
    assert "stimmen überein" in page
    with db.transaction() as s:
        ledger.post(
            s, key="stray", kind="paid", source="shoppers", target="gateway", amount=Money(1), order_id=order.id
        )
    assert "paid in the ledger" in client.get(f"{PAGE}?pruefen=1").text


def test_only_the_operator_may_send_money_again(till: Till) -> None:
    refund = refused_refund(till)
    with db.transaction() as s:
        karla = make_caretaker(s)
    client = sign_in(till.app.test_client(), karla)
    assert client.post(f"{PAGE}/erstattung/{refund.id}/wiederholen").status_code == 403
    with db.reading() as s:
        assert s.get_one(Refund, refund.id).state is OutgoingState.FAILED
