"""What people are told, and when: one notice for one happening.

A shopper who chose mail gets a mail; for phone and letter the same text becomes a row on the call list, with the
contract's documents below it. Merchants get mails; a silent one also gets a row on the caretakers' call list.
The handlers at the end are the outbox's (wsgi.py); notices about money itself are sent by the payments room.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from market.core import clock, db, mail
from market.core.mail import Attachment
from market.core.money import Money
from market.core.outbox import Job
from market.orders import documents
from market.orders.lifecycle import DEAD, DONE, value_left
from market.orders.models import (
    Call,
    Channel,
    Fulfilment,
    MerchantOrder,
    Order,
    OrderLine,
    PartState,
    PaymentMethod,
)

RULE = "\n\n" + "-" * 72 + "\n"


def notify(
    s: Session,
    order: Order,
    name: str,
    *,
    key: str,
    context: Mapping[str, Any] | None = None,
    attachments: Sequence[Attachment] = (),
) -> bool:
    """Step: tell the shopper through the channel they chose. False when this `key` was told before.

    `name` is a folder of templates/email; the template gets `order` and `context`.
    """
    values = {"order": order, **(context or {})}
    if order.erased_at is not None:
        return False
    if order.channel is Channel.MAIL and order.email:
        return mail.queue(s, name, order.email, key=key, context=values, attachments=attachments)
    subject, text = mail.render(name, values)
    papers = "".join(f"{RULE}{one.name}\n\n{one.data.decode()}" for one in attachments)
    return _call(s, order, key, subject, text + papers)


def _call(s: Session, order: Order, key: str, subject: str, text: str) -> bool:
    row = db.insert_once(
        s,
        Call,
        key=key,
        order_id=order.id,
        channel=Channel.LETTER if order.channel is Channel.LETTER else Channel.PHONE,
        subject=subject[:200],
        text=text,
        created_at=clock.now(),
    )
    return row is not None


def market_name() -> str:
    """The market's name, as mails sign it."""
    return mail.postman().market_name


def tell_merchant(s: Session, part: MerchantOrder, name: str, *, key: str) -> bool:
    """Step: a mail to the merchant; without an address the inbox alone has to do."""
    to = part.merchant.email or part.shop.email
    return bool(to) and mail.queue(s, name, to, key=key, context={"order": part.order, "part": part})


def remind(s: Session, part: MerchantOrder) -> None:
    """Step: half of the time to answer is over: a mail to the merchant, and a call for the caretaker to make."""
    key = f"reminder/{part.id}/{int(part.answer_by.timestamp())}"
    tell_merchant(s, part, "merchant_reminder", key=key)
    subject, text = mail.render("caretaker_call", {"order": part.order, "part": part})
    db.insert_once(
        s,
        Call,
        key=key,
        order_id=part.order_id,
        channel=Channel.PHONE,
        subject=subject[:200],
        text=text,
        created_at=clock.now(),
    )


# ------------------------------------------------------------------------------------------------- outbox handlers


def placed(job: Job) -> None:
    """order.placed: the receipt (law.md A4)."""
    with job.finish() as s:
        order = s.get_one(Order, job.payload["order_id"])
        reserved = any(part.reserved for part in order.parts)
        name = "reservation_receipt" if reserved else "order_receipt"
        notify(s, order, name, key=f"receipt/{order.id}")


def confirmed(job: Job) -> None:
    """order.confirmed: the merchants hear of their parts."""
    with job.finish() as s:
        for part in s.get_one(Order, job.payload["order_id"]).parts:
            if part.state is PartState.PLACED:
                name = "merchant_new_reservation" if part.reserved else "merchant_new_order"
                tell_merchant(s, part, name, key=f"new-order/{part.id}")


def accepted(job: Job) -> None:
    """part.accepted: the whole contract on a durable medium (law.md A5)."""
    with job.finish() as s:
        part = _part(s, job)
        papers = documents.attachments(part.order, part.merchant_id)
        context = {"part": part, "documents": [paper.name for paper in papers]}
        notify(s, part.order, "part_accepted", key=f"accepted/{part.id}", context=context, attachments=papers)


def rejected(job: Job) -> None:
    """part.rejected"""
    _ended(job, "part_rejected")


def expired(job: Job) -> None:
    """part.expired: unanswered, or paid too late. A hold nobody paid expires as a whole and is told once
    (order.unpaid)."""
    if not job.payload.get("unpaid"):
        _ended(job, "part_missed" if job.payload.get("missed") else "part_expired")


def cancelled(job: Job) -> None:
    """part.cancelled: told to the shopper, and to the merchant when it knew of the part."""
    _ended(job, "part_cancelled", merchant="merchant_cancelled")


