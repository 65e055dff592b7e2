"""`flask --app wsgi seed ...`: filling a database."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import click
from flask import current_app

from market.core.cli import needs_current_database, wrong_use
from market.core.config import Config
from market.demo import bulk, prepare
from market.demo import seed as town

P = ParamSpec("P")


def never_in_production(sentence: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Refuse before anything else is looked at, whatever state the database is in."""

    def around(command: Callable[P, None]) -> Callable[P, None]:
        @wraps(command)
        def checked(*args: P.args, **kwargs: P.kwargs) -> None:
            config: Config = current_app.config["MARKET"]
            if config.production:
                wrong_use(sentence)
            command(*args, **kwargs)

        return checked

    return around


@click.group()
def seed() -> None:
    """Fill the database with something to look at or to measure."""


@seed.command("demo")
@never_in_production("seed demo: not in production (its accounts have a known password). Unset MARKET_ENV.")
@needs_current_database
def seed_demo() -> None:
    """The demo town: 16 invented shops, their goods, deliveries and a market day, in an empty database."""
    config: Config = current_app.config["MARKET"]
    started = time.perf_counter()
    try:
        town.demo(config, current_app.extensions["job_handlers"])
    except town.NotEmpty:
        wrong_use("seed demo: the database is not empty. Point INSTANCE_DIR or DATABASE_URL at an empty one.")
    click.echo(f"{prepare.summary()} Built in {time.perf_counter() - started:.1f} s.")


@seed.command("catalogue")
@click.option("--merchants", type=int, default=20, show_default=True, help="How many merchants, with a shop each.")
@click.option("--products", type=int, default=1000, show_default=True, help="How many published products.")
@click.option("--seed", "number", type=int, default=1, show_default=True, help="The same number gives the same goods.")
@never_in_production("seed catalogue: not in production (its merchants are invented). Unset MARKET_ENV.")
@needs_current_database
def seed_catalogue(merchants: int, products: int, number: int) -> None:
    """A big generated catalogue, for measuring."""
    if merchants < 1 or products < 0:
        wrong_use("seed catalogue: --merchants must be at least 1 and --products at least 0")
    started = time.perf_counter()
    total = bulk.fill(merchants, products, number)
    seconds = time.perf_counter() - started
    click.echo(
        f"{products} products of {merchants} merchants in {seconds:.1f} s; {total} products in the catalogue now."
    )
