"""Nobody sees another merchant's things: every route with strangers' ids, every wrong role, nobody at all."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from market.catalogue import pictures
from market.catalogue.models import Picture, Stock
from market.core import clock, db
from market.directory import merchants as directory
from market.directory import staff
from market.directory.models import Merchant
from market.orders import parts
from market.orders.models import MerchantOrder, Withdrawal, WithdrawalMatch
from market.people.models import AuditEntry, User
from market.web import access
from merchants import shop_desk
from merchants.scope import Desk
from payments.models import InvoiceCustomer
from tests.factories.catalogue import make_product
from tests.factories.orders import make_order, part_of, staff_of
from tests.merchants.conftest import Cast

SignIn = Callable[[User], FlaskClient]
OURS = ("office.", "desk.")


def withdrawn(s: Session, part: MerchantOrder) -> Withdrawal:
    """A declaration about a part, matched."""
    row = Withdrawal(reference="W-FREMD123", received_at=clock.now(), name="Karla Muster", order_text=part.order.number,
                     email="karla@beispiel.example", lines_text=part.lines[0].name, sha256="0" * 64)  # fmt: skip
    s.add(row)
    s.flush()
    lines = {"lines": [line.id for line in part.lines]}
    s.add(WithdrawalMatch(withdrawal_id=row.id, part_id=part.id, line_ids=lines, refund_due_on=clock.today()))
    return row


def things_of_toys(cast: Cast) -> dict[str, object]:
    """One of everything that belongs to the toy shop, by the names routes use."""
    with db.transaction() as s:
        part = part_of(make_order(s, (cast.top, 1), paid=True), cast.toys)
        picture = pictures.add_picture(s, cast.top.id, pictures.Stored("0" * 64, "raster"))
        exception = directory.add_exception(s, cast.toy_shop.id, clock.today())
        s.add(customer := InvoiceCustomer(merchant_id=cast.toys.id, email="a@b.example", added_at=clock.now()))
        s.flush()
        ids = {"part_id": part.id, "line_id": part.lines[0].id, "picture_id": picture.id, "customer_id": customer.id}
        ids |= {"exception_id": exception.id, "shop_id": cast.toy_shop.id}
        declared = withdrawn(s, part)
    parts.accept(part.id, staff_of(cast.toys))
    return {**ids, "code": cast.top.code, "reference": declared.reference}


FILLED = {"bags": "1", "reason": "x", "own_reason": "x", "note": "x", "pieces": "1", "code": "AAAAAA", "name": "Neu",
          "price": "1,00", "first_day": "2026-12-01", "email": "x@y.example"}  # fmt: skip


def test_every_route_with_a_strangers_id_is_not_found(cast: Cast, as_: SignIn, app: Flask) -> None:
    values = things_of_toys(cast)
    client = as_(cast.berta)
    tried = []
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("office.") or not rule.arguments:
            continue
        url = adapter.build(rule.endpoint, {name: values[name] for name in rule.arguments}, method=None)
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            answer = client.open(url, method=method, data=FILLED if method == "POST" else None)
            assert answer.status_code == 404, (method, url)
            assert cast.top.name not in answer.text
            tried.append(rule.endpoint)
    assert len(tried) >= 25
    assert client.get(f"/haendler/bestand?laden={cast.toy_shop.id}").status_code == 404
    assert client.post("/haendler/geschaeft-wechseln", data={"merchant": cast.toys.id}).status_code == 404


def test_own_pages_show_nothing_of_the_stranger(cast: Cast, as_: SignIn) -> None:
    things_of_toys(cast)
    client = as_(cast.berta)
    pages = ("", "produkte", "bestand", "laeden", "rechnungskunden", "widerrufe", "protokoll", "packliste")
    for path in (*pages, "?stand=fertig", f"?laden={cast.toy_shop.id}", "produkte?q=Holz"):
        page = client.get(f"/haendler/{path}")
        assert page.status_code == 200, path
        assert cast.top.name not in page.text
        assert cast.toys.name not in page.text


def rules(app: Flask) -> list[tuple[str, str, frozenset[str]]]:
    """(method, a url with ids that do not exist, who may call it) of every route of this room."""
    adapter = app.url_map.bind("localhost")
    found = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith(OURS):
            values = {name: "AAAAAAAA" if name in ("code", "status") else 987654 for name in rule.arguments}
            values |= {"value": "an"} if "value" in rule.arguments else {}
            url = adapter.build(rule.endpoint, values)
            allowed = access.rule_of(app, rule.endpoint) or frozenset()
            found += [(method, url, allowed) for method in sorted((rule.methods or set()) & {"GET", "POST"})]
    return found


def test_wrong_roles_are_refused_and_strangers_sent_to_sign_in(cast: Cast, as_: SignIn, app: Flask) -> None:
    people = {"shopper": cast.shopper, "merchant": cast.berta, "courier": cast.kuno, "caretaker": cast.karla,
              "editor": cast.rita, "operator": cast.otto}  # fmt: skip
    clients = {role: as_(user) for role, user in people.items()}
    anonymous = app.test_client()
    for method, url, allowed in rules(app):
        nobody = anonymous.open(url, method=method)
        assert nobody.status_code == 303, url
        assert nobody.location.startswith("/anmelden"), url
        for role, client in clients.items():
            if role not in allowed:
                assert client.open(url, method=method).status_code == 403, (role, url)


def test_allowed_roles_never_meet_an_error_page_for_unknown_ids(cast: Cast, as_: SignIn, app: Flask) -> None:
    people = {"merchant": cast.berta, "caretaker": cast.karla, "editor": cast.rita, "operator": cast.otto}
    for role, user in people.items():
        client = as_(user)
        for method, url, allowed in rules(app):
            if role in allowed and method == "GET":
                assert client.get(url).status_code in (200, 303, 404), (role, url)


def test_a_helper_first_chooses_a_merchant(cast: Cast, as_: SignIn) -> None:
    client = as_(cast.karla)
    assert client.get("/haendler/").location == "/betrieb/haendler"
    assert client.post(f"/betrieb/haendler/{cast.baker.id}/vertreten").location == "/haendler/"
    page = client.get("/haendler/").text
    assert "Sie arbeiten für" in page
    assert cast.baker.name in page
    assert client.get(f"/haendler/laeden/{cast.toy_shop.id}").status_code == 404


def test_what_a_helper_does_is_logged_and_shown_to_the_merchant(cast: Cast, as_: SignIn) -> None:
    with db.transaction() as s:
        part = part_of(make_order(s, (cast.bread, 1), paid=True), cast.baker)
    helper = as_(cast.karla)
    helper.post(f"/betrieb/haendler/{cast.baker.id}/vertreten")
    assert helper.post(f"/haendler/bestellungen/{part.id}/annehmen", data={"bags": "1"}).status_code == 303
    helper.post(f"/haendler/bestand/{cast.bakery.id}/stimmt")
    helper.post(f"/haendler/produkte/{cast.bread.code}/pausieren")
    helper.post("/haendler/vertretung-beenden")
    assert helper.get("/haendler/").status_code == 303
    log = as_(cast.berta).get("/haendler/protokoll").text
    for sentence in ("begann, für das Geschäft zu arbeiten", "Bestellung angenommen", "Bestände bestätigt",
                     "Ware pausiert", "beendete die Arbeit", "Karla Kümmerin", "vom Marktbetrieb"):  # fmt: skip
        assert sentence in log
    assert "Kümmerer für den Laden (Karla Kümmerin)" in as_(cast.berta).get(f"/haendler/bestellungen/{part.id}").text
    assert "Karla" not in as_(cast.frieda).get("/haendler/protokoll").text
    with db.transaction() as s:
        entries = s.scalars(sa.select(AuditEntry).where(AuditEntry.user_id == cast.karla.id)).all()
        assert {entry.merchant_id for entry in entries} == {cast.baker.id}


def test_every_change_a_helper_makes_leaves_a_line(cast: Cast) -> None:
    """The use cases behind the forms, one by one: whoever adds one without a line fails here."""
    desk = Desk(cast.baker, cast.karla.id, "caretaker")
    with db.transaction() as s:
        stock_id = s.scalars(sa.select(Stock.id).where(Stock.shop_id == cast.bakery.id)).first()
    assert stock_id is not None
    shop_desk.save(desk, cast.bakery.id, {"bell": "Berta"})
    shop_desk.save_hours(desk, cast.bakery.id, [])
    shop_desk.confirm(desk, cast.bakery.id)
    shop_desk.add_exception(desk, cast.bakery.id, clock.today(), None, None, None, "")
    with db.transaction() as s:
        query = sa.select(AuditEntry.action).where(AuditEntry.user_id == cast.karla.id).order_by(AuditEntry.id)
        assert list(s.scalars(query)) == ["shop.changed", "shop.hours", "shop.checked", "shop.exception"]


def test_somebody_with_two_merchants_switches(cast: Cast, as_: SignIn) -> None:
    with db.transaction() as s:
        staff.join(s, cast.berta.id, cast.toys.id)
    client = as_(cast.berta)
    assert cast.top.name not in client.get("/haendler/produkte").text
    assert client.post("/haendler/geschaeft-wechseln", data={"merchant": cast.toys.id}).status_code == 303
    page = client.get("/haendler/produkte").text
    assert cast.top.name in page
    assert cast.bread.name not in page


@pytest.mark.parametrize("who", ["shopper", "berta"])
def test_nobody_else_may_act_for_a_merchant(cast: Cast, as_: SignIn, who: str) -> None:
    client = as_(getattr(cast, who))
    assert client.post(f"/betrieb/haendler/{cast.toys.id}/vertreten").status_code == 403
    with client.session_transaction() as session:
        session["acting_for"] = cast.toys.id  # as if the session had been forged
    assert cast.top.name not in client.get("/haendler/produkte").text


def test_pictures_of_strangers_stay(cast: Cast, as_: SignIn) -> None:
    values = things_of_toys(cast)
    url = f"/haendler/produkte/{cast.bread.code}/bild/{values['picture_id']}/entfernen"
    assert as_(cast.berta).post(url).status_code == 404
    with db.transaction() as s:
        assert s.get(Picture, values["picture_id"]) is not None


@pytest.mark.parametrize(
    "query", ["_external=1", "_scheme=javascript", "_method=X", "endpoint=x", "part_id=1&x={page}"]
)
def test_the_pager_keeps_what_the_address_says_and_follows_nothing_in_it(
    cast: Cast, as_: SignIn, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    monkeypatch.setattr("merchants.products_desk.PAGE_SIZE", 1)
    with db.transaction() as s:
        make_product(s, s.get_one(Merchant, cast.baker.id), name="Kastenbrot")
    page = as_(cast.berta).get(f"/haendler/produkte?{query}")
    assert page.status_code == 200
    (link,) = {href for href in re.findall(r'href="([^"]*)"', page.text) if href.endswith("seite=2")}
    assert link.startswith("/haendler/produkte?")


def test_pictures_are_limited_per_account(cast: Cast, as_: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("merchants.views.products.PICTURES", 2)
    client, address = as_(cast.berta), f"/haendler/produkte/{cast.bread.code}/bild"

    def send() -> int:
        return client.post(address, data={"picture": (io.BytesIO(b"no picture"), "a.png")}).status_code

    assert [send() for _ in range(3)] == [422, 422, 429]
