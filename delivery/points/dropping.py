"""The courier at a pick-up point: everything for it in one go."""

from __future__ import annotations

from collections.abc import Iterable

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


def _report(code: str, position: int, drops: Iterable[Dropped], key: str, actor: Actor) -> None:
    with once(code, key, actor) as (s, run):
        if run is not None:
            for dropped in sorted(drops, key=lambda one: one.order_id):
                drop(s, run, position, dropped, actor)
