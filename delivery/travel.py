"""How long from A to B: an estimate that always works, and a road network when the operator runs one."""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from itertools import product
from typing import Any, Protocol
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener

log = logging.getLogger(__name__)

#: Latitude and longitude in degrees, in this order (OSRM and GeoJSON want them the other way round).
Point = tuple[float, float]

_EARTH_M = 6_371_000.0


@dataclass(frozen=True, slots=True)
class TravelMatrix:
    """seconds[a][b] and metres[a][b] from point a to point b; `is_estimate` makes pages say "ca."."""

    seconds: list[list[int]]
    metres: list[list[int]]
    name: str
    is_estimate: bool

    def slower(self, factor: float) -> TravelMatrix:
        """The same ways taken at a learnt pace: a factor of 1.2 takes a fifth longer."""
        if factor == 1.0:
            return self
        seconds = [[math.ceil(one * factor) for one in row] for row in self.seconds]
        return TravelMatrix(seconds, self.metres, self.name, self.is_estimate)


class TravelTimes(Protocol):
    """Travel times of one kind of vehicle."""

    @property
    def name(self) -> str:
        """Where the times come from, as shown to the dispatcher."""

    def matrix(self, points: Sequence[Point]) -> TravelMatrix:
        """All pairs; never fails."""


@dataclass(frozen=True, order=True, slots=True)
class Speed:
    """km/h on the road: `near` up to `near_m` metres of a leg, `far` for what is beyond."""

    near: float
    far: float
    near_m: float = 5_000.0

    def seconds(self, metres: float) -> float:
        beyond = max(0.0, metres - self.near_m)
        return (metres - beyond) * 3.6 / self.near + beyond * 3.6 / self.far

    def metres(self, seconds: float) -> float:
        """How far one comes: the other way round."""
        beyond = max(0.0, seconds - self.seconds(self.near_m))
        return ((seconds - beyond) * self.near + beyond * self.far) / 3.6


#: What is assumed for a kind of vehicle; an operator may give a vehicle its own (`speed_of`).
SPEEDS: Mapping[str, Speed] = {
    "foot": Speed(4.8, 4.8),
    "cargo_bike": Speed(15, 15),
    "e_cargo_bike": Speed(18, 18),
    "car": Speed(28, 45),
    "van": Speed(28, 45),
}


def speed_of(kind: str, near: float | None, far: float | None) -> Speed:
    """A vehicle's own speed; what the operator left empty (None) is as its kind assumes.

    Who gave the speed in town only is not slower beyond it, and a kind that knows no difference rides there the same.
    """
    usual = SPEEDS[kind]
    near = near or usual.near
    return Speed(near, far or (near if usual.far == usual.near else max(near, usual.far)))


def distance_m(a: Point, b: Point) -> float:
    """Metres as the crow flies."""
    lat_a, lat_b = math.radians(a[0]), math.radians(b[0])
    half_lat = (lat_b - lat_a) / 2
    half_lon = math.radians(b[1] - a[1]) / 2
    h = math.sin(half_lat) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(half_lon) ** 2
    return 2 * _EARTH_M * math.asin(min(1.0, math.sqrt(h)))


@dataclass(frozen=True, slots=True)
class HaversineTravelTimes:
    """The default: the crow's way times `detour` at the vehicle's speed. Needs nothing, knows no river and no hill."""

    speed: Speed
    detour: float = 1.35

    @classmethod
    def of(cls, kind: str, detour: float = 1.35) -> HaversineTravelTimes:
        """For a kind of vehicle in SPEEDS."""
        return cls(SPEEDS[kind], detour)

    @property
    def name(self) -> str:
        return "Luftlinie"

    def matrix(self, points: Sequence[Point]) -> TravelMatrix:
        n = len(points)
        seconds = [[0] * n for _ in range(n)]
        metres = [[0] * n for _ in range(n)]
        for a in range(n):
            for b in range(a):
                way = distance_m(points[a], points[b]) * self.detour
                metres[a][b] = metres[b][a] = math.ceil(way)
                seconds[a][b] = seconds[b][a] = math.ceil(self.speed.seconds(way))
        return TravelMatrix(seconds, metres, self.name, is_estimate=True)


class OsrmFailed(Exception):
    """OSRM did not give a complete table."""


