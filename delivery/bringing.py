"""What was not delivered is somewhere: the courier says where, or the desk says that it has come back to the shop."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from delivery import contradictions, returns, taking
from delivery.models import BackTo, Parcel, Run, Unserved
from delivery.outcomes import Actor
from delivery.points import lying
from delivery.results import once, still_out
from market.core import clock, db
from market.core.errors import MarketError, NotFound
from market.core.i18n import N_
from market.orders import lifecycle
from market.orders.models import MerchantOrder
from market.people import accounts


class NotThere(MarketError):
    """The rules want these goods somewhere else."""

    status = 422
    message = N_("Das darf nicht im Fahrzeug bleiben: {rule}")


def report_returned(code: str, parcel_ids: Iterable[int], to: BackTo, *, key: str, actor: Actor) -> None:
    """The courier has taken these parcels somewhere. Once per key; what is already somewhere stays there.

    Raises NotThere (chilled goods and those with an age mark do not stay in the vehicle), NotFound for a stranger's,
    SaidOtherwise.
    """
    with once(code, key, actor) as (s, run):
        if run is None:
            return
        wanted = set(parcel_ids)
        mine = s.scalars(sa.select(Parcel).where(Parcel.run_id == run.id, Parcel.id.in_(wanted))).all()
        if not wanted or {parcel.id for parcel in mine} != wanted:
            raise NotFound
        if not actor.desk and all(parcel.back_at is not None for parcel in mine):
            contradictions.at_place(mine, to)
        moved = set(
            s.scalars(sa.select(Unserved.order_id).where(Unserved.day == run.day, Unserved.rolled_to_id.is_not(None)))
        )
        for parcel in s.scalars(still_out(run.id).where(Parcel.id.in_(wanted)).order_by(Parcel.id)):
            part = s.get_one(MerchantOrder, parcel.part_id)
            rule = returns.rule(part, moved_on=part.order_id in moved)
            if to not in (rule.to, *rule.or_to):
                raise NotThere(rule=rule.sentence)
            parcel.back_to, parcel.back_at = to, clock.now()


def now_at_the_shop(order_id: int, by: int) -> None:
    """The desk: what waited in a vehicle or at the pick-up point is in the shop now. Raises NotFound."""
    with db.transaction() as s:
        lifecycle.order_for_update(s, order_id)
        away = s.scalars(
            sa.select(Parcel)
            .join(Run, Run.id == Parcel.run_id)
            .join(MerchantOrder, MerchantOrder.id == Parcel.part_id)
            .where(MerchantOrder.order_id == order_id, not_at_the_shop())
            .order_by(Parcel.id)
            .with_for_update(of=Parcel)
        ).all()
        if not lying.back_in_shop(s, order_id, by) and not away:
            raise NotFound
        for parcel in away:
            parcel.back_to, parcel.back_at = BackTo.SHOP, clock.now()
        s.flush()
        taking.settled_on(s, [parcel.run_id for parcel in away])
        accounts.audit(s, "delivery.at_shop", f"order:{order_id}", by=by)


def not_at_the_shop() -> sa.ColumnElement[bool]:
    """Of a Parcel: it came back from a door and has not reached its shop."""
    return sa.and_(Parcel.back_to.is_not(None), sa.or_(Parcel.back_at.is_(None), Parcel.back_to != BackTo.SHOP))
