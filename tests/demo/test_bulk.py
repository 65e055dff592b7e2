"""The bulk catalogue takes short cuts into the tables, but keeps every rule of the use cases."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask

from market.catalogue import duties, listing, search, stock_moves
from market.catalogue.listing import Wish
from market.catalogue.models import Category, PricePoint, Product, SearchEntry
from market.core import db
from market.demo import bulk


def test_bulk_goods_keep_the_rules_of_the_use_cases(database: str) -> None:
    assert bulk.fill(3, 60, seed=7) == 60
    with db.transaction() as s:
        goods = list(s.scalars(sa.select(Product)))
        assert [error for product in goods for error in duties.publish_errors(product)] == []
        assert stock_moves.discrepancies(s) == []
        assert s.scalar(sa.select(sa.func.sum(Category.product_count))) == 60
        for table in (PricePoint, SearchEntry):
            assert s.scalar(sa.select(sa.func.count()).select_from(table)) == 60
        assert all(product.price_from == product.variants[0].price for product in goods)
        word = goods[0].name.split()[0]
        found = search.find(s, word, Wish())
        assert found.page is not None
        assert goods[0].name in {card.name for card in found.page.cards}
        assert listing.page(s, Wish()).count == 60


def test_the_same_seed_gives_the_same_names_and_few_twice(database: str) -> None:
    bulk.fill(2, 40, seed=1)
    with db.transaction() as s:
        first = set(s.scalars(sa.select(Product.name)))
    bulk.fill(2, 40, seed=1)
    with db.transaction() as s:
        assert set(s.scalars(sa.select(Product.name))) == first
    assert len(first) == 40


def test_wrong_use_of_the_command_says_what_to_do(database: str, app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["seed", "catalogue", "--merchants", "0"])
    assert result.exit_code == 2
    assert "--merchants must be at least 1" in result.output
    done = app.test_cli_runner().invoke(args=["seed", "catalogue", "--merchants", "1", "--products", "12"])
    assert done.exit_code == 0
    assert "12 products of 1 merchants" in done.output
