"""A day's task as the planner sees it: orders with their goods, vehicles, areas where nobody may stop.

Plain frozen values: the batcher's problem is made of them without a session, and their digest says whether anything
that matters has changed since the last plan. Times are seconds after local midnight, loads grams and millilitres.
`inputs.py` reads them from the database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from delivery import pinning
from delivery.batcher import Load
from delivery.elsewhere import Spot
from delivery.travel import Point, Speed


class Goods(NamedTuple):
    """One part as the planner sees it: where it is collected, between which times, and how much room it takes."""

    part_id: int
    shop_id: int
    hours: tuple[tuple[int, int], ...]  # the shop's opening spans of the day; none: closed
    setup: int
    point: Point
    load: Load
    spot: Spot | None = None  # collected there instead

    @property
    def node(self) -> str:
        """The batcher's id of where it is collected."""
        return self.spot.key if self.spot else str(self.shop_id)


class Drop(NamedTuple):
    """One order's goods of the day and its door."""

    order_id: int
    window_id: int
    door: str
    point: Point
    tw_from: int
    tw_to: int
    goods: tuple[Goods, ...]
    age_check: bool = False
    at_point: str = ""  # name of the pick-up point whose counter this is
    home: int = 0  # the vehicle its goods lie in
    rolled: int = 0  # how often it was left behind before

    @property
    def stranded(self) -> bool:
        """Something of it is on board of a vehicle that fell out."""
        return any(goods.spot is not None and goods.spot.run_id for goods in self.goods)


class Wheels(NamedTuple):
    """A vehicle with its driver for the day. `shift_from` is put off while an earlier run keeps it busy."""

    vehicle_id: int
    name: str
    kind: str
    depot: Point
    shift_from: int
    shift_to: int
    cap: Load
    speed: Speed  # its own, or its kind's
    use_cost: int | None = None  # cents for one use
    rest: tuple[int, int, int] | None = None  # break: begins from, to; seconds


class Area(NamedTuple):
    """A circle where a kind of vehicle may not stop between two times."""

    name: str
    kind: str
    centre: Point
    radius_m: int
    shut: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Inputs:
    """A day: `windows` are the closed ones that are planned, `names` says how shops are called in reasons."""

    day: date
    windows: tuple[int, ...]
    drops: tuple[Drop, ...]
    vehicles: tuple[Wheels, ...]
    names: tuple[tuple[int, str], ...] = ()
    pace: tuple[tuple[str, float], ...] = ()  # learnt factors by subject (delivery/pace.py)
    areas: tuple[Area, ...] = ()
    locks: tuple[tuple[int, int], ...] = ()  # (order, vehicle), set by the dispatcher
    max_warm_s: int = 0  # how long cooled goods may be on the way; 0: no limit
    pins: tuple[pinning.Pin, ...] = ()  # stops that keep their place, set by the dispatcher

    @property
    def part_ids(self) -> set[int]:
        """Every part that waits for a run."""
        return {goods.part_id for drop in self.drops for goods in drop.goods}

    @property
    def nodes(self) -> dict[pinning.Visit, str]:
        """What is to be collected -> the batcher's id of where."""
        return {(drop.order_id, goods.shop_id): goods.node for drop in self.drops for goods in drop.goods}

    @property
    def homes(self) -> dict[int, int]:
        """Order -> the vehicle a dispatcher holds it with, itself or through a fixed stop."""
        lying = {drop.order_id: drop.home for drop in self.drops if drop.home}
        return lying | {order: pin.vehicle_id for pin in self.pins for order in pin.orders} | dict(self.locks)

    def without(self, order_ids: Iterable[int]) -> Inputs:
        """The same day when these orders have moved to another."""
        gone = set(order_ids)
        return replace(self, drops=tuple(drop for drop in self.drops if drop.order_id not in gone))

    def digest(self) -> str:
        """The same for the same task: the plan that stands is still right."""
        rules = (self.areas, self.locks, self.max_warm_s, self.pins)
        return hashlib.sha256(repr((self.day, self.drops, self.vehicles, self.pace, rules)).encode()).hexdigest()
