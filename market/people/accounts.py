"""Accounts: create, sign in, load. Use cases open their own transaction; steps take `s` first."""

from collections.abc import Callable, Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from market.core import clock, codes, db
from market.core.errors import BadInput
from market.core.i18n import N_
from market.people import passwords
from market.people.models import AuditEntry, Role, User, UserRole
from market.web.account import Account

MIN_PASSWORD = 10

ExtraRoles = Callable[[Session, int], Iterable[str]]


class WrongLogin(BadInput):
    """Mail and password do not belong together; which of them is wrong is not said."""

    message = N_("E-Mail-Adresse oder Passwort stimmt nicht.")


class MailTaken(BadInput):
    """The mail address has an account already."""

    message = N_("Zu dieser E-Mail-Adresse gibt es schon ein Konto. Bitte melden Sie sich an.")


class WeakPassword(BadInput):
    """Too short, or made of the mail address."""

    message = N_(
        "Bitte wählen Sie ein Passwort mit mindestens {length} Zeichen, das nicht Ihre E-Mail-Adresse enthält."
    )


def normalise_email(email: str) -> str:
    """Addresses are compared in lower case."""
    return email.strip().lower()


def create(
    s: Session,
    *,
    email: str,
    name: str,
    password: str,
    roles: Iterable[Role] = (),
    phone: str = "",
    demo: bool = False,
    verified: bool = False,
) -> User:
    """Step: a new account. `verified`: the address is known to be theirs. Raises MailTaken, WeakPassword."""
    email = normalise_email(email)
    if len(password) < MIN_PASSWORD or email in password.lower():
        raise WeakPassword(field="password", length=MIN_PASSWORD)
    if s.scalar(sa.select(User.id).where(User.email == email)) is not None:
        raise MailTaken(field="email")
    user = User(
        email=email,
        name=name,
        phone=phone,
        password_hash=passwords.hashed(password),
        session_key=codes.key(),
        created_at=clock.now(),
        email_verified_at=clock.now() if verified else None,
        demo=demo,
        roles=[UserRole(role=role) for role in roles],
    )
    s.add(user)
    s.flush()  # the caller needs the id
    return user


def sign_in(email: str, password: str) -> str:
    """The session key of the account, for Flask-Login. Raises WrongLogin."""
    with db.reading() as s:
        found = s.execute(
            sa.select(User.id, User.password_hash, User.session_key).where(
                User.email == normalise_email(email), User.erased_at.is_(None)
            )
        ).first()
    if not passwords.matches(found.password_hash if found else None, password) or found is None:
        raise WrongLogin(field="password")
    with db.transaction() as s:
        s.execute(sa.update(User).where(User.id == found.id).values(last_login_at=clock.now()))
    return str(found.session_key)


def loader(extra_roles: ExtraRoles) -> Callable[[str], Account | None]:
    """Flask-Login's user loader. `extra_roles` adds what rooms to the right know ("merchant")."""

    def load(session_key: str) -> Account | None:
        with db.reading() as s:
            mine = sa.select(User).where(User.session_key == session_key, User.erased_at.is_(None))
            user = s.scalars(mine.options(joinedload(User.roles))).unique().first()
            if user is None:
                return None
            held = {role.role.value for role in user.roles} | set(extra_roles(s, user.id))
            return Account(user.id, user.name, user.email or "", user.session_key, frozenset(held))

    return load


def audit(
    s: Session, action: str, subject: str, *, by: int | None, merchant_id: int | None = None, **details: object
) -> None:
    """Step: note what a staff member did. `details` holds ids and states, no personal data."""
    s.add(
        AuditEntry(
            at=clock.now(), user_id=by, action=action, subject=subject, merchant_id=merchant_id, details=dict(details)
        )
    )
