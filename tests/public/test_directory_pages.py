"""The directory, a shop's page and its law texts."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from market.catalogue import indexing
from market.core import db
from market.core.db import query_count
from market.directory import merchants
from market.directory.models import Shop
from tests.conftest import Clock
from tests.factories.catalogue import make_product, make_thing
from tests.factories.directory import close_on, make_merchant, make_opening, make_shop
from tests.public.conftest import text_of

MOST_QUERIES = 10


def names(page: str) -> list[str]:
    return re.findall(r'class="shop-card lift"><h3><a href="[^"]+">([^<]+)</a>', page)


@pytest.mark.parametrize("word", ["Bäcker", "Baecker", "backer", "BÄCKEREI", "Bäkerei", "Hollunder", "wendische"])
def test_a_shop_is_found_however_one_spells_it(s: Session, client: FlaskClient, word: str) -> None:
    make_shop(s, name="Bäckerei Hollunder", line_of_business="Bäckerei")
    make_shop(s, name="Wollstube", line_of_business="Handarbeiten", street="Roßmarkt")
    s.commit()
    assert names(text_of(client, f"/laeden?q={word}")) == ["Bäckerei Hollunder"]


def test_a_shop_is_found_by_what_it_sells(s: Session, client: FlaskClient) -> None:
    farm, toys = make_merchant(s, name="Hof"), make_merchant(s, name="Spiel")
    make_product(s, farm, make_shop(s, farm, name="Hof am Rain"), name="Lindenhonig im Glas")
    make_product(s, toys, make_shop(s, toys, name="Kreisel"), name="Brummkreisel")
    indexing.rebuild(s)
    s.commit()
    assert names(text_of(client, "/laeden?q=honig")) == ["Hof am Rain"]
    assert names(text_of(client, "/laeden?q=Brummkreisel")) == ["Kreisel"]


def test_a_hairdresser_is_found_in_both_spellings_and_short_words_match_no_shorter_ones(
    s: Session, client: FlaskClient
) -> None:
    make_shop(s, name="Salon Schnitt", line_of_business="Friseur")
    make_shop(s, name="Weinkeller", line_of_business="Wein")
    make_shop(s, name="Ein Laden", line_of_business="Allerlei")
    s.commit()
    assert names(text_of(client, "/laeden?q=Frisör")) == ["Salon Schnitt"]
    assert names(text_of(client, "/laeden?q=Wein")) == ["Weinkeller"]


def test_the_directory_filters_by_line_and_by_open_now_and_sorts(
    s: Session, client: FlaskClient, frozen: Clock
) -> None:
    make_shop(s, name="Ärmelkanal", line_of_business="Mode", hours=[(0, time(14), time(18))])
    make_shop(s, name="Backstube", line_of_business="Bäckerei", hours=[(0, time(6), time(12))])
    make_shop(s, name="Zum Buch", line_of_business="Bücher", hours=[(0, time(9), time(18))])
    s.commit()  # Monday, 9:00
    assert names(text_of(client, "/laeden")) == ["Ärmelkanal", "Backstube", "Zum Buch"]
    assert names(text_of(client, "/laeden?sort=open")) == ["Backstube", "Zum Buch", "Ärmelkanal"]
    assert names(text_of(client, "/laeden?offen=1")) == ["Backstube", "Zum Buch"]
    assert names(text_of(client, "/laeden?branche=Mode")) == ["Ärmelkanal"]
    page = text_of(client, "/laeden")
    assert "Jetzt geöffnet bis 12 Uhr" in page
    assert "Öffnet heute um 14 Uhr" in page
    frozen.forward(hours=4)  # 13:00
    assert names(text_of(client, "/laeden?offen=1")) == ["Zum Buch"]


def test_no_match_offers_a_way_on_and_keeps_what_was_typed(s: Session, client: FlaskClient) -> None:
    make_shop(s, name="Wollstube")
    s.commit()
    page = text_of(client, "/laeden?q=Raumschiff")
    assert "Kein Laden passt dazu" in page
    assert 'value="Raumschiff"' in page


def test_what_a_filter_says_is_escaped(s: Session, client: FlaskClient) -> None:
    make_shop(s, name="<b>Fett & Co</b>")
    s.commit()
    page = text_of(client, "/laeden?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script>alert" not in page
    assert "<b>Fett" not in text_of(client, "/laeden")


@pytest.mark.parametrize("number", [5, 100])
def test_pages_need_few_queries_whatever_the_number_of_shops(
    s: Session, client: FlaskClient, number: int, held: None
) -> None:
    owners = [make_merchant(s) for _ in range(number)]
    shops = [make_shop(s, merchant) for merchant in owners]
    for shop in shops:
        make_opening(s, shop=shop)
    for _ in range(30):
        make_thing(s, owners[0], shops[0])
    s.commit()
    page = f"/laden/{shops[0].slug}"
    for path in (page, "/laeden", "/laeden?q=Sonnenhut&offen=1", "/neu", "/neu.atom", page, f"{page}/rechtliches"):
        client.get(page)
        query_count.set(0)
        assert client.get(path).status_code == 200
        assert query_count.get() <= MOST_QUERIES, path


def test_pages_of_the_directory_are_linked(s: Session, client: FlaskClient) -> None:
    for number in range(60):
        make_shop(s, name=f"Laden {number:02}")
    s.commit()
    assert len(names(text_of(client, "/laeden"))) == 48
    assert len(names(text_of(client, "/laeden?seite=2"))) == 12
    assert len(names(text_of(client, "/laeden?seite=999999999999999999999"))) == 12
    assert len(names(text_of(client, "/laeden?seite=x"))) == 48


def test_the_shop_page_tells_hours_way_in_contact_and_seller(s: Session, client: FlaskClient) -> None:
    merchant = make_merchant(s, legal_name="Sonnenhut Inh. Berta Beispiel e. K.")
    shop = make_shop(s, merchant, accessibility=["stufenlos", "Tür 95 cm breit"], phone="03441 12345")
    s.commit()
    page = text_of(client, f"/laden/{shop.slug}")
    for words in (
        "Jetzt geöffnet bis 18 Uhr",
        "stufenlos",
        "Tür 95 cm breit",
        'href="tel:0344112345"',
        "Sonnenhut Inh. Berta Beispiel e. K.",
        "Gewerblicher Anbieter (Unternehmer)",
        f'href="/laden/{shop.slug}/rechtliches"',
        "Wendische Straße 3",
    ):
        assert words in page, words
    assert re.search(r'<tr class="today"><th scope="row">Montag', page)
    assert re.search(r"Sonntag</th><td>geschlossen", page)


def test_the_table_tells_why_a_day_is_different(s: Session, client: FlaskClient, frozen: Clock) -> None:
    shop = make_shop(s, make_merchant(s), checked_on=date(2026, 12, 20))
    close_on(s, shop, date(2026, 12, 28), date(2026, 12, 31), "Betriebsferien")
    s.commit()
    frozen.set(datetime(2026, 12, 22, 9, tzinfo=UTC))
    page = text_of(client, f"/laden/{shop.slug}")
    assert "25. Dezember: Erster Weihnachtstag, sonst 9–18 Uhr" in page
    assert "9–14 Uhr" in page  # 24 December, by law
    assert re.search(r"28\. bis 31\. Dezember:</strong> geschlossen.*Betriebsferien", page)
    assert re.search(r"6\. Januar 2027:</strong> geschlossen", page)


def json_ld(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_json_ld_says_what_the_calendar_says(s: Session, client: FlaskClient) -> None:
    shop = make_shop(s, make_merchant(s), name="Ende</script><b>", accessibility=["stufenlos"])
    close_on(s, shop, date(2026, 11, 30), date(2026, 12, 1), "Inventur")
    s.commit()
    answer = client.get(f"/laden/{shop.slug}")
    data = json_ld(answer.text)
    assert data["@type"] == "LocalBusiness"
    assert data["name"] == "Ende</script><b>"
    assert data["url"] == f"http://localhost/laden/{shop.slug}"
    assert data["openingHoursSpecification"][0] == {
        "@type": "OpeningHoursSpecification",
        "dayOfWeek": "Monday",
        "opens": "09:00",
        "closes": "18:00",
    }
    assert {
        "@type": "OpeningHoursSpecification",
        "validFrom": "2026-11-30",
        "validThrough": "2026-12-01",
        "opens": "00:00",
        "closes": "00:00",
    } in data["specialOpeningHoursSpecification"]
    assert data["geo"]["latitude"] == 51.049
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_old_facts_are_marked_and_very_old_ones_never_say_open(s: Session, client: FlaskClient, frozen: Clock) -> None:
    shop = make_shop(s, make_merchant(s))
    shop.checked_on = date(2026, 11, 23) - timedelta(days=91)
    s.commit()
    page = text_of(client, f"/laden/{shop.slug}")
    assert "zuletzt am 24.08.2026 geprüft" in page
    assert "Jetzt geöffnet" in page
    with db.transaction() as later:
        later.get_one(Shop, shop.id).checked_on = date(2026, 11, 23) - timedelta(days=181)
    page = text_of(client, f"/laden/{shop.slug}")
    assert "Seit über einem halben Jahr" in page
    assert "Jetzt geöffnet" not in page
    assert "openingHoursSpecification" not in json_ld(page)
    assert names(text_of(client, "/laeden?offen=1")) == []


def test_a_shop_without_a_seller_has_a_page_too(s: Session, client: FlaskClient) -> None:
    shop = make_shop(s, name="Eisdiele am Brühl")
    s.commit()
    assert "verkauft noch nicht über den Markt" in text_of(client, f"/laden/{shop.slug}")
    assert "verkauft nicht über den Markt" in text_of(client, f"/laden/{shop.slug}/rechtliches")


@pytest.mark.parametrize("path", ["/laden/gibt-es-nicht", "/laden/%00", "/laden/%00/rechtliches", "/laden/..%2f"])
def test_a_shop_nobody_knows_is_a_404(database: str, client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_closed_shop_is_gone(s: Session, client: FlaskClient) -> None:
    shop = make_shop(s, make_merchant(s))
    shop.active = False
    s.commit()
    assert client.get(f"/laden/{shop.slug}").status_code == 404
    assert names(text_of(client, "/laeden")) == []


@pytest.mark.law("F15")
@pytest.mark.law("B5")
def test_the_law_page_names_the_seller_and_the_way_to_withdraw(s: Session, client: FlaskClient) -> None:
    shop = make_shop(s, make_merchant(s, vat_id="DE123456789", register="Amtsgericht Stendal HRA 1"))
    s.commit()
    page = text_of(client, f"/laden/{shop.slug}/rechtliches")
    for words in (
        "Berta Beispiel",
        "Wendische Straße 3, 06712 Zeitz",
        "DE123456789",
        "Amtsgericht Stendal HRA 1",
        "03441 00000",
        "Wir sind nicht bereit und nicht verpflichtet, an einem Streitbeilegungsverfahren",
        "Widerrufsbelehrung",
        "Sie können Ihr Widerrufsrecht auch online unter http://localhost/vertrag-widerrufen ausüben.",
        "Muster-Widerrufsformular",
        "Muster ohne Gewähr",
        "Lieferung und Zahlung",
    ):
        assert words in page, words
    assert "ec.europa.eu/consumers/odr" not in page


def test_the_shop_page_shows_the_shops_goods_in_pages(s: Session, client: FlaskClient) -> None:
    merchant, other = make_merchant(s), make_merchant(s)
    shop, elsewhere = make_shop(s, merchant), make_shop(s, merchant)
    for number in range(26):
        make_thing(s, merchant, shop, name=f"Kreisel {number:02}")
    make_thing(s, merchant, elsewhere, name="Nur in der Filiale")
    make_thing(s, other, make_shop(s, other), name="Fremde Ware")
    s.commit()
    first, second = text_of(client, f"/laden/{shop.slug}"), text_of(client, f"/laden/{shop.slug}?seite=2")
    assert first.count('data-test="product"') == 24
    assert second.count('data-test="product"') == 2
    assert "Nur in der Filiale" not in first + second
    assert "Fremde Ware" not in first + second
    assert f"/laden/{elsewhere.slug}" in first


def test_a_shop_with_empty_shelves_says_so(s: Session, client: FlaskClient) -> None:
    shop = make_shop(s, make_merchant(s))
    s.commit()
    assert "räumt sein Regal gerade ein" in text_of(client, f"/laden/{shop.slug}")
    assert "Hier online bestellen" not in text_of(client, "/laeden")


def test_the_shop_page_shows_its_own_news(s: Session, client: FlaskClient) -> None:
    shop = make_shop(s, make_merchant(s))
    make_opening(s, title="Jetzt mit Café", shop=shop)
    make_opening(s, title="Anderswo")
    merchants.set_hours(s, shop.id, [(0, time(9), time(12))])
    s.commit()
    page = text_of(client, f"/laden/{shop.slug}")
    assert "Jetzt mit Café" in page
    assert "Anderswo" not in page
