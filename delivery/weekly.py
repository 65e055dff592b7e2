"""Windows of the next weeks, made from the weekly templates and changed with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery.models import Booking, DeliveryWindow, Unserved, WindowState, WindowTemplate
from market.core import calendar, clock, db
from market.core.outbox import emit

DAYS_AHEAD = 28
"""How far ahead windows are made; also how long goods can be promised for."""


def make_windows(s: Session, days_ahead: int = DAYS_AHEAD, *, subdivision: str) -> int:
    """Step: make the windows of today and the next `days_ahead` days from the weekly templates; how many are new.

    Public holidays of the state (`subdivision`, "ST") have none. Repeating makes nothing twice: a template has one
    window a day, and a window that stands there already, from whatever template, is left alone.
    """
    today = clock.today()
    last = today + timedelta(days=days_ahead)
    templates = list(s.scalars(sa.select(WindowTemplate).where(WindowTemplate.active).order_by(WindowTemplate.id)))
    standing = {
        (row.day, row.starts, row.ends, row.zone_id)
        for row in s.execute(
            sa.select(DeliveryWindow.day, DeliveryWindow.starts, DeliveryWindow.ends, DeliveryWindow.zone_id).where(
                DeliveryWindow.day.between(today, last)
            )
        )
    }
    made = 0
    for ahead in range(days_ahead + 1):
        day = today + timedelta(days=ahead)
        if calendar.holiday(day, subdivision) is not None:
            continue
        for template in templates:
            place = (day, template.starts, template.ends, template.zone_id)
            if template.weekday == day.weekday() and place not in standing:
                standing.add(place)
                made += _make(s, template, day)
    return made


def _make(s: Session, template: WindowTemplate, day: date) -> int:
    cutoff_at = _cutoff_at(template, day)
    if cutoff_at <= clock.now():
        return 0
    window_id = db.insert_once(
        s,
        DeliveryWindow,
        template_id=template.id,
        zone_id=template.zone_id,
        day=day,
        starts=template.starts,
        ends=template.ends,
        cutoff_at=cutoff_at,
        capacity=_places(template),
        booked=0,
        minimum_orders=template.minimum_orders,
        surcharge=template.surcharge,
        state=WindowState.OPEN,
    )
    if window_id is None:
        return 0
    emit(s, "window.cutoff", key=f"window.cutoff/{window_id}", due_at=cutoff_at, window_id=window_id)
    return 1


def _cutoff_at(template: WindowTemplate, day: date) -> datetime:
    return clock.at(day, template.starts) - timedelta(minutes=template.cutoff_minutes)


def follow(s: Session, template: WindowTemplate, *, subdivision: str) -> list[date]:
    """Step: the windows of the next weeks are as this template says now; the days of those that stay as they were,
    because somebody has booked them (or did once) and was promised their times.

    A window is made anew, not changed: its cut-off is due at its old time. Whoever books one meanwhile is either first,
    and it stays, or is told that it is gone.
    """
    open_ = sa.select(DeliveryWindow).where(
        DeliveryWindow.template_id == template.id,
        DeliveryWindow.state == WindowState.OPEN,
        DeliveryWindow.cutoff_at > clock.now(),
    )
    found = s.scalars(open_.order_by(DeliveryWindow.day))
    other = {window.id: window.day for window in found if not _is_as(template, window)}
    gone = _give_up(s, template.id, list(other))
    _give_places(s, template)
    make_windows(s, subdivision=subdivision)
    return [day for window_id, day in other.items() if window_id not in gone]


def _is_as(template: WindowTemplate, window: DeliveryWindow) -> bool:
    """Its places are another matter: they may change under those who have booked."""
    said = (template.active, template.weekday, template.starts, template.ends, template.zone_id)
    terms = (template.minimum_orders, template.surcharge, _cutoff_at(template, window.day))
    stands = (True, window.day.weekday(), window.starts, window.ends, window.zone_id)
    return (*said, *terms) == (*stands, window.minimum_orders, window.surcharge, window.cutoff_at)


def _give_places(s: Session, template: WindowTemplate) -> None:
    """At most so many places, never fewer than are booked. More only where no vehicles are asked (capacity.py)."""
    places = _places(template)
    mine = (DeliveryWindow.template_id == template.id, DeliveryWindow.state == WindowState.OPEN)
    s.execute(
        sa.update(DeliveryWindow)
        .where(*mine, DeliveryWindow.capacity != places if template.fits is None else DeliveryWindow.capacity > places)
        .values(capacity=sa.case((DeliveryWindow.booked > places, DeliveryWindow.booked), else_=places))
        .execution_options(synchronize_session=False)
    )


def _places(template: WindowTemplate) -> int:
    return template.capacity if template.fits is None else min(template.capacity, template.fits)


def hold(s: Session, template_id: int) -> None:
    """Step: lock a template's open windows by id, the order in which planning locks them (rollover.py).

    Before one statement that writes several of them: the database goes through them in an order of its own.
    """
    mine = (DeliveryWindow.template_id == template_id, DeliveryWindow.state == WindowState.OPEN)
    s.execute(sa.select(DeliveryWindow.id).where(*mine).order_by(DeliveryWindow.id).with_for_update()).all()


def _give_up(s: Session, template_id: int, window_ids: Sequence[int]) -> set[int]:
    """Delete those of a template's windows that no order was ever in; which they were."""
    hold(s, template_id)
    booked = sa.exists().where(Booking.window_id == DeliveryWindow.id)
    listed = sa.exists().where(
        sa.or_(Unserved.window_id == DeliveryWindow.id, Unserved.rolled_to_id == DeliveryWindow.id)
    )
    unused = (DeliveryWindow.id.in_(window_ids), DeliveryWindow.booked == 0, ~booked, ~listed)
    return set(s.scalars(sa.delete(DeliveryWindow).where(*unused).returning(DeliveryWindow.id)))
