"""The openings as pages and as feeds."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta

import feedparser
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from market.core import db
from market.directory import opening_lists, openings
from market.directory.models import Moderation, OpeningKind, Shop
from market.directory.openings import OpeningData
from tests.conftest import Clock
from tests.factories.directory import make_merchant, make_opening, make_shop
from tests.public.conftest import text_of


def test_the_openings_page_tells_what_is_new_what_comes_and_what_closes(s: Session, client: FlaskClient) -> None:
    make_opening(s, title="Rösterei", starts_on=date(2026, 11, 14))
    make_opening(s, title="Radladen", kind=OpeningKind.PLANNED, starts_on=date(2026, 12, 1))
    make_opening(s, title="Hutladen", kind=OpeningKind.CLOSING, ends_on=date(2026, 11, 30))
    make_opening(s, title="Nur ein Vorschlag", published=False)
    s.commit()
    page = text_of(client, "/neu")
    assert page.index("Jetzt da") < page.index("Rösterei") < page.index("Kommt bald") < page.index("Radladen")
    assert page.index("Schließt bald") < page.index("Hutladen")
    assert "Seit 14. November" in page
    assert "Öffnet am 1. Dezember" in page
    assert "Schließt am 30. November" in page
    assert "Nur ein Vorschlag" not in page
    assert page.count('data-test="opening"') == 3


def test_an_empty_openings_page_is_not_blank(database: str, client: FlaskClient) -> None:
    assert "Gerade gibt es nichts Neues" in text_of(client, "/neu")
    for kind in ("atom", "rss", "json", "ics"):
        assert client.get(f"/neu.{kind}").status_code == 200


def test_an_ended_pop_up_and_a_closed_shop_leave_the_news_at_once(
    s: Session, client: FlaskClient, frozen: Clock
) -> None:
    shop = make_shop(s, make_merchant(s))
    make_opening(s, title="Adventsladen", kind=OpeningKind.POP_UP, ends_on=date(2026, 11, 24))
    make_opening(s, title="Neuer Laden", shop=shop)
    s.commit()
    frozen.set(datetime(2026, 11, 24, 22, 30, tzinfo=UTC))  # 23:30 local
    assert "Adventsladen" in text_of(client, "/neu")
    frozen.forward(hours=1)
    assert "Adventsladen" not in text_of(client, "/neu")
    assert "Adventsladen" not in text_of(client, "/neu.atom")
    with db.transaction() as later:
        later.get_one(Shop, shop.id).active = False
    assert "Neuer Laden" not in text_of(client, "/neu")


def test_an_entry_has_a_page_of_its_own_and_a_proposal_has_none(s: Session, client: FlaskClient) -> None:
    entry = make_opening(s, title="Rösterei", text="Kaffee.\n\nUnd Kuchen.")
    waiting = make_opening(s, published=False)
    s.commit()
    assert "<p>Und Kuchen.</p>" in text_of(client, f"/neu/{entry.id}")
    assert client.get(f"/neu/{waiting.id}").status_code == 404
    assert client.get("/neu/99999999999999999999").status_code == 404


@pytest.fixture
def two_entries(s: Session) -> list[str]:
    """Two published entries; their uids, newest start first."""
    first = make_opening(s, title="Rösterei & Café <am Markt>", text="Kaffee;\nKuchen, Torte", address="Markt 1")
    second = make_opening(
        s,
        title="Pop-up Adventsladen",
        kind=OpeningKind.POP_UP,
        starts_on=date(2026, 11, 20),
        ends_on=date(2026, 12, 24),
    )
    s.commit()
    return [second.uid, first.uid]


def test_one_kind_of_news_can_be_chosen(two_entries: list[str], client: FlaskClient) -> None:
    page = client.get("/neu?art=pop_up").text
    assert page.count('data-test="opening"') == 1
    assert "Pop-up Adventsladen" in page
    assert re.search(r'<a class="chip" href="/neu\?art=pop_up" aria-current="true">', page)
    assert client.get("/neu?art=moved").text.count('data-test="opening"') == 2, "nothing of this kind: all of it"


def test_the_archive_keeps_what_was_new_once_in_pages(s: Session, client: FlaskClient) -> None:
    make_opening(s, title="Heute neu")
    for number in range(opening_lists.ARCHIVE_PAGE + 1):
        make_opening(s, title=f"Vorbei {number}", starts_on=date(2026, 3, 1) + timedelta(days=number))
    make_opening(s, title="Nie gezeigt", starts_on=date(2026, 3, 1), published=False)
    s.commit()
    first, second = (client.get(f"/neu/frueher?seite={page}").text for page in (1, 2))
    assert first.count('data-test="opening"') == opening_lists.ARCHIVE_PAGE
    assert second.count('data-test="opening"') == 1
    assert "Vorbei 0<" in second
    assert "Heute neu" not in first + second
    assert "Nie gezeigt" not in first + second
    assert "/neu/frueher" in client.get("/neu").text


def test_a_shop_that_moves_is_a_change_of_its_entries(s: Session, client: FlaskClient, frozen: Clock) -> None:
    shop = make_shop(s)
    make_opening(s, shop=shop, address="")
    s.commit()
    first = client.get("/neu.atom")
    frozen.forward(hours=2)
    with db.transaction() as t:
        t.get_one(Shop, shop.id).street = "Neumarkt"
        openings.shop_changed(t, shop.id)
    again = client.get("/neu.atom", headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert again.status_code == 200
    assert "Neumarkt" in again.text


def test_atom_reads_well_in_a_strangers_reader(two_entries: list[str], client: FlaskClient) -> None:
    answer = client.get("/neu.atom", headers={"Host": "evil.example"})
    feed = feedparser.parse(answer.data)
    assert not feed.bozo
    assert feed.version == "atom10"
    assert feed.feed.id == "http://localhost/neu"
    assert feed.feed.author
    assert feed.feed.updated
    assert {link["rel"]: link["href"] for link in feed.feed.links}["self"] == "http://localhost/neu.atom"
    assert [entry.id for entry in feed.entries] == two_entries
    assert feed.entries[1].title == "Rösterei & Café <am Markt>"
    assert all(entry.updated and entry.link.startswith("http://localhost/neu/") for entry in feed.entries)
    assert two_entries[0].startswith("tag:localhost,2026-11-23:neu/")
    assert b"evil.example" not in answer.data


def test_rss_reads_well_in_a_strangers_reader(two_entries: list[str], client: FlaskClient) -> None:
    answer = client.get("/neu.rss")
    feed = feedparser.parse(answer.data)
    assert not feed.bozo
    assert feed.version == "rss20"
    assert [entry.id for entry in feed.entries] == two_entries
    assert feed.entries[0].guidislink is False
    assert feed.feed.link == "http://localhost/neu"
    assert answer.mimetype == "application/rss+xml"


def test_json_feed_keeps_its_rules(two_entries: list[str], client: FlaskClient) -> None:
    answer = client.get("/neu.json")
    data = json.loads(answer.data)
    assert data["version"] == "https://jsonfeed.org/version/1.1"
    assert [item["id"] for item in data["items"]] == two_entries
    assert data["feed_url"] == "http://localhost/neu.json"
    assert all(datetime.fromisoformat(item["date_published"]).tzinfo for item in data["items"])
    assert answer.mimetype == "application/feed+json"


def test_ical_keeps_its_rules(two_entries: list[str], client: FlaskClient) -> None:
    body = client.get("/neu.ics").data.decode()
    assert body.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert body.endswith("END:VCALENDAR\r\n")
    assert all(len(line.encode()) <= 75 for line in body.split("\r\n"))
    assert "\n" not in body.replace("\r\n", "")
    unfolded = body.replace("\r\n ", "")
    assert "DTSTART;VALUE=DATE:20261120\r\nDTEND;VALUE=DATE:20261225" in unfolded
    assert "Kaffee\\;\\nKuchen\\, Torte" in unfolded
    for uid in two_entries:
        assert "UID:" + uid.replace(",", "\\,") in unfolded  # a comma in TEXT is escaped
    assert unfolded.count("BEGIN:VEVENT") == unfolded.count("END:VEVENT") == 2


@pytest.mark.parametrize("kind", ["atom", "rss", "json", "ics"])
def test_a_feed_that_has_not_changed_is_a_304(two_entries: list[str], client: FlaskClient, kind: str) -> None:
    first = client.get(f"/neu.{kind}")
    tag, day = first.headers["ETag"], first.headers["Last-Modified"]
    for headers in ({"If-None-Match": tag}, {"If-Modified-Since": day}, {"If-None-Match": f'"x", {tag}'}):
        again = client.get(f"/neu.{kind}", headers=headers)
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == tag
    assert client.get(f"/neu.{kind}", headers={"If-None-Match": '"other"', "If-Modified-Since": day}).status_code == 200


def test_a_change_reaches_readers_and_the_ids_stay(two_entries: list[str], client: FlaskClient, frozen: Clock) -> None:
    first = client.get("/neu.atom")
    frozen.forward(hours=1)
    with db.reading() as reading:
        entry = opening_lists.current(reading, date(2026, 11, 23))[0]
    data = OpeningData(OpeningKind.POP_UP, "Adventsladen", "Mehr Platz.", entry.starts_on, entry.ends_on, "Neumarkt 3")
    openings.edit(entry.id, data, by=None)
    headers = {"If-None-Match": first.headers["ETag"], "If-Modified-Since": first.headers["Last-Modified"]}
    again = client.get("/neu.atom", headers=headers)
    assert again.status_code == 200
    assert client.get("/neu.atom", headers={"If-Modified-Since": first.headers["Last-Modified"]}).status_code == 200
    feed = feedparser.parse(again.data)
    assert [entry.id for entry in feed.entries] == two_entries
    assert feed.entries[0].updated == "2026-11-23T09:00:00Z"


def test_an_entry_that_ends_by_itself_is_a_change_too(
    two_entries: list[str], client: FlaskClient, frozen: Clock
) -> None:
    first = client.get("/neu.atom")
    frozen.set(datetime(2026, 12, 25, 8, tzinfo=UTC))
    for headers in (
        {"If-None-Match": first.headers["ETag"]},
        {"If-Modified-Since": first.headers["Last-Modified"]},
    ):
        assert client.get("/neu.atom", headers=headers).status_code == 200


def test_a_withdrawn_entry_is_a_change_too(two_entries: list[str], client: FlaskClient, frozen: Clock) -> None:
    first = client.get("/neu.rss")
    frozen.forward(minutes=5)
    with db.reading() as reading:
        entry = opening_lists.current(reading, date(2026, 11, 23))[0]
    openings.withdraw(entry.id, by=None)
    again = client.get("/neu.rss", headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert again.status_code == 200
    assert two_entries[0].encode() not in again.data
    with db.reading() as reading:
        assert openings.by_id(reading, entry.id).moderation is Moderation.WITHDRAWN
