"""What people see of points: the keeper's list, the shopper's panel, the desk's lines. Queries only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from delivery.points.hours import PointHours, hours_of
from delivery.points.keeping import Keeper
from delivery.points.models import LeftBy, PickupPoint, PointDay, PointGoods, PointStay
from delivery.points.offers import city_of, week_text
from market.catalogue.models import Temperature
from market.core import clock
from market.core.config import Region
from market.core.errors import NotFound
from market.core.i18n import N_, gettext
from market.directory.models import Shop
from market.orders.lifecycle import DEAD, DONE
from market.orders.models import Delivery, Fulfilment, MerchantOrder, Order, PartState

AT = N_("am Abholpunkt {point}")
ON_ITS_WAY_BACK = N_("vom Abholpunkt {point} unterwegs zurück")


@dataclass(frozen=True, slots=True)
class Bags:
    """One part's goods as the keeper finds them on the shelf."""

    part_id: int
    number: str
    bags: int
    shop: str
    cold: bool
    min_age: int
    state: PartState
    refused: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """One order at a point. `until`: closing time of its last day."""

    order_id: int
    number: str
    name: str
    point_id: int
    point: str
    until: datetime
    since: datetime
    overdue: bool
    bags: tuple[Bags, ...]
    to_come: int  # parts that are still on their way

    @property
    def alive(self) -> tuple[Bags, ...]:
        """What may be handed over."""
        return tuple(one for one in self.bags if one.state is PartState.AT_POINT)

    @property
    def goes_back(self) -> bool:
        """Whether the courier shall take something along."""
        return self.overdue or any(one.refused or one.state is not PartState.AT_POINT for one in self.bags)

    @property
    def min_age(self) -> int:
        """The highest age mark of what may be handed over."""
        return max((one.min_age for one in self.alive), default=0)

    @property
    def count(self) -> int:
        """Bags on the shelf."""
        return sum(one.bags for one in self.bags)


@dataclass(frozen=True, slots=True)
class Expected:
    """An order that a run brings."""

    number: str
    day: date
    window: str
    parts: int


@dataclass(frozen=True, slots=True)
class Counter:
    """One point as its keeper sees it."""

    point: PickupPoint
    hours: PointHours
    waiting: tuple[Waiting, ...]
    expected: tuple[Expected, ...]
    taken: int  # compartments spoken for today

    @property
    def week(self) -> list[tuple[str, str]]:
        """Its hours in an ordinary week."""
        return week_text(self.hours)


def counters(s: Session, keeper: Keeper, region: Region) -> list[Counter]:
    """The keeper's points with everything that lies there or comes. Seven queries, however many points."""
    wanted = sa.select(PickupPoint).order_by(PickupPoint.name, PickupPoint.id).options(joinedload(PickupPoint.shop))
    if keeper.point_ids is not None:
        wanted = wanted.where(PickupPoint.id.in_(keeper.point_ids))
    points = {point.id: point for point in s.scalars(wanted)}
    hours = hours_of(s, points.values(), region)
    waiting = _waiting(s, points, hours)
    expected = _expected(s, points)
    today = sa.select(PointDay.point_id, PointDay.taken).where(PointDay.day == clock.today())
    taken: Mapping[int, int] = {row[0]: row[1] for row in s.execute(today)}
    return [
        Counter(
            point,
            hours[point.id],
            tuple(one for one in waiting if one.point_id == point.id),
            tuple(one for at, one in expected if at == point.id),
            taken.get(point.id, 0),
        )
        for point in points.values()
    ]


def waiting_order(s: Session, keeper: Keeper, order_id: int, region: Region) -> Waiting:
    """One order at the keeper's point. NotFound for everything else."""
    point = s.scalar(
        sa.select(PickupPoint)
        .join(PointStay, PointStay.point_id == PickupPoint.id)
        .where(PointStay.order_id == order_id)
    )
    if point is None or not keeper.keeps(point.id):
        raise NotFound
    found = _waiting(s, {point.id: point}, hours_of(s, [point], region), order_id=order_id)
    if not found:
        raise NotFound
    return found[0]


