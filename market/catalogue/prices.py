"""Base prices (§§ 4, 5 PAngV): what 1 kg, 1 l or 1 m costs, beside the price of the pack."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.catalogue.models import PricePoint, Unit, Variant
from market.core.i18n import N_, gettext
from market.core.money import Money

LOW_DAYS = 30
"""§ 11 PAngV: the lowest price of this many days is the one a reduction may be measured against."""

BASE: dict[Unit, tuple[int, str]] = {
    Unit.GRAM: (1000, "kg"),
    Unit.MILLILITRE: (1000, "l"),
    Unit.MILLIMETRE: (1000, "m"),
}
TOO_SMALL = 10
"""Below 10 g or 10 ml no base price is owed (§ 4 III Nr. 1 PAngV)."""


@dataclass(frozen=True, slots=True)
class BasePrice:
    """The gross price of one base unit, without deposit."""

    price: Money
    unit: str

    @property
    def text(self) -> str:
        """13,80 €/kg"""
        return f"{self.price}/{self.unit}"


def base_price_of(price: Money, content: int, unit: Unit) -> BasePrice | None:
    """The base price of `content` units for `price`; None where none is owed or it equals the price."""
    if unit not in BASE or (unit is not Unit.MILLIMETRE and content < TOO_SMALL):
        return None
    base, name = BASE[unit]
    cents = (Decimal(price.cents) * base / content).quantize(Decimal(1), ROUND_HALF_UP)
    return BasePrice(Money(int(cents)), name)


def base_price(variant: Variant) -> BasePrice | None:
    """The base price of a variant; None where none is owed."""
    return base_price_of(variant.price, variant.content, variant.unit)


def _decimal(value: int, unit: str) -> str:
    text = f"{Decimal(value) / 1000:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text.replace('.', ',')}\N{NO-BREAK SPACE}{unit}"


@lru_cache(4096)
def content_text(content: int, unit: Unit) -> str:
    """500 g, 0,75 l, 1,2 kg, 2,5 m; 6 Stück; nothing for a single piece."""
    if unit is Unit.PIECE:
        return (
            gettext(N_("{count} Stück")).format(count=content).replace(" ", "\N{NO-BREAK SPACE}") if content > 1 else ""
        )
    if unit is Unit.MILLIMETRE:
        return (
            _decimal(content, "m")
            if content >= 1000
            else f"{Decimal(content) / 10:g}\N{NO-BREAK SPACE}cm".replace(".", ",")
        )
    if content >= 1000 or (unit is Unit.MILLILITRE and content >= 250):
        return _decimal(content, BASE[unit][1])
    return f"{content}\N{NO-BREAK SPACE}{unit.value}"


def lowest_before(s: Session, variant_id: int, starts_at: datetime) -> Money | None:
    """The lowest price asked in the 30 days before `starts_at`, from the append-only history (§ 11 PAngV)."""
    since = starts_at - timedelta(days=LOW_DAYS)
    at_start = (
        sa.select(PricePoint.price)
        .where(PricePoint.variant_id == variant_id, PricePoint.valid_from <= since)
        .order_by(PricePoint.valid_from.desc(), PricePoint.id.desc())
        .limit(1)
    )
    within = sa.select(PricePoint.price).where(
        PricePoint.variant_id == variant_id, PricePoint.valid_from > since, PricePoint.valid_from < starts_at
    )
    asked = [*s.scalars(at_start), *s.scalars(within)]
    return min(asked, default=None)