def uncollected(job: Job) -> None:
    """part.uncollected"""
    _ended(job, "part_uncollected")


def _ended(job: Job, name: str, *, merchant: str = "") -> None:
    with job.finish() as s:
        part = _part(s, job)
        online = part.order.payment_method is PaymentMethod.ONLINE
        context = {
            "part": part,
            "back": Money(job.payload["goods_cents"] + job.payload["fee_cents"]),
            "paid": online and job.payload["paid"],
            "others": any(other.state not in DEAD for other in part.order.parts),
        }
        name = "reservation_ended" if part.reserved else name
        notify(s, part.order, name, key=f"ended/{job.id}", context=context)
        if merchant and part.order.confirmed_at is not None:
            tell_merchant(s, part, merchant, key=f"merchant-ended/{job.id}")


def lines_missing(job: Job) -> None:
    """part.lines_missing; when nothing is left the cancellation tells it."""
    with job.finish() as s:
        part = _part(s, job)
        line = s.get_one(OrderLine, job.payload["line_id"])
        if part.state in DEAD:
            return
        pieces = int(job.payload["pieces"])
        context = {
            "part": part,
            "line": line,
            "pieces": pieces,
            "back": (line.price + line.deposit) * pieces,
            "paid": part.order.payment_method is PaymentMethod.ONLINE,
        }
        notify(s, part.order, "part_lines_missing", key=f"missing/{job.id}", context=context)


def ready(job: Job) -> None:
    """part.ready: the merchant said so, the shopper may come. Deliveries are told when the courier has them."""
    with job.finish() as s:
        part = _part(s, job)
        if part.fulfilment is Fulfilment.PICKUP and part.state is PartState.READY:
            context = {"part": part, "left": value_left(part)}
            name = "reservation_ready" if part.reserved else "part_ready"
            notify(s, part.order, name, key=f"ready/{part.id}", context=context)


def with_courier(job: Job) -> None:
    """part.with_courier: one notice for everything an order has delivered that day."""
    with job.finish() as s:
        order = _part(s, job).order
        parts = [each for each in order.parts if each.fulfilment is Fulfilment.DELIVERY and each.state not in DEAD]
        context = {"parts": parts, "min_age": max((each.min_age for each in parts), default=0)}
        notify(s, order, "with_courier", key=f"with-courier/{order.id}/{clock.today()}", context=context)


def short(job: Job) -> None:
    """part.short: the courier got less than ordered; the shop says what is missing, the shopper hears of it."""
    with job.finish() as s:
        part = _part(s, job)
        tell_merchant(s, part, "merchant_short", key=f"merchant-short/{job.id}")
        notify(s, part.order, "part_short", key=f"short/{job.id}", context={"part": part})


def handed_over(job: Job) -> None:
    """part.handed_over: collected at the counter, or delivered (one notice for the whole drop)."""
    with job.finish() as s:
        part = _part(s, job)
        order = part.order
        if part.reserved:  # bought at the till: the receipt came from there
            return
        if part.fulfilment is Fulfilment.PICKUP:
            notify(s, order, "collected", key=f"collected/{part.id}", context={"part": part})
            return
        parts = [each for each in order.parts if each.fulfilment is Fulfilment.DELIVERY and each.state in DONE]
        key = f"delivered/{order.id}/{clock.business_date(part.handed_over_at or clock.now())}"
        notify(s, order, "delivered", key=key, context={"parts": parts})


def brought_back(job: Job) -> None:
    """part.brought_back: one notice for the whole drop."""
    with job.finish() as s:
        part = _part(s, job)
        key = f"not-delivered/{part.order_id}/{clock.today()}"
        notify(s, part.order, "not_delivered", key=key, context={"part": part})


def cancel_requested(job: Job) -> None:
    """part.cancel_requested: the merchant has to answer."""
    with job.finish() as s:
        tell_merchant(s, _part(s, job), "merchant_cancel_requested", key=f"cancel-requested/{job.id}")


def cancel_declined(job: Job) -> None:
    """part.cancel_declined"""
    with job.finish() as s:
        part = _part(s, job)
        context = {"part": part, "note": job.payload["note"]}
        notify(s, part.order, "cancel_declined", key=f"cancel-declined/{job.id}", context=context)


def unpaid(job: Job) -> None:
    """order.unpaid: the hold ended without money (unless it came late, and was faster than this job)."""
    with job.finish() as s:
        order = s.get_one(Order, job.payload["order_id"])
        if order.confirmed_at is not None:
            return
        notify(s, order, "order_unpaid", key=f"unpaid/{order.id}")


def _part(s: Session, job: Job) -> MerchantOrder:
    return s.get_one(MerchantOrder, job.payload["part_id"])
