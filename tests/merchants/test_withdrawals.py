"""Withdrawals at the merchant's desk: what the list says, and settling them with and without money in between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from market.core import clock, db
from market.core.models import Mail
from market.core.money import Money
from market.orders import handing, parts, withdrawal
from market.orders.models import MerchantOrder, Order, OrderLine, PaymentMethod, Withdrawal, WithdrawalMatch
from market.people.models import AuditEntry, User
from payments import ledger
from tests.conftest import Clock
from tests.factories.directory import make_staff
from tests.factories.orders import make_order, part_of, staff_of
from tests.factories.people import sign_in
from tests.merchants.conftest import Cast
from tests.payments.sandbox_fixtures import _shared as _shared
from tests.payments.sandbox_fixtures import inbox as inbox
from tests.payments.sandbox_fixtures import sandbox as sandbox
from tests.payments.till import Till
from tests.payments.till import till as till
from tests.shopping import form

SignIn = Callable[[User], FlaskClient]
Drain = Callable[[], int]


def handed_over(cast: Cast, pieces: int = 3) -> MerchantOrder:
    """Loaves the shopper paid in the shop and took home."""
    with db.transaction() as s:
        part = part_of(make_order(s, (cast.bread, pieces), paid=True, method=PaymentMethod.IN_SHOP), cast.baker)
    staff = staff_of(cast.baker)
    parts.accept(part.id, staff)
    parts.mark_ready(part.id, staff, bags=1)
    handing.hand_over(part.id, staff, code=part.code)
    return part


def declare(order: Order, drain: Drain, *lines: int) -> str:
    """The shopper's declaration, matched; its reference."""
    reference = withdrawal.declare(
        withdrawal.Declaration("Karla Muster", "karla@beispiel.example", order.number, "zu viel gekauft", lines)
    )
    drain()
    return reference


def line_of(part: MerchantOrder) -> OrderLine:
    with db.reading() as s:
        return s.scalars(sa.select(OrderLine).where(OrderLine.part_id == part.id)).one()


def address(reference: str, part: MerchantOrder) -> str:
    return f"/haendler/widerrufe/{reference}/{part.id}"


def settle(client: FlaskClient, url: str, **typed: str) -> TestResponse:
    """Both steps, as a browser does them."""
    first = {**form(_here(client.get(url), url), url).fields, **typed}
    page = client.post(url, data=first)
    assert page.status_code == 200, page.text
    return client.post(url, data=form(page, url).fields)


def _here(page: TestResponse, url: str) -> str:
    """The page with the address its own form goes to written out."""
    return page.text.replace('<form class="form" method="post" novalidate>', f'<form action="{url}" method="post">')


def mails(subject: str) -> list[str]:
    with db.reading() as s:
        return [mail.mime for mail in s.scalars(sa.select(Mail)) if subject in mail.subject]


def settled_at(reference: str) -> object:
    with db.reading() as s:
        return s.scalars(
            sa.select(WithdrawalMatch.settled_at).join(Withdrawal).where(Withdrawal.reference == reference)
        ).one()


class TestList:
    def test_nothing_withdrawn_says_so(self, cast: Cast, as_: SignIn) -> None:
        assert "Es ist kein Widerruf eingegangen." in as_(cast.berta).get("/haendler/widerrufe").text

    @pytest.mark.law("B6")
    def test_it_shows_receipt_to_the_second_and_both_deadlines(
        self, cast: Cast, as_: SignIn, drain: Drain, frozen: Clock
    ) -> None:
        part = handed_over(cast)
        reference = declare(part.order, drain)
        page = as_(cast.berta).get("/haendler/widerrufe").text
        for shown in (reference, part.order.number, "Karla Muster", "zu viel gekauft", "23.11.2026 um 09:00:00 Uhr",
                      "07.12.2026", "offen"):  # fmt: skip
            assert shown in page, shown
        assert "überfällig" not in page
        frozen.forward(days=15)
        assert "überfällig" in as_(cast.berta).get("/haendler/widerrufe").text

    def test_the_list_asks_few_questions_however_long_it_is(self, cast: Cast, as_: SignIn, drain: Drain) -> None:
        for _ in range(4):
            declare(handed_over(cast, 1).order, drain)
        client = as_(cast.berta)
        client.get("/haendler/widerrufe")
        page = client.get("/haendler/widerrufe")
        assert page.text.count('data-test="withdrawal"') == 4
        assert db.query_count.get() <= 10

    def test_the_nav_leads_there(self, cast: Cast, as_: SignIn) -> None:
        assert 'href="/haendler/widerrufe"' in as_(cast.berta).get("/haendler/").text


