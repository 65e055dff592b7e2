"""Zones and villages, windows and bookings."""

from __future__ import annotations

from datetime import date, datetime, time

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.core.db import Base, LabelEnum
from market.core.i18n import N_
from market.core.money import Money
from market.orders.models import Order


class Zone(Base):
    """An area with one honest delivery price."""

    __tablename__ = "zone"
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(60), unique=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    fee: Mapped[Money]
    minimum: Mapped[Money] = mapped_column(default=Money(0))  # goods to be delivered must reach it
    good_fee: Mapped[Money | None]  # what it costs instead of `fee` where a tour passes anyway (delivery/fit.py)
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    places: Mapped[list[ZonePlace]] = relationship(cascade="all, delete-orphan", order_by="ZonePlace.zip")


class ZonePlace(Base):
    """A postcode, or one village of a postcode (one postcode may cover many places). An empty place = the rest."""

    __tablename__ = "zone_place"
    __table_args__ = (sa.UniqueConstraint("zip", "key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    zone_id: Mapped[int] = mapped_column(sa.ForeignKey("zone.id", ondelete="CASCADE"), index=True)
    zip: Mapped[str] = mapped_column(sa.String(10))
    place: Mapped[str] = mapped_column(sa.String(80), default="")
    key: Mapped[str] = mapped_column(sa.String(80), default="")  # normalised place


class WindowTemplate(Base):
    """A weekly delivery window; windows are made from it some weeks ahead by a job."""

    __tablename__ = "window_template"
    __table_args__ = (
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday_known"),
        sa.CheckConstraint("starts < ends", name="starts_before_it_ends"),
        sa.CheckConstraint("capacity >= 0", name="capacity_not_negative"),
        sa.CheckConstraint("fits >= 0", name="fits_not_negative"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    weekday: Mapped[int]
    starts: Mapped[time]
    ends: Mapped[time]
    cutoff_minutes: Mapped[int]  # before `starts`
    capacity: Mapped[int]  # orders
    minimum_orders: Mapped[int] = mapped_column(default=0)
    surcharge: Mapped[Money] = mapped_column(default=Money(0))
    zone_id: Mapped[int | None] = mapped_column(sa.ForeignKey("zone.id"))  # None: every zone
    active: Mapped[bool] = mapped_column(default=True)
    fits: Mapped[int | None]  # how many orders the vehicles manage, estimated each night (delivery/capacity.py)


class WindowState(LabelEnum):
    """A window takes bookings until it is closed, and is planned once."""

    OPEN = ("open", N_("buchbar"))
    CLOSED = ("closed", N_("geschlossen"))
    PLANNED = ("planned", N_("geplant"))
    CANCELLED = ("cancelled", N_("entfällt"))


class DeliveryWindow(Base):
    """A bookable window of one day. `booked` moves by one guarded UPDATE and equals the unreleased bookings."""

    __tablename__ = "delivery_window"
    __table_args__ = (
        sa.UniqueConstraint("day", "starts", "ends", "zone_id"),
        sa.UniqueConstraint("template_id", "day"),  # the one above does not bind windows for every zone (NULL)
        sa.CheckConstraint("booked >= 0", name="booked_not_negative"),
        sa.CheckConstraint("booked <= capacity", name="not_overbooked"),
        sa.CheckConstraint("starts < ends", name="starts_before_it_ends"),
        sa.Index("ix_delivery_window_state", "state", "cutoff_at"),
        {"sqlite_autoincrement": True},  # the number of one that is gone still is in some shopper's open checkout
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    template_id: Mapped[int | None] = mapped_column(sa.ForeignKey("window_template.id", ondelete="SET NULL"))
    zone_id: Mapped[int | None] = mapped_column(sa.ForeignKey("zone.id"))
    day: Mapped[date] = mapped_column(index=True)
    starts: Mapped[time]
    ends: Mapped[time]
    cutoff_at: Mapped[datetime]
    capacity: Mapped[int]
    booked: Mapped[int] = mapped_column(default=0)
    minimum_orders: Mapped[int] = mapped_column(default=0)
    surcharge: Mapped[Money] = mapped_column(default=Money(0))
    state: Mapped[WindowState] = mapped_column(default=WindowState.OPEN)
    planned_at: Mapped[datetime | None]


class IfThin(LabelEnum):
    """What the shopper wants when too few orders come together for a window."""

    MOVE = ("move", N_("aufs nächste Lieferfenster verschieben"))
    COLLECT = ("collect", N_("ich hole selbst in den Läden ab und bekomme die Liefergebühr zurück"))


class Booking(Base):
    """An order's place in a window; released when nothing of the order is to be delivered any more."""

    __tablename__ = "booking"
    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("order.id"), unique=True)
    window_id: Mapped[int] = mapped_column(sa.ForeignKey("delivery_window.id"), index=True)
    zone_id: Mapped[int] = mapped_column(sa.ForeignKey("zone.id"))
    booked_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    if_thin: Mapped[IfThin] = mapped_column(default=IfThin.MOVE)
    rolled_over: Mapped[int] = mapped_column(default=0)  # how often it did not fit and moved to a later window
    order: Mapped[Order] = relationship()
    window: Mapped[DeliveryWindow] = relationship()
