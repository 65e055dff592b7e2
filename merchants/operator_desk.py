"""The operator's desk: accounts and roles, the switch for online payment, money's state, jobs that failed for good."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from market.core import clock, config, db, settings
from market.core.errors import BadInput, Forbidden, MarketError, NotFound
from market.core.i18n import N_
from market.core.models import OutboxMessage
from market.core.money import ZERO, Money
from market.directory.models import Membership, Merchant
from market.orders.models import MerchantOrder
from market.people import accounts, production
from market.people.accounts import audit
from market.people.models import Role, User, UserRole
from payments import ledger, payouts, refunds
from payments.models import LedgerEntry, OutgoingState, Payment, PaymentState, Refund, Transfer

PAGE_SIZE = 50
SHOWN_JOBS = 100


class OwnRole(BadInput):
    """Nobody locks themselves out."""

    message = N_("Die eigene Betriebsrolle können Sie sich nicht selbst nehmen.")


# ------------------------------------------------------------------------------------------------- accounts


@dataclass(frozen=True, slots=True)
class StaffRow:
    """An account with its roles and the merchants it works for."""

    id: int
    name: str
    email: str
    roles: list[Role]
    merchants: list[str]


def staff_list(s: Session, *, text: str = "") -> list[StaffRow]:
    """Accounts with a role or a merchant; with `text` any account by name or address (shoppers too, at most 50)."""
    works = sa.exists().where(Membership.user_id == User.id)
    holds = sa.exists().where(UserRole.user_id == User.id)
    query = sa.select(User).where(User.erased_at.is_(None), User.email.is_not(None))  # stand-ins have no account
    if text.strip():
        like = "%" + text.strip().replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_") + "%"
        query = query.where(sa.or_(User.name.ilike(like, escape="\\"), User.email.ilike(like, escape="\\")))
    else:
        query = query.where(sa.or_(works, holds))
    users = list(s.scalars(query.order_by(sa.func.lower(User.name), User.id).limit(PAGE_SIZE)))
    places = s.execute(
        sa.select(Membership.user_id, Merchant.name)
        .join(Merchant, Merchant.id == Membership.merchant_id)
        .where(Membership.user_id.in_([user.id for user in users]))
        .order_by(Merchant.name)
    )
    names: dict[int, list[str]] = {}
    for user_id, name in places:
        names.setdefault(user_id, []).append(name)
    return [
        StaffRow(u.id, u.name, u.email or "", sorted((r.role for r in u.roles), key=lambda r: r.value),
                 names.get(u.id, []))
        for u in users
    ]  # fmt: skip


def account(s: Session, user_id: int) -> User:
    """An account with its roles. Raises NotFound."""
    user = s.scalar(sa.select(User).where(User.id == user_id, User.erased_at.is_(None), User.email.is_not(None)))
    if user is None:
        raise NotFound
    return user


def create_account(
    *, email: str, name: str, password: str, roles: Collection[Role], merchant_id: int | None, by: int
) -> int:
    """Use case: a staff account. Raises accounts.MailTaken, accounts.WeakPassword; NotFound for the merchant."""
    with db.transaction() as s:
        user = accounts.create(s, email=email, name=name, password=password, roles=roles)
        if merchant_id is not None:
            if s.get(Merchant, merchant_id) is None:
                raise NotFound
            s.add(Membership(user_id=user.id, merchant_id=merchant_id, since=clock.now()))
        audit(
            s, "user.created", f"user:{user.id}", by=by, merchant_id=merchant_id,
            roles=sorted(role.value for role in roles),
        )  # fmt: skip
        return user.id


def set_roles(user_id: int, roles: Collection[Role], *, by: int) -> None:
    """Use case: exactly these town-wide roles. Raises OwnRole; Forbidden when `by` is no operator any more.

    One at a time: two operators who take the role from each other at once would leave the town without any.
    """
    with db.transaction() as s:
        if by not in _hold_operators(s):
            raise Forbidden
        user = account(s, user_id)
        before = {role.role for role in user.roles}
        if user_id == by and Role.OPERATOR in before and Role.OPERATOR not in roles:
            raise OwnRole(field="roles")
        user.roles = [held for held in user.roles if held.role in roles]
        user.roles += [UserRole(role=role) for role in sorted(roles, key=lambda r: r.value) if role not in before]
        audit(s, "user.roles", f"user:{user_id}", by=by, roles=sorted(role.value for role in roles))


def _hold_operators(s: Session) -> set[int]:
    """Step: who is an operator now, locked until the end of the transaction."""
    held = sa.select(UserRole.user_id).where(UserRole.role == Role.OPERATOR).order_by(UserRole.user_id)
    return set(s.scalars(held.with_for_update()))


# ------------------------------------------------------------------------------------------------- money


@dataclass(frozen=True, slots=True)
class MoneyState:
    """How payments stand: (label, count, sum) per state; failed and waiting ones need a look."""

    online: bool
    payments: list[tuple[PaymentState, int, Money]]
    refunds: list[tuple[OutgoingState, int, Money]]
    transfers: list[tuple[OutgoingState, int, Money]]
    without_account: list[str]
    fees: Money  # what the payment service kept so far
    failed_refunds: list[Refund]
    failed_transfers: list[Transfer]
    contradictions: list[str] | None  # where our books disagree with themselves, in English; None = not looked


def money_state(s: Session, *, check: bool = False) -> MoneyState:
    """Payments, refunds and transfers by state, and active merchants that cannot be paid out yet.

    `check` reads through all books, which takes a while in a big market.
    """
    waiting = sa.select(Merchant.name).where(Merchant.status == "active", Merchant.payout_ready.is_(False))
    kept = sa.select(sa.func.sum(LedgerEntry.amount)).where(LedgerEntry.target == ledger.FEES)
    return MoneyState(
        online=bool(settings.get(s, "online_payment")),
        payments=_by_state(s, Payment.state, Payment.amount),
        refunds=_by_state(s, Refund.state, Refund.amount),
        transfers=_by_state(s, Transfer.state, Transfer.amount),
        without_account=list(s.scalars(waiting.order_by(Merchant.name))),
        fees=s.scalar(kept) or ZERO,
        failed_refunds=_failed_refunds(s),
        failed_transfers=_failed_transfers(s),
        contradictions=ledger.discrepancies(s) if check else None,
    )


def _failed_refunds(s: Session) -> list[Refund]:
    """Refused or come back, or the merchant's share could not be taken back; oldest first."""
    failed = sa.or_(Refund.state == OutgoingState.FAILED, Refund.reversal_state == OutgoingState.FAILED)
    query = sa.select(Refund).where(failed).order_by(Refund.id).limit(SHOWN_JOBS)
    return list(s.scalars(query.options(joinedload(Refund.payment).joinedload(Payment.order))))


