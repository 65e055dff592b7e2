"""The stock table: many rows at once, all or none; a stale page never overwrites what was ordered meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa
from flask.testing import FlaskClient

from market.catalogue.models import Availability, Quota, Stock, StockState
from market.core import clock, db
from market.people.models import User
from tests.factories.catalogue import make_product, only_stock, only_variant
from tests.factories.orders import make_order
from tests.merchants.conftest import Cast

SignIn = Callable[[User], FlaskClient]


def pieces(cast: Cast) -> int:
    with db.transaction() as s:
        return only_stock(s, cast.bread).quantity


def test_one_save_writes_counts_states_and_quotas(cast: Cast, as_: SignIn) -> None:
    with db.transaction() as s:
        honey = make_product(s, cast.baker, name="Honig", availability=Availability.STATES)
        rolls = make_product(s, cast.baker, name="Brötchen", availability=Availability.QUOTA)
    bread_v, honey_v, rolls_v = only_variant(cast.bread), only_variant(honey), only_variant(rolls)
    client = as_(cast.berta)
    page = client.get("/haendler/bestand").text
    assert page.count('data-test="stock-row"') == 3
    assert page.count('data-test="stock-input"') == 1 + 3 + 7
    week = {f"tag-{rolls_v}-{day}": "40" if day == 5 else "" for day in range(7)}
    answer = client.post(
        "/haendler/bestand",
        data={f"menge-{bread_v}": "7", f"war-{bread_v}": "10", f"stand-{honey_v}": "out", f"war-{honey_v}": "in_shop"}
        | week,
    )
    assert answer.status_code == 303
    with db.transaction() as s:
        assert only_stock(s, cast.bread).quantity == 7
        assert only_stock(s, honey).state is StockState.OUT
        quota = s.execute(sa.select(Quota.weekday, Quota.pieces).where(Quota.stock_id == only_stock(s, rolls).id)).all()
        assert [tuple(row) for row in quota] == [(5, 40)]


def test_wrong_rows_are_marked_and_nothing_is_saved(cast: Cast, as_: SignIn) -> None:
    with db.transaction() as s:
        other = make_product(s, cast.baker, name="Honig")
    bad, good = only_variant(cast.bread), only_variant(other)
    data = {f"menge-{bad}": "zwölf", f"war-{bad}": "10", f"menge-{good}": "3", f"war-{good}": "10"}
    answer = as_(cast.berta).post("/haendler/bestand", data=data)
    assert answer.status_code == 422
    assert "Bitte eine ganze Zahl von 0 bis 100.000 eingeben." in answer.text
    assert 'value="zwölf"' in answer.text
    assert 'value="3"' in answer.text
    with db.transaction() as s:
        assert only_stock(s, other).quantity == 10
    empty = as_(cast.berta).post("/haendler/bestand", data={f"menge-{bad}": "", f"war-{bad}": "10"})
    assert "0, wenn nichts da ist" in empty.text


def test_rows_that_were_not_touched_keep_what_was_ordered_meanwhile(cast: Cast, as_: SignIn) -> None:
    variant = only_variant(cast.bread)
    with db.transaction() as s:
        make_order(s, (cast.bread, 4), paid=True)
    answer = as_(cast.berta).post("/haendler/bestand", data={f"menge-{variant}": "10", f"war-{variant}": "10"})
    assert answer.status_code == 303
    assert pieces(cast) == 6


def test_a_count_on_an_old_page_is_asked_again(cast: Cast, as_: SignIn) -> None:
    variant = only_variant(cast.bread)
    with db.transaction() as s:
        make_order(s, (cast.bread, 4), paid=True)
    answer = as_(cast.berta).post("/haendler/bestand", data={f"menge-{variant}": "9", f"war-{variant}": "10"})
    assert answer.status_code == 422
    assert "Inzwischen wurde bestellt oder gezählt: Jetzt sind es 6" in answer.text
    assert pieces(cast) == 6


def test_a_decayed_word_is_marked_and_confirmed_with_one_button(cast: Cast, as_: SignIn) -> None:
    with db.transaction() as s:
        honey = make_product(
            s, cast.baker, name="Honig", availability=Availability.STATES, confirmed_at=clock.now() - timedelta(days=20)
        )
    client = as_(cast.berta)
    assert "älter als 14 Tage" in client.get("/haendler/bestand").text
    assert "Ein Bestand ist älter als 14 Tage" in client.get("/haendler/").text
    only = client.get("/haendler/bestand?nur=alt").text
    assert "Honig" in only
    assert "Roggenmischbrot" not in only
    assert client.post(f"/haendler/bestand/{cast.bakery.id}/stimmt").status_code == 303
    assert "älter als 14 Tage" not in client.get("/haendler/bestand").text
    with db.transaction() as s:
        assert only_stock(s, honey).confirmed_at == clock.now()


def test_saying_in_the_shop_again_refreshes_a_decayed_word(cast: Cast, as_: SignIn) -> None:
    with db.transaction() as s:
        honey = make_product(
            s, cast.baker, name="Honig", availability=Availability.STATES, confirmed_at=clock.now() - timedelta(days=20)
        )
    variant = only_variant(honey)
    client = as_(cast.berta)
    assert f'name="war-{variant}" value=""' in client.get("/haendler/bestand").text
    client.post("/haendler/bestand", data={f"stand-{variant}": "in_shop", f"war-{variant}": ""})
    with db.transaction() as s:
        assert only_stock(s, honey).confirmed_at == clock.now()


def test_a_shop_begins_to_carry_a_product(cast: Cast, as_: SignIn) -> None:
    with db.transaction() as s:
        honey = make_product(s, cast.baker, [cast.toy_shop], name="Honig")  # nowhere at the bakery
    variant = only_variant(honey)
    as_(cast.berta).post("/haendler/bestand", data={f"menge-{variant}": "5", f"war-{variant}": ""})
    with db.transaction() as s:
        query = sa.select(Stock.quantity).where(Stock.variant_id == variant, Stock.shop_id == cast.bakery.id)
        assert s.scalar(query) == 5


def test_searching_the_table(cast: Cast, as_: SignIn) -> None:
    client = as_(cast.berta)
    assert "Roggenmischbrot" in client.get("/haendler/bestand?q=roggen").text
    assert "Nichts gefunden" in client.get("/haendler/bestand?q=torte").text
