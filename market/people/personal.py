"""What this room keeps about a person: for the download of one's data, and for deletion."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.core import clock, codes, mail
from market.core.models import Mail
from market.people.models import Consent, User, UserRole


def export(s: Session, user_id: int) -> dict[str, Any]:
    """The account as its owner may read it."""
    user = s.get_one(User, user_id)
    consents = s.scalars(sa.select(Consent).where(Consent.user_id == user_id))
    return {
        "name": user.name,
        "email": user.email,
        "email_verified_at": user.email_verified_at.isoformat() if user.email_verified_at else None,
        "phone": user.phone,
        "address": {"street": user.street, "zip": user.zip, "city": user.city},
        "created_at": user.created_at.isoformat(),
        "last_login_at": user.last_login_at.isoformat() if user.last_login_at else None,
        "mails": _mails(s, user.email if user.email_verified_at else None),
        "roles": [role.role.value for role in user.roles],
        "consents": [
            {"purpose": c.purpose, "given_at": c.given_at.isoformat(), "text_version": c.text_version} for c in consents
        ],
    }


def _mails(s: Session, email: str | None) -> list[dict[str, Any]]:
    """What we wrote to this address, without the files that went with it. Nothing as long as it is not proved: it may
    be somebody else's."""
    if not email:
        return []
    found = s.execute(
        sa.select(Mail.queued_at, Mail.subject, Mail.mime).where(Mail.recipient == email).order_by(Mail.id)
    )
    return [{"at": at.isoformat(), "subject": subject, "text": mail.plain_text(mime)} for at, subject, mime in found]


def erase(s: Session, user_id: int) -> None:
    """Step: empty the account. The row stays, nameless, because bookings and the audit log point to it."""
    user = s.get_one(User, user_id)
    user.email = None
    user.name = "gelöscht"
    user.phone = user.street = user.zip = user.city = ""
    user.password_hash = None
    user.session_key = codes.key()
    user.erased_at = clock.now()
    s.execute(sa.delete(UserRole).where(UserRole.user_id == user_id))
    s.execute(sa.update(Consent).where(Consent.user_id == user_id).values(subject="", withdrawn_at=clock.now()))
