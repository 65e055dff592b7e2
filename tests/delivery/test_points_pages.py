"""The pages of a pick-up point: its keeper's counter, the operator's settings, the courier's halt, the public list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from delivery import results
from delivery.models import BackTo, DropProof, Parcel, ParcelState
from delivery.outcomes import Actor, Dropped, Failure
from delivery.points.models import PickupPoint, PointDay, PointKeeper
from market.core import db
from market.core.money import Money
from market.directory import staff
from market.directory.models import Shop
from market.orders.models import Order, PartState
from market.people.models import User
from tests.conftest import Clock
from tests.delivery.counter import Street, drive, drop_all, point_stop
from tests.delivery.counter import street as street
from tests.delivery.day import key_of, part_states
from tests.factories.directory import make_merchant, make_shop
from tests.factories.people import make_operator, make_user, sign_in
from tests.factories.points import make_point
from tests.shopping import form

pytestmark = pytest.mark.usefixtures("database")
SETUP = "/betrieb/touren/einstellungen/abholpunkte"


def user(name: str = "Fremde", **more: object) -> User:
    with db.transaction() as s:
        return make_user(s, name=name, **more)  # type: ignore[arg-type]


class TestTheCounter:
    def test_the_keeper_sees_what_lies_here_and_what_comes(
        self, client: FlaskClient, street: Street, frozen: Clock, drain: Callable[[], None]
    ) -> None:
        order_id = street.order([0, 1])
        sign_in(client, street.keeper)
        page = client.get("/abholpunkt/").text
        assert "Zurzeit liegt hier nichts" in page
        assert "aus 2 Läden" in page
        drop_all(street, frozen, drain)
        page = client.get("/abholpunkt/").text
        assert "Karla Muster" in page
        assert "2<small>Taschen</small>" in page
        assert "03441 123" not in page  # the counter needs no telephone
        assert "liegt bis Fr, 27. November, 18:00" in page
        assert street.code(order_id) not in page

    def test_handing_over_by_form_with_the_sentence_beside_the_field(
        self, client: FlaskClient, street: Street, frozen: Clock, drain: Callable[[], None]
    ) -> None:
        order_id = street.order([0])
        drop_all(street, frozen, drain)
        sign_in(client, street.keeper)
        address = f"/abholpunkt/{order_id}"
        answer = client.post(f"{address}/uebergeben", data={"code": "NIXDA"})
        assert answer.status_code == 422
        assert "Dieser Abholcode passt nicht" in answer.text
        assert 'value="NIXDA"' in answer.text
        assert client.post(f"{address}/uebergeben", data={"code": ""}).status_code == 422
        answer = client.post(f"{address}/uebergeben", data={"code": street.code(order_id)}, follow_redirects=True)
        assert "ist übergeben" in answer.text
        assert part_states(order_id) == [PartState.HANDED_OVER]
        assert client.get(address).status_code == 404

    def test_a_day_in_the_past_is_refused_and_a_later_one_kept(
        self, client: FlaskClient, street: Street, frozen: Clock, drain: Callable[[], None]
    ) -> None:
        order_id = street.order([0])
        drop_all(street, frozen, drain)
        sign_in(client, street.keeper)
        address = f"/abholpunkt/{order_id}/laenger"
        assert client.post(address, data={"until": "2026-11-01"}).status_code == 422
        assert client.post(address, data={"until": "morgen"}).status_code == 422
        later = street.day.day + timedelta(days=6)
        answer = client.post(address, data={"until": later.isoformat()}, follow_redirects=True)
        assert "darf länger liegen" in answer.text
        assert "liegt bis Di, 1. Dezember" in answer.text

    def test_strangers_find_nothing_and_people_without_a_point_are_turned_away(
        self, client: FlaskClient, street: Street, frozen: Clock, drain: Callable[[], None]
    ) -> None:
        order_id = street.order([0])
        drop_all(street, frozen, drain)
        sign_in(client, user())
        assert client.get("/abholpunkt/").status_code == 403
        other = user("Olga Ort")
        with db.transaction() as s:
            make_point(s, keeper=other)
        sign_in(client, other)
        assert "Karla" not in client.get("/abholpunkt/").text
        assert client.get(f"/abholpunkt/{order_id}").status_code == 404
        for what in ("uebergeben", "mitgegeben", "laenger"):
            assert client.post(f"/abholpunkt/{order_id}/{what}", data={"code": "x"}).status_code == 404

    def test_who_works_for_the_merchant_of_the_place_keeps_it_without_a_row(
        self, client: FlaskClient, street: Street
    ) -> None:
        baker = user("Berta Beispiel")
        with db.transaction() as s:
            merchant = make_merchant(s, staff_user=baker)
            make_point(s, shop=make_shop(s, merchant), name="Backstube")
        sign_in(client, baker)
        page = client.get("/abholpunkt/").text
        assert "Backstube" in page
        assert "Tourist-Information" not in page


class TestTheShopper:
    def test_the_order_page_shows_the_point_and_its_code_once_it_lies_there(
        self, client: FlaskClient, street: Street, frozen: Clock, drain: Callable[[], None]
    ) -> None:
        order_id = street.order([0])
        page = client.get(f"/bestellung/{key_of(order_id)}").text
        assert "Abholpunkt Tourist-Information" in page
        assert street.code(order_id) not in page
        drop_all(street, frozen, drain)
        page = client.get(f"/bestellung/{key_of(order_id)}").text
        assert street.code(order_id) in page
        assert "Liegt für Sie bereit bis Fr, 27. November, 18:00" in page
        assert "am Abholpunkt" in page

    def test_every_active_point_stands_on_the_public_page_and_in_the_sitemap(
        self, client: FlaskClient, street: Street
    ) -> None:
        with db.transaction() as s:
            make_point(s, name="Café Pause", active=False)
        page = client.get("/abholpunkte").text
        assert "Tourist-Information" in page
        assert "Mo–Sa: 10–\u206018 Uhr" in page
        assert "1,50" in page
        assert "Nächste Lieferung dorthin: Mi, 25. November" in page
        assert "Café Pause" not in page
        assert "/abholpunkte</loc>" in client.get("/sitemap.xml").text
        assert "/abholpunkte#" in client.get("/lieferung").text


class TestTheCourier:
    def test_one_button_leaves_everything_with_the_keepers_name(
        self, client: FlaskClient, street: Street, frozen: Clock
    ) -> None:
        orders = [street.order([0, 1]), street.order([2])]
        code = drive(street, frozen)
        position, _ = point_stop(code)
        with db.reading() as s:
            courier = s.get_one(User, street.courier_id)
        sign_in(client, courier)
        page = client.get(f"/touren/{code}/halt/{position}")
        assert 'data-todo="2"' in page.text
        assert "Code von der Bestellseite" not in page.text, "the shopper with the code is not there"
        sent = form(page, f"/touren/{code}/halt/{position}/abholpunkt").fields | {"taken_by": "Thea Tresen"}
        answer = client.post(f"/touren/{code}/halt/{position}/abholpunkt", data=sent, follow_redirects=True)
        assert "Tourist-Information: abgegeben." in answer.text
        assert {state for one in orders for state in part_states(one)} == {PartState.AT_POINT}
        with db.reading() as s:
            assert set(s.scalars(sa.select(DropProof.words))) == {"Thea Tresen"}

    def test_a_signature_given_while_another_phone_was_faster_is_kept_for_all_that_was_left(
        self, client: FlaskClient, street: Street, frozen: Clock
    ) -> None:
        given, refused = street.order([0]), street.order([1])
        code = drive(street, frozen)
        position, _ = point_stop(code)
        who = Actor(street.courier_id)
        results.report_drop(code, position, Dropped(refused, Failure.REFUSED), key="refused", actor=who)
        results.report_drop(code, position, Dropped(given), key="faster", actor=who)
        answer = self.at_point(client, street, f"/touren/{code}/halt/{position}/abholpunkt", taken_by="Thea Tresen")
        assert "Tourist-Information: abgegeben." in answer.text
        with db.reading() as s:
            assert s.scalars(sa.select(DropProof.order_id)).all() == [given]

    def test_everything_handed_over_after_another_phone_said_one_was_not_is_told_which(
        self, client: FlaskClient, street: Street, frozen: Clock
    ) -> None:
        orders = [street.order([0]), street.order([1])]
        code = drive(street, frozen)
        position, _ = point_stop(code)
        address = f"/touren/{code}/halt/{position}/abholpunkt"
        with db.reading() as s:
            sign_in(client, s.get_one(User, street.courier_id))
        opened = form(client.get(f"/touren/{code}/halt/{position}"), address).fields
        assert sorted(opened["orders"].split(",")) == sorted(map(str, orders))
        who = Actor(street.courier_id)
        results.report_drop(code, position, Dropped(orders[1], Failure.REFUSED), key="other phone", actor=who)
        for _try in range(2):  # the answer was lost: the same is told again
            answer = client.post(address, data=opened, headers={"Accept": "application/json"})
            assert answer.status_code == 200
            assert answer.json is not None
            told = answer.json["told"]
            assert "1b Karla Muster (Annahme verweigert)" in told
            assert "sagen Sie es bitte dem Büro" in told
            assert "1a" not in told
        assert part_states(orders[0]) == [PartState.AT_POINT]
        assert part_states(orders[1]) != [PartState.AT_POINT], "what the other phone said still counts"
        fresh = client.post(address, data={"key": "fresh page", "orders": ""}, headers={"Accept": "application/json"})
        assert fresh.json is not None
        assert fresh.json["told"] == "", "who has seen it does not mean it"

    def test_without_a_script_the_page_tells_which_is_not_handed_over(
        self, client: FlaskClient, street: Street, frozen: Clock
    ) -> None:
        orders = [street.order([0]), street.order([1])]
        code = drive(street, frozen)
        position, _ = point_stop(code)
        who = Actor(street.courier_id)
        results.report_drop(code, position, Dropped(orders[1], Failure.REFUSED), key="other phone", actor=who)
        sent = ",".join(map(str, orders))
        address = f"/touren/{code}/halt/{position}/abholpunkt"
        page = self.at_point(client, street, address, orders=sent)
        assert "Abgegeben ist notiert, nur hierfür nicht" in page.text
        assert "1b Karla Muster (Annahme verweigert)" in page.text
        forged = self.at_point(client, street, address, key="forged", orders="1;drop")
        assert forged.status_code == 422

    def test_a_closed_point_brings_everything_back_in_one_go(
        self, client: FlaskClient, street: Street, frozen: Clock
    ) -> None:
        orders = [street.order([0]), street.order([0, 1])]
        code = drive(street, frozen)
        position, _ = point_stop(code)
        address = f"/touren/{code}/halt/{position}/abholpunkt"
        answer = self.at_point(client, street, address, action="closed")
        assert "Tourist-Information: zu, ist notiert." in answer.text
        with db.reading() as s:
            reasons = set(s.scalars(sa.select(Parcel.reason).where(Parcel.state == ParcelState.FAILED)))
            assert reasons == {"niemand angetroffen: Abholpunkt zu"}
            assert set(s.scalars(sa.select(Parcel.back_to))) == {BackTo.SHOP}, "no later window here"
        assert not {PartState.AT_POINT} & {state for one in orders for state in part_states(one)}
        later = self.at_point(client, street, address, key="another phone")
        assert "Hier steht seit" in later.text, "the opposite is told"

    def at_point(self, client: FlaskClient, street: Street, address: str, **sent: str) -> TestResponse:
        with db.reading() as s:
            sign_in(client, s.get_one(User, street.courier_id))
        return client.post(address, data={"key": "k"} | sent, follow_redirects=True)

    def test_a_plain_door_has_no_such_button(self, client: FlaskClient, street: Street, frozen: Clock) -> None:
        street.day.order([0])
        code = drive(street, frozen)
        with db.reading() as s:
            courier = s.get_one(User, street.courier_id)
        sign_in(client, courier)
        assert client.post(f"/touren/{code}/halt/2/abholpunkt", data={"key": "k"}).status_code == 404


class TestTheOperator:
    def fields(self, shop_id: int, **more: object) -> dict[str, object]:
        return {
            "name": "Dorfladen",
            "shop_id": shop_id,
            "fee": "1,90",
            "compartments": "12",
            "hold_days": "3",
            "active": "y",
            **more,
        }

    @pytest.fixture
    def operator(self, client: FlaskClient, street: Street) -> FlaskClient:
        with db.transaction() as s:
            boss = make_operator(s)
        return sign_in(client, boss)

    def place(self, **more: object) -> int:
        with db.transaction() as s:
            return make_shop(s, name="Dorfladen", **more).id  # type: ignore[arg-type]

    def test_a_point_is_made_named_a_keeper_and_paused(self, operator: FlaskClient) -> None:
        helper = user("Hanna Hilft", email="hanna@beispiel.example")
        answer = operator.post(f"{SETUP}/neu", data=self.fields(self.place()))
        assert answer.status_code == 303
        address = answer.location
        with db.reading() as s:
            point = s.scalars(sa.select(PickupPoint).where(PickupPoint.name == "Dorfladen")).one()
            assert (point.fee, point.slug, point.active) == (Money(190), "dorfladen", True)
        answer = operator.post(f"{address}/annahme", data={"email": "Hanna@Beispiel.example"}, follow_redirects=True)
        assert "Hanna Hilft betreut jetzt diesen Abholpunkt" in answer.text
        operator.post(f"{address}/annahme/{helper.id}/weg")
        with db.reading() as s:
            assert s.get(PointKeeper, (helper.id, point.id)) is None
        loaded = form(operator.get(address), address).fields
        loaded.pop("active")
        assert operator.post(address, data=loaded).status_code == 303
        assert "ruht" in operator.get(f"{SETUP}/").text
        assert "Dorfladen" not in operator.get("/abholpunkte").text

    @pytest.mark.parametrize(
        ("more", "said"),
        [
            ({"fee": "viel"}, "Bitte geben Sie einen Betrag"),
            ({"compartments": "-1"}, "ganze Zahl von 0 bis 500"),
            ({"hold_days": "99"}, "ganze Zahl von 1 bis 14"),
            ({"gives_from": "12:00"}, "Anfang und Ende"),
            ({"gives_from": "12:00", "gives_until": "11:00"}, "Anfang und Ende"),
            ({"name": " "}, "einen Namen"),
        ],
    )
    def test_nonsense_is_refused_beside_its_field_and_kept(
        self, operator: FlaskClient, more: dict[str, object], said: str
    ) -> None:
        answer = operator.post(f"{SETUP}/neu", data=self.fields(self.place(), **more))
        assert answer.status_code == 422
        assert said in answer.text
        assert 'value="12"' in answer.text or "compartments" in more

    def test_a_place_outside_every_zone_without_hours_or_with_a_point_is_refused(self, operator: FlaskClient) -> None:
        far = self.place(zip="01234", city="Woanders")
        assert "in keinem Liefergebiet" in operator.post(f"{SETUP}/neu", data=self.fields(far)).text
        never = self.place(hours=())
        assert "noch keine Öffnungszeiten" in operator.post(f"{SETUP}/neu", data=self.fields(never)).text
        with db.reading() as s:
            taken = s.scalars(sa.select(Shop.id).where(Shop.name == "Tourist-Information")).one()
        assert "Dort gibt es schon" in operator.post(f"{SETUP}/neu", data=self.fields(taken)).text

    def test_an_account_that_never_proved_its_address_cannot_keep_a_point(
        self, operator: FlaskClient, street: Street
    ) -> None:
        user("Falsche Fee", email="fee@beispiel.example", verified=False)
        answer = operator.post(f"{SETUP}/{street.point_id}/annahme", data={"email": "fee@beispiel.example"})
        assert answer.status_code == 422
        assert "kein Konto mit bestätigter Adresse" in answer.text

    def test_fewer_compartments_never_throw_out_what_is_promised(self, operator: FlaskClient, street: Street) -> None:
        street.order([0])
        street.order([1])
        address = f"{SETUP}/{street.point_id}"
        operator.post(address, data=form(operator.get(address), address).fields | {"compartments": "1"})
        with db.reading() as s:
            row = s.get_one(PointDay, (street.point_id, street.day.day))
            assert (row.taken, row.compartments) == (2, 2)

    def test_a_point_does_not_move_while_something_lies_there(self, operator: FlaskClient, street: Street) -> None:
        street.order([0])
        address = f"{SETUP}/{street.point_id}"
        sent = form(operator.get(address), address).fields | {"shop_id": str(self.place())}
        answer = operator.post(address, data=sent)
        assert answer.status_code == 422
        assert "Hier liegt oder kommt noch etwas" in answer.text

    def test_the_desk_names_the_point_and_moves_all_that_goes_there(
        self, operator: FlaskClient, street: Street, frozen: Clock
    ) -> None:
        street.order([0])
        street.order([1])
        drive(street, frozen)
        page = operator.get(f"/betrieb/touren/?tag={street.day.day}").text
        assert page.count("Abholpunkt Tourist-Information<br>") == 1
        assert "<span>Tourist-Information, " in page, "in the list beside the map, too"
        assert "Alle 2 umladen" in page

    def test_a_caretaker_may_not_change_points(self, client: FlaskClient, street: Street) -> None:
        sign_in(client, user())
        assert client.get(f"{SETUP}/").status_code == 403
        assert client.post(f"{SETUP}/neu", data={}).status_code == 403


def test_an_order_at_a_point_shows_its_way_to_the_merchant(client: FlaskClient, street: Street) -> None:
    order_id = street.order([0])
    with db.transaction() as s:
        berta = make_user(s, name="Berta")
        part = s.get_one(Order, order_id).parts[0]
        staff.join(s, berta.id, part.merchant_id)
        part_id = part.id
    sign_in(client, berta)
    assert "Lieferung zum Abholpunkt Tourist-Information" in client.get(f"/haendler/bestellungen/{part_id}").text
