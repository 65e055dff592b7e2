"""The road network as the real engine: a running osrm-routed where it is installed, its recorded answers elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from delivery.travel import HaversineTravelTimes, OsrmHttpTravelTimes
from tests.delivery import osrm

FALLBACK = HaversineTravelTimes.of("van")


@pytest.fixture(scope="module")
def road_network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that knows the village."""
    found = osrm.programs()
    work = tmp_path_factory.mktemp("osrm")
    with osrm.real(*found, work) if found else osrm.replay() as url:
        yield url


def test_the_client_reads_the_roads_of_the_village(road_network: str) -> None:
    table = OsrmHttpTravelTimes(road_network, FALLBACK).matrix(osrm.PLACES)
    assert (table.name, table.is_estimate) == ("OSRM", False)
    assert table.metres[0][1] == pytest.approx(476, abs=2)
    assert table.seconds[0][1] == pytest.approx(69, abs=2)


def test_a_one_way_street_is_longer_against_it(road_network: str) -> None:
    table = OsrmHttpTravelTimes(road_network, FALLBACK).matrix(osrm.PLACES)
    east, south = 1, 2
    assert table.metres[east][south] == pytest.approx(477, abs=2)
    assert table.metres[south][east] == pytest.approx(1_428, abs=4)  # three sides of the square


def test_the_recorded_answers_are_the_ones_our_client_asks_for() -> None:
    with osrm.replay() as url:
        assert not OsrmHttpTravelTimes(url, FALLBACK).matrix(osrm.PLACES).is_estimate
        assert OsrmHttpTravelTimes(url, FALLBACK).matrix(osrm.PLACES[:2]).is_estimate  # never recorded: 404


def test_where_the_engine_is_down_the_whole_matrix_is_an_estimate(tmp_path: Path) -> None:
    with osrm.replay() as url:
        pass
    assert OsrmHttpTravelTimes(url, FALLBACK).matrix(osrm.PLACES) == FALLBACK.matrix(osrm.PLACES)
