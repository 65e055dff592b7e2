"""law.md A1, A2, A3, A6, A7, A9, D1-D4, F9 on the real pages: cart, checkout, review, order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from market.catalogue.models import Condition, DepositKind, Product, Unit, WithdrawalClass
from market.catalogue.products import VariantData
from market.core import db
from market.core.money import Money
from market.orders.models import Order, OrderLine
from payments.models import Payment
from tests.factories.catalogue import make_product, make_thing, only_variant
from tests.factories.delivery import make_window, make_zone
from tests.factories.directory import make_merchant, make_shop
from tests.shopping import HOME, KARLA, Shopper, form, forms

pytestmark = pytest.mark.usefixtures("database")


@dataclass
class Shelf:
    """One product for each duty: bread (small business), beer with deposit and age mark, a used jug."""

    bread: Product
    beer: Product
    jug: Product
    window_id: int

    def how(self, value: str) -> dict[str, str]:
        return {f"how_{product.merchant_id}": value for product in (self.bread, self.beer, self.jug)}


@pytest.fixture
def shelf(app: Flask) -> Shelf:
    with db.transaction() as s:
        baker = make_merchant(s, name="Backstube", legal_name="Backstube Berta Beispiel", small_business=True)
        make_shop(s, baker)
        drinks = make_merchant(s, name="Getränke Muster", legal_name="Getränke Muster GmbH", street="Brühl 9")
        make_shop(s, drinks)
        attic = make_merchant(s, name="Dachboden", legal_name="Dachboden Inh. Frieda Muster")
        make_shop(s, attic)
        make_zone(s, ("06712", ""), name="Zeitz", fee=Money(290))
        beer = make_product(
            s,
            drinks,
            name="Helles",
            variants=[VariantData(Money(120), content=500, unit=Unit.MILLILITRE, deposit=Money(8))],
            deposit_kind=DepositKind.REUSABLE,
            min_age=16,
            withdrawal_class=WithdrawalClass.STANDARD,
            food={"name": "Bier", "ingredients": "", "storage": "", "abv": 4.9},
        )
        return Shelf(
            make_product(s, baker),
            beer,
            make_thing(s, attic, name="Milchkrug", condition=Condition.USED, deviation="Sprung im Henkel"),
            make_window(s).id,
        )


@pytest.fixture
def shopper(client: FlaskClient, shelf: Shelf) -> Shopper:
    """Somebody with all three in the cart."""
    shopper = Shopper(client)
    shopper.put(shelf.bread, 2)
    shopper.put(shelf.beer, 6)
    shopper.put(shelf.jug)
    return shopper


def review(shopper: Shopper, shelf: Shelf) -> str:
    """The review page with everything delivered."""
    consents = {"age": "y", f"agree_{only_variant(shelf.jug)}": "y"}
    return shopper.checkout(**HOME, **shelf.how("delivery"), **consents, window=str(shelf.window_id)).text


class Outline(HTMLParser):
    """The page's <main> as a list of (tag, data-test, text) in reading order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, str, str]] = []
        self.feed(page[page.index("<main") : page.index("</main>")])

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if not (tag == "input" and given.get("type") == "hidden"):
            self.seen.append((tag, given.get("data-test") or "", ""))

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.seen.append(("", "", data.strip()))


@pytest.mark.law("A1")
class TestOrderButton:
    def test_the_review_form_has_exactly_one_button_with_exactly_these_words(
        self, shopper: Shopper, shelf: Shelf
    ) -> None:
        page = review(shopper, shelf)
        ordering = form(page, "/kasse/pruefen")
        assert ordering.buttons == ["zahlungspflichtig bestellen"]
        in_main = [one for one in forms(page[page.index("<main") : page.index("</main>")]) if one.buttons]
        assert in_main == [in_main[0]]

    def test_no_other_address_makes_an_order(self, app: Flask, shopper: Shopper, shelf: Shelf) -> None:
        page = review(shopper, shelf)
        shopper.fill(**KARLA, **HOME, **shelf.how("delivery"), window=str(shelf.window_id), age="y")
        with db.reading() as s:
            assert s.scalars(sa.select(Order)).all() == []
        shopper.order(shopper.client.get("/kasse/pruefen"))
        assert "zahlungspflichtig" in page
        with db.reading() as s:
            assert len(s.scalars(sa.select(Order)).all()) == 1

    def test_the_button_stands_on_our_own_page(self, shopper: Shopper, shelf: Shelf) -> None:
        assert form(review(shopper, shelf), "/kasse/pruefen").action.startswith("/")


