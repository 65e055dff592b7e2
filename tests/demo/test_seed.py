"""`seed demo` by the real command: what is in the town, that nothing is seeded twice, and day 40."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from delivery import windows
from delivery.models import DeliveryWindow, Parcel, ParcelState, Run, RunState, Unserved, Vehicle, WindowState, Zone
from market.catalogue import promise, stock_moves
from market.catalogue.models import Availability, Category, Picture, Product, ProductStatus, Stock, Variant
from market.core import clock, db, settings
from market.core.config import ROOT, load
from market.core.models import OutboxMessage
from market.demo import people
from market.demo.town import sellers
from market.directory import opening_lists
from market.directory.hours import load_calendars
from market.directory.models import Merchant, MerchantStatus, Moderation, Opening, OpeningKind, Shop
from market.orders.models import MerchantOrder, Order, PartState, PaymentMethod
from market.people.models import User
from market.web.processes import DEMO_ACCOUNTS, DEMO_PASSWORD
from payments import ledger
from payments.models import InvoiceCustomer, Payment, PaymentState, Refund
from tests import databases, demotown, when
from wsgi import create_app

SUNDAY_AFTER_CHRISTMAS = "2026-12-27T11:00"


def count(s: Session, table: type[db.Base], *where: sa.ColumnExpressionArgument[bool]) -> int:
    return s.scalar(sa.select(sa.func.count()).select_from(table).where(*where)) or 0


@pytest.fixture(params=databases.KINDS)
def town(request: pytest.FixtureRequest, tmp_path: Path, demo_town: Path) -> Iterator[Flask]:
    """The market on a copy of the town: SQLite as of today, PostgreSQL as of a Sunday between the years."""
    instance = tmp_path / "instance"
    url = ""
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_town")
        now = datetime.fromisoformat(SUNDAY_AFTER_CHRISTMAS).replace(tzinfo=clock.ZONE)
    else:
        shutil.copytree(demo_town, instance)
        now = when.now()
    env = {"INSTANCE_DIR": str(instance), "PUBLIC_URL": "http://localhost", "INLINE_WORKER": "0"}
    config = load(env, testing=True)
    app = create_app(config)
    app.config.update(WTF_CSRF_ENABLED=False)
    db.connect(url or f"sqlite:///{instance / 'market.db'}")
    clock.set_source(lambda: now)
    yield app
    db.disconnect()


@pytest.fixture(scope="session")
def postgres_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same on PostgreSQL, as if it were a Sunday after two holidays."""
    databases.need(databases.postgres_answers(), "PostgreSQL")
    folder = tmp_path_factory.mktemp("postgres-town")
    with databases.fresh_url(
        "postgresql", folder, f"market_town_{folder.name[-4:]}_{folder.parent.name[-6:]}".replace("-", "_")
    ) as url:
        demotown.seed(folder, DATABASE_URL=url, MARKET_CLOCK=SUNDAY_AFTER_CHRISTMAS)
        yield url


def sign_in(client: FlaskClient, email: str) -> FlaskClient:
    answer = client.post("/anmelden", data={"email": email, "password": DEMO_PASSWORD})
    assert answer.status_code in (302, 303), answer.text[:500]
    return client


def test_the_town_is_complete(town: Flask) -> None:
    with db.reading() as s:
        assert settings.get(s, "demo") is True
        assert count(s, Merchant, Merchant.status == MerchantStatus.ACTIVE, Merchant.demo) == 16
        assert count(s, Merchant, Merchant.payout_ready, Merchant.payout_account.like("acct_demo_%")) == 16
        assert count(s, Shop) >= 17
        assert count(s, Shop, Shop.lat.is_(None)) == 0, "every shop has a pin"
        assert count(s, Shop, Shop.entrance == "") == 0
        assert count(s, Product, Product.status == ProductStatus.PUBLISHED) >= 320
        assert count(s, Product, Product.status != ProductStatus.PUBLISHED) == 0
        assert count(s, Picture, Picture.symbolic, Picture.kind == "svg") == count(s, Product)
        assert set(s.scalars(sa.select(Product.availability).distinct())) == set(Availability)
        assert min(s.scalars(sa.select(Category.product_count))) > 0
        assert count(s, Vehicle) == 2
        assert [zone.fee.cents for zone in windows.zones(s)] == [290, 390, 590]
        assert count(s, InvoiceCustomer) >= 2
        assert {u.email for u in s.scalars(sa.select(User).where(User.demo))} == {mail for mail, _ in DEMO_ACCOUNTS}
        assert stock_moves.discrepancies(s) == []
        assert ledger.discrepancies(s) == []


def test_zones_know_villages_by_name(town: Flask) -> None:
    expected = {
        ("06712", "Zeitz"): "Zeitz Stadt",
        ("06712", "Zeitz OT Geußnitz"): "Dörfer ringsum",
        ("06729", "Elsteraue OT Tröglitz"): "Dörfer ringsum",
        ("06729", "Rehmsdorf"): "Dörfer weiter draußen",
        ("06722", "Droyßig"): "Dörfer weiter draußen",
    }
    with db.reading() as s:
        found = {place: zone.name for place in expected if (zone := windows.zone_for(s, *place)) is not None}
        assert found == expected
        assert windows.zone_for(s, "04109", "Leipzig") is None


