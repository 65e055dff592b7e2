"""The last place of a delivery window, wanted by twenty at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, time, timedelta
from threading import Event
from time import sleep

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from delivery import capacity, weekly, windows
from delivery.models import Booking, DeliveryWindow, WindowTemplate
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
            return weekly.make_windows(s, 13, subdivision="ST")

    assert sum(race(4, make)) == 4
    with db.reading() as s:
        rows = s.execute(sa.select(DeliveryWindow.day, DeliveryWindow.starts)).all()
    assert len(rows) == len(set(rows)) == 4
    assert min(row.day for row in rows) > clock.today()


def _changed_while_booking(after: Event | None = None) -> tuple[object, set[int], list[tuple[int, time, int]]]:
    """Twenty book one window while the operator gives its template another time: what became of the change, the windows
    that orders are in, and (id, begin, booked) of the windows that stand. `after`: shoppers wait for it."""
    with db.transaction() as s:
        zone, template = make_zone(s, ("06712", "")), make_template(s, capacity=100)
        orders = [make_empty_order(s).id for _ in range(SHOPPERS)]
        weekly.make_windows(s, 6, subdivision="ST")
        zone_id, template_id, window_id = zone.id, template.id, s.scalars(sa.select(DeliveryWindow.id)).one()

    def act(number: int) -> object:
        with db.transaction() as s:
            if number < SHOPPERS:
                assert after is None or after.wait(30)
                windows.book(s, orders[number], window_id, zone_id)
                return "booked"
            template = s.get_one(WindowTemplate, template_id)
            template.starts = time(17)
            s.flush()
            return weekly.follow(s, template, subdivision="ST")

    ended = race(SHOPPERS + 1, act)
    with db.reading() as s:
        bookings = set(s.scalars(sa.select(Booking.window_id)))
        first = sa.select(DeliveryWindow.id, DeliveryWindow.starts, DeliveryWindow.booked).where(
            DeliveryWindow.day <= clock.today() + timedelta(days=6)
        )
        standing = [(row.id, row.starts, row.booked) for row in s.execute(first)]
    assert sum(one == "booked" for one in ended) == sum(booked for _id, _starts, booked in standing)
    return ended[SHOPPERS], bookings, standing


def test_a_window_changed_while_twenty_book_is_the_promised_one_or_gone_for_all(committing: Engine) -> None:
    stays, bookings, ((window_id, starts, booked),) = _changed_while_booking()
    assert isinstance(stays, list)
    assert (starts, bool(stays)) == ((time(16), True) if booked else (time(17), False))
    assert bookings == ({window_id} if booked else set())


def test_that_race_against_the_change_is_real(committing: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: who booked is asked first, and the window deleted later."""
    if committing.dialect.name == "sqlite":
        pytest.skip("BEGIN IMMEDIATE hides the mistake on SQLite")

    looked = Event()

    def read_then_delete(s: Session, _template_id: int, window_ids: Sequence[int]) -> set[int]:
        mine = DeliveryWindow.id.in_(window_ids)
        unused = s.scalars(sa.select(DeliveryWindow.id).where(mine, DeliveryWindow.booked == 0)).all()
        looked.set()
        s.execute(sa.text("SELECT pg_sleep(0.5)"))
        return set(
            s.scalars(sa.delete(DeliveryWindow).where(DeliveryWindow.id.in_(unused)).returning(DeliveryWindow.id))
        )

    monkeypatch.setattr(weekly, "_give_up", read_then_delete)
    ended, bookings, _standing = _changed_while_booking(looked)
    assert isinstance(ended, sa.exc.IntegrityError)  # the foreign key holds: the change is lost instead
    assert bookings


def _changed_while_planning() -> list[object]:
    """The operator gives a template another time while planning locks its two windows by id: what became of both."""
    with db.transaction() as s:
        template = make_template(s)
        weekly.make_windows(s, 13, subdivision="ST")
        first, second = s.scalars(sa.select(DeliveryWindow.id).order_by(DeliveryWindow.id)).all()
        template_id = template.id
    for days in (1, -1):  # what is written last lies last in the table and its indexes: the database comes to it second
        with db.transaction() as s:
            window = s.get_one(DeliveryWindow, first)
            window.day += timedelta(days)
    held = Event()

    def act(number: int) -> object:
        with db.transaction() as s:
            if number == 0:
                one = sa.select(DeliveryWindow.id).with_for_update()
                s.execute(one.where(DeliveryWindow.id == first))
                held.set()
                sleep(0.5)
                s.execute(one.where(DeliveryWindow.id == second))
                return "locked"
            assert held.wait(30)
            template = s.get_one(WindowTemplate, template_id)
            template.starts = time(17)
            s.flush()
            return weekly.follow(s, template, subdivision="ST")

    return race(2, act)


def test_windows_that_change_while_planning_holds_them_wait_their_turn(committing: Engine) -> None:
    assert _changed_while_planning() == ["locked", []]


def test_that_race_against_planning_is_real(committing: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: windows are deleted in whatever order they lie in. SQLite's writers stand in line anyway."""
    postgresql = committing.dialect.name == "postgresql"

    def hold_nothing(s: Session, _template_id: int) -> None:
        if postgresql:  # it is free to choose: it chooses the table
            s.execute(sa.text("SET LOCAL enable_indexscan = off"))

    monkeypatch.setattr(weekly, "hold", hold_nothing)
    ended = _changed_while_planning()
    assert any(isinstance(one, sa.exc.OperationalError) for one in ended) == postgresql, ended
