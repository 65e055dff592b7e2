"""Paying online: a row, a hosted page, and what the gateway says is true. Moves forward only.

    start_payment(order)    row -> commit -> page at the gateway -> remember its address -> the shopper goes there
    refresh(payment)        ask the gateway and apply: after a webhook, when the shopper comes back, before a hold ends
    end_hold(job)           30 minutes later, unpaid: ask, close the page, give stock and window back

Whatever happens to an answer on the way, the next of these three finds out. Money that pays for nothing (late, twice)
is given back in full, and told. Locks: payment, then order, then parts.
"""

from __future__ import annotations

import logging
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.core import clock, codes, db, settings
from market.core.errors import MarketError, NotFound
from market.core.faults import point
from market.core.i18n import N_
from market.core.money import ZERO, Money, total
from market.core.outbox import Job, emit
from market.orders import lifecycle, notices, placing
from market.orders.models import Fulfilment, MerchantOrder, Order, PartState, PaymentMethod
from payments import fees, late, ledger, payouts, refunds
from payments.cashier import cashier
from payments.gateways import GatewayDown, GatewayRefused, PageState, PageStatus
from payments.models import Payment, PaymentState

log = logging.getLogger("market.payments")

SLOW_PAYMENT_CHECK = timedelta(hours=6)
OPEN_STATES = (PaymentState.OPEN, PaymentState.PROCESSING)


class PaymentServiceDown(MarketError):
    """The gateway does not answer. The order stays as it is."""

    status = 503
    message = N_(
        "Der Zahlungsdienst antwortet gerade nicht. Ihre Bestellung {order} ist gespeichert; "
        "bitte versuchen Sie es auf der Bestellseite gleich mit „nochmal bezahlen“."
    )


class OnlinePaymentOff(MarketError):
    """The operator's switch."""

    message = N_("Online zahlen ist gerade abgeschaltet. Ihre Bestellung {order} ist gespeichert.")


class HoldOver(MarketError):
    """Too late: the goods are free again."""

    message = N_("Die Zeit zum Bezahlen ist abgelaufen. Bitte bestellen Sie neu.")


def online_payment_offered(s: Session) -> bool:
    """The operator's switch "online zahlen"."""
    return bool(settings.get(s, "online_payment"))


def order_url(order: Order) -> str:
    """The shopper's page of an order."""
    return f"{cashier().public_url}/bestellung/{order.key}"


def payable(order: Order) -> Money:
    """What is to be paid for the parts that are alive, with the delivery fee when one of them is delivered."""
    alive = [part for part in order.parts if part.state not in lifecycle.DEAD]
    delivered = any(part.fulfilment is Fulfilment.DELIVERY for part in alive)
    return total(part.total for part in alive) + (order.delivery_fee if delivered else ZERO)


# ------------------------------------------------------------------------------------------------- the page


def start_payment(order_id: int) -> str:
    """The address to send the shopper to: the gateway's page, or the order's when nothing is to be paid any more.

    May be called again at any time ("nochmal bezahlen"): an open page is used again, unless a part was cancelled since
    and it asks for too much. Raises PaymentServiceDown, OnlinePaymentOff, HoldOver, TooSmallForOnline.
    """
    point("order.placed")
    for _ in range(3):  # a page of an old amount is opened (again), closed, and opened for the new one
        with db.transaction() as s:
            order = lifecycle.order_for_update(s, order_id)
            home = order_url(order)
            if order.confirmed_at is not None or order.payment_method is not PaymentMethod.ONLINE:
                return home
            payment = _current_attempt(s, order)
            changed = payment.amount != payable(order)
        if payment.reference is None:
            url = _open_page(payment, order)
            if not changed:
                return url
            continue
        state = _ask(payment, order, close=changed)
        if state is PaymentState.OPEN:
            return payment.url
        if state in (PaymentState.PAID, PaymentState.PROCESSING):
            return home
    raise PaymentServiceDown(order=order.number)  # pragma: no cover - two pages closed within one call


def _current_attempt(s: Session, order: Order) -> Payment:
    """The open attempt, or a new one. The row stands before the gateway hears of it."""
    if not online_payment_offered(s):
        raise OnlinePaymentOff(order=order.number)
    now = clock.now()
    amount = payable(order)
    if order.hold_until is None or now >= order.hold_until or not amount:
        raise HoldOver
    if amount < placing.ONLINE_MINIMUM:
        raise placing.TooSmallForOnline(least=placing.ONLINE_MINIMUM)
    latest = s.scalar(sa.select(Payment).where(Payment.order_id == order.id).order_by(Payment.attempt.desc()).limit(1))
    if latest is not None and latest.state in OPEN_STATES:
        return latest
    attempt = latest.attempt + 1 if latest else 1
    payment = Payment(
        order_id=order.id,
        attempt=attempt,
        amount=amount,
        # Random, because a restored database gives the same ids out again, and the gateway remembers.
        idempotency_key=f"checkout:{order.id}:{attempt}:{codes.code(12)}",
        created_at=now,
        expires_at=order.hold_until,
    )
    s.add(payment)
    s.flush()
    return payment


