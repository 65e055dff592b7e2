"""The caretakers' and the operator's desk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from market.catalogue.models import Availability, Category
from market.core import clock, db, outbox, settings
from market.core.models import OutboxMessage
from market.directory import staff
from market.directory.models import Merchant, MerchantStatus, Shop
from market.orders.models import Call, Channel
from market.people.models import AuditEntry, Role, User
from tests.conftest import Clock
from tests.factories.catalogue import make_product
from tests.factories.directory import make_shop
from tests.factories.orders import make_order
from tests.merchants.conftest import Cast

SignIn = Callable[[User], FlaskClient]
MERCHANT = {"name": "Teestube", "legal_name": "Teestube e. K.", "street": "Markt 1", "zip": "06712", "city": "Zeitz",
            "answer_within_h": "4"}  # fmt: skip


def actions(user: User) -> list[str]:
    with db.transaction() as s:
        query = sa.select(AuditEntry.action).where(AuditEntry.user_id == user.id).order_by(AuditEntry.id)
        return list(s.scalars(query))


def test_the_start_page_names_what_needs_a_hand(
    cast: Cast, as_: SignIn, frozen: Clock, drain: Callable[[], int]
) -> None:
    with db.transaction() as s:
        make_product(
            s, cast.baker, name="Honig", availability=Availability.STATES, confirmed_at=clock.now() - timedelta(days=20)
        )
        make_shop(s, name="Ohne Zeiten", hours=())
        order = make_order(s, (cast.top, 1), paid=True, channel=Channel.PHONE, phone="03441 5555")
    drain()
    frozen.forward(hours=3)
    drain()  # half of the time to answer is over
    page = as_(cast.karla).get("/betrieb/").text
    assert order.number in page
    assert cast.toys.phone in page
    assert f"{cast.baker.name}</strong> · 1 Angabe" in page
    assert "Ohne Zeiten" in page
    assert "keine Öffnungszeiten" in page


def test_editors_see_no_orders(cast: Cast, as_: SignIn) -> None:
    page = as_(cast.rita).get("/betrieb/")
    assert page.status_code == 200
    assert "Bestellungen ohne Antwort" not in page.text
    assert as_(cast.rita).get("/betrieb/anrufe").status_code == 403


def test_a_call_is_read_out_printed_and_done_once(cast: Cast, as_: SignIn, drain: Callable[[], int]) -> None:
    with db.transaction() as s:
        make_order(s, (cast.bread, 1), paid=True, channel=Channel.PHONE, phone="03441 5555", name="Olga Ohnemail")
    drain()
    with db.transaction() as s:
        call = s.scalars(sa.select(Call)).first()
        assert call is not None
    client = as_(cast.karla)
    assert "Olga Ohnemail" in client.get("/betrieb/anrufe").text
    page = client.get(f"/betrieb/anrufe/{call.id}").text
    assert "tel:034415555" in page
    assert "Roggenmischbrot" in page
    assert "Olga Ohnemail" in client.get(f"/betrieb/anrufe/{call.id}/brief").text
    for _ in range(2):
        assert client.post(f"/betrieb/anrufe/{call.id}/erledigt").status_code == 303
    assert actions(cast.karla) == ["call.done"]
    assert "Olga Ohnemail" in client.get("/betrieb/anrufe?stand=erledigt").text
    assert client.post("/betrieb/anrufe/999999/erledigt").status_code == 404


def test_a_merchant_is_created_checked_and_activated(cast: Cast, as_: SignIn) -> None:
    client = as_(cast.otto)
    made = client.post("/betrieb/haendler/neu", data=MERCHANT)
    assert made.status_code == 303
    url = made.location
    early = client.post(f"{url}/stand/active")
    assert early.status_code == 422
    assert "Umsatzsteuer-Identifikationsnummer fehlt" in early.text
    full = MERCHANT | {"vat_id": "DE123456789", "represented_by": "Theo Tee", "phone": "03441 1"}
    assert client.post(url, data=full).status_code == 303
    place = {"name": "Teestube", "street": "Markt", "house_number": "1", "zip": "06712", "city": "Zeitz", "active": "y"}
    assert client.post(f"{url}/laden", data=place).status_code == 303
    assert client.post(f"{url}/geprueft").status_code == 303
    assert client.post(f"{url}/stand/active").status_code == 303
    with db.transaction() as s:
        merchant = s.scalars(sa.select(Merchant).where(Merchant.name == "Teestube")).one()
        assert merchant.status is MerchantStatus.ACTIVE
        assert merchant.vat_id_verified_at is not None
        (shop,) = merchant.shops
    assert client.post(f"{url}/laden/{shop.id}", data=place | {"name": "Teestube am Markt"}).status_code == 303
    client.post(url, data=full | {"vat_id": "DE987654321"})
    with db.transaction() as s:
        assert s.get_one(Merchant, merchant.id, populate_existing=True).vat_id_verified_at is None
        assert s.get_one(Shop, shop.id, populate_existing=True).name == "Teestube am Markt"


def test_pausing_a_merchant_takes_its_goods_off_the_shelves(cast: Cast, as_: SignIn) -> None:
    def shelf() -> int:
        with db.transaction() as s:
            return s.get_one(Category, cast.bread.category_id, populate_existing=True).product_count

    before = shelf()
    assert as_(cast.otto).post(f"/betrieb/haendler/{cast.baker.id}/stand/paused").status_code == 303
    assert shelf() == before - 1


@pytest.mark.parametrize(("url", "base", "data", "sentence"), [
    ("haendler/neu", MERCHANT, {"name": ""}, "Wie heißt das Geschäft?"),
    ("haendler/neu", MERCHANT, {"zip": "6712"}, "fünf Ziffern"),
    ("haendler/neu", MERCHANT, {"vat_id": "123"}, "sieht so aus: DE123456789"),
    ("haendler/neu", MERCHANT, {"email": "tee"}, "keine E-Mail-Adresse"),
    ("haendler/neu", MERCHANT, {"answer_within_h": "99"}, "von 1 bis 48"),
    ("haendler/{id}", MERCHANT, {"legal_name": ""}, "rechtlichen Namen"),
    ("haendler/{id}/laden", {"street": "Markt"}, {"name": ""}, "Wie heißt der Laden?"),
    ("haendler/{id}/personen", {}, {"email": "niemand@nirgends.example"}, "gibt es kein Konto"),
    ("haendler/{id}/personen", {}, {"email": ""}, "Bitte geben Sie die E-Mail-Adresse ein."),
    ("konten/neu", {"name": "Nina Neu"}, {"email": "nina", "password": "ein-langes-passwort"}, "keine E-Mail-Adresse"),
    ("konten/neu", {"name": "Nina Neu"}, {"email": "n@x.example", "password": "kurz"}, "mindestens 10 Zeichen"),
    ("konten/neu", {"name": "Nina Neu"}, {"email": "n@x.example", "password": ""}, "ein erstes Passwort"),
])  # fmt: skip
def test_wrong_input_on_the_operators_forms(
    cast: Cast, as_: SignIn, url: str, base: dict[str, str], data: dict[str, str], sentence: str
) -> None:
    answer = as_(cast.otto).post(f"/betrieb/{url.format(id=cast.baker.id)}", data=base | data)
    assert answer.status_code == 422
    assert sentence in answer.text
    for name, text in (base | data).items():
        if text and name != "password":
            assert f'value="{text}"' in answer.text, name


def test_people_join_and_leave_a_merchant(cast: Cast, as_: SignIn) -> None:
    client = as_(cast.otto)
    url = f"/betrieb/haendler/{cast.baker.id}/personen"
    assert client.post(url, data={"email": cast.shopper.email}).status_code == 303
    assert "arbeitet schon" in client.post(url, data={"email": cast.shopper.email}).text
    assert as_(cast.shopper).get("/haendler/").status_code == 200
    assert client.post(f"{url}/{cast.shopper.id}/entfernen").status_code == 303
    assert as_(cast.shopper).get("/haendler/").status_code == 403
    with db.transaction() as s:
        assert staff.merchants_of(s, cast.shopper.id) == []


def test_staff_accounts_and_roles(cast: Cast, as_: SignIn) -> None:
    client = as_(cast.otto)
    data = {"name": "Nina Neu", "email": "nina@markt.example", "password": "ein-langes-wort", "roles": ["courier"],
            "merchant": str(cast.baker.id)}  # fmt: skip
    assert client.post("/betrieb/konten/neu", data=data).status_code == 303
    taken = client.post("/betrieb/konten/neu", data=data)
    assert taken.status_code == 422
    assert "gibt es schon ein Konto" in taken.text
    with db.transaction() as s:
        nina = s.scalars(sa.select(User).where(User.email == "nina@markt.example")).one()
        assert [held.role for held in nina.roles] == [Role.COURIER]
        assert staff.merchants_of(s, nina.id) == [cast.baker.id]
    assert client.post(f"/betrieb/konten/{nina.id}", data={"roles": ["editor", "caretaker"]}).status_code == 303
    with db.transaction() as s:
        held = s.get_one(User, nina.id, populate_existing=True).roles
        assert {role.role for role in held} == {Role.EDITOR, Role.CARETAKER}
    assert client.post(f"/betrieb/konten/{nina.id}", data={"roles": ["king"]}).status_code == 422
    own = client.post(f"/betrieb/konten/{cast.otto.id}", data={"roles": ["courier"]})
    assert own.status_code == 422
    assert "nicht selbst nehmen" in own.text
    assert "Nina Neu" in client.get("/betrieb/konten?q=nina").text


def test_online_payment_is_switched_and_logged(cast: Cast, as_: SignIn) -> None:
    client = as_(cast.otto)
    assert client.post("/betrieb/zahlungen/online/aus").status_code == 303
    with db.transaction() as s:
        assert settings.get(s, "online_payment") is False
    assert "ist ausgeschaltet" in client.get("/betrieb/zahlungen").text
    client.post("/betrieb/zahlungen/online/an")
    with db.transaction() as s:
        assert settings.get(s, "online_payment") is True
    assert actions(cast.otto) == ["setting.changed", "setting.changed"]
    assert client.post("/betrieb/zahlungen/online/vielleicht").status_code == 404


def test_dead_jobs_are_shown_retried_and_discarded(cast: Cast, as_: SignIn, drain: Callable[[], int]) -> None:
    with db.transaction() as s:
        for name in ("erster", "zweiter"):
            outbox.emit(s, "niemand.hört", name=name)
    drain()
    client = as_(cast.otto)
    page = client.get("/betrieb/auftraege").text
    assert page.count('data-test="dead-job"') == 2
    assert "UnknownTopic" in page
    with db.transaction() as s:
        first, second = s.scalars(
            sa.select(OutboxMessage.id).where(OutboxMessage.dead_at.is_not(None)).order_by(OutboxMessage.id)
        ).all()
    assert client.post(f"/betrieb/auftraege/{first}/wiederholen").status_code == 303
    with db.transaction() as s:
        again = s.get_one(OutboxMessage, first, populate_existing=True)
        assert (again.dead_at, again.attempts, again.due_at) == (None, 0, clock.now())
    assert client.post(f"/betrieb/auftraege/{second}/verwerfen").status_code == 303
    assert client.post(f"/betrieb/auftraege/{second}/verwerfen").status_code == 404
    assert actions(cast.otto) == ["job.retried", "job.discarded"]
    assert "gescheiterten Auftrag verworfen" in client.get("/betrieb/protokoll").text


@pytest.mark.parametrize("count", [3, 60])
def test_desk_pages_need_at_most_ten_queries(cast: Cast, as_: SignIn, count: int) -> None:
    with db.transaction() as s:
        for n in range(count):
            make_shop(s, name=f"Laden {n}", hours=())
            make_order(s, (cast.bread, 1), paid=True) if n < 3 else None
    client = as_(cast.otto)
    client.get("/betrieb/")
    for path in (
        "",
        "anrufe",
        "haendler",
        f"haendler/{cast.baker.id}",
        "konten",
        "zahlungen",
        "auftraege",
        "protokoll",
    ):
        assert client.get(f"/betrieb/{path}").status_code == 200
        assert db.query_count.get() <= 10, path
