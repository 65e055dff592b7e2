"""What the payment service keeps for itself: booked once per payment, as soon as it is known.

The service takes it from the operator's balance, whatever becomes of the order: merchants and shoppers never see it,
and a refund does not bring it back. It is often not known yet when the money arrives; then a job asks again.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from market.core import clock, db
from market.core.faults import point
from market.core.money import Money
from market.core.outbox import Job, NotNow, emit
from payments import ledger
from payments.cashier import cashier
from payments.models import Payment

ASK_AGAIN = timedelta(hours=1)


class FeeUnknown(NotNow):
    """The payment service has not worked it out yet."""


def note(s: Session, payment: Payment, fee: Money | None) -> None:
    """Step: book the fee of a payment that arrived; None = not known yet, then `ask` is called in an hour."""
    if fee is None:
        later = clock.now() + ASK_AGAIN
        emit(s, "payment.fee_due", key=f"payment.fee_due/{payment.id}", due_at=later, payment_id=payment.id)
        return
    ledger.post(
        s,
        key=f"fee/{payment.id}",
        kind="fee",
        source=ledger.OPERATOR,
        target=ledger.FEES,
        amount=fee,
        order_id=payment.order_id,
    )


def ask(job: Job) -> None:
    """payment.fee_due: ask for the fee and book it. Raises FeeUnknown (tried again), GatewayDown, GatewayRefused."""
    with db.reading() as s:
        reference = s.get_one(Payment, job.payload["payment_id"]).reference
    fee = cashier().gateway.fetch_page(reference).fee if reference is not None else None
    if fee is None:
        raise FeeUnknown(f"payment {job.payload['payment_id']}")
    point("fee.fetched")
    with job.finish() as s:
        note(s, s.get_one(Payment, job.payload["payment_id"]), fee)
