"""Why an order is left behind: the reason is true, and a dispatcher understands it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bench.batcher_exact import NEVER, cheapest_cost
from bench.batcher_instances import tiny
from bench.batcher_truth import untrue
from delivery.batcher import (
    BreakRule,
    Costs,
    Drop,
    Load,
    Order,
    Parcel,
    Problem,
    Reason,
    Route,
    ShopNode,
    Vehicle,
    Zone,
    solve,
)
from delivery.batcher.reasons import CODES, FULL, HELPS
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


_SOON = replace(_ORDER, tw_to=15 * _H + 1_800)
_FIRST = replace(
    _ORDER, id="k", loc=2, tw_to=14 * _H + 3_000, setup=600, penalty=90_000, parcels=(Parcel("b", Load(1)),)
)
"""Must be first: its door is at 14:41, and it takes ten minutes there."""
_MARKET = (Zone(("any",), (3,), ((14 * _H, 20 * _H),), "Marktplatz"),)


def _bike(**facts: Any) -> dict[str, Any]:
    return {"vehicles": (replace(_BIKE, **facts),)}


def _order(**facts: Any) -> dict[str, Any]:
    return {"orders": (replace(_ORDER, **facts),)}


def _baker(**facts: Any) -> dict[str, Any]:
    return {"shops": (replace(_BAKER, **facts), _WINE)}


_BOTH = replace(_ORDER, parcels=(*_ORDER.parcels, Parcel("w", Load(1))))
_LATE = replace(_ORDER, tw_from=16 * _H)

#: By code: what is different from the day on which the order is served (14:20 at the baker, 15:01 at the door, 16:02
#: back), and what the dispatcher reads.
CASES: list[tuple[str, dict[str, Any], str]] = [
    ("no_vehicle", {"vehicles": ()},
     "An diesem Tag fährt kein Fahrzeug. Es hilft, für diesen Tag ein Fahrzeug einzutragen."),
    ("shop_closes", _bike(shift_from=17 * _H),
     ("Bäckerei Korn schließt 17:00, Fahrzeug frühestens 17:20. "
      "Es hilft, früher loszufahren oder eine spätere Abholung abzusprechen.")),
    ("shop_closed", _baker(open=9 * _H, close=8 * _H),
     "Bäckerei Korn hat an diesem Tag nicht geöffnet. Es hilft ein anderer Tag oder eine Absprache mit dem Laden."),
    ("shops_conflict", {"orders": (_BOTH,), "shops": (
        replace(_BAKER, close=14 * _H + 1_300, setup=2_000), replace(_WINE, close=14 * _H + 5_000))},
     ("Nicht alle Läden sind vor Ladenschluss erreichbar: Bäckerei Korn (bis 14:22), Weingut Süd (bis 15:24). "
      "Es hilft, früher loszufahren oder mit einem der Läden eine spätere Abholung abzusprechen.")),
    ("too_heavy", _order(parcels=(Parcel("b", Load(12_500, 1, 1)),)),
     "Zu schwer: 12,5 kg, das Fahrzeug trägt 10 kg. Es hilft nur ein Fahrzeug, das mehr trägt."),
    ("too_big", _order(parcels=(Parcel("b", Load(1, 9_001, 1)),)),
     "Zu groß: 9,001 l, Platz ist für 9 l. Es hilft nur ein größeres Fahrzeug."),
    ("too_cold", _order(parcels=(Parcel("b", Load(1, 1, 600)),)),
     "Zu viel Kühlware: 0,6 l, gekühlter Platz ist für 0,5 l. Es hilft nur ein Fahrzeug mit mehr gekühltem Platz."),
    ("window_missed", _order(tw_to=15 * _H),
     ("Lieferfenster endet 15:00, Fahrzeug frühestens 15:01 an der Tür. "
      "Es hilft, früher loszufahren oder eine spätere Lieferzeit abzusprechen.")),
    ("window_empty", _order(tw_from=16 * _H, tw_to=15 * _H),
     "Das Lieferfenster ist leer (16:00 bis 15:00). Bitte die Lieferzeit berichtigen."),
    ("shift_over", _bike(shift_to=16 * _H),
     ("Schicht endet 16:00, Fahrzeug frühestens 16:02 zurück. "
      "Es hilft, früher loszufahren oder die Schicht zu verlängern.")),
    ("too_costly", {"costs": Costs(1_800, 3_000)},
     ("Der Aufwand wäre zu groß: 152 Minuten mehr, höchstens 50 Minuten. "
      "Wer trotzdem liefern will, gibt die Bestellung selbst einem Fahrzeug.")),
    ("load_full", {"orders": (
        replace(_ORDER, tw_to=15 * _H + 300),
        replace(_ORDER, id="p", tw_to=15 * _H + 300, penalty=90_000, parcels=(Parcel("b", Load(6_000)),)))},
     "Die Tour ist voll beladen, die Bestellung braucht 5 kg und 4 l. Es hilft ein weiteres Fahrzeug."),
    ("time_full", {"orders": (replace(_ORDER, tw_to=15 * _H + 300), _FIRST)},
     ("Zum Lieferfenster 14:00-15:05 ist in der Tour keine Zeit mehr frei. "
      "Es hilft ein weiteres Fahrzeug oder eine andere Lieferzeit.")),
    ("kept_full", {"orders": (_SOON, replace(_LATE, id="k", penalty=90_000)),
                   "keep": (Route("bike", (Drop("k"), Drop("o"))),)},
     "Gehört fest zu Rad 1: die festgehaltene Reihenfolge lässt keinen Platz. Es hilft, den Tag neu zu planen."),
    ("cold_full", {"orders": (_SOON, _FIRST), "max_cooled": 2_460},
     "Die Kühlware wäre länger als 41 Minuten unterwegs. Es hilft ein weiteres Fahrzeug."),
    ("zone_full", {"orders": (_SOON, _FIRST),
                   "zones": (Zone(("any",), (3,), ((15 * _H + 300, 19 * _H),), "Marktplatz"),)},
     "Das Fahrzeug darf dort nicht halten: Marktplatz (15:05-19:00). Es hilft ein Fahrzeug, das dort halten darf."),
    ("break_full", {"orders": (_SOON, _FIRST)} | _bike(rest=BreakRule(14 * _H, 15 * _H + 300, 1_800)),
     ("Mit der Fahrerpause von 30 Minuten (Beginn zwischen 14:00 und 15:05) reicht die Zeit nicht. "
      "Es hilft, die Pause zu verlegen.")),
    ("break_missed", {"orders": (_SOON,)} | _bike(rest=BreakRule(14 * _H, 14 * _H + 1_800, 1_800)),
     ("Mit der Fahrerpause von 30 Minuten (Beginn zwischen 14:00 und 14:30) reicht die Zeit nicht. "
      "Es hilft, die Pause zu verlegen.")),
    ("zone_closed", {"zones": _MARKET},
     "Das Fahrzeug darf dort nicht halten: Marktplatz (14:00-20:00). Es hilft ein Fahrzeug, das dort halten darf."),
    ("too_long_warm", {"max_cooled": 2_400},
     ("Die Kühlware wäre länger als 40 Minuten unterwegs. "
      "Es hilft ein Fahrzeug, das näher steht, oder eine längere erlaubte Zeit.")),
    ("shop_break", {"orders": (_SOON,)} | _baker(hours=((9 * _H, 12 * _H), (16 * _H, 17 * _H))),
     ("Die Pause des Ladens steht im Weg: Bäckerei Korn (offen 9:00-12:00, 16:00-17:00). "
      "Es hilft, mit dem Laden eine Abholung in der Pause abzusprechen.")),
    ("first_or_last", _bike(first=4),
     "Der Halt liegt fest: erster Halt ist Weingut Süd. Es hilft, den festen Halt freizugeben."),
    ("too_many_trips", {"orders": (replace(_ORDER, parcels=(Parcel("w", Load(1)),)), _FIRST),
                        "shops": (_BAKER, replace(_WINE, open=16 * _H))} | _bike(max_trips=1),
     "Das Fahrzeug darf nur einmal laden. Es hilft, mehr Ladungen zu erlauben."),
    ("rules_conflict", {"zones": _MARKET, "max_cooled": 2_400},
     ("Mehrere Regeln zusammen lassen es nicht zu: die Kühlware wäre länger als 40 Minuten unterwegs; "
      "das Fahrzeug darf dort nicht halten: Marktplatz (14:00-20:00).")),
]  # fmt: skip


def _day(rules: dict[str, Any]) -> Problem:
    usual = {"shops": (_BAKER, _WINE), "orders": (_ORDER,), "vehicles": (_BIKE,), "costs": _COSTS}
    return Problem(**{"time": _TIMES, **usual, **rules})


@pytest.mark.parametrize(("code", "rules", "text"), CASES, ids=[code for code, _, _ in CASES])
def test_every_reason_is_said_in_german_and_true(code: str, rules: dict[str, Any], text: str) -> None:
    problem = _day(rules)
    plan = solve(problem, iterations=20)
    (reason,) = plan.reasons
    assert (reason.order, reason.code) == ("o", code)
    assert reason.text == text
    assert untrue(problem, plan, reason) is None


def test_there_is_a_case_for_every_code_and_help_for_nearly_all() -> None:
    assert {code for code, _, _ in CASES} == set(CODES)
    assert set(HELPS) == set(CODES) - {"rules_conflict"}


def test_the_judge_of_reasons_knows_a_lie() -> None:
    problem = _day(_order(tw_to=15 * _H))
    plan = solve(problem, iterations=20)
    told = plan.reasons[0].data["vehicles"][0]
    for lie in ("too_heavy", "shift_over", "time_full", "too_costly"):
        data = {"vehicles": [told | {"code": lie, "cost": 10}]}
        assert untrue(problem, plan, replace(plan.reasons[0], code=lie, data=data)) is not None, lie


def test_everything_that_stands_in_the_way_is_said_not_only_the_first() -> None:
    problem = _day(_order(tw_to=15 * _H, parcels=(Parcel("b", Load(12_500)),)))
    plan = solve(problem, iterations=20)
    (reason,) = plan.reasons
    assert reason.text == (
        "Zu schwer: 12,5 kg, das Fahrzeug trägt 10 kg; außerdem Lieferfenster endet 15:00, Fahrzeug frühestens 15:01 "
        "an der Tür. Es hilft nur ein Fahrzeug, das mehr trägt."
    )
    assert [one["code"] for one in reason.data["vehicles"][0]["also"]] == ["window_missed"]
    assert untrue(problem, plan, reason) is None


def test_the_numbers_behind_a_reason_are_there_for_programs() -> None:
    reason = _why(vehicles=(replace(_BIKE, shift_from=17 * _H),))
    assert (reason.data["close"], reason.data["earliest"]) == (17 * _H, 17 * _H + 1_200)
    dear = _why(costs=Costs(1_800, 3_000))
    assert dear.data["cost"] > dear.data["limit"] == 3_000


def test_where_others_bring_the_fixed_first_stop_only_the_cost_is_in_the_way() -> None:
    """Alone the order could not begin at the wine shop; in the route that begins there it is just too dear."""
    first = replace(_ORDER, id="k", loc=4, parcels=(Parcel("w", Load(1)),), penalty=90_000)
    reason = _why(orders=(replace(_ORDER, penalty=10), first), vehicles=(replace(_BIKE, first=_WINE.loc),))
    assert (reason.order, reason.code, reason.data["limit"]) == ("o", "too_costly", 10)


def test_what_is_on_board_makes_a_tour_full_only_until_it_is_handed_over() -> None:
    """The bike must be at the first door by 14:40 and is empty from there on: what is missing then is time."""
    aboard = Parcel("b", Load(9_000), on="bike")
    first = Order("k", 2, 14 * _H, 14 * _H + 2_430, 60, (aboard,), penalty=90_000)
    problem = _day({"orders": (replace(_ORDER, tw_to=15 * _H + 1_800), first)})
    plan = solve(problem, iterations=20)
    (reason,) = plan.reasons
    assert (reason.order, reason.code) == ("o", "time_full")
    assert untrue(problem, plan, reason) is None


def test_vehicles_that_refuse_for_different_reasons_are_named() -> None:
    reason = _why(vehicles=(replace(_BIKE, cap=Load(1, 1, 1)), replace(_BIKE, id="van", name="Bus", shift_to=16 * _H)))
    assert reason.code == "shift_over"
    assert reason.text.startswith("Rad 1: zu schwer: 5 kg, das Fahrzeug trägt 0,001 kg; außerdem zu groß")
    assert " Bus: Schicht endet 16:00, Fahrzeug frühestens 16:02 zurück. Es hilft" in reason.text
    assert [entry["vehicle"] for entry in reason.data["vehicles"]] == ["bike", "van"]


def test_a_reason_that_would_be_too_long_to_keep_names_the_vehicle_that_comes_nearest() -> None:
    slow = tuple(replace(_BIKE, id=i, name=f"Rad mit langem Namen {i}", shift_to=16 * _H - 60 * i) for i in range(9))
    problem = _day({"vehicles": slow})
    (reason,) = solve(problem, iterations=20).reasons
    assert reason.text == (
        "Rad mit langem Namen 0: Schicht endet 16:00, Fahrzeug frühestens 16:02 zurück. Auch die anderen Fahrzeuge "
        "können es nicht. Es hilft, früher loszufahren oder die Schicht zu verlängern."
    )
    assert len(reason.data["vehicles"]) == 9


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
