"""What went wrong on the road, as the shopper and the shop see it, down to the money."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from delivery import planning, results
from delivery.models import Parcel, ParcelState, Run, Stop, StopKind
from delivery.outcomes import Actor, Dropped, Failure, Pickup
from market.core import db
from market.core.models import Mail, OutboxMessage
from market.orders import parts
from market.orders.lifecycle import WrongStep
from market.orders.models import MerchantOrder, OrderLine, PartState
from tests.conftest import Clock
from tests.delivery.day import STAFF, MarketDay, key_of, make_market_day, part_states
from tests.factories.people import make_courier

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def market(app: Flask, frozen: Clock) -> MarketDay:
    with db.transaction() as s:
        courier_id = make_courier(s).id
    made = make_market_day(shops=1, courier_id=courier_id)
    made.order([0])
    planning.plan_day(made.day)
    frozen.forward(days=2, hours=5)
    return made


def at_the_shop(market: MarketDay, state: ParcelState, note: str = "") -> None:
    with db.reading() as s:
        code, parcel = s.scalars(sa.select(Run.code)).one(), s.scalars(sa.select(Parcel.id)).one()
        position = s.scalars(sa.select(Stop.position).where(Stop.kind == StopKind.PICKUP)).one()
    actor = Actor(market.courier_id or 0)
    results.report_pickup(code, position, Pickup({parcel: state}, note), key="pick", actor=actor)


def at_the_door(market: MarketDay, failure: Failure | None = None, note: str = "") -> None:
    with db.reading() as s:
        code = s.scalars(sa.select(Run.code)).one()
        position = s.scalars(sa.select(Stop.position).where(Stop.kind == StopKind.DROP)).one()
    said = Dropped(market.orders[0], failure, note=note)
    results.report_drop(code, position, said, key="drop", actor=Actor(market.courier_id or 0))


def page(client: FlaskClient, market: MarketDay) -> str:
    return client.get(f"/bestellung/{key_of(market.orders[0])}").text


def line_id() -> int:
    with db.reading() as s:
        return s.scalars(sa.select(OrderLine.id)).one()


def test_what_came_short_is_asked_of_the_shop_and_refunded_even_after_the_door(
    client: FlaskClient, market: MarketDay, drain: Callable[[], int]
) -> None:
    at_the_shop(market, ParcelState.SHORT, "Tasche 2 fehlt")
    assert "unvollständig abgeholt: Tasche 2 fehlt" in page(client, market)
    drain()
    with db.reading() as s:
        subjects = " ".join(s.scalars(sa.select(Mail.subject)))
    assert "Etwas fehlt: Bestellung" in subjects
    assert "Etwas fehlt in Ihrer Lieferung" in subjects
    at_the_door(market)
    assert "Das Geld dafür bekommen Sie zurück." in page(client, market)
    parts.report_missing(line_id(), 1, STAFF)
    with db.reading() as s:
        assert s.scalar(sa.select(sa.func.count()).where(OutboxMessage.topic == "part.lines_missing")) == 1
    assert part_states(market.orders[0]) == [PartState.HANDED_OVER]


def test_what_was_handed_over_whole_is_not_missing_afterwards(market: MarketDay) -> None:
    at_the_shop(market, ParcelState.PICKED_UP)
    at_the_door(market)
    with pytest.raises(WrongStep):
        parts.report_missing(line_id(), 1, STAFF)


@pytest.mark.parametrize(
    ("state", "note", "said"),
    [(ParcelState.MISSING, "nicht gepackt", "nicht da: nicht gepackt"), (ParcelState.SHOP_CLOSED, "", "Laden zu")],
)
def test_goods_that_stayed_in_the_shop_are_told(
    client: FlaskClient, market: MarketDay, state: ParcelState, note: str, said: str
) -> None:
    at_the_shop(market, state, note)
    shown = page(client, market)
    assert said in shown
    assert "Der Markt meldet sich bei Ihnen" in shown


def test_a_failed_age_check_says_how_it_goes_on(client: FlaskClient, market: MarketDay) -> None:
    with db.transaction() as s:
        s.execute(sa.update(MerchantOrder).values(min_age=16))
    at_the_shop(market, ParcelState.PICKED_UP)
    at_the_door(market, Failure.TOO_YOUNG)
    shown = page(client, market)
    assert "Altersprüfung nicht bestanden: zu jung" in shown
    assert "geben wir nur gegen einen Ausweis ab" in shown
