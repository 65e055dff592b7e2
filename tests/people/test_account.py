"""/konto: past orders, the profile, taking one's data along, and deleting the account."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from delivery.models import Parcel, Run, Stop, StopKind
from market.core import clock, codes, db, mail
from market.core.models import Mail
from market.directory.models import Merchant
from market.orders import cart, parts, withdrawal
from market.orders.models import Cart, CartLine, Delivery, MerchantOrder, Order, PaymentMethod
from market.people.models import User
from payments.models import InvoiceCustomer
from tests.factories.catalogue import make_product
from tests.factories.delivery import make_vehicle, make_window, make_zone
from tests.factories.orders import make_order, make_town, staff_of
from tests.factories.people import PASSWORD, make_user, sign_in
from tests.shopping import form, forms

pytestmark = pytest.mark.usefixtures("database")


class Town:
    """Bread and a top, Anna who is signed in, and Bert who must stay out of everything."""

    def __init__(self, app: Flask) -> None:
        with db.transaction() as s:
            self.bread, self.top = make_town(s)
            self.anna = make_user(s, name="Anna Beispiel", email="anna@beispiel.example")
            self.bert = make_user(s, name="Bert Fremd", email="bert@fremd.example")
            self.merchants: list[Merchant] = [self.bread.merchant, self.top.merchant]
        self.client = sign_in(app.test_client(), self.anna)
        self.app = app

    def order(self, user: User, *, pieces: int = 1, **more: Any) -> Order:
        """An order of bread, paid in the shop."""
        values: dict[str, Any] = {
            "method": PaymentMethod.IN_SHOP,
            "user_id": user.id,
            "email": user.email,
            "name": user.name,
        } | more
        with db.transaction() as s:
            return make_order(s, (self.bread, pieces), paid=True, **values)

    def end(self, order: Order) -> None:
        """The merchants reject every part: the order is finished."""
        for part in order.parts:
            parts.reject(part.id, staff_of(self.bread.merchant), reason="ausverkauft")


@pytest.fixture
def town(app: Flask) -> Town:
    return Town(app)


class TestPastOrders:
    def test_nothing_ordered_yet_says_so(self, town: Town) -> None:
        page = town.client.get("/konto")
        assert page.status_code == 200
        assert "Noch keine Bestellungen" in page.text

    def test_ten_stand_on_a_page_newest_first_and_nobody_elses(self, town: Town) -> None:
        with db.transaction() as s:
            other = make_product(s, town.bread.merchant, name="Kastenweißbrot")
        strange = town.order(town.bert)
        mine = []
        for number in range(11):
            with db.transaction() as s:
                order = make_order(
                    s, (other if number % 2 else town.bread, 1), method=PaymentMethod.IN_SHOP, user_id=town.anna.id
                )
                order.placed_at = clock.now() - timedelta(hours=number)
            mine.append(order.number)
        first, second = town.client.get("/konto").text, town.client.get("/konto?page=2").text
        places = [first.index(number) for number in mine[:10]]
        assert places == sorted(places)
        assert mine[10] not in first
        assert mine[10] in second
        assert mine[0] not in second
        assert strange.number not in first + second
        assert 'href="/konto?page=2"' in first

    @pytest.mark.parametrize("page", ["0", "-3", "99", "quatsch", "9" * 30])
    def test_a_page_that_does_not_exist_shows_the_nearest(self, town: Town, page: str) -> None:
        order = town.order(town.anna)
        answer = town.client.get(f"/konto?page={page}")
        assert answer.status_code == 200
        assert order.number in answer.text

    def test_exactly_the_chosen_order_goes_into_the_cart_again(self, town: Town) -> None:
        older = town.order(town.anna, pieces=3)
        with db.transaction() as s:
            make_order(s, (town.top, 1), method=PaymentMethod.IN_SHOP, user_id=town.anna.id)
        page = town.client.get("/konto")
        (again,) = [one for one in forms(page) if one.action == "/korb/nochmal" and older.key in one.fields.values()]
        assert town.client.post("/korb/nochmal", data=again.fields).location == "/korb"
        with db.reading() as s:
            lines = s.execute(
                sa.select(CartLine.variant_id, CartLine.quantity).join(Cart).where(Cart.user_id == town.anna.id)
            ).all()
        assert [tuple(line) for line in lines] == [(town.bread.variants[0].id, 3)]

    def test_without_an_account_one_is_asked_to_sign_in(self, town: Town) -> None:
        for path in ("/konto", "/konto/angaben", "/konto/daten", "/konto/daten.json"):
            assert town.app.test_client().get(path).location == f"/anmelden?next={path}"


class TestProfile:
    def test_what_is_saved_fills_the_form_and_nobody_elses(self, town: Town) -> None:
        fields = form(_to(town.client.get("/konto/angaben").text, "/konto/angaben"), "/konto/angaben").fields
        assert fields["name"] == "Anna Beispiel"
        typed = {"name": "Anna Muster", "phone": "03441 1", "street": "Markt 1", "zip": "06712", "city": "Zeitz"}
        assert town.client.post("/konto/angaben", data=typed).location == "/konto"
        page = town.client.get("/konto/angaben").text
        assert all(f'value="{value}"' in page for value in typed.values())
        with db.reading() as s:
            assert s.scalars(sa.select(User.name).where(User.id == town.bert.id)).one() == "Bert Fremd"

    @pytest.mark.parametrize("typed", [{"zip": "0671"}, {"zip": "Zeitz"}, {"phone": "ruf mich an"}])
    def test_a_postcode_and_a_telephone_are_what_they_say(self, town: Town, typed: dict[str, str]) -> None:
        (name,) = typed
        answer = town.client.post("/konto/angaben", data={"name": "Anna"} | typed)
        assert answer.status_code == 422
        assert f'id="{name}-error"' in answer.text
        assert f'value="{typed[name]}"' in answer.text

    def test_without_a_name_nothing_is_saved_and_the_field_says_why(self, town: Town) -> None:
        answer = town.client.post("/konto/angaben", data={"name": " ", "city": "Zeitz"})
        assert answer.status_code == 422
        assert 'id="name-error"' in answer.text
        assert 'value="Zeitz"' in answer.text
        with db.reading() as s:
            assert s.scalars(sa.select(User.name).where(User.id == town.anna.id)).one() == "Anna Beispiel"


def _to(page: str, action: str) -> str:
    """A form without an action goes to its own page: written out."""
    return page.replace(
        '<form class="form panel" method="post"', f'<form class="form panel" action="{action}" method="post"'
    )


class TestProvingTheAddress:
    """Anybody can open an account with anybody's address: what the address alone opens has to wait."""

    def link(self) -> str:
        with db.reading() as s:
            texts = [mail.plain_text(mime) for mime in s.scalars(sa.select(Mail.mime).order_by(Mail.id))]
        found: list[str] = re.findall(r"/konto/bestaetigen/\S+", texts[-1])
        return found[0]

    def newcomer(self, town: Town) -> Any:
        client = town.app.test_client()
        typed = {"name": "Nele Neu", "email": "nele@beispiel.example", "password": "ein ganzer Satz hilft"}
        assert client.post("/registrieren", data=typed).status_code == 303
        return client

    def test_a_new_account_proves_its_address_with_a_mailed_link_and_a_button(self, town: Town) -> None:
        client = self.newcomer(town)
        assert "noch nicht bestätigt" in client.get("/konto").text
        link = self.link()
        assert "nele@beispiel.example" in client.get(link).text
        assert "noch nicht bestätigt" in client.get("/konto").text, "programs open links too"
        assert client.post(link).location == "/konto"
        assert "noch nicht bestätigt" not in client.get("/konto").text

    def test_the_owner_of_an_address_that_a_stranger_registered_proves_nothing_by_a_click(self, town: Town) -> None:
        stranger = self.newcomer(town)
        owner, link = town.app.test_client(), self.link()
        for answer in (owner.get(link), owner.post(link)):
            assert answer.status_code == 303
            assert answer.location == f"/anmelden?next={link}"
        assert town.client.post(link).status_code == 409, "signed in, but to another account"
        assert "noch nicht bestätigt" in stranger.get("/konto").text

    def test_on_another_device_one_signs_in_first(self, town: Town) -> None:
        self.newcomer(town)
        other, link = town.app.test_client(), self.link()
        typed = {"email": "nele@beispiel.example", "password": "ein ganzer Satz hilft", "next": link}
        assert other.post("/anmelden", data=typed).location == link
        assert other.post(link).location == "/konto"

    def test_a_forged_link_proves_nothing(self, town: Town) -> None:
        self.newcomer(town)
        assert town.client.post(self.link() + "x").status_code == 410

    def test_mails_to_an_address_are_not_shown_to_whoever_registered_it(self, town: Town) -> None:
        with db.transaction() as s:
            mail.queue(s, "password_reset", "nele@beispiel.example", key="k", context={"name": "N", "token": "geheim"})
        client = self.newcomer(town)
        assert "geheim" not in client.get("/konto/daten.json").text
        client.post(self.link())
        assert "geheim" in client.get("/konto/daten.json").text

    def test_a_merchants_invoice_waits_until_the_address_is_proved(self, town: Town) -> None:
        client = self.newcomer(town)
        with db.transaction() as s:
            s.get_one(Merchant, town.bread.merchant_id).offers_invoice = True
            listed = InvoiceCustomer(
                merchant_id=town.bread.merchant_id, email="nele@beispiel.example", added_at=clock.now()
            )
            s.add(listed)
        client.post("/korb/neu", data={"variant": town.bread.variants[0].id, "quantity": 1})
        assert "Auf Rechnung des Händlers" not in client.get("/kasse").text
        client.post(self.link())
        assert "Auf Rechnung des Händlers" in client.get("/kasse").text