def test_there_is_news_of_every_kind_and_a_proposal_for_the_editor(town: Flask) -> None:
    with db.reading() as s:
        shown = opening_lists.current(s, clock.today())
        assert Counter(one.kind for one in shown) == {
            kind: 1 for kind in OpeningKind if kind not in (OpeningKind.NEW_OWNER, OpeningKind.CLOSED)
        }
        assert count(s, Opening, Opening.moderation == Moderation.PROPOSED) == 1


def test_a_market_day_lies_behind_it(town: Flask) -> None:
    with db.reading() as s:
        finished = s.scalars(sa.select(Run).where(Run.state == RunState.FINISHED)).all()
        assert any(run.day < clock.today() for run in finished), "somebody drove"
        assert all(run.finished_at is not None and run.finished_at <= clock.now() for run in finished)
        assert all(run.day < clock.today() or run.ends_at <= clock.now() for run in finished), "what is over was due"
        states = Counter(s.scalars(sa.select(Parcel.state).where(Parcel.run_id.in_([run.id for run in finished]))))
        assert states[ParcelState.DELIVERED] >= 10
        assert states[ParcelState.FAILED] >= 1
        assert count(s, Unserved, Unserved.rolled_to_id.is_not(None)) == 1, "what failed is tried again"
        assert count(s, Order) >= 12
        assert count(s, Payment, Payment.state == PaymentState.PAID) >= 5
        assert count(s, Payment, Payment.state != PaymentState.PAID) == 0
        assert count(s, Refund, Refund.reference.is_not(None)) == 1, "the refused part was given back"
        done = count(s, MerchantOrder, MerchantOrder.state == PartState.HANDED_OVER)
        assert done >= 12
        assert {m for (m,) in s.execute(sa.select(Order.payment_method).distinct())} == set(PaymentMethod)
        failed = s.scalars(sa.select(OutboxMessage.topic).where(OutboxMessage.error.is_not(None))).all()
        assert failed == []


def work_for_everybody(s: Session) -> None:
    """The inboxes of the two demo merchants and the courier's page are not empty; a shopper can be delivered to."""
    for slug in ("baeckerei-hollunder", "buchhandlung-tintenlerche"):
        waiting = sa.select(sa.func.count()).select_from(MerchantOrder).join(Merchant)
        waiting = waiting.join(Order).where(Order.confirmed_at.is_not(None), Merchant.slug == slug)
        assert (s.scalar(waiting.where(MerchantOrder.state == PartState.PLACED)) or 0) >= 1, slug
    courier = s.scalars(sa.select(User.id).where(User.email == people.COURIER)).one()
    ahead = sa.select(Run).where(Run.courier_id == courier, Run.day >= clock.today(), Run.state == RunState.PLANNED)
    assert s.scalars(ahead).first() is not None
    for zone in s.scalars(sa.select(Zone)):
        choosable = [one for one in windows.offers(s, zone, clock.now()) if one.choosable]
        assert len(choosable) >= 3, zone.name
    last = s.scalar(sa.select(sa.func.max(DeliveryWindow.day)).where(DeliveryWindow.state == WindowState.OPEN))
    assert last is not None
    assert last >= clock.today() + timedelta(days=24)


def test_there_is_work_for_everybody(town: Flask) -> None:
    with db.reading() as s:
        work_for_everybody(s)


def most_can_be_bought(s: Session) -> None:
    """Of all products nine in ten have a variant that can be promised for some day."""
    variants = s.execute(sa.select(Variant.id, Variant.product_id).where(Variant.active)).all()
    supply = promise.load_supply(s, [row.id for row in variants])
    region = load({}, testing=True).region
    calendars = load_calendars(s, list(s.scalars(sa.select(Shop.id))), region)
    buyable = {
        row.product_id
        for row in variants
        if any(promise.earliest(one, calendars[one.shop_id], clock.now()).buyable for one in supply[row.id])
    }
    assert len(buyable) >= 0.9 * len({row.product_id for row in variants})


def test_most_goods_can_be_bought(town: Flask) -> None:
    with db.reading() as s:
        most_can_be_bought(s)


PAGES = ("/", "/laeden", "/neu", "/neu.atom", "/k/backwaren", "/suche?q=Brot", "/laden/popup-zwoelf-fenster", "/korb")


def test_no_public_page_is_empty(town: Flask) -> None:
    client = town.test_client()
    for page in PAGES:
        answer = client.get(page)
        assert answer.status_code == 200, page
    home = client.get("/").text
    assert home.count('data-test="product"') >= 8
    assert "Demo" in home, "the ribbon"
    assert client.get("/k/backwaren").text.count('data-test="product"') >= 12
    assert client.get("/neu").text.count('data-test="opening"') == 6
    with db.reading() as s:
        codes = s.scalars(sa.select(Product.code).order_by(Product.id)).all()
    for code in codes[::37]:
        assert "Symbolbild" in client.get(f"/p/{code}").text


