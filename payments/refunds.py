"""Money back to the shopper, and what was passed on already back from the merchant.

A refund is a row first, in the transaction that decided it: never more than was paid, never more than the rest of
its part. The job then calls the gateway with a key made of the row, and notes what came of it. When the merchant's
share was transferred before, a reversal takes it back, the market's commission pro rata included.
Locks, like everywhere in this room: payment, then order, then parts.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.core import clock, db
from market.core.errors import BadInput
from market.core.faults import point
from market.core.i18n import N_, gettext
from market.core.money import ZERO, Money, total
from market.core.outbox import Job, emit
from market.orders import lifecycle, notices
from market.orders.models import MerchantOrder, Order, OrderLine
from payments import ledger
from payments.cashier import cashier
from payments.gateways import GatewayRefused
from payments.models import OutgoingState, Payment, Refund, Transfer

FRESH = timedelta(minutes=10)  # younger rows were never sent before their first job; older ones may have been


class TooMuch(BadInput):
    """More than is left of the part."""

    message = N_("Von diesem Teil können noch {left} erstattet werden.")


# ------------------------------------------------------------------------------------------------- opening


def open_refund(
    s: Session,
    part_id: int,
    goods: Money,
    *,
    key: str,
    reason: str,
    fee: Money = ZERO,
    capped: bool = False,
    tell: bool = False,
) -> Refund | None:
    """Step: refund `goods` (with deposit) of a part, and `fee` of the order's delivery fee. Idempotent by `key`.

    None when the part was never paid online or nothing is left. Raises TooMuch, unless `capped`: then the rest it is.
    `tell`: the shopper gets a notice of its own (nothing else told them why).
    """
    entry = ledger.allotted_to(s, part_id)
    if entry is None:
        return None
    payment = _payment_for_update(s, int(entry.key.split("/")[1]))
    part = lifecycle.part_for_update(s, part_id)
    if known := s.scalar(sa.select(Refund).where(Refund.key == key)):
        return known
    left = part.total - refunded_goods(s, part_id)
    if goods > left and not capped:
        raise TooMuch(field="amount", left=left)
    goods = min(goods, left)
    if goods + fee <= ZERO:
        return None
    _note(s, part, goods, fee)
    refund = _row(s, payment, goods + fee, key=key, reason=reason, part_id=part.id, goods=goods, fee=fee, tell=tell)
    _plan_reversal(s, refund)
    return refund


def open_surplus(s: Session, payment: Payment, amount: Money, *, reason: str) -> Refund:
    """Step: give back money that paid for nothing (a late or a second payment). The caller holds the payment."""
    return _row(s, payment, amount, key=f"surplus/{payment.id}", reason=reason)


def refunded_goods(s: Session, part_id: int) -> Money:
    """Goods and deposit of a part that were refunded or are on their way (delivery fee not counted)."""
    return s.scalar(sa.select(sa.func.sum(Refund.goods)).where(Refund.part_id == part_id)) or ZERO


def refunded_goods_of(s: Session, order_id: int) -> dict[int, Money]:
    """The same for every part of an order that got something back."""
    rows = s.execute(
        sa.select(MerchantOrder.id, sa.func.sum(Refund.goods))
        .join(Refund, Refund.part_id == MerchantOrder.id)
        .where(MerchantOrder.order_id == order_id)
        .group_by(MerchantOrder.id)
    )
    return {row[0]: row[1] for row in rows}


def _payment_for_update(s: Session, payment_id: int) -> Payment:
    locked = sa.select(Payment).where(Payment.id == payment_id).with_for_update(key_share=True)
    return s.scalars(locked.execution_options(populate_existing=True)).one()


def _note(s: Session, part: MerchantOrder, goods: Money, fee: Money) -> None:
    """On the parts: their goods, and with the delivery fee each one's share of it. Guarded by a CHECK too."""
    parts = lifecycle.parts_for_update(s, part.order_id) if fee else [part]
    for each in parts:
        share = each.delivery_share if fee else ZERO
        amount = share + (goods if each.id == part.id else ZERO)
        if amount:
            s.execute(
                sa.update(MerchantOrder)
                .where(MerchantOrder.id == each.id)
                .values(refunded=MerchantOrder.refunded + amount)
                .execution_options(synchronize_session=False)
            )
            s.refresh(each, ["refunded"])


