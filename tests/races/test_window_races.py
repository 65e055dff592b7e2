"""The last place of a delivery window, wanted by twenty at once."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from delivery import capacity, windows
from delivery.models import Booking, DeliveryWindow
from market.core import clock, db
from tests.factories.delivery import make_empty_order, make_template, make_window, make_zone
from tests.races.together import race

SHOPPERS = 20


def _prepared() -> tuple[list[int], int, int]:
    with db.transaction() as s:
        zone = make_zone(s, ("06712", ""))
        return [make_empty_order(s).id for _ in range(SHOPPERS)], make_window(s, capacity=1).id, zone.id


def _booked(window_id: int) -> tuple[int, int]:
    with db.reading() as s:
        counter = s.scalars(sa.select(DeliveryWindow.booked).where(DeliveryWindow.id == window_id)).one()
        return counter, s.scalar(sa.select(sa.func.count()).select_from(Booking)) or 0


def test_the_last_place_is_booked_once(committing: Engine) -> None:
    orders, window_id, zone_id = _prepared()

    def book(number: int) -> str:
        with db.transaction() as s:
            windows.book(s, orders[number], window_id, zone_id)
        return "booked"

    results = race(SHOPPERS, book)
    assert Counter("booked" if r == "booked" else type(r).__name__ for r in results) == {"booked": 1, "WindowFull": 19}
    assert _booked(window_id) == (1, 1)


def test_that_race_is_real(committing: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: read, compare, write books the last place several times. SQLite's writers stand in line anyway."""
    if committing.dialect.name == "sqlite":
        pytest.skip("BEGIN IMMEDIATE hides the mistake on SQLite")

    def read_then_write(s: Session, window_id: int, zone_id: int) -> None:
        window = s.get_one(DeliveryWindow, window_id)
        if window.booked >= window.capacity:
            raise windows.WindowFull(window="")
        s.execute(sa.text("SELECT pg_sleep(0.2)"))
        window.booked = window.booked + 1

    monkeypatch.setattr(windows, "_take", read_then_write)
    orders, window_id, zone_id = _prepared()

    def book(number: int) -> str:
        with db.transaction() as s:
            windows.book(s, orders[number], window_id, zone_id)
        return "booked"

    assert race(6, book).count("booked") > 1


def test_a_place_given_back_twice_at_once_is_free_once(committing: Engine) -> None:
    orders, window_id, zone_id = _prepared()
    with db.transaction() as s:
        windows.book(s, orders[0], window_id, zone_id)

    def release(_number: int) -> bool:
        with db.transaction() as s:
            return windows.release(s, orders[0])

    assert Counter(race(8, release)) == {True: 1, False: 7}
    assert _booked(window_id)[0] == 0


def _lowered_while_booking(bookings: int) -> tuple[object, int, int]:
    """Twenty book while the measure says that only one fits: how that ended, what is booked, and the places."""
    with db.transaction() as s:
        zone_id = make_zone(s, ("06712", "")).id
        template = make_template(s, weekday=2, capacity=100)
        window = make_window(s, capacity=100)
        window.template_id = template.id
        window_id, template_id = window.id, template.id
        orders = [make_empty_order(s).id for _ in range(bookings)]

    def act(number: int) -> None:
        with db.transaction() as s:
            if number == bookings // 2:
                capacity._bound(s, template_id, 1, {})
            else:
                windows.book(s, orders[number], window_id, zone_id)

    ended = race(bookings, act)[bookings // 2]
    with db.reading() as s:
        row = s.get_one(DeliveryWindow, window_id)
        return ended, row.booked, row.capacity


def test_places_that_are_lowered_while_twenty_book_never_fall_below_what_is_booked(committing: Engine) -> None:
    ended, booked, places = _lowered_while_booking(SHOPPERS)
    assert (ended, places) == (None, max(booked, 1))


def test_that_race_against_the_measure_is_real(committing: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: what is booked is read first, and the lower number written later."""
    if committing.dialect.name == "sqlite":
        pytest.skip("BEGIN IMMEDIATE hides the mistake on SQLite")

    def read_then_write(s: Session, template_id: int, fits: int, special: dict[date, int]) -> None:
        mine = DeliveryWindow.template_id == template_id
        booked = s.scalars(sa.select(DeliveryWindow.booked).where(mine)).one()
        s.execute(sa.text("SELECT pg_sleep(0.3)"))
        s.execute(sa.update(DeliveryWindow).where(mine).values(capacity=max(booked, fits)))

    monkeypatch.setattr(capacity, "_bound", read_then_write)
    ended, _, places = _lowered_while_booking(SHOPPERS)
    assert isinstance(ended, sa.exc.IntegrityError)  # the table's own check holds: the measure is lost instead
    assert places == 100


def test_two_workers_make_each_window_once(committing: Engine) -> None:
    with db.transaction() as s:
        make_template(s, weekday=3)
        make_template(s, weekday=4)

    def make(_number: int) -> int:
        with db.transaction() as s:
            return windows.make_windows(s, 13, subdivision="ST")

    assert sum(race(4, make)) == 4
    with db.reading() as s:
        rows = s.execute(sa.select(DeliveryWindow.day, DeliveryWindow.starts)).all()
    assert len(rows) == len(set(rows)) == 4
    assert min(row.day for row in rows) > clock.today()
