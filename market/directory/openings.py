"""New openings: the life cycle of an entry, who may move it, and what the town sees of it.

Two things move on their own: what kind of news it is (planned -> opened -> ... -> closed) and whether it is
published (a merchant proposes, an editor decides). Every change leaves an OpeningEvent. `kind_on` says what an entry
is on a day; the page asks it, and the daily job writes it down, so a late job never shows something wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from market.core import clock, codes, db
from market.core.errors import BadInput, MarketError, NotFound
from market.core.i18n import N_
from market.core.outbox import Job
from market.directory.models import Moderation, Opening, OpeningEvent, OpeningKind, Shop

FRESH_DAYS = 120
"""So long after its day an opening, a move or new hours are news."""
FAR = timedelta(days=730)

K, M = OpeningKind, Moderation
KIND_MOVES: dict[OpeningKind, frozenset[OpeningKind]] = {
    K.PLANNED: frozenset({K.OPENED, K.POP_UP, K.CLOSED}),
    K.POP_UP: frozenset({K.OPENED, K.CLOSING, K.CLOSED}),
    K.OPENED: frozenset({K.MOVED, K.NEW_OWNER, K.NEW_HOURS, K.CLOSING, K.CLOSED}),
    K.MOVED: frozenset({K.NEW_OWNER, K.NEW_HOURS, K.CLOSING, K.CLOSED}),
    K.NEW_OWNER: frozenset({K.MOVED, K.NEW_HOURS, K.CLOSING, K.CLOSED}),
    K.NEW_HOURS: frozenset({K.MOVED, K.NEW_OWNER, K.CLOSING, K.CLOSED}),
    K.CLOSING: frozenset({K.OPENED, K.NEW_OWNER, K.CLOSED}),
    K.CLOSED: frozenset(),
}
MODERATION_MOVES: dict[Moderation, frozenset[Moderation]] = {
    M.PROPOSED: frozenset({M.PUBLISHED, M.REJECTED, M.WITHDRAWN}),
    M.PUBLISHED: frozenset({M.WITHDRAWN}),
    M.REJECTED: frozenset({M.PUBLISHED, M.PROPOSED}),
    M.WITHDRAWN: frozenset({M.PUBLISHED, M.PROPOSED}),
}
FIRST_KINDS = tuple(kind for kind in OpeningKind if kind is not K.CLOSED)
ENDING = frozenset({K.PLANNED, K.POP_UP, K.CLOSING, K.CLOSED})
"""The kinds that may have a last day."""


class WrongKind(MarketError):
    """The life cycle does not go from this kind to that."""

    status = 422
    message = N_(
        "Aus „{now}“ kann nicht „{to}“ werden. War die Angabe ein Versehen, ziehen Sie den Eintrag zurück, ändern ihn "
        "und veröffentlichen ihn wieder; ist etwas Neues geschehen, schreiben Sie einen neuen Eintrag."
    )


class WrongStep(MarketError):
    """The table of moves does not hold this step."""

    message = N_("„{title}“ ist {now}. Das lässt sich so nicht ändern.")


@dataclass(frozen=True, slots=True)
class OpeningData:
    """What an editor or a merchant says about an opening."""

    kind: OpeningKind
    title: str
    text: str
    starts_on: date
    ends_on: date | None = None
    address: str = ""
    shop_id: int | None = None


def kind_on(kind: OpeningKind, starts_on: date, ends_on: date | None, day: date) -> OpeningKind:
    """What the entry is on this day: a plan whose day has come is open, a pop-up or a shop that closes ends."""
    if kind is K.PLANNED and starts_on <= day:
        kind = K.POP_UP if ends_on else K.OPENED
    if kind in (K.POP_UP, K.CLOSING) and ends_on is not None and ends_on < day:
        return K.CLOSED
    return kind


def is_news(opening: Opening, day: date) -> bool:
    """Whether the town still reads it under "neu": not once closed, and not long after its day."""
    kind = kind_on(opening.kind, opening.starts_on, opening.ends_on, day)
    if kind is K.CLOSED or (opening.shop is not None and not opening.shop.active):
        return False
    if kind in (K.PLANNED, K.POP_UP, K.CLOSING):
        return True
    return day <= opening.starts_on + timedelta(days=FRESH_DAYS)


def by_id(s: Session, opening_id: int, *, lock: bool = False) -> Opening:
    """Any entry, for the desk. Raises NotFound."""
    query = sa.select(Opening).where(Opening.id == opening_id)
    told = (joinedload(Opening.shop), joinedload(Opening.merchant))
    opening = s.scalar(query.with_for_update() if lock else query.options(*told))
    if opening is None:
        raise NotFound
    return opening


def of_merchant(s: Session, opening_id: int, merchant_ids: list[int], *, lock: bool = False) -> Opening:
    """An entry that these merchants proposed. Raises NotFound, for others' too."""
    opening = by_id(s, opening_id, lock=lock)
    if opening.merchant_id not in merchant_ids:
        raise NotFound
    return opening


