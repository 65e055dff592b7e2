"""The editor's desks beside the openings: businesses that do not sell here, and the town's open Sundays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from market.core import db
from market.directory.hours import load_calendar
from market.directory.models import Shop, SpecialOpenDay
from market.people.models import AuditEntry
from tests.factories.directory import make_merchant, make_shop, zeitz
from tests.factories.people import make_editor, sign_in

LIST = "/betrieb/verzeichnis"
SUNDAYS = "/betrieb/sonntage"
INN = {
    "name": "Gasthaus Zur Krummen Brücke",
    "line_of_business": "Gasthaus",
    "tagline": "Klöße am Donnerstag",
    "street": "Wendische Straße",
    "house_number": "7",
    "zip": "06712",
    "city": "Zeitz",
    "website": "www.krumme-bruecke.example",
    "accessibility": "stufenlos\n\nToilette  im Hof ",
    "sunday_exception": "y",
    "active": "y",
}


@pytest.fixture
def s(database: str) -> Iterator[Session]:
    with db.transaction() as session:
        yield session


@pytest.fixture
def editor(s: Session, client: FlaskClient) -> FlaskClient:
    user = make_editor(s)
    s.commit()
    return sign_in(client, user)


def the_inn() -> Shop:
    with db.reading() as s:
        return s.scalars(sa.select(Shop).where(Shop.merchant_id.is_(None))).one()


def audited() -> list[str]:
    with db.reading() as s:
        return list(s.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


def test_an_editor_enters_an_inn_that_nobody_orders_from(editor: FlaskClient) -> None:
    answer = editor.post(f"{LIST}/neu", data=INN)
    inn = the_inn()
    assert answer.headers["Location"].endswith(f"{LIST}/{inn.id}/zeiten")
    assert inn.website == "https://www.krumme-bruecke.example"
    assert inn.accessibility == ["stufenlos", "Toilette im Hof"]
    assert (inn.pickup, inn.delivers, inn.checked_on) == (False, False, None)
    hours = {"day_4": "17:00", "closes_4": "01:00", "day_6": "11:00", "closes_6": "14:00"}
    assert editor.post(f"{LIST}/{inn.id}/zeiten", data=hours).status_code == 303
    page = editor.get(f"/laden/{inn.slug}").get_data(as_text=True)
    assert "17–\N{WORD JOINER}1 Uhr" in page
    assert "stufenlos" in page
    assert "Geprüft am" in page
    assert "In den Korb" not in page
    assert "Gasthaus Zur Krummen" in editor.get("/laeden?q=krume+bruecke").get_data(as_text=True)
    assert audited() == ["shop.created", "shop.hours"]


def test_an_editor_changes_an_entry_confirms_it_and_takes_it_off(editor: FlaskClient) -> None:
    editor.post(f"{LIST}/neu", data=INN)
    inn = the_inn()
    changed = INN | {"name": "Gasthaus Zur Geraden Brücke", "active": ""}
    assert editor.post(f"{LIST}/{inn.id}/zeiten/stimmen").status_code == 303
    assert the_inn().checked_on is not None
    assert editor.post(f"{LIST}/{inn.id}", data=changed).status_code == 303
    assert editor.get(f"/laden/{inn.slug}").status_code == 404
    assert "nicht im Verzeichnis" in editor.get(LIST).get_data(as_text=True)
    assert "Geraden" in editor.get(f"{LIST}?q=gerade").get_data(as_text=True)
    assert "Kein Eintrag passt dazu" in editor.get(f"{LIST}?q=Sparkasse").get_data(as_text=True)


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("name", " ", "Wie heißt der Laden oder Betrieb?"),
        ("street", "", "Bitte geben Sie die Straße an."),
        ("zip", "6712", "Eine Postleitzahl hat fünf Ziffern."),
        ("email", "post", "Das ist keine E-Mail-Adresse."),
        ("website", "javascript:alert(1)", "Das ist keine Internetadresse."),
        ("website", "Brücke", "Das ist keine Internetadresse."),
        ("accessibility", "x" * 121, "Eine Angabe ist länger als 120 Zeichen."),
        ("accessibility", "a\n" * 11, "Höchstens 10 Angaben"),
        ("tagline", "x" * 161, "160"),
    ],
)
def test_a_wrong_field_of_an_entry_gets_a_sentence(editor: FlaskClient, field: str, typed: str, sentence: str) -> None:
    answer = editor.post(f"{LIST}/neu", data=INN | {"tagline": "Mein Satz"} | {field: typed})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page
    assert f'id="{field}-error"' in page
    if field != "tagline":
        assert "Mein Satz" in page
    with db.reading() as s:
        assert s.scalar(sa.select(sa.func.count()).select_from(Shop)) == 0


def test_days_off_of_an_entry_come_and_go(editor: FlaskClient) -> None:
    editor.post(f"{LIST}/neu", data=INN)
    address = f"{LIST}/{the_inn().id}/ausnahmen"
    wrong = editor.post(address, data={"first_day": "24.12.2026", "last_day": "1.12.2026", "note": "Ferien"})
    assert wrong.status_code == 422
    assert "Der erste Tag liegt nach dem letzten." in wrong.get_data(as_text=True)
    assert 'value="Ferien"' in wrong.get_data(as_text=True)
    assert editor.post(address, data={"first_day": "24.12.2026", "last_day": "2.1.2027"}).status_code == 303
    with db.reading() as s:
        (row,) = s.get_one(Shop, the_inn().id).exceptions
        assert (row.first_day, row.last_day) == (date(2026, 12, 24), date(2027, 1, 2))
    assert editor.post(f"{address}/{row.id}/entfernen").status_code == 303
    assert editor.post(f"{address}/{row.id}/entfernen").status_code == 404


def test_a_merchants_shop_is_not_the_editors_to_change(editor: FlaskClient) -> None:
    with db.transaction() as s:
        shop = make_shop(s, make_merchant(s))
    for path in ("", "/zeiten"):
        assert editor.get(f"{LIST}/{shop.id}{path}").status_code == 404
    assert editor.post(f"{LIST}/{shop.id}", data=INN).status_code == 404
    assert editor.post(f"{LIST}/{shop.id}/zeiten/stimmen").status_code == 404
    assert shop.name not in editor.get(LIST).get_data(as_text=True)


@pytest.mark.law("G")
def test_the_town_opens_a_sunday_and_every_shop_shows_it(editor: FlaskClient) -> None:
    with db.transaction() as s:
        shop = make_shop(s, make_merchant(s))
    typed = {"day": "6.12.2026", "opens": "13:00", "closes": "18:00", "name": "Adventssonntag"}
    assert editor.post(SUNDAYS, data=typed).status_code == 303
    page = editor.get(SUNDAYS).get_data(as_text=True)
    assert "2026: 1 von 4 Tagen vergeben" in page
    assert "2027: 0 von 4 Tagen vergeben" in page
    assert "Adventssonntag" in editor.get(f"/laden/{shop.slug}").get_data(as_text=True)
    with db.reading() as reading:
        assert load_calendar(reading, shop.id, zeitz()).spans(date(2026, 12, 6)) == ((time(13), time(18)),)
    assert editor.post(f"{SUNDAYS}/2026-12-06/entfernen").status_code == 303
    assert editor.post(f"{SUNDAYS}/2026-12-06/entfernen").status_code == 404
    assert editor.post(f"{SUNDAYS}/morgen/entfernen").status_code == 404
    assert audited()[-2:] == ["town.special_day", "town.special_day_removed"]


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"day": "7.12.2026"}, "day", "weder ein Sonntag noch ein Feiertag"),
        ({"day": "1.11.2026"}, "day", "Dieser Tag ist schon vorbei."),
        ({"day": "2062-12-03"}, "day", "Bitte prüfen Sie das Jahr"),
        ({"day": "bald"}, "day", "Bitte tragen Sie ein Datum ein"),
        ({"day": ""}, "day", "Bitte tragen Sie ein Datum ein"),
        ({"closes": "12:00"}, "closes", "Die Öffnungszeit muss vor der Schließzeit liegen."),
        ({"opens": ""}, "opens", "Bitte geben Sie die Uhrzeit an"),
        ({"name": " "}, "name", "Bitte nennen Sie den Anlass."),
    ],
)
def test_a_sunday_that_cannot_be_is_refused_at_its_field(
    editor: FlaskClient, changed: dict[str, str], field: str, sentence: str
) -> None:
    typed = {"day": "6.12.2026", "opens": "13:00", "closes": "18:00", "name": "Adventssonntag"} | changed
    answer = editor.post(SUNDAYS, data=typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page
    assert f'id="{field}-error"' in page
    with db.reading() as s:
        assert list(s.scalars(sa.select(SpecialOpenDay))) == []


@pytest.mark.law("G")
def test_the_fifth_sunday_of_a_year_is_refused_at_its_field(editor: FlaskClient) -> None:
    for day in ("2027-03-14", "2027-06-06", "2027-10-03", "2027-12-05"):
        typed = {"day": day, "opens": "13:00", "closes": "18:00", "name": "Stadtfest"}
        assert editor.post(SUNDAYS, data=typed).status_code == 303
    answer = editor.post(SUNDAYS, data=typed | {"day": "2027-12-12"})
    assert answer.status_code == 422
    assert "mehr erlaubt das Gesetz nicht" in answer.get_data(as_text=True)
