"""What the search can plan of a problem with rules of the street."""

from __future__ import annotations

from dataclasses import replace

from delivery.batcher.facts import Order, ShopNode, Vehicle
from delivery.batcher.problem import Problem
from delivery.batcher.stops import Id


def simpler(problem: Problem) -> Problem:
    """Without rules the search does not know, without vehicles and orders that are bound already.

    Some are kept in mind: a break as a shorter shift, work at the door as set-up, which a house with many recipients
    pays once; of a shop's hours only the span in which most can be collected.
    """
    bound = {route.vehicle for route in problem.keep} | set(problem.homes.values())
    vehicles = tuple(_plain_vehicle(one) for one in problem.vehicles if one.id not in bound)
    seen: set[Id] = set()
    orders = tuple(_plain_order(one, seen) for one in problem.orders if one.id not in problem.homes)
    begin = min((one.shift_from for one in vehicles), default=0)
    end = max((one.tw_to for one in orders), default=0)
    shops = tuple(_plain_shop(one, begin, end) for one in problem.shops)
    return replace(problem, shops=shops, orders=orders, vehicles=vehicles, zones=(), keep=(), max_cooled=None)


def _plain_vehicle(one: Vehicle) -> Vehicle:
    return Vehicle(
        one.id, one.type, one.depot, one.shift_from, one.shift_to - (one.rest.seconds if one.rest else 0), one.cap
    )


def _plain_order(one: Order, seen: set[Id]) -> Order:
    setup = 0 if one.door in seen else one.setup
    if one.door is not None:
        seen.add(one.door)
    return Order(one.id, one.loc, one.tw_from, one.tw_to, setup + one.handling, one.parcels)


def _plain_shop(one: ShopNode, begin: int, end: int) -> ShopNode:
    spans = one.spans
    if len(spans) < 2:
        return one
    first, last = max(spans, key=lambda span: min(span[1], end) - max(span[0], begin))
    return replace(one, open=first, close=last, hours=())
