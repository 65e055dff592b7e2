"""What checkout hands to placing: one click on "zahlungspflichtig bestellen" as plain frozen values.

All money is gross cents, instants are aware UTC, days are local days.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from market.catalogue.models import Temperature, Variant, WithdrawalClass
from market.core.money import ZERO, Money, total
from market.orders.models import Channel, Fulfilment, Mode, PaymentMethod, Source, Substitution


@dataclass(frozen=True, slots=True)
class Contact:
    """The payer, and how to reach them. `channel` MAIL needs `email`, PHONE `phone`, LETTER the address."""

    name: str
    email: str = ""
    phone: str = ""
    street: str = ""  # with house number
    zip: str = ""
    city: str = ""
    channel: Channel = Channel.MAIL


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets the delivery and where: the ONE address of all delivery parts."""

    name: str
    street: str  # with house number
    zip: str
    city: str
    care_of: str = ""
    house: str = ""  # care home, company, "Haus B"
    ward: str = ""  # ward, room, floor
    bell: str = ""
    phone: str = ""
    note: str = ""  # "Lieferhinweis"
    card_text: str = ""
    drop_off: str = ""  # place where the goods may be left; refused with an age mark
    lat: float | None = None  # None: the gazetteer does not know the address; that never blocks
    lon: float | None = None
    accuracy_m: int | None = None
    matched: str = ""  # what the gazetteer took the address for
    point: str = ""  # name of the pick-up point whose address this is; empty: a door


@dataclass(frozen=True, slots=True)
class PlacedWindow:
    """The chosen delivery window, frozen as shown. Booking it is checkout's next step (delivery.windows.book)."""

    day: date
    starts: time
    ends: time
    cutoff_at: datetime


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A frozen line. `line_of` fills it from a variant; a phone order may fill it by hand."""

    variant_id: int
    quantity: int
    promised_on: date  # the day the goods are promised for (quota and stock are taken for it)
    name: str
    price: Money  # one piece, gross, without deposit
    vat_bp: int  # basis points; 0 for a small business
    withdrawal_class: WithdrawalClass
    variant_name: str = ""
    product_code: str = ""
    deposit: Money = ZERO  # one piece
    base_price: str = ""  # "13,80 €/kg"
    temperature: Temperature = Temperature.AMBIENT
    min_age: int = 0
    weight_g: int = 0
    volume_ml: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)  # allergens, food, safety, deviation, deposit kind ...
    deviation_agreed_at: datetime | None = None  # law.md A9
    substitution: Substitution = Substitution.LEAVE_OUT


@dataclass(frozen=True, slots=True)
class PlacedPart:
    """One contract with one merchant at one shop: collected there on `day`, or delivered from there on `day`."""

    merchant_id: int
    shop_id: int
    fulfilment: Fulfilment
    day: date  # the pick-up day, or the window's day
    lines: Sequence[PlacedLine]
    answer_within_h: int = 4  # Merchant.answer_within_h, in opening hours
    mode: Mode = Mode.PURCHASE


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """Everything one click on "zahlungspflichtig bestellen" says."""

    form_token: str
    contact: Contact
    payment_method: PaymentMethod
    parts: Sequence[PlacedPart]
    recipient: Recipient | None = None  # with delivery parts only, then together with `window`
    window: PlacedWindow | None = None
    delivery_fee: Money = ZERO  # once per order, whatever the number of delivery parts
    user_id: int | None = None  # None for guests
    age_declared: int = 0  # 0, 16 or 18
    source: Source = Source.WEB

    @property
    def shop_ids(self) -> list[int]:
        """Shops of all parts: their calendars are needed."""
        return sorted({part.shop_id for part in self.parts})

    @property
    def merchant_ids(self) -> list[int]:
        """Merchants of all parts: their legal texts are frozen."""
        return sorted({part.merchant_id for part in self.parts})

    @property
    def reserved(self) -> bool:
        """Whether it only keeps goods back."""
        return any(part.mode is Mode.RESERVATION for part in self.parts)

    @property
    def goods(self) -> Money:
        """All goods, without deposit."""
        return total(line.price * line.quantity for part in self.parts for line in part.lines)

    @property
    def deposit(self) -> Money:
        """All deposits."""
        return total(line.deposit * line.quantity for part in self.parts for line in part.lines)

    @property
    def total(self) -> Money:
        """What the shopper pays."""
        return self.goods + self.deposit + self.delivery_fee

    @property
    def min_age(self) -> int:
        """The highest age mark of all lines."""
        return max((line.min_age for part in self.parts for line in part.lines), default=0)


def line_of(
    variant: Variant,
    *,
    quantity: int,
    promised_on: date,
    vat_bp: int,
    base_price: str = "",
    substitution: Substitution = Substitution.LEAVE_OUT,
    deviation_agreed_at: datetime | None = None,
) -> PlacedLine:
    """The frozen line of a variant at its price now. `vat_bp` from catalogue.tax, `base_price` the text."""
    product = variant.product
    facts = {
        "allergens": product.allergens,
        "food": product.food,
        "safety": product.safety,
        "deviation": product.deviation,
        "condition": product.condition.value,
        "origin": product.origin,
        "fibres": product.fibres,
        "deposit_kind": product.deposit_kind.value if product.deposit_kind else None,
        "content": variant.content,
        "unit": variant.unit.value,
    }
    return PlacedLine(
        variant_id=variant.id,
        quantity=quantity,
        promised_on=promised_on,
        name=product.name,
        variant_name=variant.name,
        product_code=product.code,
        price=variant.price,
        deposit=variant.deposit,
        base_price=base_price,
        vat_bp=vat_bp,
        withdrawal_class=product.withdrawal_class,
        temperature=product.temperature,
        min_age=product.min_age,
        weight_g=variant.weight_g,
        volume_ml=variant.volume_ml,
        facts={name: value for name, value in facts.items() if value not in (None, "")},
        deviation_agreed_at=deviation_agreed_at,
        substitution=substitution,
    )
