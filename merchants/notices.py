"""What a merchant should see to, as short sentences above the inbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.catalogue.models import Availability, Product, ProductStatus, Stock, Variant
from market.catalogue.promise import CONFIRMED_FOR
from market.core import clock
from market.core.i18n import N_, gettext
from market.directory.models import OpeningHours, Shop

CHECK_AFTER = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence with the page where it is seen to (an endpoint of the office and its values)."""

    text: str
    endpoint: str
    values: tuple[tuple[str, int | str], ...] = ()


def office_notes(s: Session, merchant_id: int, shops: Sequence[Shop]) -> list[Note]:
    """Decayed stock, shops without hours or checked long ago. One query."""
    notes = []
    decayed = (
        sa.select(sa.func.count(Stock.id))
        .join(Variant, Variant.id == Stock.variant_id)
        .join(Product, Product.id == Variant.product_id)
        .where(
            Product.merchant_id == merchant_id,
            Product.status == ProductStatus.PUBLISHED,
            Product.availability == Availability.STATES,
            Stock.confirmed_at <= clock.now() - CONFIRMED_FOR,
        )
        .scalar_subquery()
    )
    has_hours = sa.exists().where(OpeningHours.shop_id == Shop.id)
    facts = s.execute(sa.select(Shop.id, has_hours, decayed).where(Shop.merchant_id == merchant_id)).all()
    with_hours = {shop_id for shop_id, hours, _ in facts if hours}
    if facts and (stale := int(facts[0][2])):
        one = N_("Ein Bestand ist älter als 14 Tage und gilt nur noch als „auf Anfrage“.")
        many = N_("{count} Bestände sind älter als 14 Tage und gelten nur noch als „auf Anfrage“.")
        text = one if stale == 1 else many
        notes.append(Note(gettext(text).format(count=stale), "office.stock_table", (("nur", "alt"),)))
    for shop in shops:
        if not shop.active:
            continue
        values = (("shop_id", shop.id),)
        if shop.id not in with_hours:
            text = N_("{shop}: Es sind keine Öffnungszeiten eingetragen, deshalb kann niemand etwas abholen.")
            notes.append(Note(gettext(text).format(shop=shop.name), "office.shop_hours", values))
        elif shop.checked_on is None or shop.checked_on < clock.today() - CHECK_AFTER:
            text = N_("{shop}: Bitte prüfen Sie, ob die Öffnungszeiten noch stimmen.")
            notes.append(Note(gettext(text).format(shop=shop.name), "office.shop_hours", values))
    return notes
