"""Merchants (legal sellers), shops (places), staff, opening hours, the gazetteer and what is newly open."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.core.db import Base, LabelEnum
from market.core.i18n import N_
from market.people.models import User


class MerchantStatus(LabelEnum):
    """Only active merchants sell."""

    DRAFT = ("draft", N_("in Vorbereitung"))
    ACTIVE = ("active", N_("aktiv"))
    PAUSED = ("paused", N_("pausiert"))
    CLOSED = ("closed", N_("geschlossen"))


class Merchant(Base):
    """The legal seller: name, tax, payout account (law.md section 2)."""

    __tablename__ = "merchant"
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(60), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    status: Mapped[MerchantStatus] = mapped_column(default=MerchantStatus.DRAFT, index=True)
    kind: Mapped[str] = mapped_column(sa.String(20), default="retail")
    about: Mapped[str] = mapped_column(sa.Text, default="")
    legal_name: Mapped[str] = mapped_column(sa.String(160))
    legal_form: Mapped[str] = mapped_column(sa.String(60), default="")
    represented_by: Mapped[str] = mapped_column(sa.String(160), default="")
    street: Mapped[str] = mapped_column(sa.String(120))
    zip: Mapped[str] = mapped_column(sa.String(10))
    city: Mapped[str] = mapped_column(sa.String(80))
    phone: Mapped[str] = mapped_column(sa.String(40), default="")
    email: Mapped[str] = mapped_column(sa.String(254), default="")
    register: Mapped[str] = mapped_column(sa.String(120), default="")
    tax_number: Mapped[str] = mapped_column(sa.String(40), default="")
    vat_id: Mapped[str] = mapped_column(sa.String(14), default="")
    vat_id_verified_at: Mapped[datetime | None]
    small_business: Mapped[bool] = mapped_column(default=False)  # § 19 UStG: never shows VAT
    supervisory_authority: Mapped[str] = mapped_column(sa.String(160), default="")
    organic_control: Mapped[str] = mapped_column(sa.String(40), default="")
    lucid_number: Mapped[str] = mapped_column(sa.String(40), default="")
    dispute_settlement: Mapped[bool] = mapped_column(default=False)  # VSBG §§ 36, 37
    pays_return: Mapped[bool] = mapped_column(default=False)
    collects_return: Mapped[bool] = mapped_column(default=False)
    payout_account: Mapped[str] = mapped_column(sa.String(80), default="")  # the gateway's account id
    payout_ready: Mapped[bool] = mapped_column(default=False)
    offers_invoice: Mapped[bool] = mapped_column(default=False)  # to customers on its list only (payments)
    answer_within_h: Mapped[int] = mapped_column(default=4)  # opening hours to answer an order part
    verified_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    demo: Mapped[bool] = mapped_column(default=False)
    shops: Mapped[list[Shop]] = relationship(back_populates="merchant", order_by="Shop.position, Shop.id")

    @property
    def address(self) -> str:
        """The legal address in one line."""
        return f"{self.street}, {self.zip} {self.city}"


class PinSource(LabelEnum):
    """Where a point came from, best first."""

    MANUAL = ("manual", N_("von Hand gesetzt"))
    ADDRESS = ("address", N_("Hausnummer"))
    STREET = ("street", N_("Straße"))
    PLACE = ("place", N_("Ort"))
    NONE = ("none", N_("unbekannt"))


class Shop(Base):
    """A place of business in the directory. It may exist without selling (no merchant)."""

    __tablename__ = "shop"
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(60), unique=True)
    merchant_id: Mapped[int | None] = mapped_column(sa.ForeignKey("merchant.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    name: Mapped[str] = mapped_column(sa.String(120), index=True)
    tagline: Mapped[str] = mapped_column(sa.String(160), default="")
    about: Mapped[str] = mapped_column(sa.Text, default="")
    line_of_business: Mapped[str] = mapped_column(sa.String(80), default="")
    street: Mapped[str] = mapped_column(sa.String(120))
    house_number: Mapped[str] = mapped_column(sa.String(12), default="")
    zip: Mapped[str] = mapped_column(sa.String(10))
    city: Mapped[str] = mapped_column(sa.String(80))
    district: Mapped[str] = mapped_column(sa.String(80), default="")
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    accuracy_m: Mapped[int | None]
    pin_source: Mapped[PinSource] = mapped_column(default=PinSource.NONE)
    entrance: Mapped[str] = mapped_column(sa.String(200), default="")
    back_door: Mapped[str] = mapped_column(sa.String(200), default="")
    bell: Mapped[str] = mapped_column(sa.String(120), default="")
    contact_name: Mapped[str] = mapped_column(sa.String(120), default="")
    contact_phone: Mapped[str] = mapped_column(sa.String(40), default="")
    parking: Mapped[str] = mapped_column(sa.String(200), default="")
    phone: Mapped[str] = mapped_column(sa.String(40), default="")
    email: Mapped[str] = mapped_column(sa.String(254), default="")
    website: Mapped[str] = mapped_column(sa.String(200), default="")
    accessibility: Mapped[list[str]] = mapped_column(default=list)
    checked_on: Mapped[date | None]  # "geprüft am": marked after 90 days, off "offen jetzt" after 180
    setup_s: Mapped[int] = mapped_column(default=120)  # a courier's seconds at this door, once per stop
    sunday_exception: Mapped[bool] = mapped_column(default=False)  # bakery, florist, kiosk: may open on Sundays
    pickup: Mapped[bool] = mapped_column(default=True)
    delivers: Mapped[bool] = mapped_column(default=True)  # the courier may collect here
    reserves: Mapped[bool] = mapped_column(default=False)  # keeps goods back for somebody who has not bought them
    active: Mapped[bool] = mapped_column(default=True, index=True)
    merchant: Mapped[Merchant | None] = relationship(back_populates="shops")
    hours: Mapped[list[OpeningHours]] = relationship(
        cascade="all, delete-orphan", order_by="OpeningHours.weekday, OpeningHours.opens"
    )
    exceptions: Mapped[list[HoursException]] = relationship(
        cascade="all, delete-orphan", order_by="HoursException.first_day"
    )

    @property
    def door(self) -> str:
        """Street and number."""
        return f"{self.street} {self.house_number}".strip()

    @property
    def address(self) -> str:
        """The address in one line."""
        return f"{self.door}, {self.zip} {self.city}"


class OpeningHours(Base):
    """Open on `weekday` (0 = Monday) from `opens` to `closes`, local time; several rows a day make a break."""

    __tablename__ = "opening_hours"
    __table_args__ = (
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday_known"),
        sa.CheckConstraint("opens < closes", name="opens_before_it_closes"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    shop_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.id", ondelete="CASCADE"), index=True)
    weekday: Mapped[int]
    opens: Mapped[time]
    closes: Mapped[time]


class HoursException(Base):
    """Other hours than usual from `first_day` to `last_day` (both inclusive); no times = closed."""

    __tablename__ = "hours_exception"
    __table_args__ = (
        sa.CheckConstraint("first_day <= last_day", name="starts_before_it_ends"),
        sa.CheckConstraint("(opens IS NULL) = (closes IS NULL)", name="both_times_or_none"),
        sa.CheckConstraint("opens IS NULL OR opens < closes", name="opens_before_it_closes"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    shop_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.id", ondelete="CASCADE"), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    opens: Mapped[time | None]
    closes: Mapped[time | None]
    note: Mapped[str] = mapped_column(sa.String(120), default="")


class SpecialOpenDay(Base):
    """A Sunday or holiday on which the town lets shops open (LÖffZeitG: at most four a year)."""

    __tablename__ = "special_open_day"
    day: Mapped[date] = mapped_column(primary_key=True)
    opens: Mapped[time]
    closes: Mapped[time]
    name: Mapped[str] = mapped_column(sa.String(120))


class Membership(Base):
    """A user who works for a merchant."""

    __tablename__ = "membership"
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    merchant_id: Mapped[int] = mapped_column(sa.ForeignKey("merchant.id"), primary_key=True, index=True)
    owner: Mapped[bool] = mapped_column(default=False)
    since: Mapped[datetime]
    user: Mapped[User] = relationship()
    merchant: Mapped[Merchant] = relationship()


class HelpConsent(Base):
    """A merchant lets the market's helpers act for it: given at its desk or on the phone, until it is taken back."""

    __tablename__ = "help_consent"
    __table_args__ = (
        sa.Index(
            "ix_help_consent_standing",
            "merchant_id",
            unique=True,
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        ),
        sa.CheckConstraint("NOT by_phone OR given_by <> ''", name="phone_names_somebody"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    merchant_id: Mapped[int] = mapped_column(sa.ForeignKey("merchant.id"), index=True)
    given_at: Mapped[datetime]
    by_phone: Mapped[bool] = mapped_column(default=False)
    given_by: Mapped[str] = mapped_column(sa.String(120), default="")  # on the phone: who said yes
    noted_at: Mapped[datetime]
    noted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))  # the member, or the helper who called
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))


