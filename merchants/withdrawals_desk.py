"""Withdrawals at the merchant's desk: what was declared, until when money must be back, and settling it (law.md B).

Settling decides which pieces were withdrawn. Parts paid online are refunded in the same transaction: goods, deposit,
and the delivery fee once nothing delivered is left of the order (§ 357 BGB). For everything else the merchant pays
back itself, and the shopper is told so. A declaration can be settled once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from market.core import clock, db
from market.core.errors import BadInput, MarketError, NotFound
from market.core.i18n import N_
from market.core.money import ZERO, Money, total
from market.orders import notices, withdrawal
from market.orders.lifecycle import DEAD, DONE
from market.orders.models import (
    Fulfilment,
    MerchantOrder,
    Order,
    OrderLine,
    PaymentMethod,
    Withdrawal,
    WithdrawalMatch,
)
from merchants.scope import Desk
from payments import refunds


class AlreadySettled(MarketError):
    """Somebody pressed the button before."""

    message = N_("Dieser Widerruf ist schon erledigt.")


class NotHandedOver(MarketError):
    """The goods are still here: then the part is cancelled, which gives back goods, stock and money at once."""

    message = N_("Die Ware ist noch nicht übergeben. Bitte stornieren Sie die Bestellung, statt Stücke einzutragen.")


class TooManyWithdrawn(BadInput):
    """More pieces than the shopper has."""

    message = N_("Von „{product}“ können höchstens {left} Stück widerrufen sein.")


class NothingChosen(BadInput):
    """Settled without taking anything back: the shopper is owed the reason."""

    message = N_("Bitte tragen Sie Stücke ein, oder schreiben Sie, warum nichts erstattet wird.")


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line of the part. `declared`: named in the declaration; `left`: pieces that can still be withdrawn."""

    line: OrderLine
    declared: bool

    @property
    def left(self) -> int:
        """Pieces given to the shopper and not withdrawn yet."""
        return self.line.quantity - self.line.missing - self.line.withdrawn

    @property
    def revocable(self) -> bool:
        """Whether the law grants a right to withdraw from it."""
        return self.line.withdrawal_class in withdrawal.REVOCABLE

    @property
    def expected(self) -> int:
        """What the form proposes."""
        return self.left if self.declared and self.revocable else 0

    @property
    def name(self) -> str:
        """The goods in words."""
        return self.line.name + (f", {self.line.variant_name}" if self.line.variant_name else "")


@dataclass(frozen=True, slots=True)
class Case:
    """One declaration about one part, detached. `last_day`: of the withdrawal period; None before the hand-over."""

    match: WithdrawalMatch
    declaration: Withdrawal
    part: MerchantOrder
    last_day: date | None
    today: date

    @property
    def settled(self) -> bool:
        """Nothing left to do."""
        return self.match.settled_at is not None

    @property
    def overdue(self) -> bool:
        """The money should have been back."""
        return not self.settled and self.match.refund_due_on < self.today

    @property
    def late(self) -> bool:
        """Declared after the period had ended (whether it counts is for people to judge)."""
        return self.last_day is not None and clock.business_date(self.declaration.received_at) > self.last_day

    @property
    def lines(self) -> list[LineRow]:
        """Every line of the part."""
        named = set(self.match.line_ids.get("lines", ()))
        return [LineRow(line, line.id in named) for line in self.part.lines]

    @property
    def can_take_back(self) -> bool:
        """Whether pieces can be entered: the shopper has the goods."""
        return self.part.state in DONE

    @property
    def still_here(self) -> bool:
        """Not handed over and alive: to be cancelled, not withdrawn."""
        return self.part.state not in DONE | DEAD

    @property
    def online(self) -> bool:
        """Whether the market refunds; otherwise the merchant does."""
        return self.part.order.payment_method is PaymentMethod.ONLINE


def _case(found: tuple[WithdrawalMatch, Withdrawal, MerchantOrder], subdivision: str) -> Case:
    match, declaration, part = found
    handed_over = part.handed_over_at
    last_day = withdrawal.deadline(handed_over, subdivision) if handed_over is not None else None
    return Case(match, declaration, part, last_day, clock.today())


def load(s: Session, desk: Desk, subdivision: str) -> list[Case]:
    """The merchant's withdrawals: unsettled first, soonest due first. `subdivision`: for its public holidays."""
    found = withdrawal.open_of(s, [desk.merchant_id])
    return [_case(row, subdivision) for row in found if row[2].order.confirmed_at is not None]


def case(s: Session, desk: Desk, reference: str, part_id: int, subdivision: str) -> Case:
    """Load and authorise together: what is another merchant's is NotFound."""
    row = s.execute(
        sa.select(WithdrawalMatch, Withdrawal, MerchantOrder)
        .join(Withdrawal, Withdrawal.id == WithdrawalMatch.withdrawal_id)
        .join(MerchantOrder, MerchantOrder.id == WithdrawalMatch.part_id)
        .join(Order, Order.id == MerchantOrder.order_id)
        .where(
            Withdrawal.reference == reference,
            MerchantOrder.id == part_id,
            MerchantOrder.merchant_id == desk.merchant_id,
            Order.confirmed_at.is_not(None),
        )
        .options(selectinload(MerchantOrder.lines), joinedload(MerchantOrder.order))
    ).first()
    if row is None:
        raise NotFound
    return _case((row[0], row[1], row[2]), subdivision)


