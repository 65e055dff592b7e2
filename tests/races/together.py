"""Many at once: the same call from several threads that start together."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any


def race(runners: int, call: Callable[[int], Any]) -> list[Any]:
    """Call `call(0)` ... `call(runners - 1)` at the same time; what each returned, or the MarketError it got."""
    start = threading.Barrier(runners)
    results: list[Any] = [None] * runners

    def run(number: int) -> None:
        start.wait()
        try:
            results[number] = call(number)
        except Exception as error:  # noqa: BLE001 - shown by the test that gets it
            results[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(runners)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results
