"""Money: payments, refunds, transfers, the ledger, invoices, and the webhook inbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.core.db import Base, LabelEnum, enum_type
from market.core.i18n import N_
from market.core.money import Money
from market.orders.models import MerchantOrder, Order


class PaymentState(LabelEnum):
    """Moves forward only."""

    OPEN = ("open", N_("offen"))
    PROCESSING = ("processing", N_("in Bearbeitung"))
    PAID = ("paid", N_("bezahlt"))
    FAILED = ("failed", N_("fehlgeschlagen"))
    EXPIRED = ("expired", N_("abgelaufen"))


class Payment(Base):
    """One attempt to pay an order online: one hosted page at the gateway."""

    __tablename__ = "payment"
    __table_args__ = (
        sa.UniqueConstraint("order_id", "attempt"),
        sa.CheckConstraint("amount > 0", name="amount_positive"),
        sa.CheckConstraint("refunded >= 0 AND refunded <= amount", name="not_over_refunded"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("order.id"))
    attempt: Mapped[int]
    amount: Mapped[Money]
    state: Mapped[PaymentState] = mapped_column(default=PaymentState.OPEN)
    idempotency_key: Mapped[str] = mapped_column(sa.String(80), unique=True)
    reference: Mapped[str | None] = mapped_column(sa.String(120), unique=True)  # the hosted page
    url: Mapped[str] = mapped_column(sa.Text, default="")
    intent: Mapped[str | None] = mapped_column(sa.String(120), index=True)
    charge: Mapped[str | None] = mapped_column(sa.String(120))
    refunded: Mapped[Money] = mapped_column(default=Money(0))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    order: Mapped[Order] = relationship()


class OutgoingState(LabelEnum):
    """A refund or transfer: the row first, then the call."""

    PENDING = ("pending", N_("beauftragt"))
    DONE = ("done", N_("ausgeführt"))
    FAILED = ("failed", N_("fehlgeschlagen"))


class Refund(Base):
    """Money back to the shopper, for one part (or the delivery fee). `key` makes asking twice harmless."""

    __tablename__ = "refund"
    __table_args__ = (sa.CheckConstraint("amount > 0", name="amount_positive"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(80), unique=True)
    payment_id: Mapped[int] = mapped_column(sa.ForeignKey("payment.id"), index=True)
    part_id: Mapped[int | None] = mapped_column(sa.ForeignKey("merchant_order.id"), index=True)
    amount: Mapped[Money]
    goods: Mapped[Money] = mapped_column(default=Money(0))  # of the merchant's part
    fee: Mapped[Money] = mapped_column(default=Money(0))  # of the delivery fee
    reason: Mapped[str] = mapped_column(sa.String(200))
    attempt: Mapped[int] = mapped_column(default=1)  # part of the gateway's key; a refusal is remembered with its key
    state: Mapped[OutgoingState] = mapped_column(default=OutgoingState.PENDING)
    reference: Mapped[str | None] = mapped_column(sa.String(120), unique=True)
    reversal: Mapped[Money] = mapped_column(default=Money(0))  # to be taken back from the merchant's account ...
    commission: Mapped[Money] = mapped_column(default=Money(0))  # ... and from the market's share
    reversal_attempt: Mapped[int] = mapped_column(default=1)
    reversal_state: Mapped[OutgoingState | None] = mapped_column(enum_type(OutgoingState, "reversal_state_known"))
    reversal_reference: Mapped[str | None] = mapped_column(sa.String(120), unique=True)
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    payment: Mapped[Payment] = relationship()


class Transfer(Base):
    """A merchant's share, passed on after the hand-over. We hold no money: the gateway does until then."""

    __tablename__ = "transfer"
    __table_args__ = (sa.CheckConstraint("amount > 0", name="amount_positive"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    part_id: Mapped[int] = mapped_column(sa.ForeignKey("merchant_order.id"), unique=True)
    amount: Mapped[Money]
    commission: Mapped[Money] = mapped_column(default=Money(0))
    attempt: Mapped[int] = mapped_column(default=1)
    state: Mapped[OutgoingState] = mapped_column(default=OutgoingState.PENDING)
    reference: Mapped[str | None] = mapped_column(sa.String(120), unique=True)
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    part: Mapped[MerchantOrder] = relationship()


class LedgerEntry(Base):
    """Append-only (by trigger): `amount` cents > 0 moved from one account to another, so it balances by construction.

    Accounts: shoppers (paid in, given back), gateway (arrived at the payment service and not allotted to anybody yet),
    due:<merchant id> (owed by the gateway to a merchant), delivery (fees for the tour), commission,
    paid:<merchant id> (transferred), operator and fees (what the payment service keeps). docs/money.md walks through
    an order.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        sa.CheckConstraint("amount > 0", name="amount_positive"),
        sa.CheckConstraint("source <> target", name="two_accounts"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(80), unique=True)
    at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    source: Mapped[str] = mapped_column(sa.String(40), index=True)
    target: Mapped[str] = mapped_column(sa.String(40), index=True)
    amount: Mapped[Money]
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("order.id"), index=True)
    part_id: Mapped[int | None] = mapped_column(sa.ForeignKey("merchant_order.id"), index=True)


class Invoice(Base):
    """An immutable document in a merchant's name (law.md E1, E2): its number comes from the merchant's series."""

    __tablename__ = "invoice"
    __table_args__ = (sa.UniqueConstraint("merchant_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    merchant_id: Mapped[int] = mapped_column(sa.ForeignKey("merchant.id"))
    part_id: Mapped[int] = mapped_column(sa.ForeignKey("merchant_order.id"), index=True)
    number: Mapped[str] = mapped_column(sa.String(40))
    kind: Mapped[str] = mapped_column(sa.String(20))  # invoice or correction
    issued_at: Mapped[datetime]
    content: Mapped[dict[str, Any]]
    sha256: Mapped[str] = mapped_column(sa.String(64))


class InvoiceCustomer(Base):
    """Somebody a merchant sells to on its own invoice; known by account or mail."""

    __tablename__ = "invoice_customer"
    __table_args__ = (sa.UniqueConstraint("merchant_id", "email"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    merchant_id: Mapped[int] = mapped_column(sa.ForeignKey("merchant.id"))
    email: Mapped[str] = mapped_column(sa.String(254), index=True)
    added_at: Mapped[datetime]


class WebhookEvent(Base):
    """The inbox: an event is stored once by its id, and handled by a job that asks the gateway what is true now."""

    __tablename__ = "webhook_event"
    id: Mapped[str] = mapped_column(sa.String(120), primary_key=True)
    type: Mapped[str] = mapped_column(sa.String(80))
    reference: Mapped[str] = mapped_column(sa.String(120), index=True)
    received_at: Mapped[datetime] = mapped_column(index=True)
    payload: Mapped[dict[str, Any]]