class TestSettling:
    def test_the_first_press_only_shows_what_happens(self, cast: Cast, as_: SignIn, drain: Drain) -> None:
        part = handed_over(cast)
        url = address(declare(part.order, drain), part)
        page = as_(cast.berta).post(url, data={f"stueck-{line_of(part).id}": "2"})
        assert page.status_code == 200
        assert "8,40" in page.text
        assert "selbst zurück" in page.text
        assert line_of(part).withdrawn == 0

    def test_paid_in_the_shop_is_noted_told_and_audited(self, cast: Cast, as_: SignIn, drain: Drain) -> None:
        part = handed_over(cast)
        line = line_of(part)
        reference = declare(part.order, drain)
        answer = settle(as_(cast.berta), address(reference, part), **{f"stueck-{line.id}": "2"})
        assert (answer.status_code, answer.location) == (303, "/haendler/widerrufe")
        assert line_of(part).withdrawn == 2
        assert settled_at(reference) == clock.now()
        (mail,) = mails("Ihr Widerruf zu Bestellung")
        assert "8,40" in mail
        assert "direkt von" in mail
        with db.reading() as s:
            entry = s.scalars(sa.select(AuditEntry).where(AuditEntry.action == "withdrawal.settled")).one()
            assert (entry.user_id, entry.merchant_id) == (cast.berta.id, cast.baker.id)
            assert entry.details["cents"] == 840
        assert "Widerruf erledigt" in as_(cast.berta).get("/haendler/protokoll").text

    def test_it_cannot_be_settled_twice(self, cast: Cast, as_: SignIn, drain: Drain) -> None:
        part = handed_over(cast)
        line = line_of(part)
        url = address(declare(part.order, drain), part)
        typed = {f"stueck-{line.id}": "1", "bestaetigt": "ja"}
        client = as_(cast.berta)
        assert client.post(url, data=typed).status_code == 303
        again = client.post(url, data=typed)
        assert again.status_code == 409
        assert "schon erledigt" in again.text
        assert line_of(part).withdrawn == 1
        assert len(mails("Ihr Widerruf zu Bestellung")) == 1

    @pytest.mark.parametrize(("typed", "sentence"), [
        ("4", "höchstens 3 Stück"), ("zwei", "Bitte eine ganze Zahl"), ("-1", "Bitte eine ganze Zahl"),
    ])  # fmt: skip
    def test_wrong_pieces_are_told_beside_the_line(
        self, cast: Cast, as_: SignIn, drain: Drain, typed: str, sentence: str
    ) -> None:
        part = handed_over(cast)
        name = f"stueck-{line_of(part).id}"
        reference = declare(part.order, drain)
        answer = as_(cast.berta).post(address(reference, part), data={name: typed, "bestaetigt": "ja"})
        assert answer.status_code == 422
        assert sentence in answer.text
        assert f'id="{name}-error"' in answer.text
        assert f'value="{typed}"' in answer.text
        assert settled_at(reference) is None

    def test_two_declarations_never_take_back_more_than_was_given(self, cast: Cast, as_: SignIn, drain: Drain) -> None:
        part = handed_over(cast)
        name = f"stueck-{line_of(part).id}"
        client = as_(cast.berta)
        first, second = declare(part.order, drain), declare(part.order, drain)
        assert client.post(address(first, part), data={name: "2", "bestaetigt": "ja"}).status_code == 303
        assert client.post(address(second, part), data={name: "2", "bestaetigt": "ja"}).status_code == 422
        assert client.post(address(second, part), data={name: "1", "bestaetigt": "ja"}).status_code == 303
        assert line_of(part).withdrawn == 3

    def test_without_pieces_the_shopper_is_owed_the_reason(self, cast: Cast, as_: SignIn, drain: Drain) -> None:
        part = handed_over(cast)
        reference = declare(part.order, drain)
        url = address(reference, part)
        client = as_(cast.berta)
        refused = client.post(url, data={"bestaetigt": "ja"})
        assert refused.status_code == 422
        assert "warum nichts erstattet wird" in refused.text
        assert client.post(url, data={"bestaetigt": "ja", "note": "Brot ist verderblich."}).status_code == 303
        (mail,) = mails("Ihr Widerruf zu Bestellung")
        assert "Brot ist verderblich." in mail
        assert line_of(part).withdrawn == 0

    def test_goods_still_in_the_shop_are_cancelled_instead(self, cast: Cast, as_: SignIn, drain: Drain) -> None:
        with db.transaction() as s:
            part = part_of(make_order(s, (cast.bread, 1), paid=True), cast.baker)
        url = address(declare(part.order, drain), part)
        client = as_(cast.berta)
        page = client.get(url)
        assert f'href="/haendler/bestellungen/{part.id}"' in page.text
        answer = client.post(url, data={f"stueck-{line_of(part).id}": "1", "bestaetigt": "ja"})
        assert answer.status_code == 409
        assert line_of(part).withdrawn == 0

    def test_another_merchants_withdrawal_is_not_found(self, cast: Cast, as_: SignIn, drain: Drain) -> None:
        part = handed_over(cast)
        reference = declare(part.order, drain)
        stranger = as_(cast.frieda)
        assert reference not in stranger.get("/haendler/widerrufe").text
        assert stranger.get(address(reference, part)).status_code == 404
        forced = stranger.post(address(reference, part), data={f"stueck-{line_of(part).id}": "1", "bestaetigt": "ja"})
        assert forced.status_code == 404
        assert line_of(part).withdrawn == 0
        assert settled_at(reference) is None

    def test_a_foreign_line_changes_nothing(self, cast: Cast, as_: SignIn, drain: Drain) -> None:
        part, other = handed_over(cast), handed_over(cast)
        url = address(declare(part.order, drain), part)
        typed = {f"stueck-{line_of(other).id}": "1", "note": "x", "bestaetigt": "ja"}
        as_(cast.berta).post(url, data=typed)
        assert line_of(other).withdrawn == 0


