"""The ledger: every cent that moves, from one account to another, written once and never changed.

An entry moves an amount > 0 from `source` to `target`, so the books balance by construction. What happens to the
money of one order:

    paid      shoppers  -> gateway        it arrived at the payment service
    allot     gateway   -> due:7          goods and deposit of each part, owed to its merchant
    allot     gateway   -> delivery       the fee for the tour
    transfer  due:7     -> paid:7         passed on after the hand-over ...
    transfer  due:7     -> commission     ... less the market's share
    refund    due:7     -> gateway        taken from the merchant's claim, and from `delivery` when the fee falls
    refund    gateway   -> shoppers       given back
    reversal  paid:7    -> due:7          a refund after the transfer is taken back from the merchant's account ...
    reversal  commission-> due:7          ... and from the market's share
    refund_back shoppers-> gateway -> due:7   a refund that did not reach the shopper after all, undone
    fee       operator  -> fees           what the payment service kept, from the operator's balance there

`gateway` is empty unless money arrived that nobody may have (a late payment on its way back). `due:7` mirrors what the
payment service owes merchant 7; it is below zero only while a reversal is under way. We hold no money (law.md F18).
The operator's balance at the payment service is what stands on `gateway`, `due:*`, `delivery`, `commission` and
`operator` together.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.core import clock, db
from market.core.money import Money
from market.orders.models import MerchantOrder, Order, PaymentMethod
from payments.models import (
    Invoice,
    LedgerEntry,
    OutgoingState,
    Payment,
    PaymentState,
    Refund,
    Transfer,
)

SHOPPERS = "shoppers"
GATEWAY = "gateway"
DELIVERY = "delivery"
COMMISSION = "commission"
OPERATOR = "operator"
FEES = "fees"


def due(merchant_id: int) -> str:
    """The account of what a merchant is owed."""
    return f"due:{merchant_id}"


def paid(merchant_id: int) -> str:
    """The account of what a merchant was passed on."""
    return f"paid:{merchant_id}"


def post(
    s: Session,
    *,
    key: str,
    kind: str,
    source: str,
    target: str,
    amount: Money,
    order_id: int,
    part_id: int | None = None,
) -> bool:
    """Step: write an entry. False, and nothing happens, when `key` stands there already or nothing moves.

    Raises RuntimeError when the key belongs to another movement: money must not vanish behind a key used twice.
    """
    if not amount:
        return False
    row = db.insert_once(
        s,
        LedgerEntry,
        key=key,
        at=clock.now(),
        kind=kind,
        source=source,
        target=target,
        amount=amount,
        order_id=order_id,
        part_id=part_id,
    )
    if row is None:
        there = s.scalars(sa.select(LedgerEntry).where(LedgerEntry.key == key)).one()
        if (there.source, there.target, there.amount) != (source, target, amount):
            raise RuntimeError(f"ledger entry {key} is there already and moves something else")
    return row is not None


def balances(s: Session, *, order_id: int | None = None) -> dict[str, Money]:
    """What stands on each account (of one order): came in less went out. Their sum is zero."""
    wanted = sa.select(LedgerEntry.source, LedgerEntry.target, sa.func.sum(LedgerEntry.amount).label("cents"))
    wanted = wanted.group_by(LedgerEntry.source, LedgerEntry.target)
    if order_id is not None:
        wanted = wanted.where(LedgerEntry.order_id == order_id)
    found: Counter[str] = Counter()
    for source, target, amount in s.execute(wanted):
        found[source] -= amount.cents
        found[target] += amount.cents
    return {account: Money(cents) for account, cents in sorted(found.items())}


def allotted_to(s: Session, part_id: int) -> LedgerEntry | None:
    """The entry that gave a part its money; None when it was never paid online."""
    return s.scalar(sa.select(LedgerEntry).where(LedgerEntry.kind == "allot", LedgerEntry.part_id == part_id))


# ------------------------------------------------------------------------------------------------- invariants


def discrepancies(s: Session) -> list[str]:
    """Where our own rows contradict each other, one English sentence each. Empty when all is well."""
    return [
        *_payments(s),
        *_refunds(s),
        *_parts(s),
        *_transfers(s),
        *_accounts(s),
        *_strangers(s),
    ]


def _payments(s: Session) -> Iterable[str]:
    booked = _booked(s, LedgerEntry.order_id, "paid")
    real = _sums(s, Payment.order_id, Payment.amount, Payment.state == PaymentState.PAID)
    yield from _differ("order", "paid in the ledger", booked, "paid at the gateway", real)
    claimed = _sums(s, Refund.payment_id, Refund.amount)
    noted = _sums(s, Payment.id, Payment.refunded)
    yield from _differ("payment", "refund rows", claimed, "noted on the payment", noted)


def _refunds(s: Session) -> Iterable[str]:
    booked = _booked(s, LedgerEntry.order_id, "refund", LedgerEntry.target == SHOPPERS)
    for order_id, cents in _booked(s, LedgerEntry.order_id, "refund_back", LedgerEntry.source == SHOPPERS).items():
        booked[order_id] = booked.get(order_id, 0) - cents
    rows = s.execute(
        sa.select(Payment.order_id, sa.func.sum(Refund.amount))
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Refund.state == OutgoingState.DONE)
        .group_by(Payment.order_id)
    )
    done: dict[int | None, int] = {order_id: amount.cents for order_id, amount in rows}
    yield from _differ("order", "refunded in the ledger", booked, "refund rows done", done)


def _parts(s: Session) -> Iterable[str]:
    given = _sums(s, Refund.part_id, Refund.goods)
    for part in s.scalars(sa.select(MerchantOrder).where(MerchantOrder.refunded > Money(0))):
        goods = given.pop(part.id, 0)
        if part.refunded.cents not in (goods, goods + part.delivery_share.cents):
            yield f"part {part.id}: noted as refunded {part.refunded}, its refund rows say {Money(goods)}"
    for part_id, cents in given.items():
        if part_id is not None and cents:
            yield f"part {part_id}: refund rows of {Money(cents)}, nothing noted on the part"


def _transfers(s: Session) -> Iterable[str]:
    passed_on = _booked(s, LedgerEntry.part_id, "transfer", LedgerEntry.target.like("paid:%"))
    done = _sums(s, Transfer.part_id, Transfer.amount, Transfer.state == OutgoingState.DONE)
    yield from _differ("part", "transferred in the ledger", passed_on, "transfer rows done", done)
    back = _booked(s, LedgerEntry.part_id, "reversal", LedgerEntry.source.like("paid:%"))
    reversed_ = _sums(s, Refund.part_id, Refund.reversal, Refund.reversal_state == OutgoingState.DONE)
    yield from _differ("part", "reversed in the ledger", back, "reversals done", reversed_)


def _accounts(s: Session) -> Iterable[str]:
    """No money may stand in between: what arrived is owed to somebody, passed on or on its way back."""
    on_the_way: defaultdict[int, int] = defaultdict(int)
    for order_id, amount, part_id, state in s.execute(
        sa.select(Payment.order_id, Refund.amount, Refund.part_id, Refund.state).join(
            Payment, Payment.id == Refund.payment_id
        )
    ):
        if part_id is None and state is not OutgoingState.DONE:
            on_the_way[order_id] += amount.cents
    reversing = set(
        s.scalars(
            sa.select(MerchantOrder.order_id)
            .join(Refund, Refund.part_id == MerchantOrder.id)
            .where(Refund.reversal_state.is_not(None), Refund.reversal_state != OutgoingState.DONE)
        )
    )
    for (order_id, account), cents in sorted(_standing(s).items()):
        if account == GATEWAY and cents != on_the_way[order_id]:
            yield f"order {order_id}: {Money(cents)} at the gateway belongs to nobody"
        below = account in (DELIVERY, COMMISSION) or (account.startswith("due:") and order_id not in reversing)
        if below and cents < 0:
            yield f"order {order_id}: {account} stands at {Money(cents)}"


def _standing(s: Session) -> Counter[tuple[int, str]]:
    """What stands on each account of each order, in cents, by one query."""
    moved = sa.select(LedgerEntry.order_id, LedgerEntry.source, LedgerEntry.target, sa.func.sum(LedgerEntry.amount))
    found: Counter[tuple[int, str]] = Counter()
    for order_id, source, target, amount in s.execute(
        moved.group_by(LedgerEntry.order_id, LedgerEntry.source, LedgerEntry.target)
    ):
        found[order_id, source] -= amount.cents
        found[order_id, target] += amount.cents
    return found


def _strangers(s: Session) -> Iterable[str]:
    """Pay-in-shop and the merchant's invoice are nobody's business here (law.md E5).

    The one trace allowed: a shopper who changed from "online" to "in the shop" leaves unpaid attempts, or money that
    came all the same and went back.
    """
    elsewhere = Order.payment_method != PaymentMethod.ONLINE
    kept = sa.select(Payment.order_id).join(Order, Order.id == Payment.order_id)
    kept = kept.where(elsewhere, Payment.state == PaymentState.PAID, Payment.refunded < Payment.amount)
    allotted = sa.select(LedgerEntry.order_id).join(Order, Order.id == LedgerEntry.order_id)
    allotted = allotted.where(elsewhere, LedgerEntry.kind.not_in(("paid", "refund", "refund_back", "fee")))
    for what, wrong in (("kept money", kept), ("ledger entries", allotted)):
        yield from (f"order {order_id}: not paid online, yet {what}" for order_id in s.scalars(wrong.distinct()))
    for other in (Transfer, Invoice):
        wrong = sa.select(other.part_id).join(MerchantOrder, MerchantOrder.id == other.part_id)
        wrong = wrong.join(Order, Order.id == MerchantOrder.order_id).where(elsewhere)
        yield from (f"part {part_id}: not paid online, yet in {other.__tablename__}" for part_id in s.scalars(wrong))


_Column = sa.orm.InstrumentedAttribute[int] | sa.orm.InstrumentedAttribute[int | None]


def _sums(
    s: Session, by: _Column, amount: sa.orm.InstrumentedAttribute[Money], *where: sa.ColumnElement[bool]
) -> dict[int | None, int]:
    rows = s.execute(sa.select(by, sa.func.sum(amount)).where(*where).group_by(by))
    return {key: total.cents for key, total in rows if total}


def _booked(s: Session, by: _Column, kind: str, *where: sa.ColumnElement[bool]) -> dict[int | None, int]:
    return _sums(s, by, LedgerEntry.amount, LedgerEntry.kind == kind, *where)


def _differ(
    what: str, here: str, ours: dict[int | None, int], there: str, theirs: dict[int | None, int]
) -> Iterable[str]:
    for key in sorted(ours.keys() | theirs.keys(), key=str):
        one, other = ours.get(key, 0), theirs.get(key, 0)
        if one != other:
            yield f"{what} {key}: {here} {Money(one)}, {there} {Money(other)}"