class GazetteerEntry(Base):
    """A street or place with a point, from the region's CSV or the operator's import. ODbL: see docs/geo.md."""

    __tablename__ = "gazetteer_entry"
    __table_args__ = (sa.Index("ix_gazetteer_entry_key", "key", "municipality"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(10))  # street, place, poi, address
    name: Mapped[str] = mapped_column(sa.String(120))
    key: Mapped[str] = mapped_column(sa.String(120))  # normalised name (directory/geocoding.py)
    house_number: Mapped[str] = mapped_column(sa.String(12), default="")
    zip: Mapped[str] = mapped_column(sa.String(10), default="")
    district: Mapped[str] = mapped_column(sa.String(80), default="")
    municipality: Mapped[str] = mapped_column(sa.String(80), default="")
    lat: Mapped[float]
    lon: Mapped[float]
    accuracy_m: Mapped[int]
    source: Mapped[str] = mapped_column(sa.String(120))
    licence: Mapped[str] = mapped_column(sa.String(80))


class OpeningKind(LabelEnum):
    """The life cycle of a place, as the town reads it."""

    PLANNED = ("planned", N_("geplant"))
    POP_UP = ("pop_up", N_("Pop-up"))
    OPENED = ("opened", N_("eröffnet"))
    MOVED = ("moved", N_("umgezogen"))
    NEW_OWNER = ("new_owner", N_("neue Inhaber"))
    NEW_HOURS = ("new_hours", N_("neue Öffnungszeiten"))
    CLOSING = ("closing", N_("schließt"))
    CLOSED = ("closed", N_("geschlossen"))


class Moderation(LabelEnum):
    """A merchant proposes, an editor publishes."""

    PROPOSED = ("proposed", N_("vorgeschlagen"))
    PUBLISHED = ("published", N_("veröffentlicht"))
    REJECTED = ("rejected", N_("abgelehnt"))
    WITHDRAWN = ("withdrawn", N_("zurückgezogen"))


class Opening(Base):
    """One entry of the new-openings feed."""

    __tablename__ = "opening"
    __table_args__ = (
        sa.CheckConstraint("ends_on IS NULL OR starts_on <= ends_on", name="starts_before_it_ends"),
        sa.Index("ix_opening_feed", "moderation", "starts_on"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(sa.String(160), unique=True)  # a tag: URI, the stable id of every feed format
    kind: Mapped[OpeningKind]
    moderation: Mapped[Moderation] = mapped_column(default=Moderation.PROPOSED)
    shop_id: Mapped[int | None] = mapped_column(sa.ForeignKey("shop.id"), index=True)
    title: Mapped[str] = mapped_column(sa.String(120))
    text: Mapped[str] = mapped_column(sa.Text, default="")
    address: Mapped[str] = mapped_column(sa.String(200), default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    proposed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    merchant_id: Mapped[int | None] = mapped_column(sa.ForeignKey("merchant.id"), index=True)
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(sa.String(300), default="")  # why it was rejected
    shop: Mapped[Shop | None] = relationship()
    merchant: Mapped[Merchant | None] = relationship()


class OpeningEvent(Base):
    """Every change of an opening: who, when, from and to."""

    __tablename__ = "opening_event"
    id: Mapped[int] = mapped_column(primary_key=True)
    opening_id: Mapped[int] = mapped_column(sa.ForeignKey("opening.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    by_user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    change: Mapped[dict[str, Any]]
