"""Pick-up points, who keeps them, how full they are each day, which order lies where and since when."""

from __future__ import annotations

from datetime import date, datetime, time

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.core.db import Base, LabelEnum
from market.core.i18n import N_
from market.core.money import Money
from market.directory.models import Shop
from market.orders.models import Order
from market.people.models import User


class PickupPoint(Base):
    """A counter of a partner. Address, pin, telephone and hours are those of its place in the directory."""

    __tablename__ = "pickup_point"
    __table_args__ = (
        sa.CheckConstraint("compartments >= 0", name="compartments_not_negative"),
        sa.CheckConstraint("fee >= 0", name="fee_not_negative"),
        sa.CheckConstraint("hold_days BETWEEN 1 AND 14", name="hold_days_sane"),
        sa.CheckConstraint("(gives_from IS NULL) = (gives_until IS NULL)", name="both_times_or_none"),
        sa.CheckConstraint("gives_from IS NULL OR gives_from < gives_until", name="gives_before_it_ends"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(60), unique=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    shop_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.id"), unique=True)  # a place of the directory
    note: Mapped[str] = mapped_column(sa.String(200), default="")  # where to go inside
    fee: Mapped[Money]  # instead of the zone's, once per order; a window's surcharge comes on top
    compartments: Mapped[int]  # orders that may lie here at once
    hold_days: Mapped[int] = mapped_column(default=3)  # opening days after the day it came
    fridge: Mapped[bool] = mapped_column(default=False)
    checks_age: Mapped[bool] = mapped_column(default=False)  # looks at identity cards
    gives_from: Mapped[time | None]  # hands out only between these times of its opening hours
    gives_until: Mapped[time | None]
    active: Mapped[bool] = mapped_column(default=True)
    shop: Mapped[Shop] = relationship()


class PointKeeper(Base):
    """A user who keeps a point. Whoever works for the merchant of the place keeps it, too, without a row."""

    __tablename__ = "point_keeper"
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    point_id: Mapped[int] = mapped_column(sa.ForeignKey("pickup_point.id"), primary_key=True, index=True)
    since: Mapped[datetime]
    user: Mapped[User] = relationship()


class PointDay(Base):
    """How many compartments of a point are spoken for on a day. Moves by one guarded UPDATE (claims.py)."""

    __tablename__ = "point_day"
    __table_args__ = (
        sa.CheckConstraint("taken >= 0", name="taken_not_negative"),
        sa.CheckConstraint("taken <= compartments", name="not_overfilled"),
    )
    point_id: Mapped[int] = mapped_column(sa.ForeignKey("pickup_point.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    compartments: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)


class PointStay(Base):
    """An order's compartment: from the day of its window to the last day it may lie, both inclusive."""

    __tablename__ = "point_stay"
    __table_args__ = (
        sa.CheckConstraint("first_day <= last_day", name="begins_before_it_ends"),
        sa.Index("ix_point_stay_open", "point_id", "released_at"),
    )
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("order.id"), primary_key=True)
    point_id: Mapped[int] = mapped_column(sa.ForeignKey("pickup_point.id"))
    code: Mapped[str] = mapped_column(sa.String(6))  # one for everything the order has there
    code_tries: Mapped[int] = mapped_column(default=0)
    code_locked_until: Mapped[datetime | None]
    first_day: Mapped[date]
    last_day: Mapped[date]
    arrived_at: Mapped[datetime | None]  # the first goods came
    overdue_at: Mapped[datetime | None]  # nobody came until the end of last_day
    released_at: Mapped[datetime | None]  # the compartment is free again
    order: Mapped[Order] = relationship()
    point: Mapped[PickupPoint] = relationship()


class LeftBy(LabelEnum):
    """How goods left a point."""

    SHOPPER = ("shopper", N_("abgeholt"))
    COURIER = ("courier", N_("dem Kurier mitgegeben"))
    SHOP = ("shop", N_("zurück im Laden"))


class PointGoods(Base):
    """One part's goods at a point: when they came, when and how they left, and who pressed the button."""

    __tablename__ = "point_goods"
    part_id: Mapped[int] = mapped_column(sa.ForeignKey("merchant_order.id"), primary_key=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("point_stay.order_id"), index=True)
    arrived_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    left_by: Mapped[LeftBy | None]
    refused: Mapped[bool] = mapped_column(default=False)  # the age check was not passed
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