def _waiting(
    s: Session,
    points: Mapping[int, PickupPoint],
    hours: Mapping[int, PointHours],
    order_id: int | None = None,
) -> list[Waiting]:
    """Orders of which something lies there, those that go back first, then by how long they may still lie."""
    wanted = (
        sa.select(PointGoods, PointStay, MerchantOrder)
        .join(PointStay, PointStay.order_id == PointGoods.order_id)
        .join(MerchantOrder, MerchantOrder.id == PointGoods.part_id)
        .where(PointGoods.left_at.is_(None), PointStay.point_id.in_(points))
        .order_by(PointStay.last_day, PointGoods.order_id, MerchantOrder.short_number, MerchantOrder.id)
        .options(
            selectinload(MerchantOrder.lines),
            joinedload(MerchantOrder.shop),
            joinedload(MerchantOrder.order).joinedload(Order.delivery),
        )
    )
    if order_id is not None:
        wanted = wanted.where(PointGoods.order_id == order_id)
    rows = s.execute(wanted).all()
    groups: dict[int, list[tuple[PointGoods, PointStay, MerchantOrder]]] = {}
    for goods, stay, part in rows:
        groups.setdefault(stay.order_id, []).append((goods, stay, part))
    coming = _to_come(s, groups)
    found = [
        _one(group, points[group[0][1].point_id], hours[group[0][1].point_id], coming.get(number, 0))
        for number, group in groups.items()
    ]
    return sorted(found, key=lambda one: (not one.goes_back, one.until, one.order_id))


def _one(
    group: Sequence[tuple[PointGoods, PointStay, MerchantOrder]], point: PickupPoint, hours: PointHours, to_come: int
) -> Waiting:
    stay, order = group[0][1], group[0][2].order
    return Waiting(
        order_id=order.id,
        number=order.number,
        name=order.delivery.recipient if order.delivery else order.name,
        point_id=point.id,
        point=point.name,
        until=hours.closes(stay.last_day),
        since=min(goods.arrived_at for goods, _, _ in group),
        overdue=stay.overdue_at is not None,
        bags=tuple(_bags(goods, part) for goods, _, part in group),
        to_come=to_come,
    )


def _bags(goods: PointGoods, part: MerchantOrder) -> Bags:
    given = [line for line in part.lines if line.quantity > line.missing]
    return Bags(
        part_id=part.id,
        number=str(part.short_number or "–"),
        bags=part.bags,
        shop=part.shop.name,
        cold=any(line.temperature is not Temperature.AMBIENT for line in given),
        min_age=part.min_age,
        state=part.state,
        refused=goods.refused,
    )


def _to_come(s: Session, order_ids: Sequence[int] | Mapping[int, object]) -> Mapping[int, int]:
    rows = s.execute(
        sa.select(MerchantOrder.order_id, sa.func.count())
        .where(
            MerchantOrder.order_id.in_(list(order_ids)),
            MerchantOrder.fulfilment == Fulfilment.DELIVERY,
            MerchantOrder.state.not_in(DEAD | DONE | {PartState.AT_POINT}),
        )
        .group_by(MerchantOrder.order_id)
    )
    return {row[0]: row[1] for row in rows}


