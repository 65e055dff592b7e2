"""Businesses that stand in the directory without selling here: an inn, a hairdresser, a watchmaker. The editor keeps
them; shops of merchants are the merchants' and the operator's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from market.core import db
from market.core.config import Region
from market.core.errors import NotFound
from market.directory import merchants, openings
from market.directory.gazetteer import normalise
from market.directory.merchants import HoursRow
from market.directory.models import Shop
from market.directory.shops import matches
from market.people.accounts import audit

PAGE_SIZE = 40
FIELDS = (
    "name", "line_of_business", "tagline", "about", "street", "house_number", "zip", "city", "district", "phone",
    "email", "website", "entrance", "accessibility", "sunday_exception", "active",
)  # fmt: skip
ADDRESS = frozenset({"street", "house_number", "zip", "city", "district"})


@dataclass(frozen=True, slots=True)
class EntryPage:
    """One page of the list."""

    rows: list[Shop]
    total: int
    page: int
    pages: int


def find(s: Session, *, text: str = "", page: int = 1) -> EntryPage:
    """The entries by name, those taken off the directory too. One query."""
    rows = s.scalars(sa.select(Shop).where(Shop.merchant_id.is_(None)).options(selectinload(Shop.merchant)))
    found = sorted((row for row in rows if matches(row, text)), key=lambda row: (normalise(row.name), row.id))
    pages = max(1, -(-len(found) // PAGE_SIZE))
    page = min(max(1, page), pages)
    return EntryPage(found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE], len(found), page, pages)


def one(s: Session, shop_id: int) -> Shop:
    """One entry with its hours and exceptions. Raises NotFound, for shops of merchants too."""
    query = sa.select(Shop).where(Shop.id == shop_id, Shop.merchant_id.is_(None))
    found = s.scalar(query.options(selectinload(Shop.hours), selectinload(Shop.exceptions)))
    if found is None:
        raise NotFound
    return found


def create(fields: Mapping[str, Any], *, by: int) -> int:
    """Use case: a new entry; its id. Nobody can order there, and no courier calls."""
    with db.transaction() as s:
        return merchants.create_shop(s, None, by=by, pickup=False, delivers=False, checked_on=None, **fields).id


def save(shop_id: int, fields: Mapping[str, Any], *, by: int) -> None:
    """Use case: change the facts; a new address moves the pin. Other fields than FIELDS are a bug in the caller."""
    with db.transaction() as s:
        shop = one(s, shop_id)
        moved = any(fields[name] != getattr(shop, name) for name in ADDRESS & fields.keys())
        for name, value in fields.items():
            if name not in FIELDS:
                raise ValueError(f"not the editor's to change: {name}")
            setattr(shop, name, value)
        if moved:
            merchants.locate(s, shop)
        openings.shop_changed(s, shop_id)
        audit(s, "shop.changed", f"shop:{shop_id}", by=by)


def set_hours(shop_id: int, rows: Sequence[HoursRow], *, by: int) -> None:
    """Use case: the weekly hours. Raises merchants.BadHours and its kin."""
    with db.transaction() as s:
        merchants.set_hours(s, one(s, shop_id).id, rows, by=by)


def confirm(shop_id: int, *, by: int) -> None:
    """Use case: somebody called or went there, and everything is right ("geprüft am")."""
    with db.transaction() as s:
        merchants.confirm_facts(s, one(s, shop_id).id, by=by)


def add_exception(
    region: Region,
    shop_id: int,
    first: date,
    last: date | None,
    opens: time | None,
    closes: time | None,
    note: str,
    *,
    by: int,
) -> None:
    """Use case: closed, or other hours, on these days. Raises BadInput."""
    with db.transaction() as s:
        merchants.enter_exception(
            s, region, one(s, shop_id).id, first, last, opens=opens, closes=closes, note=note, by=by
        )


def remove_exception(shop_id: int, exception_id: int, *, by: int) -> None:
    """Use case: the usual hours again. Raises NotFound."""
    with db.transaction() as s:
        merchants.remove_exception(s, one(s, shop_id).id, exception_id, by=by)