def check(found: Case, pieces: Mapping[int, int], note: str) -> Money:
    """What `pieces` (line id -> pieces withdrawn) are worth, deposit included. Raises what `settle` would raise."""
    if found.settled:
        raise AlreadySettled
    if found.still_here:
        raise NotHandedOver
    if not any(pieces.values()) and not note.strip():
        raise NothingChosen(field="note")
    rows = {row.line.id: row for row in found.lines}
    for line_id, number in pieces.items():
        if line_id not in rows:
            raise NotFound
        left = rows[line_id].left if found.can_take_back else 0
        if not 0 <= number <= left:
            raise TooManyWithdrawn(field=f"stueck-{line_id}", product=rows[line_id].line.name, left=left)
    return worth(found, pieces)


def worth(found: Case, pieces: Mapping[int, int]) -> Money:
    """Goods and deposit of these pieces."""
    return total((line.price + line.deposit) * pieces.get(line.id, 0) for line in found.part.lines)


def settle(
    desk: Desk, reference: str, part_id: int, pieces: Mapping[int, int], *, note: str, subdivision: str
) -> Money:
    """Use case: the pieces are withdrawn, the refund is opened, the shopper is told; the amount the shopper gets.

    Once: raises AlreadySettled for the second caller. Also NotFound, NotHandedOver, TooManyWithdrawn, NothingChosen.
    """
    with db.transaction() as s:
        found = case(s, desk, reference, part_id, subdivision)
        value = check(found, pieces, note)
        _claim(s, found.match)
        key = f"withdrawal/{found.declaration.id}/{part_id}"
        # The refund comes first: it locks payment, order and part, in the one order everybody locks them.
        refund = refunds.open_refund(s, part_id, value, key=key, reason=f"Widerruf {reference}", capped=True)
        part = desk.staff.part(s, part_id)
        for line_id, number in sorted(pieces.items()):
            _withdraw(s, part_id, line_id, number)
        back = refund.goods if refund is not None else ZERO if found.online else value
        if any(pieces.values()) and (fee := _falling_fee(s, part)):
            opened = refunds.open_refund(s, part_id, ZERO, fee=fee, key=f"{key}/fee", reason=f"Widerruf {reference}")
            back += opened.fee if opened is not None else ZERO if found.online else fee
        desk.note(s, "withdrawal.settled", f"part:{part_id}", withdrawal=found.declaration.id, cents=back.cents)
        _tell(s, found, part, pieces, back, note)
        return back


def _claim(s: Session, match: WithdrawalMatch) -> None:
    first = s.scalar(
        sa.update(WithdrawalMatch)
        .where(
            WithdrawalMatch.withdrawal_id == match.withdrawal_id,
            WithdrawalMatch.part_id == match.part_id,
            WithdrawalMatch.settled_at.is_(None),
        )
        .values(settled_at=clock.now())
        .returning(WithdrawalMatch.part_id)
        .execution_options(synchronize_session=False)
    )
    if first is None:
        raise AlreadySettled


def _withdraw(s: Session, part_id: int, line_id: int, number: int) -> None:
    """Guarded: two declarations about the same goods never withdraw more than there is."""
    if not number:
        return
    line = sa.select(OrderLine).where(OrderLine.id == line_id, OrderLine.part_id == part_id)
    taken = s.scalar(
        sa.update(OrderLine)
        .where(
            OrderLine.id == line_id,
            OrderLine.part_id == part_id,
            OrderLine.withdrawn + number <= OrderLine.quantity - OrderLine.missing,
        )
        .values(withdrawn=OrderLine.withdrawn + number)
        .returning(OrderLine.id)
        .execution_options(synchronize_session=False)
    )
    if taken is None:
        now = s.scalars(line.execution_options(populate_existing=True)).one()
        left = now.quantity - now.missing - now.withdrawn
        raise TooManyWithdrawn(field=f"stueck-{line_id}", product=now.name, left=left)


def _falling_fee(s: Session, part: MerchantOrder) -> Money:
    """The order's delivery fee, when with this part the last delivered piece was withdrawn. The order is locked."""
    if part.fulfilment is not Fulfilment.DELIVERY:
        return ZERO
    kept = s.scalar(
        sa.select(sa.func.count())
        .select_from(OrderLine)
        .join(MerchantOrder, MerchantOrder.id == OrderLine.part_id)
        .where(
            MerchantOrder.order_id == part.order_id,
            MerchantOrder.fulfilment == Fulfilment.DELIVERY,
            MerchantOrder.state.not_in(DEAD),
            OrderLine.withdrawn + OrderLine.missing < OrderLine.quantity,
        )
    )
    return ZERO if kept else part.order.delivery_fee


def _tell(s: Session, found: Case, part: MerchantOrder, pieces: Mapping[int, int], back: Money, note: str) -> None:
    context = {
        "part": part,
        "reference": found.declaration.reference,
        "received_at": found.declaration.received_at,
        "goods": [(pieces[row.line.id], row.name) for row in found.lines if pieces.get(row.line.id)],
        "back": back,
        "online": found.online,
        "note": note.strip(),
    }
    key = f"withdrawal/{found.declaration.id}/{part.id}/settled"
    notices.notify(s, part.order, "withdrawal_settled", key=key, context=context)
