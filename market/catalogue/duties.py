"""What the law wants to be said about goods before they are offered: the gate in front of publishing.

LMIV (food, law.md F8), GPSR Art. 19 (everything else, F7), JuSchG (alcohol, F9), § 476 BGB (used goods, A9),
PAngV (net contents, D2), VerpackDG (deposit, D4), BuchPrG (D6), and categories that may not be offered at all (F10).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from market.catalogue.models import Condition, Product, Unit, Variant
from market.core.i18n import N_, gettext
from market.directory.models import Merchant, MerchantStatus

ALLERGENS: tuple[str, ...] = (
    N_("glutenhaltiges Getreide"),
    N_("Krebstiere"),
    N_("Eier"),
    N_("Fische"),
    N_("Erdnüsse"),
    N_("Soja"),
    N_("Milch"),
    N_("Schalenfrüchte"),
    N_("Sellerie"),
    N_("Senf"),
    N_("Sesam"),
    N_("Schwefeldioxid und Sulfite"),
    N_("Lupinen"),
    N_("Weichtiere"),
)
"""The fourteen of LMIV annex II; a cereal or nut may be named more closely ("Weizen", "Haselnuss")."""

ALCOHOL_FROM = 1.2
"""Per cent by volume from which a drink counts as alcoholic (LMIV Art. 16 IV)."""
SPIRITS_FROM = 15.0
"""From here on the age mark must be 18 (JuSchG § 9: spirits); beer and wine may be 16."""

_ECO_CLAIMS = re.compile(
    r"\b(klimaneutral\w*|klimafreundlich\w*|umweltfreundlich\w*|umweltschonend\w*|nachhaltig\w*|ökologisch\w*|"
    r"CO2-neutral\w*|grün(?:es|er|e)? Produkt\w*|biologisch abbaubar\w*)\b",
    re.IGNORECASE,
)
_BOOK = re.compile(r"^97[89]\d{10}$")


def is_price_bound(isbn: str, *, used: bool) -> bool:
    """New books have a bound price (BuchPrG § 3); used ones do not."""
    return not used and bool(_BOOK.match(isbn.replace("-", "")))


class Gap(NamedTuple):
    """Something the law wants: the field of the product's form that lacks it ("": the merchant itself), and why."""

    field: str
    text: str


def publish_errors(product: Product) -> list[str]:
    """What is missing before this product may be seen by the public, as German sentences; empty when it may."""
    return [gap.text for gap in publish_gaps(product)]


def publish_gaps(product: Product) -> list[Gap]:
    """The same with the field each sentence belongs to; `content`, `price` and `variant` are the variants' rows."""
    found = [
        *_merchant_errors(product.merchant),
        *_offer_errors(product),
        *(_food_errors(product) if product.food is not None else _safety_errors(product)),
    ]
    return [Gap(gap.field, gettext(gap.text)) for gap in found]


def _merchant_errors(merchant: Merchant) -> Iterator[Gap]:
    if merchant.status is not MerchantStatus.ACTIVE:
        yield Gap("", N_("Ihr Geschäft ist noch nicht freigeschaltet."))
    if merchant.verified_at is None:
        yield Gap("", N_("Die Angaben zu Ihrem Geschäft sind noch nicht geprüft (Art. 30 DSA)."))
    if not merchant.vat_id:
        yield Gap("", N_("Ihre Umsatzsteuer-Identifikationsnummer fehlt (§ 25e UStG)."))


def _offer_errors(product: Product) -> Iterator[Gap]:
    variants = [v for v in product.variants if v.active]
    if product.category.prohibited:
        yield Gap("category", N_("Waren dieser Kategorie dürfen hier nicht angeboten werden."))
    if not product.name.strip():
        yield Gap("name", N_("Der Name fehlt."))
    if not variants:
        yield Gap("", N_("Es fehlt mindestens eine Ausführung mit Preis."))
    if any(v.price.cents <= 0 for v in variants):
        yield Gap("price", N_("Der Preis fehlt."))
    if len(variants) > 1 and len({v.name for v in variants}) < len(variants):
        yield Gap("variant", N_("Jede Ausführung braucht einen eigenen Namen."))
    if any(v.deposit for v in variants) and product.deposit_kind is None:
        yield Gap("deposit_kind", N_("Beim Pfand fehlt die Angabe EINWEG oder MEHRWEG (§ 47 VerpackDG)."))
    if product.condition is Condition.USED and not product.deviation.strip():
        yield Gap("deviation", N_("Bei gebrauchter Ware fehlt, worin sie von neuer abweicht (§ 476 BGB)."))


def _food_errors(product: Product) -> Iterator[Gap]:
    food: Mapping[str, Any] = product.food or {}
    if product.allergens is None:
        yield Gap("allergens", N_("Die Angabe zu Allergenen fehlt („keine“ ist auch eine Angabe)."))
    if not str(food.get("name") or "").strip():
        yield Gap("food_name", N_("Die Bezeichnung des Lebensmittels fehlt (LMIV Art. 9)."))
    if any(_lacks_content(v) for v in product.variants if v.active):
        yield Gap("content", N_("Die Füllmenge fehlt: ohne sie ist kein Grundpreis möglich (§ 4 PAngV)."))
    strength = food.get("abv")
    if strength is None and product.min_age:
        yield Gap("abv", N_("Der Alkoholgehalt fehlt."))
    if strength is not None and float(strength) > ALCOHOL_FROM:
        if product.min_age < 16:
            yield Gap("min_age", N_("Alkoholische Getränke brauchen die Altersangabe (§ 9 JuSchG)."))
        elif product.min_age < 18 and float(strength) >= SPIRITS_FROM:
            yield Gap(
                "min_age", N_("Spirituosen dürfen nur an Erwachsene abgegeben werden (§ 9 JuSchG): Bitte ab 18 Jahren.")
            )


def _lacks_content(variant: Variant) -> bool:
    """Loose pieces (a roll, an egg) are sold by the piece; a unit without an amount is a mistake."""
    return variant.unit is not Unit.PIECE and variant.content <= 1


def _safety_errors(product: Product) -> Iterator[Gap]:
    safety: Mapping[str, Any] = product.safety or {}
    if any(not str(safety.get(key) or "").strip() for key in ("manufacturer", "address", "contact")):
        yield Gap("manufacturer", N_("Name, Anschrift und Kontakt des Herstellers fehlen (GPSR Art. 19)."))
    if any(_lacks_content(v) for v in product.variants if v.active):
        yield Gap("content", N_("Die Füllmenge fehlt: ohne sie ist kein Grundpreis möglich (§ 4 PAngV)."))


def publish_warnings(product: Product) -> list[str]:
    """What does not keep a product from the public, but should be looked at: claims nobody can prove (UWG, F20)."""
    words = {m[0] for m in _ECO_CLAIMS.finditer(f"{product.name} {product.description}")}
    warning = N_(
        "„{word}“ ist eine Umweltaussage: Bitte sagen Sie genau, was damit gemeint ist, oder lassen Sie sie weg."
    )
    return [gettext(warning).format(word=word) for word in sorted(words)]
