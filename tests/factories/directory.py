"""Merchants, shops, their staff, the gazetteer and openings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from market.core import clock
from market.core.config import DEFAULT_REGION, Region, load_region
from market.directory import merchants, openings, staff
from market.directory.geocoding import normalise
from market.directory.models import GazetteerEntry, Merchant, MerchantStatus, Opening, OpeningKind, Shop
from market.people.models import User
from tests.factories.people import make_user

_numbers = count(1)

NINE_TO_SIX: tuple[merchants.HoursRow, ...] = tuple((day, time(9), time(18)) for day in range(5))
"""Monday to Friday, 9 to 18; Saturday and Sunday shut."""


def zeitz() -> Region:
    """The region this market was built for."""
    return load_region(DEFAULT_REGION)


def musterstadt(folder: Path, subdivision: str = "SN") -> Region:
    """Another town in another state, with other postcodes, shop law and no gazetteer."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "region.toml").write_text(
        f"""
name = "Musterstadt"
market_name = "Musterstädter Markt"
tagline = "Alles von hier"
hero_title = "Kaufen, wo man wohnt."
hero_text = "Geschäfte aus Musterstadt."
subdivision = "{subdivision}"
postcodes = ["01234"]
centre = [50.5, 13.5]

[shop_law]
weekday_from = 06:00:00
weekday_until = 22:00:00
saturday_until = 22:00:00

[imprint]
operator = "Marktverein Musterstadt e. V."
street = "Rathausplatz 1"
city = "01234 Musterstadt"
represented_by = "Erika Muster"
email = "markt@musterstadt.example"
phone = "01234 5678"
""",
        encoding="utf-8",
    )
    return load_region(folder)


def make_merchant(s: Session, *, staff_user: User | None = None, **fields: Any) -> Merchant:
    """An active, verified, invented merchant; `staff_user` works for it as its owner."""
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "name": f"Hofladen Sonnenhut {number}",
        "legal_name": f"Sonnenhut {number} Inh. Berta Beispiel e. K.",
        "represented_by": "Berta Beispiel",
        "street": "Wendische Straße 3",
        "zip": "06712",
        "city": "Zeitz",
        "phone": "03441 00000",
        "email": f"laden{number}@sonnenhut.example",
        "vat_id": "DE000000000",
        "status": MerchantStatus.ACTIVE,
        "verified_at": clock.now(),
        "payout_account": f"acct_test{number}",
        "payout_ready": True,
    }
    merchant = merchants.create_merchant(s, **defaults | fields)
    if staff_user is not None:
        staff.join(s, staff_user.id, merchant.id, owner=True)
    return merchant


def make_staff(s: Session, merchant: Merchant, *, name: str = "Berta Beispiel") -> User:
    """Somebody who works for the merchant."""
    user = make_user(s, name=name)
    staff.join(s, user.id, merchant.id)
    s.flush()
    return user


def make_shop(
    s: Session,
    merchant: Merchant | None = None,
    *,
    hours: Iterable[merchants.HoursRow] = NINE_TO_SIX,
    **fields: Any,
) -> Shop:
    """An active shop with hours (Monday to Friday 9-18 unless told otherwise) and a pin."""
    defaults: dict[str, Any] = {
        "name": merchant.name if merchant else f"Laden {next(_numbers)}",
        "street": "Wendische Straße",
        "house_number": "3",
        "zip": "06712",
        "city": "Zeitz",
        "lat": 51.049,
        "lon": 12.1352,
        "line_of_business": "Hofladen",
        "phone": "03441 00000",
        "entrance": "Blaue Tür links",
        "bell": "Sonnenhut",
    }
    shop = merchants.create_shop(s, merchant.id if merchant else None, **defaults | fields)
    merchants.set_hours(s, shop.id, hours)
    s.flush()
    return shop


def make_place(s: Session, name: str, *, kind: str = "street", **fields: Any) -> GazetteerEntry:
    """A row of the gazetteer."""
    defaults: dict[str, Any] = {
        "municipality": "Zeitz",
        "lat": 51.05,
        "lon": 12.13,
        "accuracy_m": 400,
        "source": "test",
        "licence": "CC0",
    }
    entry = GazetteerEntry(kind=kind, name=name, key=normalise(name), **defaults | fields)
    s.add(entry)
    s.flush()
    return entry


def close_on(s: Session, shop: Shop, first: date, last: date | None = None, note: str = "") -> None:
    """The shop is shut on these days."""
    merchants.add_exception(s, shop.id, first, last, note=note)


def make_opening(
    s: Session,
    *,
    title: str = "Kaffeerösterei am Neumarkt",
    kind: OpeningKind = OpeningKind.OPENED,
    starts_on: date | None = None,
    ends_on: date | None = None,
    text: str = "Hier wird geröstet, gemahlen und ausgeschenkt.",
    address: str = "Neumarkt 3, 06712 Zeitz",
    shop: Shop | None = None,
    merchant: Merchant | None = None,
    by: User | None = None,
    published: bool = True,
) -> Opening:
    """An entry of the openings: published by default, else a proposal that waits."""
    data = openings.OpeningData(
        kind=kind,
        title=title,
        text=text,
        starts_on=starts_on or clock.today() - timedelta(days=7),
        ends_on=ends_on,
        address=address,
        shop_id=shop.id if shop else None,
    )
    return openings.add(
        s,
        data,
        by=by.id if by else None,
        host="localhost",
        merchant_id=merchant.id if merchant else None,
        publish_now=published,
    )
