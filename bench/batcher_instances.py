"""Seeded instances of the real problem for tests and benchmarks: a small town, its shops, its villages. No numpy.

The same shape as the project's reference generator (old town, outskirts, eight villages, log-normal parcels, one
hour or three hour windows, bikes and vans), with our own random numbers.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

HOUR = 3_600
Point = tuple[float, float]


def town(
    orders: int, seed: int, *, shops: int | None = None, vehicles: tuple[int, int] | None = None
) -> dict[str, Any]:
    """Problem JSON with so many orders; `vehicles` = (bikes, vans), by default one each per about 30 orders."""
    rng = random.Random(f"town-{orders}-{seed}")
    shops = shops if shops is not None else min(60, 8 + orders // 8)
    outside = max(1, shops // 10)
    places = [(-900.0, 250.0)]
    places += [_disc(rng, 600) for _ in range(shops - outside)] + [_disc(rng, 6_000) for _ in range(outside)]
    villages = [_polar(rng.uniform(0, 2 * math.pi), rng.uniform(5_000, 12_000)) for _ in range(8)]
    places += [_door(rng, villages) for _ in range(orders)]
    bikes, vans = vehicles or (max(1, round(orders / 28)), max(1, round(orders / 32)))
    popular = [1 / rank**0.7 for rank in range(1, shops + 1)]
    rng.shuffle(popular)
    return {
        "name": f"town-{orders}-{seed}",
        "shops": [_shop(rng, i) for i in range(shops)],
        "orders": [_order(rng, o, 1 + shops + o, popular) for o in range(orders)],
        "vehicles": [_vehicle(i, "bike" if i < bikes else "van") for i in range(bikes + vans)],
        "time": _times(rng, places),
        "cost": {"vehicle": 1_800, "unserved": 20_000},
    }


def _polar(angle: float, radius: float) -> Point:
    return radius * math.cos(angle), radius * math.sin(angle)


def _disc(rng: random.Random, radius: float) -> Point:
    return _polar(rng.uniform(0, 2 * math.pi), radius * math.sqrt(rng.random()))


def _door(rng: random.Random, villages: list[Point]) -> Point:
    kind = rng.random()
    if kind < 0.25:
        return _disc(rng, 600)
    if kind < 0.75:
        return _disc(rng, 3_000)
    (x, y), (dx, dy) = rng.choice(villages), _disc(rng, 500)
    return x + dx, y + dy


def _times(rng: random.Random, places: list[Point]) -> dict[str, list[list[int]]]:
    def bike(_edge: float) -> float:
        return 16 / 0.85

    def van(edge: float) -> float:
        return 18 if edge < 700 else 30 if edge < 3_200 else 52

    return {"bike": _matrix(rng, places, bike), "van": _matrix(rng, places, van)}


def _matrix(rng: random.Random, places: list[Point], kmh: Callable[[float], float]) -> list[list[int]]:
    radii = [math.hypot(*place) for place in places]
    table = [[0] * len(places) for _ in places]
    for a, here in enumerate(places):
        for b, there in enumerate(places):
            if a != b:
                edge = max(radii[a], radii[b])
                winding = 1.3 * (1 + rng.uniform(0, 0.25 if edge < 1_000 else 0.05))
                table[a][b] = math.ceil(math.dist(here, there) * winding * 3.6 / kmh(edge))
    return _shortest(table)


def _shortest(table: list[list[int]]) -> list[list[int]]:
    """Nobody drives a detour that is longer than the way round (triangle rule)."""
    for k, through in enumerate(table):
        for row in table:
            first = row[k]
            row[:] = [min(old, first + second) for old, second in zip(row, through.copy(), strict=True)]
    return table


def _shop(rng: random.Random, i: int) -> dict[str, Any]:
    close = rng.choice([17 * HOUR, 18 * HOUR, 18 * HOUR, 18 * HOUR + 1_800, 19 * HOUR])
    return {"id": i, "loc": 1 + i, "open": 9 * HOUR, "close": close, "setup": rng.randint(60, 180), "per_parcel": 20}


def _order(rng: random.Random, o: int, loc: int, popular: list[float]) -> dict[str, Any]:
    count = min(len(popular), rng.choices([1, 2, 3, 4, 5], [0.45, 0.25, 0.15, 0.1, 0.05])[0])
    chosen: list[int] = []
    while len(chosen) < count:
        shop = rng.choices(range(len(popular)), popular)[0]
        if shop not in chosen:
            chosen.append(shop)
    start = 16 + rng.randrange(3)
    tw = [16 * HOUR, 19 * HOUR] if rng.random() < 0.55 else [start * HOUR, (start + 1) * HOUR]
    return {"id": o, "loc": loc, "tw": tw, "setup": rng.randint(60, 180), "parcels": [_parcel(rng, s) for s in chosen]}


def _parcel(rng: random.Random, shop: int) -> dict[str, int]:
    weight = int(min(20.0, max(0.2, rng.lognormvariate(0.7, 0.9))) * 1_000)
    volume = int(min(80.0, max(1.0, rng.lognormvariate(2.0, 0.8))) * 1_000)
    return {"shop": shop, "weight": weight, "volume": volume, "cooled": volume if rng.random() < 0.2 else 0}


def _vehicle(i: int, kind: str) -> dict[str, Any]:
    cap = [100_000, 450_000, 90_000] if kind == "bike" else [600_000, 3_000_000, 500_000]
    return {"id": i, "type": kind, "depot": 0, "shift": [14 * HOUR, 19 * HOUR + 1_800], "cap": cap}


def tiny(seed: int) -> dict[str, Any]:
    """A small problem. Four in ten are nasty: closed shops, empty windows, no room, no vehicle; the rest are tight."""
    rng = random.Random(f"tiny-{seed}")
    nasty = rng.random() < 0.4
    places = rng.randint(1, 6)
    shops = rng.randint(1, 3)
    matrix = [[0 if a == b else rng.randint(0, 1_500) for b in range(places)] for a in range(places)]
    kinds = ["bike"] if rng.random() < 0.5 else ["bike", "van"]
    return {
        "shops": [_tiny_shop(rng, s, places, nasty=nasty) for s in range(shops)],
        "orders": [_tiny_order(rng, o, places, shops, nasty=nasty) for o in range(rng.randint(0 if nasty else 2, 4))],
        "vehicles": [
            _tiny_vehicle(rng, v, places, kinds, nasty=nasty) for v in range(rng.randint(0 if nasty else 1, 2))
        ],
        "time": {kind: _shortest([row.copy() for row in matrix]) for kind in kinds},
        "cost": {"vehicle": rng.choice([0, 1_800]), "unserved": rng.choice([500, 20_000, 20_000, 20_000])},
    }


def _tiny_shop(rng: random.Random, s: int, places: int, *, nasty: bool) -> dict[str, Any]:
    opens = rng.choice([0, 9 * HOUR, 15 * HOUR])
    close = rng.choice([8 * HOUR, 14 * HOUR + 600, 17 * HOUR] if nasty else [15 * HOUR + 1_200, 17 * HOUR, 19 * HOUR])
    setup, each = rng.choice([0, 60, 300]), rng.choice([0, 20])
    return {"id": s, "loc": rng.randrange(places), "open": opens, "close": close, "setup": setup, "per_parcel": each}


def _tiny_order(rng: random.Random, o: int, places: int, shops: int, *, nasty: bool) -> dict[str, Any]:
    start = rng.choice([14, 15, 16, 17, 18]) * HOUR
    tw = [start, start + rng.choice([-60, 0, 900] if nasty else [900, HOUR, 3 * HOUR])]
    chosen = [rng.randrange(shops) for _ in range(rng.choice([1, 1, 2, 3]))]
    parcels = [
        {"shop": s, "weight": rng.choice([0, 1, 5]), "volume": rng.choice([1, 4]), "cooled": rng.choice([0, 0, 1])}
        for s in chosen
    ]
    return {"id": f"o{o}", "loc": rng.randrange(places), "tw": tw, "setup": rng.choice([0, 120]), "parcels": parcels}


def _tiny_vehicle(rng: random.Random, v: int, places: int, kinds: list[str], *, nasty: bool) -> dict[str, Any]:
    least = 0 if nasty else 8
    cap = [rng.choice([least, 8, 15, 100]), rng.choice([least, 9, 15, 100]), rng.choice([least, 2, 100])]
    shift = [14 * HOUR, rng.choice([14 * HOUR, 17 * HOUR] if nasty else [17 * HOUR, 18 * HOUR, 20 * HOUR])]
    return {"id": v, "type": rng.choice(kinds), "depot": rng.randrange(places), "shift": shift, "cap": cap}


def tiny_street(seed: int) -> dict[str, Any]:
    """A small problem with a few rules of the street, each with such numbers that it often decides."""
    rng = random.Random(f"street-{seed}")
    raw = tiny(seed)
    rules = [_midday, _zones, _rests, _cold, _doors, _locks, _aboard, _keep, _ends, _prices, _trips]
    chosen = rng.sample(range(len(rules)), rng.randint(1, 4))
    for i in sorted(chosen):
        rules[i](rng, raw)
    return raw


def _midday(rng: random.Random, raw: dict[str, Any]) -> None:
    for shop in raw["shops"]:
        noon = rng.choice([14 * HOUR + 300, 15 * HOUR])
        shop["hours"] = [[0, noon], [noon + rng.choice([600, 2 * HOUR]), 24 * HOUR]]


def _zones(rng: random.Random, raw: dict[str, Any]) -> None:
    places = len(next(iter(raw["time"].values())))
    begin = rng.choice([14 * HOUR, 15 * HOUR])
    closed = [[begin, begin + rng.choice([1_200, HOUR])], [17 * HOUR, 24 * HOUR]]
    some = sorted(rng.sample(range(places), rng.randint(1, places)))
    raw["zones"] = [{"types": [rng.choice(list(raw["time"]))], "places": some, "closed": closed, "name": "Markt"}]


def _rests(rng: random.Random, raw: dict[str, Any]) -> None:
    for vehicle in raw["vehicles"]:
        begin = rng.choice([14, 15]) * HOUR + 900
        vehicle["break"] = {
            "from": begin,
            "to": begin + rng.choice([0, 900, HOUR]),
            "seconds": rng.choice([900, 2_700]),
        }


def _cold(rng: random.Random, raw: dict[str, Any]) -> None:
    raw["max_cooled"] = rng.choice([0, 600, 1_500, HOUR])
    for order in raw["orders"]:
        for parcel in order["parcels"]:
            parcel["cooled"] = rng.choice([0, 1])


def _doors(rng: random.Random, raw: dict[str, Any]) -> None:
    houses: dict[int, int] = {}
    for order in raw["orders"]:
        order["setup"] = houses.setdefault(order["loc"], rng.choice([60, 300]))
        order["handling"] = rng.choice([0, 60])
        order["door"] = f"house {order['loc']}"


def _locks(rng: random.Random, raw: dict[str, Any]) -> None:
    for order in raw["orders"]:
        if raw["vehicles"] and rng.random() < 0.5 and not any("on" in parcel for parcel in order["parcels"]):
            order["vehicle"] = rng.choice(raw["vehicles"])["id"]


def _aboard(rng: random.Random, raw: dict[str, Any]) -> None:
    for order in raw["orders"]:
        if not raw["vehicles"] or rng.random() < 0.5 or "vehicle" in order:
            continue
        gone = rng.choice([parcel["shop"] for parcel in order["parcels"]])
        carrier = rng.choice(raw["vehicles"])
        carrier["start"], carrier["fixed"] = rng.randrange(len(next(iter(raw["time"].values())))), 0
        for parcel in order["parcels"]:
            if parcel["shop"] == gone:
                parcel |= {"on": carrier["id"], "since": 14 * HOUR - rng.choice([0, 600])}


def _keep(rng: random.Random, raw: dict[str, Any]) -> None:
    free = [o for o in raw["orders"] if "vehicle" not in o and not any("on" in parcel for parcel in o["parcels"])]
    if not raw["vehicles"] or not free:
        return
    chosen = rng.sample(free, rng.randint(1, len(free)))
    stops: list[dict[str, Any]] = []
    for order in chosen:
        stops += [{"shop": shop, "orders": [order["id"]]} for shop in sorted({one["shop"] for one in order["parcels"]})]
    stops += [{"drop": order["id"]} for order in rng.sample(chosen, len(chosen))]
    raw["keep"] = [{"vehicle": rng.choice(raw["vehicles"])["id"], "stops": stops}]


def _ends(rng: random.Random, raw: dict[str, Any]) -> None:
    for vehicle in raw["vehicles"]:
        if raw["orders"] and rng.random() < 0.7:
            vehicle["first"] = rng.choice(raw["shops"])["loc"]
        if raw["orders"] and rng.random() < 0.7:
            vehicle["last"] = rng.choice(raw["orders"])["loc"]


def _prices(rng: random.Random, raw: dict[str, Any]) -> None:
    for order in raw["orders"]:
        order["penalty"] = rng.choice([0, 900, 3_000, 20_000])
    for vehicle in raw["vehicles"]:
        vehicle["fixed"] = rng.choice([0, 600, 3_000])


def _trips(rng: random.Random, raw: dict[str, Any]) -> None:
    for vehicle in raw["vehicles"]:
        vehicle["max_trips"] = rng.choice([0, 1, 1, 2])