@pytest.mark.law("A2")
class TestOverview:
    def test_nothing_stands_between_the_total_and_the_button(self, shopper: Shopper, shelf: Shelf) -> None:
        seen = Outline(review(shopper, shelf)).seen
        button = next(i for i, (_, hook, _) in enumerate(seen) if hook == "place-order")
        total = next(i for i, (_, hook, _) in enumerate(seen) if hook == "review-total")
        assert [text for _, _, text in seen[total + 1 : button]] == ["30,98\N{NO-BREAK SPACE}€"]
        assert [tag for tag, _, _ in seen[total:button] if tag] == ["dd"]

    def test_the_sum_is_goods_deposit_and_fee_itemised_and_is_what_is_ordered(
        self, shopper: Shopper, shelf: Shelf
    ) -> None:
        page = review(shopper, shelf)
        totals = re.sub(
            r"<[^>]+>|\s+", " ", page[page.index('class="totals') : page.index("</dl>", page.index('class="totals'))]
        )
        amounts = re.findall(r"(\d+,\d\d)", totals)
        assert amounts == ["27,60", "0,48", "2,90", "30,98"]
        shopper.order(shopper.client.get("/kasse/pruefen"))
        with db.reading() as s:
            order = s.scalars(sa.select(Order)).one()
            assert order.total == Money(3098)
            assert order.total == order.goods + order.deposit + order.delivery_fee

    def test_each_line_names_what_it_is_how_many_and_what_it_costs(self, shopper: Shopper, shelf: Shelf) -> None:
        page = review(shopper, shelf)
        overview = page[page.index('data-test="overview"') :]
        for text in (
            "2 × Roggenmischbrot, 1\N{NO-BREAK SPACE}kg",
            "6 × Helles, 0,5\N{NO-BREAK SPACE}l",
            "1 × Milchkrug",
        ):
            assert text in overview
        for text in ("8,40", "7,20", "12,00", "Allergene: Weizen, Roggen", "Abgabe ab 16 Jahren", "Sprung im Henkel"):
            assert text in overview

    def test_terms_and_notes_stand_above_the_overview(self, shopper: Shopper, shelf: Shelf) -> None:
        page = review(shopper, shelf)
        overview = page.index('data-test="overview"')
        for text in (
            "Widerrufsbelehrung</a>",
            "AGB des Marktes",
            "verbindliches Angebot",
            "Preise personalisieren wir nicht",
        ):
            assert page.index(text) < overview

    def test_changing_keeps_what_was_typed(self, shopper: Shopper, shelf: Shelf) -> None:
        assert 'href="/kasse"' in review(shopper, shelf)
        fields = form(shopper.client.get("/kasse"), "/kasse").fields
        assert (fields["street"], fields["window"]) == (HOME["street"], str(shelf.window_id))


@pytest.mark.law("A3")
def test_the_cart_says_beforehand_where_how_and_with_what(shopper: Shopper) -> None:
    page = shopper.cart().text
    assert 'data-test="checkout"' in page
    told = page[page.index('id="vorab"') :]
    for text in (
        "06712",
        "2,90",
        "Online bezahlen",
        "Im Laden bezahlen",
        "zahlungspflichtig bestellen",
        "Vertragssprache ist Deutsch",
    ):
        assert text in told
    assert "Heute abholbar" in page


@pytest.mark.law("A6")
class TestNothingExtra:
    def test_nothing_that_costs_money_or_consents_is_ticked(self, shopper: Shopper, shelf: Shelf) -> None:
        page = shopper.client.get("/kasse").text
        for ticked in re.findall(r"<input[^>]*\schecked[^>]*>", page):
            assert re.search(r'value="(pickup-\d+|mail|online)"', ticked), ticked
        fields = form(page, "/kasse").fields
        assert not {"age", "window", f"agree_{only_variant(shelf.jug)}"} & fields.keys()

    def test_no_way_to_pay_has_a_fee(self) -> None:
        columns = {column.name for column in [*Order.__table__.columns, *Payment.__table__.columns]}
        assert not [name for name in columns if "surcharge" in name or "payment_fee" in name]


@pytest.mark.law("A7")
def test_cart_review_and_order_page_name_every_seller_as_a_trader(shopper: Shopper, shelf: Shelf) -> None:
    pages = [shopper.cart().text, review(shopper, shelf)]
    answer = shopper.order(shopper.client.get("/kasse/pruefen"))
    pages.append(shopper.client.get(answer.location).text)
    for page in pages:
        for seller in (
            "Backstube Berta Beispiel, Wendische Straße 3, 06712 Zeitz (Unternehmer)",
            "Getränke Muster GmbH, Brühl 9, 06712 Zeitz (Unternehmer)",
            "Dachboden Inh. Frieda Muster, Wendische Straße 3, 06712 Zeitz (Unternehmer)",
        ):
            assert seller in page
        assert "eigene vertragliche Ansprüche gegen den Betreiber entstehen dadurch nicht" in page


