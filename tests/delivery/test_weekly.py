"""Windows of the next weeks follow their weekly template, except those somebody was promised."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from delivery import weekly, windows
from delivery.desk import setup
from delivery.models import DeliveryWindow, WindowState, WindowTemplate
from market.core import clock, db
from market.core.formats import day
from market.core.money import Money
from tests.conftest import Clock
from tests.factories.delivery import make_empty_order, make_template, make_zone
from tests.factories.people import make_operator

pytestmark = pytest.mark.usefixtures("database", "app", "frozen")
FIELDS = ("weekday", "starts", "ends", "cutoff_minutes", "capacity", "minimum_orders", "surcharge", "zone_id", "active")


@pytest.fixture
def template_id(frozen: Clock) -> int:
    """Thursdays 16 to 19 o'clock, four of them made; it is Monday."""
    with db.transaction() as s:
        template = make_template(s)
        weekly.make_windows(s, subdivision="ST")
        return template.id


def change(template_id: int, **values: object) -> list[date]:
    with db.transaction() as s:
        by = make_operator(s).id
        said = {name: getattr(s.get_one(WindowTemplate, template_id), name) for name in FIELDS}
    return setup.save_template(template_id, said | values, by)


def standing() -> list[DeliveryWindow]:
    with db.reading() as s:
        return list(s.scalars(sa.select(DeliveryWindow).order_by(DeliveryWindow.day)))


def book(window: DeliveryWindow, *, and_release: bool = False) -> None:
    with db.transaction() as s:
        order = make_empty_order(s)
        windows.book(s, order.id, window.id, make_zone(s).id)
        if and_release:
            windows.release(s, order.id)


def test_other_times_and_prices_count_at_once(template_id: int) -> None:
    before = standing()
    assert change(template_id, starts=time(17), ends=time(20), surcharge=Money(50)) == []
    after = standing()
    assert [one.day for one in after] == [one.day for one in before]
    assert {(one.starts, one.ends, one.surcharge) for one in after} == {(time(17), time(20), Money(50))}
    assert [clock.local(one.cutoff_at).time() for one in after] == [time(13)] * len(after)


def test_another_weekday_moves_them_all(template_id: int) -> None:
    change(template_id, weekday=4)
    assert {one.day.weekday() for one in standing()} == {4}


def test_one_no_longer_offered_takes_its_windows_along_and_comes_back(template_id: int) -> None:
    count = len(standing())
    change(template_id, active=False)
    assert standing() == []
    change(template_id, active=True)
    assert len(standing()) == count


@pytest.mark.parametrize("and_release", [False, True])
def test_what_was_promised_to_somebody_stays(template_id: int, and_release: bool) -> None:
    first, second, *_others = standing()
    book(second, and_release=and_release)
    assert change(template_id, starts=time(17)) == [second.day]
    after = {one.day: one for one in standing()}
    assert (after[first.day].starts, after[second.day].starts) == (time(17), time(16))
    assert after[second.day].id == second.id


def test_other_places_make_no_window_anew_and_are_never_fewer_than_are_booked(template_id: int) -> None:
    before = [one.id for one in standing()]
    for _ in range(2):
        book(standing()[0])
    assert change(template_id, capacity=1) == []
    assert [(one.id, one.capacity) for one in standing()] == list(zip(before, [2, 1, 1, 1], strict=True))
    change(template_id, capacity=12)
    assert {one.capacity for one in standing()} == {12}


def test_more_places_than_the_vehicles_manage_wait_for_the_vehicles(template_id: int) -> None:
    with db.transaction() as s:
        s.get_one(WindowTemplate, template_id).fits = 6
        s.execute(sa.update(DeliveryWindow).values(capacity=6))
    change(template_id, capacity=30)
    assert {one.capacity for one in standing()} == {6}
    change(template_id, capacity=5)
    assert {one.capacity for one in standing()} == {5}


def test_the_cutoff_of_a_window_that_is_gone_rings_for_nobody(
    template_id: int, frozen: Clock, drain: Callable[[], int]
) -> None:
    change(template_id, starts=time(17), ends=time(20))
    frozen.forward(days=3, hours=3, minutes=30)  # Thursday 12:30, the old cut-off was at 12, the new one is at 13
    drain()
    assert [one.state for one in standing()] == [WindowState.OPEN] * len(standing())
    frozen.forward(hours=1)
    drain()
    assert standing()[0].state is WindowState.CLOSED


def test_the_operator_reads_which_days_stay(template_id: int, operator: FlaskClient) -> None:
    booked = standing()[1]
    book(booked)
    sent = {
        "weekday": "3", "starts": "16:30", "ends": "19:00", "cutoff_minutes": "240", "capacity": "10",
        "minimum_orders": "0", "surcharge": "0", "zone_id": "0", "active": "y",
    }  # fmt: skip
    path = f"/betrieb/touren/einstellungen/fenster/{template_id}"
    assert "die noch niemand gebucht hat" in operator.get(path).text
    page = operator.post(path, data=sent, follow_redirects=True).text
    assert f"Schon gebuchte Fenster bleiben, wie sie zugesagt sind: {day(booked.day)}." in page


def test_the_number_of_a_window_that_is_gone_is_never_given_again(template_id: int) -> None:
    before = {one.id for one in standing()}
    change(template_id, active=False)
    change(template_id, active=True, starts=time(17))
    assert before.isdisjoint(one.id for one in standing())
