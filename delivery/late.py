"""A result that waited on a phone until its run was over: what it still may do.

Nothing changes any more but that a proof is kept which was made before the end (`results.drop`), and whoever says
something else than what stands there is told (`contradictions.py`). Counted once by its key, as every result.
"""

from __future__ import annotations

from datetime import timedelta

from delivery.models import Run, RunState
from delivery.outcomes import Actor
from market.core import clock

ON_ITS_WAY = timedelta(minutes=1)
"""The phone says how long ago something was pressed; until that has arrived, it is a little longer ago."""
WITHIN = timedelta(hours=24)
"""So long after its end a run hears of what was said before."""


def counts(run: Run, actor: Actor) -> bool:
    """Whether the run is over, but was not when the courier said this: the same day, and not too long ago."""
    said, ended = actor.said_at, run.finished_at
    if actor.desk or run.state is not RunState.FINISHED or said is None or ended is None:
        return False
    in_time = said <= ended + ON_ITS_WAY and clock.now() - ended <= WITHIN
    return in_time and clock.business_date(said) == run.day