def create(
    data: OpeningData,
    *,
    by: int | None,
    host: str,
    merchant_id: int | None = None,
    publish_now: bool = False,
) -> int:
    """Use case: a new entry; its id. A merchant proposes (`merchant_id`), an editor may publish at once.

    `host` is the market's own (PUBLIC_URL): it goes into the entry's tag: URI, which never changes again.
    Raises BadInput, NotFound (a shop that is not the merchant's).
    """
    with db.transaction() as s:
        return add(s, data, by=by, host=host, merchant_id=merchant_id, publish_now=publish_now).id


def add(
    s: Session,
    data: OpeningData,
    *,
    by: int | None,
    host: str,
    merchant_id: int | None = None,
    publish_now: bool = False,
) -> Opening:
    """Step of `create`."""
    now = clock.now()
    opening = Opening(
        uid=f"tag:{host},{clock.today().isoformat()}:neu/{codes.code(8)}",
        merchant_id=merchant_id,
        moderation=M.PROPOSED,
        proposed_by_id=by,
        created_at=now,
        updated_at=now,
    )
    _fill(s, opening, data)
    s.add(opening)
    s.flush()  # the event needs the id
    _note(s, opening, by, created=data.kind.value)
    if publish_now:
        _moderate(s, opening, M.PUBLISHED, by)
    return opening


def edit(opening_id: int, data: OpeningData, *, by: int | None) -> None:
    """Use case: an editor changes an entry. Raises BadInput, WrongKind (the life cycle does not allow it)."""
    with db.transaction() as s:
        opening = by_id(s, opening_id, lock=True)
        if data.kind is not opening.kind and opening.moderation is M.PUBLISHED:
            _check_kind(opening, data.kind)
        _change(s, opening, data, by)


def propose_again(opening_id: int, data: OpeningData, *, by: int | None, merchant_ids: list[int]) -> None:
    """Use case: a merchant mends the own proposal, or proposes again what was rejected or taken back.

    What the town reads already is taken back first. Raises NotFound, BadInput, WrongStep.
    """
    with db.transaction() as s:
        opening = of_merchant(s, opening_id, merchant_ids, lock=True)
        if opening.moderation is M.PUBLISHED:
            raise WrongStep(title=opening.title, now=opening.moderation.label)
        _change(s, opening, data, by)
        if opening.moderation is not M.PROPOSED:
            _moderate(s, opening, M.PROPOSED, by)


def _change(s: Session, opening: Opening, data: OpeningData, by: int | None) -> None:
    before = _facts(opening)
    _fill(s, opening, data)
    after = _facts(opening)
    changed = {name: [old, after[name]] for name, old in before.items() if old != after[name]}
    if changed:
        opening.updated_at = clock.now()
        _note(s, opening, by, **changed)


def shop_changed(s: Session, shop_id: int) -> None:
    """Step: a shop moved, got another name or left the directory: its published entries read differently now."""
    s.execute(
        sa.update(Opening)
        .where(Opening.shop_id == shop_id, Opening.moderation == M.PUBLISHED)
        .values(updated_at=clock.now())
    )


def publish(opening_id: int, *, by: int | None) -> None:
    """Use case: the town may read it. Raises WrongStep."""
    with db.transaction() as s:
        _moderate(s, by_id(s, opening_id, lock=True), M.PUBLISHED, by)


def reject(opening_id: int, reason: str, *, by: int | None) -> None:
    """Use case: not this one, and why. Raises WrongStep, BadInput without a reason."""
    if not reason.strip():
        raise BadInput(N_("Bitte sagen Sie in einem Satz, warum."), field="reason")
    with db.transaction() as s:
        opening = by_id(s, opening_id, lock=True)
        opening.reason = reason.strip()[:300]
        _moderate(s, opening, M.REJECTED, by)


def withdraw(opening_id: int, *, by: int | None, merchant_ids: list[int] | None = None) -> None:
    """Use case: take an entry back. A merchant (`merchant_ids`) only its own. Raises NotFound, WrongStep."""
    with db.transaction() as s:
        if merchant_ids is None:
            opening = by_id(s, opening_id, lock=True)
        else:
            opening = of_merchant(s, opening_id, merchant_ids, lock=True)
        _moderate(s, opening, M.WITHDRAWN, by)