STAFF: tuple[tuple[str, str, Callable[[str], bool]], ...] = (
    (people.BAKER, "/haendler/", lambda page: 'data-test="part"' in page),
    (people.BOOKSELLER, "/haendler/", lambda page: 'data-test="part"' in page),
    (people.BAKER, "/haendler/bestand", lambda page: 'data-test="stock-row"' in page),
    (people.COURIER, "/touren/", lambda page: bool(re.search(r"Tour T\d", page))),
    (people.EDITOR, "/betrieb/neueroeffnungen", lambda page: "Lesekeller" in page),
    (people.CARETAKER, "/betrieb/", lambda page: len(page) > 2000),
    (people.OPERATOR, "/betrieb/touren/", lambda page: len(page) > 2000),
    (people.CUSTOMER, "/konto", lambda page: "bestellung/" in page),
)


def test_every_demo_account_finds_work(town: Flask) -> None:
    for email, page, shows in STAFF:
        answer = sign_in(town.test_client(), email).get(page)
        assert answer.status_code == 200, (email, page)
        assert shows(answer.text), (email, page)


def test_a_full_database_is_refused(demo_town: Path) -> None:
    again = demotown.flask(demo_town, "seed", "demo")
    assert again.returncode == 2
    assert "not empty" in again.stderr.splitlines()[-1]


def test_production_is_never_seeded(tmp_path: Path) -> None:
    refused = demotown.flask(tmp_path, "seed", "demo", MARKET_ENV="production", MARKET_CLOCK="", SECRET_KEY="x" * 40)
    assert refused.returncode == 2
    assert "production" in refused.stderr.splitlines()[-1]


@pytest.fixture(scope="module")
def slept(tmp_path_factory: pytest.TempPathFactory, demo_town: Path) -> Path:
    """The town slept for 40 days, then `make run` prepared it and its worker ran. Copy it before writing."""
    instance = tmp_path_factory.mktemp("slept") / "instance"
    shutil.copytree(demo_town, instance)
    for command in (("prepare",), ("worker", "--once")):
        answer = demotown.flask(instance, *command, MARKET_CLOCK=when.later(days=40))
        assert answer.returncode == 0, answer.stderr[-2000:]
    return instance


@pytest.fixture
def day_40(tmp_path: Path, slept: Path) -> Iterator[Path]:
    """A copy of it, and our own clock on that day."""
    instance = tmp_path / "instance"
    shutil.copytree(slept, instance)
    now = when.now() + timedelta(days=40)
    db.connect(f"sqlite:///{instance / 'market.db'}")
    clock.set_source(lambda: now)
    yield instance
    db.disconnect()


def test_on_day_40_everything_is_current(day_40: Path) -> None:
    with db.reading() as s:
        work_for_everybody(s)
        most_can_be_bought(s)
        shown = opening_lists.current(s, clock.today())
        kinds = Counter(one.kind for one in shown)
        assert {OpeningKind.PLANNED, OpeningKind.POP_UP, OpeningKind.OPENED, OpeningKind.CLOSING} <= set(kinds)
        assert len({one.title for one in shown}) == kinds.total(), "nothing stands twice"
        assert s.scalars(sa.select(OutboxMessage.error).where(OutboxMessage.error.is_not(None))).all() == []
        assert count(s, Stock, Stock.confirmed_at > clock.now() - timedelta(days=2)) > 300
        assert stock_moves.discrepancies(s) == []
        left = s.scalars(sa.select(Run).where(Run.day < clock.today(), Run.state == RunState.PLANNED)).all()
        assert left == [], "nobody's run is forgotten"


def test_a_second_start_on_the_same_day_adds_nothing(day_40: Path) -> None:
    with db.reading() as s:
        before = [count(s, table) for table in (Order, Run, Opening, DeliveryWindow)]
    assert demotown.flask(day_40, "prepare", MARKET_CLOCK=when.later(days=40)).returncode == 0
    with db.reading() as s:
        assert [count(s, table) for table in (Order, Run, Opening, DeliveryWindow)] == before


def test_a_real_market_is_left_alone(day_40: Path) -> None:
    with db.transaction() as s:
        settings.put(s, "demo", value=False)
        before = [count(s, table) for table in (Order, Run, Opening)]
    for command in (("prepare",), ("worker", "--once")):
        assert demotown.flask(day_40, *command, MARKET_CLOCK=when.later(days=80)).returncode == 0
    with db.reading() as s:
        assert [count(s, table) for table in (Order, Run, Opening)] == before
        newest = s.scalar(sa.select(sa.func.max(DeliveryWindow.day)))
        assert newest is not None
        assert newest >= clock.today() + timedelta(days=60), "its windows are made all the same"


def test_no_content_of_the_town_stands_outside_the_demo() -> None:
    words = [place.slug for seller in sellers() for place in seller.places] + [seller.slug for seller in sellers()]
    found = re.compile("|".join(map(re.escape, words)))
    rooms = [path for room in ("market", "merchants", "delivery", "payments") for path in (ROOT / room).rglob("*.py")]
    offenders = [path for path in rooms if "demo" not in path.parts and found.search(path.read_text(encoding="utf-8"))]
    assert offenders == []
