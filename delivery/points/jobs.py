"""What happens at points by itself: shoppers are told, days pass, orders die. See JOB_HANDLERS in wsgi.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery import rollover
from delivery.inputs import FAILED
from delivery.points import claims, lying
from delivery.points.looking import PointPanel, panel
from delivery.points.models import PickupPoint, PointGoods, PointStay
from market.core import clock, config
from market.core.faults import point as fault
from market.core.i18n import N_, gettext
from market.core.outbox import Job
from market.orders import lifecycle, notices
from market.orders.models import Order, PartState

OVERDUE = N_("Am Abholpunkt {point} nicht abgeholt.")
REFUSED = N_("Am Abholpunkt {point}: Altersprüfung nicht bestanden.")


def told(job: Job) -> None:
    """order.at_point: where, when, which code, until when. Nothing when it was fetched meanwhile."""
    with job.finish() as s:
        _notify(s, job, "point_ready", key=str(job.id))


def remind(job: Job) -> None:
    """order.point_reminder: a day before the end."""
    with job.finish() as s:
        _notify(s, job, "point_reminder", key=str(job.id))


def _notify(s: Session, job: Job, name: str, *, key: str) -> None:
    order = s.get_one(Order, job.payload["order_id"])
    at = panel(s, order.id, config.current().region)
    if at is not None and at.here and not at.overdue:
        notices.notify(s, order, name, key=f"{name}/{order.id}/{key}", context=_context(order, at))


def _context(order: Order, at: PointPanel) -> Mapping[str, Any]:
    parts = [part for part in order.parts if part.id in at.lies]
    coming = [part for part in order.parts if part.state in lifecycle.TO_COME and part.fulfilment.value == "delivery"]
    return {"point": at, "parts": parts, "coming": coming, "min_age": max((part.min_age for part in parts), default=0)}


def ends(job: Job) -> None:
    """order.point_ends: nobody came. The shopper is told, the desk decides, the keeper gives it to the next courier."""
    with job.finish() as s:
        order_id = int(job.payload["order_id"])
        order = lifecycle.order_for_update(s, order_id)
        parts = lifecycle.parts_for_update(s, order_id)
        stay = claims.stay_for_update(s, order_id)
        lies = any(part.state is PartState.AT_POINT for part in parts)
        if stay is None or not lies or stay.overdue_at is not None:
            return
        if clock.now() < lying.ends_at(s, stay):  # it may lie longer meanwhile: look again then
            lying.watch(s, stay)
            return
        stay.overdue_at = clock.now()
        s.flush()
        _list(s, stay, lying.UNCOLLECTED, OVERDUE)
        at = panel(s, order_id, config.current().region)
        if at is not None:
            key = f"point-overdue/{order_id}/{stay.last_day}"
            notices.notify(s, order, "point_overdue", key=key, context=_context(order, at))
        fault("point.overdue")


def refused(job: Job) -> None:
    """order.point_refused: goods with an age mark stayed at the point; a person decides."""
    with job.finish() as s:
        order_id = int(job.payload["order_id"])
        order = lifecycle.order_for_update(s, order_id)
        parts = lifecycle.parts_for_update(s, order_id)
        stay = claims.stay_for_update(s, order_id)
        if stay is None or not any(part.state is PartState.AT_POINT for part in parts):
            return
        _list(s, stay, f"{FAILED}_age", REFUSED)
        at = panel(s, order_id, config.current().region)
        if at is not None:
            context = _context(order, at)
            notices.notify(s, order, "point_refused", key=f"point-refused/{order_id}", context=context)


def _list(s: Session, stay: PointStay, code: str, reason: str) -> None:
    """On the desk's list of today, with its reason. The caller holds the order and the stay."""
    today = clock.today()
    name = s.get_one(PickupPoint, stay.point_id).name
    rollover.lock_windows(s, today, [stay.order_id])
    text = gettext(reason).format(point=name)
    rollover.leave_behind(s, stay.order_id, today, code=code, reason=text)


def own_part(job: Job) -> None:
    """part.ready: packed in the shop that is the point itself."""
    with job.finish() as s:
        part = lifecycle.part_for_update(s, job.payload["part_id"])
        lying.own_part_ready(s, part)


def part_died(job: Job) -> None:
    """part.rejected, part.expired, part.cancelled: the compartment may be free, or what is left waits for nobody."""
    with job.finish() as s:
        part = lifecycle.part_for_update(s, job.payload["part_id"])
        if not claims.release_if_done(s, part.order_id):
            for other in lifecycle.parts_for_update(s, part.order_id):
                lying.own_part_ready(s, other)


def keep_claims(job: Job) -> None:
    """day.begins: what lies there beyond its last day takes a compartment for today, too, where there is one."""
    with job.finish() as s:
        today = clock.today()
        late = (
            sa.select(PointStay.order_id)
            .join(PointGoods, PointGoods.order_id == PointStay.order_id)
            .where(PointGoods.left_at.is_(None), PointStay.released_at.is_(None), PointStay.last_day < today)
            .distinct()
        )
        for order_id in sorted(s.scalars(late)):
            lifecycle.order_for_update(s, order_id)
            stay = claims.open_stay(s, order_id)
            if stay is None or stay.last_day >= today:
                continue
            try:
                with s.begin_nested():
                    claims.extend(s, stay, today)
            except claims.PointFull:
                continue  # more lies there than there is room for: the keeper's page says so
