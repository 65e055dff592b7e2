"""Times of a plan: what the courier's sheet and the order page will say."""

from __future__ import annotations

import pytest

from bench.batcher_instances import tiny, town
from delivery.batcher import Drop, Load, Order, Parcel, Plan, Problem, Route, ShopNode, ShopStop, Vehicle, check, solve
from delivery.batcher.timeline import TimedRoute, timeline

_SHOP = ShopNode("s", 1, 0, 50_000, 60, 10)
_TIMES = {"any": [[abs(a - b) * 100 for b in range(4)] for a in range(4)]}


def _order(name: str, loc: int, opens: int, to: int) -> Order:
    return Order(name, loc, opens, to, 30, (Parcel("s", Load(5, 4, 1)),))


def _one(opens: int, to: int, margin: int = 900) -> TimedRoute:
    problem = Problem(
        (_SHOP,), (_order("o", 3, opens, to),), (Vehicle("v", "any", 0, 1_000, 90_000, Load(9, 9, 9)),), _TIMES
    )
    plan = Plan((Route("v", (ShopStop("s", ("o",)), Drop("o"))),))
    assert check(problem, plan).ok
    return timeline(problem, plan, margin=margin)[0]


def test_every_moment_of_a_route_is_known() -> None:
    route = _one(0, 80_000)
    shop, door = route.stops
    assert (route.leave, shop.arrival, shop.start, shop.departure) == (1_000, 1_100, 1_100, 1_170)
    assert (door.arrival, door.start, door.departure, route.back) == (1_370, 1_370, 1_400, 1_700)
    assert (shop.load, door.load) == (Load(5, 4, 1), Load())
    assert (route.travel, shop.travel, door.travel) == (600, 100, 200)


def test_the_vehicle_leaves_late_rather_than_waiting_at_the_door() -> None:
    route = _one(10_000, 20_000)
    assert route.stops[1].wait == 0
    assert route.stops[1].start == 10_000
    assert route.leave == 10_000 - 200 - 70 - 100


def test_it_still_leaves_early_enough_for_a_shop_that_closes() -> None:
    route = _one(60_000, 70_000)
    assert route.stops[0].start == 50_000 - 900
    assert _one(60_000, 70_000, margin=0).stops[0].start == 50_000


def test_neighbouring_drops_at_the_same_door_are_one_stop() -> None:
    orders = (_order("a", 3, 0, 9_000), _order("b", 3, 0, 9_000), _order("c", 2, 0, 9_000))
    problem = Problem((_SHOP,), orders, (Vehicle("v", "any", 0, 0, 90_000, Load(99, 99, 99)),), _TIMES)
    stops = timeline(problem, Plan((Route("v", (ShopStop("s", ("a", "b", "c")), Drop("a"), Drop("b"), Drop("c"))),)))[
        0
    ].stops
    assert [stop.orders for stop in stops] == [["a", "b", "c"], ["a", "b"], ["c"]]
    assert stops[1].departure - stops[1].start == 60
    assert [stop.load.weight for stop in stops] == [15, 5, 0]


@pytest.mark.parametrize("seed", range(6))
def test_put_off_departures_break_no_window(seed: int) -> None:
    problems = [Problem.parse(town(15, seed, vehicles=(1, 1)))] + [Problem.parse(tiny(i)) for i in range(seed, 90, 6)]
    for problem in problems:
        plan = solve(problem, iterations=15)
        shops = {shop.id: shop for shop in problem.shops}
        orders = {order.id: order for order in problem.orders}
        vehicles = {vehicle.id: vehicle for vehicle in problem.vehicles}
        for route in timeline(problem, plan):
            vehicle = vehicles[route.vehicle]
            assert vehicle.shift_from <= route.leave <= route.back <= vehicle.shift_to
            for stop in route.stops:
                if stop.shop is not None:
                    assert shops[stop.shop].open <= stop.start <= shops[stop.shop].close
                else:
                    assert orders[stop.orders[0]].tw_from <= stop.start <= orders[stop.orders[0]].tw_to
            assert route.stops[-1].load == Load()
        assert max((route.back for route in timeline(problem, plan)), default=0) == check(problem, plan).end
