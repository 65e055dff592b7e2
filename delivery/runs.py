"""Runs as people see them: the courier's page, the paper sheet, the desk. Queries only; nothing here writes.

A courier sees own runs, on their day, until they are finished. The desk sees the doors of a run for KEEP_DAYS days.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from delivery import late, returning, returns
from delivery.closing import closable
from delivery.halts import (
    ParcelView,
    ProofView,
    Recipient,
    ReplacedView,
    RestView,
    ReturnView,
    RunView,
    Spot,
    StopView,
    TakeoverView,
)
from delivery.inputs import instant, is_inexact
from delivery.models import BackTo, Parcel, ParcelState, Run, RunState, Stop, StopKind, Vehicle
from delivery.outcomes import Actor
from market.catalogue.models import Temperature
from market.core import clock, formats
from market.core.errors import NotFound
from market.core.i18n import N_
from market.orders.lifecycle import DEAD
from market.orders.models import Delivery, MerchantOrder, Order
from market.people.models import User

KEEP_DAYS = 14


class Overtaken(NotFound):
    """A page that is older than the plan: its run was thrown away or has left. `day` is where to look now."""

    message = N_("Tour {code} gibt es nicht mehr: Der Tag ist inzwischen umgeplant. So wird jetzt gefahren.")

    def __init__(self, run: Run) -> None:
        left = None if run.state is RunState.DISCARDED else LEFT
        super().__init__(left, code=run.code)
        self.day = run.day


LEFT = N_("Tour {code} ist inzwischen losgefahren und wird nicht mehr umgeplant.")


def gone(s: Session, code: str) -> NotFound:
    """Why a planned run is not there (any more), to be raised."""
    run = s.scalar(sa.select(Run).where(Run.code == code))
    return NotFound() if run is None or hidden(run.day) else Overtaken(run)


def courier_days(s: Session, courier_id: int) -> list[RunView]:
    """A courier's runs of today and the coming days, without doors: what is to come, and what is done."""
    rows = s.scalars(
        sa.select(Run)
        .where(Run.courier_id == courier_id, Run.day >= clock.today(), Run.state != RunState.DISCARDED)
        .order_by(Run.day, Run.starts_at, Run.id)
    )
    return views(s, list(rows))


def courier_run(s: Session, code: str, courier_id: int) -> RunView:
    """A courier's own run while it may be seen. NotFound otherwise, whatever the reason."""
    run = s.scalar(
        sa.select(Run).where(
            Run.code == code,
            Run.courier_id == courier_id,
            Run.day == clock.today(),
            Run.state.in_((RunState.PLANNED, RunState.STARTED)),
        )
    )
    if run is None:
        raise NotFound
    return views(s, [run])[0]


def ended_run(s: Session, code: str, actor: Actor) -> RunView | None:
    """A courier's own run that is over, for a result that was said before its end (`late.counts`)."""
    run = s.scalar(sa.select(Run).where(Run.code == code, Run.courier_id == actor.user_id))
    return views(s, [run])[0] if run is not None and late.counts(run, actor) else None


def desk_run(s: Session, code: str, *, to_end: bool = False) -> RunView:
    """A run for the desk; thrown away ones are Overtaken, those older than KEEP_DAYS are NotFound.

    `to_end`: one that still waits for its results is found at any age, or it could never be ended.
    """
    run = s.scalar(sa.select(Run).where(Run.code == code, Run.state != RunState.DISCARDED))
    if run is None:
        raise gone(s, code)
    if hidden(run.day) and not (to_end and run.state is not RunState.FINISHED):
        raise NotFound
    return views(s, [run])[0]


def day_runs(s: Session, day: date) -> list[RunView]:
    """The day's runs with their stops; none once the day is too long ago."""
    if hidden(day):
        return []
    rows = s.scalars(
        sa.select(Run).where(Run.day == day, Run.state != RunState.DISCARDED).order_by(Run.starts_at, Run.id)
    )
    return views(s, list(rows))


def unfinished(s: Session) -> list[tuple[str, date]]:
    """Runs of days gone by that nobody ended: (code, day), oldest first."""
    query = sa.select(Run.code, Run.day).where(
        Run.day < clock.today(), Run.state.in_((RunState.PLANNED, RunState.STARTED))
    )
    return [(row[0], row[1]) for row in s.execute(query.order_by(Run.day, Run.id))]


def hidden(day: date) -> bool:
    """Whether the doors of that day are nobody's business any more."""
    return day < clock.today() - timedelta(days=KEEP_DAYS)


