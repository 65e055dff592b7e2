"""A stand-in drives for a day: just that run, without an account, until midnight, and revocable."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from delivery import planning, substitutes
from delivery.desk import moves
from delivery.models import Run, RunLink, RunState, Vehicle
from market.core import clock, db
from market.people.models import AuditEntry, User
from tests.conftest import Clock
from tests.delivery.day import MarketDay, make_market_day
from tests.factories.people import make_courier, make_editor, sign_in

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def market(app: Flask, frozen: Clock) -> MarketDay:
    """A planned run of today with two orders, and an idle vehicle."""
    made = make_market_day(shops=1, vehicles=2)
    made.order([0])
    made.order([0])
    planning.plan_day(made.day)
    frozen.forward(days=(made.day - clock.today()).days)
    return made


def run() -> Run:
    with db.reading() as s:
        found = s.scalars(sa.select(Run).where(Run.state != RunState.DISCARDED).order_by(Run.id.desc())).first()
        assert found is not None
        s.expunge(found)
        return found


def make_link(operator: FlaskClient, name: str = "Vera Tretung") -> str:
    """The path of a day link, as the desk's page shows it once."""
    page = operator.post(f"/betrieb/touren/{run().code}/vertretung", data={"name": name, "way": "link"}).text
    shown = re.search(r'value="https?://[^/"]+(/vertretung/[^"]+)"', page)
    assert shown, page
    return shown[1]


@pytest.fixture
def phone(app: Flask) -> FlaskClient:
    """Somebody else's phone, signed in nowhere."""
    return app.test_client()


def test_the_link_opens_just_this_run_without_an_account(
    operator: FlaskClient, phone: FlaskClient, market: MarketDay
) -> None:
    link, code = make_link(operator), run().code
    before = phone.get(link)
    assert "Vera Tretung" in before.text
    assert phone.get(f"/touren/{code}").status_code == 303, "looking at the link opens nothing yet"
    opened = phone.post(link, follow_redirects=True)
    assert opened.status_code == 200
    assert f'data-code="{code}"' in opened.text
    assert phone.post(f"/touren/{code}/start").status_code == 303
    assert run().state is RunState.STARTED
    for closed in ("/konto", "/konto/angaben", "/konto/passwort", "/konto/daten"):
        assert phone.get(closed).status_code == 403, closed
    for staff in ("/betrieb/touren/", "/haendler/"):
        assert phone.get(staff).status_code == 403, staff
    with db.reading() as s:
        actions = set(s.scalars(sa.select(AuditEntry.action)))
    assert {"run.handed_over", "run.link_used", "run.started"} <= actions


def test_a_forged_an_old_and_a_revoked_link_are_dead(
    operator: FlaskClient, phone: FlaskClient, market: MarketDay, frozen: Clock
) -> None:
    link = make_link(operator)
    assert phone.get(link[:-2] + "xx").status_code == 410
    phone.post(link)
    code = run().code
    assert phone.get(f"/touren/{code}").status_code == 200
    with db.reading() as s:
        link_id = s.scalars(sa.select(RunLink.id)).one()
    said = operator.post(f"/betrieb/touren/vertretung/{link_id}/widerrufen", follow_redirects=True)
    assert "widerrufen" in said.text
    assert phone.get(f"/touren/{code}").status_code == 303, "the phone that used it is signed out"
    assert phone.get(link).status_code == 410
    assert phone.post(link).status_code == 410
    assert run().courier_id is None
    fresh = make_link(operator, "Zweite Vertretung")
    frozen.forward(days=1)
    assert phone.get(fresh).status_code == 410


def test_a_run_that_is_over_still_opens_for_the_phone_whose_results_wait(
    operator: FlaskClient, phone: FlaskClient, market: MarketDay, frozen: Clock
) -> None:
    link, code = make_link(operator), run().code
    with db.transaction() as s:
        over = sa.update(Run).values(state=RunState.FINISHED, finished_at=clock.now())
        s.execute(over)
    assert "Diese Tour ist beendet" in phone.get(link).text
    opened = phone.post(link, follow_redirects=True)
    assert (opened.status_code, "Was jetzt zu tun ist" in opened.text) == (404, True)
    assert "Gartenweg" not in opened.text
    assert 'id="queue"' in opened.text
    frozen.forward(days=1)
    assert phone.get(link).status_code == 410
    assert run().code == code


def test_before_its_day_the_link_says_when(
    operator: FlaskClient, phone: FlaskClient, app: Flask, frozen: Clock
) -> None:
    made = make_market_day(shops=1)
    made.order([0])
    planning.plan_day(made.day)
    assert made.day > clock.today()
    early = phone.get(make_link(operator))
    assert early.status_code == 410
    assert "gilt erst am" in early.text


def test_only_the_hash_of_the_key_is_kept(operator: FlaskClient, market: MarketDay) -> None:
    link = make_link(operator)
    with db.reading() as s:
        row = s.scalars(sa.select(RunLink)).one()
        assert len(row.key_hash) == 64
        assert row.key_hash not in link
        assert row.expires_at - clock.now() <= timedelta(days=1)


