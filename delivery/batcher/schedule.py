"""When each stop of a route begins: the earliest times that keep every rule about time. For the judge and the sheet.

Plain Python and no part of the search, so that the judge does not repeat the search's mistakes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from delivery.batcher.problem import Id, Load, Order, Problem, ShopNode, Span, Vehicle


@dataclass(slots=True)
class Visit:
    """One stop on the way, as the clock sees it.

    `leg` is the travel to it, `stay` setup and handling there; it may begin in `spans` but not in `closed` (end
    excluded). `rest`: the driver's break is on the way to it. `load` is what it adds to the load.
    """

    shop: Id | None
    orders: tuple[Id, ...]
    loc: int
    leg: int
    stay: int
    setup: int
    spans: tuple[Span, ...]
    closed: tuple[Span, ...]
    load: Load
    rest: bool = False

    def opening(self, clock: int) -> int | None:
        """The first moment not before `clock` at which it may begin; None when there is none any more."""
        for first, last in self.spans:
            clock = max(clock, first)
            while clock <= last:
                shut = [until for since, until in self.closed if since <= clock < until]
                if not shut:
                    return clock
                clock = max(shut)
        return None

    def latest(self, begin: int) -> int:
        """The last moment of the span that `begin` lies in before hours closed to the vehicle come."""
        last = next((last for first, last in self.spans if first <= begin <= last), begin)
        return min([last, *(since - 1 for since, until in self.closed if begin < since < until)])


@dataclass(frozen=True, slots=True)
class Ride:
    """Cooled goods: from the beginning of visit `pick` (None: on board since `since`) to the beginning of `drop`."""

    order: Id
    pick: int | None
    since: int
    drop: int
    limit: int


@dataclass(slots=True)
class Times:
    """Beginnings and departures by visit, the return to the depot, when the break began, and what is broken."""

    arrival: list[int] = field(default_factory=list)
    begin: list[int] = field(default_factory=list)
    depart: list[int] = field(default_factory=list)
    back: int = 0
    rest_at: int | None = None
    errors: list[str] = field(default_factory=list)


def shop_visit(problem: Problem, vehicle: Vehicle, shop: ShopNode, orders: Sequence[Order], here: int) -> Visit:
    """Collect at a shop for these orders, coming from place `here`."""
    parcels = [parcel.load for order in orders for parcel in order.at(shop.id)]
    return Visit(
        shop=shop.id,
        orders=tuple(order.id for order in orders),
        loc=shop.loc,
        leg=problem.time[vehicle.type][here][shop.loc],
        stay=shop.setup + shop.per_parcel * len(parcels),
        setup=shop.setup,
        spans=shop.spans,
        closed=closed_at(problem, vehicle.type, shop.loc),
        load=sum(parcels, Load()),
    )


def door_visit(problem: Problem, vehicle: Vehicle, order: Order, here: int, *, same_door: bool) -> Visit:
    """Hand an order over; `same_door`: the stop before was at the same door, so neither way nor set-up is due."""
    setup = 0 if same_door else order.setup
    return Visit(
        shop=None,
        orders=(order.id,),
        loc=order.loc,
        leg=0 if same_door else problem.time[vehicle.type][here][order.loc],
        stay=setup + order.handling,
        setup=setup,
        spans=((order.tw_from, order.tw_to),) if order.tw_from <= order.tw_to else (),
        closed=closed_at(problem, vehicle.type, order.loc),
        load=Load() - order.load,
    )


def closed_at(problem: Problem, kind: str, loc: int) -> tuple[Span, ...]:
    """The hours in which this type of vehicle may not begin a stop there."""
    zones = (zone for zone in problem.zones if kind in zone.types and loc in zone.places)
    return tuple(span for zone in zones for span in zone.closed)


def rides(problem: Problem, visits: Sequence[Visit]) -> list[Ride]:
    """Every time limit of cooled goods on this route."""
    orders = {order.id: order for order in problem.orders}
    taken: dict[tuple[Id, Id], int] = {}
    found = []
    for i, visit in enumerate(visits):
        if visit.shop is not None:
            taken |= {(one, visit.shop): i for one in visit.orders}
            continue
        order = orders[visit.orders[0]]
        limit = problem.cold_limit(order)
        for parcel in order.parcels if limit is not None else ():
            if not parcel.load.cooled or limit is None:
                continue
            pick = taken.get((order.id, parcel.shop)) if parcel.on is None else None
            if pick is not None:
                found.append(Ride(order.id, pick, 0, i, limit))
            elif parcel.since is not None:
                found.append(Ride(order.id, None, parcel.since, i, limit))
    return found


def schedule(
    vehicle: Vehicle, visits: Sequence[Visit], home: int, cold: Sequence[Ride], *, leave: int, rest_home: bool = False
) -> Times:
    """The earliest times when leaving at `leave` that keep all rules, or times with errors.

    `home` is the travel from the last visit to the depot, `rest_home`: the break is on that way. Where cooled goods
    would be on board too long, their collection is put off: the smallest delays that work are found by repeating.
    """
    not_before = [leave] * len(visits)
    times = _forward(vehicle, visits, home, not_before, leave, rest_home=rest_home)
    if times.errors:
        return times
    hopeless = [ride for ride in cold if _too_far(vehicle, visits, ride)]
    while not hopeless:
        late = [ride for ride in cold if times.begin[ride.drop] - _picked(times, ride) > ride.limit]
        if not late:
            return times
        for ride in late:
            if ride.pick is None:
                hopeless.append(ride)
            else:
                not_before[ride.pick] = max(not_before[ride.pick], times.begin[ride.drop] - ride.limit)
        put_off = _forward(vehicle, visits, home, not_before, leave, rest_home=rest_home)
        if put_off.errors:
            hopeless = late
        else:
            times = put_off
    for ride in hopeless:
        spent = times.begin[ride.drop] - _picked(times, ride)
        times.errors.append(f"order {ride.order!r}: cooled goods are on board for {spent}, longer than {ride.limit}")
    return times


def _picked(times: Times, ride: Ride) -> int:
    return ride.since if ride.pick is None else times.begin[ride.pick]


def _too_far(vehicle: Vehicle, visits: Sequence[Visit], ride: Ride) -> bool:
    """Even without any waiting the way from shop to door takes too long: putting off would go on for ever."""
    if ride.pick is None:
        return False
    stays = sum(visit.stay for visit in visits[ride.pick : ride.drop])
    legs = sum(visit.leg for visit in visits[ride.pick + 1 : ride.drop + 1])
    rests = any(visit.rest for visit in visits[ride.pick + 1 : ride.drop + 1])
    rest = vehicle.rest.seconds if rests and vehicle.rest else 0
    return stays + legs + rest > ride.limit


def _forward(
    vehicle: Vehicle, visits: Sequence[Visit], home: int, not_before: Sequence[int], leave: int, *, rest_home: bool
) -> Times:
    times = Times()
    clock = leave
    for number, (visit, least) in enumerate(zip(visits, not_before, strict=True), start=1):
        clock = _drive(vehicle, times, clock, visit.leg, rest=visit.rest)
        times.arrival.append(clock)
        begin = visit.opening(max(clock, least))
        if begin is None:
            last = max((last for _, last in visit.spans), default=None)
            late = "where it never may" if last is None else f"after {last}" if clock > last else "in closed hours"
            times.errors.append(f"stop {number}: begins at {clock}, {late}")
            begin = clock
        times.begin.append(begin)
        clock = begin + visit.stay
        times.depart.append(clock)
    times.back = _drive(vehicle, times, clock, home, rest=rest_home)
    return times


def _drive(vehicle: Vehicle, times: Times, clock: int, leg: int, *, rest: bool) -> int:
    """Arrival after a leg; with the break on the way it begins as early as the rule allows, at a stop or between."""
    if not rest or vehicle.rest is None:
        return clock + leg
    if clock > vehicle.rest.latest:
        times.errors.append(f"the break begins at {clock}, after {vehicle.rest.latest}")
    times.rest_at = max(clock, vehicle.rest.earliest)
    return max(clock + leg, vehicle.rest.earliest) + vehicle.rest.seconds
