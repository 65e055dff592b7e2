"""The order's page: what stands where, who may open it, and what can be done on it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from market.catalogue import remembered
from market.catalogue.models import Product
from market.core import db
from market.core.money import Money
from market.orders import parts
from market.orders.models import MerchantOrder, Order, PartState, PaymentMethod
from payments import online
from payments.models import Payment, PaymentState
from tests.conftest import Clock
from tests.factories.delivery import make_window, make_zone
from tests.factories.orders import make_order, make_town, part_of, staff_of
from tests.factories.people import make_user, sign_in
from tests.shopping import form, forms

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def town(app: Flask) -> tuple[Product, Product]:
    with db.transaction() as s:
        return make_town(s)


def collected(town: tuple[Product, Product], *, method: PaymentMethod = PaymentMethod.IN_SHOP) -> Order:
    """An order of both, collected tomorrow."""
    with db.transaction() as s:
        order = make_order(s, (town[0], 2), (town[1], 1), method=method)
        _ = [part.merchant for part in order.parts]
        return order


def state(part: MerchantOrder) -> PartState:
    with db.reading() as s:
        return s.scalars(sa.select(MerchantOrder.state).where(MerchantOrder.id == part.id)).one()


class TestReading:
    def test_every_part_has_its_state_place_day_and_code(
        self, client: FlaskClient, town: tuple[Product, Product]
    ) -> None:
        order = collected(town)
        page = client.get(f"/bestellung/{order.key}").text
        assert page.count('data-test="part" data-state="placed"') == 2
        assert page.count('data-test="order-code"') == 2
        for part in order.parts:
            assert f'data-test="order-code">{part.code}<' in page
        assert "Abholen: Di, 24. November" in page
        assert "9:00–18:00" in page
        assert "Brüderstraße 7, 06712 Zeitz" in page
        assert "Spielkiste Frieda Muster GmbH" in page
        assert re.search(r'data-test="order-state">eingegangen<', page)
        assert order.number in page

    def test_the_code_is_a_picture_without_style_or_script(
        self, client: FlaskClient, town: tuple[Product, Product]
    ) -> None:
        page = client.get(f"/bestellung/{collected(town).key}").text
        qr = re.findall(r'<div class="qr"[^>]*>(.*?)</div>', page, re.DOTALL)
        assert len(qr) == 2
        assert all(one.startswith("<svg") and "style=" not in one and "<script" not in one for one in qr)

    def test_a_delivery_shows_window_and_recipient_and_no_code(
        self, client: FlaskClient, town: tuple[Product, Product]
    ) -> None:
        with db.transaction() as s:
            zone, window = make_zone(s), make_window(s)
            order = make_order(s, (town[0], 3), window=window, zone=zone, paid=True, recipient={"name": "Oma Erna"})
        page = client.get(f"/bestellung/{order.key}").text
        assert "Mi, 25. November, 16:00 bis 19:00" in page
        assert "Oma Erna" in page
        assert 'data-test="order-code"' not in page

    def test_the_state_follows_the_merchants(self, client: FlaskClient, town: tuple[Product, Product]) -> None:
        order = collected(town)
        part = part_of(order, town[0].merchant)
        parts.accept(part.id, staff_of(town[0].merchant))
        assert 'data-state="accepted"' in client.get(f"/bestellung/{order.key}").text
        parts.mark_ready(part.id, staff_of(town[0].merchant), bags=1)
        page = client.get(f"/bestellung/{order.key}").text
        assert 'data-state="ready"' in page
        assert "Liegt für Sie bereit." in page

    def test_a_rejection_shows_the_reason_and_hides_the_code(
        self, client: FlaskClient, town: tuple[Product, Product]
    ) -> None:
        order = collected(town)
        part = part_of(order, town[0].merchant)
        parts.reject(part.id, staff_of(town[0].merchant), reason="Der Ofen ist kaputt.")
        page = client.get(f"/bestellung/{order.key}").text
        assert "Der Ofen ist kaputt." in page
        assert part.code not in page

    def test_missing_pieces_are_named(self, client: FlaskClient, town: tuple[Product, Product]) -> None:
        order = collected(town)
        part = part_of(order, town[0].merchant)
        with db.reading() as s:
            line_id = s.get_one(MerchantOrder, part.id).lines[0].id
        parts.accept(part.id, staff_of(town[0].merchant))
        parts.report_missing(line_id, 1, staff_of(town[0].merchant))
        assert "1 davon gab es nicht" in client.get(f"/bestellung/{order.key}").text

    def test_nobody_finds_it_and_nothing_leaks(self, client: FlaskClient, town: tuple[Product, Product]) -> None:
        order = collected(town)
        answer = client.get(f"/bestellung/{order.key}")
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "no-store" in answer.headers["Cache-Control"]
        for path in (f"/bestellung/{order.number}", "/bestellung/x", "/bestellung/", "/bestellung"):
            assert client.get(path).status_code == 404

    def test_guessing_keys_ends_soon(self, client: FlaskClient, town: tuple[Product, Product]) -> None:
        codes = {client.get(f"/bestellung/{n}").status_code for n in range(70)}
        assert codes == {404, 429}

    def test_withdrawing_is_one_press_away(self, client: FlaskClient, town: tuple[Product, Product]) -> None:
        order = collected(town)
        page = client.get(f"/bestellung/{order.key}").text
        link = re.search(r'href="(/vertrag-widerrufen\?[^"]+)" data-test="withdraw"', page)
        assert link is not None
        step = form(client.get(link[1]), "/vertrag-widerrufen")
        assert step.fields["order_text"] == order.number
        assert 'name="lines"' in client.get(link[1]).text, "part of it can be chosen (law.md B1)"

    def test_the_page_asks_at_most_ten_questions(self, client: FlaskClient, town: tuple[Product, Product]) -> None:
        with db.transaction() as s:
            user = make_user(s)
            order = make_order(s, (town[0], 2), (town[1], 1), user_id=user.id)
        sign_in(client, user)
        remembered.hold_for(60)
        try:
            for _ in range(2):
                db.query_count.set(0)
                assert client.get(f"/bestellung/{order.key}").status_code == 200
            assert db.query_count.get() <= 10
        finally:
            remembered.hold_for(0)


class TestCancelling:
    def test_until_the_merchant_accepts_the_shopper_cancels_alone(
        self, client: FlaskClient, town: tuple[Product, Product]
    ) -> None:
        order = collected(town)
        part = part_of(order, town[0].merchant)
        page = client.get(f"/bestellung/{order.key}")
        assert page.text.count('data-test="cancel-part"') == 2
        answer = client.post(f"/bestellung/{order.key}/teil/{part.id}/stornieren", follow_redirects=True)
        assert "Dieser Teil ist storniert." in answer.text
        assert state(part) is PartState.CANCELLED
        assert state(part_of(order, town[1].merchant)) is PartState.PLACED

    def test_afterwards_the_shopper_asks_and_sees_it(self, client: FlaskClient, town: tuple[Product, Product]) -> None:
        order = collected(town)
        part = part_of(order, town[0].merchant)
        parts.accept(part.id, staff_of(town[0].merchant))
        action = f"/bestellung/{order.key}/teil/{part.id}/stornierung-anfragen"
        answer = client.post(
            action, data=form(client.get(f"/bestellung/{order.key}"), action).fields, follow_redirects=True
        )
        assert "Sie haben um Stornierung gebeten" in answer.text
        assert state(part) is PartState.ACCEPTED

    def test_a_page_from_before_the_acceptance_gets_a_sentence(
        self, client: FlaskClient, town: tuple[Product, Product]
    ) -> None:
        order = collected(town)
        part = part_of(order, town[0].merchant)
        parts.accept(part.id, staff_of(town[0].merchant))
        answer = client.post(f"/bestellung/{order.key}/teil/{part.id}/stornieren", follow_redirects=True)
        assert "schon angenommen" in answer.text
        assert state(part) is PartState.ACCEPTED

    def test_the_key_of_one_order_cancels_no_part_of_another(
        self, client: FlaskClient, town: tuple[Product, Product]
    ) -> None:
        mine, theirs = collected(town), collected(town)
        for what in ("stornieren", "stornierung-anfragen"):
            part_id = theirs.parts[0].id
            assert client.post(f"/bestellung/{mine.key}/teil/{part_id}/{what}").status_code == 404
            assert client.post(f"/bestellung/{mine.key}/teil/9999999999/{what}").status_code == 404
        assert state(theirs.parts[0]) is PartState.PLACED


class TestPaying:
    def test_an_unpaid_order_says_until_when_and_offers_to_pay_again(
        self, client: FlaskClient, town: tuple[Product, Product], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        order = collected(town, method=PaymentMethod.ONLINE)
        page = client.get(f"/bestellung/{order.key}")
        assert "Mo, 23. November, 9:30" in page.text
        assert 'data-test="order-code"' not in page.text
        monkeypatch.setattr(online, "start_payment", lambda order_id: f"https://pay.example/{order_id}")
        action = f"/bestellung/{order.key}/bezahlen"
        answer = client.post(action, data=form(page, action).fields)
        assert (answer.status_code, answer.location) == (303, f"https://pay.example/{order.id}")

    def test_coming_back_asks_the_gateway_once(
        self, client: FlaskClient, town: tuple[Product, Product], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        order = collected(town, method=PaymentMethod.ONLINE)
        asked: list[int] = []
        monkeypatch.setattr(online, "refresh_order", asked.append)
        answer = client.get(f"/bestellung/{order.key}?bezahlt=1")
        assert answer.location == f"/bestellung/{order.key}"
        client.get(answer.location)
        assert asked == [order.id]
        assert "Zahlung abgebrochen" in client.get(f"/bestellung/{order.key}?abgebrochen=1", follow_redirects=True).text

    @pytest.mark.parametrize(
        ("payment", "sentence"),
        [(PaymentState.PROCESSING, "Ihre Zahlung ist unterwegs"), (PaymentState.PAID, "Bezahlt am Mo, 23. November")],
    )
    def test_the_page_says_what_the_payment_is_doing(
        self, client: FlaskClient, town: tuple[Product, Product], frozen: Clock, payment: PaymentState, sentence: str
    ) -> None:
        paid = payment is PaymentState.PAID
        with db.transaction() as s:
            order = make_order(s, (town[0], 1), paid=paid)
            s.add(
                Payment(
                    order_id=order.id,
                    attempt=1,
                    amount=Money(420),
                    state=payment,
                    idempotency_key="k",
                    created_at=frozen.now(),
                    expires_at=frozen.now(),
                    paid_at=frozen.now() if paid else None,
                )
            )
        page = client.get(f"/bestellung/{order.key}").text
        assert sentence in page
        assert "nochmal bezahlen" not in page

    def test_an_expired_order_offers_nothing_to_pay(
        self, client: FlaskClient, town: tuple[Product, Product], frozen: Clock, drain: Callable[[], int]
    ) -> None:
        order = collected(town, method=PaymentMethod.ONLINE)
        frozen.forward(minutes=31)
        drain()
        page = client.get(f"/bestellung/{order.key}")
        assert 'data-test="order-state">verfallen<' in page.text
        assert "nochmal bezahlen" not in page.text
        assert not [one for one in forms(page) if "stornieren" in one.action]

    def test_everything_can_go_into_the_cart_again(self, client: FlaskClient, town: tuple[Product, Product]) -> None:
        order = collected(town)
        page = client.get(f"/bestellung/{order.key}")
        client.post("/korb/nochmal", data=form(page, "/korb/nochmal").fields)
        assert client.get("/korb").text.count('data-test="line"') == 2