def views(s: Session, runs: Sequence[Run]) -> list[RunView]:
    """Runs with everything on them. A handful of queries, however many runs and stops."""
    ids = [run.id for run in runs]
    theirs = sa.select(Vehicle).where(Vehicle.id.in_({run.vehicle_id for run in runs}))
    vehicles = {vehicle.id: vehicle for vehicle in s.scalars(theirs)}
    couriers = {run.courier_id for run in runs} - {None}
    names = {user.id: user.name for user in s.scalars(sa.select(User).where(User.id.in_(couriers)))} if couriers else {}
    stops: dict[int, list[Stop]] = {}
    for stop in s.scalars(
        sa.select(Stop).where(Stop.run_id.in_(ids)).order_by(Stop.position).options(selectinload(Stop.shop))
    ):
        stops.setdefault(stop.run_id, []).append(stop)
    parcels: dict[int, list[Parcel]] = {}
    for parcel in s.scalars(
        sa.select(Parcel)
        .join(MerchantOrder, MerchantOrder.id == Parcel.part_id)
        # a part may die while its goods are on the road: they still have to be taken back
        .where(Parcel.run_id.in_(ids), sa.or_(MerchantOrder.state.not_in(DEAD), Parcel.back_to.is_not(None)))
        .order_by(MerchantOrder.short_number, Parcel.id)
        .options(
            selectinload(Parcel.part).options(
                selectinload(MerchantOrder.lines),
                selectinload(MerchantOrder.shop),
                selectinload(MerchantOrder.order).selectinload(Order.delivery),
            )
        )
    ):
        parcels.setdefault(parcel.run_id, []).append(parcel)
    extra = _Extra(
        vehicles=vehicles,
        couriers=names,
        elsewhere=returning.elsewhere(s, ids),
        proofs=returning.proofs(s, ids),
        moved_on=returning.moved_on(s, ids),
        takeovers=returning.takeovers(s, ids),
        replaced=returning.replaced(s, runs),
        fell_out=returning.fell_out(s, runs),
    )
    return [_run(run, extra, stops.get(run.id, []), parcels.get(run.id, [])) for run in runs]


@dataclass(frozen=True, slots=True)
class _Extra:
    """What runs need beside their own rows."""

    vehicles: Mapping[int, Vehicle]
    couriers: Mapping[int, str]
    elsewhere: Mapping[int, str]  # part -> where its goods lie since the last try
    proofs: Mapping[tuple[int, int], ProofView]  # run and order
    moved_on: AbstractSet[tuple[date, int]]  # day and order
    takeovers: Mapping[int, tuple[TakeoverView, ...]]  # by run
    replaced: Mapping[int, tuple[str, AbstractSet[int]]]  # by run: code and parts of the one before
    fell_out: AbstractSet[int]  # runs


def _run(run: Run, extra: _Extra, stops: Sequence[Stop], parcels: Sequence[Parcel]) -> RunView:
    seen = list(_labelled([view for stop in stops if (view := _stop(run, stop, parcels, extra)).parcels]))
    return RunView(
        id=run.id,
        code=run.code,
        day=run.day,
        state=run.state,
        vehicle=extra.vehicles[run.vehicle_id].name,
        vehicle_kind=extra.vehicles[run.vehicle_id].kind,
        courier_id=run.courier_id,
        courier=extra.couriers.get(run.courier_id or 0, ""),
        starts=formats.clock_time(run.starts_at),
        ends=formats.clock_time(run.ends_at),
        distance_m=run.distance_m,
        estimate=bool(run.plan.get("estimate", True)),
        stops=tuple(seen),
        closable=closable(run),
        returns=_returns(run, parcels, extra),
        rest=_rest(run, seen),
        fell_out=run.id in extra.fell_out,
        takeovers=extra.takeovers.get(run.id, ()),
        replaces=_replaces(seen, parcels, extra.replaced.get(run.id)),
    )


def _replaces(
    stops: Sequence[StopView], parcels: Sequence[Parcel], old: tuple[str, AbstractSet[int]] | None
) -> ReplacedView | None:
    if old is None:
        return None
    code, before = old
    known = {parcel.part.order_id for parcel in parcels if parcel.part_id in before}
    doors = [one for stop in stops for one in stop.numbered]
    return ReplacedView(code, tuple(f"{label} {to.name}" for label, to in doors if to.order_id not in known))


def _rest(run: Run, stops: Sequence[StopView]) -> RestView | None:
    """The break as it was planned, before the next halt that is still there."""
    rest = run.plan.get("rest")
    if not rest:
        return None
    starts, ends = (formats.clock_time(instant(run.day, rest[at])) for at in ("from", "to"))
    then = next((stop for stop in stops if stop.position > rest["before"]), None)
    minutes = round((rest["to"] - rest["from"]) / 60)
    return RestView(starts, ends, minutes, then.position if then else 0, then.label if then else "")


def _labelled(stops: Sequence[StopView]) -> Iterator[StopView]:
    """Shops are L1, L2 ..., doors 1, 2 ...: the same on paper and on the phone."""
    shops, doors = count(1), count(1)
    for stop in stops:
        pickup = stop.kind is StopKind.PICKUP
        yield replace(stop, label=f"L{next(shops)}" if pickup else str(next(doors)))