class OsrmHttpTravelTimes:
    """Times from an `osrm-routed` the operator runs; when it fails, the WHOLE matrix comes from the fallback.

    A matrix mixed from both would make one way look shorter than the other only because its answer was missing.
    """

    #: Coordinates per request: longer addresses are cut by proxies, and osrm-routed refuses larger tables.
    CHUNK = 100
    #: Bytes of one answer; a full table of 100 places is some 200 kB.
    MOST_BYTES = 8_000_000

    def __init__(
        self,
        base_url: str,
        fallback: TravelTimes,
        *,
        profile: str = "driving",
        timeout_s: float = 5.0,
        total_s: float = 60.0,
    ) -> None:
        if urlsplit(base_url).scheme not in ("http", "https"):
            raise ValueError("OSRM_URL must begin with http:// or https://")
        self.base_url = base_url.rstrip("/")
        self.fallback = fallback
        self.profile = profile
        self.timeout_s = timeout_s  # of silence
        self.total_s = total_s  # for the whole table, whatever drips in
        # No proxy from the environment: addresses of customers go to the operator's own server or nowhere.
        self._opener = build_opener(ProxyHandler({}))

    @property
    def name(self) -> str:
        return "OSRM"

    def matrix(self, points: Sequence[Point]) -> TravelMatrix:
        try:
            seconds, metres = self._tables(points)
        except (OsrmFailed, OSError, HTTPException, ValueError, RecursionError) as error:
            log.warning("OSRM gave no table, estimating instead: %s", type(error).__name__)
            return self.fallback.matrix(points)
        return TravelMatrix(seconds, metres, self.name, is_estimate=False)

    def _tables(self, points: Sequence[Point]) -> tuple[list[list[int]], list[list[int]]]:
        n = len(points)
        seconds = [[0] * n for _ in range(n)]
        metres = [[0] * n for _ in range(n)]
        if n < 2:
            return seconds, metres
        step = n if n <= self.CHUNK else self.CHUNK // 2
        blocks = [range(i, min(n, i + step)) for i in range(0, n, step)]
        until = time.monotonic() + self.total_s
        for rows, columns in product(blocks, blocks):
            answer = self._ask(points, rows, columns, until)
            _fill(seconds, answer.get("durations"), rows, columns, MOST_S)
            _fill(metres, answer.get("distances"), rows, columns, MOST_M)
        _check_plausible(points, seconds, metres)
        return seconds, metres

    def _ask(self, points: Sequence[Point], rows: range, columns: range, until: float) -> dict[str, Any]:
        """One table request: times from the places in `rows` to the places in `columns`."""
        used = list(rows) if rows == columns else [*rows, *columns]
        places = ";".join(f"{points[i][1]:.6f},{points[i][0]:.6f}" for i in used)
        url = f"{self.base_url}/table/v1/{self.profile}/{places}?annotations=duration,distance"
        if rows != columns:
            url += "&sources=" + ";".join(map(str, range(len(rows))))
            url += "&destinations=" + ";".join(map(str, range(len(rows), len(used))))
        with self._opener.open(url, timeout=self.timeout_s) as response:
            body = bytearray()
            while piece := response.read1(65_536):
                body += piece
                if len(body) > self.MOST_BYTES or time.monotonic() > until:
                    raise OsrmFailed("the answer is too long, or takes too long")
            answer = json.loads(body)
        if not isinstance(answer, dict) or answer.get("code") != "Ok":
            raise OsrmFailed("the answer is not Ok")
        return answer


MOST_S, MOST_M = 86_400, 3_000_000
"""A way that takes longer than a day, or leads through half of Europe, is no delivery's."""

SNAP_M, FASTEST_M_PER_S = 1_000, 60
"""So far off a pin may be moved onto a road; nobody drives faster in a straight line."""


def _fill(table: list[list[int]], block: object, rows: range, columns: range, most: int) -> None:
    """Copy one block of an answer into the table, rounding up; anything that is not a number fails the whole."""
    if not isinstance(block, list) or len(block) != len(rows):
        raise OsrmFailed("rows are missing")
    for a, values in zip(rows, block, strict=True):
        if not isinstance(values, list) or len(values) != len(columns):
            raise OsrmFailed("cells are missing")
        for b, value in zip(columns, values, strict=True):
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
                raise OsrmFailed("a cell is not a number of a way: no road between two places")
            table[a][b] = math.ceil(value)


def _check_plausible(points: Sequence[Point], seconds: list[list[int]], metres: list[list[int]]) -> None:
    """A server with another region's map moves every pin onto the same far road: ways of no length, in no time."""
    for a, here in enumerate(points):
        for b, there in enumerate(points):
            crow = distance_m(here, there)
            if crow > SNAP_M and (metres[a][b] < crow / 2 - SNAP_M or seconds[a][b] * FASTEST_M_PER_S < crow - SNAP_M):
                raise OsrmFailed("a way is shorter than the crow's: another region's map?")
