"""The rules of the street: for each a plan made by hand that keeps it, and one that breaks just this rule."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from delivery.batcher import (
    Break,
    BreakRule,
    Costs,
    Drop,
    Load,
    Order,
    Parcel,
    Plan,
    Problem,
    Route,
    ShopNode,
    ShopStop,
    Vehicle,
    Verdict,
    Zone,
    check,
    solve,
)
from delivery.batcher.timeline import timeline

# A street of places, 100 seconds apart: 0 depot, 1 baker, 2 butcher, 3 and 4 doors.
_TIMES = {kind: [[abs(a - b) * 100 for b in range(6)] for a in range(6)] for kind in ("bike", "van")}
_BREAD, _HAM = Parcel("baker", Load(2, 3)), Parcel("butcher", Load(1, 1, 1))
_X = Order("X", 3, 0, 9_000, 50, (_BREAD, _HAM))
_Y = Order("Y", 4, 0, 9_000, 50, (_BREAD,))
_BIKE = Vehicle("bike", "bike", 0, 1_000, 9_900, Load(9, 9, 9))
_STOPS = (ShopStop("baker", ("X", "Y")), ShopStop("butcher", ("X",)), Drop("X"), Drop("Y"))
_SHOPS = (ShopNode("baker", 1, 0, 9_000, 60), ShopNode("butcher", 2, 0, 9_000, 60))
_PLAIN = Problem(_SHOPS, (_X, _Y), (_BIKE,), _TIMES, Costs(500, 7_000))
# Undisturbed: baker at 1,100, butcher at 1,260, X at 1,420, Y at 1,570, back at 2,020.


def _problem(x: dict[str, Any] | None = None, bike: dict[str, Any] | None = None, **rules: Any) -> Problem:
    orders = (replace(_X, **(x or {})), _Y)
    return replace(_PLAIN, **{"orders": orders, "vehicles": (replace(_BIKE, **(bike or {})),), **rules})


def _judge(problem: Problem, *stops: Any, left: tuple[str, ...] = ()) -> Verdict:
    return check(problem, Plan((Route("bike", stops or _STOPS),), left), need_reasons=False)


def _begins(problem: Problem, *, margin: int) -> list[int]:
    return [stop.start for stop in timeline(problem, Plan((Route("bike", _STOPS),)), margin=margin)[0].stops]


def _complaint(problem: Problem, *stops: Any, left: tuple[str, ...] = ()) -> str:
    verdict = _judge(problem, *stops, left=left)
    assert len(verdict.errors) == 1, verdict.errors
    return verdict.errors[0]


def _baker(**facts: Any) -> tuple[ShopNode, ...]:
    return (replace(_PLAIN.shops[0], **facts), _PLAIN.shops[1])


def test_without_rules_the_plan_is_what_it_always_was() -> None:
    verdict = _judge(_PLAIN)
    assert verdict.errors == ()
    assert (verdict.cost, verdict.end) == (500 + 800 + 220, 2_020)


def test_a_midday_break_of_a_shop_is_waited_for() -> None:
    shut = _problem(shops=_baker(hours=((0, 1_000), (1_500, 9_000))))
    verdict = _judge(shut)
    assert (verdict.errors, verdict.wait, verdict.end) == ((), 400, 2_420)


def test_a_stop_after_the_last_opening_of_a_shop_is_refused() -> None:
    shut = _problem(shops=_baker(hours=((0, 500), (700, 1_099))))
    assert _complaint(shut) == "vehicle 'bike' stop 1: begins at 1100, after 1099"


def test_hours_of_a_zone_hold_for_the_types_and_places_it_names() -> None:
    for zone, end in [
        (Zone(("bike",), (3,), ((1_400, 1_600),)), 2_200),
        (Zone(("van",), (3,), ((1_400, 1_600),)), 2_020),
        (Zone(("bike",), (5,), ((1_400, 1_600),)), 2_020),
        (Zone(("bike",), (3,), ((1_000, 1_420),)), 2_020),
        (Zone(("bike",), (3,), ((1_000, 1_421),)), 2_021),
    ]:
        verdict = _judge(_problem(zones=(zone,)))
        assert (verdict.errors, verdict.end) == ((), end), zone


def test_a_zone_closed_until_the_window_ends_is_refused() -> None:
    assert "begins at 1420, in closed hours" in _complaint(_problem(zones=(Zone(("bike",), (3,), ((1_400, 9_001),)),)))


_REST = BreakRule(1_300, 1_500, 600)


def test_a_break_is_taken_on_the_way_and_moves_what_follows() -> None:
    stops = (*_STOPS[:2], Break(), *_STOPS[2:])
    verdict = _judge(_problem(bike={"rest": _REST}), *stops)
    assert (verdict.errors, verdict.end) == ((), 2_620)
    route = timeline(_problem(bike={"rest": _REST}), Plan((Route("bike", stops),)))[0]
    assert route.rest is not None
    assert 1_300 <= route.rest[0] <= 1_500
    assert route.rest[1] - route.rest[0] == 600


def test_a_break_before_its_time_is_waited_for() -> None:
    verdict = _judge(_problem(bike={"rest": _REST}), _STOPS[0], Break(), *_STOPS[1:])
    assert (verdict.errors, verdict.end) == ((), 1_300 + 600 + 60 + 100 + 50 + 100 + 50 + 400)


@pytest.mark.parametrize(
    ("stops", "complaint"),
    [
        (_STOPS, "has 0 breaks, 1 is owed"),
        ((*_STOPS[:3], Break(), _STOPS[3]), None),
        ((*_STOPS, Break()), "the break begins at 1620, after 1500"),
    ],
)
def test_a_break_is_owed_and_in_its_time(stops: tuple[Any, ...], complaint: str | None) -> None:
    if complaint is None:
        assert _judge(_problem(bike={"rest": _REST}), *stops).ok
    else:
        assert complaint in _complaint(_problem(bike={"rest": _REST}), *stops)


def test_no_break_is_owed_by_who_is_back_before_it_must_begin() -> None:
    assert _judge(_problem(bike={"rest": BreakRule(1_300, 2_020, 600)})).ok
    assert "1 is owed" in _complaint(_problem(bike={"rest": BreakRule(1_300, 2_019, 600)}))


def test_a_second_break_or_one_nobody_has_is_refused() -> None:
    assert "1 breaks, 0 is owed" in _complaint(_PLAIN, Break(), *_STOPS)
    twice = (Break(), *_STOPS[:2], Break(), *_STOPS[2:])
    assert any("2 breaks" in error for error in _judge(_problem(bike={"rest": _REST}), *twice).errors)


def test_cooled_goods_are_on_board_no_longer_than_allowed() -> None:
    # Ham from the beginning at the butcher (1,260) to the beginning at the door (1,420): 160 seconds.
    assert _judge(_problem(max_cooled=160)).ok
    assert "for 160, longer than 159" in _complaint(_problem(max_cooled=159))
    assert _judge(_problem(x={"max_cooled": 160}, max_cooled=1)).ok
    assert "longer than 159" in _complaint(_problem(x={"max_cooled": 159}))


def test_uncooled_goods_have_no_limit() -> None:
    dry = replace(_HAM, load=Load(1, 1))
    assert _judge(_problem(x={"parcels": (_BREAD, dry)}, max_cooled=1)).ok


def test_collecting_cooled_goods_is_put_off_when_the_door_opens_later() -> None:
    late = _problem(x={"tw_from": 5_000}, max_cooled=200)
    verdict = _judge(late)
    assert verdict.errors == ()
    assert _begins(late, margin=9_999) == [1_100, 4_800, 5_000, 5_150]
    assert _begins(late, margin=0) == [4_680, 4_840, 5_000, 5_150]


def test_times_before_midnight_are_times_like_any_other() -> None:
    """A night's tour counted from the morning after: everything three hours earlier is the same plan."""
    late = _problem(x={"tw_from": 5_000}, max_cooled=200)
    earlier = _earlier(late, 10_800)
    assert _judge(earlier).errors == ()
    assert _judge(earlier).cost == _judge(late).cost
    assert _begins(earlier, margin=0) == [begin - 10_800 for begin in _begins(late, margin=0)]
    assert solve(earlier, iterations=20).routes == solve(late, iterations=20).routes


