"""What may be promised for which day, for every kind of availability. The clock stands on Monday 23 Nov 2026, 9:00."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from market.catalogue import promise
from market.catalogue.models import Availability, StockState
from market.catalogue.promise import Supply, best, can_promise, days_for, earliest
from market.core import clock, db
from market.directory.hours import ShopCalendar
from tests.catalogue.conftest import Shelf
from tests.factories.catalogue import make_product, only_stock, only_variant

MONDAY = date(2026, 11, 23)
TUESDAY, WEDNESDAY, FRIDAY = MONDAY + timedelta(1), MONDAY + timedelta(2), MONDAY + timedelta(4)
NEXT_MONDAY = MONDAY + timedelta(7)
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
DAY = ((time(9), time(18)),)
WEEKDAYS = ShopCalendar(shop_id=1, subdivision="ST", weekly=(DAY, DAY, DAY, DAY, DAY, (), ()))
NEVER = ShopCalendar(shop_id=1, subdivision="ST")


def supply(kind: Availability = Availability.COUNTED, **fields: Any) -> Supply:
    return Supply(stock_id=1, variant_id=1, shop_id=1, availability=kind, **{"confirmed_at": NOW} | fields)


def local(day: date, hour: int, minute: int = 0) -> datetime:
    return clock.at(day, time(hour, minute))


def test_counted_goods_can_be_fetched_today_while_the_shop_has_time_to_pack() -> None:
    found = earliest(supply(quantity=9), WEEKDAYS, NOW)
    assert (found.label, found.tone, found.earliest_day, found.max_quantity) == ("Heute abholbar", "now", MONDAY, 9)


def test_an_hour_before_closing_today_is_over() -> None:
    assert earliest(supply(quantity=9), WEEKDAYS, local(MONDAY, 17)).earliest_day == MONDAY
    late = earliest(supply(quantity=9), WEEKDAYS, local(MONDAY, 17, 1))
    assert (late.earliest_day, late.label) == (TUESDAY, "Morgen ab 9\N{NO-BREAK SPACE}Uhr")


def test_before_a_weekend_the_next_opening_day_is_named() -> None:
    found = earliest(supply(quantity=9), WEEKDAYS, local(FRIDAY, 19))
    assert (found.earliest_day, found.label) == (NEXT_MONDAY, "Ab Mo, 30. November, 9\N{NO-BREAK SPACE}Uhr")


def test_few_pieces_are_counted_aloud_and_many_are_not() -> None:
    assert earliest(supply(quantity=3), WEEKDAYS, NOW).short == "Noch 3 Stück, heute abholbar"
    assert earliest(supply(quantity=6), WEEKDAYS, NOW).short == "Heute abholbar"


def test_no_pieces_are_sold_out() -> None:
    found = earliest(supply(quantity=0), WEEKDAYS, NOW)
    assert (found.label, found.buyable) == ("Ausverkauft", False)


def test_more_than_is_there_cannot_be_promised() -> None:
    assert can_promise(supply(quantity=3), WEEKDAYS, TUESDAY, 3, NOW)
    assert not can_promise(supply(quantity=3), WEEKDAYS, TUESDAY, 4, NOW)


def test_nothing_is_promised_for_a_closed_day_yesterday_or_next_year() -> None:
    plenty = supply(quantity=99)
    for day in (MONDAY + timedelta(5), MONDAY + timedelta(6), MONDAY - timedelta(3), date(2027, 11, 23)):
        assert not can_promise(plenty, WEEKDAYS, day, 1, NOW)


def test_a_public_holiday_is_no_day_to_fetch_anything() -> None:
    first_christmas_day = date(2026, 12, 25)
    now = local(date(2026, 12, 14), 10)
    assert not can_promise(supply(quantity=9, confirmed_at=now), WEEKDAYS, first_christmas_day, 1, now)


def test_a_shop_without_hours_promises_nothing() -> None:
    assert earliest(supply(quantity=9), NEVER, NOW).label == "Zurzeit kein Termin"


def test_in_the_shop_holds_for_fourteen_days_and_then_reads_on_request() -> None:
    fresh = supply(Availability.STATES, confirmed_at=NOW - timedelta(days=13, hours=23))
    stale = supply(Availability.STATES, confirmed_at=NOW - timedelta(days=14))
    assert earliest(fresh, WEEKDAYS, NOW).label == "Heute abholbar"
    assert earliest(fresh, WEEKDAYS, NOW).max_quantity is None
    asked = earliest(stale, WEEKDAYS, NOW)
    assert (asked.label, asked.buyable) == ("Auf Anfrage", False)
    assert not can_promise(stale, WEEKDAYS, TUESDAY, 1, NOW)


@pytest.mark.parametrize(
    ("state", "label"), [(StockState.ON_REQUEST, "Auf Anfrage"), (StockState.OUT, "Zurzeit nicht da")]
)
def test_what_is_not_in_the_shop_cannot_be_bought(state: StockState, label: str) -> None:
    found = earliest(supply(Availability.STATES, state=state), WEEKDAYS, NOW)
    assert (found.label, found.buyable) == (label, False)


def bread(**fields: Any) -> Supply:
    quota = {0: 5, 1: 5, 2: 0, 3: 5, 4: 5}
    defaults: dict[str, Any] = {"quota": quota, "order_until": time(18), "order_days_before": 1}
    return supply(Availability.QUOTA, **defaults | fields)


def test_bread_is_ordered_the_day_before() -> None:
    found = earliest(bread(), WEEKDAYS, NOW)
    assert (found.earliest_day, found.label, found.max_quantity) == (TUESDAY, "Morgen ab 9\N{NO-BREAK SPACE}Uhr", 5)


def test_after_the_order_deadline_the_next_baking_day_counts() -> None:
    late = earliest(bread(), WEEKDAYS, local(MONDAY, 18, 1))
    assert late.earliest_day == MONDAY + timedelta(3)  # no bread on Wednesdays
    assert not can_promise(bread(), WEEKDAYS, TUESDAY, 1, local(MONDAY, 18, 1))
    assert can_promise(bread(), WEEKDAYS, TUESDAY, 1, local(MONDAY, 18))


def test_a_day_whose_quota_is_taken_is_passed_over() -> None:
    taken = bread(days={TUESDAY: (5, 5), MONDAY + timedelta(3): (5, 3)})
    found = earliest(taken, WEEKDAYS, NOW)
    assert (found.earliest_day, found.max_quantity) == (MONDAY + timedelta(3), 2)
    assert not can_promise(taken, WEEKDAYS, MONDAY + timedelta(3), 3, NOW)


def test_rolls_may_be_ordered_for_the_same_day() -> None:
    rolls = bread(order_days_before=0, order_until=time(10))
    assert earliest(rolls, WEEKDAYS, NOW).earliest_day == MONDAY
    assert earliest(rolls, WEEKDAYS, local(MONDAY, 10, 1)).earliest_day == TUESDAY


def test_the_deadline_keeps_local_time_over_the_change_of_clocks() -> None:
    monday_after = date(2026, 10, 26)
    assert bread().order_deadline(monday_after) == datetime(2026, 10, 25, 17, 0, tzinfo=UTC)
    assert bread().order_deadline(monday_after - timedelta(1)) == datetime(2026, 10, 24, 16, 0, tzinfo=UTC)


def test_lead_time_is_counted_in_opening_days() -> None:
    cake = supply(Availability.TO_ORDER, lead_days=5)
    found = earliest(cake, WEEKDAYS, NOW)
    assert (found.earliest_day, found.label) == (NEXT_MONDAY, "Auf Bestellung, fertig Mo, 30. November")
    assert not can_promise(cake, WEEKDAYS, FRIDAY, 1, NOW)
    assert can_promise(cake, WEEKDAYS, NEXT_MONDAY, 7, NOW)


def test_the_days_to_choose_from_come_in_order() -> None:
    days = list(days_for(supply(quantity=2), WEEKDAYS, 2, NOW))
    assert days[:6] == [MONDAY, TUESDAY, WEDNESDAY, MONDAY + timedelta(3), FRIDAY, NEXT_MONDAY]
    assert max(days) <= MONDAY + timedelta(promise.HORIZON_DAYS)
    assert all(can_promise(supply(quantity=2), WEEKDAYS, day, 2, NOW) for day in days)


def test_of_two_branches_the_sooner_one_is_named() -> None:
    today = earliest(supply(quantity=1), WEEKDAYS, NOW)
    tomorrow = earliest(bread(), WEEKDAYS, NOW)
    gone = earliest(supply(quantity=0), WEEKDAYS, NOW)
    assert best([gone, tomorrow, today]) is today
    assert best([gone]).label == "Ausverkauft"
    assert not best([]).buyable


def test_loading_finds_quota_and_orders_in_two_queries_however_many(shelf: Shelf) -> None:
    s = shelf.s
    loaves = [make_product(s, shelf.merchant, availability=Availability.QUOTA, quota={1: 7}) for _ in range(4)]
    pears = make_product(s, shelf.merchant, stock_count=4)
    s.flush()
    db.query_count.set(0)
    found = promise.load_supply(s, [only_variant(p) for p in [*loaves, pears]])
    assert db.query_count.get() == 2
    (supply_,) = found[only_variant(loaves[0])]
    assert supply_.left_on(TUESDAY) == 7
    assert supply_.left_on(WEDNESDAY) == 0
    assert found[only_variant(pears)][0].quantity == 4


def test_an_unpublished_product_is_not_on_offer(shelf: Shelf) -> None:
    draft = make_product(shelf.s, shelf.merchant, published=False)
    assert promise.load_supply(shelf.s, [only_variant(draft)]) == {only_variant(draft): []}
    assert only_stock(shelf.s, draft).quantity == 10