class TestMoney:
    """Through the real gateway double: what goes back, once, and the books."""

    def berta(self, till: Till) -> FlaskClient:
        with db.transaction() as s:
            user = make_staff(s, till.bread.merchant)
        return sign_in(till.app.test_client(), user)

    def test_exactly_the_pieces_go_back_even_after_the_merchant_was_paid(self, till: Till) -> None:
        order = till.order((till.bread, 3), (till.top, 1))
        till.pay(order)
        bread = part_of(order, till.bread.merchant)
        till.hand_over(bread)
        till.drain()
        line = line_of(bread)
        url = address(declare(order, till.drain, line.id), bread)
        client = self.berta(till)
        for _ in range(2):
            client.post(url, data={f"stueck-{line.id}": "2", "bestaetigt": "ja"})
            till.drain()
        (refund,) = till.refunds(order)
        assert (refund.amount, refund.goods, refund.fee) == (Money(840), Money(840), Money(0))
        assert till.part(bread).refunded == Money(840)
        (mail,) = mails("Ihr Widerruf zu Bestellung")
        assert "8,40" in mail
        assert "Zahlungsmittel" in mail
        till.check()

    @pytest.mark.law("B6")
    def test_the_delivery_fee_goes_back_when_all_that_was_delivered_is_withdrawn(self, till: Till) -> None:
        order = till.order((till.bread, 2), delivered=True)
        till.pay(order)
        (bread,) = order.parts
        till.clock.set(clock.now() + timedelta(days=1))
        self.deliver(bread, till)
        till.drain()
        line = line_of(bread)
        client = self.berta(till)
        first = declare(order, till.drain)
        client.post(address(first, bread), data={f"stueck-{line.id}": "1", "bestaetigt": "ja"})
        till.drain()
        assert sum(refund.fee.cents for refund in till.refunds(order)) == 0
        second = declare(order, till.drain)
        client.post(address(second, bread), data={f"stueck-{line.id}": "1", "bestaetigt": "ja"})
        till.drain()
        assert sum(refund.goods.cents for refund in till.refunds(order)) == 840
        assert sum(refund.fee.cents for refund in till.refunds(order)) == order.delivery_fee.cents == 391
        assert ledger.SHOPPERS not in till.balances(order)
        assert sorted("8,11" in mail for mail in mails("Ihr Widerruf zu Bestellung")) == [False, True]
        till.check()

    def deliver(self, part: MerchantOrder, till: Till) -> None:
        staff = staff_of(till.bread.merchant)
        parts.accept(part.id, staff)
        parts.mark_ready(part.id, staff, bags=1)
        with db.transaction() as s:
            handing.give_to_courier(s, part.id, by_user_id=None)
            handing.hand_over_by_courier(s, part.id, by_user_id=None)
