"""Zones, fees, and the places of a delivery window."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery import weekly, windows
from delivery.models import Booking, DeliveryWindow, WindowState, Zone
from market.core import clock, db
from market.core.errors import NotFound
from market.core.models import OutboxMessage
from market.core.money import Money
from market.orders.models import Order
from tests.conftest import Clock
from tests.factories.delivery import make_empty_order, make_template, make_window, make_zone

pytestmark = pytest.mark.usefixtures("database")


def booked(window_id: int) -> int:
    with db.reading() as s:
        return s.scalars(sa.select(DeliveryWindow.booked).where(DeliveryWindow.id == window_id)).one()


def a_place(**window: Any) -> tuple[int, int, int]:
    """(order id, window id, zone id) ready to book."""
    with db.transaction() as s:
        zone = make_zone(s, ("06712", ""))
        return make_empty_order(s).id, make_window(s, **window).id, zone.id


class TestZones:
    def town(self, s: Session) -> tuple[Zone, Zone]:
        rest = make_zone(s, ("06712", ""), ("06711", ""), name="Zeitz")
        village = make_zone(s, ("06712", "Würchwitz"), name="Dörfer Süd", fee=Money(490))
        return rest, village

    @pytest.mark.parametrize(
        ("zip_", "city", "name"),
        [
            ("06712", "Zeitz", "Zeitz"),
            ("06712", "Würchwitz", "Dörfer Süd"),
            ("06712", " wuerchwitz ", "Dörfer Süd"),
            ("06712", "Zeitz OT Würchwitz", "Dörfer Süd"),
            ("06712", "Zeitz-Würchwitz", "Dörfer Süd"),
            ("06712", "Zeitz (Würchwitz)", "Dörfer Süd"),
            (" 06711", "Würchwitz", "Zeitz"),
        ],
    )
    def test_a_village_comes_before_the_rest_of_its_postcode(self, zip_: str, city: str, name: str) -> None:
        with db.transaction() as s:
            self.town(s)
            one, among = windows.zone_for(s, zip_, city), windows.zone_among(windows.zones(s), zip_, city)
        assert one is not None
        assert one.name == name
        assert one is among

    def test_where_nobody_drives_there_is_no_zone(self) -> None:
        with db.transaction() as s:
            self.town(s)
            assert windows.zone_for(s, "04103", "Leipzig") is None

    def test_a_postcode_without_a_rest_serves_only_its_named_villages(self) -> None:
        with db.transaction() as s:
            make_zone(s, ("06729", "Tröglitz"))
            assert windows.zone_for(s, "06729", "Elsteraue") is None
            assert windows.zone_for(s, "06729", "Elsteraue/Tröglitz") is not None

    def test_a_zone_that_is_switched_off_is_not_offered(self) -> None:
        with db.transaction() as s:
            make_zone(s, ("06712", "")).active = False
            s.flush()
            assert windows.zone_for(s, "06712", "Zeitz") is None
            assert windows.zones(s) == []

    def test_the_fee_is_the_zones_and_the_windows_surcharge(self) -> None:
        with db.transaction() as s:
            zone, window = make_zone(s, fee=Money(290), minimum=Money(1000)), make_window(s, surcharge=Money(100))
            assert windows.fee(zone, window, Money(1000)) == Money(390)
            with pytest.raises(windows.BelowMinimum, match="Es fehlen noch 0,01"):
                windows.fee(zone, window, Money(999))


class TestOffers:
    def test_full_late_and_closed_windows_are_listed_with_the_reason(self) -> None:
        with db.transaction() as s:
            make_window(s, starts=time(8), ends=time(9))
            make_window(s, starts=time(9), ends=time(10), capacity=2, booked=2)
            make_window(s, starts=time(10), ends=time(11), state=WindowState.PLANNED)
            make_window(s, starts=time(11), ends=time(12), state=WindowState.CANCELLED)
            make_window(s, day=clock.today(), starts=time(12), ends=time(13), cutoff_minutes=300)
            shown = windows.offers(s, None, clock.now())
        assert [(w.starts.hour, w.choosable, w.reason) for w in shown] == [
            (12, False, "Bestellschluss vorbei"),
            (8, True, ""),
            (9, False, "voll"),
            (10, False, "Bestellschluss vorbei"),
        ]
        assert shown[1].left == 10
        assert shown[1].label == "Mi, 25. November, 8:00 bis 9:00\N{NO-BREAK SPACE}Uhr"

    def test_a_zone_sees_its_own_windows_and_those_of_every_zone(self) -> None:
        with db.transaction() as s:
            mine, other = make_zone(s), make_zone(s)
            everybody = make_window(s, starts=time(8), ends=time(9))
            own = make_window(s, zone=mine)
            make_window(s, zone=other)
            assert [w.id for w in windows.offers(s, mine, clock.now())] == [everybody.id, own.id]
            assert len(windows.offers(s, None, clock.now())) == 3

    def test_windows_of_the_past_and_of_next_month_are_not_shown(self) -> None:
        with db.transaction() as s:
            make_window(s, day=clock.today(), starts=time(6), ends=time(8))
            make_window(s, day=clock.today() + timedelta(days=15))
            assert windows.offers(s, None, clock.now()) == []
            assert len(windows.offers(s, None, clock.now(), days=20)) == 1


class TestBooking:
    def test_booking_takes_a_place_and_releasing_gives_it_back_once(self) -> None:
        order_id, window_id, zone_id = a_place()
        with db.transaction() as s:
            windows.book(s, order_id, window_id, zone_id)
        assert booked(window_id) == 1
        for expected in (True, False):
            with db.transaction() as s:
                assert windows.release(s, order_id) is expected
            assert booked(window_id) == 0

    def test_an_order_never_holds_two_places(self) -> None:
        order_id, window_id, zone_id = a_place()
        with db.transaction() as s:
            windows.book(s, order_id, window_id, zone_id)
            windows.book(s, order_id, window_id, zone_id)
        assert booked(window_id) == 1

    def test_an_order_that_gave_its_place_back_may_take_one_again(self) -> None:
        order_id, window_id, zone_id = a_place()
        with db.transaction() as s:
            windows.book(s, order_id, window_id, zone_id)
            windows.release(s, order_id)
            windows.book(s, order_id, window_id, zone_id)
        assert booked(window_id) == 1
        with db.reading() as s:
            assert s.scalars(sa.select(Booking.released_at)).one() is None

    def test_a_full_window_cannot_be_booked(self) -> None:
        order_id, window_id, zone_id = a_place(capacity=1, booked=1)
        with pytest.raises(windows.WindowFull, match="inzwischen voll"), db.transaction() as s:
            windows.book(s, order_id, window_id, zone_id)
        assert booked(window_id) == 1

    @pytest.mark.parametrize("state", [WindowState.CLOSED, WindowState.PLANNED, WindowState.CANCELLED])
    def test_a_closed_window_cannot_be_booked(self, state: WindowState) -> None:
        order_id, window_id, zone_id = a_place(state=state)
        with pytest.raises(windows.WindowClosed, match="Bestellschluss"), db.transaction() as s:
            windows.book(s, order_id, window_id, zone_id)

    def test_after_the_cutoff_a_window_cannot_be_booked(self, frozen: Clock) -> None:
        order_id, window_id, zone_id = a_place()
        frozen.forward(days=2, hours=3)  # Wednesday 12:00, to the minute
        with pytest.raises(windows.WindowClosed), db.transaction() as s:
            windows.book(s, order_id, window_id, zone_id)

    def test_a_window_of_another_zone_cannot_be_booked(self) -> None:
        with db.transaction() as s:
            mine, other = make_zone(s), make_zone(s)
            order, window = make_empty_order(s), make_window(s, zone=other)
        with pytest.raises(windows.OtherZone), db.transaction() as s:
            windows.book(s, order.id, window.id, mine.id)

    def test_a_window_that_does_not_exist_is_not_found(self) -> None:
        order_id, _, zone_id = a_place()
        with pytest.raises(NotFound), db.transaction() as s:
            windows.book(s, order_id, 0, zone_id)

    def test_closing_stops_bookings_and_leaves_planned_windows_planned(self) -> None:
        with db.transaction() as s:
            open_, planned = make_window(s, starts=time(8)), make_window(s, state=WindowState.PLANNED)
            windows.close(s, [open_.id, planned.id])
        with db.reading() as s:
            states = set(s.scalars(sa.select(DeliveryWindow.state)))
        assert states == {WindowState.CLOSED, WindowState.PLANNED}


class TestMakingWindows:
    def test_templates_become_windows_four_weeks_ahead_and_only_once(self) -> None:
        with db.transaction() as s:
            make_template(s, weekday=3)
            make_template(s, weekday=0, starts=time(17), ends=time(18))
            assert weekly.make_windows(s, subdivision="ST") == 4 + 5
            assert weekly.make_windows(s, subdivision="ST") == 0
            days = list(s.scalars(sa.select(DeliveryWindow.day).order_by(DeliveryWindow.day)))
        assert days[0] == date(2026, 11, 23)
        assert days[-1] == date(2026, 12, 21)

    def test_a_public_holiday_has_no_windows(self, frozen: Clock) -> None:
        frozen.set(clock.at(date(2026, 12, 1), time(9)))
        with db.transaction() as s:
            make_template(s, weekday=4)
            make_template(s, weekday=5)
            weekly.make_windows(s, subdivision="ST")
            days = set(s.scalars(sa.select(DeliveryWindow.day)))
        assert date(2026, 12, 18) in days
        assert not days & {date(2026, 12, 25), date(2026, 12, 26)}

    def test_the_cutoff_is_known_to_the_outbox(self) -> None:
        with db.transaction() as s:
            make_template(s, weekday=3, cutoff_minutes=60)
            weekly.make_windows(s, 5, subdivision="ST")
            rung = s.scalars(sa.select(OutboxMessage).where(OutboxMessage.topic == "window.cutoff")).one()
            window = s.scalars(sa.select(DeliveryWindow)).one()
        assert rung.due_at == window.cutoff_at == clock.at(date(2026, 11, 26), time(15))
        assert rung.payload == {"window_id": window.id}

    def test_a_window_whose_cutoff_has_passed_is_not_made(self) -> None:
        with db.transaction() as s:
            make_template(s, weekday=0, starts=time(10), ends=time(12), cutoff_minutes=240)
            weekly.make_windows(s, 6, subdivision="ST")
            assert s.scalars(sa.select(DeliveryWindow)).all() == []

    def test_a_template_of_the_same_hours_doubles_nothing(self) -> None:
        with db.transaction() as s:
            make_template(s)
            make_template(s)
            assert weekly.make_windows(s, 6, subdivision="ST") == 1

    def test_a_changed_template_leaves_bookings_of_made_windows_alone(self) -> None:
        with db.transaction() as s:
            template, order, zone = make_template(s), make_empty_order(s), make_zone(s)
            weekly.make_windows(s, 6, subdivision="ST")
            window = s.scalars(sa.select(DeliveryWindow)).one()
            windows.book(s, order.id, window.id, zone.id)
            template.starts = time(15)
            s.flush()
            assert weekly.make_windows(s, 6, subdivision="ST") == 0  # one window a day and template
            assert s.scalars(sa.select(Order.id)).one() == order.id
        assert booked(window.id) == 1
