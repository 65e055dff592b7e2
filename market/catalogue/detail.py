"""One product with everything its page says, in at most six queries."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, selectinload

from market.catalogue import cards, listing, pictures, prices, promise, tax, wording
from market.catalogue.models import Condition, Picture, Product, ProductStatus, Temperature, Variant
from market.catalogue.promise import Promise, Supply
from market.core import clock, codes, formats
from market.core.errors import NotFound
from market.core.i18n import N_, gettext
from market.directory.hours import ShopCalendar
from market.directory.models import Merchant, MerchantStatus

DAYS_SHOWN = 4
MOST_AT_ONCE = 20


class ProductUnknown(NotFound):
    """No such product, or not for the public."""

    message = N_("Diese Ware gibt es bei uns nicht (mehr).")


@dataclass(frozen=True, slots=True)
class AtShop:
    """What one shop promises of one variant. `days`: the soonest days it can be had, as texts."""

    name: str
    url: str
    promise: Promise
    days: tuple[str, ...]
    reserves: bool = False

    @property
    def icon(self) -> str:
        """The picture beside it."""
        return cards.ICONS[self.promise.tone]


@dataclass(frozen=True, slots=True)
class Choice:
    """One variant to choose."""

    id: int
    name: str
    price: str
    content: str
    base_price: str
    deposit: str
    promise: Promise
    shops: tuple[AtShop, ...]

    @property
    def reservable(self) -> bool:
        """Whether a shop that has it keeps it back for somebody who comes to look at it."""
        return any(at.reserves for at in self.shops)

    @property
    def most(self) -> int:
        """How many one may put into the cart at once."""
        return min(self.promise.max_quantity or MOST_AT_ONCE, MOST_AT_ONCE)


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture."""

    url: str
    srcset: str
    alt: str
    symbolic: bool


@dataclass(frozen=True, slots=True)
class Detail:
    """A product page. `product` and `merchant` are detached rows with their category loaded."""

    product: Product
    merchant: Merchant
    choices: tuple[Choice, ...]
    chosen: Choice
    shots: tuple[Shot, ...]
    vat: str
    facts: tuple[tuple[str, str], ...]
    safety: tuple[tuple[str, str], ...]

    @property
    def url(self) -> str:
        """Its address."""
        return f"/p/{self.product.code}"

    @property
    def buyable(self) -> bool:
        """Whether any variant can be put into the cart."""
        return any(choice.promise.buyable for choice in self.choices)

    @property
    def allergens(self) -> str:
        """What it contains of the fourteen; the decision "none" is a sentence too. Empty for what is no food."""
        if self.product.allergens is None:
            return ""
        if not self.product.allergens:
            return gettext(N_("keine der 14 kennzeichnungspflichtigen Zutaten"))
        return ", ".join(self.product.allergens)

    @property
    def ingredients(self) -> list[tuple[str, bool]]:
        """The list of ingredients in pieces; True: an allergen, to be printed bold (LMIV Art. 21)."""
        return mark_allergens(str((self.product.food or {}).get("ingredients") or ""), self.product.allergens or [])

    @property
    def withdrawal(self) -> str:
        """law.md B4."""
        return wording.withdrawal(self.product.withdrawal_class)

    @property
    def deposit_kind(self) -> str:
        """EINWEG or MEHRWEG."""
        return cards.kind_text(self.product.deposit_kind) if self.chosen.deposit else ""

    @property
    def deviation(self) -> str:
        """What is not as new (law.md A9)."""
        return self.product.deviation if self.product.condition is Condition.USED else ""

    @property
    def cold(self) -> str:
        """gekühlt, tiefgekühlt, or nothing."""
        kind = self.product.temperature
        return "" if kind is Temperature.AMBIENT else gettext(kind.label)


def mark_allergens(ingredients: str, allergens: Sequence[str]) -> list[tuple[str, bool]]:
    """The text in pieces, the words that name an allergen marked: "Weizenmehl" for "Weizen"."""
    words = (word for text in allergens for word in re.findall(r"\w{3,}", text))
    roots = [_any_umlaut(word[:-1] if len(word) > 4 else word) for word in words]
    if not ingredients or not roots:
        return [(ingredients, False)] if ingredients else []
    named = re.compile("|".join(dict.fromkeys(roots)), re.IGNORECASE)
    # Word by word: one pattern with \w* around the roots takes a second for a long word that holds none.
    marked = ((piece, named.search(piece) is not None) for piece in re.split(r"(\w+)", ingredients) if piece)
    return [("".join(piece for piece, _ in run), yes) for yes, run in groupby(marked, key=itemgetter(1))]


def _any_umlaut(root: str) -> str:
    """A pattern that finds "Walnüsse" for "Walnus"."""
    return re.sub("[aou]", lambda vowel: {"a": "[aä]", "o": "[oö]", "u": "[uü]"}[vowel[0]], re.escape(root.lower()))


_PAGE = (
    sa.select(Product)
    .join(Product.merchant)
    .join(Product.category)
    .where(Product.code == sa.bindparam("code"), Product.status == ProductStatus.PUBLISHED)
    .where(Merchant.status == MerchantStatus.ACTIVE)
    .options(
        contains_eager(Product.merchant),
        contains_eager(Product.category),
        selectinload(Product.variants),
        selectinload(Product.pictures),
    )
)


