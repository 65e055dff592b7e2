"""How lists are sorted. The ORDER BY and the page /so-sortieren-wir (law.md F4) are made from this one table.

No merchant can pay for a place, and nothing about the reader changes the order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from market.catalogue.models import Product, SearchEntry
from market.core.db import LabelEnum
from market.core.i18n import N_


class Sort(LabelEnum):
    """What the reader may choose; the value stands in the address."""

    NEWEST = ("neu", N_("Neueste zuerst"))
    CHEAPEST = ("preis", N_("Günstigste zuerst"))
    DEAREST = ("preis-ab", N_("Teuerste zuerst"))
    NAME = ("name", N_("Name von A bis Z"))


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that decides, with the sentence that explains it."""

    key: str
    sentence: str
    order: tuple[Any, ...]


IN_NAME = Criterion(
    "in_name",
    N_(
        "Waren, die das Gesuchte sind (bei „Saft“ der Apfelsaft), stehen vor Waren, deren Name es nur nennt (die "
        "Saftpresse); danach kommen Waren, bei denen es nur im Text oder im Namen des Geschäfts vorkommt."
    ),
    (),
)
_NEWEST = Criterion(
    "newest", N_("Zuletzt veröffentlichte Waren stehen vor älteren."), (Product.published_at.desc(), Product.id.desc())
)
_CHEAPEST = Criterion("cheapest", N_("Der niedrigste Preis steht oben."), (Product.price_from, Product.id))
_DEAREST = Criterion("dearest", N_("Der höchste Preis steht oben."), (Product.price_from.desc(), Product.id.desc()))
_NAME = Criterion("name", N_("Die Namen folgen dem Alphabet; ä gilt wie a."), (Product.sort_key, Product.id))

LISTS: dict[Sort, tuple[Criterion, ...]] = {
    Sort.NEWEST: (_NEWEST,),
    Sort.CHEAPEST: (_CHEAPEST,),
    Sort.DEAREST: (_DEAREST,),
    Sort.NAME: (_NAME,),
}
"""The first criterion decides; the next one only where the ones before are equal. Weight: in this order, no points."""

SEARCH: dict[Sort, tuple[Criterion, ...]] = {
    sort: (IN_NAME, *criteria) if sort is Sort.NEWEST else criteria for sort, criteria in LISTS.items()
}
"""A search asks first whether the words stand in the name - unless the reader chose another order."""

DEFAULT = Sort.NEWEST

HOME_PER_MERCHANT = 2
"""The home page shows the newest goods, but at most this many of one merchant."""
HOME_SENTENCE = N_("Auf der Startseite stehen die neuesten Waren, von jedem Geschäft höchstens {most}.")


def order_by(sort: Sort, head_terms: tuple[str, ...] = ()) -> list[Any]:
    """The ORDER BY of a list, or of a search for these terms."""
    found: list[Any] = []
    for criterion in (SEARCH if head_terms else LISTS)[sort]:
        found.extend([_distance(head_terms)] if criterion is IN_NAME else criterion.order)
    return found


def _distance(terms: tuple[str, ...]) -> sa.Case[int]:
    """0: every term is a head word of the name; 1: or at least part of the name; 2: else. A term ending in * is begun.

    In SearchEntry.rest the parts of the name stand before the bar (indexing.entry_for).
    """
    head, named = [], []
    for term in terms:
        begun = f"% {term.rstrip('*')}%"
        middle = begun if term.endswith("*") else f"% {term} %"
        head.append(SearchEntry.head.like(middle))
        named.append(sa.or_(SearchEntry.head.like(begun), SearchEntry.rest.like(f"{middle}|%")))
    return sa.case((sa.and_(*head), 0), (sa.and_(*named), 1), else_=2)