def _earlier(problem: Problem, by: int) -> Problem:
    return replace(
        problem,
        shops=tuple(replace(one, open=one.open - by, close=one.close - by) for one in problem.shops),
        orders=tuple(replace(one, tw_from=one.tw_from - by, tw_to=one.tw_to - by) for one in problem.orders),
        vehicles=tuple(
            replace(one, shift_from=one.shift_from - by, shift_to=one.shift_to - by) for one in problem.vehicles
        ),
    )


def test_putting_off_does_not_pass_the_closing_of_the_shop() -> None:
    late = _problem(x={"tw_from": 5_000}, max_cooled=200)
    shut = replace(late, shops=(late.shops[0], replace(late.shops[1], close=4_799)))
    assert "longer than 200" in _complaint(shut)


def test_cooled_goods_on_board_already_count_from_their_collection() -> None:
    aboard = replace(_HAM, on="bike", since=1_000)
    stops = (ShopStop("baker", ("X", "Y")), Drop("X"), Drop("Y"))  # X at 1,360
    assert _judge(_problem(x={"parcels": (_BREAD, aboard)}, max_cooled=360), *stops).ok
    assert "for 360" in _complaint(_problem(x={"parcels": (_BREAD, aboard)}, max_cooled=359), *stops)


def test_goods_on_board_need_no_collecting_and_weigh_from_the_start() -> None:
    x = {"parcels": (replace(_BREAD, on="bike"), replace(_HAM, on="bike"))}
    stops = (ShopStop("baker", ("Y",)), Drop("X"), Drop("Y"))
    assert _judge(_problem(x=x, bike={"cap": Load(5, 9, 9)}), *stops).ok
    assert "is more than" in _complaint(_problem(x=x, bike={"cap": Load(4, 9, 9)}), *stops)
    assert _judge(_problem(x=x, bike={"cap": Load(4, 9, 9)}), Drop("X"), ShopStop("baker", ("Y",)), Drop("Y")).ok
    assert "nothing here" in _judge(_problem(x=x), *_STOPS).errors[0]


