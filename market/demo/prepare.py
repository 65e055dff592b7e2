"""Before `make run` starts: an empty development database becomes the demo town, and an older one wakes up current."""

from __future__ import annotations

import click
import sqlalchemy as sa

from delivery.models import DeliveryWindow, Run
from market.catalogue.models import Product
from market.core import db
from market.core.config import Config
from market.core.outbox import Handlers
from market.demo import seed
from market.directory.models import Merchant, Opening, Shop
from market.orders.models import Order

_COUNTED = (
    ("merchants", Merchant),
    ("shops", Shop),
    ("products", Product),
    ("openings", Opening),
    ("delivery windows", DeliveryWindow),
    ("orders", Order),
    ("runs", Run),
)


def fill_when_empty(config: Config, handlers: Handlers) -> None:
    """PREPARE_STEPS: nothing in production, and nothing when anybody or anything is in the database already."""
    if config.production or not seed.is_empty():
        return
    click.echo("Filling the empty database with the demo town ...")
    seed.demo(config, handlers)
    click.echo(summary())


def summary() -> str:
    """What there is, in one line for the terminal."""
    with db.reading() as s:
        counts = {word: s.scalar(sa.select(sa.func.count()).select_from(table)) for word, table in _COUNTED}
    return ", ".join(f"{number} {word}" for word, number in counts.items()) + "."
