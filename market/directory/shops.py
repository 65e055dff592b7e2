"""Queries for the directory and the shop page: plain values, few statements however many shops there are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import sqlalchemy as sa
from rapidfuzz import fuzz
from sqlalchemy.orm import Session, joinedload

from market.core import clock
from market.core.config import Region
from market.core.errors import NotFound
from market.core.i18n import N_
from market.directory.gazetteer import normalise
from market.directory.hours import ShopCalendar, load_calendar, load_calendars
from market.directory.models import Merchant, MerchantStatus, Shop
from market.directory.opening_text import (
    DayRow,
    Freshness,
    OpenNow,
    SpecialDays,
    freshness,
    json_ld_hours,
    open_now,
    special_days,
    week,
)

Sort = Literal["name", "open"]
PAGE_SIZE = 48
SIMILAR = 82.0
EXACT_PIN_M = 100
_SLUG = re.compile(r"[a-z0-9-]{1,60}")
_WORDS = re.compile(r"\w+")


class ShopUnknown(NotFound):
    """No such shop, or it is no longer in the directory."""

    message = N_("Diesen Laden gibt es bei uns nicht (mehr).")


@dataclass(frozen=True, slots=True)
class ShopCard:
    """A shop as the directory shows it."""

    id: int
    merchant_id: int | None
    name: str
    url: str
    tagline: str
    address: str
    kind: str
    open: bool
    open_text: str
    sells: bool
    checked: Freshness
    checked_on: date | None


@dataclass(frozen=True, slots=True)
class Directory:
    """One page of the directory. `lines` are the lines of business there are, with their number of shops."""

    cards: list[ShopCard]
    found: int
    total: int
    page: int
    pages: int
    lines: list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class ShopPage:
    """Everything the shop page knows from this room. `shop` and `merchant` are detached rows."""

    shop: Shop
    merchant: Merchant | None
    calendar: ShopCalendar
    now: OpenNow
    week: list[DayRow]
    special: list[SpecialDays]
    checked: Freshness
    others: list[tuple[str, str, str]]

    @property
    def sells(self) -> bool:
        """Whether the market takes orders for it."""
        return self.merchant is not None and self.merchant.status is MerchantStatus.ACTIVE


def find_shops(
    s: Session,
    region: Region,
    *,
    text: str = "",
    line: str = "",
    only_open: bool = False,
    sort: Sort = "name",
    page: int = 1,
    selling: Iterable[int] | None = None,
    carrying: Collection[int] = (),
) -> Directory:
    """The shops somebody looks for. `selling`: ids of the merchants with goods to show (default: active ones);
    `carrying`: of those who have what the text names."""
    now = clock.now()
    shops = _listed(s)
    calendars = load_calendars(s, [shop.id for shop in shops], region)
    sellers = None if selling is None else frozenset(selling)
    lines = Counter(shop.line_of_business for shop in shops if shop.line_of_business)
    found = [
        shop
        for shop in shops
        if (not line or shop.line_of_business == line) and (matches(shop, text) or shop.merchant_id in carrying)
    ]
    cards = [_card(shop, calendars[shop.id], now, sellers) for shop in found]
    cards = [card for card in cards if card.open or not only_open]
    cards.sort(key=lambda card: (sort == "open" and not card.open, normalise(card.name), card.id))
    pages = max(1, -(-len(cards) // PAGE_SIZE))
    page = min(max(1, page), pages)
    return Directory(
        cards=cards[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
        found=len(cards),
        total=len(shops),
        page=page,
        pages=pages,
        lines=sorted(lines.items(), key=lambda item: normalise(item[0])),
    )


def _listed(s: Session) -> list[Shop]:
    """Every shop of the directory with its merchant, in one query."""
    query = sa.select(Shop).where(Shop.active).options(joinedload(Shop.merchant)).order_by(Shop.id)
    return list(s.scalars(query))


def matches(shop: Shop, text: str) -> bool:
    """Whether every word of the text is in the shop's words, spelled with ae or ä, with a slip of the finger or not."""
    wanted = _words(text)
    if not wanted:
        return True
    merchant = shop.merchant.name if shop.merchant else ""
    told = (shop.name, merchant, shop.line_of_business, shop.tagline, shop.about, shop.street, shop.city, shop.district)
    own = _words(" ".join(told))
    return all(any(_alike(word, known) for known in own) for word in wanted)


