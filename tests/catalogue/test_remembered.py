"""What stands on every page is read seldom, and never everything by one page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from market.catalogue import remembered
from market.catalogue.remembered import Remembered
from market.core import db

pytestmark = pytest.mark.usefixtures("database")


class Counter:
    """Counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.value = Remembered(self._ask)

    def _ask(self, _s: object) -> int:
        self.asked += 1
        return self.asked


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    now = [100.0]
    monkeypatch.setattr("market.catalogue.remembered.monotonic", lambda: now[0])
    remembered.hold_for(10)
    yield now
    remembered.hold_for(0)


def page(*counters: Counter) -> list[int]:
    with db.reading() as s:
        return [one.value(s) for one in counters]


def test_a_value_is_read_once_while_it_is_held(clock: list[float]) -> None:
    one = Counter()
    assert [page(one), page(one)] == [[1], [1]]
    clock[0] += 11
    assert page(one) == [2]


def test_one_page_renews_one_value_and_the_next_page_the_next(clock: list[float]) -> None:
    one, two = Counter(), Counter()
    assert page(one, two) == [1, 1]  # never read before: both
    clock[0] += 11
    assert page(one, two) == [2, 1]
    assert page(one, two) == [2, 2]


def test_nothing_is_shown_that_is_far_too_old(clock: list[float]) -> None:
    one, two = Counter(), Counter()
    page(one, two)
    clock[0] += 10 * remembered.STALE + 1
    assert page(one, two) == [2, 2]


def test_what_this_process_changed_is_read_anew_at_once(clock: list[float]) -> None:
    one, two = Counter(), Counter()
    page(one, two)
    remembered.forget()
    assert page(one, two) == [2, 2]


def test_a_started_process_has_read_everything(clock: list[float]) -> None:
    one = Counter()
    remembered.warm()
    assert page(one) == [1]
    assert one.asked == 1


def test_commands_hold_nothing() -> None:
    remembered.hold_for(0)
    one = Counter()
    assert [page(one), page(one)] == [[1], [2]]