def _open_page(payment: Payment, order: Order) -> str:
    point("payment.row")
    home = order_url(order)
    try:
        page = cashier().gateway.open_page(
            payment_id=payment.idempotency_key,
            order_number=order.number,
            amount=payment.amount,
            description=notices.market_name(),
            success_url=f"{home}?bezahlt=1",
            cancel_url=f"{home}?abgebrochen=1",
            expires_at=payment.expires_at,
            transfer_group=payouts.group(order.id),
            idempotency_key=payment.idempotency_key,
            customer_email=order.email or None,
        )
    except GatewayDown as down:
        raise PaymentServiceDown(order=order.number) from down
    except GatewayRefused as refused:
        # Not its sentence: it may quote what the shopper typed.
        log.error("payment page refused", extra={"payment": payment.id, "status": refused.status, "code": refused.code})
        point("payment.refused")
        with db.transaction() as s:  # this key will never give a page: the next try is a new attempt
            s.get_one(Payment, payment.id).state = PaymentState.FAILED
        raise PaymentServiceDown(order=order.number) from refused
    point("payment.opened")
    with db.transaction() as s:
        _remember(s, payment.id, page.reference, page.url)
    point("payment.remembered")
    return page.url


def _remember(s: Session, payment_id: int, reference: str, url: str) -> None:
    payment = _locked(s, payment_id)
    if payment.reference is None:
        payment.reference = reference
    if payment.reference == reference and not payment.url:
        payment.url = url


def _locked(s: Session, payment_id: int) -> Payment:
    locked = sa.select(Payment).where(Payment.id == payment_id).with_for_update(key_share=True)
    return s.scalars(locked.execution_options(populate_existing=True)).one()


def _ask(payment: Payment, order: Order, *, close: bool) -> PaymentState:
    """What the gateway says of a page we know; `close` it when it asks for another amount than is due now."""
    assert payment.reference is not None
    gateway = cashier().gateway
    try:
        status = gateway.expire_page(payment.reference) if close else gateway.fetch_page(payment.reference)
    except (GatewayDown, GatewayRefused) as error:
        raise PaymentServiceDown(order=order.number) from error
    point("page.asked")
    return apply(payment.id, status)


# ------------------------------------------------------------------------------------------------- what is true


def refresh(payment_id: int) -> PaymentState:
    """Ask the gateway how a payment stands and apply it. Raises GatewayDown, GatewayRefused."""
    with db.reading() as s:
        payment = s.get_one(Payment, payment_id)
        reference, state = payment.reference, payment.state
    if reference is None:
        return state
    status = cashier().gateway.fetch_page(reference)
    point("payment.fetched")
    return apply(payment_id, status)


def refresh_order(order_id: int) -> None:
    """The shopper is back on the order page: ask now, do not wait for the webhook. A silent gateway is no error."""
    with db.reading() as s:
        waiting = sa.select(Payment.id).where(
            Payment.order_id == order_id, Payment.state.in_(OPEN_STATES), Payment.reference.is_not(None)
        )
        payment_ids = list(s.scalars(waiting))
    for payment_id in payment_ids:
        try:
            refresh(payment_id)
        except (GatewayDown, GatewayRefused):
            log.warning("gateway silent", extra={"payment": payment_id})


def apply(payment_id: int, status: PageStatus) -> PaymentState:
    """One transaction: take over what the gateway says, forward only. Repeating changes nothing."""
    with db.transaction() as s:
        payment = _locked(s, payment_id)
        after = _next_state(payment.state, status)
        if after is payment.state:
            return after
        payment.state = after
        payment.intent = status.payment_intent or payment.intent
        s.flush()
        point("payment.applied")
        if after is PaymentState.PAID:
            payment.charge, payment.paid_at = status.charge, clock.now()
            _settle(s, payment, status)
            point("payment.booked")
        elif after is PaymentState.FAILED:
            order = s.get_one(Order, payment.order_id)
            over = order.hold_until is None or clock.now() >= order.hold_until
            notices.notify(s, order, "payment_failed", key=f"payment-failed/{payment.id}", context={"over": over})
        return after


def _next_state(now: PaymentState, status: PageStatus) -> PaymentState:
    """Money that arrived is always true; nothing else comes back from an end."""
    if now is PaymentState.PAID or status.state is PageState.PAID:
        return PaymentState.PAID
    if now in OPEN_STATES and status.state is PageState.EXPIRED:
        return PaymentState.FAILED if status.late_failure else PaymentState.EXPIRED
    if now is PaymentState.OPEN and status.state is PageState.UNPAID_PROCESSING:
        return PaymentState.PROCESSING
    return now


