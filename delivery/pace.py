"""What couriers' real times teach the planner: how fast each kind of vehicle really is, how long a stop really takes.

The gap between two results of a courier is explained as `driving * a + handling * b`, with one `a` per kind of vehicle
and one `b` for shops and one for doors. The factors are found by robust regression (Huber 1964: a flat tyre or a chat
of half an hour hardly pulls them), shrunk towards 1 while there are few samples, and kept between MOST_FAST and
MOST_SLOW. A factor learnt today is used for days from the
day after tomorrow on, so that a plan somebody has printed does not change under his hands.

Driving is compared with what the vehicle's speed of today would have assumed: when the operator sets a speed, runs
planned with another one do not teach the difference once more, and the factor of its kind follows at once (`relearn`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from delivery.models import Pace, Run, RunState, Stop, StopKind
from delivery.travel import SPEEDS, Speed, speed_of
from market.core import clock, settings

LOOK_BACK = timedelta(days=60)
FROM = timedelta(days=2)
MOST_FAST, MOST_SLOW = 0.7, 1.5
DOUBT = 20
"""As many gaps as assumptions are worth: with so many samples a factor goes half of the way."""

AT_ONCE_S, TOO_LONG_S = 20, 2_700
"""Shorter gaps were told at once (see `_told_at_once`), longer ones had a pause in them."""

SHOP, DOOR = "shop", "door"
ROUNDS = 60
NORMAL_S = 45

Terms = tuple[tuple[str, int], tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Gap:
    """From one result to the next: planned driving and handling, and what it took, in seconds."""

    kind: str  # a VehicleKind's value
    place: str  # SHOP or DOOR
    driving: int
    handling: int
    took: int


@dataclass(frozen=True, slots=True)
class Learnt:
    """A factor (2.0 takes twice as long as assumed) and the gaps it was learnt from."""

    factor: float
    samples: int


Factors = Mapping[str, float]


def factors(s: Session, day: date) -> dict[str, float]:
    """The factors a plan of this day uses, by subject; a subject that is missing has taught nothing yet (1.0).

    None when the operator's switch "learnt_pace" is off.
    """
    return _factors(s, day) if settings.get(s, "learnt_pace") else {}


def _factors(s: Session, day: date) -> dict[str, float]:
    rows = s.execute(sa.select(Pace.subject, Pace.factor).where(Pace.valid_from <= day).order_by(Pace.valid_from))
    return {row.subject: row.factor for row in rows}


def learn(s: Session) -> dict[str, Learnt]:
    """Step, once a day: learn from the finished runs of the last weeks; what changed is valid from FROM on."""
    found = fit(gaps(s))
    valid_from = clock.today() + FROM
    before = _factors(s, valid_from)
    for subject, learnt in sorted(found.items()):
        if abs(learnt.factor - before.get(subject, 1.0)) >= 0.01:
            s.merge(Pace(subject=subject, valid_from=valid_from, factor=learnt.factor, samples=learnt.samples))
    return found


def relearn(s: Session, kind: str) -> Learnt:
    """Step: a vehicle of this kind got another speed. The kind's factor, learnt against the old one, would come on top:
    it is learnt anew and valid today, as the speed is. Without runs nothing is known."""
    learnt = fit(gaps(s)).get(kind, Learnt(1.0, 0))
    today = clock.today()
    later = sa.delete(Pace).where(Pace.subject == kind, Pace.valid_from > today)
    s.execute(later.execution_options(synchronize_session=False))
    if abs(learnt.factor - _factors(s, today).get(kind, 1.0)) >= 0.01:
        s.merge(Pace(subject=kind, valid_from=today, factor=learnt.factor, samples=learnt.samples))
    return learnt


# ------------------------------------------------------------------------------------------------------------ samples


def gaps(s: Session) -> list[Gap]:
    """The gaps of all runs that finished lately and whose results came in one by one. Two queries."""
    runs = s.scalars(
        sa.select(Run)
        .where(Run.state == RunState.FINISHED, Run.day >= clock.today() - LOOK_BACK)
        .order_by(Run.id)
        .options(selectinload(Run.stops), selectinload(Run.vehicle))
    )
    return [gap for run in runs for gap in _of_run(run)]


def _of_run(run: Run) -> list[Gap]:
    """Gaps between neighbouring stops; none of a run whose results were told in one go, at a desk or after the tour.

    A gap beside one that was told at once says nothing: what came late (a phone without a network sends several
    results together) makes the gap before it too long and the one after it too short.
    """
    done = [stop for stop in run.stops if stop.done_at is not None]
    pairs = [(a, b) for a, b in pairwise(done) if b.position == a.position + 1]
    gaps = [_gap(run, b, _seconds_between(a, b)) for a, b in pairs]
    at_once = [_told_at_once(gap) for gap in gaps]
    if sum(at_once) * 3 > len(gaps) or 2 * sum(gap.took for gap in gaps) < sum(map(_planned, gaps)):
        return []
    beside = [any(at_once[max(0, i - 1) : i + 2]) for i in range(len(gaps))]
    return [
        gap
        for (a, b), gap, spoilt in zip(pairs, gaps, beside, strict=True)
        if not spoilt and gap.took <= TOO_LONG_S and not _waited(a, b)
    ]


def _planned(gap: Gap) -> int:
    return gap.driving + gap.handling


def _told_at_once(gap: Gap) -> bool:
    """Nobody drives twice as fast as assumed, or is done in a quarter of the time: both were told at one place."""
    return gap.took < max(AT_ONCE_S, gap.driving / 2, _planned(gap) / 4)


def _gap(run: Run, stop: Stop, took: int) -> Gap:
    """The assumptions behind the plan, without the factors it was made with."""
    then: Factors = run.plan.get("pace", {})
    kind, place = run.vehicle.kind.value, SHOP if stop.kind is StopKind.PICKUP else DOOR
    driving = _at_todays_speed(run, stop.travel_s / then.get(kind, 1.0))
    handling = (stop.leaves_at - stop.arrives_at).total_seconds()
    return Gap(kind, place, round(driving), round(handling / then.get(place, 1.0)), took)


def _at_todays_speed(run: Run, driving: float) -> float:
    """A way's seconds as they would be estimated now; what a road network told stays. Plans of before speeds could be
    set were made with their kind's."""
    vehicle, then = run.vehicle, run.plan.get("speed")
    was = Speed(*then) if then else SPEEDS[vehicle.kind.value]
    now = speed_of(vehicle.kind.value, vehicle.kmh_near, vehicle.kmh_far)
    return driving if was == now or not run.plan.get("estimate") else now.seconds(was.metres(driving))


