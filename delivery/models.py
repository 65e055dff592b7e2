"""Zones and villages, windows and bookings, vehicles, runs with their stops and parcels."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.core.db import Base, LabelEnum
from market.core.i18n import N_
from market.core.money import Money
from market.directory.models import Shop
from market.orders.models import MerchantOrder, Order


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
    COLLECT = ("collect", N_("ich hole selbst ab und bekomme die Liefergebühr zurück"))


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


class VehicleKind(LabelEnum):
    """Decides the speed (delivery/travel.py)."""

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
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80), unique=True)
    kind: Mapped[VehicleKind]
    max_weight_g: Mapped[int]
    max_volume_ml: Mapped[int]
    max_cooled_ml: Mapped[int]
    depot_lat: Mapped[float]
    depot_lon: Mapped[float]
    shift_from: Mapped[time]
    shift_to: Mapped[time]
    driver_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))  # who usually drives
    break_from: Mapped[time | None]  # the driver's break begins between these two
    break_to: Mapped[time | None]
    break_minutes: Mapped[int] = mapped_column(default=0)  # 0: no break is planned
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


class VehicleOut(Base):
    """A vehicle that does not drive (any more) on this day: broken down, driver ill."""

    __tablename__ = "vehicle_out"
    vehicle_id: Mapped[int] = mapped_column(sa.ForeignKey("vehicle.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    at: Mapped[datetime]


class Planning(Base):
    """One day's planning: who is at it right now, and the problem the standing plan answers (ids, no addresses)."""

    __tablename__ = "planning"
    day: Mapped[date] = mapped_column(primary_key=True)
    claim: Mapped[str | None] = mapped_column(sa.String(64))  # held by one planner at a time
    claimed_until: Mapped[datetime | None]
    digest: Mapped[str] = mapped_column(sa.String(64), default="")  # of the inputs; the same inputs need no new plan
    problem: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))  # what the judge was asked
    planned_at: Mapped[datetime | None]
    planned_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))


class RunState(LabelEnum):
    """The life of a run."""

    PLANNED = ("planned", N_("geplant"))
    STARTED = ("started", N_("unterwegs"))
    FINISHED = ("finished", N_("beendet"))
    DISCARDED = ("discarded", N_("verworfen"))