def test_goods_on_board_of_an_order_left_behind_come_back_with_the_vehicle() -> None:
    x = {"parcels": (replace(_BREAD, on="bike"), _HAM)}
    verdict = _judge(_problem(x=x), ShopStop("baker", ("Y",)), Drop("Y"), left=("X",))
    assert (verdict.errors, verdict.unserved) == ((), 1)
    more = (ShopStop("baker", ("Y",)), ShopStop("butcher", ("X",)), Drop("Y"))
    assert "comes back with goods" in _complaint(_problem(x=x), *more, left=("X",))


def test_an_order_stays_with_its_vehicle() -> None:
    van = replace(_BIKE, id="van", type="van")
    both = (_BIKE, van)
    assert _judge(_problem(x={"vehicle": "bike"}, vehicles=both)).ok
    errors = _judge(_problem(x={"vehicle": "van"}, vehicles=both)).errors
    assert set(errors) == {f"vehicle 'bike' stop {i}: order 'X' belongs to vehicle 'van'" for i in (1, 2, 3)}
    kept = _problem(vehicles=both, keep=(Route("van", (Drop("X"),)),))
    assert "belongs to vehicle 'van'" in _judge(kept).errors[0]


def test_kept_stops_keep_their_sequence_with_others_between() -> None:
    assert _judge(_problem(keep=(Route("bike", (ShopStop("butcher", ("X",)), Drop("Y"))),))).ok
    assert "kept sequence" in _complaint(_problem(keep=(Route("bike", (Drop("Y"), Drop("X"))),)))
    assert "kept sequence" in _complaint(
        _problem(keep=(Route("bike", (ShopStop("butcher", ("X",)), ShopStop("baker", ("X", "Y")))),))
    )


def test_a_kept_order_may_be_left_behind_as_a_whole() -> None:
    kept = _problem(keep=(Route("bike", (Drop("Y"), Drop("X"))),))
    assert _judge(kept, ShopStop("baker", ("Y",)), Drop("Y"), left=("X",)).ok


