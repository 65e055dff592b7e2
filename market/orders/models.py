"""Cart, order, parts (one contract with one merchant each), frozen lines, and everything that happens to them."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.catalogue.models import Temperature, Variant, WithdrawalClass
from market.core.db import Base, LabelEnum, enum_type
from market.core.i18n import N_
from market.core.money import Money
from market.directory.models import Merchant, Shop

ZERO = Money(0)


class Cart(Base):
    """A cart over many merchants: a guest's (found by the session's token) or a user's."""

    __tablename__ = "cart"
    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(sa.String(64), unique=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id", ondelete="CASCADE"), unique=True)
    created_at: Mapped[datetime]
    touched_at: Mapped[datetime] = mapped_column(index=True)
    draft: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what was typed at /kasse; gone with the order
    undo: Mapped[dict[str, Any]] = mapped_column(default=dict)  # the line removed last
    lines: Mapped[list[CartLine]] = relationship(cascade="all, delete-orphan", order_by="CartLine.id")


class Substitution(LabelEnum):
    """What the shopper wants when a line is missing."""

    LEAVE_OUT = ("leave_out", N_("weglassen"))
    CALL = ("call", N_("bitte anrufen"))
    REPLACE = ("replace", N_("ersetzen, höchstens zum selben Preis"))


class CartLine(Base):
    """A wish; prices are read when shown and frozen when ordered."""

    __tablename__ = "cart_line"
    __table_args__ = (
        sa.UniqueConstraint("cart_id", "variant_id"),
        sa.CheckConstraint("quantity BETWEEN 1 AND 999", name="quantity_sane"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    cart_id: Mapped[int] = mapped_column(sa.ForeignKey("cart.id", ondelete="CASCADE"))
    variant_id: Mapped[int] = mapped_column(sa.ForeignKey("variant.id", ondelete="CASCADE"), index=True)
    quantity: Mapped[int]
    substitution: Mapped[Substitution] = mapped_column(default=Substitution.LEAVE_OUT)
    added_at: Mapped[datetime]
    variant: Mapped[Variant] = relationship()


class PaymentMethod(LabelEnum):
    """How an order is paid. Only ONLINE creates payments, ledger entries and invoices (law.md E5)."""

    ONLINE = ("online", N_("online bezahlt"))
    IN_SHOP = ("in_shop", N_("Zahlung im Laden"))
    INVOICE = ("invoice", N_("Rechnung des Händlers"))


class Channel(LabelEnum):
    """How the shopper hears from us: a mail, or a row on the call list for phone and letter."""

    MAIL = ("mail", N_("E-Mail"))
    PHONE = ("phone", N_("Telefon"))
    LETTER = ("letter", N_("Brief"))


class Source(LabelEnum):
    """Where an order came in."""

    WEB = ("web", N_("Internet"))
    PHONE = ("phone", N_("Telefon"))
    COUNTER = ("counter", N_("Ladentheke"))
    PAPER = ("paper", N_("Papier"))


class Order(Base):
    """What the shopper placed with one click: one payment, one or more parts. Its state is derived from the parts."""

    __tablename__ = "order"
    __table_args__ = (
        sa.CheckConstraint("total = goods + deposit + delivery_fee", name="total_adds_up"),
        sa.Index("ix_order_holds", "hold_until", "confirmed_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(12), unique=True)  # for humans; opens nothing
    key: Mapped[str] = mapped_column(sa.String(64), unique=True)  # 192 random bits; opens /bestellung/<key>
    form_token: Mapped[str] = mapped_column(sa.String(64), unique=True)  # a double click places one order
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"), index=True)
    source: Mapped[Source] = mapped_column(default=Source.WEB)
    placed_at: Mapped[datetime] = mapped_column(index=True)
    confirmed_at: Mapped[datetime | None]  # paid, or needs no payment: from here the merchants see it
    hold_until: Mapped[datetime | None]  # unpaid online orders give everything back after this
    closed_at: Mapped[datetime | None]
    payment_method: Mapped[PaymentMethod]
    channel: Mapped[Channel] = mapped_column(default=Channel.MAIL)
    name: Mapped[str] = mapped_column(sa.String(120))
    email: Mapped[str] = mapped_column(sa.String(254), default="", index=True)
    phone: Mapped[str] = mapped_column(sa.String(40), default="")
    street: Mapped[str] = mapped_column(sa.String(120), default="")  # the payer's address (letters, invoice)
    zip: Mapped[str] = mapped_column(sa.String(10), default="")
    city: Mapped[str] = mapped_column(sa.String(80), default="")
    goods: Mapped[Money]
    deposit: Mapped[Money] = mapped_column(default=ZERO)
    delivery_fee: Mapped[Money] = mapped_column(default=ZERO)
    total: Mapped[Money]
    age_declared: Mapped[int] = mapped_column(default=0)  # 16 or 18 when the shopper declared it (law.md F9)
    legal: Mapped[dict[str, Any]] = mapped_column(default=dict)  # texts and hashes valid when placed (A5)
    erased_at: Mapped[datetime | None]
    parts: Mapped[list[MerchantOrder]] = relationship(back_populates="order", order_by="MerchantOrder.id")
    delivery: Mapped[Delivery | None] = relationship(back_populates="order")


class Delivery(Base):
    """The ONE address, recipient and window of everything an order has delivered."""

    __tablename__ = "delivery"
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("order.id"), primary_key=True)
    recipient: Mapped[str] = mapped_column(sa.String(120))
    care_of: Mapped[str] = mapped_column(sa.String(120), default="")
    house: Mapped[str] = mapped_column(sa.String(120), default="")  # care home, company, "Haus B"
    ward: Mapped[str] = mapped_column(sa.String(120), default="")  # ward, room, floor
    bell: Mapped[str] = mapped_column(sa.String(120), default="")
    phone: Mapped[str] = mapped_column(sa.String(40), default="")
    street: Mapped[str] = mapped_column(sa.String(120))
    zip: Mapped[str] = mapped_column(sa.String(10))
    city: Mapped[str] = mapped_column(sa.String(80))
    note: Mapped[str] = mapped_column(sa.String(300), default="")
    card_text: Mapped[str] = mapped_column(sa.String(300), default="")
    drop_off: Mapped[str] = mapped_column(sa.String(160), default="")  # permission and place; never with an age mark
    point: Mapped[str] = mapped_column(sa.String(80), default="")  # name of the pick-up point; empty: the door
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    accuracy_m: Mapped[int | None]
    matched: Mapped[str] = mapped_column(sa.String(160), default="")  # what the gazetteer took the address for
    day: Mapped[date]  # the window, frozen as shown
    starts: Mapped[time]
    ends: Mapped[time]
    order: Mapped[Order] = relationship(back_populates="delivery")


class Fulfilment(LabelEnum):
    """How a part reaches the shopper."""

    PICKUP = ("pickup", N_("Abholung"))
    DELIVERY = ("delivery", N_("Lieferung"))


class Mode(LabelEnum):
    """A purchase is a contract; a reservation binds nobody."""

    PURCHASE = ("purchase", N_("Kauf"))
    RESERVATION = ("reservation", N_("Reservierung"))


class PartState(LabelEnum):
    """The life of a part; the allowed moves stand in orders/lifecycle.py."""

    PLACED = ("placed", N_("eingegangen"))
    ACCEPTED = ("accepted", N_("angenommen"))
    REJECTED = ("rejected", N_("abgelehnt"))
    EXPIRED = ("expired", N_("verfallen"))
    CANCELLED = ("cancelled", N_("storniert"))
    READY = ("ready", N_("bereit"))
    WITH_COURIER = ("with_courier", N_("beim Kurier"))
    AT_POINT = ("at_point", N_("am Abholpunkt"))
    HANDED_OVER = ("handed_over", N_("übergeben"))
    CLOSED = ("closed", N_("abgeschlossen"))


class MerchantOrder(Base):
    """One part: one contract with one merchant, with its own state, documents and withdrawal."""

    __tablename__ = "merchant_order"
    __table_args__ = (
        sa.UniqueConstraint("order_id", "merchant_id", "shop_id"),
        sa.UniqueConstraint("day", "short_number"),
        sa.CheckConstraint("total = goods + deposit", name="total_adds_up"),
        sa.CheckConstraint("refunded <= total + delivery_share", name="not_over_refunded"),
        # A reservation is looked at in the shop, and always ends.
        sa.CheckConstraint(
            "mode <> 'reservation' OR (fulfilment = 'pickup' AND collect_by IS NOT NULL)", name="reservation_ends"
        ),
        sa.Index("ix_merchant_order_inbox", "merchant_id", "state", "due_at"),
        sa.Index("ix_merchant_order_answer", "state", "answer_by"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("order.id"), index=True)
    merchant_id: Mapped[int] = mapped_column(sa.ForeignKey("merchant.id"))
    shop_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.id"), index=True)  # where it is packed or collected
    mode: Mapped[Mode] = mapped_column(default=Mode.PURCHASE)
    fulfilment: Mapped[Fulfilment]
    state: Mapped[PartState] = mapped_column(default=PartState.PLACED)
    day: Mapped[date]  # promised: the pick-up day, or the delivery window's day
    due_at: Mapped[datetime]  # when it must be packed: the inbox sorts by it
    answer_by: Mapped[datetime]  # unanswered after this: expired and refunded
    reminded_at: Mapped[datetime | None]
    collect_by: Mapped[datetime | None]  # pick-up: may be released after this; a reservation ends by itself
    code: Mapped[str] = mapped_column(sa.String(6))  # pick-up code
    code_tries: Mapped[int] = mapped_column(default=0)
    code_locked_until: Mapped[datetime | None]
    short_number: Mapped[int | None]  # "17" on paper bags, unique per day; given at acceptance
    bags: Mapped[int] = mapped_column(default=1)
    goods: Mapped[Money]
    deposit: Mapped[Money] = mapped_column(default=ZERO)
    total: Mapped[Money]
    delivery_share: Mapped[Money] = mapped_column(default=ZERO)  # its share of the order's delivery fee
    refunded: Mapped[Money] = mapped_column(default=ZERO)  # goods, deposit and fee share refunded so far
    min_age: Mapped[int] = mapped_column(default=0)
    age_checked_at: Mapped[datetime | None]
    age_checked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    accepted_at: Mapped[datetime | None]
    ready_at: Mapped[datetime | None]
    handed_over_at: Mapped[datetime | None]
    cancel_requested_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(sa.String(300), default="")  # why rejected, expired or cancelled
    failed_reason: Mapped[str] = mapped_column(sa.String(300), default="")  # the last failed drop
    order: Mapped[Order] = relationship(back_populates="parts")
    merchant: Mapped[Merchant] = relationship()
    shop: Mapped[Shop] = relationship()
    lines: Mapped[list[OrderLine]] = relationship(back_populates="part", order_by="OrderLine.id")
    events: Mapped[list[PartEvent]] = relationship(order_by="PartEvent.id")

    @property
    def reserved(self) -> bool:
        """Only kept back: no contract, nothing to pay, nothing to withdraw from."""
        return self.mode is Mode.RESERVATION


class OrderLine(Base):
    """A frozen snapshot of what was ordered: text, price, VAT, deposit, law flags, promised day, wish when missing."""

    __tablename__ = "order_line"
    __table_args__ = (
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        sa.CheckConstraint("missing >= 0 AND missing <= quantity", name="missing_within_quantity"),
        sa.CheckConstraint("withdrawn >= 0 AND withdrawn <= quantity", name="withdrawn_within_quantity"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    part_id: Mapped[int] = mapped_column(sa.ForeignKey("merchant_order.id"), index=True)
    variant_id: Mapped[int | None] = mapped_column(sa.ForeignKey("variant.id", ondelete="SET NULL"), index=True)
    stock_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stock.id", ondelete="SET NULL"))
    promised_on: Mapped[date]
    quantity: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(120))
    variant_name: Mapped[str] = mapped_column(sa.String(80), default="")
    product_code: Mapped[str] = mapped_column(sa.String(8), default="")
    price: Mapped[Money]  # one piece, gross
    deposit: Mapped[Money] = mapped_column(default=ZERO)  # one piece
    base_price: Mapped[str] = mapped_column(sa.String(40), default="")
    vat_bp: Mapped[int]  # basis points; 0 for a small business
    withdrawal_class: Mapped[WithdrawalClass]
    temperature: Mapped[Temperature] = mapped_column(default=Temperature.AMBIENT)
    min_age: Mapped[int] = mapped_column(default=0)
    weight_g: Mapped[int] = mapped_column(default=0)
    volume_ml: Mapped[int] = mapped_column(default=0)
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)  # allergens, food, safety, deviation, deposit kind
    deviation_agreed_at: Mapped[datetime | None]
    substitution: Mapped[Substitution] = mapped_column(default=Substitution.LEAVE_OUT)
    missing: Mapped[int] = mapped_column(default=0)  # pieces that could not be given; refunded
    withdrawn: Mapped[int] = mapped_column(default=0)
    part: Mapped[MerchantOrder] = relationship(back_populates="lines")


class PartEvent(Base):
    """Append-only: every move of a part, who and when."""

    __tablename__ = "part_event"
    id: Mapped[int] = mapped_column(primary_key=True)
    part_id: Mapped[int] = mapped_column(sa.ForeignKey("merchant_order.id"), index=True)
    before: Mapped[PartState | None] = mapped_column(enum_type(PartState, "before_known"))
    after: Mapped[PartState] = mapped_column(enum_type(PartState, "after_known"))
    at: Mapped[datetime]
    by_user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    by: Mapped[str] = mapped_column(sa.String(20))  # shopper, merchant, courier, caretaker, operator, market
    note: Mapped[str] = mapped_column(sa.String(300), default="")


class Call(Base):
    """A row of the call list: a notice for somebody without mail, to be read out or posted."""

    __tablename__ = "call"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(200), unique=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("order.id"), index=True)
    channel: Mapped[Channel]
    subject: Mapped[str] = mapped_column(sa.String(200))
    text: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(index=True)
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    order: Mapped[Order] = relationship()


class Withdrawal(Base):
    """A declaration of withdrawal as it arrived (§ 356a BGB): append-only, matched to a part afterwards."""

    __tablename__ = "withdrawal"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(sa.String(12), unique=True)
    received_at: Mapped[datetime]
    name: Mapped[str] = mapped_column(sa.String(120))
    email: Mapped[str] = mapped_column(sa.String(254))
    order_text: Mapped[str] = mapped_column(sa.String(120))  # what was typed as order number
    lines_text: Mapped[str] = mapped_column(sa.Text, default="")  # which goods, in the shopper's words or selection
    sha256: Mapped[str] = mapped_column(sa.String(64))


class WithdrawalMatch(Base):
    """Which part a withdrawal belongs to, found after it was received; the merchant's work list."""

    __tablename__ = "withdrawal_match"
    withdrawal_id: Mapped[int] = mapped_column(sa.ForeignKey("withdrawal.id"), primary_key=True)
    part_id: Mapped[int] = mapped_column(sa.ForeignKey("merchant_order.id"), primary_key=True, index=True)
    line_ids: Mapped[dict[str, Any]]
    refund_due_on: Mapped[date]
    settled_at: Mapped[datetime | None]
