"""What this room keeps about a person: the doors of finished runs, the proofs of drops, stays at pick-up points.

Addresses and names belong to the orders room.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery.models import DropProof, Parcel, Run, Stop
from delivery.points import personal as points
from market.core.i18n import gettext
from market.orders.models import MerchantOrder, Order
from market.orders.personal import OPEN


def export(s: Session, user_id: int) -> list[dict[str, Any]]:
    """Every halt at the person's door (day, door, when it was done), and how each drop was proved."""
    rows = s.execute(
        sa.select(Run.day, Stop.door, Stop.done_at)
        .join(Stop, Stop.run_id == Run.id)
        .where(Stop.id.in_(_doors(user_id)))
        .order_by(Stop.id)
    )
    halts = [
        {"day": day.isoformat(), "door": door, "done_at": at.isoformat() if at else None} for day, door, at in rows
    ]
    proofs = [
        {
            "order": number,
            "proof": gettext(proof.kind.label),
            "words": proof.words,
            "signature": proof.strokes,
            "at": proof.at.isoformat(),
        }
        for proof, number in s.execute(
            sa.select(DropProof, Order.number)
            .join(Order, Order.id == DropProof.order_id)
            .where(Order.user_id == user_id)
            .order_by(DropProof.id)
        ).all()
    ]
    return halts + proofs + points.export(s, user_id)


def erase(s: Session, user_id: int) -> None:
    """Step, before the orders forget whose they were: the doors lose their address, unless a neighbour's open order
    still has to find it (that run ends within a day or two; the door is then the neighbour's)."""
    needed = (
        sa.select(Parcel.drop_stop_id)
        .join(MerchantOrder, MerchantOrder.id == Parcel.part_id)
        .where(MerchantOrder.state.in_(OPEN))
    )
    points.erase(s, user_id)
    s.execute(
        sa.update(Stop)
        .where(Stop.id.in_(_doors(user_id)), Stop.id.not_in(needed))
        .values(door="")
        .execution_options(synchronize_session=False)
    )
    s.execute(
        sa.update(DropProof)
        .where(DropProof.order_id.in_(sa.select(Order.id).where(Order.user_id == user_id)))
        .values(words="", strokes="")
        .execution_options(synchronize_session=False)
    )


def _doors(user_id: int) -> sa.Select[int]:
    return (
        sa.select(Parcel.drop_stop_id)
        .join(MerchantOrder, MerchantOrder.id == Parcel.part_id)
        .join(Order, Order.id == MerchantOrder.order_id)
        .where(Order.user_id == user_id)
    )
