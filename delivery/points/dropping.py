"""The courier at a pick-up point: everything for it in one go."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from delivery.halts import Recipient, StopView
from delivery.models import ParcelState
from delivery.outcomes import Actor, Dropped, Failure
from delivery.proof import Proof
from delivery.results import drop, once
from market.core.i18n import N_, gettext

CLOSED = N_("Abholpunkt zu")


def report_point(
    code: str, position: int, order_ids: Iterable[int], proof: Proof | None, *, key: str, actor: Actor
) -> None:
    """Use case: everything for these orders is in the keeper's hands, with one proof for all of it. Once per key."""
    _report(code, position, [Dropped(order_id, proof=proof) for order_id in order_ids], key, actor)


def report_closed(code: str, position: int, order_ids: Iterable[int], *, key: str, actor: Actor) -> None:
    """Use case: nobody was there to take any of these orders. Once per key."""
    note = gettext(CLOSED)
    _report(code, position, [Dropped(order_id, Failure.NOBODY, note=note) for order_id in order_ids], key, actor)


STILL_BACK = N_(
    "Abgegeben ist notiert, nur hierfür nicht: {orders}. So steht es schon da, von einem anderen Telefon oder aus dem "
    "Büro, und so gilt es weiter. Liegt es doch am Abholpunkt, sagen Sie es bitte dem Büro; sonst nehmen Sie die Ware "
    "wieder mit."
)


def still_back(stop: StopView, meant: Collection[int]) -> str:
    """What whoever said "everything is handed over" has to be told: some of what they meant is noted as not.

    Empty when there is nothing of the kind. `stop` as it was before that word.
    """
    back = [(label, to) for label, to in stop.numbered if to.order_id in meant and to.settled and not _given(to)]
    said = [
        f"{label} {to.name} ({'; '.join(dict.fromkeys(p.reason or gettext(p.state.label) for p in to.parcels))})"
        for label, to in back
    ]
    return gettext(STILL_BACK).format(orders=", ".join(said)) if said else ""


def _given(to: Recipient) -> bool:
    return any(parcel.state in (ParcelState.DELIVERED, ParcelState.HANDED_ON) for parcel in to.parcels)


def _report(code: str, position: int, drops: Iterable[Dropped], key: str, actor: Actor) -> None:
    with once(code, key, actor) as (s, run):
        if run is not None:
            for dropped in sorted(drops, key=lambda one: one.order_id):
                drop(s, run, position, dropped, actor)
