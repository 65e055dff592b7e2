"""A halt gets another place in its run because a dispatcher says so, and keeps it, however the day is planned again.

Asked before anything is moved: for every place in the run what it would cost, or which rule refuses it. The halt then
stays between the two it was put between, or first or last; others may still come between. "Rückgängig" as with every
move (moves.py); letting go of it leaves the run as it is until the next planning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery import pinning, routing, runs, storing
from delivery.batcher import Route
from delivery.batcher.lifts import LIFTS, without_load
from delivery.batcher.said import clock
from delivery.batcher.street import Node, Street
from delivery.desk import moved, moves, weighing
from delivery.desk.moves import BreaksRule, Change, PlanChanged
from delivery.desk.weighing import Standing, Weighed
from delivery.halts import StopView
from delivery.models import Run, RunState, StopEnd
from delivery.pinning import DOOR, Pin, Visit
from delivery.task import Inputs
from market.core import db
from market.core.errors import MarketError, NotFound
from market.core.faults import point
from market.people import accounts


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the run: after which halt (None: at the beginning), before which (None: at the end)."""

    at: int  # the position of the halt before; 0: at the beginning
    after: StopView | None
    before: StopView | None
    here: bool  # it is there now
    weighed: Weighed


@dataclass(frozen=True, slots=True)
class Offer:
    """One halt of a planned run with every place it could have. `names` says who the delayed orders are."""

    stop: StopView
    day: date
    code: str
    vehicle: str
    places: tuple[Place, ...]
    names: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class _Tour:
    """A planned run: its halts by position with what is done there, and the day around it."""

    day: date
    vehicle_id: int
    todo: Inputs
    routes: Mapping[int, Route]
    codes: Mapping[int, str]
    halts: Mapping[int, tuple[Visit, ...]]
    views: Mapping[int, StopView]
    names: Mapping[int, str]
    vehicle: str

    def others(self, position: int) -> list[int]:
        """Positions of the other halts, in their sequence."""
        return [one for one in self.halts if one != position]


# ------------------------------------------------------------------------------------------------------------- asking


def _tour(s: Session, code: str, gone: type[MarketError] | None = None) -> _Tour:
    run = s.scalar(sa.select(Run).where(Run.code == code, Run.state == RunState.PLANNED))
    if run is None:
        raise gone or runs.gone(s, code)
    todo, routes = weighing.read(s, run.day)
    route = routes.get(run.vehicle_id)
    on_it = set(routing.visits_of(todo, route)) if route else set()
    visits = {at: tuple(one for one in here if one in on_it) for at, here in storing.visits_of(s, run).items()}
    view = runs.desk_run(s, code)
    return _Tour(
        day=run.day,
        vehicle_id=run.vehicle_id,
        todo=todo,
        routes=routes,
        codes=moved.codes_of(s, run.day),
        halts={at: here for at, here in visits.items() if here},
        views={stop.position: stop for stop in view.stops},
        names=moves.names_of(s, {order for order, _ in on_it}),
        vehicle=view.vehicle,
    )


def offer(code: str, position: int) -> Offer:
    """Where a halt of a planned run could be. Raises Overtaken when its run is not planned any more, NotFound else."""
    with db.reading() as s:
        tour = _tour(s, code)
    if position not in tour.halts or position not in tour.views:
        raise NotFound
    day = weighing.stand(_let_go(tour, position), tour.routes)
    weighed = [_weigh(day, tour, position, gap) for gap in range(len(tour.halts))]
    before, now = [0, *tour.others(position)], list(tour.halts).index(position)
    then = [*before[1:], 0]
    places = tuple(
        Place(before[gap], tour.views.get(before[gap]), tour.views.get(then[gap]), gap == now, one)
        for gap, one in enumerate(weighed)
    )
    return Offer(tour.views[position], tour.day, code, tour.vehicle, places, tour.names)


def _let_go(tour: _Tour, position: int) -> Inputs:
    """The day's inputs without what is fixed about this halt itself."""
    here = set(tour.halts[position])
    return replace(tour.todo, pins=tuple(pin for pin in tour.todo.pins if not here & set(pin.here)))


def _weigh(day: Standing, tour: _Tour, position: int, gap: int) -> Weighed:
    """What it means to have the halt at this place among the others."""
    vehicle = day.vehicle(tour.vehicle_id)
    nodes = _nodes(day, tour, position, gap)
    if vehicle is None:
        return Weighed(tour.vehicle_id, refused="Dieses Fahrzeug fährt an diesem Tag nicht.")
    street = Street(day.problem)
    early = _not_on_board(street, nodes)
    driven = street.drive(vehicle, nodes) if not early else None
    if driven is None:
        return Weighed(tour.vehicle_id, refused=early or _why(day, tour, nodes, position))
    return weighing.compare(day, tour.vehicle_id, (day.route(tour.vehicle_id),), (driven.route,))


def _nodes(day: Standing, tour: _Tour, position: int, gap: int) -> list[Node]:
    others = tour.others(position)
    sequence = [*others[:gap], position, *others[gap:]]
    known = day.todo.nodes
    return [(order, None if shop == DOOR else known[order, shop]) for at in sequence for order, shop in tour.halts[at]]


