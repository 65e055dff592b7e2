"""What the delivery room does when something happened elsewhere: see JOB_HANDLERS in wsgi.py."""

from __future__ import annotations

from datetime import date, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery import capacity, closing, legs, pace, planning, proof, runs, substitutes, taking, thin, weekly, windows
from delivery.models import Booking, DeliveryWindow, WindowState
from market.core import clock, config, db, mail
from market.core.outbox import Job, emit
from market.orders.models import Fulfilment, MerchantOrder
from market.people.models import Role, User, UserRole

REMIND_AT = time(7)


def make_windows(job: Job) -> None:
    """day.begins: windows of the next weeks from the weekly templates."""
    subdivision = config.current().region.subdivision
    with job.finish() as s:
        weekly.make_windows(s, subdivision=subdivision)


def learn_pace(job: Job) -> None:
    """day.begins: what the couriers' times of the last weeks teach; ways of long ago are forgotten."""
    with job.finish() as s:
        pace.learn(s)
        legs.forget(s)


def relearn_pace(job: Job) -> None:
    """vehicle.speed: what was learnt about its kind was learnt against another speed."""
    with job.finish() as s:
        pace.relearn(s, str(job.payload["kind"]))


def end_substitutes(job: Job) -> None:
    """day.begins: stand-ins of runs gone by are none any more."""
    with job.finish() as s:
        substitutes.tidy(s)


MEASURE_AT, NIGHT_ENDS = time(3, 30), time(6)


def measure_tonight(job: Job) -> None:
    """day.begins: how many orders the vehicles manage is found out while nobody waits for the machine."""
    tonight = clock.at(clock.today(), MEASURE_AT)
    if tonight <= clock.now():
        tonight = clock.at(clock.today() + timedelta(days=1), MEASURE_AT)
    with job.finish() as s:
        emit(s, "capacity.measure", key=f"capacity.measure/{clock.business_date(tonight)}", due_at=tonight)


def measure_capacity(_job: Job) -> None:
    """capacity.measure: plan too many orders for each weekly window and bound its places.

    It takes a minute of planning. A market that slept through the night leaves it to the next one: mails come first.
    """
    if clock.local(clock.now()).time() < NIGHT_ENDS:
        capacity.measure()


def follow_vehicles(job: Job) -> None:
    """vehicles.changed: the places of the weekly windows, or of one day's, follow at once.

    One window's trial takes some seconds: the others wait behind the mails that are due meanwhile.
    """
    day = str(job.payload.get("day") or "")
    waiting = job.payload.get("templates")
    ids = capacity.templates(date.fromisoformat(day) if day else None) if waiting is None else list(waiting)
    if ids:
        capacity.measure(ids[:1])
    with job.finish() as s:
        if ids[1:]:
            emit(s, "vehicles.changed", templates=ids[1:])


def forget_proofs(job: Job) -> None:
    """day.begins: names and signatures go when the doors of their run do."""
    with job.finish() as s:
        proof.forget(s, clock.today() - timedelta(days=runs.KEEP_DAYS))


def close_window(job: Job) -> None:
    """window.cutoff: no more bookings; when too few came together, each order goes the way its shopper chose."""
    with job.finish() as s:
        _close(s, int(job.payload["window_id"]))


def _close(s: Session, window_id: int) -> None:
    windows.close(s, [window_id])
    thin.cancel_if_thin(s, window_id)


def plan_window(job: Job) -> None:
    """window.cutoff: plan the day's windows that are closed. Nothing booked, nothing to plan."""
    window_id = int(job.payload["window_id"])
    with db.transaction() as s:
        _close(s, window_id)  # both handlers may run at the same time: whoever is first closes
        window = s.get(DeliveryWindow, window_id)
        wanted = window.day if window is not None and window.booked else None
    if wanted is not None and wanted >= clock.today():
        planning.plan_day(wanted, close_open=False)


def plan_late_part(job: Job) -> None:
    """part.accepted: a merchant answered after the day was planned. The order comes between the halts of the planned
    runs, which keep their sequence; only if it finds no room there the day is planned from the beginning."""
    with db.reading() as s:
        wanted = s.scalar(
            sa.select(DeliveryWindow.day)
            .join(Booking, Booking.window_id == DeliveryWindow.id)
            .join(MerchantOrder, MerchantOrder.order_id == Booking.order_id)
            .where(
                MerchantOrder.id == job.payload["part_id"],
                MerchantOrder.fulfilment == Fulfilment.DELIVERY,
                DeliveryWindow.state == WindowState.PLANNED,
                Booking.released_at.is_(None),
            )
        )
    if wanted is not None and wanted >= clock.today():
        planning.plan_day(wanted, close_open=False, keep=True, or_anew=True)


def look_for_unfinished(job: Job) -> None:
    """day.begins: at seven, when somebody may read it, the desk hears of runs that were never finished."""
    with job.finish() as s:
        day = clock.today()
        emit(s, "runs.check", key=f"runs.check/{day}", due_at=clock.at(day, REMIND_AT))


def remind_of_unfinished(job: Job) -> None:
    """runs.check: one mail a day to everybody at the desk, as long as a run of a day gone by is not finished."""
    with job.finish() as s:
        left = runs.unfinished(s)
        if not left:
            return
        for user in _dispatchers(s):
            key = f"runs-unfinished/{clock.today()}/{user.id}"
            mail.queue(s, "runs_unfinished", user.email or "", key=key, context={"name": user.name, "runs": left})


def end_broken_run(job: Job) -> None:
    """run.settled: something was settled on a run whose vehicle fell out; when it was the last, the run is over."""
    with job.finish() as s:
        closing.end_broken(s, int(job.payload["run_id"]))


def part_died(job: Job) -> None:
    """part.cancelled: what is on board of it is taken back, and the run of a vehicle that fell out may be over."""
    with job.finish() as s:
        taking.died(s, int(job.payload["part_id"]))


def _dispatchers(s: Session) -> list[User]:
    """Operators and caretakers with a mail address."""
    held = sa.exists().where(UserRole.user_id == User.id, UserRole.role.in_((Role.OPERATOR, Role.CARETAKER)))
    return list(s.scalars(sa.select(User).where(held, User.email.is_not(None)).order_by(User.id)))


def release_booking(job: Job) -> None:
    """part.rejected, part.expired, part.cancelled: the order's place is free when nothing is left to deliver."""
    with job.finish() as s:
        order_id = s.scalar(sa.select(MerchantOrder.order_id).where(MerchantOrder.id == job.payload["part_id"]))
        if order_id is not None:
            windows.release_if_empty(s, order_id)
