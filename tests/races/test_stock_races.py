"""The last loaf, really committing on both databases, with a control that shows the race is real."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, time
from functools import partial
from threading import Barrier, Thread
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from market.catalogue import stock, stock_moves
from market.catalogue.models import Availability, QuotaDay, Stock
from market.catalogue.stock import OutOfStock, Want
from market.core import db
from tests.factories.catalogue import make_product, only_variant
from tests.factories.directory import make_merchant, make_shop

TUESDAY = date(2026, 11, 24)
only_postgres = pytest.mark.parametrize("committing", ["postgresql"], indirect=True)
"""For the controls: SQLite has one writer at a time, which hides what they show."""


def race(calls: Iterable[Callable[[], object]]) -> list[object]:
    """Start all at once; what each returned or raised."""
    calls = list(calls)
    barrier, results = Barrier(len(calls)), [None] * len(calls)  # type: tuple[Barrier, list[object]]

    def run(position: int, call: Callable[[], object]) -> None:
        barrier.wait()
        try:
            results[position] = call()
        except Exception as error:  # noqa: BLE001 - the test looks at what came out
            results[position] = error

    threads = [Thread(target=run, args=item) for item in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def take(*wants: Want) -> None:
    with db.transaction() as s:
        stock.reserve(s, wants)


def give_back(reference: str) -> int:
    with db.transaction() as s:
        return stock.release(s, reference)


def shelf_of(*counts: int, kind: Availability = Availability.COUNTED) -> tuple[list[int], int]:
    """Products with so many pieces each (or so many a day); their variants and the shop."""
    with db.transaction() as s:
        merchant = make_merchant(s)
        shop = make_shop(s, merchant)
        quota: dict[str, Any] = {"order_until": time(18), "order_days_before": 1} if kind is Availability.QUOTA else {}
        return [
            only_variant(
                make_product(
                    s,
                    merchant,
                    name=f"Ware {n}",
                    stock_count=n,
                    availability=kind,
                    quota={1: n} if quota else None,
                    **quota,
                )
            )
            for n in counts
        ], shop.id


def assert_even() -> None:
    with db.reading() as s:
        assert stock_moves.discrepancies(s) == []


@pytest.mark.parametrize("kind", [Availability.COUNTED, Availability.QUOTA])
def test_the_last_piece_is_sold_once(committing: Engine, kind: Availability) -> None:
    (variant,), shop = shelf_of(1, kind=kind)
    results = race(partial(take, Want(variant, shop, 1, TUESDAY, f"line:{n}")) for n in range(12))
    assert Counter(map(type, results)) == {type(None): 1, OutOfStock: 11}
    with db.reading() as s:
        left = s.scalar(sa.select(Stock.quantity)) if kind is Availability.COUNTED else 0
        taken = s.scalar(sa.select(QuotaDay.taken)) if kind is Availability.QUOTA else 1
    assert (left, taken) == (0, 1)
    assert_even()


@only_postgres
def test_that_race_is_real(committing: Engine) -> None:
    """The control: read, compare, write oversells on PostgreSQL. (SQLite's writers stand in line and hide the bug.)"""
    (_,), _ = shelf_of(1)
    together = Barrier(6, timeout=10)

    def read_then_write() -> str:
        with db.transaction() as s:
            row = s.scalars(sa.select(Stock)).one()
            if row.quantity < 1:
                return "sold out"
            together.wait()  # all have read before any writes
            row.quantity -= 1
            return "sold"

    assert Counter(race([read_then_write] * 6))["sold"] > 1


def test_carts_in_opposite_order_do_not_lock_each_other_out(committing: Engine) -> None:
    variants, shop = shelf_of(40, 40, 40)

    def cart(n: int) -> Callable[[], None]:
        order = variants if n % 2 else variants[::-1]
        return lambda: take(*(Want(v, shop, 1, TUESDAY, f"line:{n}-{i}") for i, v in enumerate(order)))

    assert race(cart(n) for n in range(16)) == [None] * 16
    with db.reading() as s:
        assert list(s.scalars(sa.select(Stock.quantity))) == [24, 24, 24]
    assert_even()


@only_postgres
def test_the_control_for_the_order_as_given_locks_up(committing: Engine) -> None:
    """Without the order of ids two carts wait for each other: PostgreSQL has to kill one."""
    variants, _ = shelf_of(5, 5)
    together = Barrier(2, timeout=10)

    def cart(first: int, second: int) -> Callable[[], None]:
        def run() -> None:
            with db.transaction() as s:
                for position, variant in enumerate((first, second)):
                    s.execute(sa.update(Stock).where(Stock.variant_id == variant).values(quantity=Stock.quantity - 1))
                    if position == 0:
                        together.wait()

        return run

    results = race([cart(*variants), cart(*variants[::-1])])
    assert sum(isinstance(r, sa.exc.OperationalError) for r in results) == 1


def test_takers_and_givers_at_once_keep_the_counter_even(committing: Engine) -> None:
    counted, shop = shelf_of(6, 6)
    with db.transaction() as s:
        for n in range(6):
            stock.reserve(s, [Want(v, shop, 1, TUESDAY, f"old:{n}") for v in counted])
    takers = [partial(take, *(Want(v, shop, 1, TUESDAY, f"new:{n}") for v in counted)) for n in range(8)]
    givers = [partial(give_back, f"old:{n // 2}") for n in range(12)]  # each reference twice
    results = race([*takers, *givers])
    wrong = [r for r in results if isinstance(r, Exception) and not isinstance(r, OutOfStock)]
    assert wrong == []
    assert sum(r for r in results if isinstance(r, int)) == 12  # six references of two pieces, each given back once
    sold = sum(r is None for r in results)
    with db.reading() as s:
        assert list(s.scalars(sa.select(Stock.quantity))) == [6 - sold, 6 - sold]
    assert_even()