def _not_on_board(street: Street, nodes: Sequence[Node]) -> str:
    """Which shop's goods would have to be handed over before they are collected."""
    done: set[Node] = set()
    for order, shop in nodes:
        if shop is None:
            missing = [one for one in street.orders[order].pickups if (order, one) not in done]
            if missing:
                return f"Die Ware von {street.shops[missing[0]].label} wäre noch nicht an Bord."
        done.add((order, shop))
    return ""


def _why(day: Standing, tour: _Tour, nodes: Sequence[Node], position: int) -> str:
    """The rule without which it would work; else the first halt that would be too late."""
    problem = day.problem
    if _works(Street(without_load(problem)), tour.vehicle_id, nodes):
        return "Das Fahrzeug wäre zu voll."
    moved = Street(problem).orders[tour.halts[position][0][0]]
    for lift in LIFTS:
        if lift.there(problem) and _works(Street(lift.lift(problem)), tour.vehicle_id, nodes):
            if lift.full in ("kept_full", "first_or_last"):
                return "Dort ist ein anderer Halt festgehalten."
            said = lift.says(problem, moved, Street(problem).vehicles[tour.vehicle_id])
            return f"{said[0].upper()}{said[1:]}."
    return _too_late(Street(problem), tour, nodes)


def _works(street: Street, vehicle_id: int, nodes: Sequence[Node]) -> bool:
    return street.drive(street.vehicles[vehicle_id], nodes) is not None


def _too_late(street: Street, tour: _Tour, nodes: Sequence[Node]) -> str:
    vehicle = street.vehicles[tour.vehicle_id]
    node, at = street.late(vehicle, nodes)
    if node is None:
        return f"Das Fahrzeug wäre erst {clock(at)} zurück, die Schicht endet {clock(vehicle.shift_to)}."
    order, shop = node
    if shop is not None:
        last = max((last for _, last in street.windows(vehicle.type, node)), default=0)
        return f"{street.shops[shop].label} wäre erst {clock(at)} dran, geht aber nur bis {clock(last)}."
    return f"{tour.names[int(order)]} käme erst {clock(at)}, das Fenster endet {clock(street.orders[order].tw_to)}."


# ------------------------------------------------------------------------------------------------------------- placing


def place(code: str, position: int, after: int, by: int) -> str:
    """Use case: the halt comes after the one at position `after` (0: first) and keeps that place; the run's code.

    Where it is there already, it is only fixed, and the run keeps its code. Raises PlanChanged, BreaksRule,
    PlanningBusy.
    """
    with db.reading() as s:
        tour = _tour(s, code, PlanChanged)
    others = tour.others(position) if position in tour.halts else []
    if position not in tour.halts or after not in (0, *others):
        raise PlanChanged
    gap = others.index(after) + 1 if after else 0
    weighed = _weigh(weighing.stand(_let_go(tour, position), tour.routes), tour, position, gap)
    if weighed.refused:
        raise BreaksRule(field="place", why=weighed.refused)
    todo = _let_go(tour, position)
    pins = pinning.with_pin(todo.pins, _pin(tour, position, gap))
    day = weighing.stand(replace(todo, pins=pins), tour.routes)
    with db.transaction() as s:
        moves.hold_day(s, tour.day)
        if gap == list(tour.halts).index(position):
            _only_fix(s, tour, day, by)
        else:
            (code,) = moves.carry_out(s, _change(tour, position), day, weighed.routes, by).values()
        accounts.audit(s, "stop.fixed", f"vehicle:{tour.vehicle_id}", by=by, day=tour.day.isoformat())
        point("stop.fixed")
    return code


def _pin(tour: _Tour, position: int, gap: int) -> Pin:
    others = tour.others(position)
    before = tour.halts[others[gap - 1]] if gap else ()
    after = tour.halts[others[gap]] if gap < len(others) else ()
    end = StopEnd.FIRST if not gap else StopEnd.LAST if gap == len(others) else StopEnd.BETWEEN
    here, before, after = (tuple(sorted(one)) for one in (tour.halts[position], before, after))
    return Pin(tour.vehicle_id, end.value, here, before, after)


def _change(tour: _Tour, position: int) -> Change:
    order, shop = tour.halts[position][0]
    halt = dict(tour.todo.names).get(shop, "") if shop != DOOR else ""
    return Change((order,), tour.vehicle_id, tour.vehicle_id, tour.todo, tour.routes, tour.codes, halt)


def _only_fix(s: Session, tour: _Tour, day: Standing, by: int) -> None:
    """Step: the run stays as it is, its halt is fixed where it is."""
    if moved.codes_of(s, tour.day) != tour.codes:
        raise PlanChanged
    moves.judge(day, list(day.routes.values()))
    mine = (pin for pin in day.todo.pins if pin.vehicle_id == tour.vehicle_id)
    pinning.replace(s, tour.day, {tour.vehicle_id}, mine, by)
    moves.check_inputs(s, day)
    moves.adopt(s, day, tour.todo.digest())