class TestTakingDataAlong:
    def test_it_holds_account_cart_and_orders_and_nothing_of_others(self, town: Town) -> None:
        mine, strange = town.order(town.anna, pieces=2), town.order(town.bert)
        with db.transaction() as s:
            variant = town.top.variants[0]
            cart.add(s, cart.open_(s, user_id=town.anna.id, token=None), variant.id, 4)
        answer = town.client.get("/konto/daten.json")
        assert answer.mimetype == "application/json"
        assert "attachment" in answer.headers["Content-Disposition"]
        assert answer.headers["Cache-Control"] == "no-store"
        data = json.loads(answer.text)
        assert data["account"]["email"] == "anna@beispiel.example"
        (line,) = data["orders"]["cart"]
        assert (line["name"], line["quantity"]) == (town.top.name, 4)
        (order,) = data["orders"]["orders"]
        assert order["number"] == mine.number
        assert order["parts"][0]["lines"][0]["quantity"] == 2
        for foreign in (strange.number, "bert@fremd.example", "Bert Fremd"):
            assert foreign not in answer.text

    def test_nothing_we_know_is_left_out(self, town: Town) -> None:
        """Art. 15 GDPR: what was typed, written, declared, paid."""
        town.order(town.anna)
        with db.transaction() as s:
            mine = cart.open_(s, user_id=town.anna.id, token=None)
            cart.keep_draft(s, mine.id, {"choices": {"recipient": "Oma Erna"}, "token": "t"})
            merchant_id = town.bread.merchant_id
            s.add(InvoiceCustomer(merchant_id=merchant_id, email=town.anna.email or "", added_at=clock.now()))
            mail.queue(s, "password_reset", town.anna.email or "", key="k", context={"name": "Anna", "token": "geheim"})
        withdrawal.declare(withdrawal.Declaration("Anna Beispiel", town.anna.email or "", "M-1", "Das Brot"))
        data = json.loads(town.client.get("/konto/daten.json").text)
        assert data["orders"]["typed_at_checkout"] == {"recipient": "Oma Erna"}
        assert data["orders"]["withdrawals"][0]["goods"] == "Das Brot"
        assert data["payments"]["invoice_offered_by"][0]["merchant"] == merchant_id
        assert any("/passwort/geheim" in one["text"] for one in data["account"]["mails"])

    def test_no_merchant_keeps_a_deleted_address_on_its_list(self, town: Town) -> None:
        with db.transaction() as s:
            for user in (town.anna, town.bert):
                email = user.email or ""
                s.add(InvoiceCustomer(merchant_id=town.bread.merchant_id, email=email, added_at=clock.now()))
        town.client.post("/konto/loeschen", data={"password": PASSWORD})
        with db.reading() as s:
            assert list(s.scalars(sa.select(InvoiceCustomer.email))) == [town.bert.email]