class Run(Base):
    """One tour of one vehicle: the stops in order, who drives, and how the plan was found."""

    __tablename__ = "run"
    __table_args__ = (
        sa.Index("ix_run_courier", "courier_id", "day"),
        sa.CheckConstraint("cost >= 0", name="cost_not_negative"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(12), unique=True)
    day: Mapped[date] = mapped_column(index=True)
    vehicle_id: Mapped[int] = mapped_column(sa.ForeignKey("vehicle.id"))
    courier_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    state: Mapped[RunState] = mapped_column(default=RunState.PLANNED)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    distance_m: Mapped[int]
    travel_s: Mapped[int]
    plan: Mapped[dict[str, Any]]  # seed, iterations, cost, travel times' name, whether they are an estimate
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    cost: Mapped[Money | None]  # what the driver, courier or taxi got for it, as the desk entered it
    cost_note: Mapped[str] = mapped_column(sa.String(80), default="")  # to whom, which invoice
    vehicle: Mapped[Vehicle] = relationship()
    stops: Mapped[list[Stop]] = relationship(back_populates="run", order_by="Stop.position")


class StopKind(LabelEnum):
    """At a shop goods come in, at a door they go out."""

    PICKUP = ("pickup", N_("Abholen"))
    DROP = ("drop", N_("Zustellen"))


class Stop(Base):
    """One halt at one door. Same door = same address, never the same coordinates."""

    __tablename__ = "stop"
    __table_args__ = (sa.UniqueConstraint("run_id", "position"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("run.id"))
    position: Mapped[int]
    kind: Mapped[StopKind]
    shop_id: Mapped[int | None] = mapped_column(sa.ForeignKey("shop.id"), index=True)
    door: Mapped[str] = mapped_column(sa.String(240), default="")  # normalised address of a drop
    arrives_at: Mapped[datetime]
    leaves_at: Mapped[datetime]
    travel_s: Mapped[int] = mapped_column(default=0)  # planned driving from the stop before, without waiting
    done_at: Mapped[datetime | None]
    run: Mapped[Run] = relationship(back_populates="stops")
    shop: Mapped[Shop | None] = relationship()


class ParcelState(LabelEnum):
    """Where the goods of one part are, seen by the courier."""

    PLANNED = ("planned", N_("geplant"))
    PICKED_UP = ("picked_up", N_("abgeholt"))
    SHORT = ("short", N_("unvollständig abgeholt"))
    MISSING = ("missing", N_("nicht da"))
    SHOP_CLOSED = ("shop_closed", N_("Laden zu"))
    DELIVERED = ("delivered", N_("zugestellt"))
    FAILED = ("failed", N_("nicht zugestellt"))


class BackTo(LabelEnum):
    """Where goods that were not delivered are taken (delivery/returns.py says which)."""

    SHOP = ("shop", N_("im Laden"))
    VEHICLE = ("vehicle", N_("im Fahrzeug"))
    POINT = ("point", N_("an der Ausgabestelle des Marktes"))


class Parcel(Base):
    """What one shop hands over for one order on one run."""

    __tablename__ = "parcel"
    __table_args__ = (sa.UniqueConstraint("part_id", "run_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    part_id: Mapped[int] = mapped_column(sa.ForeignKey("merchant_order.id"), index=True)
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("run.id"), index=True)
    pickup_stop_id: Mapped[int] = mapped_column(sa.ForeignKey("stop.id"), index=True)
    drop_stop_id: Mapped[int] = mapped_column(sa.ForeignKey("stop.id"), index=True)
    weight_g: Mapped[int]
    volume_ml: Mapped[int]
    cooled_ml: Mapped[int]
    state: Mapped[ParcelState] = mapped_column(default=ParcelState.PLANNED)
    reason: Mapped[str] = mapped_column(sa.String(200), default="")
    at: Mapped[datetime | None]
    back_to: Mapped[BackTo | None]  # not delivered: where the courier takes it
    back_at: Mapped[datetime | None]  # since when it is there
    part: Mapped[MerchantOrder] = relationship()
    run: Mapped[Run] = relationship()


class Unserved(Base):
    """An order that no run of a planning could take, with a reason a dispatcher understands."""

    __tablename__ = "unserved"
    __table_args__ = (sa.UniqueConstraint("order_id", "day"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(index=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("order.id"))
    window_id: Mapped[int] = mapped_column(sa.ForeignKey("delivery_window.id"))
    code: Mapped[str] = mapped_column(sa.String(40))
    reason: Mapped[str] = mapped_column(sa.String(300))
    rolled_to_id: Mapped[int | None] = mapped_column(sa.ForeignKey("delivery_window.id"))
    at: Mapped[datetime]
    order: Mapped[Order] = relationship()


class CourierResult(Base):
    """A result a courier's phone or the desk sent, applied once: the key comes from the form or the phone."""

    __tablename__ = "courier_result"
    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("run.id"), index=True)
    at: Mapped[datetime]


class RunLink(Base):
    """A day link: whoever holds it drives one run on its day without an account. Only the hash of its key is kept."""

    __tablename__ = "run_link"
    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("run.id"), index=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)  # the stand-in
    key_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    name: Mapped[str] = mapped_column(sa.String(80))  # who drives, as the desk wrote it
    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    expires_at: Mapped[datetime]  # the end of the run's day
    revoked_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]  # last opened
    run: Mapped[Run] = relationship()


class RunMove(Base):
    """An order that a dispatcher put on another vehicle, with what is needed to take it back."""

    __tablename__ = "run_move"
    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(index=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("order.id"))
    from_vehicle_id: Mapped[int] = mapped_column(sa.ForeignKey("vehicle.id"))
    to_vehicle_id: Mapped[int] = mapped_column(sa.ForeignKey("vehicle.id"))
    before: Mapped[dict[str, Any]] = mapped_column(sa.JSON)  # {"routes": as the batcher writes them, "lock": vehicle}
    made: Mapped[list[Any]] = mapped_column(sa.JSON)  # codes of the runs that stand since
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    undone_at: Mapped[datetime | None]
    order: Mapped[Order] = relationship()


class ProofKind(LabelEnum):
    """How a drop is proved (delivery/proof.py)."""

    CODE = ("code", N_("Code genannt"))
    SIGNATURE = ("signature", N_("Unterschrift"))
    NAME = ("name", N_("angenommen von"))
    LEFT = ("left", N_("abgestellt"))


class DropProof(Base):
    """The proof of one order's drop. `words` and `strokes` are emptied when the run's doors are forgotten."""

    __tablename__ = "drop_proof"
    __table_args__ = (
        sa.UniqueConstraint("run_id", "order_id"),
        sa.CheckConstraint("length(strokes) <= 24000", name="strokes_small"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("run.id"))
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("order.id"), index=True)
    kind: Mapped[ProofKind]
    words: Mapped[str] = mapped_column(sa.String(150), default="")  # who took it, or where it was left
    strokes: Mapped[str] = mapped_column(sa.Text, default="")  # a signature as an SVG path in a box of 600 x 240
    at: Mapped[datetime]


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
