"""Giving a halt its place in the page: a plain form, nonsense, old pages and strangers."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from delivery.models import Run, RunState, StopLock
from market.core import db
from tests.delivery.day import MarketDay, shape
from tests.delivery.halts import doors, position_of, put_last, the_run
from tests.delivery.halts import market as market
from tests.factories.people import make_courier, sign_in

pytestmark = pytest.mark.usefixtures("database")


def test_a_plain_form_places_shows_the_lock_and_lets_go(operator: FlaskClient, market: MarketDay) -> None:
    code, halts = the_run(market)
    at = position_of(market, doors(market)[0])
    link = f"/betrieb/touren/{code}/halt/{at}"
    assert link in operator.get(f"/betrieb/touren/?tag={market.day}").text
    form = operator.get(link).text
    assert "als letzter Halt" in form
    assert "Fahrzeit" in form
    wrong = operator.post(link, data={"place": "0"})
    assert wrong.status_code == 422
    assert "noch nicht an Bord" in wrong.text
    done = operator.post(link, data={"place": str(max(halts))}, follow_redirects=True).text
    assert "Der Halt behält seinen Platz." in done
    assert 'data-test="fixed"' in done
    assert "letzter Halt" in done
    assert "Verschoben:" in done
    lock = re.search(r"/betrieb/touren/halt/(\d+)/loslassen", done)
    assert lock
    sent = {"day": market.day.isoformat()}
    free = operator.post(lock[0], data=sent, follow_redirects=True).text
    assert "Losgelassen" in free
    assert 'data-test="fixed"' not in free
    again = operator.post(lock[0], data=sent, follow_redirects=True)
    assert (again.status_code, "Losgelassen" in again.text) == (200, True), "a colleague was faster: no error page"
    assert operator.post(lock[0]).status_code == 404


@pytest.mark.parametrize("sent", ["", "x", "-1", "999", "99999999999999999999"])
def test_nonsense_places_move_nothing(operator: FlaskClient, market: MarketDay, sent: str) -> None:
    before = shape(market.day)
    code, _ = the_run(market)
    operator.post(f"/betrieb/touren/{code}/halt/1", data={"place": sent})
    assert shape(market.day) == before
    with db.reading() as s:
        assert s.scalar(sa.select(sa.func.count(StopLock.id))) == 0


def test_a_page_older_than_the_plan_leads_to_the_day_as_it_is_now(
    operator: FlaskClient, market: MarketDay, boss: int
) -> None:
    old, _ = the_run(market)
    order = doors(market)[0]
    new = put_last(market, order, boss)
    links = (f"halt/{position_of(market, order)}", f"umladen/{order}", "kosten", "vertretung", "ergebnis", "blatt")
    for link in links:
        page = operator.get(f"/betrieb/touren/{old}/{link}")
        assert page.status_code == 303
        assert f"tag={market.day}" in page.headers["Location"]
    sent = operator.post(f"/betrieb/touren/{old}/halt/1", data={"place": "0"}, follow_redirects=True).text
    assert f"Tour {old} gibt es nicht mehr" in sent
    assert f'data-code="{new}"' in sent
    with db.transaction() as s:
        s.execute(sa.update(Run).where(Run.code == new).values(state=RunState.STARTED))
    late = operator.post(f"/betrieb/touren/{new}/halt/1", data={"place": "0"}, follow_redirects=True).text
    assert f"Tour {new} ist inzwischen losgefahren" in late


def test_what_happened_is_told_where_it_happened(operator: FlaskClient, market: MarketDay) -> None:
    code, halts = the_run(market)
    link = f"/betrieb/touren/{code}/halt/{position_of(market, doors(market)[0])}"
    done = operator.post(link, data={"place": str(max(halts))})
    where = done.headers["Location"].rpartition("#")[2]
    page = operator.get(done.headers["Location"]).text
    told = page.index("Der Halt behält seinen Platz.")
    assert page.index(f'id="{where}"') < told < page.index('id="saved"'), "below the heading the page is opened at"
    gone = operator.get(f"/betrieb/touren/{code}/kosten").headers["Location"].replace("bei=runs", "bei=run-weg")
    assert operator.get(gone).text.index("gibt es nicht mehr") < page.index('id="windows"'), "else above all"


def test_strangers_and_old_pages_find_no_halt(client: FlaskClient, operator: FlaskClient, market: MarketDay) -> None:
    code, _ = the_run(market)
    assert operator.get(f"/betrieb/touren/{code}/halt/99").status_code == 404
    assert operator.get("/betrieb/touren/T-unbekannt/halt/1").status_code == 404
    with db.transaction() as s:
        courier = make_courier(s)
    sign_in(client, courier)
    assert client.get(f"/betrieb/touren/{code}/halt/1").status_code == 403
    assert client.post("/betrieb/touren/halt/1/loslassen").status_code == 403