def _returns(run: Run, parcels: Sequence[Parcel], extra: _Extra) -> tuple[ReturnView, ...]:
    """One halt per shop and place: what is taken back together."""
    groups: dict[tuple[str, int, str, bool], list[Parcel]] = {}
    for parcel in parcels:
        if parcel.back_to is not None:
            place = (parcel.part.shop.name, parcel.part.shop_id, parcel.back_to.value, parcel.back_at is not None)
            groups.setdefault(place, []).append(parcel)
    return tuple(
        _return(f"R{number}", run, group, extra) for number, (_, group) in enumerate(sorted(groups.items()), 1)
    )


def _return(label: str, run: Run, group: Sequence[Parcel], extra: _Extra) -> ReturnView:
    shop, to = group[0].part.shop, group[0].back_to
    assert to is not None
    rules = dict.fromkeys(_rule(run, parcel, extra) for parcel in group)
    allowed = [place for place in BackTo if all(place in (rule.to, *rule.or_to) for rule in rules)]
    return ReturnView(
        label=label,
        shop=shop,
        geo=_geo(shop.lat, shop.lon, shop.address),
        to=to,
        or_to=tuple(place for place in allowed if place is not to),
        sentences=tuple(rule.sentence for rule in rules),
        parcels=tuple(_parcel(run, parcel, extra) for parcel in group),
        done=all(parcel.back_at is not None for parcel in group),
    )


def _rule(run: Run, parcel: Parcel, extra: _Extra) -> returns.Rule:
    return returns.rule(parcel.part, moved_on=(run.day, parcel.part.order_id) in extra.moved_on)


def _stop(run: Run, stop: Stop, parcels: Sequence[Parcel], extra: _Extra) -> StopView:
    planned = formats.clock_time(stop.arrives_at)
    if stop.kind is StopKind.PICKUP:
        here = tuple(_parcel(run, parcel, extra) for parcel in parcels if parcel.pickup_stop_id == stop.id)
        place = stop.shop or Spot(stop.spot_name, stop.spot_place, stop.spot_lat, stop.spot_lon)
        geo = _geo(place.lat, place.lon, place.address or place.name)
        return StopView(stop.position, "", stop.kind, planned, here, shop=place, geo=geo)
    by_order: dict[int, list[Parcel]] = {}
    for parcel in parcels:
        if parcel.drop_stop_id == stop.id:
            by_order.setdefault(parcel.part.order_id, []).append(parcel)
    recipients = tuple(sorted((_recipient(run, group, extra) for group in by_order.values()), key=lambda to: to.way_in))
    here = tuple(parcel for recipient in recipients for parcel in recipient.parcels)
    return StopView(stop.position, "", stop.kind, planned, here, recipients=recipients)


def _recipient(run: Run, group: Sequence[Parcel], extra: _Extra) -> Recipient:
    order = group[0].part.order
    to = order.delivery
    assert to is not None  # a delivery part has an address (orders/placing.py)
    parcels = tuple(_parcel(run, parcel, extra) for parcel in group)
    min_age = 0 if to.point else max(parcel.min_age for parcel in parcels)  # a point's keeper looks at the card
    return Recipient(
        order_id=order.id,
        order=order.number,
        name=to.recipient,
        care_of=to.care_of,
        house=to.house,
        ward=to.ward,
        bell=to.bell,
        street=to.street,
        zip=to.zip,
        city=to.city,
        phone=to.phone or order.phone,
        note=to.note,
        drop_off="" if min_age else to.drop_off,
        min_age=min_age,
        inexact=is_inexact(to),
        geo=_geo(*_pin(to), f"{to.street}, {to.zip} {to.city}"),
        window=f"{formats.clock_time(to.starts)}–{formats.clock_time(to.ends)}",
        parcels=parcels,
        proof=extra.proofs.get((run.id, order.id)),
        point=to.point,
    )


def _parcel(run: Run, parcel: Parcel, extra: _Extra) -> ParcelView:
    part = parcel.part
    number = str(part.short_number or "–")
    if part.day != run.day:  # rolled over: the bag still carries the number of the day it was packed for
        number += f" ({part.day:%d.%m.})"
    given = [line for line in part.lines if line.quantity > line.missing]
    return ParcelView(
        id=parcel.id,
        number=number,
        bags=part.bags,
        order=part.order.number,
        shop=part.shop.name,
        cold=any(line.temperature is not Temperature.AMBIENT for line in given),
        min_age=max((line.min_age for line in given), default=0) or part.min_age,
        state=parcel.state,
        reason=parcel.reason,
        goods=returns.goods(part),
        lies=extra.elsewhere.get(part.id, "") if parcel.state is ParcelState.PLANNED else "",
    )


def _pin(to: Delivery) -> tuple[float | None, float | None]:
    """A rough pin would send the courier to the middle of the village: then the map searches for the address."""
    return (None, None) if is_inexact(to) else (to.lat, to.lon)


def _geo(lat: float | None, lon: float | None, address: str) -> str:
    """A link that opens the phone's own map (RFC 5870): at the pin, labelled, or searching where no pin is known."""
    if lat is None or lon is None:
        return f"geo:0,0?q={quote(address)}"
    place = f"{lat:.5f},{lon:.5f}"
    return f"geo:{place}?q={place}({quote(address)})"
