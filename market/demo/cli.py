"""`flask --app wsgi seed ...`: filling a database."""

from __future__ import annotations

import time

import click

from market.core.cli import wrong_use
from market.demo import bulk


@click.group()
def seed() -> None:
    """Fill the database with something to look at or to measure."""


@seed.command("catalogue")
@click.option("--merchants", type=int, default=20, show_default=True, help="How many merchants, with a shop each.")
@click.option("--products", type=int, default=1000, show_default=True, help="How many published products.")
@click.option("--seed", "number", type=int, default=1, show_default=True, help="The same number gives the same goods.")
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


COMMANDS = (seed,)
