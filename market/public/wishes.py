"""Reading list filters from an address and writing them back.

What the form cannot have sent (a forged shop, a day long past) is left out; a price that somebody mistyped gets a
sentence beside its field, and the list is shown without it.
"""

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
    """The filters of a page: `texts` as an address carries them, what they mean (`wish`), and what the form shows.

    `typed`: the price fields as typed; `errors`: field name -> sentence; `labels`: filter name -> what its chip says.
    """

    path: str
    texts: Mapping[str, str]
    wish: Wish
    typed: Mapping[str, str]
    errors: Mapping[str, str]
    labels: Mapping[str, str]

    @property
    def status(self) -> int:
        """The answer's HTTP status."""
        return 422 if self.errors else 200

    def address(self, **changed: str) -> str:
        """This list's address with something changed; an empty text leaves a filter out."""
        given = {name: value for name, value in {**self.texts, **changed}.items() if value}
        return self.path + (f"?{urlencode(given, safe='{}')}" if given else "")

    def page_address(self) -> str:
        """For the pager: the address with {page} in it."""
        return self.address(seite="{page}")

    def unfiltered(self) -> str:
        """The address without any filter; the search and the order stay."""
        return self.address(**dict.fromkeys(_FILTERS, ""))

    def chosen(self) -> list[tuple[str, str]]:
        """(label, address without it) of every filter that is set."""
        return [(label, self.address(**{name: ""})) for name, label in self.labels.items()]

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
_FILTERS = ("kategorie", "laden", "tag", "offen", "ab", "bis")


def read(s: Session, path: str, args: Mapping[str, str], *, keep: tuple[str, ...] = (), **fixed: Any) -> ListState:
    """The filters of an address. `keep`: other parameters to carry along (q); `fixed`: fields the page itself sets."""
    texts = {name: args.get(name, "").strip()[:60] for name in (*_FILTERS, "sortierung")}
    named = None if "category_id" in fixed else texts["kategorie"]
    shelf = next((c for c in listing.shelves(s) if c.slug == named), None)
    place = next((p for p in listing.places(s) if p.slug == texts["laden"]), None)
    sort = next((one for one in Sort if one.value == texts["sortierung"]), DEFAULT)
    day = _day(texts["tag"])
    lowest, highest, errors = _prices(texts["ab"], texts["bis"])
    wish = Wish(
        category_id=shelf.id if shelf else None,
        shop_id=place.id if place else None,
        open_now=texts["offen"] == "1",
        day=day,
        price_from=lowest,
        price_to=highest,
        sort=sort,
        page=_page(args.get("seite", "")),
    )
    clean = {
        "kategorie": shelf.slug if shelf else "",
        "laden": place.slug if place else "",
        "offen": "1" if wish.open_now else "",
        "tag": day.isoformat() if day else "",
        "ab": texts["ab"] if lowest is not None else "",
        "bis": texts["bis"] if highest is not None else "",
        "sortierung": str(sort.value) if sort is not DEFAULT else "",
    }
    return ListState(
        path,
        {**{name: args.get(name, "") for name in keep}, **clean},
        replace(wish, **fixed),
        typed={"ab": texts["ab"], "bis": texts["bis"]},
        errors=errors,
        labels=_labels(wish, shelf, place),
    )


def _labels(wish: Wish, shelf: listing.Shelf | None, place: listing.Place | None) -> dict[str, str]:
    found = {
        "kategorie": shelf.name if shelf else "",
        "laden": place.name if place else "",
        "tag": gettext(N_("zu haben am {day}")).format(day=formats.day(wish.day)) if wish.day else "",
        "offen": gettext(N_("jetzt offen")) if wish.open_now else "",
        "ab": gettext(N_("ab {price}")).format(price=wish.price_from) if wish.price_from is not None else "",
        "bis": gettext(N_("bis {price}")).format(price=wish.price_to) if wish.price_to is not None else "",
    }
    return {name: label for name, label in found.items() if label}


def _prices(lowest: str, highest: str) -> tuple[Money | None, Money | None, dict[str, str]]:
    """The two prices and, by field, what is wrong with them; a wrong one does not filter."""
    found: dict[str, Money | None] = {}
    errors: dict[str, str] = {}
    for name, text in (("ab", lowest), ("bis", highest)):
        try:
            found[name] = parse(text) if text else None
        except BadAmount as wrong:
            found[name], errors[name] = None, str(wrong)
    least, most = found["ab"], found["bis"]
    if least is not None and most is not None and least > most:
        errors["bis"] = gettext(N_("„bis“ muss mindestens so viel sein wie „von“."))
        return None, None, errors
    return least, most, errors


def _page(text: str) -> int:
    return min(int(text), listing.LAST_PAGE) if text.isascii() and text.isdigit() and len(text) < 5 else 1


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if timedelta(0) <= day - clock.today() <= timedelta(HORIZON_DAYS) else None


def days_offered() -> list[tuple[str, str]]:
    """(value, label) of the days one may ask for."""
    today = clock.today()
    words = {0: gettext(N_("heute")), 1: gettext(N_("morgen"))}
    days = ((n, today + timedelta(n)) for n in range(DAYS_OFFERED))
    return [(day.isoformat(), f"{words[n]}, {formats.day(day)}" if n in words else formats.day(day)) for n, day in days]
