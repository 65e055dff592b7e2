"""What a shopper chose and typed at /kasse, as plain values: kept in the cart's draft until the order is placed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from typing import Any

from delivery.models import IfThin
from market.orders.drafts import Contact, Recipient
from market.orders.models import Channel, Fulfilment, PaymentMethod, Substitution

DELIVER, FETCH = "delivery", "point"
"""Brought to the door; brought to a pick-up point, where the shopper fetches it."""


@dataclass(frozen=True, slots=True)
class Point:
    """What the gazetteer made of the address; `status` exact, fuzzy, area or none. It never blocks."""

    lat: float | None = None
    lon: float | None = None
    accuracy_m: int | None = None
    matched: str = ""
    status: str = "none"


@dataclass(frozen=True, slots=True)
class Choices:
    """The whole form, by its field names; `how` and `days` go by block, `missing` and `agreed` by line."""

    name: str = ""
    email: str = ""
    phone: str = ""
    channel: str = Channel.MAIL.value
    street: str = ""
    zip: str = ""
    city: str = ""
    note: str = ""
    recipient: str = ""  # empty: the payer
    care_of: str = ""
    house: str = ""
    ward: str = ""
    bell: str = ""
    recipient_phone: str = ""
    card_text: str = ""
    drop_off: str = ""
    bill_street: str = ""  # the payer's own address, when the goods go elsewhere
    bill_zip: str = ""
    bill_city: str = ""
    pickup_point: int | None = None  # with at least one block whose way is FETCH
    window: int | None = None
    if_thin: str = IfThin.MOVE.value
    payment: str = PaymentMethod.ONLINE.value
    age: bool = False
    how: Mapping[str, str] = field(default_factory=dict)  # block key -> "pickup-<shop id>", DELIVER or FETCH
    days: Mapping[str, str] = field(default_factory=dict)  # "<block key>-<shop id>" -> ISO day
    missing: Mapping[str, str] = field(default_factory=dict)  # variant id -> Substitution
    agreed: Mapping[str, str] = field(default_factory=dict)  # variant id -> the deviation's text as shown
    point: Point = field(default_factory=Point)

    def to_json(self) -> dict[str, Any]:
        """For the cart's draft."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Choices:
        """From the cart's draft; what an older version of the market wrote and nobody knows any more is left out."""
        known = {one.name for one in fields(cls)}
        values = {name: value for name, value in data.items() if name in known}
        return cls(**values | {"point": Point(**values.get("point", {}))})

    def digest(self) -> str:
        """A short name of exactly these choices: the review page sends it back, so nothing else can be ordered."""
        return hashlib.sha256(json.dumps(self.to_json(), sort_keys=True).encode()).hexdigest()[:32]

    def fulfilment(self, block_key: str) -> Fulfilment | None:
        """How a block reaches the shopper; None when nothing was chosen."""
        how = self.how.get(block_key, "")
        if how in (DELIVER, FETCH):
            return Fulfilment.DELIVERY
        return Fulfilment.PICKUP if self.pickup_shop(block_key) is not None else None

    def fetched(self, block_key: str) -> bool:
        """Whether a block is brought to a pick-up point."""
        return self.how.get(block_key) == FETCH

    def pickup_shop(self, block_key: str) -> int | None:
        """The shop where a block is collected."""
        kind, _, shop_id = self.how.get(block_key, "").partition("-")
        whole = shop_id.isascii() and shop_id.isdigit() and len(shop_id) < 11
        return int(shop_id) if kind == "pickup" and whole else None

    def pickup_day(self, block_key: str, shop_id: int) -> date | None:
        """The day a block is collected there."""
        try:
            return date.fromisoformat(self.days.get(f"{block_key}-{shop_id}", ""))
        except ValueError:
            return None

    def substitution(self, variant_id: int) -> Substitution:
        """What to do when the line is missing."""
        try:
            return Substitution.of(self.missing.get(str(variant_id), ""))
        except ValueError:
            return Substitution.LEAVE_OUT

    @property
    def thin(self) -> IfThin:
        """What to do when too few orders come together for the window."""
        try:
            return IfThin.of(self.if_thin)
        except ValueError:
            return IfThin.MOVE

    @property
    def method(self) -> PaymentMethod:
        """How it is paid."""
        return PaymentMethod.of(self.payment)

    @property
    def for_somebody_else(self) -> bool:
        """Whether payer and recipient differ."""
        return bool(self.recipient and self.recipient != self.name)

    def contact(self) -> Contact:
        """The payer."""
        own = bool(self.bill_street)
        return Contact(
            name=self.name,
            email=self.email,
            phone=self.phone,
            street=self.bill_street if own else self.street,
            zip=self.bill_zip if own else self.zip,
            city=self.bill_city if own else self.city,
            channel=Channel.of(self.channel),
        )

    def to_recipient(self) -> Recipient:
        """Who gets the delivery."""
        return Recipient(
            name=self.recipient or self.name,
            street=self.street,
            zip=self.zip,
            city=self.city,
            care_of=self.care_of,
            house=self.house,
            ward=self.ward,
            bell=self.bell,
            phone=self.recipient_phone or self.phone,
            note=self.note,
            card_text=self.card_text,
            drop_off=self.drop_off,
            lat=self.point.lat,
            lon=self.point.lon,
            accuracy_m=self.point.accuracy_m,
            matched=self.point.matched,
        )
