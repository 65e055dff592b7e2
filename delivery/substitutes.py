"""A stand-in drives a run for a day: without an account, by a day link or with nothing but the paper.

The stand-in is a row among the users with the role courier and neither mail address nor password: nobody can sign in as
one but by the link, pages of an account are closed to them (market.web.access), and couriers' rules hold as for
everybody (own runs, on their day, until they are finished). The link carries a signature and a random key of which only
the hash is kept; it ends with the run's day, with "Widerrufen", or when somebody else is to drive. Moving orders and
planning again keep it alive; a plan thrown away takes its stand-ins with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session

from delivery.models import Run, RunLink, RunState
from market.core import clock, codes, db, formats
from market.core.errors import BadInput, NotFound
from market.core.i18n import N_
from market.people import accounts
from market.people.models import Role, User, UserRole

_SALT = "run-link"
ALIVE = (RunState.PLANNED, RunState.STARTED)
KEEP_NAME_DAYS = 14


class LinkDead(BadInput):
    """Wrong, revoked, over, or not yet."""

    status = 410
    message = N_("Dieser Link gilt nicht (mehr). Fragen Sie bitte bei der Person nach, die ihn Ihnen gegeben hat.")


class TooEarly(LinkDead):
    """The run is on another day."""

    message = N_("Dieser Link gilt erst am {day}.")


class RunOver(BadInput):
    """A run that is over or thrown away needs no driver."""

    message = N_("Diese Tour ist vorbei oder verworfen: Sie braucht keine Vertretung mehr.")


@dataclass(frozen=True, slots=True)
class Link:
    """A day link as the desk sees it; the link itself is shown once, when it is made."""

    id: int
    user_id: int
    name: str
    expires_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Found:
    """A valid link: who may drive which run."""

    link_id: int
    session_key: str
    name: str
    run: str
    over: bool = False  # ended: nothing to drive, but results may still wait on the phone


def is_substitute() -> sa.ColumnElement[bool]:
    """The condition on User: a stand-in, never a person with an account."""
    return sa.and_(User.email.is_(None), User.password_hash.is_(None), User.erased_at.is_(None))


# ---------------------------------------------------------------------------------------------------------- use cases


def hand_over(code: str, name: str, by: int, secret: str, *, link: bool) -> str | None:
    """Use case: a stand-in drives this run; the token of the day link, or None when it goes on paper only.

    Who drove before does not any more, and an earlier link is dead. Raises RunOver.
    """
    key = codes.key()
    with db.transaction() as s:
        run = s.scalar(sa.select(Run).where(Run.code == code).with_for_update())
        if run is None or run.state not in ALIVE or run.day < clock.today():
            raise RunOver(field="name")
        end(s, run.courier_id, by)
        user = User(name=name.strip(), session_key=codes.key(), created_at=clock.now())
        user.roles.append(UserRole(role=Role.COURIER))
        s.add(user)
        s.flush()
        run.courier_id = user.id
        accounts.audit(s, "run.handed_over", f"run:{run.id}", by=by, courier=user.id, link=link)
        if not link:
            return None
        row = RunLink(
            run_id=run.id,
            user_id=user.id,
            key_hash=_hash(key),
            name=user.name,
            created_at=clock.now(),
            created_by_id=by,
            expires_at=_end_of(run.day),
        )
        s.add(row)
        s.flush()
        link_id = row.id
    token: str = URLSafeSerializer(secret, salt=_SALT).dumps([link_id, key])
    return token


def revoke(link_id: int, by: int) -> tuple[str, date]:
    """Use case: the link is dead, the phone that used it is signed out, nobody drives the run. Its code and day."""
    with db.transaction() as s:
        link = s.get(RunLink, link_id, with_for_update=True)
        if link is None:
            raise NotFound
        run = _run_of(s, link)
        if run is None:
            run = s.get_one(Run, link.run_id)
        if run.courier_id == link.user_id and run.state in ALIVE:
            run.courier_id = None
        end(s, link.user_id, by)
        return run.code, run.day


def end(s: Session, user_id: int | None, by: int | None) -> bool:
    """Step: when this courier is a stand-in, they are none any more: links revoked, sessions over. Whether one was."""
    if user_id is None:
        return False
    gone = s.scalar(
        sa.update(User)
        .where(User.id == user_id, is_substitute())
        .values(erased_at=clock.now(), session_key=codes.key())
        .returning(User.id)
        .execution_options(synchronize_session=False)
    )
    if gone is None:
        return False
    revoked = sa.update(RunLink).where(RunLink.user_id == user_id, RunLink.revoked_at.is_(None))
    s.execute(revoked.values(revoked_at=clock.now()).execution_options(synchronize_session=False))
    accounts.audit(s, "run.link_revoked", f"user:{user_id}", by=by)
    return True


def look(token: str, secret: str) -> Found:
    """Whose link this is and which run it opens. Raises LinkDead, TooEarly."""
    link_id, key = _read(token, secret)
    with db.reading() as s:
        return _found(s, link_id, key)


def enter(token: str, secret: str) -> Found:
    """Use case: the link is used; as `look`."""
    link_id, key = _read(token, secret)
    with db.transaction() as s:
        found = _found(s, link_id, key)
        link = s.get_one(RunLink, link_id)
        link.used_at = clock.now()
        accounts.audit(s, "run.link_used", f"run:{link.run_id}", by=link.user_id)
    return found


def links(s: Session, courier_ids: Sequence[int | None]) -> Mapping[int, Link]:
    """Living day links by the courier they belong to. One query."""
    ids = [one for one in courier_ids if one is not None]
    rows = s.scalars(
        sa.select(RunLink).where(
            RunLink.user_id.in_(ids), RunLink.revoked_at.is_(None), RunLink.expires_at > clock.now()
        )
    )
    return {row.user_id: Link(row.id, row.user_id, row.name, row.expires_at, row.used_at) for row in rows}


def tidy(s: Session) -> int:
    """Step, daily: stand-ins whose runs are over are none any more; after some days nobody needs their names."""
    today = clock.today()
    busy = sa.select(Run.courier_id).where(Run.courier_id.is_not(None), Run.day >= today)
    over = s.scalars(
        sa.select(User.id)
        .join(UserRole, UserRole.user_id == User.id)
        .where(is_substitute(), UserRole.role == Role.COURIER, User.id.not_in(busy))
        .order_by(User.id)
    ).all()
    for user_id in over:
        end(s, user_id, None)
    long_ago = clock.at(today - timedelta(days=KEEP_NAME_DAYS), time())
    gone = sa.and_(User.email.is_(None), User.password_hash.is_(None), User.erased_at < long_ago)
    old = sa.select(User.id).join(UserRole, UserRole.user_id == User.id).where(gone, UserRole.role == Role.COURIER)
    for table, mine in ((RunLink, RunLink.user_id.in_(old)), (User, User.id.in_(old))):
        s.execute(sa.update(table).where(mine).values(name="").execution_options(synchronize_session=False))
    return len(over)


def _read(token: str, secret: str) -> tuple[int, str]:
    try:
        link_id, key = URLSafeSerializer(secret, salt=_SALT).loads(token)
    except (BadSignature, ValueError, TypeError):
        raise LinkDead from None
    return int(link_id), str(key)


def _found(s: Session, link_id: int, key: str) -> Found:
    link = s.scalar(sa.select(RunLink).where(RunLink.id == link_id, RunLink.key_hash == _hash(key)))
    if link is None or link.revoked_at is not None or link.expires_at <= clock.now():
        raise LinkDead
    run, user = _run_of(s, link) or _ended_today(s, link), s.get(User, link.user_id)
    if run is None or user is None or user.erased_at is not None:
        raise LinkDead
    if run.day > clock.today():
        raise TooEarly(day=formats.day(run.day))
    return Found(link.id, user.session_key, user.name, run.code, over=run.state is RunState.FINISHED)


def _run_of(s: Session, link: RunLink) -> Run | None:
    """The stand-in's run, whatever it is called by now."""
    mine = sa.select(Run).where(Run.courier_id == link.user_id, Run.state.in_(ALIVE)).order_by(Run.id.desc()).limit(1)
    return s.scalar(mine)


def _ended_today(s: Session, link: RunLink) -> Run | None:
    """The stand-in's run that is over: its phone may have to send what was said before."""
    mine = sa.select(Run).where(Run.courier_id == link.user_id, Run.state == RunState.FINISHED)
    return s.scalar(mine.where(Run.day == clock.today()).order_by(Run.id.desc()).limit(1))


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _end_of(day: date) -> datetime:
    """Midnight at the end of the day."""
    return clock.at(day + timedelta(days=1), time())
