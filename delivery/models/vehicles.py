"""Vehicles and streets, and what the dispatcher says about a vehicle on a day."""

from __future__ import annotations

from datetime import date, datetime, time

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.core.db import Base, LabelEnum
from market.core.i18n import N_
from market.core.money import Money


class VehicleKind(LabelEnum):
    """Decides the speed where the vehicle has none of its own (delivery/travel.py)."""

    CARGO_BIKE = ("cargo_bike", N_("Lastenrad"))
    VAN = ("van", N_("Transporter"))


class Vehicle(Base):
    """Something that can do a run. Loads in grams and millilitres; the shift is local time."""

    __tablename__ = "vehicle"
    __table_args__ = (
        sa.CheckConstraint("shift_from < shift_to", name="shift_starts_before_it_ends"),
        sa.CheckConstraint("break_minutes >= 0", name="break_not_negative"),
        sa.CheckConstraint(
            "break_minutes = 0 OR (break_from IS NOT NULL AND break_to IS NOT NULL AND break_from <= break_to)",
            name="break_has_its_time",
        ),
        sa.CheckConstraint("use_cost >= 0", name="use_cost_not_negative"),
        sa.CheckConstraint("kmh_near BETWEEN 3 AND 130", name="kmh_near_bounded"),
        sa.CheckConstraint("kmh_far BETWEEN 3 AND 130", name="kmh_far_bounded"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80), unique=True)
    kind: Mapped[VehicleKind]
    max_weight_g: Mapped[int]
    max_volume_ml: Mapped[int]
    max_cooled_ml: Mapped[int]
    depot_lat: Mapped[float]
    depot_lon: Mapped[float]
    depot_place: Mapped[str] = mapped_column(sa.String(160), default="")  # address in words; empty: the middle of town
    shift_from: Mapped[time]
    shift_to: Mapped[time]
    driver_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))  # who usually drives
    break_from: Mapped[time | None]  # the driver's break begins between these two
    break_to: Mapped[time | None]
    break_minutes: Mapped[int] = mapped_column(default=0)  # 0: no break is planned
    use_cost: Mapped[Money | None]  # what one use of it costs the market; None: what the planner assumes
    kmh_near: Mapped[int | None]  # its own speed in town and (far) beyond; None: as its kind (travel.speed_of)
    kmh_far: Mapped[int | None]
    active: Mapped[bool] = mapped_column(default=True)


class ClosedArea(Base):
    """Streets where a kind of vehicle may not stop at certain hours (a pedestrian area), as a circle."""

    __tablename__ = "closed_area"
    __table_args__ = (
        sa.CheckConstraint("radius_m > 0", name="has_a_size"),
        sa.CheckConstraint("shut_from < shut_to", name="shuts_before_it_opens"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    kind: Mapped[VehicleKind]
    lat: Mapped[float]
    lon: Mapped[float]
    radius_m: Mapped[int]
    shut_from: Mapped[time]
    shut_to: Mapped[time]
    active: Mapped[bool] = mapped_column(default=True)


class OrderLock(Base):
    """The dispatcher's word: on this day this order goes with this vehicle, however the day is planned again."""

    __tablename__ = "order_lock"
    __table_args__ = (sa.Index("ix_order_lock_day", "day"),)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("order.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    vehicle_id: Mapped[int] = mapped_column(sa.ForeignKey("vehicle.id"))
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    at: Mapped[datetime]


class StopEnd(LabelEnum):
    """Where in its run a fixed stop is."""

    BETWEEN = ("between", N_("zwischen zwei Halten"))
    FIRST = ("first", N_("erster Halt"))
    LAST = ("last", N_("letzter Halt"))


class StopRole(LabelEnum):
    """What a visit is for a fixed stop: the stop itself, the one before it, the one after it."""

    HERE = ("here", N_("dieser Halt"))
    BEFORE = ("before", N_("der Halt davor"))
    AFTER = ("after", N_("der Halt danach"))


class StopLock(Base):
    """The dispatcher's word: on this day this stop keeps its place in the run of this vehicle."""

    __tablename__ = "stop_lock"
    __table_args__ = (sa.Index("ix_stop_lock_day", "day"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date]
    vehicle_id: Mapped[int] = mapped_column(sa.ForeignKey("vehicle.id"))
    place: Mapped[StopEnd]
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    at: Mapped[datetime]
    visits: Mapped[list[StopLockVisit]] = relationship(
        cascade="all, delete-orphan", order_by="StopLockVisit.id", passive_deletes=True
    )


class StopLockVisit(Base):
    """One visit of a fixed stop, or of its neighbours: an order at a shop, or (no shop) at its door."""

    __tablename__ = "stop_lock_visit"
    id: Mapped[int] = mapped_column(primary_key=True)
    lock_id: Mapped[int] = mapped_column(sa.ForeignKey("stop_lock.id", ondelete="CASCADE"), index=True)
    role: Mapped[StopRole]
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("order.id"), index=True)
    shop_id: Mapped[int | None] = mapped_column(sa.ForeignKey("shop.id"))


class VehicleOut(Base):
    """A vehicle that does not drive (any more) on this day: broken down, driver ill."""

    __tablename__ = "vehicle_out"
    vehicle_id: Mapped[int] = mapped_column(sa.ForeignKey("vehicle.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    at: Mapped[datetime]
    place: Mapped[str] = mapped_column(sa.String(160), default="")  # where it stands, in words
    lat: Mapped[float | None]  # None: at its depot
    lon: Mapped[float | None]
    attended: Mapped[bool] = mapped_column(default=True)  # somebody is with it and hands over what it carries


class TravelLeg(Base):
    """A way the operator's road network has told, remembered for some weeks. Places are rounded to a metre."""

    __tablename__ = "travel_leg"
    __table_args__ = (sa.Index("ix_travel_leg_at", "at"),)
    source: Mapped[str] = mapped_column(sa.String(16), primary_key=True)  # which engine and profile, hashed
    origin: Mapped[str] = mapped_column(sa.String(24), primary_key=True)
    target: Mapped[str] = mapped_column(sa.String(24), primary_key=True)
    seconds: Mapped[int]
    metres: Mapped[int]
    at: Mapped[datetime]


class Pace(Base):
    """What finished runs taught: how much longer (> 1) or shorter than assumed something takes. A row a day it changed.

    `subject` is a VehicleKind's value (driving), "shop" or "door" (handling there).
    """

    __tablename__ = "pace"
    __table_args__ = (sa.CheckConstraint("factor BETWEEN 0.5 AND 2", name="factor_bounded"),)
    subject: Mapped[str] = mapped_column(sa.String(24), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    factor: Mapped[float]
    samples: Mapped[int]