def _expected(s: Session, points: Mapping[int, PickupPoint]) -> list[tuple[int, Expected]]:
    """What runs of today and the coming days bring: (point, order), soonest first."""
    rows = s.execute(
        sa.select(PointStay.point_id, Order.number, Delivery.day, Delivery.starts, Delivery.ends, sa.func.count())
        .join(Order, Order.id == PointStay.order_id)
        .join(Delivery, Delivery.order_id == Order.id)
        .join(MerchantOrder, MerchantOrder.order_id == Order.id)
        .where(
            PointStay.point_id.in_(points),
            PointStay.released_at.is_(None),
            Delivery.day >= clock.today(),
            Order.confirmed_at.is_not(None),
            MerchantOrder.fulfilment == Fulfilment.DELIVERY,
            MerchantOrder.state.not_in(DEAD | DONE | {PartState.AT_POINT}),
        )
        .group_by(PointStay.point_id, Order.number, Delivery.day, Delivery.starts, Delivery.ends)
        .order_by(Delivery.day, Delivery.starts, Order.number)
    )
    return [(row[0], Expected(row[1], row[2], f"{row[3]:%H:%M}–{row[4]:%H:%M}", row[5])) for row in rows]


# ------------------------------------------------------------------------------------------------------------- shopper


@dataclass(frozen=True, slots=True)
class PointPanel:
    """An order's point on its page and in its mails."""

    name: str
    note: str
    address: str
    phone: str
    slug: str
    week: list[tuple[str, str]]
    code: str
    until: datetime
    hold_days: int
    overdue: bool
    went_back: bool  # what came is gone again, and no other try is agreed
    refused: bool  # of what lies there something stays: the age check was not passed
    lies: frozenset[int]  # parts that may be fetched
    today: str  # its hours today

    @property
    def here(self) -> bool:
        """Something may be fetched."""
        return bool(self.lies)


def panel(s: Session, order_id: int, region: Region) -> PointPanel | None:
    """The point of an order; None for an order to a door. Five queries, one for a door."""
    stay = s.scalar(
        sa.select(PointStay)
        .where(PointStay.order_id == order_id)
        .options(joinedload(PointStay.point).joinedload(PickupPoint.shop))
    )
    if stay is None:
        return None
    point, hours = stay.point, hours_of(s, [stay.point], region)[stay.point_id]
    lies = s.execute(
        sa.select(PointGoods.part_id, PointGoods.refused)
        .join(MerchantOrder, MerchantOrder.id == PointGoods.part_id)
        .where(
            PointGoods.order_id == order_id,
            PointGoods.left_at.is_(None),
            MerchantOrder.state == PartState.AT_POINT,
        )
    ).all()
    return PointPanel(
        name=point.name,
        note=point.note,
        address=f"{point.shop.door}, {point.shop.zip} {city_of(point.shop)}",
        phone=point.shop.phone,
        slug=point.slug,
        week=week_text(hours),
        code=stay.code,
        until=hours.closes(stay.last_day),
        hold_days=point.hold_days,
        overdue=stay.overdue_at is not None,
        went_back=stay.arrived_at is not None and stay.released_at is not None,
        refused=any(refused for _, refused in lies),
        lies=frozenset(part_id for part_id, _ in lies),
        today=", ".join(f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in hours.spans(clock.today())),
    )


# ---------------------------------------------------------------------------------------------------------------- desk


def not_in_the_shop(s: Session, order_id: int) -> tuple[str, ...]:
    """Which shops' goods of an order are at a point, or on their way back from there."""
    rows = s.execute(
        sa.select(Shop.name, PickupPoint.name, PointGoods.left_at)
        .join(MerchantOrder, MerchantOrder.id == PointGoods.part_id)
        .join(Shop, Shop.id == MerchantOrder.shop_id)
        .join(PointStay, PointStay.order_id == PointGoods.order_id)
        .join(PickupPoint, PickupPoint.id == PointStay.point_id)
        .where(
            PointGoods.order_id == order_id,
            sa.or_(
                PointGoods.left_at.is_(None),
                sa.and_(PointGoods.left_by == LeftBy.COURIER, MerchantOrder.state == PartState.WITH_COURIER),
            ),
        )
        .order_by(Shop.name, PointGoods.part_id)
    )
    return tuple(
        f"{shop}: {gettext(AT if left is None else ON_ITS_WAY_BACK).format(point=point)}" for shop, point, left in rows
    )
