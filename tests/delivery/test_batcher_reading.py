"""A problem file: each wrong field is named with file and field; what is right comes back the same, every rule too."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.batcher_instances import tiny_street
from delivery.batcher import BadProblem, Break, Drop, Load, Plan, Problem, Reason, Route, ShopStop, Zone

Raw = dict[str, Any]
Change = Callable[[Raw], object]


def _raw() -> Raw:
    """A small problem that uses every field there is, each with a value that is not the usual one."""
    rows = [[0, 60, 120], [70, 0, 80], [90, 100, 0]]
    return {
        "name": "Dienstag",
        "shops": [
            {"id": "b", "loc": 1, "open": 100, "close": 900, "setup": 7, "per_parcel": 3, "name": "Korn",
             "hours": [[100, 400], [500, 900]]},
            {"id": 2, "loc": 0, "hours": [[0, 50], [60, 950]]},
        ],
        "orders": [
            {"id": "o", "loc": 2, "tw": [200, 800], "setup": 11, "door": "Haus 1", "handling": 4, "vehicle": "rad",
             "penalty": 5_000, "max_cooled": 300,
             "parcels": [{"shop": "b", "weight": 1, "volume": 2, "cooled": 2, "on": "rad", "since": 90},
                         {"shop": 2, "weight": 3, "volume": 4, "cooled": 0}]},
            {"id": 7, "loc": 2, "tw": [0, 900], "setup": 11, "door": "Haus 1", "parcels": [{"shop": 2}]},
        ],
        "vehicles": [
            {"id": "rad", "type": "bike", "depot": 0, "shift": [50, 990], "cap": [10, 20, 30], "name": "Rad 1",
             "start": 1, "fixed": 0, "max_trips": 3, "first": 1, "last": 2,
             "break": {"from": 400, "to": 500, "seconds": 30}},
            {"id": 9, "type": "van", "depot": 0, "shift": [0, 999], "cap": [10, 20, 30]},
        ],
        "time": {"bike": rows, "van": rows},
        "cost": {"vehicle": 17, "unserved": 19},
        "zones": [{"types": ["van"], "places": [1, 2], "closed": [[10, 20], [30, 40]], "name": "Markt"}],
        "keep": [{"vehicle": "rad", "stops": [{"shop": 2, "orders": ["o"]}, {"drop": "o"}]}],
        "max_cooled": 600,
    }  # fmt: skip


def _at(raw: Raw, path: str) -> tuple[Any, Any]:
    """The container of a field like `orders[0].tw[1]`, and its key there."""
    keys: list[Any] = [int(key) if key.isdigit() else key for key in path.replace("]", "").replace("[", ".").split(".")]
    here: Any = raw
    for key in keys[:-1]:
        here = here[key]
    return here, keys[-1]


#: Fields that must be there.
_NEEDED = (
    "shops", "orders", "vehicles", "time",
    "shops[0].id", "shops[0].loc", "orders[0].id", "orders[0].loc", "orders[0].tw", "orders[0].parcels",
    "orders[0].parcels[0].shop", "vehicles[0].id", "vehicles[0].type", "vehicles[0].depot", "vehicles[0].shift",
    "vehicles[0].cap", "vehicles[0].break.from", "vehicles[0].break.to", "vehicles[0].break.seconds", "zones[0].types",
    "zones[0].places", "zones[0].closed", "keep[0].vehicle", "keep[0].stops", "keep[0].stops[0].orders",
)  # fmt: skip
#: Whole numbers, and whether they may be negative.
_NUMBERS = {
    "shops[0].loc": False, "shops[0].open": True, "shops[0].close": True, "shops[0].setup": False,
    "shops[0].per_parcel": False, "shops[0].hours[1][0]": True, "shops[0].hours[1][1]": True, "orders[0].loc": False,
    "orders[0].tw[0]": True, "orders[0].tw[1]": True, "orders[0].setup": False, "orders[0].handling": False,
    "orders[0].penalty": False, "orders[0].max_cooled": False, "orders[0].parcels[0].weight": False,
    "orders[0].parcels[0].volume": False, "orders[0].parcels[0].cooled": False, "orders[0].parcels[0].since": True,
    "vehicles[0].depot": False, "vehicles[0].shift[0]": True, "vehicles[0].shift[1]": True, "vehicles[0].cap[0]": False,
    "vehicles[0].cap[1]": False, "vehicles[0].cap[2]": False, "vehicles[0].start": False, "vehicles[0].fixed": False,
    "vehicles[0].max_trips": False, "vehicles[0].first": False, "vehicles[0].last": False,
    "vehicles[0].break.from": True, "vehicles[0].break.to": True, "vehicles[0].break.seconds": False,
    "time.bike[1][2]": False, "cost.vehicle": False, "cost.unserved": False, "zones[0].places[1]": False,
    "zones[0].closed[1][0]": True, "zones[0].closed[1][1]": True, "max_cooled": False,
}  # fmt: skip
#: What one arc of the search is made of.
_ARCS = ("shops[0].setup", "orders[0].setup", "orders[0].handling", "time.bike[0][1]")
_IDS = (
    "shops[0].id", "orders[0].id", "orders[0].door", "orders[0].vehicle", "orders[0].parcels[0].shop",
    "orders[0].parcels[0].on", "vehicles[0].id", "keep[0].vehicle", "keep[0].stops[0].shop",
    "keep[0].stops[0].orders[0]", "keep[0].stops[1].drop",
)  # fmt: skip
_TEXTS = ("name", "shops[0].name", "vehicles[0].name", "vehicles[0].type", "zones[0].name", "zones[0].types[0]")
_LISTS = (
    "shops", "orders", "vehicles", "zones", "keep", "shops[0].hours", "orders[0].tw", "orders[0].parcels",
    "vehicles[0].shift", "vehicles[0].cap", "zones[0].types", "zones[0].places", "zones[0].closed", "keep[0].stops",
    "keep[0].stops[0].orders", "time.bike",
)  # fmt: skip
_OBJECTS = (
    "shops[0]", "orders[0]", "orders[0].parcels[0]", "vehicles[0]", "vehicles[0].break", "zones[0]", "keep[0]",
    "keep[0].stops[0]", "time", "cost",
)  # fmt: skip
#: Places, which must be in the matrix.
_PLACES = (
    "shops[0].loc", "orders[0].loc", "vehicles[0].depot", "vehicles[0].start", "vehicles[0].first", "vehicles[0].last",
    "zones[0].places[1]",
)  # fmt: skip
#: What points at something else.
_POINTERS = (
    "orders[0].vehicle", "orders[0].parcels[0].shop", "orders[0].parcels[0].on", "vehicles[0].type",
    "zones[0].types[0]", "keep[0].vehicle",
)  # fmt: skip


_NO_NUMBERS: tuple[object, ...] = ("9", 9.5, True, [1])
_NO_IDS: tuple[object, ...] = (1.5, True, [], {})
_NO_LISTS: tuple[object, ...] = ("text", {}, 7)
_NO_OBJECTS: tuple[object, ...] = ("text", [], 7)
_NO_TEXTS: tuple[object, ...] = (7, [], True)


def _wrong() -> list[tuple[str, object]]:
    """(field, wrong value) for every field and every way it can be wrong by itself."""
    cases: list[tuple[str, object]] = [(path, _MISSING) for path in _NEEDED]
    for path, negative in _NUMBERS.items():
        cases += [(path, wrong) for wrong in _NO_NUMBERS]
        cases += [(path, 10**15 + 1), (path, -(10**15) - 1)]
        cases += [] if negative else [(path, -1)]
    cases += [(path, wrong) for path in _IDS for wrong in _NO_IDS]
    cases += [(path, wrong) for path in _TEXTS for wrong in _NO_TEXTS]
    cases += [(path, value) for path in _LISTS for value in _NO_LISTS]
    cases += [(path, value) for path in _OBJECTS for value in _NO_OBJECTS]
    cases += [(path, 500_000_001) for path in _ARCS]
    cases += [(path, 3) for path in _PLACES]
    cases += [(path, "nobody") for path in _POINTERS]
    return cases


_MISSING = object()


@pytest.mark.parametrize(("path", "value"), _wrong(), ids=lambda one: "missing" if one is _MISSING else str(one))
def test_a_wrong_field_is_named_with_its_file_and_its_place(tmp_path: Path, path: str, value: object) -> None:
    raw = _raw()
    holder, key = _at(raw, path)
    if value is _MISSING:
        del holder[key]
    else:
        holder[key] = value
    file = tmp_path / "day.json"
    file.write_text(json.dumps(raw), encoding="utf-8")
    with pytest.raises(BadProblem) as caught:
        Problem.read(file)
    assert caught.value.path == f"{file}: {path}"
    assert str(caught.value) == f"{file}: {path}: {caught.value.problem}"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda raw: raw["shops"][1].update(id="b"), "shops[1].id"),
        (lambda raw: raw["orders"][1].update(id="o"), "orders[1].id"),
        (lambda raw: raw["vehicles"][1].update(id="rad"), "vehicles[1].id"),
        (lambda raw: raw["shops"][0].update(hours=[]), "shops[0].hours"),
        (lambda raw: raw["shops"][0].update(hours=[[100, 400], [400, 900]]), "shops[0].hours[1]"),
        (lambda raw: raw["shops"][0].update(hours=[[100]]), "shops[0].hours[0]"),
        (lambda raw: raw["zones"][0].update(closed=[[30, 40], [10, 20]]), "zones[0].closed[1]"),
        (lambda raw: raw["orders"][0].update(tw=[1, 2, 3]), "orders[0].tw"),
        (lambda raw: raw["vehicles"][0].update(cap=[1, 2]), "vehicles[0].cap"),
        (lambda raw: raw["vehicles"][0].update(shift=[1]), "vehicles[0].shift"),
        (lambda raw: raw["vehicles"][0]["break"].update(to=399), "vehicles[0].break.to"),
        (lambda raw: raw["time"]["bike"][1].pop(), "time.bike[1]"),
        (lambda raw: raw["time"]["bike"].pop(), "time.bike[0]"),
        (lambda raw: raw["time"].update(van=[[0]]), "time"),
        (lambda raw: raw["orders"][1].update(setup=12), "orders[1].door"),
        (lambda raw: raw["orders"][1].update(loc=1), "orders[1].door"),
        (lambda raw: raw["orders"][0].update(vehicle=9), "orders[0].parcels[0].on"),
        (lambda raw: raw["orders"][0]["parcels"][1].update(shop="b"), "orders[0].parcels[1].on"),
        (lambda raw: raw["keep"].append({"vehicle": "rad", "stops": []}), "keep[1].vehicle"),
        (lambda raw: raw["keep"][0].update(vehicle=9), "keep[0].stops[0]"),
        (lambda raw: raw["keep"][0]["stops"].append({"drop": "o"}), "keep[0].stops[2]"),
        (lambda raw: raw["keep"][0]["stops"].append({"drop": "nobody"}), "keep[0].stops[2]"),
        (lambda raw: raw["keep"][0]["stops"].append({"break": True}), "keep[0].stops[2]"),
        (lambda raw: raw["keep"][0]["stops"].append({"break": 1}), "keep[0].stops[2].break"),
        (lambda raw: raw["keep"][0]["stops"].insert(0, {"shop": "b", "orders": ["o"]}), "keep[0].stops[0]"),
    ],
)
def test_what_contradicts_something_else_is_named_too(tmp_path: Path, change: Change, path: str) -> None:
    raw = _raw()
    change(raw)
    file = tmp_path / "day.json"
    file.write_text(json.dumps(raw), encoding="utf-8")
    with pytest.raises(BadProblem) as caught:
        Problem.read(file)
    assert caught.value.path == f"{file}: {path}"


def test_every_field_is_tried_with_a_wrong_value() -> None:
    """A new field of the format without a case above is noticed here."""
    tried = {path.replace("[1]", "[0]") for path, _ in _wrong()}
    tried |= {path.rsplit("[", 1)[0] for path in tried}

    def fields(here: Any, path: str) -> list[str]:
        if isinstance(here, dict):
            return [one for key, value in here.items() for one in fields(value, f"{path}.{key}" if path else key)]
        if isinstance(here, list) and here and isinstance(here[0], dict | list):
            return [one for value in here for one in fields(value, f"{path}[0]")]
        return [path]

    known = {path.replace("[1]", "[0]") for path in fields(_raw(), "")} - {"time.van[0]"}
    assert known <= tried


def test_every_rule_survives_being_written_and_read(tmp_path: Path) -> None:
    problem = Problem.parse(_raw())
    file = tmp_path / "day.json"
    file.write_text(json.dumps(problem.dump()), encoding="utf-8")
    assert Problem.read(file) == problem
    assert problem.zones == (Zone(("van",), (1, 2), ((10, 20), (30, 40)), "Markt"),)
    assert problem.keep == (Route("rad", (ShopStop(2, ("o",)), Drop("o"))),)
    order, vehicle, shop = problem.orders[0], problem.vehicles[0], problem.shops[1]
    assert (order.door, order.handling, order.vehicle, order.penalty, order.max_cooled) == (
        "Haus 1",
        4,
        "rad",
        5_000,
        300,
    )
    assert (order.parcels[0].load, order.parcels[0].on, order.parcels[0].since) == (Load(1, 2, 2), "rad", 90)
    assert (vehicle.start, vehicle.fixed, vehicle.max_trips, vehicle.first, vehicle.last) == (1, 0, 3, 1, 2)
    assert vehicle.rest is not None
    assert (vehicle.rest.earliest, vehicle.rest.latest, vehicle.rest.seconds) == (400, 500, 30)
    assert (shop.open, shop.close, shop.hours) == (0, 950, ((0, 50), (60, 950)))
    assert (problem.name, problem.max_cooled, problem.costs.vehicle, problem.costs.unserved) == (
        "Dienstag",
        600,
        17,
        19,
    )


def test_what_is_read_is_written_with_the_same_meaning_for_every_mixture_of_rules() -> None:
    for seed in range(300):
        problem = Problem.parse(tiny_street(seed))
        again = Problem.parse(json.loads(json.dumps(problem.dump())))
        assert again == problem, seed
        assert again.dump() == problem.dump()


def test_a_plan_with_breaks_and_reasons_survives_being_written_and_read(tmp_path: Path) -> None:
    stops = (ShopStop("b", ("o", 7)), Break(), Drop("o"), Drop(7))
    told = Reason("x", "shop_closes", "Bäckerei schließt 17:00.", {"shop": "b", "vehicles": [{"vehicle": 9}]})
    plan = Plan((Route("rad", stops), Route(9, ())), ("x",), (told,), seed=3, iterations=40)
    plan.write(tmp_path / "plan.json")
    assert Plan.read(tmp_path / "plan.json") == plan


def test_half_a_character_in_an_id_and_any_seed_survive_too(tmp_path: Path) -> None:
    plan = Plan((Route("r", (Drop("\ud800"),)),), ("\udfff Käse",), seed=1 << 70)
    plan.write(tmp_path / "plan.json")
    assert Plan.read(tmp_path / "plan.json") == plan
