"""A planned run whose halts a dispatcher gives a place, and its halts as the desk counts them."""

from __future__ import annotations

import pytest
from flask import Flask

from delivery import storing
from delivery.desk import placing
from market.core import db
from tests.delivery.day import MarketDay, make_market_day, plan_with_second_van, runs_of

#: Visits of one run: position -> (order, shop or 0).
Halts = dict[int, list[tuple[int, int]]]


@pytest.fixture
def market(app: Flask) -> MarketDay:
    """Four orders of two shops on one van; a second van stands by."""
    made = make_market_day(shops=2)
    for goods in ([0, 1], [1], [0], [1]):
        made.order(goods)
    plan_with_second_van(made)
    return made


def the_run(market: MarketDay) -> tuple[str, Halts]:
    with db.reading() as s:
        (run,) = runs_of(s, market.day)
        return run.code, storing.visits_of(s, run)


def doors(market: MarketDay) -> list[int]:
    """The orders in the sequence of their doors."""
    return [order for halt in the_run(market)[1].values() for order, shop in halt if not shop]


def position_of(market: MarketDay, order_id: int) -> int:
    return next(at for at, halt in the_run(market)[1].items() if (order_id, 0) in halt)


def put_last(market: MarketDay, order_id: int, boss: int) -> str:
    code, halts = the_run(market)
    return placing.place(code, position_of(market, order_id), max(set(halts) - {position_of(market, order_id)}), boss)


def put_after(market: MarketDay, order_id: int, other: int, boss: int) -> str:
    return placing.place(the_run(market)[0], position_of(market, order_id), position_of(market, other), boss)
