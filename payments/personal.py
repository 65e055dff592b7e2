"""What this room keeps about a person: what was paid for the account's orders, and where it may buy on invoice."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.orders.models import Order
from market.people.models import User
from payments.models import InvoiceCustomer, Payment, Refund


def export(s: Session, user_id: int) -> dict[str, Any]:
    """Payments and refunds of the account's orders, and the merchants that offer it their invoice."""
    paid = s.execute(
        sa.select(Order.number, Payment.amount, Payment.state, Payment.created_at, Payment.paid_at)
        .join(Payment, Payment.order_id == Order.id)
        .where(Order.user_id == user_id)
        .order_by(Payment.id)
    )
    back = s.execute(
        sa.select(Order.number, Refund.amount, Refund.reason, Refund.state, Refund.created_at)
        .join(Payment, Payment.id == Refund.payment_id)
        .join(Order, Order.id == Payment.order_id)
        .where(Order.user_id == user_id)
        .order_by(Refund.id)
    )
    invoice = s.execute(
        sa.select(InvoiceCustomer.merchant_id, InvoiceCustomer.added_at).where(InvoiceCustomer.email == _email(user_id))
    )
    return {
        "payments": [
            {"order": number, "amount_cents": amount.cents, "state": state.value, "at": _iso(at), "paid_at": _iso(done)}
            for number, amount, state, at, done in paid
        ],
        "refunds": [
            {"order": number, "amount_cents": amount.cents, "reason": why, "state": state.value, "at": _iso(at)}
            for number, amount, why, state, at in back
        ],
        "invoice_offered_by": [{"merchant": merchant, "since": _iso(at)} for merchant, at in invoice],
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def erase(s: Session, user_id: int) -> None:
    """Step, before the account forgets its address: no merchant keeps it on its list of invoice customers.

    Payments and refunds name nobody; they stay (section 147 AO).
    """
    s.execute(
        sa.delete(InvoiceCustomer)
        .where(InvoiceCustomer.email == _email(user_id))
        .execution_options(synchronize_session=False)
    )


def _email(user_id: int) -> sa.ScalarSelect[str | None]:
    return sa.select(User.email).where(User.id == user_id).scalar_subquery()