def _row(
    s: Session,
    payment: Payment,
    amount: Money,
    *,
    key: str,
    reason: str,
    part_id: int | None = None,
    goods: Money = ZERO,
    fee: Money = ZERO,
    tell: bool = False,
) -> Refund:
    taken = s.scalar(
        sa.update(Payment)
        .where(Payment.id == payment.id, Payment.refunded + amount <= Payment.amount)
        .values(refunded=Payment.refunded + amount)
        .returning(Payment.refunded)
        .execution_options(synchronize_session=False)
    )
    if taken is None:
        raise TooMuch(field="amount", left=payment.amount - payment.refunded)
    refund = Refund(
        key=key,
        payment_id=payment.id,
        part_id=part_id,
        amount=amount,
        goods=goods,
        fee=fee,
        reason=reason[:200],
        created_at=clock.now(),
    )
    s.add(refund)
    s.flush()
    emit(s, "refund.opened", key=f"refund.opened/{refund.id}", refund_id=refund.id, tell=tell)
    point("refund.row")
    return refund


def _plan_reversal(s: Session, refund: Refund) -> None:
    """The merchant's share was transferred (or is being): what of it goes back, and what of the commission.

    Computed from what is kept before and after, so that the parts add up to the cent whatever the rounding.
    """
    transfer = s.scalar(sa.select(Transfer).where(Transfer.part_id == refund.part_id))
    if transfer is None or not refund.goods:
        return
    passed_on = transfer.amount + transfer.commission
    reversed_ = sa.select(Refund.goods).where(Refund.part_id == refund.part_id, Refund.reversal_state.is_not(None))
    before = total(s.scalars(reversed_))
    given_back = transfer.commission.share(before.cents, passed_on.cents)
    after = transfer.commission.share((before + refund.goods).cents, passed_on.cents)
    refund.commission = after - given_back
    refund.reversal = refund.goods - refund.commission
    refund.reversal_state = OutgoingState.PENDING
    emit(s, "reversal.opened", key=f"reversal.opened/{refund.id}", refund_id=refund.id)


# ------------------------------------------------------------------------------------------------- outbox handlers


def dead_part(job: Job) -> None:
    """part.rejected, part.expired, part.cancelled: refund the rest of just this part, and the fee when it falls."""
    if not job.payload["paid"]:
        return  # a hold that nobody paid; should a late payment revive the part, nothing may be given back
    with job.finish() as s:
        open_refund(
            s,
            job.payload["part_id"],
            Money(job.payload["goods_cents"]),
            key=f"dead/{job.payload['part_id']}",
            reason=s.get_one(MerchantOrder, job.payload["part_id"]).reason,
            fee=Money(job.payload["fee_cents"]),
            capped=True,
        )


def needless_delivery(job: Job) -> None:
    """delivery.not_needed: nothing of the order is delivered any more, its parts are collected; the fee goes back."""
    with job.finish() as s:
        order = s.get_one(Order, job.payload["order_id"])
        first = sa.select(MerchantOrder.id).where(
            MerchantOrder.order_id == order.id, MerchantOrder.delivery_share > ZERO
        )
        part_id = s.scalar(first.order_by(MerchantOrder.id).limit(1))
        if part_id is not None:
            reason = gettext(N_("Abholung statt Lieferung"))
            open_refund(s, part_id, ZERO, key=f"fee/{order.id}", reason=reason, fee=order.delivery_fee, capped=True)