def _seconds_between(a: Stop, b: Stop) -> int:
    assert a.done_at is not None
    assert b.done_at is not None
    return int((b.done_at - a.done_at).total_seconds())


def _waited(a: Stop, b: Stop) -> bool:
    """Whether the plan had the courier wait before this stop: such a gap says nothing about driving."""
    return (b.arrives_at - a.leaves_at).total_seconds() > b.travel_s + 60


# ---------------------------------------------------------------------------------------------------------------- fit


def fit(samples: Sequence[Gap]) -> dict[str, Learnt]:
    """Huber's robust regression of `took = driving * a[kind] + handling * b[place]`, shrunk and bounded.

    Iteratively reweighted least squares, one factor after the other (Gauss-Seidel): a gap that misses by more than
    NORMAL_S counts the less the more it misses.
    """
    terms = [(gap, ((gap.kind, gap.driving), (gap.place, gap.handling))) for gap in samples]
    subjects = sorted({subject for _, both in terms for subject, planned in both if planned > 0})
    raw = dict.fromkeys(subjects, 1.0)
    for _ in range(ROUNDS):
        weighted = [(_trust(gap, raw), gap.took, both) for gap, both in terms]
        for subject in subjects:
            raw[subject] = _bounded(_least_squares(weighted, raw, subject))
    counts = Counter(subject for _, both in terms for subject, planned in both if planned > 0)
    return {subject: Learnt(_shrunk(raw[subject], counts[subject]), counts[subject]) for subject in subjects}


def _trust(gap: Gap, now: Factors) -> float:
    """Huber's weight of a gap: 1 while the factors explain it within NORMAL_S."""
    expected = gap.driving * now.get(gap.kind, 1.0) + gap.handling * now.get(gap.place, 1.0)
    return min(1.0, NORMAL_S / max(1.0, abs(gap.took - expected)))


def _least_squares(weighted: Iterable[tuple[float, int, Terms]], now: Factors, subject: str) -> float:
    """The factor of one subject that explains the gaps best when the others are right; 1.0 when nothing speaks."""
    up = down = 0.0
    for weight, took, both in weighted:
        planned = sum(x for one, x in both if one == subject)
        rest = took - sum(x * now.get(one, 1.0) for one, x in both if one != subject)
        up += weight * planned * rest
        down += weight * planned * planned
    return up / down if down else 1.0


def _bounded(factor: float) -> float:
    return min(MOST_SLOW, max(MOST_FAST, factor))


def _shrunk(factor: float, samples: int) -> float:
    return round(1.0 + (factor - 1.0) * samples / (samples + DOUBT), 3)
