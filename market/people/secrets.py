"""Changing and resetting passwords, and proving an address. A new password signs out every other device.

Anybody can register any address. What an address alone opens (a merchant's invoice, the mails we sent there) waits
until somebody who reads its mails and knows the account's password has opened a link that was mailed to it: one of
the two alone is the owner of an address that a stranger registered, or the stranger.
"""

from datetime import datetime

import sqlalchemy as sa
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from market.core import clock, codes, config, db, mail
from market.core.errors import BadInput, MarketError
from market.core.i18n import N_
from market.core.outbox import Job, emit
from market.people import passwords
from market.people.accounts import MIN_PASSWORD, WeakPassword, normalise_email
from market.people.models import User

LINK_LIVES_S = 3600
_SALT = "password-reset"
CONFIRMATION_LIVES_S = 7 * 24 * 3600
_CONFIRM_SALT = "email-confirmation"


class WrongPassword(BadInput):
    """The current password does not fit."""

    message = N_("Das bisherige Passwort stimmt nicht.")


class DeadLink(BadInput):
    """The mailed link is old, used or forged."""

    status = 410
    message = N_("Dieser Link ist abgelaufen oder wurde schon benutzt. Bitte fordern Sie einen neuen an.")


class OtherAccount(MarketError):
    """A link that proves an address, opened by somebody signed in as somebody else."""

    message = N_(
        "Dieser Link gehört zu einem anderen Konto. Bitte melden Sie sich ab und mit dem Konto an, das Sie bestätigen "
        "möchten."
    )


def _check(password: str, email: str) -> None:
    if len(password) < MIN_PASSWORD or (email and email in password.lower()):
        raise WeakPassword(field="password", length=MIN_PASSWORD)


def change(user_id: int, current: str, password: str) -> str:
    """Change the password; the account's new session key. Raises WrongPassword, WeakPassword."""
    with db.reading() as s:
        user = s.get_one(User, user_id)
        held, email = user.password_hash, user.email or ""
    if not passwords.matches(held, current):
        raise WrongPassword(field="current")
    _check(password, email)
    return _store(user_id, password, held)


def _store(user_id: int, password: str, held: str | None, **more: datetime) -> str:
    fresh, hashed = codes.key(), passwords.hashed(password)
    with db.transaction() as s:
        changed = s.scalar(
            sa.update(User)
            .where(User.id == user_id, User.password_hash == held, User.erased_at.is_(None))
            .values(password_hash=hashed, session_key=fresh, **more)
            .returning(User.id)
        )
    if changed is None:
        raise DeadLink
    return fresh


def ask_for_link(email: str) -> None:
    """Use case: somebody forgot the password. Known and unknown addresses write the same row, and a job writes the
    mail: neither the answer nor the time it takes tells who has an account."""
    known = sa.select(User.id).where(User.email == normalise_email(email), User.erased_at.is_(None))
    with db.transaction() as s:
        emit(s, "password.forgotten", user_id=s.scalar(known))


def mail_link(job: Job) -> None:
    """password.forgotten: mail a link that sets a new password; nothing when there is no such account."""
    user_id = job.payload["user_id"]
    with job.finish() as s:
        user = None if user_id is None else s.get(User, user_id)
        if user is None or user.email is None:
            return
        signer = URLSafeTimedSerializer(config.current().secret_key, salt=_SALT)
        token = signer.dumps([user.id, (user.password_hash or "")[-16:]])
        context = {"name": user.name, "token": token}
        mail.queue(s, "password_reset", user.email, key=f"password-reset/{token}", context=context)


def _read(token: str, secret_key: str) -> User:
    try:
        user_id, tail = URLSafeTimedSerializer(secret_key, salt=_SALT).loads(token, max_age=LINK_LIVES_S)
    except (BadSignature, SignatureExpired, ValueError):
        raise DeadLink from None
    with db.reading() as s:
        user = s.get(User, user_id)
        if user is None or user.erased_at is not None or (user.password_hash or "")[-16:] != tail:
            raise DeadLink
        s.expunge(user)
        return user


def check_link(token: str, secret_key: str) -> None:
    """Raises DeadLink when the link can no longer be used."""
    _read(token, secret_key)


def reset(token: str, secret_key: str, password: str) -> str:
    """Set a new password by link, once; the new session key. Raises DeadLink, WeakPassword."""
    user = _read(token, secret_key)
    _check(password, user.email or "")
    return _store(user.id, password, user.password_hash, email_verified_at=clock.now())


def mail_confirmation(user_id: int, secret_key: str) -> None:
    """Mail a link that proves the account's address; silent when it is proved."""
    with db.transaction() as s:
        user = s.get_one(User, user_id)
        if user.email is None or user.email_verified_at is not None:
            return
        token = URLSafeTimedSerializer(secret_key, salt=_CONFIRM_SALT).dumps([user.id, user.email])
        context = {"name": user.name, "token": token}
        mail.queue(s, "email_confirmation", user.email, key=f"email-confirmation/{token}", context=context)


def check_confirmation(token: str, secret_key: str) -> tuple[int, str]:
    """Whose address a link proves: the account's id and the address. Raises DeadLink."""
    reader = URLSafeTimedSerializer(secret_key, salt=_CONFIRM_SALT)
    try:
        user_id, email = reader.loads(token, max_age=CONFIRMATION_LIVES_S)
    except (BadSignature, SignatureExpired, ValueError):
        raise DeadLink from None
    return user_id, email


def confirm(token: str, secret_key: str) -> None:
    """Use case: the address is proved; a second time changes nothing. Raises DeadLink."""
    user_id, email = check_confirmation(token, secret_key)
    with db.transaction() as s:
        proved = s.scalar(
            sa.update(User)
            .where(User.id == user_id, User.email == email, User.erased_at.is_(None))
            .values(email_verified_at=sa.func.coalesce(User.email_verified_at, clock.now()))
            .returning(User.id)
        )
    if proved is None:
        raise DeadLink
