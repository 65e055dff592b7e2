"""The courier at a pick-up point: everything for it in one go."""

from __future__ import annotations

from collections.abc import Iterable

from delivery.outcomes import Actor, Dropped
from delivery.proof import Proof
from delivery.results import drop, once


def report_point(
    code: str, position: int, order_ids: Iterable[int], proof: Proof | None, *, key: str, actor: Actor
) -> None:
    """Use case: everything for these orders is in the keeper's hands, with one proof for all of it. Once per key."""
    with once(code, key, actor) as (s, run):
        if run is not None:
            for order_id in sorted(order_ids):
                drop(s, run, position, Dropped(order_id, proof=proof), actor)
