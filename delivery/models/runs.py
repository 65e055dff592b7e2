"""Runs with their stops and parcels, what came of them, who drove."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from delivery.models.vehicles import Vehicle
from market.core.db import Base, LabelEnum
from market.core.i18n import N_
from market.core.money import Money
from market.directory.models import Shop
from market.orders.models import MerchantOrder, Order


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
    plan: Mapped[dict[str, Any]]  # seed, iterations, cost, travel times' name, an estimate or not, who usually drives
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
    spot: Mapped[str] = mapped_column(sa.String(16), default="")  # goods that are not in their shop: elsewhere.Spot.key
    spot_name: Mapped[str] = mapped_column(sa.String(120), default="")
    spot_place: Mapped[str] = mapped_column(sa.String(160), default="")
    spot_lat: Mapped[float | None]
    spot_lon: Mapped[float | None]
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
    HANDED_ON = ("handed_on", N_("mit einem anderen Fahrzeug"))


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
    """An order, or a house's orders, that a dispatcher put on another vehicle, with what is needed to take it back."""

    __tablename__ = "run_move"
    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(index=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("order.id"))
    from_vehicle_id: Mapped[int] = mapped_column(sa.ForeignKey("vehicle.id"))
    to_vehicle_id: Mapped[int] = mapped_column(sa.ForeignKey("vehicle.id"))
    before: Mapped[dict[str, Any]] = mapped_column(sa.JSON)  # as desk/moves.py writes it: routes, codes, locks, pins
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
