"""Who uses the market: accounts, roles, consent and the log of what staff did for others."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.core.db import Base, LabelEnum
from market.core.i18n import N_


class Role(LabelEnum):
    """Town-wide roles. Merchant staff are Memberships (directory); everybody is a shopper."""

    COURIER = ("courier", N_("Kurier"))
    CARETAKER = ("caretaker", N_("Kümmerer"))
    EDITOR = ("editor", N_("Redaktion"))
    OPERATOR = ("operator", N_("Betrieb"))


class User(Base):
    """An account. Guests have none and buy all the same."""

    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str | None] = mapped_column(sa.String(254), unique=True)  # lower case; None once erased
    name: Mapped[str] = mapped_column(sa.String(120))
    phone: Mapped[str] = mapped_column(sa.String(40), default="")
    street: Mapped[str] = mapped_column(sa.String(120), default="")
    zip: Mapped[str] = mapped_column(sa.String(10), default="")
    city: Mapped[str] = mapped_column(sa.String(80), default="")
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    session_key: Mapped[str] = mapped_column(sa.String(64), unique=True)  # changes with the password: logs out all
    created_at: Mapped[datetime]
    email_verified_at: Mapped[datetime | None]  # somebody opened a link we mailed there
    last_login_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    demo: Mapped[bool] = mapped_column(default=False)
    roles: Mapped[list["UserRole"]] = relationship(cascade="all, delete-orphan", lazy="selectin")


class UserRole(Base):
    """A role a user holds."""

    __tablename__ = "user_role"
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[Role] = mapped_column(primary_key=True)


class Consent(Base):
    """A consent with the words it was given to (text version), and when it was withdrawn."""

    __tablename__ = "consent"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"), index=True)
    subject: Mapped[str] = mapped_column(sa.String(254))
    purpose: Mapped[str] = mapped_column(sa.String(60))
    text_version: Mapped[str] = mapped_column(sa.String(64))
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class AuditEntry(Base):
    """Append-only: who did what to which thing, and on whose behalf. No personal data beyond ids."""

    __tablename__ = "audit_entry"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"), index=True)
    action: Mapped[str] = mapped_column(sa.String(80))
    subject: Mapped[str] = mapped_column(sa.String(80), index=True)  # "part:17", "shop:3"
    merchant_id: Mapped[int | None] = mapped_column(index=True)  # whose business it was (shown to that merchant)
    details: Mapped[dict[str, Any]]
