"""Why an order is left behind: the reason is true, and a dispatcher understands it."""

from __future__ import annotations

from dataclasses import replace

from bench.batcher_exact import NEVER, cheapest_cost
from bench.batcher_instances import tiny
from delivery.batcher import Costs, Load, Order, Parcel, Problem, Reason, ShopNode, Vehicle, solve
from delivery.batcher.reasons import CODES, FULL
from delivery.batcher.said import clock

_H = 3_600
_TIMES = {"any": [[abs(a - b) * 1_200 for b in range(5)] for a in range(5)]}  # a street, 20 minutes apart
_BAKER = ShopNode("b", 1, 9 * _H, 17 * _H, 60, 0, name="Bäckerei Korn")
_WINE = ShopNode("w", 4, 9 * _H, 18 * _H, 60, 0, name="Weingut Süd")
_BIKE = Vehicle("bike", "any", 0, 14 * _H, 20 * _H, Load(10_000, 9_000, 500), name="Rad 1")
_ORDER = Order("o", 3, 14 * _H, 19 * _H, 60, (Parcel("b", Load(5_000, 4_000, 100)),))

_COSTS = Costs(1_800, 20_000)


def _why(*, shops: tuple[ShopNode, ...] = (_BAKER, _WINE), orders: tuple[Order, ...] = (_ORDER,),
         vehicles: tuple[Vehicle, ...] = (_BIKE,), costs: Costs = _COSTS) -> Reason:  # fmt: skip
    reasons = solve(Problem(shops, orders, vehicles, _TIMES, costs), iterations=20).reasons
    assert len(reasons) == 1
    assert reasons[0].code in CODES
    return reasons[0]


def test_the_example_order_itself_is_no_problem() -> None:
    assert solve(Problem((_BAKER, _WINE), (_ORDER,), (_BIKE,), _TIMES), iterations=20).unserved == ()


def test_no_vehicle() -> None:
    assert _why(vehicles=()).text == "An diesem Tag fährt kein Fahrzeug."


def test_a_shop_that_closes_before_the_vehicle_can_be_there() -> None:
    reason = _why(vehicles=(replace(_BIKE, shift_from=17 * _H),))
    assert reason.code == "shop_closes"
    assert reason.text == "Bäckerei Korn schließt 17:00, Fahrzeug frühestens 17:20."
    assert (reason.data["close"], reason.data["earliest"]) == (17 * _H, 17 * _H + 1_200)


def test_a_shop_that_does_not_open_at_all() -> None:
    reason = _why(shops=(replace(_BAKER, open=9 * _H, close=8 * _H), _WINE))
    assert (reason.code, reason.text) == ("shop_closed", "Bäckerei Korn hat an diesem Tag nicht geöffnet.")


def test_two_shops_that_cannot_both_be_reached() -> None:
    early = (replace(_BAKER, close=14 * _H + 1_300), replace(_WINE, close=14 * _H + 5_000))
    both = replace(_ORDER, parcels=(*_ORDER.parcels, Parcel("w", Load(1))))
    reason = _why(shops=(replace(early[0], setup=2_000), early[1]), orders=(both,))
    assert reason.code == "shops_conflict"
    assert "Bäckerei Korn (bis 14:22), Weingut Süd (bis 15:24)" in reason.text


def test_goods_that_are_too_heavy_too_big_or_too_much_to_cool() -> None:
    for load, code, text in [
        (Load(12_500, 1, 1), "too_heavy", "Zu schwer: 12,5 kg, erlaubt sind 10 kg."),
        (Load(1, 9_001, 1), "too_big", "Zu groß: 9,001 l, Platz ist für 9 l."),
        (Load(1, 1, 600), "too_cold", "Zu viel Kühlware: 0,6 l, gekühlter Platz ist für 0,5 l."),
    ]:
        reason = _why(orders=(replace(_ORDER, parcels=(Parcel("b", load),)),))
        assert (reason.code, reason.text) == (code, text)


def test_a_window_that_ends_too_early_or_before_it_begins() -> None:
    reason = _why(orders=(replace(_ORDER, tw_to=15 * _H),))
    assert reason.code == "window_missed"
    assert reason.text == "Lieferfenster endet 15:00, Fahrzeug frühestens 15:01 an der Tür."
    assert _why(orders=(replace(_ORDER, tw_from=16 * _H, tw_to=15 * _H),)).code == "window_empty"


def test_a_shift_that_ends_before_the_vehicle_is_back() -> None:
    reason = _why(vehicles=(replace(_BIKE, shift_to=16 * _H),))
    assert (reason.code, reason.text) == ("shift_over", "Schicht endet 16:00, Fahrzeug frühestens 16:02 zurück.")


def test_a_way_that_costs_more_than_leaving_the_order() -> None:
    reason = _why(costs=Costs(1_800, 3_000))
    assert reason.code == "too_costly"
    assert reason.data["cost"] > reason.data["limit"] == 3_000


def test_a_vehicle_that_others_have_filled() -> None:
    now = replace(_ORDER, tw_to=15 * _H + 300)
    reason = _why(orders=(now, replace(now, id="p", parcels=(Parcel("b", Load(6_000)),))))
    assert (reason.code, reason.text) == ("load_full", "Die Tour ist voll beladen.")


def test_a_vehicle_without_time_for_one_more() -> None:
    now = replace(_ORDER, tw_to=15 * _H + 60, parcels=(Parcel("b", Load(1)),))
    reason = _why(orders=(now, replace(now, id="p", loc=2, tw_from=15 * _H, setup=600)))
    assert reason.code == "time_full"


def test_vehicles_that_refuse_for_different_reasons_are_named() -> None:
    reason = _why(vehicles=(replace(_BIKE, cap=Load(1, 1, 1)), replace(_BIKE, id="van", name="Bus", shift_to=16 * _H)))
    assert reason.code == "shift_over"
    assert reason.text.startswith("Rad 1: zu schwer")
    assert "; Bus: Schicht endet 16:00" in reason.text
    assert [entry["vehicle"] for entry in reason.data["vehicles"]] == ["bike", "van"]


def test_minutes_are_rounded_up_so_that_nothing_looks_in_time_that_is_not() -> None:
    assert clock(17 * _H) == "17:00"
    assert clock(17 * _H + 1) == "17:01"


def test_what_is_said_to_be_impossible_is_impossible_even_alone() -> None:
    """All reasons but the three about other orders or cost claim that no vehicle could do it: brute force agrees."""
    told = 0
    for seed in range(3_000, 3_250):
        problem = Problem.parse(tiny(seed))
        for reason in solve(problem, iterations=30).reasons:
            alone = next(order for order in problem.orders if order.id == reason.order)
            dear = replace(problem, orders=(alone,), costs=Costs(0, NEVER // 2))
            impossible = cheapest_cost(dear) >= NEVER // 2
            assert impossible == (reason.code not in FULL), (seed, reason)
            told += impossible
    assert told > 100
