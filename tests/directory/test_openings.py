"""The life of an opening: who may do what, what the calendar does, what is left in writing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, time, timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy.orm import Session

from market.core import clock, db, outbox
from market.core.errors import BadInput, NotFound
from market.directory import opening_lists, openings
from market.directory.models import Moderation, Opening, OpeningKind
from market.directory.opening_history import steps
from market.directory.openings import KIND_MOVES, MODERATION_MOVES, OpeningData, kind_on
from tests.conftest import Clock
from tests.factories.directory import make_merchant, make_opening, make_shop
from tests.factories.people import make_editor

K, M = OpeningKind, Moderation
TODAY = date(2026, 11, 23)


@pytest.fixture
def s(database: str) -> Iterator[Session]:
    with db.transaction() as session:
        yield session


def some(**fields: Any) -> OpeningData:
    told: dict[str, Any] = {
        "kind": K.OPENED,
        "title": "Rösterei",
        "text": "Kaffee.",
        "starts_on": TODAY,
        "address": "Markt 1",
    }
    return OpeningData(**told | fields)


def again(opening_id: int) -> Opening:
    with db.reading() as s:
        return openings.by_id(s, opening_id)


@pytest.mark.parametrize(
    ("kind", "starts", "ends", "becomes"),
    [
        (K.PLANNED, 1, None, K.PLANNED),
        (K.PLANNED, 0, None, K.OPENED),
        (K.PLANNED, 0, 5, K.POP_UP),
        (K.PLANNED, -9, -1, K.CLOSED),
        (K.POP_UP, -9, 0, K.POP_UP),
        (K.POP_UP, -9, -1, K.CLOSED),
        (K.CLOSING, -9, 0, K.CLOSING),
        (K.CLOSING, -9, -1, K.CLOSED),
        (K.OPENED, -900, None, K.OPENED),
        (K.CLOSED, -9, None, K.CLOSED),
    ],
)
def test_the_calendar_moves_plans_pop_ups_and_closing_shops(
    kind: OpeningKind, starts: int, ends: int | None, becomes: OpeningKind
) -> None:
    last = None if ends is None else TODAY + timedelta(days=ends)
    assert kind_on(kind, TODAY + timedelta(days=starts), last, TODAY) is becomes


def test_what_the_calendar_does_is_in_the_table_of_moves() -> None:
    for kind, starts, ends in product(K, (-9, 0, 9), (None, -1, 0, 9)):
        if ends is not None and ends < starts:
            continue
        last = None if ends is None else TODAY + timedelta(days=ends)
        becomes = kind_on(kind, TODAY + timedelta(days=starts), last, TODAY)
        assert becomes is kind or becomes in KIND_MOVES[kind]


def test_every_kind_and_state_is_in_the_tables_and_closed_is_the_end() -> None:
    assert set(KIND_MOVES) == set(K)
    assert set(MODERATION_MOVES) == set(M)
    assert KIND_MOVES[K.CLOSED] == frozenset()
    reachable = {K.PLANNED}
    while more := {to for kind in reachable for to in KIND_MOVES[kind]} - reachable:
        reachable |= more
    assert reachable == set(K)


def test_the_daily_job_writes_down_what_the_calendar_did(s: Session, frozen: Clock, drain: Callable[[], int]) -> None:
    plan = make_opening(s, kind=K.PLANNED, starts_on=TODAY + timedelta(days=1))
    pop_up = make_opening(s, kind=K.POP_UP, ends_on=TODAY)
    still = make_opening(s)
    s.commit()
    frozen.forward(days=1)
    for _ in range(2):  # twice: a repeated day changes nothing more
        with db.transaction() as t:
            outbox.emit(t, "day.begins", day="2026-11-24")
        openings.openings_day(outbox.claim() or pytest.fail("no job"))
    assert again(plan.id).kind is K.OPENED
    assert again(pop_up.id).kind is K.CLOSED
    assert again(still.id).kind is K.OPENED
    assert again(pop_up.id).updated_at == frozen.now()
    assert again(still.id).updated_at < frozen.now()
    with db.reading() as r:
        assert [step.text for step in steps(opening_lists.history(r, pop_up.id))][
            -1
        ] == "jetzt „geschlossen“ (von selbst)"
        assert len(opening_lists.history(r, pop_up.id)) == 3


def test_the_day_reaches_the_openings_through_the_outbox(s: Session, frozen: Clock, drain: Callable[[], int]) -> None:
    pop_up = make_opening(s, kind=K.POP_UP, ends_on=TODAY)
    outbox.emit(s, "day.begins", key="day.begins/2026-11-24", day="2026-11-24")
    s.commit()
    frozen.forward(days=1)
    drain()
    assert again(pop_up.id).kind is K.CLOSED


def test_news_grow_old_but_plans_and_closing_shops_stay(s: Session) -> None:
    make_opening(s, title="alt", starts_on=TODAY - timedelta(days=openings.FRESH_DAYS + 1))
    make_opening(s, title="neu", starts_on=TODAY - timedelta(days=openings.FRESH_DAYS))
    make_opening(s, title="Plan", kind=K.PLANNED, starts_on=TODAY + timedelta(days=300))
    make_opening(
        s, title="Ende", kind=K.CLOSING, starts_on=TODAY - timedelta(days=200), ends_on=TODAY + timedelta(days=1)
    )
    s.flush()
    assert [opening.title for opening in opening_lists.current(s, TODAY)] == ["Plan", "neu", "Ende"]


def test_what_a_shop_told_before_it_closed_leaves_with_it(s: Session) -> None:
    shop, other = make_shop(s), make_shop(s)
    old = make_opening(s, title="Eröffnet", shop=shop, starts_on=TODAY - timedelta(days=60))
    old.published_at = clock.at(TODAY - timedelta(days=61), time(9))
    make_opening(s, title="Bleibt", shop=other, starts_on=TODAY - timedelta(days=60))
    make_opening(
        s, title="Ende", kind=K.CLOSING, shop=shop, starts_on=TODAY - timedelta(days=20), ends_on=TODAY - timedelta(1)
    )
    make_opening(s, title="Wieder da", kind=K.NEW_OWNER, shop=shop, starts_on=TODAY)
    s.flush()
    assert [each.title for each in opening_lists.current(s, TODAY)] == ["Wieder da", "Bleibt"]
    assert [each.title for each in opening_lists.past(s, TODAY)] == ["Ende", "Eröffnet"]
    assert [each.title for each in opening_lists.of_shop(s, shop.id, TODAY)] == ["Wieder da"]
    yesterday = opening_lists.current(s, TODAY - timedelta(1))
    assert [each.title for each in yesterday] == ["Wieder da", "Ende", "Bleibt", "Eröffnet"]


def test_an_old_entry_can_still_be_mended(s: Session) -> None:
    entry = make_opening(s, kind=K.OPENED)
    entry.starts_on = TODAY - timedelta(days=900)
    s.commit()
    openings.edit(entry.id, some(title="Ohne Tippfehler", starts_on=entry.starts_on), by=None)
    assert again(entry.id).title == "Ohne Tippfehler"


def test_a_proposal_waits_until_an_editor_publishes_it(s: Session, frozen: Clock) -> None:
    merchant, editor = make_merchant(s), make_editor(s)
    shop = make_shop(s, merchant)
    s.commit()
    opening_id = openings.create(some(shop_id=shop.id, address=""), by=None, host="x.de", merchant_id=merchant.id)
    with db.reading() as r:
        assert opening_lists.current(r, TODAY) == []
    frozen.forward(hours=1)
    openings.publish(opening_id, by=editor.id)
    entry = again(opening_id)
    assert (entry.moderation, entry.published_at) == (M.PUBLISHED, frozen.now())
    with db.reading() as r:
        found = opening_lists.history(r, opening_id)
    assert [(event.by_user_id, name) for event, name in found] == [(None, ""), (editor.id, editor.name)]


def test_a_rejection_needs_a_reason_and_can_be_revised(s: Session) -> None:
    entry = make_opening(s, published=False)
    s.commit()
    with pytest.raises(BadInput) as wrong:
        openings.reject(entry.id, "  ", by=None)
    assert wrong.value.field == "reason"
    openings.reject(entry.id, "Bitte mit Adresse.", by=None)
    assert (again(entry.id).moderation, again(entry.id).reason) == (M.REJECTED, "Bitte mit Adresse.")
    with pytest.raises(openings.WrongStep):
        openings.withdraw(entry.id, by=None)
    openings.publish(entry.id, by=None)
    assert again(entry.id).reason == ""


@pytest.mark.parametrize("state", M)
def test_only_moves_of_the_table_are_made(s: Session, state: Moderation) -> None:
    entry = make_opening(s, published=False)
    entry.moderation = state
    s.commit()
    attempts: dict[Moderation, Callable[[], None]] = {
        M.PUBLISHED: lambda: openings.publish(entry.id, by=None),
        M.REJECTED: lambda: openings.reject(entry.id, "Nein.", by=None),
        M.WITHDRAWN: lambda: openings.withdraw(entry.id, by=None),
    }
    for to, attempt in attempts.items():
        if to not in MODERATION_MOVES[state]:
            with pytest.raises(openings.WrongStep):
                attempt()
            assert again(entry.id).moderation is state


def test_a_published_entry_changes_its_kind_only_along_the_life_cycle(s: Session) -> None:
    entry = make_opening(s, kind=K.OPENED)
    s.commit()
    with pytest.raises(openings.WrongKind, match="Aus „eröffnet“ kann nicht „geplant“ werden") as wrong:
        openings.edit(entry.id, some(kind=K.PLANNED), by=None)
    assert wrong.value.field == "kind"
    openings.edit(entry.id, some(kind=K.MOVED), by=None)
    assert again(entry.id).kind is K.MOVED


def test_an_edit_that_changes_nothing_leaves_no_trace(s: Session, frozen: Clock) -> None:
    entry = make_opening(s)
    s.commit()
    before = again(entry.id).updated_at
    frozen.forward(hours=1)
    same = some(title=entry.title, text=entry.text, address=entry.address, starts_on=entry.starts_on)
    openings.edit(entry.id, same, by=None)
    assert again(entry.id).updated_at == before
    openings.edit(entry.id, some(title="Anders"), by=None)
    assert again(entry.id).updated_at == frozen.now()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": K.POP_UP}, "ends_on"),
        ({"kind": K.CLOSING}, "ends_on"),
        ({"ends_on": TODAY - timedelta(days=1)}, "ends_on"),
        ({"ends_on": TODAY + timedelta(days=9)}, "ends_on"),
        ({"kind": K.MOVED, "ends_on": TODAY + timedelta(days=9)}, "ends_on"),
        ({"starts_on": date(2020, 1, 1)}, "starts_on"),
        ({"address": " "}, "address"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(database: str, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as wrong:
        openings.create(some(**fields), by=None, host="x.de")
    assert wrong.value.field == field


def test_a_merchant_speaks_for_the_own_shops_only(s: Session) -> None:
    mine, theirs = make_merchant(s), make_merchant(s)
    shop = make_shop(s, theirs)
    entry = make_opening(s, merchant=theirs)
    s.commit()
    with pytest.raises(NotFound):
        openings.create(some(shop_id=shop.id), by=None, host="x.de", merchant_id=mine.id)
    with pytest.raises(NotFound):
        openings.withdraw(entry.id, by=None, merchant_ids=[mine.id])
    openings.withdraw(entry.id, by=None, merchant_ids=[theirs.id])


def test_ids_are_tag_uris_of_the_market_and_differ(database: str) -> None:
    uids = {again(openings.create(some(), by=None, host="markt.example")).uid for _ in range(5)}
    assert len(uids) == 5
    assert all(uid.startswith("tag:markt.example,2026-11-23:neu/") for uid in uids)
