"""The withdrawal function (§ 356a BGB, law.md B1-B4): received as declared, receipted at once, matched afterwards.

A declaration is never refused: not for a wrong order number, not before hand-over, not after the deadline. What it
leads to is decided later by people who can read it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from market.catalogue.models import WithdrawalClass
from market.core import calendar, clock, codes, db, mail
from market.core.i18n import N_
from market.core.outbox import Job, emit
from market.directory.models import Merchant
from market.orders.models import MerchantOrder, Order, OrderLine, Withdrawal, WithdrawalMatch

DAYS = timedelta(days=14)  # §§ 355 II, 357 I BGB: to declare, and to refund
REVOCABLE = frozenset({WithdrawalClass.STANDARD, WithdrawalClass.SEALED_HYGIENE, WithdrawalClass.SEALED_MEDIA})
EVERYTHING = N_("alle Waren der Bestellung")


@dataclass(frozen=True, slots=True)
class Declaration:
    """What the shopper declared, in the shopper's own words; `line_ids` when lines were ticked on a known order."""

    name: str
    email: str
    order_text: str
    lines_text: str
    line_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the confirmation shows: content, and when it arrived to the second."""

    reference: str
    received_at: datetime
    declaration: Declaration


@dataclass(frozen=True, slots=True)
class Choosable:
    """A line of a known order that may be withdrawn, or why not."""

    line_id: int
    text: str
    merchant: str
    revocable: bool
    why_not: str


def deadline(handed_over_at: datetime, subdivision: str) -> date:
    """The last day of the withdrawal period: 14 days after the day of hand-over, on to the next workday
    when it ends on a Saturday, Sunday or public holiday (§§ 187, 188, 193 BGB; in the consumer's favour)."""
    last = clock.business_date(handed_over_at) + DAYS
    while last.weekday() >= 5 or calendar.holiday(last, subdivision):
        last += timedelta(days=1)
    return last


def choosable(s: Session, order_key: str) -> tuple[str, list[Choosable]] | None:
    """The order's number and its lines, for somebody who holds the order's key; None for an unknown key."""
    order = s.scalar(
        sa.select(Order)
        .where(Order.key == order_key)
        .options(
            selectinload(Order.parts).selectinload(MerchantOrder.lines),
            selectinload(Order.parts).joinedload(MerchantOrder.merchant),
        )
    )
    if order is None:
        return None
    contracts = [part for part in order.parts if not part.reserved]
    return order.number, [_choosable(part, line) for part in contracts for line in part.lines]


def _choosable(part: MerchantOrder, line: OrderLine) -> Choosable:
    revocable = line.withdrawal_class in REVOCABLE
    name = f"{line.quantity} × {line.name}" + (f", {line.variant_name}" if line.variant_name else "")
    return Choosable(line.id, name, part.merchant.name, revocable, "" if revocable else line.withdrawal_class.label)


def declare(declaration: Declaration) -> str:
    """Use case: store the declaration and mail its receipt in one transaction; the reference. Never refuses."""
    received = clock.now()
    content = {
        "name": declaration.name,
        "email": declaration.email,
        "order": declaration.order_text,
        "lines": declaration.lines_text,
        "line_ids": list(declaration.line_ids),
        "received_at": received.isoformat(),
    }
    row = Withdrawal(
        reference=f"W-{codes.code(8)}",
        received_at=received,
        name=declaration.name,
        email=declaration.email,
        order_text=declaration.order_text,
        lines_text=declaration.lines_text or EVERYTHING,
        sha256=hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest(),
    )
    with db.transaction() as s:
        s.add(row)
        s.flush()  # the receipt names the reference, the job the id
        mail.queue(
            s,
            "withdrawal_receipt",
            row.email,
            key=f"withdrawal/{row.id}/receipt",
            context={"withdrawal": row},
        )
        emit(s, "withdrawal.received", withdrawal_id=row.id, line_ids=list(declaration.line_ids))
        return row.reference


def receipt(reference: str) -> Receipt | None:
    """The stored declaration behind a reference."""
    with db.reading() as s:
        row = s.scalar(sa.select(Withdrawal).where(Withdrawal.reference == reference))
        if row is None:
            return None
        return Receipt(row.reference, row.received_at, Declaration(row.name, row.email, row.order_text, row.lines_text))


def _find_order(s: Session, typed: str) -> Order | None:
    wanted = codes.normalise(typed)
    if not wanted:
        return None
    plain = sa.func.upper(sa.func.replace(Order.number, "-", ""))
    return s.scalar(sa.select(Order).where(plain == wanted))


def match(job: Job) -> None:
    """withdrawal.received: find the contract, note the refund's due date, tell the merchant - or ask a person."""
    with job.finish() as s:
        row = s.get_one(Withdrawal, job.payload["withdrawal_id"])
        ticked = set(job.payload["line_ids"])
        order = _order_of(s, row, ticked)
        parts = [] if order is None else _parts_of(order, ticked)
        for part, lines in parts:
            db.insert_once(
                s,
                WithdrawalMatch,
                withdrawal_id=row.id,
                part_id=part.id,
                line_ids={"lines": lines},
                refund_due_on=clock.business_date(row.received_at) + DAYS,
            )
            _tell_merchant(s, row, part)
        if not parts:
            _ask_a_person(s, row)


def _order_of(s: Session, row: Withdrawal, ticked: set[int]) -> Order | None:
    if ticked:
        part_id = s.scalar(sa.select(OrderLine.part_id).where(OrderLine.id == min(ticked)))
        part = s.get(MerchantOrder, part_id) if part_id else None
        return part.order if part else None
    order = _find_order(s, row.order_text)
    if order is not None and order.email and order.email.lower() != row.email.lower():
        return None  # somebody else's mail: a person looks at it first
    return order


def _parts_of(order: Order, ticked: set[int]) -> list[tuple[MerchantOrder, list[int]]]:
    found = []
    for part in order.parts:
        lines = [line.id for line in part.lines if not ticked or line.id in ticked]
        if lines and not part.reserved:  # a reservation is no contract: nothing to withdraw from
            found.append((part, lines))
    return found


def _tell_merchant(s: Session, row: Withdrawal, part: MerchantOrder) -> None:
    merchant = s.get_one(Merchant, part.merchant_id)
    if merchant.email:
        mail.queue(
            s,
            "withdrawal_merchant",
            merchant.email,
            key=f"withdrawal/{row.id}/part/{part.id}",
            context={
                "withdrawal": row,
                "number": part.order.number,
                "due": clock.business_date(row.received_at) + DAYS,
            },
        )


def _ask_a_person(s: Session, row: Withdrawal) -> None:
    mail.queue(
        s,
        "withdrawal_unmatched",
        mail.postman().sender,
        key=f"withdrawal/{row.id}/unmatched",
        context={"withdrawal": row},
    )


def open_of(s: Session, merchant_ids: Sequence[int]) -> list[tuple[WithdrawalMatch, Withdrawal, MerchantOrder]]:
    """A merchant's withdrawals, unsettled first, soonest due first."""
    rows = s.execute(
        sa.select(WithdrawalMatch, Withdrawal, MerchantOrder)
        .join(Withdrawal, Withdrawal.id == WithdrawalMatch.withdrawal_id)
        .join(MerchantOrder, MerchantOrder.id == WithdrawalMatch.part_id)
        .options(selectinload(MerchantOrder.lines), selectinload(MerchantOrder.order))
        .where(MerchantOrder.merchant_id.in_(merchant_ids))
        .order_by(WithdrawalMatch.settled_at.is_not(None), WithdrawalMatch.refund_due_on, Withdrawal.id)
        .limit(200)
    )
    return [(found, row, part) for found, row, part in rows]
