"""Kill the process in the middle of a reservation: nothing is kept back for nobody, nothing comes back twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from market.core import db
from market.core.models import Mail
from market.directory.models import Shop
from market.orders import reserving
from market.orders.drafts import Contact
from market.orders.models import MerchantOrder, Order, PartState
from tests.factories.catalogue import only_variant
from tests.factories.directory import zeitz
from tests.faults.street import Street
from tests.faults.street import street as street
from tests.payments.sandbox_fixtures import _shared as _shared
from tests.payments.sandbox_fixtures import inbox as inbox
from tests.payments.sandbox_fixtures import sandbox as sandbox


def wish(street: Street) -> dict[str, Any]:
    """Two spinning tops, at the one shop that has them."""
    with db.transaction() as s:
        shop = s.scalars(sa.select(Shop).where(Shop.merchant_id == street.top.merchant_id)).one()
        shop.reserves = True
        return {
            "code": street.top.code,
            "variant_id": only_variant(street.top),
            "shop_id": shop.id,
            "quantity": 2,
            "contact": Contact(name="Karla", email="karla@beispiel.example"),
            "form_token": "t1",
            "user_id": None,
            "region": zeitz(),
        }


def parts_of(street: Street) -> list[MerchantOrder]:
    with db.reading() as s:
        mine = sa.select(MerchantOrder).join(Order).where(Order.form_token == "t1")
        return list(s.scalars(mine))


def test_a_reservation_that_dies_before_its_commit_keeps_nothing_back(street: Street) -> None:
    wanted = wish(street)
    street.kill("order.created", "reserve", **wanted)
    assert parts_of(street) == []
    assert street.left_of(street.top) == 10
    reserving.reserve(**wanted)  # the shopper presses again
    street.recover()
    assert len(parts_of(street)) == 1
    assert street.left_of(street.top) == 8
    street.check()


def test_a_worker_that_dies_while_a_reservation_ends_gives_the_goods_back_once(street: Street) -> None:
    reserving.reserve(**wish(street))
    street.drain()
    (part,) = parts_of(street)
    assert part.collect_by is not None
    street.clock.set(part.collect_by + timedelta(minutes=1))
    street.kill("reservation.ended", "drain")
    assert parts_of(street)[0].state is PartState.PLACED
    assert street.left_of(street.top) == 8
    street.recover()
    assert parts_of(street)[0].state is PartState.EXPIRED
    assert street.left_of(street.top) == 10
    with db.reading() as s:
        ended = s.scalars(sa.select(Mail.subject).where(Mail.subject.like("Reservierung%beendet"))).all()
    assert len(ended) == 1
    street.check()
