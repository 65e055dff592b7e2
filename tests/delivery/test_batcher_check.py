"""The judge: a good plan passes with its cost, and every way to spoil it is found."""

from __future__ import annotations

from dataclasses import replace

import pytest

from delivery.batcher import (
    Costs,
    Drop,
    Load,
    Order,
    Parcel,
    Plan,
    Problem,
    Reason,
    Route,
    ShopNode,
    ShopStop,
    Vehicle,
    check,
)

# Places: 0 depot, 1 baker, 2 butcher, 3 door of X and Y, 4 door of Z; ten minutes between any two.
_TIMES = tuple(tuple(0 if a == b else 600 for b in range(5)) for a in range(5))
BREAD, HAM = Parcel("baker", Load(2, 3, 0)), Parcel("butcher", Load(1, 1, 1))
PROBLEM = Problem(
    shops=(ShopNode("baker", 1, 0, 10_000, 60, 10), ShopNode("butcher", 2, 0, 10_000, 60, 10)),
    orders=(
        Order("X", 3, 0, 20_000, 120, (BREAD, HAM)),
        Order("Y", 3, 0, 20_000, 120, (BREAD,)),
        Order("Z", 4, 9_000, 20_000, 120, (HAM,)),
    ),
    vehicles=(
        Vehicle("bike", "any", 0, 0, 30_000, Load(6, 8, 2)),
        Vehicle("van", "any", 0, 0, 30_000, Load(50, 70, 20)),
    ),
    time={"any": _TIMES},
    costs=Costs(vehicle=1_000, unserved=5_000),
)
STOPS = (
    ShopStop("baker", ("X", "Y")),
    ShopStop("butcher", ("X", "Z")),
    Drop("X"),
    Drop("Y"),
    Drop("Z"),
)
GOOD = Plan((Route("bike", STOPS),))


def test_a_good_plan_passes_with_its_cost_and_figures() -> None:
    verdict = check(PROBLEM, GOOD)
    assert verdict.errors == ()
    assert verdict.travel == 5 * 600
    assert verdict.setup == 60 + 60 + 3 * 120
    assert verdict.cost == 1_000 + 3_000 + 480
    # 600 + 60 + 20, 600 + 60 + 20, 600 + 120, 120, then 600 to Z: at 2,800 there, waits for 9,000.
    assert verdict.wait == 9_000 - 2_800
    assert verdict.end == 9_000 + 120 + 600
    assert (verdict.shop_stops, verdict.doors, verdict.runs, verdict.vehicles) == (2, 2, 1, 1)


def test_two_trips_of_one_vehicle_are_two_runs() -> None:
    stops = (ShopStop("baker", ("Y",)), Drop("Y"), ShopStop("baker", ("X",)), ShopStop("butcher", ("X", "Z")))
    verdict = check(PROBLEM, Plan((Route("bike", (*stops, Drop("X"), Drop("Z"))),)))
    assert verdict.ok
    assert verdict.runs == 2


@pytest.mark.parametrize(
    ("stops", "complaint"),
    [
        (STOPS[1:], "not complete on board"),
        (STOPS[:4], "comes back with goods"),
        ((*STOPS, Drop("Z")), "dropped 2 x"),
        ((STOPS[0], STOPS[2], STOPS[1], *STOPS[3:]), "not complete on board"),
        ((ShopStop("baker", ("X",)), ShopStop("baker", ("Y",)), *STOPS[1:]), "same shop twice"),
        ((ShopStop("baker", ()), *STOPS), "without orders"),
        ((ShopStop("baker", ("X", "X", "Y")), *STOPS[1:]), "collected twice"),
        ((ShopStop("baker", ("X", "Y", "Z")), *STOPS[1:]), "has nothing here"),
        ((ShopStop("baker", ("X", "Y", "nobody")), *STOPS[1:]), "has nothing here"),
        ((ShopStop("nowhere", ("X",)), *STOPS), "no shop 'nowhere'"),
        ((*STOPS, Drop("nobody")), "no order 'nobody'"),
        ((*STOPS, ShopStop("baker", ("Y",))), "was dropped before"),
    ],
)
def test_a_spoiled_route_is_refused(stops: tuple[Drop | ShopStop, ...], complaint: str) -> None:
    errors = check(PROBLEM, Plan((Route("bike", stops),))).errors
    assert any(complaint in error for error in errors), errors


def test_too_much_on_board_is_refused_in_each_dimension() -> None:
    for cap in (Load(5, 8, 2), Load(6, 7, 2), Load(6, 8, 1)):
        small = replace(PROBLEM, vehicles=(replace(PROBLEM.vehicles[0], cap=cap),))
        assert any("more than" in error for error in check(small, GOOD).errors), cap


def test_late_is_refused_at_the_shop_at_the_door_and_at_home() -> None:
    baker, butcher = PROBLEM.shops
    closed = replace(PROBLEM, shops=(replace(baker, close=599), butcher))
    assert "after 599" in check(closed, GOOD).errors[0]
    x, y, z = PROBLEM.orders
    early = replace(PROBLEM, orders=(replace(x, tw_to=1_959), y, z))
    assert "begins at 1960, after 1959" in check(early, GOOD).errors[0]
    short = replace(PROBLEM, vehicles=(replace(PROBLEM.vehicles[0], shift_to=9_719),))
    assert "back at 9720" in check(short, GOOD).errors[0]


def test_a_vehicle_has_one_route_and_must_exist() -> None:
    assert any("2 routes" in error for error in check(PROBLEM, Plan((*GOOD.routes, *GOOD.routes))).errors)
    assert any("no vehicle 'ufo'" in error for error in check(PROBLEM, Plan((Route("ufo", STOPS),))).errors)


def test_an_order_left_behind_needs_exactly_one_reason() -> None:
    left = Plan((), ("X", "Y", "Z"))
    because = tuple(Reason(one, "no_vehicle", "Kein Fahrzeug.") for one in left.unserved)
    assert check(PROBLEM, replace(left, reasons=because)).ok
    assert check(PROBLEM, left, need_reasons=False).cost == 15_000
    for reasons in ((), because[:2], because + because[:1], (*because[:2], replace(because[2], text=""))):
        assert any("reasons" in error for error in check(PROBLEM, replace(left, reasons=reasons)).errors), reasons
    assert any("not left behind" in error for error in check(PROBLEM, replace(GOOD, reasons=because[:1])).errors)


def test_an_order_is_neither_forgotten_nor_listed_twice() -> None:
    for unserved in ((), ("X",), ("X", "Y", "Z", "Z"), ("X", "Y", "Z", "nobody")):
        assert not check(PROBLEM, Plan((), unserved), need_reasons=False).ok, unserved