@pytest.mark.law("A9")
def test_used_goods_are_agreed_to_per_line_before_the_review(shopper: Shopper, shelf: Shelf) -> None:
    page = shopper.client.get("/kasse").text
    assert "Ich bin damit einverstanden, dass die Ware abweicht: Sprung im Henkel" in page
    refused = shopper.fill(**KARLA, age="y")
    assert refused.status_code == 422
    assert f'id="agree_{only_variant(shelf.jug)}-error"' in refused.text
    shopper.order(shopper.checkout(age="y", payment="in_shop", **{f"agree_{only_variant(shelf.jug)}": "y"}))
    with db.reading() as s:
        agreed = {line.name: line.deviation_agreed_at for line in s.scalars(sa.select(OrderLine))}
    assert agreed["Milchkrug"] is not None
    assert agreed["Helles"] is None


@pytest.mark.law("D1")
def test_every_price_says_what_it_holds_and_a_small_business_never_shows_vat(shopper: Shopper, shelf: Shelf) -> None:
    for page in (shopper.cart().text, review(shopper, shelf)):
        blocks = re.split(r'data-test="parcel"', page)[1:]
        assert len(blocks) == 3
        bakery = next(block for block in blocks if "Backstube Berta" in block).split("</section>")[0]
        assert "Endpreis, kein Ausweis der Umsatzsteuer gemäß § 19 UStG" in bakery
        assert "inkl. MwSt." not in bakery
        others = [block.split("</section>")[0] for block in blocks if "Backstube Berta" not in block]
        assert all(block.count("inkl. MwSt.") == block.count('data-test="line"') for block in others)
    cart = shopper.cart().text
    assert cart.count('<a href="/lieferung-und-zahlung">Lieferkosten</a>') == cart.count('data-test="line"')


@pytest.mark.law("D2")
def test_the_base_price_stands_in_cart_and_review_and_without_deposit(shopper: Shopper, shelf: Shelf) -> None:
    for page in (shopper.cart().text, review(shopper, shelf)):
        assert "4,20\N{NO-BREAK SPACE}€/kg" in page
        assert "2,40\N{NO-BREAK SPACE}€/l" in page


@pytest.mark.law("D3")
def test_the_deposit_is_named_beside_the_price_and_itemised_in_the_sum(shopper: Shopper, shelf: Shelf) -> None:
    cart = shopper.cart().text
    assert "zzgl. 0,08\N{NO-BREAK SPACE}€ Pfand" in cart
    assert re.search(r"<dt>Pfand</dt><dd>0,48", cart)
    assert re.search(r"<dt>Pfand</dt><dd>0,48", review(shopper, shelf))


@pytest.mark.law("D4")
def test_reusable_stands_beside_the_price_in_the_same_size(shopper: Shopper, shelf: Shelf) -> None:
    for page in (shopper.cart().text, review(shopper, shelf)):
        (prices,) = [
            span
            for span in re.findall(r'<span class="cart-price">.*?</span>\s*(?:<span|</div>|\n)', page, re.DOTALL)
            if "MEHRWEG" in span
        ]
        assert "1,20" in prices
        assert '<strong class="deposit-kind">MEHRWEG</strong>' in prices
        assert "<small" not in prices


@pytest.mark.law("B4")
def test_each_line_says_when_it_cannot_be_withdrawn_from(shopper: Shopper, shelf: Shelf) -> None:
    for page in (shopper.cart().text, review(shopper, shelf)):
        assert page.count("Für diese Ware besteht kein Widerrufsrecht (§ 312g Abs. 2 Nr. 2 BGB).") == 1


@pytest.mark.law("F9")
class TestAge:
    def test_the_declaration_is_asked_unticked_and_required(self, shopper: Shopper, shelf: Shelf) -> None:
        page = shopper.client.get("/kasse")
        assert "Ich bin mindestens 16 Jahre alt." in page.text
        assert "age" not in form(page, "/kasse").fields
        refused = shopper.fill(**KARLA, **{f"agree_{only_variant(shelf.jug)}": "y"})
        assert refused.status_code == 422
        assert 'id="age-error"' in refused.text

    def test_no_box_for_the_door_with_an_age_mark(self, shopper: Shopper, shelf: Shelf) -> None:
        consents = {"age": "y", f"agree_{only_variant(shelf.jug)}": "y", "drop_off": "Garage"}
        refused = shopper.fill(**KARLA, **HOME, **shelf.how("delivery"), **consents, window=str(shelf.window_id))
        assert refused.status_code == 422
        assert "darf nicht abgestellt werden" in refused.text

    def test_without_an_age_mark_nobody_is_asked(self, client: FlaskClient, shelf: Shelf) -> None:
        shopper = Shopper(client)
        shopper.put(shelf.bread)
        assert "Jahre alt" not in client.get("/kasse").text

    def test_the_order_page_says_to_bring_the_card(self, shopper: Shopper, shelf: Shelf) -> None:
        review(shopper, shelf)
        answer = shopper.order(shopper.client.get("/kasse/pruefen"))
        page = shopper.client.get(answer.location).text
        assert page.count("Ware ab 16 Jahren: Bitte halten Sie den Ausweis bereit.") == 1
