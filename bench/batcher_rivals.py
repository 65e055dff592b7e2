"""How a careful person plans without a batcher: the yardsticks of the benchmark. Plans here pass the same judge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from delivery.batcher import Drop, Id, Order, Plan, Problem, Route, ShopStop, Stop, Vehicle, check

#: Orders in a row that do not fit before a vehicle counts as full.
_PATIENCE = 40

Chooser = Callable[[Problem, Vehicle, list[Order], list[Order]], list[Order]]


def nearest_neighbour(problem: Problem) -> Plan:
    """Fill one vehicle after the other with the order whose door is nearest to the last one taken.

    Once with the vehicles as they are listed and once with the biggest first: the cheaper plan.
    """
    big_first = replace(problem, vehicles=tuple(sorted(problem.vehicles, key=lambda one: -one.cap.volume)))
    plans = [nearest_as_listed(problem), nearest_as_listed(big_first)]
    return min(plans, key=lambda plan: check(problem, plan, need_reasons=False).cost)


def nearest_as_listed(problem: Problem) -> Plan:
    """The same once, with the vehicles as they are listed: what "nearest neighbour" usually means."""
    return _batches(problem, _by_distance)


def first_come(problem: Problem) -> Plan:
    """Fill one vehicle after the other in the order of arrival (FIFO batches)."""
    return _batches(problem, lambda _problem, _vehicle, _taken, waiting: waiting)


def _by_distance(problem: Problem, vehicle: Vehicle, taken: list[Order], waiting: list[Order]) -> list[Order]:
    row = problem.time[vehicle.type][taken[-1].loc if taken else vehicle.depot]
    return sorted(waiting, key=lambda order: row[order.loc])


def _batches(problem: Problem, choose: Chooser) -> Plan:
    waiting, routes = list(problem.orders), []
    for vehicle in problem.vehicles:
        taken: list[Order] = []
        route, tries = Route(vehicle.id, ()), 0
        queue = choose(problem, vehicle, taken, waiting)
        while queue and tries < _PATIENCE:
            order = queue.pop(0)
            longer = _route(problem, vehicle, [*taken, order])
            if _works(problem, longer, [*taken, order]):
                taken, route, tries = [*taken, order], longer, 0
                queue = choose(problem, vehicle, taken, [one for one in waiting if one not in taken])
            else:
                tries += 1
        waiting = [order for order in waiting if order not in taken]
        routes.append(route)
    return Plan(tuple(route for route in routes if route.stops), tuple(order.id for order in waiting))


def _works(problem: Problem, route: Route, orders: list[Order]) -> bool:
    part = replace(problem, orders=tuple(orders))
    return check(part, Plan((route,)), need_reasons=False).ok


def _route(problem: Problem, vehicle: Vehicle, orders: list[Order]) -> Route:
    """First all shops, always the nearest next; then all doors, always the one that can begin first."""
    times = problem.time[vehicle.type]
    shops = {shop.id: shop for shop in problem.shops}
    wanted: dict[Id, list[Id]] = {}
    for order in orders:
        for shop_id in dict.fromkeys(parcel.shop for parcel in order.parcels):
            wanted.setdefault(shop_id, []).append(order.id)
    stops: list[Stop] = []
    here, clock = vehicle.depot, vehicle.shift_from
    while wanted:
        shop = shops[min(wanted, key=lambda one: times[here][shops[one].loc])]
        collected = tuple(wanted.pop(shop.id))
        clock = max(clock + times[here][shop.loc], shop.open) + shop.setup + shop.per_parcel * len(collected)
        here = shop.loc
        stops.append(ShopStop(shop.id, collected))
    doors = list(orders)
    while doors:
        door = min(doors, key=lambda one: max(clock + times[here][one.loc], one.tw_from))
        doors.remove(door)
        clock = max(clock + times[here][door.loc], door.tw_from) + door.setup
        here = door.loc
        stops.append(Drop(door.id))
    return Route(vehicle.id, tuple(stops))
