"""Ways the road network told are remembered by pair of places; estimates never, old ones not for ever."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
import sqlalchemy as sa

from delivery import legs
from delivery.legs import RememberedTravelTimes
from delivery.models import TravelLeg
from delivery.travel import HaversineTravelTimes, OsrmHttpTravelTimes, Point, TravelMatrix
from market.core import db
from tests.conftest import Clock

A, B, C = (51.05, 12.13), (51.06, 12.14), (51.07, 12.15)
ESTIMATE = HaversineTravelTimes.of("van")

pytestmark = pytest.mark.usefixtures("database")


class Roads(OsrmHttpTravelTimes):
    """A road network that counts how often it is asked; `down`: it gives estimates only."""

    def __init__(self, url: str = "http://roads.example", *, down: bool = False) -> None:
        super().__init__(url, ESTIMATE)
        self.down = down
        self.asked = 0

    def matrix(self, points: Sequence[Point]) -> TravelMatrix:
        self.asked += 1
        n = range(len(points))
        table = [[0 if points[a] == points[b] else 100 * a + b + 1 for b in n] for a in n]
        return TravelMatrix(table, table, "OSRM", is_estimate=self.down)


def count() -> int:
    with db.reading() as s:
        return s.scalar(sa.select(sa.func.count()).select_from(TravelLeg)) or 0


def test_the_same_places_are_asked_for_once() -> None:
    roads = Roads()
    remembered = RememberedTravelTimes(roads)
    first = remembered.matrix([A, B, C])
    assert remembered.matrix([A, B, C]) == first
    assert roads.asked == 1
    assert count() == 6


def test_fewer_places_and_another_order_are_known_as_well() -> None:
    roads = Roads()
    remembered = RememberedTravelTimes(roads)
    whole = remembered.matrix([A, B, C])
    some = remembered.matrix([C, A])
    assert (some.seconds[0][1], some.seconds[1][0]) == (whole.seconds[2][0], whole.seconds[0][2])
    assert roads.asked == 1


def test_a_new_place_asks_for_the_whole_matrix_and_two_doors_at_one_place_are_one() -> None:
    roads = Roads()
    remembered = RememberedTravelTimes(roads)
    remembered.matrix([A, B])
    remembered.matrix([A, B, C])
    assert roads.asked == 2
    twice = remembered.matrix([A, A, B])
    assert roads.asked == 2
    assert (twice.seconds[0][1], twice.seconds[0][2]) == (0, twice.seconds[1][2])


def test_an_estimate_is_never_remembered() -> None:
    roads = Roads(down=True)
    assert RememberedTravelTimes(roads).matrix([A, B]).is_estimate
    assert count() == 0


def test_another_road_network_is_another_memory() -> None:
    RememberedTravelTimes(Roads()).matrix([A, B])
    other = Roads("http://other.example")
    RememberedTravelTimes(other).matrix([A, B])
    assert other.asked == 1


def test_old_ways_are_asked_again_and_forgotten(frozen: Clock) -> None:
    roads = Roads()
    RememberedTravelTimes(roads).matrix([A, B])
    frozen.forward(days=legs.KEEP.days + 1)
    RememberedTravelTimes(roads).matrix([A, B])
    assert roads.asked == 2
    frozen.set(frozen.instant + legs.KEEP + timedelta(minutes=1))
    with db.transaction() as s:
        legs.forget(s)
    assert count() == 0


def test_many_places_are_asked_each_time() -> None:
    roads = Roads()
    many = [(51 + i / 1_000, 12.0) for i in range(legs.MOST_PLACES + 1)]
    for _ in range(2):
        RememberedTravelTimes(roads).matrix(many)
    assert roads.asked == 2
    assert count() == 0


def test_a_day_is_planned_although_its_ways_cannot_be_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise sa.exc.OperationalError("insert", None, Exception("disk full"))

    monkeypatch.setattr(legs, "_remember", full)
    assert RememberedTravelTimes(Roads()).matrix([A, B]).seconds[0][1] == 2
    assert count() == 0