def load(s: Session, code: str, chosen: int | None = None) -> Detail:
    """The page of a published product of an active merchant. Raises ProductUnknown."""
    product = s.scalars(_PAGE, {"code": codes.normalise(code)}).one_or_none()
    if product is None:
        raise ProductUnknown
    variants = [variant for variant in product.variants if variant.active]
    supplies = promise.load_supply(s, [variant.id for variant in variants])
    places, hours, now = {p.id: p for p in listing.places(s)}, listing.calendars(s), clock.now()
    choices = tuple(_choice(variant, supplies[variant.id], places, hours, now) for variant in variants)
    if not choices:
        raise ProductUnknown
    return Detail(
        product=product,
        merchant=product.merchant,
        choices=choices,
        chosen=_chosen(choices, chosen),
        shots=tuple(_shot(picture) for picture in product.pictures),
        vat=_vat(product),
        facts=tuple(_facts(product, variants)),
        safety=tuple(_safety(product)),
    )


def _chosen(choices: Sequence[Choice], wanted: int | None) -> Choice:
    """The variant asked for, else the first that can be bought, else the first."""
    asked = [choice for choice in choices if choice.id == wanted]
    return (asked or [choice for choice in choices if choice.promise.buyable] or list(choices))[0]


def _choice(
    variant: Variant,
    supplies: Sequence[Supply],
    places: Mapping[int, listing.Place],
    hours: Mapping[int, ShopCalendar],
    now: datetime,
) -> Choice:
    shops = []
    for supply in supplies:
        place = places.get(supply.shop_id)
        if place is not None:
            said = promise.earliest(supply, hours[place.id], now)
            days = islice(promise.days_for(supply, hours[place.id], 1, now), DAYS_SHOWN) if said.buyable else ()
            shown = tuple(_short(day, now) for day in days)
            kept = place.reserves and said.buyable and promise.can_be_kept(supply)
            shops.append(AtShop(place.name, f"/laden/{place.slug}", said, shown, kept))
    return Choice(
        id=variant.id,
        name=variant.name,
        price=str(variant.price),
        content=prices.content_text(variant.content, variant.unit),
        base_price=cards.base_price_text(variant.price, variant.content, variant.unit),
        deposit=cards.deposit_text(variant.deposit),
        promise=promise.best(at.promise for at in shops),
        shops=tuple(shops),
    )


def _short(day: date, now: datetime) -> str:
    return gettext(N_("heute")) if day == clock.business_date(now) else formats.day(day)


def _shot(picture: Picture) -> Shot:
    kind = picture.kind
    return Shot(
        pictures.url(picture.sha256, kind, 1280), pictures.srcset(picture.sha256, kind), picture.alt, picture.symbolic
    )


def _vat(product: Product) -> str:
    """inkl. 7 % MwSt.; a small business never shows VAT (law.md D1)."""
    if product.merchant.small_business:
        return cards.price_hint(small_business=True)
    rate = tax.rate_bp(product.vat_class, clock.today())
    return gettext(N_("inkl. {rate} MwSt.")).format(rate=formats.percent(rate))


def _facts(product: Product, variants: Sequence[Variant]) -> list[tuple[str, str]]:
    food: Mapping[str, Any] = product.food or {}
    strength = food.get("abv")
    rows = [
        (N_("Bezeichnung"), str(food.get("name") or "")),
        (N_("Alkohol"), f"{Decimal(str(strength)):f}".replace(".", ",") + " % vol" if strength else ""),
        (N_("Aufbewahrung"), str(food.get("storage") or "")),
        (N_("Nährwerte"), str(food.get("nutrition") or "")),
        (N_("Herkunft"), product.origin),
        (N_("Material"), product.fibres),
        (N_("Zustand"), gettext(product.condition.label) if product.condition is Condition.USED else ""),
        (N_("ISBN"), product.isbn),
        (N_("EAN"), ", ".join(variant.gtin for variant in variants if variant.gtin)),
        (N_("Öko-Kontrollstelle"), product.merchant.organic_control if _is_organic(product) else ""),
        (N_("Artikelnummer"), product.code),
    ]
    return [(gettext(label), value) for label, value in rows if value]


def _is_organic(product: Product) -> bool:
    return (
        product.food is not None
        and re.search(r"\bbio\b|\bbio-|ökolog", product.name + " " + product.description, re.IGNORECASE) is not None
    )


def _safety(product: Product) -> list[tuple[str, str]]:
    """GPSR Art. 19: on the page, not behind a link."""
    safety: Mapping[str, Any] = product.safety or {}
    rows = [
        (N_("Hersteller"), safety.get("manufacturer")),
        (N_("Anschrift"), safety.get("address")),
        (N_("Kontakt"), safety.get("contact")),
        (N_("Verantwortlich in der EU"), safety.get("responsible")),
        (N_("Modell"), safety.get("model")),
        (N_("Warnhinweise"), safety.get("warnings")),
    ]
    return [(gettext(label), str(value)) for label, value in rows if value]


def json_ld(detail: Detail, public_url: str) -> Mapping[str, Any]:
    """schema.org Product; only facts the page shows."""
    product, merchant = detail.product, detail.merchant
    states = {True: "https://schema.org/InStock", False: "https://schema.org/OutOfStock"}
    offers = [
        {
            "@type": "Offer",
            "price": f"{Decimal(variant.price.cents) / 100:.2f}",
            "priceCurrency": "EUR",
            "availability": states[choice.promise.buyable],
            "url": f"{public_url}{detail.url}?v={choice.id}",
            "seller": {"@type": "Organization", "name": merchant.legal_name},
            **({f"gtin{len(variant.gtin)}": variant.gtin} if len(variant.gtin) in (8, 12, 13, 14) else {}),
        }
        for choice in detail.choices
        for variant in product.variants
        if variant.id == choice.id
    ]
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": product.name,
        "description": product.description,
        "sku": product.code,
        "url": f"{public_url}{detail.url}",
        "category": product.category.name,
        "offers": offers,
    }
    if real := [f"{public_url}{shot.url}" for shot in detail.shots if not shot.symbolic]:
        found["image"] = real
    if product.isbn:
        found["gtin13"] = product.isbn
    return found