def test_a_vehicle_under_way_starts_where_it_stands_for_what_it_costs() -> None:
    under_way = _problem(bike={"start": 1, "fixed": 0})
    verdict = _judge(under_way)
    assert (verdict.errors, verdict.travel, verdict.cost) == ((), 700, 700 + 220)


def test_leaving_an_order_behind_costs_its_own_price() -> None:
    left = (ShopStop("baker", ("Y",)), Drop("Y"))
    assert _judge(_problem(x={"penalty": 30}), *left, left=("X",)).cost == 500 + 800 + 110 + 30
    assert _judge(_problem(), *left, left=("X",)).cost == 500 + 800 + 110 + 7_000


def test_the_first_and_the_last_stop_are_where_they_must_be() -> None:
    assert _judge(_problem(bike={"first": 1, "last": 4})).ok
    assert "first stop is not at place 2" in _complaint(_problem(bike={"first": 2}))
    assert "last stop is not at place 3" in _complaint(_problem(bike={"last": 3}))


def test_trips_are_counted_from_nothing_on_board() -> None:
    stops = (ShopStop("baker", ("Y",)), Drop("Y"), ShopStop("baker", ("X",)), ShopStop("butcher", ("X",)), Drop("X"))
    assert _judge(_problem(bike={"max_trips": 2}), *stops).ok
    assert "makes 2 trips, 1 are allowed" in _complaint(_problem(bike={"max_trips": 1}), *stops)
    aboard = _problem(x={"parcels": (replace(_BREAD, on="bike"),)}, bike={"max_trips": 1})
    assert "2 trips" in _complaint(aboard, Drop("X"), ShopStop("baker", ("Y",)), Drop("Y"))
    assert _judge(aboard, ShopStop("baker", ("Y",)), Drop("X"), Drop("Y")).ok


def test_a_house_with_many_recipients_is_set_up_once_and_handled_each() -> None:
    light = replace(_Y, parcels=(Parcel("baker", Load(1, 1)),))
    y, z = replace(light, loc=3, door="house", handling=20), replace(light, id="Z", loc=3)
    orders = (replace(_X, door="house"), y, z)
    stops = (ShopStop("baker", ("X", "Y", "Z")), ShopStop("butcher", ("X",)), Drop("X"), Drop("Y"), Drop("Z"))
    verdict = _judge(_problem(orders=orders), *stops)
    # The third door is at the same place but not of the house: it pays its own set-up.
    assert (verdict.errors, verdict.setup, verdict.doors) == ((), 120 + 50 + 50, 1)
    assert verdict.end == 1_420 + 50 + 20 + 50 + 300
    apart = _judge(_problem(orders=orders), *stops[:3], Drop("Z"), Drop("Y"))
    assert apart.setup == 120 + 3 * 50


def test_the_windows_of_a_house_hold_for_each_recipient() -> None:
    late = (replace(_X, door="house"), replace(_Y, loc=3, door="house", tw_from=2_000, tw_to=2_100))
    assert _judge(_problem(orders=late)).end == 2_000 + 300
    early = (replace(_X, door="house"), replace(_Y, loc=3, door="house", tw_to=1_469))
    assert "begins at 1470, after 1469" in _complaint(_problem(orders=early))


def test_handling_at_the_door_takes_time_and_costs_nothing() -> None:
    verdict = _judge(_problem(x={"handling": 60}))
    assert (verdict.cost, verdict.end) == (500 + 800 + 220, 2_080)


def test_leaving_late_keeps_every_rule() -> None:
    zone = Zone(("bike",), (3,), ((1_000, 4_000),))
    problem = _problem(x={"tw_from": 3_000}, max_cooled=200, zones=(zone,), bike={"rest": BreakRule(2_000, 4_500, 300)})
    stops = (*_STOPS[:3], Break(), _STOPS[3])
    assert _judge(problem, *stops).ok
    route = timeline(problem, Plan((Route("bike", stops),)))[0]
    assert [stop.start for stop in route.stops] == [3_680, 3_840, 4_000, 4_450]
    assert (route.leave, route.rest, route.back) == (3_580, (4_050, 4_350), 4_900)