def _failed_transfers(s: Session) -> list[Transfer]:
    """Refused; oldest first."""
    query = sa.select(Transfer).where(Transfer.state == OutgoingState.FAILED).order_by(Transfer.id).limit(SHOWN_JOBS)
    part = joinedload(Transfer.part)
    return list(s.scalars(query.options(part.joinedload(MerchantOrder.order), part.joinedload(MerchantOrder.merchant))))


def try_refund_again(refund_id: int, *, by: int) -> None:
    """Use case: a failed refund or reversal is sent once more, under a new key. Raises NotFound."""
    with db.transaction() as s:
        if not refunds.try_again(s, refund_id):
            raise NotFound
        audit(s, "refund.retried", f"refund:{refund_id}", by=by)


def try_transfer_again(transfer_id: int, *, by: int) -> None:
    """Use case: a refused transfer, and whatever else waits for this merchant, is sent once more. Raises NotFound."""
    with db.transaction() as s:
        failed = sa.select(Transfer).where(Transfer.id == transfer_id, Transfer.state == OutgoingState.FAILED)
        transfer = s.scalar(failed)
        if transfer is None:
            raise NotFound
        payouts.release(s, transfer.part.merchant_id)
        audit(s, "transfer.retried", f"transfer:{transfer_id}", by=by, merchant_id=transfer.part.merchant_id)


def _by_state(s: Session, state: Any, amount: Any) -> list[tuple[Any, int, Money]]:

    query = sa.select(state, sa.func.count(), sa.func.sum(amount)).group_by(state).order_by(state)
    return [(row[0], row[1], row[2] or ZERO) for row in s.execute(query)]


class NoLiveKey(MarketError):
    """Production without a live key of the payment service."""

    message = N_(
        "Online zahlen geht hier noch nicht: Auf dem Server fehlt der Schlüssel des Zahlungsdienstes "
        "(STRIPE_SECRET_KEY, siehe Betriebshandbuch)."
    )


def switch_online_payment(*, on: bool, by: int) -> None:
    """Use case: online payment on or off. Orders already placed are not touched. Raises NoLiveKey."""
    if on and not production.payable(config.current()):
        raise NoLiveKey
    with db.transaction() as s:
        settings.put(s, "online_payment", on)
        audit(s, "setting.changed", "setting:online_payment", by=by, value=on)


# ------------------------------------------------------------------------------------------------- dead jobs


def dead_jobs(s: Session) -> list[OutboxMessage]:
    """Jobs that failed for good, newest first."""
    query = sa.select(OutboxMessage).where(OutboxMessage.dead_at.is_not(None), OutboxMessage.done_at.is_(None))
    return list(s.scalars(query.order_by(OutboxMessage.dead_at.desc(), OutboxMessage.id.desc()).limit(SHOWN_JOBS)))


def waiting_jobs(s: Session) -> tuple[int, int]:
    """How many jobs are due now, and how many of them failed at least once."""
    due = (OutboxMessage.done_at.is_(None), OutboxMessage.dead_at.is_(None), OutboxMessage.due_at <= clock.now())
    failed = sa.func.coalesce(sa.func.sum(sa.case((OutboxMessage.error.is_not(None), 1), else_=0)), 0)
    row = s.execute(sa.select(sa.func.count(), failed).where(*due)).one()
    return int(row[0]), int(row[1])


def retry_job(row_id: int, *, by: int) -> None:
    """Use case: a dead job gets its tries back and is due now."""
    _revive(row_id, by, "job.retried", {"dead_at": None, "attempts": 0, "leased_until": None, "due_at": clock.now()})


def discard_job(row_id: int, *, by: int) -> None:
    """Use case: a dead job will never be done; the row and its error stay as the proof."""
    _revive(row_id, by, "job.discarded", {"done_at": clock.now(), "leased_until": None})


def _revive(row_id: int, by: int, action: str, values: Mapping[str, object]) -> None:
    with db.transaction() as s:
        row = s.execute(
            sa.update(OutboxMessage)
            .where(OutboxMessage.id == row_id, OutboxMessage.dead_at.is_not(None), OutboxMessage.done_at.is_(None))
            .values(**values)
            .returning(OutboxMessage.topic)
        ).first()
        if row is None:
            raise NotFound
        audit(s, action, f"job:{row_id}", by=by, topic=row.topic)
