"""Where goods go that were not delivered: the rules per class of goods, in one table. Nothing here writes.

| goods | how the order goes on | where they go |
|---|---|---|
| chilled or frozen | any way | back to the shop today, kept cold on the way |
| age mark | any way | back to the shop today, never left anywhere on the way |
| everything else | next window by itself | may stay in the vehicle until then, or back to the shop |
| everything else | a person decides | back to the shop |

A shop that is closed by then: the pick-up point of the market (where the vehicle stands over night) takes them in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from delivery.models import BackTo
from market.catalogue.models import Temperature
from market.core.db import LabelEnum
from market.core.i18n import N_
from market.orders.models import MerchantOrder


class Goods(LabelEnum):
    """What decides where goods may wait."""

    COLD = ("cold", N_("gekühlt"))
    AGE = ("age", N_("mit Altersgrenze"))
    PLAIN = ("plain", N_("ungekühlt"))


@dataclass(frozen=True, slots=True)
class Rule:
    """Where goods go (`to` first, `or_to` if that does not work), what the courier reads, and the same in a word."""

    to: BackTo
    or_to: tuple[BackTo, ...]
    sentence: str


COLD_BACK = Rule(
    BackTo.SHOP,
    (BackTo.POINT,),
    N_("Gekühltes heute noch zurück in den Laden. Bis dahin bleibt es in der Kühlbox."),
)
AGE_BACK = Rule(
    BackTo.SHOP,
    (BackTo.POINT,),
    N_("Ware mit Altersgrenze heute noch zurück in den Laden. Nirgends abstellen, nur einer Person geben."),
)
PLAIN_STAYS = Rule(
    BackTo.VEHICLE,
    (BackTo.SHOP, BackTo.POINT),
    N_("Darf im Fahrzeug bleiben: Im nächsten Lieferfenster fährt die Bestellung wieder mit."),
)
PLAIN_BACK = Rule(
    BackTo.SHOP,
    (BackTo.POINT,),
    N_("Zurück in den Laden. Das Büro klärt mit der Kundschaft, wie es weitergeht."),
)
RULES: Mapping[tuple[Goods, bool], Rule] = {
    (Goods.COLD, True): COLD_BACK,
    (Goods.COLD, False): COLD_BACK,
    (Goods.AGE, True): AGE_BACK,
    (Goods.AGE, False): AGE_BACK,
    (Goods.PLAIN, True): PLAIN_STAYS,
    (Goods.PLAIN, False): PLAIN_BACK,
}
"""(class of goods, whether the order is in a later window already) -> the rule."""

SHOP_CLOSED = N_(
    "Laden zu? Dann an die Ausgabestelle des Marktes (dort, wo das Fahrzeug steht), Gekühltes in den Kühlschrank, und "
    "im Büro Bescheid sagen."
)
AHEAD: Mapping[Goods, str] = {
    Goods.COLD: N_("heute zurück zu {shop}, gekühlt halten"),
    Goods.AGE: N_("heute zurück zu {shop}"),
    Goods.PLAIN: N_("zurück zu {shop}; niemand da: darf im Fahrzeug bleiben"),
}
"""What stands at a door before anything happened, on the phone and on the sheet."""


def goods(part: MerchantOrder) -> Goods:
    """The strictest class among what was given to the courier."""
    given = [line for line in part.lines if line.quantity > line.missing]
    if any(line.temperature is not Temperature.AMBIENT for line in given):
        return Goods.COLD
    return Goods.AGE if part.min_age else Goods.PLAIN


def rule(part: MerchantOrder, *, moved_on: bool) -> Rule:
    """The rule for a part's goods."""
    return RULES[goods(part), moved_on]