def missing_lines(job: Job) -> None:
    """part.lines_missing: refund exactly the missing pieces, deposit included."""
    line_id, pieces = int(job.payload["line_id"]), int(job.payload["pieces"])
    with job.finish() as s:
        line = s.get_one(OrderLine, line_id)
        open_refund(
            s,
            line.part_id,
            (line.price + line.deposit) * pieces,
            key=f"missing/{line_id}/{job.payload['upto']}",
            reason=f"{pieces} × {line.name} fehlt",
            capped=True,
        )


def send(job: Job) -> None:
    """refund.opened: call the gateway, then book it. A refusal is noted and shown to the operator."""
    with db.reading() as s:
        refund = s.get_one(Refund, job.payload["refund_id"])
        if refund.state is OutgoingState.DONE:
            return
        charge, amount = refund.payment.charge, refund.amount
        mark = f"refund:{refund.id}:{charge}"
        key, repeated = f"{mark}:{refund.attempt}", maybe_sent(job, refund.created_at)
    if charge is None:
        raise RuntimeError(f"refund {job.payload['refund_id']}: the payment has no charge")
    try:
        reference = cashier().gateway.refund(
            charge=charge,
            amount=amount,
            idempotency_key=key,
            mark=mark,
            repeated=repeated,
        )
    except GatewayRefused:
        point("refund.refused")
        with job.finish() as s:
            _refused(s, Refund.id == job.payload["refund_id"], Refund.state)
        return
    point("refund.called")
    with job.finish() as s:
        refund = s.get_one(Refund, job.payload["refund_id"])
        if refund.state is not OutgoingState.DONE:
            _book(s, refund, reference)
            if job.payload.get("tell"):
                _tell(s, refund)
        point("refund.booked")


def maybe_sent(job: Job, created_at: datetime) -> bool:
    """Whether an earlier job may have reached the gateway with this row: then it looks before it makes anything.

    A dead job that the operator wakes counts its attempts from one again, so the row's age speaks too.
    """
    again = job.attempt > 1 or bool(job.payload.get("again"))
    return again or clock.now() - created_at > FRESH


def _book(s: Session, refund: Refund, reference: str) -> None:
    refund.state, refund.reference, refund.done_at = OutgoingState.DONE, reference, clock.now()
    for source, target, amount in _entries(s, refund):
        _post(s, refund, "refund", source, target, amount)


def _entries(s: Session, refund: Refund) -> list[tuple[str, str, Money]]:
    """(source, target, amount) of a refund that arrives."""
    part = s.get(MerchantOrder, refund.part_id) if refund.part_id is not None else None
    entries = [(ledger.GATEWAY, ledger.SHOPPERS, refund.amount)]
    if part is not None:
        entries.append((ledger.due(part.merchant_id), ledger.GATEWAY, refund.goods))
        entries.append((ledger.DELIVERY, ledger.GATEWAY, refund.fee))
    return entries


def _post(s: Session, refund: Refund, kind: str, source: str, target: str, amount: Money) -> None:
    ledger.post(
        s,
        key=f"{kind}/{refund.id}/{refund.attempt}/{source}/{target}",
        kind=kind,
        source=source,
        target=target,
        amount=amount,
        order_id=refund.payment.order_id,
        part_id=refund.part_id,
    )


def came_back(job: Job, reference: str) -> None:
    """webhook.received about a refund: if it did not reach the payer, it is undone in the books and shown as failed.

    The operator sees to the reason and presses "noch einmal". Raises GatewayDown, GatewayRefused.
    """
    if not cashier().gateway.refund_failed(reference):
        return
    point("refund.failed")
    with job.finish() as s:
        mine = sa.select(Refund).where(Refund.reference == reference, Refund.state == OutgoingState.DONE)
        refund = s.scalar(mine.with_for_update(key_share=True))
        if refund is None:
            return
        for source, target, amount in _entries(s, refund):
            _post(s, refund, "refund_back", target, source, amount)
        refund.state, refund.reference, refund.done_at = OutgoingState.FAILED, None, None


