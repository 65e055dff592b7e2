"""The day's runs as the map and the timeline show them: halts with points, waiting, windows and closing times.

Values only, made in a few queries whatever the number of runs. Seconds are after local midnight, points degrees.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery.batcher.problem import Span
from delivery.halts import RunView, StopView
from delivery.inputs import of_day, seconds
from delivery.models import Run, Stop, StopKind, Vehicle
from delivery.travel import Point
from market.core.config import Region
from market.directory.hours import load_calendars
from market.orders.models import Delivery

STYLES = 7
"""So many colours and dash patterns of runs there are (static/css/dispatch.css); letters never repeat on a day."""


@dataclass(frozen=True, slots=True)
class Halt:
    """A stop with its times. `hours` are the shop's opening spans of the day, or the windows of the recipients."""

    stop: StopView
    title: str
    at: Point | None
    arrival: int
    begin: int
    leave: int
    hours: tuple[Span, ...]

    @property
    def shop(self) -> bool:
        """Goods come in here."""
        return self.stop.kind is StopKind.PICKUP

    @property
    def wait(self) -> int:
        """Seconds of waiting before it may begin."""
        return max(0, self.begin - self.arrival)

    @property
    def until(self) -> int | None:
        """The last moment the stop may begin: closing time, or the end of the window."""
        return next((last for first, last in self.hours if first <= self.begin <= last), None)


@dataclass(frozen=True, slots=True)
class Lane:
    """One run. `letter` and `style` are how it is told apart, on the map, in the timeline and in the list."""

    letter: str
    style: int
    run: RunView
    vehicle_id: int
    leave: int
    back: int
    depot: Point
    halts: tuple[Halt, ...]
    rest: Span | None = None  # the driver's break

    @property
    def waits(self) -> int:
        """Seconds of waiting in the whole run."""
        return sum(halt.wait for halt in self.halts)

    def name(self, stop: StopView) -> str:
        """What a halt is called where several runs are shown: A·L1, B·4."""
        return f"{self.letter}·{stop.label}"


def letter(n: int) -> str:
    """A, B, ... Z, AA, AB ..."""
    first, last = divmod(n, 26)
    return (letter(first - 1) if first else "") + chr(ord("A") + last)


def lanes(s: Session, day: date, runs: Sequence[RunView], region: Region) -> tuple[Lane, ...]:
    """The runs of a day in the order given."""
    if not runs:
        return ()
    ids = [run.id for run in runs]
    rows = s.execute(
        sa.select(Run.id, Run.starts_at, Run.ends_at, Vehicle.depot_lat, Vehicle.depot_lon, Vehicle.id, Run.plan)
        .join(Vehicle, Vehicle.id == Run.vehicle_id)
        .where(Run.id.in_(ids))
    )
    frame = {
        row[0]: (of_day(row[1], day), of_day(row[2], day), (row[3], row[4]), row[5], row[6].get("rest")) for row in rows
    }
    stops = {(row.run_id, row.position): row for row in s.scalars(sa.select(Stop).where(Stop.run_id.in_(ids)))}
    doors = _doors(s, runs)
    shops = {stop.shop.id for run in runs for stop in run.stops if stop.shop and stop.shop.id}
    calendars = load_calendars(s, shops, region)
    open_ = {shop: _spans(calendars[shop].spans(day)) for shop in shops}
    made = []
    for n, run in enumerate(runs):
        leave, back, depot, vehicle_id, planned = frame[run.id]
        halts, here = [], leave
        rest = (planned["from"], planned["to"]) if planned else None
        for stop in run.stops:
            row = stops[run.id, stop.position]
            begin, gone = of_day(row.arrives_at, day), of_day(row.leaves_at, day)
            hours = open_.get(stop.shop.id, ()) if stop.shop else _windows(stop, doors)
            arrival = here + row.travel_s
            if rest and run.rests_before(stop):  # the break is on the way, and no waiting
                arrival = max(arrival, rest[0]) + rest[1] - rest[0]
            arrival = min(arrival, begin)
            halts.append(Halt(stop, _title(stop), _point(stop, doors), arrival, begin, gone, hours))
            here = gone
        made.append(Lane(letter(n), n % STYLES, run, vehicle_id, leave, back, depot, tuple(halts), rest))
    return tuple(made)


def _doors(s: Session, runs: Sequence[RunView]) -> Mapping[int, Delivery]:
    orders = [to.order_id for run in runs for stop in run.stops for to in stop.recipients]
    return {row.order_id: row for row in s.scalars(sa.select(Delivery).where(Delivery.order_id.in_(orders)))}


def _spans(spans: Sequence[tuple[time, time]]) -> tuple[Span, ...]:
    return tuple((seconds(first), seconds(last)) for first, last in spans)


def _windows(stop: StopView, doors: Mapping[int, Delivery]) -> tuple[Span, ...]:
    to = [doors[one.order_id] for one in stop.recipients]
    return tuple(sorted({(seconds(one.starts), seconds(one.ends)) for one in to}))


def _title(stop: StopView) -> str:
    if stop.shop:
        return str(stop.shop.name)
    first = stop.recipients[0]
    return ", ".join(filter(None, (stop.point, first.street, first.city)))


def _point(stop: StopView, doors: Mapping[int, Delivery]) -> Point | None:
    if stop.shop:
        lat, lon = stop.shop.lat, stop.shop.lon
    else:
        first = doors[stop.recipients[0].order_id]
        lat, lon = first.lat, first.lon
    return (lat, lon) if lat is not None and lon is not None else None
