"""A merchant's share, passed on after the hand-over (docs/decisions: transfer on hand-over).

What was refunded before stays out of it; what is refunded later is reversed (refunds.py). The row stands there from
the hand-over on; while the merchant's payout account is not ready it waits, and `waiting_for` says so.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.core import clock, db, settings
from market.core.faults import point
from market.core.i18n import N_
from market.core.money import Money
from market.core.outbox import Job, emit
from market.directory.models import Merchant
from market.orders import lifecycle
from market.orders.models import MerchantOrder
from payments import ledger, refunds
from payments.cashier import cashier
from payments.gateways import GatewayRefused
from payments.models import OutgoingState, Payment, Refund, Transfer


def waiting_for(transfer: Transfer) -> str:
    """Why a transfer is not done yet, as a marked German text; empty when it is."""
    if transfer.state is OutgoingState.DONE:
        return ""
    if transfer.state is OutgoingState.FAILED:
        return N_("Der Zahlungsdienst hat die Überweisung abgelehnt.")
    return (
        N_("wird überwiesen") if _ready(transfer.part.merchant) else N_("Das Auszahlungskonto ist noch nicht bereit.")
    )


def _ready(merchant: Merchant) -> bool:
    return bool(merchant.payout_account) and merchant.payout_ready


def share_of(s: Session, part: MerchantOrder) -> tuple[Money, Money]:
    """What of a part's goods and deposit goes to the merchant now, and what to the market (on goods only)."""
    kept = part.total - refunds.refunded_goods(s, part.id)
    rate_bp = int(settings.get(s, "commission_bp"))
    commission = kept.share(part.goods.cents * rate_bp, part.total.cents * 10_000) if part.total else Money(0)
    return kept - commission, commission


# ------------------------------------------------------------------------------------------------- outbox handlers


def handed_over(job: Job) -> None:
    """part.handed_over: open the transfer of what is kept. Only for parts that were paid online."""
    part_id = job.payload["part_id"]
    with job.finish() as s:
        if ledger.allotted_to(s, part_id) is None:
            return
        part = lifecycle.part_for_update(s, part_id)
        if s.scalar(sa.select(Transfer.id).where(Transfer.part_id == part_id)) is not None:
            return
        amount, commission = share_of(s, part)
        if amount <= Money(0):
            return
        transfer = Transfer(part_id=part_id, amount=amount, commission=commission, created_at=clock.now())
        s.add(transfer)
        s.flush()
        emit(s, "transfer.opened", key=f"transfer.opened/{transfer.id}", transfer_id=transfer.id)
        point("transfer.row")


def send(job: Job) -> None:
    """transfer.opened: pass the share on. Without a ready account the row waits for `release` or the next day."""
    transfer_id = job.payload["transfer_id"]
    with db.reading() as s:
        transfer = s.get_one(Transfer, transfer_id)
        merchant, order_id = transfer.part.merchant, transfer.part.order_id
        if transfer.state is OutgoingState.DONE or not _ready(merchant):
            return
        entry = ledger.allotted_to(s, transfer.part_id)
        charge = s.get_one(Payment, int(entry.key.split("/")[1])).charge if entry is not None else None
        destination, amount = merchant.payout_account, transfer.amount
        mark = f"transfer:{transfer_id}:{charge}"
        key, repeated = f"{mark}:{transfer.attempt}", refunds.maybe_sent(job, transfer.created_at)
    if charge is None:
        raise RuntimeError(f"transfer {transfer_id}: the part was not paid")
    try:
        reference = cashier().gateway.transfer(
            charge=charge,
            destination=destination,
            amount=amount,
            transfer_group=group(order_id),
            idempotency_key=key,
            mark=mark,
            repeated=repeated,
        )
    except GatewayRefused:
        point("transfer.refused")
        with job.finish() as s:
            s.execute(
                sa.update(Transfer)
                .where(Transfer.id == transfer_id, Transfer.state == OutgoingState.PENDING)
                .values(state=OutgoingState.FAILED)
                .execution_options(synchronize_session=False)
            )
        return
    point("transfer.called")
    with job.finish() as s:
        _book(s, s.get_one(Transfer, transfer_id), reference)
        point("transfer.booked")


def group(order_id: int) -> str:
    """What ties the transfers of an order to its payment at the gateway."""
    return f"order_{order_id}"


def _book(s: Session, transfer: Transfer, reference: str) -> None:
    part = lifecycle.part_for_update(s, transfer.part_id)  # a refund is opened before this or sees it
    if transfer.state is OutgoingState.DONE:
        return
    transfer.state, transfer.reference, transfer.done_at = OutgoingState.DONE, reference, clock.now()
    for target, amount in (
        (ledger.paid(part.merchant_id), transfer.amount),
        (ledger.COMMISSION, transfer.commission),
    ):
        ledger.post(
            s,
            key=f"transfer/{transfer.id}/{target}",
            kind="transfer",
            source=ledger.due(part.merchant_id),
            target=target,
            amount=amount,
            order_id=part.order_id,
            part_id=part.id,
        )
    waiting = sa.select(Refund.id).where(Refund.part_id == part.id, Refund.reversal_state == OutgoingState.PENDING)
    for refund_id in s.scalars(waiting):  # refunds that came while the transfer was under way
        emit(s, "reversal.opened", key=f"reversal.opened/{refund_id}/after", refund_id=refund_id, again=True)


def release(s: Session, merchant_id: int) -> int:
    """Step: the merchant's account is ready (or was mended): send every transfer that waits or failed. How many."""
    waiting = list(
        s.scalars(
            sa.select(Transfer)
            .join(MerchantOrder, MerchantOrder.id == Transfer.part_id)
            .where(MerchantOrder.merchant_id == merchant_id, Transfer.state != OutgoingState.DONE)
            .order_by(Transfer.id)
            .with_for_update(of=Transfer, key_share=True)
        )
    )
    for transfer in waiting:
        if transfer.state is OutgoingState.FAILED:  # the gateway remembers a refusal with its key: take another
            transfer.state, transfer.attempt = OutgoingState.PENDING, transfer.attempt + 1
        key = f"transfer.opened/{transfer.id}/{int(clock.now().timestamp())}"
        emit(s, "transfer.opened", key=key, transfer_id=transfer.id, again=True)
    return len(waiting)


def sweep(job: Job) -> None:
    """day.begins: whoever became ready meanwhile gets what waits."""
    with job.finish() as s:
        ready = (
            sa.select(MerchantOrder.merchant_id)
            .join(Transfer, Transfer.part_id == MerchantOrder.id)
            .join(Merchant, Merchant.id == MerchantOrder.merchant_id)
            .where(Transfer.state == OutgoingState.PENDING, Merchant.payout_ready, Merchant.payout_account != "")
            .distinct()
        )
        for merchant_id in s.scalars(ready).all():
            release(s, merchant_id)
