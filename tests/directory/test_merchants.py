"""Merchants, shops, their hours and the town's open Sundays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.core import db
from market.core.config import DEFAULT_REGION
from market.core.errors import BadInput, NotFound
from market.directory import merchants
from market.directory.gazetteer import load_gazetteer
from market.directory.hours import load_calendar, load_calendars
from market.directory.models import Merchant, MerchantStatus, OpeningHours, PinSource, SpecialOpenDay
from market.people.models import AuditEntry
from tests.factories.directory import make_merchant, make_shop, musterstadt, zeitz
from tests.factories.people import make_user

MONDAY = date(2026, 11, 23)


@pytest.fixture
def s(database: str) -> Iterator[Session]:
    with db.transaction() as session:
        yield session


def test_a_merchant_starts_in_preparation_with_a_readable_address(s: Session) -> None:
    facts: dict[str, Any] = {"legal_name": "Käthe Öhl e. K.", "street": "Brühl 1", "zip": "06712", "city": "Zeitz"}
    first = merchants.create_merchant(s, name="Käthes Bäckerei & Café", **facts)
    second = merchants.create_merchant(s, name="Käthes Bäckerei & Café", **facts)
    assert (first.slug, second.slug) == ("kaethes-baeckerei-cafe", "kaethes-baeckerei-cafe-2")
    assert first.status is MerchantStatus.DRAFT


def test_a_name_of_signs_only_still_gets_an_address(s: Session) -> None:
    shop = merchants.create_shop(s, None, name="★★★", street="Brühl", zip="06712", city="Zeitz")
    assert shop.slug == "laden"


def test_a_shop_gets_its_pin_from_the_gazetteer_unless_somebody_set_one(s: Session) -> None:
    s.commit()
    load_gazetteer(DEFAULT_REGION / "gazetteer.csv")
    with db.transaction() as s:
        found = merchants.create_shop(
            s, None, name="A", street="Kramerstraße", house_number="5", zip="06712", city="Zeitz"
        )
        village = merchants.create_shop(
            s, None, name="B", street="Lobas", house_number="9", zip="06712", city="Zeitz", district="Lobas"
        )
        unknown = merchants.create_shop(s, None, name="C", street="Irgendwo", zip="99999", city="Nirgendheim")
        by_hand = merchants.create_shop(
            s, None, name="D", street="Kramerstraße", zip="06712", city="Zeitz", lat=51.04, lon=12.13
        )
        assert (found.pin_source, found.accuracy_m) == (PinSource.STREET, 400)
        assert (village.pin_source, village.accuracy_m) == (PinSource.PLACE, 600)
        assert (unknown.pin_source, unknown.lat) == (PinSource.NONE, None)
        assert (by_hand.pin_source, by_hand.lat, by_hand.accuracy_m) == (PinSource.MANUAL, 51.04, 10)
        merchants.set_pin(s, unknown.id, 51.0, 12.0)
        assert unknown.pin_source is PinSource.MANUAL
        with pytest.raises(BadInput):
            merchants.set_pin(s, unknown.id, 91, 12)


def test_a_merchants_shops_keep_their_order(s: Session) -> None:
    merchant = make_merchant(s)
    assert [make_shop(s, merchant).position for _ in range(3)] == [0, 1, 2]


def test_hours_are_replaced_and_the_shop_counts_as_checked(s: Session) -> None:
    shop = make_shop(s, checked_on=date(2026, 1, 1))
    merchants.set_hours(s, shop.id, [(0, time(9), time(12)), (0, time(14), time(18))])
    assert [(h.weekday, h.opens, h.closes) for h in shop.hours] == [
        (0, time(9), time(12)),
        (0, time(14), time(18)),
    ]
    assert shop.checked_on == MONDAY


@pytest.mark.parametrize(
    ("rows", "sentence", "field"),
    [
        ([(1, time(18), time(9))], "Dienstag: Die Öffnungszeit", "day_1"),
        ([(1, time(9), time(9))], "Dienstag: Die Öffnungszeit", "day_1"),
        ([(2, time(9), time(13)), (2, time(12), time(18))], "Mittwoch: Zwei Zeiten", "day_2"),
        ([(6, time(9), time(13))], "Sonntags dürfen nur", "day_6"),
    ],
)
def test_impossible_hours_are_refused_with_a_sentence(
    s: Session, rows: list[merchants.HoursRow], sentence: str, field: str
) -> None:
    shop = make_shop(s)
    with pytest.raises(merchants.BadHours) as wrong:
        merchants.set_hours(s, shop.id, rows)
    assert sentence in wrong.value.text
    assert wrong.value.field == field
    assert len(shop.hours) == 5


def test_the_baker_may_enter_sunday_hours(s: Session) -> None:
    shop = make_shop(s, hours=[(6, time(7), time(10))], sunday_exception=True)
    assert load_calendar(s, shop.id, zeitz()).spans(date(2026, 11, 29)) == ((time(7), time(10)),)


def test_exceptions_reach_the_calendar_and_can_be_removed(s: Session) -> None:
    shop = make_shop(s)
    merchants.add_exception(s, shop.id, MONDAY, opens=time(9), closes=time(10))
    gone = merchants.add_exception(s, shop.id, date(2026, 11, 24), date(2026, 11, 27), note="Inventur")
    merchants.add_exception(s, shop.id, MONDAY, opens=time(15), closes=time(16))
    calendar = load_calendar(s, shop.id, zeitz())
    assert calendar.spans(MONDAY) == ((time(9), time(10)), (time(15), time(16)))
    assert calendar.spans(date(2026, 11, 25)) == ()
    assert calendar.why_closed(date(2026, 11, 25)) == "Inventur"
    merchants.remove_exception(s, shop.id, gone.id)
    assert load_calendar(s, shop.id, zeitz()).spans(date(2026, 11, 25)) == ((time(9), time(18)),)
    with pytest.raises(NotFound):
        merchants.remove_exception(s, shop.id, gone.id)


def test_nobody_removes_another_shops_exception(s: Session) -> None:
    mine, theirs = make_shop(s), make_shop(s)
    row = merchants.add_exception(s, theirs.id, MONDAY)
    with pytest.raises(NotFound):
        merchants.remove_exception(s, mine.id, row.id)
    assert load_calendar(s, theirs.id, zeitz()).spans(MONDAY) == ()


@pytest.mark.parametrize(
    "days",
    [
        {"first_day": MONDAY, "last_day": date(2026, 11, 22)},
        {"first_day": MONDAY, "opens": time(9)},
        {"first_day": MONDAY, "opens": time(9), "closes": time(8)},
    ],
)
def test_impossible_exceptions_are_refused(s: Session, days: dict[str, date | time]) -> None:
    shop = make_shop(s)
    with pytest.raises(BadInput):
        merchants.add_exception(s, shop.id, **days)  # type: ignore[arg-type]  # wrong on purpose


def test_a_night_is_typed_in_one_go_and_kept_as_two_rows(s: Session) -> None:
    shop = make_shop(s, hours=[(3, time(18), time(2)), (4, time(18), time(0))])
    assert [(row.weekday, row.opens, row.closes) for row in shop.hours] == [
        (3, time(18), time(23, 59)),
        (4, time(0), time(2)),
        (4, time(18), time(23, 59)),
    ]


@pytest.mark.law("G")
def test_hours_on_a_day_on_which_the_law_keeps_the_shop_shut_are_refused(s: Session) -> None:
    toys, baker = make_shop(s), make_shop(s, sunday_exception=True)
    for day in (date(2026, 11, 29), date(2026, 12, 25)):
        row = merchants.add_exception(s, toys.id, day, opens=time(8), closes=time(11))
        with pytest.raises(merchants.NotOnTheseDays):
            merchants.check_lawful(s, zeitz(), row)
        merchants.check_lawful(s, zeitz(), merchants.add_exception(s, baker.id, day, opens=time(8), closes=time(11)))
    week = merchants.add_exception(s, toys.id, date(2026, 12, 20), date(2026, 12, 27), opens=time(8), closes=time(11))
    merchants.check_lawful(s, zeitz(), week)
    merchants.check_lawful(s, zeitz(), merchants.add_exception(s, toys.id, date(2026, 12, 25)))


@pytest.mark.law("G")
def test_the_town_opens_four_sundays_a_year_and_no_more(s: Session) -> None:
    region = zeitz()
    shop = make_shop(s, make_merchant(s))
    for day in (date(2027, 3, 14), date(2027, 6, 6), date(2027, 10, 3), date(2027, 12, 5)):
        merchants.add_special_day(s, region, day, time(13), time(18), "Stadtfest")
    with pytest.raises(merchants.TooManySpecialDays):
        merchants.add_special_day(s, region, date(2027, 12, 12), time(13), time(18), "Noch einer")
    merchants.add_special_day(s, region, date(2027, 12, 5), time(12), time(17), "Adventssonntag")
    with pytest.raises(BadInput, match="weder ein Sonntag noch ein Feiertag"):
        merchants.add_special_day(s, region, date(2028, 3, 13), time(13), time(18), "Ein Montag")
    s.flush()
    calendar = load_calendar(s, shop.id, region)
    assert calendar.spans(date(2027, 12, 5)) == ((time(12), time(17)),)
    assert calendar.special_names[date(2027, 12, 5)] == "Adventssonntag"
    assert s.scalar(sa.select(sa.func.count()).select_from(SpecialOpenDay)) == 4


def test_calendars_of_many_shops_come_in_two_queries(s: Session) -> None:
    ids = [make_shop(s).id for _ in range(30)]
    merchants.add_exception(s, ids[3], MONDAY)
    s.flush()
    db.query_count.set(0)
    calendars = load_calendars(s, [*ids, 999_999], zeitz())
    assert db.query_count.get() == 2
    assert set(calendars) == set(ids)
    assert [bool(calendars[i].spans(MONDAY)) for i in ids].count(False) == 1
    assert load_calendars(s, [], zeitz()) == {}


def test_a_shop_without_hours_has_a_calendar_that_knows_nothing(s: Session) -> None:
    calendar = load_calendar(s, make_shop(s, hours=()).id, zeitz())
    assert not calendar.known


def test_another_town_has_other_holidays(s: Session, tmp_path: Path) -> None:
    shop = make_shop(s)
    saxony = musterstadt(tmp_path / "muster", "SN")
    assert load_calendar(s, shop.id, saxony).spans(date(2026, 11, 18)) == ()
    assert load_calendar(s, shop.id, zeitz()).spans(date(2026, 11, 18)) == ((time(9), time(18)),)
    assert load_calendar(s, shop.id, saxony).spans(date(2027, 1, 6)) == ((time(9), time(18)),)


def test_what_staff_change_is_in_the_audit_log(s: Session) -> None:
    user, merchant = make_user(s), make_merchant(s)
    shop = make_shop(s, merchant)
    merchants.set_hours(s, shop.id, [], by=user.id)
    merchants.confirm_facts(s, shop.id, by=user.id)
    rows = s.scalars(sa.select(AuditEntry).where(AuditEntry.user_id == user.id).order_by(AuditEntry.id)).all()
    assert [(row.action, row.subject, row.merchant_id) for row in rows] == [
        ("shop.hours", f"shop:{shop.id}", merchant.id),
        ("shop.checked", f"shop:{shop.id}", merchant.id),
    ]
    assert s.scalar(sa.select(sa.func.count()).select_from(OpeningHours)) == 0


def test_unknown_shops_are_not_found(s: Session) -> None:
    assert s.get(Merchant, 1_000_000) is None
    with pytest.raises(NotFound):
        merchants.set_hours(s, 1_000_000, [])