def _words(text: str) -> set[str]:
    """Folded so that Bäcker, Baecker and Backer are one word, and Frisör and Friseur."""
    return {_folded(normalise(word)) for word in _WORDS.findall(text)}


def _folded(word: str) -> str:
    return word.replace("eur", "or").replace("ae", "a").replace("oe", "o").replace("ue", "u")


def _alike(word: str, known: str) -> bool:
    if word in known:
        return True
    return len(word) >= 4 and len(known) >= 4 and fuzz.ratio(word, known[: len(word) + 1], score_cutoff=SIMILAR) > 0


def _card(shop: Shop, calendar: ShopCalendar, now: datetime, sellers: frozenset[int] | None) -> ShopCard:
    checked = freshness(shop.checked_on, clock.business_date(now))
    state = open_now(calendar, now, checked)
    active = shop.merchant is not None and shop.merchant.status is MerchantStatus.ACTIVE
    return ShopCard(
        id=shop.id,
        merchant_id=shop.merchant_id,
        name=shop.name,
        url=f"/laden/{shop.slug}",
        tagline=shop.tagline,
        address=shop.address,
        kind=shop.line_of_business,
        open=state.open,
        open_text=state.text,
        sells=active and (sellers is None or shop.merchant_id in sellers),
        checked=checked,
        checked_on=shop.checked_on,
    )


def by_slug(s: Session, slug: str) -> Shop:
    """The shop of the directory with its merchant. Raises ShopUnknown."""
    return with_neighbours(s, slug)[0]


def with_neighbours(s: Session, slug: str) -> tuple[Shop, list[Shop]]:
    """The shop with its merchant, and the merchant's other shops: one query. Raises ShopUnknown."""
    if not _SLUG.fullmatch(slug):
        raise ShopUnknown
    owner = sa.select(Shop.merchant_id).where(Shop.slug == slug).scalar_subquery()
    query = (
        sa.select(Shop)
        .where(sa.or_(Shop.slug == slug, Shop.merchant_id == owner), Shop.active)
        .options(joinedload(Shop.merchant))
        .order_by(Shop.position, Shop.id)
    )
    rows = list(s.scalars(query))
    shop = next((row for row in rows if row.slug == slug), None)
    if shop is None:
        raise ShopUnknown
    return shop, [row for row in rows if row is not shop]


def shop_page(s: Session, slug: str, region: Region) -> ShopPage:
    """What the shop page shows of this room: three queries. Raises ShopUnknown."""
    shop, others = with_neighbours(s, slug)
    calendar = load_calendar(s, shop.id, region)
    now, today = clock.now(), clock.today()
    checked = freshness(shop.checked_on, today)
    return ShopPage(
        shop=shop,
        merchant=shop.merchant,
        calendar=calendar,
        now=open_now(calendar, now, checked),
        week=week(calendar, today),
        special=special_days(calendar, today),
        checked=checked,
        others=[(other.name, f"/laden/{other.slug}", other.address) for other in others],
    )


def json_ld(page: ShopPage, public_url: str) -> Mapping[str, Any]:
    """schema.org LocalBusiness with the hours of the one calendar; only facts the page shows."""
    shop = page.shop
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "LocalBusiness",
        "@id": f"{public_url}/laden/{shop.slug}",
        "url": f"{public_url}/laden/{shop.slug}",
        "name": shop.name,
        "description": shop.tagline or shop.about,
        "telephone": shop.phone,
        "email": shop.email,
        "sameAs": shop.website,
        "address": {
            "@type": "PostalAddress",
            "streetAddress": shop.door,
            "postalCode": shop.zip,
            "addressLocality": shop.city,
            "addressCountry": "DE",
        },
        "amenityFeature": [
            {"@type": "LocationFeatureSpecification", "name": fact, "value": True} for fact in shop.accessibility
        ],
    }
    if shop.lat is not None and shop.lon is not None and (shop.accuracy_m or 0) <= EXACT_PIN_M:
        data["geo"] = {"@type": "GeoCoordinates", "latitude": shop.lat, "longitude": shop.lon}
    if page.checked != "unknown":
        data |= json_ld_hours(page.calendar, clock.today())
    return {key: value for key, value in data.items() if value}
