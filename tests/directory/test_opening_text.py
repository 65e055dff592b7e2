"""The calendar in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from market.core import clock
from market.core.config import ShopLaw
from market.directory.hours import OwnHours, ShopCalendar, Spans
from market.directory.opening_text import freshness, json_ld_hours, open_now, spans_text, special_days, week

DAY: Spans = ((time(9), time(12)), (time(14), time(18, 30)))
CALENDAR = ShopCalendar(1, "ST", ShopLaw(saturday_until=time(20)), (*(DAY,) * 5, ((time(9), time(13)),), ()))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=clock.ZONE).astimezone(UTC)


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        ("2026-11-23T09:00", "Jetzt geöffnet bis 12 Uhr"),
        ("2026-11-23T15:00", "Jetzt geöffnet bis 18:30 Uhr"),
        ("2026-11-23T08:59", "Öffnet heute um 9 Uhr"),
        ("2026-11-23T12:00", "Öffnet heute um 14 Uhr"),
        ("2026-11-23T18:30", "Öffnet morgen um 9 Uhr"),
        ("2026-11-28T13:00", "Öffnet Montag um 9 Uhr"),
        ("2026-12-31T19:00", "Öffnet Samstag um 9 Uhr"),
    ],
)
def test_one_sentence_says_whether_one_can_walk_in(instant: str, text: str) -> None:
    assert open_now(CALENDAR, local(instant)).text == text


def test_a_far_opening_names_the_day() -> None:
    away = ShopCalendar(
        1, "ST", weekly=CALENDAR.weekly, exceptions=(OwnHours(date(2026, 11, 23), date(2027, 1, 8), ()),)
    )
    assert open_now(away, local("2026-11-23T10:00")).text == "Öffnet am 9. Januar 2027 um 9 Uhr"


def test_closed_for_good_and_unknown_are_said_differently() -> None:
    never = ShopCalendar(1, "ST")
    assert open_now(never, local("2026-11-23T10:00")).text == "Öffnungszeiten nicht bekannt"
    shut = ShopCalendar(1, "ST", weekly=CALENDAR.weekly, exceptions=(OwnHours(date(2026, 1, 1), date(2030, 1, 1), ()),))
    assert open_now(shut, local("2026-11-23T10:00")).text == "Zurzeit geschlossen"
    stale = open_now(CALENDAR, local("2026-11-23T10:00"), "unknown")
    assert (stale.open, stale.text) == (False, "Öffnungszeiten lange nicht bestätigt")


def test_midnight_is_24_uhr() -> None:
    late = ShopCalendar(1, "ST", weekly=(((time(18), time(23, 59)),),) * 7)
    assert open_now(late, local("2026-11-23T20:00")).text == "Jetzt geöffnet bis 24 Uhr"
    assert plain(spans_text(late.spans(date(2026, 11, 23)))) == "18–24 Uhr"


def plain(text: str) -> str:
    return text.replace("\N{WORD JOINER}", "")


def test_spans_are_joined_as_people_say_them() -> None:
    assert plain(spans_text(DAY)) == "9–12 und 14–18:30 Uhr"
    assert spans_text(()) == "geschlossen"


def test_the_week_starts_on_monday_and_marks_today() -> None:
    rows = week(CALENDAR, date(2026, 11, 26))
    assert (rows[0].day, rows[6].day) == ("Montag", "Sonntag")
    assert [row.day for row in rows if row.today] == ["Donnerstag"]
    assert rows[6].text == "geschlossen"
    assert all(not row.note for row in rows)


def test_special_days_come_as_one_entry_with_their_reason() -> None:
    vacation = OwnHours(date(2026, 12, 7), date(2026, 12, 20), (), "Urlaub")
    shop = ShopCalendar(1, "ST", weekly=CALENDAR.weekly, exceptions=(vacation,))
    found = [(entry.when, plain(entry.text), entry.note) for entry in special_days(shop, date(2026, 12, 1))]
    assert found == [
        ("7. bis 20. Dezember", "geschlossen", "Urlaub"),
        ("Donnerstag, 24. Dezember", "9–12 Uhr", "Heiligabend"),
        ("Freitag, 25. Dezember", "geschlossen", "Erster Weihnachtstag"),
        ("Samstag, 26. Dezember", "geschlossen", "Zweiter Weihnachtstag"),
        ("Freitag, 1. Januar 2027", "geschlossen", "Neujahr"),
        ("Mittwoch, 6. Januar 2027", "geschlossen", "Heilige Drei Könige"),
    ]


def test_json_ld_and_the_door_agree_on_every_day() -> None:
    """Read back the way a search engine does, the data opens exactly when the calendar does."""
    town = {date(2026, 12, 6): (time(13), time(18))}
    shop = ShopCalendar(
        1,
        "ST",
        ShopLaw(saturday_until=time(20)),
        CALENDAR.weekly,
        (OwnHours(date(2026, 12, 28), date(2026, 12, 30), ((time(10), time(12)),)),),
        town,
    )
    today = date(2026, 11, 23)
    data = json_ld_hours(shop, today)
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    for n in range(60):
        day = date.fromordinal(today.toordinal() + n)
        special = [
            (entry["opens"], entry["closes"])
            for entry in data["specialOpeningHoursSpecification"]
            if entry["validFrom"] <= day.isoformat() <= entry["validThrough"]
        ]
        ordinary = [
            (entry["opens"], entry["closes"])
            for entry in data["openingHoursSpecification"]
            if entry["dayOfWeek"] == names[day.weekday()]
        ]
        told = [pair for pair in special or ordinary if pair[0] != pair[1]]
        assert told == [(f"{a:%H:%M}", f"{b:%H:%M}") for a, b in shop.spans(day)], day


@pytest.mark.parametrize(
    ("checked", "expected"),
    [
        (date(2026, 11, 23), "fresh"),
        (date(2026, 8, 25), "fresh"),
        (date(2026, 8, 24), "old"),
        (date(2026, 5, 27), "old"),
        (date(2026, 5, 26), "unknown"),
        (None, "unknown"),
    ],
)
def test_facts_age(checked: date | None, expected: str) -> None:
    assert freshness(checked, date(2026, 11, 23)) == expected