def _settle(s: Session, payment: Payment, status: PageStatus) -> None:
    """The money is there: say whose it is, confirm the order; give back what pays for nothing."""
    if status.amount_received != payment.amount:
        raise RuntimeError(f"payment {payment.id}: {status.amount_received} received, {payment.amount} asked")
    ledger.post(
        s,
        key=f"paid/{payment.id}",
        kind="paid",
        source=ledger.SHOPPERS,
        target=ledger.GATEWAY,
        amount=payment.amount,
        order_id=payment.order_id,
    )
    fees.note(s, payment, status.fee)
    order = lifecycle.order_for_update(s, payment.order_id)
    parts = lifecycle.parts_for_update(s, order.id)
    if order.confirmed_at is not None:
        in_shop = order.payment_method is not PaymentMethod.ONLINE  # the shopper changed the means meanwhile
        why = N_("Sie im Laden bezahlen") if in_shop else N_("diese Bestellung schon bezahlt war")
        _give_back(s, order, payment, payment.amount, why)
        return
    in_time = any(part.state not in lifecycle.DEAD for part in parts)
    if not in_time and (why := late.revive(s, order, parts)):
        _give_back(s, order, payment, payment.amount, why)
        return
    allotted = _allot(s, payment, order)
    missed = late.renew(s, order, [part for part in parts if part.state is PartState.PLACED]) if in_time else []
    lifecycle.confirm(s, order)
    late.end_missed(s, missed)
    if not in_time:
        notices.notify(s, order, "payment_late", key=f"payment-late/{payment.id}")
    if payment.amount > allotted:
        _give_back(s, order, payment, payment.amount - allotted, N_("ein Teil davon schon storniert war"))


def _allot(s: Session, payment: Payment, order: Order) -> Money:
    alive: list[MerchantOrder] = [part for part in order.parts if part.state not in lifecycle.DEAD]
    due = payable(order)
    if due > payment.amount:
        raise RuntimeError(f"payment {payment.id}: {payment.amount} paid, {due} due")
    for part in alive:
        ledger.post(
            s,
            key=f"allot/{payment.id}/{part.id}",
            kind="allot",
            source=ledger.GATEWAY,
            target=ledger.due(part.merchant_id),
            amount=part.total,
            order_id=order.id,
            part_id=part.id,
        )
    ledger.post(
        s,
        key=f"allot/{payment.id}/delivery",
        kind="allot",
        source=ledger.GATEWAY,
        target=ledger.DELIVERY,
        amount=due - total(part.total for part in alive),
        order_id=order.id,
    )
    return due


def _give_back(s: Session, order: Order, payment: Payment, amount: Money, why: str) -> None:
    refunds.open_surplus(s, payment, amount, reason=why)
    context = {"amount": amount, "why": why}
    notices.notify(s, order, "payment_refunded", key=f"payment-refunded/{payment.id}", context=context)


# ------------------------------------------------------------------------------------------------- the hold


def end_hold(job: Job) -> None:
    """order.hold_ends: ask the gateway, close its pages, then give back what an unpaid order holds.

    A slow payment on its way (SEPA) keeps the hold; it is asked about again later.
    """
    order_id = job.payload["order_id"]
    states = [_close_page(payment_id) for payment_id in _open_payments(order_id)]
    point("hold.asked")
    with job.finish() as s:
        if PaymentState.PROCESSING in states:
            later = clock.now() + SLOW_PAYMENT_CHECK
            key = f"order.hold_ends/{order_id}/{int(later.timestamp())}"
            emit(s, "order.hold_ends", key=key, due_at=later, order_id=order_id)
            return
        release_hold(s, order_id)
        point("hold.released")


def _open_payments(order_id: int) -> list[int]:
    """Also of a confirmed order: a second page left open must not take money for nothing."""
    with db.reading() as s:
        mine = sa.select(Payment.id).where(Payment.order_id == order_id, Payment.state.in_(OPEN_STATES))
        return list(s.scalars(mine.order_by(Payment.id)))


def _close_page(payment_id: int) -> PaymentState:
    with db.reading() as s:
        reference = s.get_one(Payment, payment_id).reference
    if reference is not None:
        status = cashier().gateway.expire_page(reference)
        point("page.closed")
        return apply(payment_id, status)
    with db.transaction() as s:  # a page we never learned the address of: nobody saw it, nobody can pay it
        payment = _locked(s, payment_id)
        if payment.reference is None and payment.state is PaymentState.OPEN:
            payment.state = PaymentState.EXPIRED
        return payment.state


def release_hold(s: Session, order_id: int) -> None:
    """Step: an unpaid order's parts expire, stock and window are free again, the shopper is told once."""
    order = lifecycle.order_for_update(s, order_id)
    if order.confirmed_at is not None:
        return
    waiting = [part for part in lifecycle.parts_for_update(s, order_id) if part.state is PartState.PLACED]
    for part in waiting:
        lifecycle.end(
            s,
            part,
            PartState.EXPIRED,
            topic="part.expired",
            by="market",
            reason=N_("nicht bezahlt"),
            unpaid=True,
        )
    if waiting:
        emit(s, "order.unpaid", key=f"order.unpaid/{order_id}", order_id=order_id)


def find_by_page(s: Session, status: PageStatus) -> Payment:
    """The payment of a page: by its reference, or (we died before remembering it) by the key we gave it."""
    payment = s.scalar(sa.select(Payment).where(Payment.reference == status.reference))
    if payment is None:
        named = sa.select(Payment).where(Payment.idempotency_key == status.payment_id, Payment.reference.is_(None))
        payment = s.scalar(named)
    if payment is None:
        raise NotFound
    return payment
