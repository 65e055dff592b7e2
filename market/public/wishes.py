"""Reading list filters from an address and writing them back. Nonsense in an address is left out, never an error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from market.catalogue import listing
from market.catalogue.listing import Wish
from market.catalogue.promise import HORIZON_DAYS
from market.catalogue.ranking import DEFAULT, Sort
from market.core import clock, formats
from market.core.i18n import N_, gettext
from market.core.money import BadAmount, Money, parse

DAYS_OFFERED = 14


@dataclass(frozen=True, slots=True)
class ListState:
    """The filters of a page: what was asked (texts, for the form) and what it means (`wish`)."""

    path: str
    texts: Mapping[str, str]
    wish: Wish

    def address(self, **changed: str) -> str:
        """This list's address with something changed; an empty text leaves a filter out."""
        given = {name: value for name, value in {**self.texts, **changed}.items() if value}
        return self.path + (f"?{urlencode(given, safe='{}')}" if given else "")

    def page_address(self) -> str:
        """For the pager: the address with {page} in it."""
        return self.address(seite="{page}")

    def sorts(self) -> list[tuple[str, str, bool]]:
        """(address, label, current) of every order."""
        return [
            (
                self.address(sortierung="" if sort is DEFAULT else str(sort.value), seite=""),
                gettext(_BEST if sort is DEFAULT and self.texts.get("q") else sort.label),
                sort is self.wish.sort,
            )
            for sort in Sort
        ]


_BEST = N_("Beste Treffer zuerst")
_NAMES = ("kategorie", "laden", "offen", "tag", "ab", "bis", "sortierung")


def read(s: Session, path: str, args: Mapping[str, str], *, keep: tuple[str, ...] = (), **fixed: Any) -> ListState:
    """The filters of an address. `keep`: other parameters to carry along (q); `fixed`: fields the page itself sets."""
    texts = {name: args.get(name, "").strip()[:60] for name in _NAMES}
    shelf = next((c for c in listing.shelves(s) if c.slug == texts["kategorie"]), None)
    place = next((p for p in listing.places(s) if p.slug == texts["laden"]), None)
    sort = next((one for one in Sort if one.value == texts["sortierung"]), DEFAULT)
    day = _day(texts["tag"])
    wish = Wish(
        category_id=shelf.id if shelf else None,
        shop_id=place.id if place else None,
        open_now=texts["offen"] == "1",
        day=day,
        price_from=_amount(texts["ab"]),
        price_to=_amount(texts["bis"]),
        sort=sort,
        page=_page(args.get("seite", "")),
    )
    clean = {
        "kategorie": shelf.slug if shelf else "",
        "laden": place.slug if place else "",
        "offen": "1" if wish.open_now else "",
        "tag": day.isoformat() if day else "",
        "ab": texts["ab"] if wish.price_from is not None else "",
        "bis": texts["bis"] if wish.price_to is not None else "",
        "sortierung": str(sort.value) if sort is not DEFAULT else "",
    }
    return ListState(path, {**{name: args.get(name, "") for name in keep}, **clean}, replace(wish, **fixed))


def _page(text: str) -> int:
    return min(int(text), listing.LAST_PAGE) if text.isascii() and text.isdigit() and len(text) < 5 else 1


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if timedelta(0) <= day - clock.today() <= timedelta(HORIZON_DAYS) else None


def _amount(text: str) -> Money | None:
    try:
        return parse(text) if text else None
    except BadAmount:
        return None


def days_offered() -> list[tuple[str, str]]:
    """(value, label) of the days one may ask for."""
    today = clock.today()
    words = {0: gettext(N_("heute")), 1: gettext(N_("morgen"))}
    days = ((n, today + timedelta(n)) for n in range(DAYS_OFFERED))
    return [(day.isoformat(), f"{words[n]}, {formats.day(day)}" if n in words else formats.day(day)) for n, day in days]
