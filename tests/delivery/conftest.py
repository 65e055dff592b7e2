"""Plans without a process of their own: starting one takes ten times as long as planning three doors.

The batcher's own tests, the races and the crashes start the real one.
"""

from __future__ import annotations

import pytest

from delivery.batcher import child
from delivery.batcher.__main__ import main


def plan_here(command: list[str], timeout_s: float) -> None:
    """What `child._run` does, by the same files and words, in this process: so without its limit of memory."""
    words = command[command.index("delivery.batcher") + 1 :]
    limit = words.index("--memory-mb")
    status = main(words[:limit] + words[limit + 2 :])
    if status != 0:
        raise child.PlanFailed(f"planning ended with status {status}")


@pytest.fixture(autouse=True)
def _planned_here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "test_batcher" not in request.module.__name__:
        monkeypatch.setattr(child, "_run", plan_here)