def _tell(s: Session, refund: Refund) -> None:
    order = s.get_one(Order, refund.payment.order_id)
    part = s.get(MerchantOrder, refund.part_id) if refund.part_id is not None else None
    context = {"amount": refund.amount, "part": part, "reason": refund.reason}
    notices.notify(s, order, "refund_sent", key=f"refund-sent/{refund.id}", context=context)


def reverse(job: Job) -> None:
    """reversal.opened: take the merchant's share back. Waits for the transfer, whose job opens it again."""
    refund_id = job.payload["refund_id"]
    with db.reading() as s:
        refund = s.get_one(Refund, refund_id)
        transfer = s.scalars(sa.select(Transfer).where(Transfer.part_id == refund.part_id)).one()
        if refund.reversal_state is OutgoingState.DONE or transfer.reference is None:
            return
        reference, amount = transfer.reference, refund.reversal
        mark = f"reversal:{refund_id}:{reference}"
        key, repeated = f"{mark}:{refund.reversal_attempt}", maybe_sent(job, refund.created_at)
    taken: str | None = None
    try:
        if amount:
            taken = cashier().gateway.reverse(
                transfer=reference,
                amount=amount,
                idempotency_key=key,
                mark=mark,
                repeated=repeated,
            )
    except GatewayRefused:
        point("reversal.refused")
        with job.finish() as s:
            _refused(s, Refund.id == refund_id, Refund.reversal_state)
        return
    point("reversal.called")
    with job.finish() as s:
        _book_reversal(s, s.get_one(Refund, refund_id), taken)
        point("reversal.booked")


def _book_reversal(s: Session, refund: Refund, reference: str | None) -> None:
    if refund.reversal_state is OutgoingState.DONE or refund.part_id is None:
        return
    part = s.get_one(MerchantOrder, refund.part_id)
    refund.reversal_state, refund.reversal_reference = OutgoingState.DONE, reference
    for source, amount in (
        (ledger.paid(part.merchant_id), refund.reversal),
        (ledger.COMMISSION, refund.commission),
    ):
        ledger.post(
            s,
            key=f"reversal/{refund.id}/{source}",
            kind="reversal",
            source=source,
            target=ledger.due(part.merchant_id),
            amount=amount,
            order_id=part.order_id,
            part_id=part.id,
        )


def _refused(s: Session, which: sa.ColumnElement[bool], state: sa.orm.InstrumentedAttribute[Any]) -> None:
    """Note a refusal; what another worker finished meanwhile stays finished."""
    s.execute(
        sa.update(Refund)
        .where(which, state == OutgoingState.PENDING)
        .values({state: OutgoingState.FAILED})
        .execution_options(synchronize_session=False)
    )


def try_again(s: Session, refund_id: int) -> bool:
    """Step, the operator's button: a failed refund or reversal is sent once more, after the reason was seen to.

    Under a new key: the gateway remembers a refusal with the old one. False when nothing of it failed (any more).
    """
    refund = s.scalar(sa.select(Refund).where(Refund.id == refund_id).with_for_update(key_share=True))
    if refund is None or OutgoingState.FAILED not in (refund.state, refund.reversal_state):
        return False
    if refund.state is OutgoingState.FAILED:
        refund.state, refund.attempt = OutgoingState.PENDING, refund.attempt + 1
        key = f"refund.opened/{refund_id}/{refund.attempt}"
        emit(s, "refund.opened", key=key, refund_id=refund_id, again=True)
    if refund.reversal_state is OutgoingState.FAILED:
        refund.reversal_state, refund.reversal_attempt = OutgoingState.PENDING, refund.reversal_attempt + 1
        key = f"reversal.opened/{refund_id}/{refund.reversal_attempt}"
        emit(s, "reversal.opened", key=key, refund_id=refund_id, again=True)
    return True
