"""The timeline of a day as numbers for an SVG drawn by the template: one row per run, hours along the top.

Nothing here is styled: the template sets positions as SVG attributes, the style sheet the colours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from delivery.desk.lanes import Halt, Lane

LEFT, RIGHT, TOP, ROW, WIDTH = 14, 14, 30, 88, 980
QUARTER, HALF, HOUR = 900, 1800, 3600
_Scale = Callable[[int], float]
LABEL_GAP = 28
"""Labels of halts closer than this leave one out: the table below the picture names all of them."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A span on a row: x and width in user units."""

    x: float
    width: float
    title: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A halt on a row; `label` is empty where it would cover its neighbour."""

    x: float
    width: float
    shop: bool
    label: str
    title: str


@dataclass(frozen=True, slots=True)
class Row:
    """One run: the way, windows, waiting, halts, closing times of shops that are visited, the driver's break."""

    lane: Lane
    y: int
    way: Bar
    windows: tuple[Bar, ...]
    waits: tuple[Bar, ...]
    halts: tuple[Mark, ...]
    closing: tuple[tuple[float, str], ...]
    rest: Bar | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """The whole picture, from the quarter of an hour in which the first one leaves; `hours` are (x, "16:00")."""

    width: int
    height: int
    left: int
    hours: tuple[tuple[float, str], ...]
    rows: tuple[Row, ...]


def chart(lanes: Sequence[Lane]) -> Chart | None:
    """The picture of these runs; None when there is none."""
    if not lanes:
        return None
    first = min(lane.leave for lane in lanes) // QUARTER * QUARTER
    last = max(-(-max(lane.back for lane in lanes) // QUARTER) * QUARTER, first + HOUR)
    scale = (WIDTH - LEFT - RIGHT) / (last - first)

    def x(second: int) -> float:
        return round(LEFT + (min(max(second, first), last) - first) * scale, 1)

    step = HALF if last - first <= 3 * HOUR else HOUR if last - first <= 12 * HOUR else 2 * HOUR
    hours = tuple((x(at), clock(at)) for at in range(-(-first // step) * step, last + 1, step))
    rows = tuple(_row(lane, TOP + n * ROW, x, first, last) for n, lane in enumerate(lanes))
    return Chart(WIDTH, TOP + ROW * len(lanes) + 8, LEFT, hours, rows)


def _row(lane: Lane, y: int, x: _Scale, first: int, last: int) -> Row:
    windows = sorted({span for halt in lane.halts if not halt.shop for span in halt.hours})
    closing = sorted({(halt.until, halt.title) for halt in lane.halts if halt.shop and halt.until is not None})
    return Row(
        lane=lane,
        y=y,
        way=Bar(x(lane.leave), round(x(lane.back) - x(lane.leave), 1)),
        windows=tuple(Bar(x(a), round(x(b) - x(a), 1), f"{clock(a)}–{clock(b)}") for a, b in windows),
        waits=tuple(
            Bar(x(halt.arrival), round(x(halt.begin) - x(halt.arrival), 1), f"{round(halt.wait / 60)}")
            for halt in lane.halts
            if halt.wait >= 60
        ),
        halts=tuple(_marks(lane, x)),
        closing=tuple((x(at), f"{name}: {clock(at)}") for at, name in closing if first < at <= last),
        rest=_rest(lane, x),
    )


def _rest(lane: Lane, x: _Scale) -> Bar | None:
    if lane.rest is None:
        return None
    starts, ends = lane.rest
    return Bar(x(starts), round(x(ends) - x(starts), 1), f"{clock(starts)}–{clock(ends)}")


def _marks(lane: Lane, x: _Scale) -> list[Mark]:
    marks, free = [], 0.0
    for halt in lane.halts:
        at, width = x(halt.begin), max(5.0, round(x(halt.leave) - x(halt.begin), 1))
        fits = at >= free
        if fits:
            free = at + LABEL_GAP
        marks.append(Mark(at, width, halt.shop, halt.stop.label if fits else "", _said(halt)))
    return marks


def _said(halt: Halt) -> str:
    return f"{halt.stop.label} {halt.title}, {clock(halt.begin)}"


def clock(second: int) -> str:
    """Seconds after midnight as 16:05."""
    return f"{second // 3600}:{second // 60 % 60:02d}"
