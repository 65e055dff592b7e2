"""Travel times: the estimate is sane, the OSRM client reads a real answer, and any trouble falls back as a whole."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from delivery.travel import SPEEDS, HaversineTravelTimes, OsrmHttpTravelTimes, Point, Speed, distance_m

MARKET, STATION, VILLAGE = (51.0497, 12.1364), (51.0567, 12.1240), (51.0690, 12.2280)
POINTS = [MARKET, STATION, VILLAGE]
FALLBACK = HaversineTravelTimes.of("van")


def test_the_crow_flies_the_known_distance() -> None:
    assert distance_m((51.0, 12.0), (52.0, 12.0)) == pytest.approx(111_195, rel=1e-4)
    assert distance_m(MARKET, MARKET) == 0


def test_the_estimate_is_detour_times_distance_at_the_vehicles_speed() -> None:
    table = HaversineTravelTimes(Speed(15, 15), detour=1.5).matrix(POINTS)
    way = distance_m(MARKET, STATION) * 1.5
    assert table.metres[0][1] == pytest.approx(way, abs=1)
    assert table.seconds[1][0] == pytest.approx(way / 15 * 3.6, abs=1)
    assert table.is_estimate
    assert [table.seconds[i][i] for i in range(3)] == [0, 0, 0]


def test_a_van_is_faster_beyond_five_kilometres_but_never_faster_for_a_longer_way() -> None:
    van = SPEEDS["van"]
    assert van.seconds(5_000) == pytest.approx(5 / 28 * 3_600)
    assert van.seconds(10_000) == pytest.approx(5 / 28 * 3_600 + 5 / 45 * 3_600)
    assert van.seconds(5_100) > van.seconds(5_000)


def test_a_detour_over_a_third_place_is_never_shorter() -> None:
    grid = [(51 + i % 5 / 50, 12 + i // 5 / 30) for i in range(20)]
    seconds = FALLBACK.matrix(grid).seconds
    n = range(len(grid))
    assert all(seconds[a][c] <= seconds[a][b] + seconds[b][c] for a in n for b in n for c in n)


class _Osrm:
    """A stand-in that answers /table like osrm-routed 26.10 and remembers what it was asked."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.spoil: Callable[[dict[str, Any]], object] = lambda answer: answer
        self.status = 200
        self.body: Callable[[], Iterable[bytes]] | None = None  # sent as it comes, instead of the answer
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                owner.requests.append(self.path)
                answer = owner.answer(self.path)
                body = json.dumps(owner.spoil(answer) or answer).encode()
                self.send_response(owner.status)
                self.send_header("Content-Type", "application/json; charset=UTF-8")
                if owner.body is None:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with suppress(ConnectionError):  # who has seen enough hangs up
                    for piece in owner.body() if owner.body is not None else [body]:
                        self.wfile.write(piece)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
                """Keep the test output quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    @staticmethod
    def answer(path: str) -> dict[str, Any]:
        url = urlsplit(path)
        lon_lat = [tuple(map(float, pair.split(","))) for pair in url.path.split("/")[-1].split(";")]
        query = parse_qs(url.query)

        def chosen(key: str) -> list[int]:
            return [int(i) for i in query[key][0].split(";")] if key in query else list(range(len(lon_lat)))

        rows, columns = chosen("sources"), chosen("destinations")
        # One way streets: eastwards takes longer, so that a swap of rows and columns would show.
        durations = [
            [
                round(abs(lon_lat[a][0] - lon_lat[b][0]) * 10_000 + 1_000 * lon_lat[b][0], 1) if a != b else 0
                for b in columns
            ]
            for a in rows
        ]
        nodes = [{"hint": "x", "location": list(point), "name": "", "distance": 1.2} for point in lon_lat]
        distances = [[value * 7.5 for value in row] for row in durations]
        return {
            "code": "Ok",
            "durations": durations,
            "distances": distances,
            "sources": [nodes[i] for i in rows],
            "destinations": [nodes[i] for i in columns],
        }


@pytest.fixture
def osrm() -> Iterator[_Osrm]:
    double = _Osrm()
    thread = threading.Thread(target=double.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield double
    double.server.shutdown()
    thread.join()
    double.server.server_close()


def test_osrm_is_asked_with_longitude_first_and_its_table_is_rounded_up(osrm: _Osrm) -> None:
    table = OsrmHttpTravelTimes(osrm.url + "/", FALLBACK, profile="bicycle").matrix(POINTS)
    assert osrm.requests[0].startswith("/table/v1/bicycle/12.136400,51.049700;12.124000,51.056700;")
    assert "annotations=duration,distance" in osrm.requests[0]
    assert (table.name, table.is_estimate) == ("OSRM", False)
    assert table.seconds[0][1] == 124 + 12_124
    assert table.seconds[1][0] == pytest.approx(124 + 12_136.4, abs=1)
    assert table.metres[0][1] == pytest.approx(7.5 * (124 + 12_124), abs=1)


def test_many_places_are_asked_in_pieces_of_at_most_a_hundred(osrm: _Osrm) -> None:
    points: list[Point] = [(51 + i / 1_000, 12 + i / 1_000) for i in range(120)]
    table = OsrmHttpTravelTimes(osrm.url, FALLBACK).matrix(points)
    assert len(osrm.requests) == 9
    assert all(request.split("?")[0].count(";") < 100 for request in osrm.requests)
    for a, b in [(0, 119), (119, 0), (49, 50), (100, 3), (7, 7)]:
        expected = abs(points[a][1] - points[b][1]) * 10_000 + 1_000 * points[b][1] if a != b else 0
        assert table.seconds[a][b] == pytest.approx(expected, abs=1.1)


def test_no_or_one_place_asks_nobody(osrm: _Osrm) -> None:
    engine = OsrmHttpTravelTimes(osrm.url, FALLBACK)
    assert engine.matrix([]).seconds == []
    assert engine.matrix([MARKET]).seconds == [[0]]
    assert osrm.requests == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda answer: answer.update(code="NoTable"),
        lambda answer: answer["durations"][1].__setitem__(2, None),
        lambda answer: answer["durations"][1].__setitem__(2, -1),
        lambda answer: answer["durations"].pop(),
        lambda answer: answer["durations"][0].pop(),
        lambda answer: answer.pop("distances"),
        lambda answer: answer.update(durations="soon"),
        lambda answer: ["not", "an", "object"],
        lambda answer: answer["durations"][1].__setitem__(2, 1e300),  # a number, but no database's
        lambda answer: answer["distances"][1].__setitem__(2, 10**40),
        lambda answer: answer["durations"][1].__setitem__(2, "60"),
        lambda answer: answer["durations"][1].__setitem__(slice(2, 3), [True]),
        lambda answer: answer.update(durations=[[0] * 3 for _ in range(3)]),  # another region's map: one far road
        lambda answer: answer.update(distances=[[0] * 3 for _ in range(3)]),
    ],
)
def test_one_wrong_cell_makes_the_whole_matrix_an_estimate(
    osrm: _Osrm, spoil: Callable[[dict[str, Any]], object], caplog: pytest.LogCaptureFixture
) -> None:
    osrm.spoil = spoil
    with caplog.at_level(logging.WARNING):
        table = OsrmHttpTravelTimes(osrm.url, FALLBACK).matrix(POINTS)
    assert table == FALLBACK.matrix(POINTS)
    assert table.is_estimate
    assert "estimating instead" in caplog.text
    assert "12.1" not in caplog.text, "no positions of customers in the log"


def test_an_error_status_or_nobody_there_is_an_estimate(osrm: _Osrm) -> None:
    osrm.status = 400
    assert OsrmHttpTravelTimes(osrm.url, FALLBACK).matrix(POINTS).is_estimate
    assert OsrmHttpTravelTimes("http://127.0.0.1:9", FALLBACK, timeout_s=0.5).matrix(POINTS).is_estimate


BODIES = {
    "page": b"<html>Bad gateway</html>",
    "nothing": b"",
    "deep": b"[" * 200_000,
    "half": b'{"code":"Ok"',
    "no text": b"\xff\xfe",
    "no number": b"NaN",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_page_instead_of_a_table_is_an_estimate(osrm: _Osrm, body: bytes) -> None:
    osrm.body = lambda: [body]
    assert OsrmHttpTravelTimes(osrm.url, FALLBACK).matrix(POINTS).is_estimate


def test_an_answer_that_drips_in_is_not_waited_for(osrm: _Osrm) -> None:
    """Every byte comes within the time of silence, the whole never."""

    def drip() -> Iterator[bytes]:
        for _ in range(100):
            time.sleep(0.05)
            yield b" "

    osrm.body = drip
    begun = time.monotonic()
    assert OsrmHttpTravelTimes(osrm.url, FALLBACK, total_s=0.2).matrix(POINTS).is_estimate
    assert time.monotonic() - begun < 4


def test_only_web_addresses_are_taken() -> None:
    with pytest.raises(ValueError, match="OSRM_URL"):
        OsrmHttpTravelTimes("file:///etc/passwd", FALLBACK)
