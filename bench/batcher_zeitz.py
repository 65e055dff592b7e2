"""The real problem at any size: a town like Zeitz, seeded. Needs numpy, whose random numbers make it reproducible.

The project's reference generator: old town, outskirts and eight villages, log-normal parcels, one and three hour
windows, bikes and vans. The same numbers for the same (orders, seed) on every machine, and in every later version:
the sequence of draws must not change.
"""

from __future__ import annotations

from typing import Any

import numpy as np

_HOUR = 3_600
_DETOUR = 1.3


def zeitz(orders: int, seed: int = 1) -> dict[str, Any]:
    """Problem JSON. Seconds after midnight, grams, millilitres."""
    rng = np.random.default_rng([seed, orders])
    shops = int(min(60, 8 + orders // 8))
    places = _places(rng, orders, shops)
    time = _times(rng, places)
    return {
        "name": f"zeitz-{orders}-{seed}",
        "n_loc": len(places),
        "xy": [[round(float(x)), round(float(y))] for x, y in places],
        "time": {kind: matrix.tolist() for kind, matrix in time.items()},
        "shops": [_shop(rng, s) for s in range(shops)],
        "orders": _orders(rng, orders, shops),
        "vehicles": _vehicles(orders),
        "cost": {"vehicle": 1_800, "unserved": 20_000},
    }


def _disc(rng: np.random.Generator, count: int, radius: float, x: float = 0.0, y: float = 0.0) -> Any:
    angle = rng.uniform(0, 2 * np.pi, count)
    distance = radius * np.sqrt(rng.uniform(0, 1, count))
    return np.c_[x + distance * np.cos(angle), y + distance * np.sin(angle)]


def _places(rng: np.random.Generator, orders: int, shops: int) -> Any:
    """Metres from the market square: the depot by the station, shops (some farms outside), doors."""
    outside = max(1, shops // 10)
    shop_places = np.vstack([_disc(rng, shops - outside, 600.0), _disc(rng, outside, 6_000.0)])
    angle, distance = rng.uniform(0, 2 * np.pi, 8), rng.uniform(5_000, 12_000, 8)
    villages = np.c_[distance * np.cos(angle), distance * np.sin(angle)]
    kind = rng.choice(3, orders, p=[0.25, 0.5, 0.25])
    doors = np.zeros((orders, 2))
    for i in range(orders):
        if kind[i] == 2:
            village = villages[rng.integers(8)]
            doors[i] = _disc(rng, 1, 500.0, *village)
        else:
            doors[i] = _disc(rng, 1, 600.0 if kind[i] == 0 else 3_000.0)
    return np.vstack([np.array([[-900.0, 250.0]]), shop_places, doors])


def _times(rng: np.random.Generator, places: Any) -> dict[str, Any]:
    n = len(places)
    way = np.hypot(places[:, None, 0] - places[None, :, 0], places[:, None, 1] - places[None, :, 1]) * _DETOUR
    radius = np.hypot(places[:, 0], places[:, 1])
    edge = np.maximum(radius[:, None], radius[None, :])
    way = way * (1 + rng.uniform(0, 0.25, (n, n)) * (edge < 1_000) + rng.uniform(0, 0.05, (n, n)))
    van = np.where(edge < 700, 18.0, np.where(edge < 3_200, 30.0, 52.0)) / 3.6
    bike = np.full((n, n), 16.0) / 3.6
    return {"bike": _shortest(np.ceil(way * 0.85 / bike)), "van": _shortest(np.ceil(way * 1.0 / van))}


def _shortest(seconds: Any) -> Any:
    """Nobody drives a detour that is longer than the way round (triangle rule)."""
    np.fill_diagonal(seconds, 0)
    for k in range(len(seconds)):
        np.minimum(seconds, seconds[:, k : k + 1] + seconds[k : k + 1, :], out=seconds)
    return seconds.astype(int)


def _shop(rng: np.random.Generator, s: int) -> dict[str, Any]:
    close = int(rng.choice([17 * _HOUR, 18 * _HOUR, 18 * _HOUR, 18 * _HOUR + 1_800, 19 * _HOUR]))
    setup = int(rng.integers(60, 181))
    return {"id": s, "loc": 1 + s, "open": 9 * _HOUR, "close": close, "setup": setup, "per_parcel": 20}


def _orders(rng: np.random.Generator, orders: int, shops: int) -> list[dict[str, Any]]:
    popular = 1 / np.arange(1, shops + 1) ** 0.7
    popular = rng.permutation(popular / popular.sum())
    return [_order(rng, o, shops, popular) for o in range(orders)]


def _order(rng: np.random.Generator, o: int, shops: int, popular: Any) -> dict[str, Any]:
    count = int(min(shops, rng.choice([1, 2, 3, 4, 5], p=[0.45, 0.25, 0.15, 0.1, 0.05])))
    parcels = [_parcel(rng, int(shop)) for shop in rng.choice(shops, count, replace=False, p=popular)]
    if rng.random() < 0.55:
        window = [16 * _HOUR, 19 * _HOUR]
    else:
        hour = 16 + int(rng.integers(0, 3))
        window = [hour * _HOUR, (hour + 1) * _HOUR]
    setup = int(rng.integers(60, 181))
    return {"id": o, "parcels": parcels, "loc": 1 + shops + o, "tw": window, "setup": setup, "per_parcel": 0}


def _parcel(rng: np.random.Generator, shop: int) -> dict[str, int]:
    weight = int(np.clip(rng.lognormal(0.7, 0.9), 0.2, 20) * 1_000)
    volume = int(np.clip(rng.lognormal(2.0, 0.8), 1, 80) * 1_000)
    return {"shop": shop, "weight": weight, "volume": volume, "cooled": volume if rng.random() < 0.2 else 0}


def _vehicles(orders: int) -> list[dict[str, Any]]:
    bikes, vans = max(1, round(orders / 28)), max(1, round(orders / 32))
    shift = [14 * _HOUR, 19 * _HOUR + 1_800]
    return [
        {
            "id": i,
            "type": "bike" if i < bikes else "van",
            "depot": 0,
            "shift": shift,
            "cap": [100_000, 450_000, 90_000] if i < bikes else [600_000, 3_000_000, 500_000],
        }
        for i in range(bikes + vans)
    ]
