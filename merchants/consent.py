"""May the market's helpers act for this merchant? The merchant says so, at its desk or on the phone, and takes it back.

One consent stands at a time (a unique index); older ones stay as history. Every change is in the merchant's log.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from market.core import clock, db, mail
from market.core.errors import BadInput, MarketError, NotFound
from market.core.i18n import N_
from market.directory.models import HelpConsent, Merchant
from market.people.accounts import audit
from market.people.models import User

OLDEST_CALL = timedelta(days=7)


class NotAllowed(MarketError):
    """The merchant has not consented, or not any more."""

    message = N_("{merchant} hat noch nicht erlaubt, dass jemand vom Markt dort arbeitet.")

    def __init__(self, merchant: Merchant) -> None:
        super().__init__(merchant=merchant.name)
        self.merchant_id = merchant.id


class NotThen(BadInput):
    """A call in the future, or longer ago than anybody remembers."""

    message = N_("Bitte geben Sie einen Zeitpunkt in den letzten sieben Tagen an.")


@dataclass(frozen=True, slots=True)
class Given:
    """One consent, standing or taken back, with the names behind it."""

    given_at: datetime
    by_phone: bool
    given_by: str  # on the phone: who said yes; else the member who pressed the button
    noted_by: str
    revoked_at: datetime | None
    revoked_by: str


def allowed(s: Session, merchant_id: int) -> bool:
    """Whether a consent stands."""
    query = sa.select(HelpConsent.id).where(HelpConsent.merchant_id == merchant_id, HelpConsent.revoked_at.is_(None))
    return s.scalar(query) is not None


def standing() -> sa.Exists:
    """Condition on Merchant: a consent stands."""
    return sa.exists().where(HelpConsent.merchant_id == Merchant.id, HelpConsent.revoked_at.is_(None))


def history(s: Session, merchant_id: int) -> list[Given]:
    """Every consent of a merchant, newest first."""
    noted, revoked = aliased(User), aliased(User)
    rows = s.execute(
        sa.select(HelpConsent, noted.name, revoked.name)
        .outerjoin(noted, noted.id == HelpConsent.noted_by_id)
        .outerjoin(revoked, revoked.id == HelpConsent.revoked_by_id)
        .where(HelpConsent.merchant_id == merchant_id)
        .order_by(HelpConsent.id.desc())
        .limit(20)
    )
    return [
        Given(one.given_at, one.by_phone, one.given_by or by or "", by or "", one.revoked_at, taken_back_by or "")
        for one, by, taken_back_by in rows
    ]


# ------------------------------------------------------------------------------------------------------------ use cases


def allow(merchant_id: int, *, by: int) -> None:
    """A member of the merchant says yes. Twice is once."""
    with db.transaction() as s:
        give(s, merchant_id, by=by)


def give(s: Session, merchant_id: int, *, by: int | None) -> None:
    """Step: a consent of the merchant itself, from now on."""
    now = clock.now()
    if _insert(s, merchant_id, given_at=now, noted_by_id=by):
        audit(s, "help.allowed", f"merchant:{merchant_id}", by=by, merchant_id=merchant_id)


def note_call(merchant_id: int, *, given_by: str, at: datetime, by: int) -> None:
    """A helper notes what somebody of the merchant said on the phone; the merchant gets a mail. Twice is once.

    Raises NotThen, NotFound.
    """
    now = clock.now()
    if not now - OLDEST_CALL <= at <= now + timedelta(minutes=1):
        raise NotThen(field="at")
    with db.transaction() as s:
        merchant = s.get(Merchant, merchant_id)
        if merchant is None:
            raise NotFound
        row = _insert(s, merchant_id, given_at=at, noted_by_id=by, by_phone=True, given_by=given_by[:120])
        if row is None:
            return
        audit(s, "help.allowed_by_phone", f"merchant:{merchant_id}", by=by, merchant_id=merchant_id)
        if merchant.email:
            helper = s.get_one(User, by).name
            context = {"merchant": merchant, "given_by": given_by, "at": at, "helper": helper}
            mail.queue(s, "help_consent", merchant.email, key=f"help-consent/{row}", context=context)


def revoke(merchant_id: int, *, by: int) -> None:
    """A member of the merchant takes the consent back: from the next click on nobody acts for it. Twice is once."""
    with db.transaction() as s:
        gone = s.execute(
            sa.update(HelpConsent)
            .where(HelpConsent.merchant_id == merchant_id, HelpConsent.revoked_at.is_(None))
            .values(revoked_at=clock.now(), revoked_by_id=by)
            .returning(HelpConsent.id)
        ).first()
        if gone is not None:
            audit(s, "help.revoked", f"merchant:{merchant_id}", by=by, merchant_id=merchant_id)


def _insert(s: Session, merchant_id: int, **fields: object) -> int | None:
    """The new row, or None when a consent stands already."""
    values = {"by_phone": False, "given_by": "", **fields}
    found: int | None = db.insert_once(s, HelpConsent, merchant_id=merchant_id, noted_at=clock.now(), **values)
    return found