def retire(s: Session, opening: Opening, *, by: int | None) -> None:
    """Step: take a published entry back. Raises WrongStep."""
    _moderate(s, opening, M.WITHDRAWN, by)


def move_kind(s: Session, opening: Opening, to: OpeningKind, *, by: int | None) -> None:
    """Step: the next kind of news, from the table of allowed moves. Raises WrongKind."""
    _check_kind(opening, to)
    _note(s, opening, by, kind=[opening.kind.value, to.value])
    opening.kind = to
    opening.updated_at = clock.now()


def _check_kind(opening: Opening, to: OpeningKind) -> None:
    if to not in KIND_MOVES[opening.kind]:
        raise WrongKind(now=opening.kind.label, to=to.label, field="kind")


def _moderate(s: Session, opening: Opening, to: Moderation, by: int | None) -> None:
    if to not in MODERATION_MOVES[opening.moderation]:
        raise WrongStep(title=opening.title, now=opening.moderation.label)
    now = clock.now()
    _note(s, opening, by, moderation=[opening.moderation.value, to.value])
    opening.moderation = to
    opening.updated_at = now
    if to is M.PUBLISHED:
        opening.published_at = opening.published_at or now
    if to in (M.PUBLISHED, M.PROPOSED):
        opening.reason = ""


def _fill(s: Session, opening: Opening, data: OpeningData) -> None:
    today = clock.today()
    if data.starts_on != opening.starts_on and not today - FAR <= data.starts_on <= today + FAR:
        raise BadInput(N_("Bitte prüfen Sie das Datum: Es liegt mehr als zwei Jahre entfernt."), field="starts_on")
    if data.ends_on is not None and data.ends_on < data.starts_on:
        raise BadInput(N_("Das Ende liegt vor dem Beginn."), field="ends_on")
    if data.ends_on is not None and data.kind not in ENDING:
        raise BadInput(
            N_("Einen letzten Tag gibt es nur bei „geplant“, „Pop-up“ und „schließt“. Bitte leeren Sie das Feld."),
            field="ends_on",
        )
    if data.kind in (K.POP_UP, K.CLOSING) and data.ends_on is None:
        raise BadInput(N_("Bitte nennen Sie den letzten Tag."), field="ends_on")
    if data.shop_id is None and not data.address.strip():
        raise BadInput(N_("Bitte nennen Sie die Adresse oder wählen Sie einen Laden."), field="address")
    opening.shop = _shop(s, data.shop_id, opening.merchant_id)
    opening.kind, opening.title, opening.text = data.kind, data.title, data.text
    opening.starts_on, opening.ends_on, opening.address = data.starts_on, data.ends_on, data.address.strip()


def _shop(s: Session, shop_id: int | None, merchant_id: int | None) -> Shop | None:
    if shop_id is None:
        return None
    shop = s.get(Shop, shop_id)
    if shop is None or (merchant_id is not None and shop.merchant_id != merchant_id):
        raise NotFound
    return shop


def _facts(opening: Opening) -> dict[str, str | int | None]:
    return {
        "kind": opening.kind.value,
        "title": opening.title,
        "text": opening.text,
        "address": opening.address,
        "starts_on": opening.starts_on.isoformat(),
        "ends_on": opening.ends_on.isoformat() if opening.ends_on else None,
        "shop_id": opening.shop.id if opening.shop else None,
    }


def _note(s: Session, opening: Opening, by: int | None, **change: object) -> None:
    s.add(OpeningEvent(opening_id=opening.id, at=clock.now(), by_user_id=by, change=dict(change)))


def openings_day(job: Job) -> None:
    """day.begins: write down what the calendar has made of plans, pop-ups and closing shops."""
    with job.finish() as s:
        write_down_kinds(s, clock.today())


def write_down_kinds(s: Session, day: date) -> int:
    """Step: entries whose kind has changed by the calendar; how many."""
    query = sa.select(Opening).where(Opening.kind.in_((K.PLANNED, K.POP_UP, K.CLOSING))).order_by(Opening.id)
    moved = 0
    for opening in s.scalars(query.with_for_update(of=Opening)):
        to = kind_on(opening.kind, opening.starts_on, opening.ends_on, day)
        if to is not opening.kind:
            move_kind(s, opening, to, by=None)
            moved += 1
    return moved