def test_a_new_stand_in_or_a_courier_ends_the_link(
    operator: FlaskClient, phone: FlaskClient, market: MarketDay
) -> None:
    first = make_link(operator)
    second = make_link(operator, "Zweite Vertretung")
    assert phone.get(first).status_code == 410
    assert phone.get(second).status_code == 200
    with db.transaction() as s:
        kurt = make_courier(s).id
    said = operator.post(f"/betrieb/touren/{run().code}/kurier", data={"courier": str(kurt)}, follow_redirects=True)
    assert "Die Vertretung fährt nicht mehr, ihr Link gilt nicht mehr." in said.text
    assert run().courier_id == kurt
    assert phone.get(second).status_code == 410
    said = operator.post(f"/betrieb/touren/{run().code}/kurier", data={"courier": "0"}, follow_redirects=True)
    assert "Die Vertretung" not in said.text, "there was none any more"


def test_saving_the_courier_unchanged_keeps_the_stand_in(
    operator: FlaskClient, phone: FlaskClient, market: MarketDay
) -> None:
    link = make_link(operator)
    operator.post(f"/betrieb/touren/{run().code}/kurier", data={"courier": str(run().courier_id)})
    assert phone.get(link).status_code == 200
    page = operator.get(f"/betrieb/touren/?tag={market.day}").text
    assert "Tageslink für Vera Tretung" in page
    assert "noch nicht geöffnet" in page


def test_on_paper_only_names_who_drives_and_makes_no_link(operator: FlaskClient, market: MarketDay) -> None:
    sent = {"name": "Peter Papier", "way": "paper"}
    page = operator.post(f"/betrieb/touren/{run().code}/vertretung", data=sent, follow_redirects=True).text
    assert "Peter Papier fährt Tour" in page
    with db.reading() as s:
        assert s.scalar(sa.select(sa.func.count(RunLink.id))) == 0
        assert s.get_one(User, run().courier_id).name == "Peter Papier"
    assert "Peter Papier" in operator.get(f"/betrieb/touren/{run().code}/blatt").text
    assert "Peter Papier" not in operator.get("/betrieb/konten").text, "a stand-in is no account"


def test_a_moved_order_keeps_the_link_alive(operator: FlaskClient, phone: FlaskClient, market: MarketDay) -> None:
    link = make_link(operator)
    with db.reading() as s:
        old = run()
        idle = s.scalars(sa.select(Vehicle.id).where(Vehicle.id != old.vehicle_id)).one()
        boss = s.scalars(sa.select(User.id).where(User.email.is_not(None))).first()
        assert boss is not None
    moves.move(old.code, market.orders[0], idle, "", boss)
    opened = phone.post(link, follow_redirects=True)
    assert opened.status_code == 200
    assert f'data-code="{old.code}"' not in opened.text, "the run has a new code, the link finds it"


def test_the_day_after_stand_ins_are_none_any_more(
    operator: FlaskClient, phone: FlaskClient, market: MarketDay, frozen: Clock
) -> None:
    phone.post(make_link(operator))
    frozen.forward(days=1)
    with db.transaction() as s:
        assert substitutes.tidy(s) == 1
        assert substitutes.tidy(s) == 0
    assert phone.get("/touren/").status_code == 303
    with db.reading() as s:
        assert s.scalars(sa.select(RunLink.name)).one() == "Vera Tretung"
    frozen.forward(days=substitutes.KEEP_NAME_DAYS + 1)
    with db.transaction() as s:
        substitutes.tidy(s)
    with db.reading() as s:
        assert s.scalars(sa.select(RunLink.name)).one() == ""
        assert "Vera Tretung" not in set(s.scalars(sa.select(User.name)))


def test_guessing_links_is_slowed_down(phone: FlaskClient, app: Flask) -> None:
    codes = [phone.get("/vertretung/abc").status_code for _ in range(32)]
    assert codes[0] == 410
    assert codes[-1] == 429


def test_a_name_is_needed_and_stays_as_typed(operator: FlaskClient, market: MarketDay) -> None:
    refused = operator.post(f"/betrieb/touren/{run().code}/vertretung", data={"name": "", "way": "paper"})
    assert refused.status_code == 422
    assert "Bitte schreiben Sie, wer fährt." in refused.text
    long = operator.post(f"/betrieb/touren/{run().code}/vertretung", data={"name": "x" * 81, "way": "link"})
    assert long.status_code == 422
    assert "x" * 81 in long.text


@pytest.mark.parametrize("make", [make_courier, make_editor])
def test_only_the_desk_makes_and_revokes_links(client: FlaskClient, market: MarketDay, make: object) -> None:
    with db.transaction() as s:
        user = make(s)  # type: ignore[operator]  # a factory
    sign_in(client, user)
    assert client.get(f"/betrieb/touren/{run().code}/vertretung").status_code == 403
    assert client.post("/betrieb/touren/vertretung/1/widerrufen").status_code == 403
