"""From typed addresses to points: exact, similar, village, nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from market.core import db
from market.core.config import DEFAULT_REGION
from market.directory.gazetteer import BadGazetteer, load_gazetteer, read_gazetteer
from market.directory.geocoding import GeocodeResult, geocode, normalise, split_street
from market.directory.models import GazetteerEntry, PinSource
from tests.factories.directory import make_place

SEED = DEFAULT_REGION / "gazetteer.csv"


@pytest.fixture
def loaded(database: str) -> str:
    load_gazetteer(SEED)
    return database


def find(street: str, house_number: str = "", postcode: str = "06712", city: str = "Zeitz") -> GeocodeResult:
    with db.reading() as s:
        return geocode(s, street=street, house_number=house_number, zip=postcode, city=city)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Wendische Straße", "wendischestr"),
        ("WENDISCHE STR.", "wendischestr"),
        ("Wendische-Strasse", "wendischestr"),
        ("Wendische Strase", "wendischestr"),
        ("Brühl", "bruehl"),
        ("Strelitzer Weg", "strelitzerweg"),
        ("  ", ""),
        ("Café Ölmühle", "cafeoelmuehle"),
    ],
)
def test_names_are_compared_by_their_key(typed: str, key: str) -> None:
    assert normalise(typed) == key


@pytest.mark.parametrize(
    ("typed", "street", "number"),
    [
        ("Kramerstr. 5", "Kramerstr.", "5"),
        ("Kramerstr. 5 a", "Kramerstr.", "5 a"),
        ("Kramerstraße 5-7", "Kramerstraße", "5-7"),
        ("Straße des 17. Juni 12", "Straße des 17. Juni", "12"),
        ("Lobas", "Lobas", ""),
        ("12", "12", ""),
    ],
)
def test_street_and_number_are_taken_apart(typed: str, street: str, number: str) -> None:
    assert split_street(typed) == (street, number)


def test_a_known_street_is_found_exactly_however_it_is_spelled(loaded: str) -> None:
    for typed in ("Kramerstraße 5", "kramerstr. 5", "KRAMERSTRASSE", "Kramer-Str.", "Kramersraße"):
        found = find(typed)
        assert (found.status, found.matched_text, found.source) == ("exact", "Kramerstraße", PinSource.STREET)
        assert found.lat == pytest.approx(51.049, abs=0.01)
        assert found.accuracy_m == 400


def test_a_misspelled_street_is_taken_but_shown(loaded: str) -> None:
    for typed in ("Kramrstraße 5", "Freilligrathstr. 41", "Wendishe Straße 2"):
        found = find(typed)
        assert found.status == "fuzzy", typed
        assert found.lat is not None


def test_a_street_that_does_not_exist_becomes_the_town_not_another_street(loaded: str) -> None:
    found = find("Musterstraße 1")
    assert found.status == "area"
    assert found.source is PinSource.PLACE
    assert (found.accuracy_m or 0) >= 600


def test_an_unknown_street_in_a_village_becomes_the_village(loaded: str) -> None:
    for city in ("Kayna", "Zeitz OT Kayna", "Zeitz, Kayna", "Zeitz-Kayna"):
        found = find("Am Dorfteich 4", postcode="06724", city=city)
        assert (found.status, found.matched_text) == ("area", "Kayna"), city
        assert found.lat == pytest.approx(50.99364)


def test_houses_numbered_by_village_are_found_as_the_village(loaded: str) -> None:
    found = find("Lobas", "9")
    assert (found.status, found.matched_text, found.accuracy_m) == ("area", "Lobas", 600)


def test_a_street_is_never_taken_from_another_town(loaded: str) -> None:
    assert find("Beuditzstraße 3", city="Zeitz").matched_text != "Beuditzstraße"
    assert find("Beuditzstraße 3", postcode="06667", city="Weißenfels").status == "exact"
    assert find("Kramerstraße 5", postcode="01234", city="Musterstadt").status == "none"


def test_a_misspelled_town_is_understood(loaded: str) -> None:
    assert find("Beuditzstraße 3", postcode="", city="Weisenfels").status == "exact"


def test_the_same_street_in_two_villages_is_shown_and_the_named_village_wins(loaded: str) -> None:
    with db.transaction() as s:
        make_place(s, "Hauptstraße", municipality="Elsteraue", district="Tröglitz", lat=51.06, lon=12.19)
    vague = find("Hauptstraße 2", postcode="06729", city="Elsteraue")
    assert vague.status == "fuzzy"
    assert any("Hauptstraße" in name for name in vague.alternatives)
    named = find("Hauptstraße 2", postcode="06729", city="Elsteraue OT Tröglitz")
    assert (named.status, named.lat) == ("exact", 51.06)


def test_a_house_number_of_the_gazetteer_gives_its_own_point(loaded: str) -> None:
    with db.transaction() as s:
        make_place(s, "Kramerstraße", kind="address", house_number="5a", zip="06712", lat=51.0491, accuracy_m=8)
    found = find("Kramerstr.", "5 A")
    assert (found.status, found.source, found.lat, found.accuracy_m) == ("exact", PinSource.ADDRESS, 51.0491, 8)
    assert found.matched_text == "Kramerstraße 5a"
    assert find("Kramerstr.", "7").source is PinSource.STREET


def test_a_postcode_the_gazetteer_knows_decides(loaded: str) -> None:
    with db.transaction() as s:
        make_place(s, "Teststraße", zip="06712", lat=51.1)
        make_place(s, "Teststraße", zip="06724", lat=50.9)
    assert find("Teststraße 1", postcode="06724").lat == 50.9
    assert find("Teststraße 1", postcode="06712").lat == 51.1


@pytest.mark.parametrize(
    "text", ["", " ", "?", "'; DROP TABLE shop; --", "ß" * 5000, "\x00", "🍞🍞🍞", "%", "12345678901234567890"]
)
def test_no_text_makes_it_fail(loaded: str, text: str) -> None:
    found = find(text, text, text, text)
    assert found.status == "none"
    assert found.lat is None
    assert find("Kramerstraße", text, text).status == "exact"
    assert find("Krummer Pfad", text, text).status == "area"


def test_an_empty_gazetteer_knows_nothing_and_says_so(database: str) -> None:
    assert find("Kramerstraße 5") == GeocodeResult()


def test_loading_replaces_and_keeping_adds(database: str, tmp_path: Path) -> None:
    rows = load_gazetteer(SEED)
    assert rows == load_gazetteer(SEED) == 402
    own = tmp_path / "own.csv"
    own.write_text(
        "kind,name,municipality,lat,lon,accuracy_m,source,licence,zip,house_number\n"
        "address,Kramerstraße,Zeitz,51.05,12.13,10,Stadt,CC0,06712,5\n",
        encoding="utf-8",
    )
    assert load_gazetteer(own, keep=True) == 1
    with db.reading() as s:
        assert count(s) == 403
    load_gazetteer(own)
    with db.reading() as s:
        assert count(s) == 1


def count(s: Session) -> int:
    return s.query(GazetteerEntry).count()


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("a,b\n1,2\n", 1, "Spalte fehlt"),
        ("{head}\nriver,X,Zeitz,51,12,5,s,l\n", 2, "kind"),
        ("{head}\nstreet,X,Zeitz,51,12,5,s,l\nstreet,Y,Zeitz,fünf,12,5,s,l\n", 3, "lat"),
        ("{head}\nstreet,X,Zeitz,51,1200,5,s,l\n", 2, "lon"),
        ("{head}\nstreet, ,Zeitz,51,12,5,s,l\n", 2, "name"),
        ("{head}\nstreet,X,Zeitz,51,12,5,,l\n", 2, "source"),
        ("{head}\nstreet,X,Zeitz,nan,12,5,s,l\n", 2, "lat"),
    ],
)
def test_a_wrong_file_is_named_with_its_line(tmp_path: Path, text: str, line: int, what: str) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text(text.replace("{head}", "kind,name,municipality,lat,lon,accuracy_m,source,licence"), "utf-8")
    with pytest.raises(BadGazetteer) as wrong:
        list(read_gazetteer(path))
    assert f"wrong.csv, Zeile {line}" in wrong.value.text
    assert what in wrong.value.text


def test_a_wrong_file_leaves_the_gazetteer_as_it_was(loaded: str, tmp_path: Path) -> None:
    path = tmp_path / "half.csv"
    path.write_text(SEED.read_text(encoding="utf-8") + "street,X,,Zeitz,abc,12,5,b,s,l\n", encoding="utf-8")
    with pytest.raises(BadGazetteer):
        load_gazetteer(path)
    assert find("Kramerstraße 5").status == "exact"
