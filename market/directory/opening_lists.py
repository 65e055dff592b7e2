"""The openings as lists: what is news, what was, what waits for the editor, what a merchant proposed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from market.core import clock
from market.core.errors import NotFound
from market.directory.models import Moderation, Opening, OpeningEvent, OpeningKind
from market.directory.openings import is_news, kind_on
from market.people.models import User

PAGE_SIZE = 50
ARCHIVE_PAGE = 24
K, M = OpeningKind, Moderation


def current(s: Session, day: date) -> list[Opening]:
    """What stands under "neu" on this day: the latest start first. One query."""
    return [opening for opening, news in _published(s, day) if news]


def past(s: Session, day: date) -> list[Opening]:
    """What stood under "neu" once: for the archive, the latest start first. One query."""
    return [opening for opening, news in _published(s, day) if not news]


def _published(s: Session, day: date) -> list[tuple[Opening, bool]]:
    """Every published entry and whether it is news. What a shop told before it closed is none any more."""
    query = (
        sa.select(Opening)
        .where(Opening.moderation == M.PUBLISHED)
        .options(joinedload(Opening.shop))
        .order_by(Opening.starts_on.desc(), Opening.id.desc())
    )
    found = list(s.scalars(query))
    gone = _closed_shops(found, day)
    return [(each, is_news(each, day) and not _told_before(each, gone)) for each in found]


def _closed_shops(entries: Iterable[Opening], day: date) -> dict[int | None, date]:
    """Shops of which an entry says that they closed, with the last day on which they did."""
    gone: dict[int | None, date] = {}
    for each in entries:
        if each.shop_id and kind_on(each.kind, each.starts_on, each.ends_on, day) is K.CLOSED:
            gone[each.shop_id] = max(gone.get(each.shop_id, date.min), each.ends_on or each.starts_on)
    return gone


def published(s: Session, opening_id: int) -> Opening:
    """One entry for its own page, closed ones too (links to it stay good). Raises NotFound."""
    query = (
        sa.select(Opening)
        .where(Opening.id == opening_id, Opening.moderation == M.PUBLISHED)
        .options(joinedload(Opening.shop))
    )
    opening = s.scalar(query)
    if opening is None:
        raise NotFound
    return opening


def _told_before(opening: Opening, gone: dict[int | None, date]) -> bool:
    """Whether its shop has closed since: it began earlier, and nobody published it afterwards."""
    closed = gone.get(opening.shop_id)
    told = opening.published_at or opening.created_at
    return closed is not None and opening.starts_on < closed and clock.business_date(told) <= closed


def of_shop(s: Session, shop_id: int, day: date) -> list[Opening]:
    """The shop's own news, for its page. One query."""
    query = (
        sa.select(Opening)
        .where(Opening.moderation == M.PUBLISHED, Opening.shop_id == shop_id)
        .options(joinedload(Opening.shop))
        .order_by(Opening.starts_on.desc())
    )
    found = list(s.scalars(query))
    gone = _closed_shops(found, day)
    return [opening for opening in found if is_news(opening, day) and not _told_before(opening, gone)]


def for_editor(s: Session, states: frozenset[Moderation], page: int = 1) -> list[Opening]:
    """One page of the editor's list, what waits longest first for proposals, else the newest change first."""
    order = Opening.created_at.asc() if states == {M.PROPOSED} else Opening.updated_at.desc()
    query = (
        sa.select(Opening)
        .where(Opening.moderation.in_(states))
        .options(joinedload(Opening.shop), joinedload(Opening.merchant))
        .order_by(order, Opening.id)
        .offset((page - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE)
    )
    return list(s.scalars(query))


def count_by_state(s: Session) -> dict[Moderation, int]:
    """How many entries stand where."""
    rows = s.execute(sa.select(Opening.moderation, sa.func.count()).group_by(Opening.moderation))
    return {row[0]: row[1] for row in rows}


def of_merchants(s: Session, merchant_ids: list[int]) -> list[Opening]:
    """What a merchant proposed, newest first."""
    query = (
        sa.select(Opening)
        .where(Opening.merchant_id.in_(merchant_ids))
        .options(joinedload(Opening.shop))
        .order_by(Opening.created_at.desc(), Opening.id.desc())
        .limit(100)
    )
    return list(s.scalars(query))


def history(s: Session, opening_id: int) -> list[tuple[OpeningEvent, str]]:
    """Every change of an entry, oldest first, with the name of who made it (empty: the calendar)."""
    query = (
        sa.select(OpeningEvent, User.name)
        .outerjoin(User, User.id == OpeningEvent.by_user_id)
        .where(OpeningEvent.opening_id == opening_id)
        .order_by(OpeningEvent.id)
    )
    return [(event, name or "") for event, name in s.execute(query)]