class TestDeletion:
    def test_a_wrong_password_deletes_nothing(self, town: Town) -> None:
        answer = town.client.post("/konto/loeschen", data={"password": "falsch-geraten"})
        assert answer.status_code == 422
        assert 'id="password-error"' in answer.text
        assert town.client.get("/konto").status_code == 200

    def test_an_open_order_is_named_and_nothing_is_deleted(self, town: Town) -> None:
        order = town.order(town.anna)
        answer = town.client.post("/konto/loeschen", data={"password": PASSWORD})
        assert answer.status_code == 422
        assert f"Die Bestellung {order.number} läuft noch." in answer.text
        with db.reading() as s:
            assert s.scalars(sa.select(User.email).where(User.id == town.anna.id)).one() == "anna@beispiel.example"
            assert s.scalars(sa.select(Order.name).where(Order.id == order.id)).one() == "Anna Beispiel"

    def test_finished_orders_lose_the_person_and_keep_the_amounts(self, town: Town) -> None:
        with db.transaction() as s:
            zone, window = make_zone(s, ("06712", "")), make_window(s)
        order = town.order(town.anna, window=window, zone=zone, method=PaymentMethod.ONLINE)
        strange = town.order(town.bert)
        town.end(order)
        assert town.client.post("/konto/loeschen", data={"password": PASSWORD}).location == "/"
        with db.reading() as s:
            row = s.get_one(Order, order.id)
            assert (row.name, row.email, row.phone, row.street, row.user_id) == ("gelöscht", "", "", "", None)
            assert row.erased_at is not None
            assert row.total == order.total
            delivery = s.get_one(Delivery, order.id)
            assert (delivery.recipient, delivery.street, delivery.phone, delivery.lat) == ("gelöscht", "", "", None)
            assert s.get_one(Order, strange.id).name == "Bert Fremd"
            assert s.scalars(sa.select(MerchantOrder.id).where(MerchantOrder.order_id == order.id)).all()

    def test_doors_of_runs_are_taken_along_and_forgotten_but_not_a_neighbours(self, town: Town) -> None:
        with db.transaction() as s:
            zone, window = make_zone(s, ("06712", "")), make_window(s)
        way: dict[str, Any] = {"window": window, "zone": zone, "method": PaymentMethod.ONLINE}
        order, neighbour = town.order(town.anna, **way), town.order(town.bert, **way)
        mine, shared = self.halt(order.parts), self.halt([*order.parts, *neighbour.parts])
        town.end(order)
        assert "wendische 3" in town.client.get("/konto/daten.json").text
        assert town.client.post("/konto/loeschen", data={"password": PASSWORD}).status_code == 303
        with db.reading() as s:
            assert s.get_one(Stop, mine).door == ""
            assert s.get_one(Stop, shared).door == "wendische 3"  # still to be found

    def halt(self, goods: list[MerchantOrder]) -> int:
        """One halt at the door on a run of its own; its id."""
        now = clock.now()
        with db.transaction() as s:
            run = Run(code=codes.code(8), day=clock.today(), vehicle=make_vehicle(s), starts_at=now, ends_at=now,
                      distance_m=0, travel_s=0, plan={}, created_at=now)  # fmt: skip
            s.add(run)
            s.flush()
            stop = Stop(
                run_id=run.id, position=1, kind=StopKind.DROP, door="wendische 3", arrives_at=now, leaves_at=now
            )
            s.add(stop)
            s.flush()
            s.add_all(
                Parcel(part_id=part.id, run_id=run.id, pickup_stop_id=stop.id, drop_stop_id=stop.id,
                       weight_g=1, volume_ml=1, cooled_ml=0)
                for part in goods
            )  # fmt: skip
            return stop.id

    def test_the_account_cannot_sign_in_again_and_its_cart_is_gone(self, town: Town) -> None:
        with db.transaction() as s:
            cart.add(s, cart.open_(s, user_id=town.anna.id, token=None), town.bread.variants[0].id, 1)
        assert town.client.post("/konto/loeschen", data={"password": PASSWORD}).status_code == 303
        assert town.client.get("/konto").location.startswith("/anmelden")
        login = {"email": "anna@beispiel.example", "password": PASSWORD}
        assert town.app.test_client().post("/anmelden", data=login).status_code == 422
        with db.reading() as s:
            assert s.scalars(sa.select(Cart.id).where(Cart.user_id == town.anna.id)).all() == []
            row = s.get_one(User, town.anna.id)
            assert (row.email, row.name, row.password_hash) == (None, "gelöscht", None)

    def test_another_browser_of_the_account_is_signed_out_too(self, town: Town) -> None:
        elsewhere = sign_in(town.app.test_client(), town.anna)
        assert elsewhere.get("/konto").status_code == 200
        town.client.post("/konto/loeschen", data={"password": PASSWORD})
        assert elsewhere.get("/konto").location.startswith("/anmelden")
