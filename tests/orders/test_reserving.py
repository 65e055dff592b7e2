"""Reserve and collect: kept back without money or contract, until the end of the next opening day (features.md M9)."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from market.catalogue import stock
from market.catalogue.models import Availability
from market.core import clock, db, numbers, outbox
from market.core.errors import NotFound
from market.core.models import Mail
from market.orders import handing, lifecycle, parts, personal, reserving
from market.orders.drafts import Contact
from market.orders.models import Call, Channel, MerchantOrder, Mode, Order, PartState
from payments.models import LedgerEntry, Payment
from tests.conftest import Clock
from tests.factories.catalogue import make_product, make_thing, only_stock, only_variant
from tests.factories.directory import make_merchant, make_shop, zeitz
from tests.factories.orders import staff_of
from tests.races.together import race
from wsgi import JOB_HANDLERS

KARLA = Contact(name="Karla Muster", email="karla@beispiel.example")
WEEK = [(day, time(9), time(18)) for day in range(6)]
SATURDAY_BEFORE_EASTER = datetime(2027, 3, 27, 16, 0, tzinfo=UTC)  # 17:00 in Zeitz; Monday is a holiday


class Toys:
    """A shop that keeps things back, open Monday to Saturday 9-18, with ten spinning tops."""

    def __init__(self, pieces: int = 10) -> None:
        with db.transaction() as s:
            merchant = make_merchant(s, name="Spielkiste")
            self.shop_id = make_shop(s, merchant, hours=WEEK, reserves=True).id
            self.top = make_thing(s, merchant, stock_count=pieces)
            self.staff = staff_of(merchant)
            self.variant_id, self.code, self.mail = only_variant(self.top), self.top.code, merchant.email

    def reserve(self, pieces: int = 1, token: str = "t1", contact: Contact = KARLA, **more: Any) -> str:
        given: dict[str, Any] = {"contact": contact, "form_token": token, "user_id": None, "region": zeitz()} | more
        return reserving.reserve(self.code, self.variant_id, self.shop_id, pieces, **given)

    def left(self) -> int:
        with db.reading() as s:
            return only_stock(s, self.top).quantity


@pytest.fixture
def toys(database: str, app: Flask) -> Toys:
    return Toys()


def part_of(key: str) -> MerchantOrder:
    with db.reading() as s:
        found = sa.select(MerchantOrder).join(Order, Order.id == MerchantOrder.order_id).where(Order.key == key)
        return s.scalars(found).one()


def subjects(to: str) -> list[str]:
    with db.reading() as s:
        return list(s.scalars(sa.select(Mail.subject).where(Mail.recipient == to).order_by(Mail.id)))


@pytest.mark.law("A1")
def test_a_reservation_of_saturday_holds_over_a_holiday_until_tuesday_evening(toys: Toys, frozen: Clock) -> None:
    frozen.set(SATURDAY_BEFORE_EASTER)
    toys_key = toys.reserve(2)
    part = part_of(toys_key)
    assert (part.mode, part.state) == (Mode.RESERVATION, PartState.PLACED)
    assert part.collect_by is not None
    assert part.collect_by == clock.at(date(2027, 3, 30), time(18))
    assert toys.left() == 8
    outbox.drain(JOB_HANDLERS)
    frozen.set(part.collect_by - timedelta(minutes=1))
    outbox.drain(JOB_HANDLERS)
    assert part_of(toys_key).state is PartState.PLACED, "an unanswered reservation does not expire before its time"
    frozen.forward(minutes=2)
    outbox.drain(JOB_HANDLERS)
    assert part_of(toys_key).state is PartState.EXPIRED
    assert toys.left() == 10
    assert subjects(KARLA.email)[-1].startswith("Reservierung")


def test_a_reservation_leaves_no_trace_in_payments_and_ledger(toys: Toys) -> None:
    key = toys.reserve()
    outbox.drain(JOB_HANDLERS)
    part = part_of(key)
    parts.mark_ready(part.id, toys.staff, bags=1)
    handing.hand_over(part.id, toys.staff, code=part.code)
    outbox.drain(JOB_HANDLERS)
    with db.reading() as s:
        for table in (Payment, LedgerEntry):
            assert s.scalar(sa.select(sa.func.count()).select_from(table)) == 0
        order = s.scalars(sa.select(Order)).one()
        assert (order.hold_until, order.legal) == (None, {})
    assert toys.left() == 9


def test_only_the_shops_that_offer_it_keep_things_back(database: str, app: Flask) -> None:
    with db.transaction() as s:
        merchant = make_merchant(s)
        make_shop(s, merchant, hours=WEEK)
        keeping = make_shop(s, merchant, hours=WEEK, reserves=True)
        top = make_thing(s, merchant)
        bread = make_product(s, merchant, availability=Availability.QUOTA)
    with db.reading() as s:
        what = reserving.offer(s, top.code, None, region=zeitz(), now=clock.now())
        assert [one.shop.id for one in what.keepers] == [keeping.id]
        with pytest.raises(reserving.NotReservable):  # baked for a day: has to be bought
            reserving.offer(s, bread.code, None, region=zeitz(), now=clock.now())
        with pytest.raises(NotFound):
            reserving.offer(s, "NOSUCH22", None, region=zeitz(), now=clock.now())


@pytest.mark.parametrize("pieces", [0, -1, reserving.MOST_PIECES + 1, 10**12])
def test_a_few_pieces_can_be_reserved_and_not_the_whole_shelf(toys: Toys, pieces: int) -> None:
    with pytest.raises(reserving.TooManyPieces) as refused:
        toys.reserve(pieces)
    assert refused.value.field == "quantity"
    assert toys.left() == 10


def test_another_merchants_shop_keeps_nothing_for_this_one(toys: Toys) -> None:
    with db.transaction() as s:
        toys.shop_id = make_shop(s, make_merchant(s), hours=WEEK, reserves=True).id
    with pytest.raises(reserving.NotReservable):
        toys.reserve()


def test_nobody_keeps_half_the_town_waiting(toys: Toys) -> None:
    for number in range(reserving.MOST_OPEN):
        toys.reserve(token=f"t{number}")
    with pytest.raises(reserving.TooManyReservations):
        toys.reserve(token="one more")
    parts.cancel_by_shopper(_key_of("t0"), part_of(_key_of("t0")).id)
    assert toys.reserve(token="one more")


def _key_of(token: str) -> str:
    with db.reading() as s:
        return s.scalars(sa.select(Order.key).where(Order.form_token == token)).one()


def test_the_same_form_sent_twice_reserves_once(toys: Toys) -> None:
    assert toys.reserve(2) == toys.reserve(2)
    assert toys.left() == 8


def test_somebody_with_a_telephone_only_stands_on_the_call_list(toys: Toys) -> None:
    toys.reserve(contact=Contact(name="Karl", phone="03441 212345", channel=Channel.PHONE))
    outbox.drain(JOB_HANDLERS)
    with db.reading() as s:
        (call,) = s.scalars(sa.select(Call))
        assert "Das ist kein Kauf" in call.text
    assert subjects(toys.mail) == [f"Neue Reservierung {part_number()} für Spielkiste"]


def part_number() -> str:
    with db.reading() as s:
        return s.scalars(sa.select(Order.number)).one()


def test_the_shop_lays_it_aside_and_only_then_says_ready(toys: Toys) -> None:
    part = part_of(toys.reserve())
    outbox.drain(JOB_HANDLERS)
    assert not [one for one in subjects(KARLA.email) if "bereit" in one]
    with pytest.raises(lifecycle.WrongStep):  # there is no contract to accept
        parts.accept(part.id, toys.staff)
    parts.mark_ready(part.id, toys.staff, bags=1)
    outbox.drain(JOB_HANDLERS)
    assert subjects(KARLA.email)[-1].startswith("Liegt für Sie bereit: Spielkiste")
    assert part_of(_key_of("t1")).short_number == 1


def test_a_shopper_who_is_faster_than_the_shop_gets_it_against_the_code(toys: Toys) -> None:
    part = part_of(toys.reserve())
    with pytest.raises(handing.WrongCode):
        handing.hand_over(part.id, toys.staff, code="WRONG2")
    handing.hand_over(part.id, toys.staff, code=part.code)
    with pytest.raises(handing.AlreadyHandedOver):
        handing.hand_over(part.id, toys.staff, code=part.code)


def test_the_shop_may_decline_and_the_goods_are_back(toys: Toys) -> None:
    part = part_of(toys.reserve(3))
    parts.reject(part.id, toys.staff, reason="Im Schaufenster verblichen")
    outbox.drain(JOB_HANDLERS)
    assert toys.left() == 10
    with db.reading() as s:
        text = s.scalars(sa.select(Mail.mime).where(Mail.recipient == KARLA.email).order_by(Mail.id.desc())).first()
    assert text is not None
    assert "Im Schaufenster verblichen" in text


def test_the_shopper_may_drop_it_even_when_it_is_laid_aside(toys: Toys) -> None:
    key = toys.reserve(3)
    part = part_of(key)
    parts.mark_ready(part.id, toys.staff, bags=1)
    parts.cancel_by_shopper(key, part.id)
    assert part_of(key).state is PartState.CANCELLED
    assert toys.left() == 10


def test_another_merchant_sees_no_reservation_of_this_one(toys: Toys) -> None:
    part = part_of(toys.reserve())
    with db.transaction() as s:
        frieda = staff_of(make_merchant(s))
    with pytest.raises(NotFound):
        parts.mark_ready(part.id, frieda, bags=1)


def test_the_end_of_a_reservation_changes_nothing_that_is_over(toys: Toys, frozen: Clock) -> None:
    part = part_of(toys.reserve())
    handing.hand_over(part.id, toys.staff, code=part.code)
    assert part.collect_by is not None
    frozen.set(part.collect_by + timedelta(minutes=1))
    outbox.drain(JOB_HANDLERS)
    assert part_of(_key_of("t1")).state is PartState.HANDED_OVER
    assert toys.left() == 9


@pytest.mark.law("A1")
def test_a_reservation_without_an_end_cannot_be_stored(toys: Toys) -> None:
    part_id = part_of(toys.reserve()).id
    endless = sa.update(MerchantOrder).where(MerchantOrder.id == part_id).values(collect_by=None)
    with pytest.raises(sa.exc.IntegrityError), db.transaction() as s:
        s.execute(endless)


def test_a_month_later_nobody_knows_whose_reservation_it_was(toys: Toys, frozen: Clock) -> None:
    over, open_ = toys.reserve(token="t1"), toys.reserve(token="t2")
    parts.cancel_by_shopper(over, part_of(over).id)
    for days, names in ((29, {"Karla Muster"}), (2, {"gelöscht", "Karla Muster"})):
        frozen.forward(days=days)
        with db.transaction() as s:
            s.execute(sa.update(MerchantOrder).where(MerchantOrder.id == part_of(open_).id).values(state="placed"))
            outbox.emit(s, "forget")
        outbox.drain({"forget": [personal.forget_reservations]})
        with db.reading() as s:
            assert set(s.scalars(sa.select(Order.name))) == names


class TestRaces:
    @pytest.fixture
    def last(self, committing: Any, app: Flask) -> Toys:
        return Toys(pieces=1)

    def test_the_last_piece_is_reserved_once(self, last: Toys) -> None:
        results = race(6, lambda n: last.reserve(token=f"t{n}", contact=Contact(name="K", email=f"k{n}@b.example")))
        assert sum(isinstance(one, str) for one in results) == 1, results
        # the others read "nothing left" before the take, or lose the guarded UPDATE in it
        refused = (reserving.NotReservable, stock.OutOfStock)
        assert sum(isinstance(one, refused) for one in results) == 5, results
        assert last.left() == 0

    @pytest.mark.parametrize("committing", ["postgresql"], indirect=True)  # SQLite lets one writer in at a time
    def test_that_race_is_real(self, last: Toys, monkeypatch: pytest.MonkeyPatch) -> None:
        """The naive version, which reads, compares and writes, keeps the one piece back for two."""
        together = threading.Barrier(2)

        def read_then_write(s: Any, wants: Any) -> dict[Any, int]:
            (want,) = wants
            row = only_stock(s, last.top)
            left = row.quantity
            together.wait(timeout=10)
            row.quantity = left - want.quantity
            return {want: row.id}

        monkeypatch.setattr(stock, "reserve", read_then_write)
        monkeypatch.setattr(numbers, "next_number", lambda _s, _name: threading.get_ident() % 1000)
        results = race(2, lambda n: last.reserve(token=f"t{n}", contact=Contact(name="K", email=f"k{n}@b.example")))
        assert [type(one) for one in results] == [str, str], results

    def test_dropping_and_handing_over_at_once_has_one_winner(self, last: Toys) -> None:
        key = last.reserve()
        part = part_of(key)

        def press(number: int) -> Any:
            if number % 2:
                return parts.cancel_by_shopper(key, part.id)
            return handing.hand_over(part.id, last.staff, code=part.code)

        results = race(6, press)
        assert results.count(None) == 1, results
        assert last.left() == (1 if part_of(key).state is PartState.CANCELLED else 0)
