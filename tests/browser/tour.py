"""A planned tour in a market of its own, in its own process.

python -m tests.browser.tour ORDERS AGE_EVERY VEHICLES AT_POINT prints its code and day as JSON. Every AGE_EVERY-th
order is wine; AT_POINT more go to a pick-up point. The accounts' password is factories.people.PASSWORD.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from delivery import planning
from delivery.models import DeliveryWindow, Zone
from market.catalogue.models import Product, Temperature
from market.core import calendar, db, migrate
from market.core.config import ROOT
from market.orders import parts
from market.people.models import Role
from tests import when
from tests.delivery.day import STAFF, MarketDay, make_market_day, runs_of
from tests.factories.directory import zeitz
from tests.factories.people import make_user
from tests.factories.points import make_point, make_point_order
from tests.running import RunningMarket, running_market
from wsgi import create_app

COURIER, OPERATOR, KEEPER = "kurier@beispiel.example", "betrieb@beispiel.example", "tresen@beispiel.example"


_KEPT: dict[tuple[int, ...], tuple[Path, dict[str, str]]] = {}


@dataclass(frozen=True, slots=True)
class Tour:
    """A planned run and its running market, on the day of the run at noon."""

    code: str
    market: RunningMarket
    day: date


@contextmanager
def tour(instance: Path, orders: int, *, age_every: int = 0, vehicles: int = 1, at_point: int = 0) -> Iterator[Tour]:
    """A market with one run of so many orders, on the road today; further vehicles stand by."""
    made = _made(instance, orders, age_every, vehicles, at_point)
    with running_market(instance, MARKET_CLOCK=when.noon_of(date.fromisoformat(made["day"]))) as market:
        yield Tour(made["code"], market, date.fromisoformat(made["day"]))


def _made(instance: Path, *numbers: int) -> dict[str, str]:
    """An instance folder with such a tour: made by a process on that Monday, or a copy of the one made before."""
    if numbers not in _KEPT:
        kept = instance.with_name("kept")
        settings = {**os.environ, "INSTANCE_DIR": str(kept), "MARKET_CLOCK": when.noon_of(_monday())}
        command = [sys.executable, "-m", "tests.browser.tour", *map(str, numbers)]
        done = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        _KEPT[numbers] = kept, json.loads(done.stdout.splitlines()[-1])
    kept, made = _KEPT[numbers]
    shutil.copytree(kept, instance)
    return made


def _monday() -> date:
    """A Monday to come whose Wednesday is a working day: then the shops of the factories are open till the evening."""
    monday = when.today() + timedelta(days=7 - when.today().weekday())
    while any(_closed(monday + timedelta(days=n)) for n in range(3)):
        monday += timedelta(days=7)
    return monday


def _closed(day: date) -> bool:
    return calendar.holiday(day, zeitz().subdivision) is not None or (day.month, day.day) in {(12, 24), (12, 31)}


def _make(orders: int, age_every: int, vehicles: int, at_point: int) -> dict[str, str]:
    with db.transaction() as s:
        courier = make_user(s, name="Kuno Kurier", email=COURIER, roles=[Role.COURIER]).id
        make_user(s, name="Otto Betrieb", email=OPERATOR, roles=[Role.OPERATOR])
    market = make_market_day(shops=3, courier_id=courier, vehicles=vehicles)
    with db.transaction() as s:
        s.get_one(DeliveryWindow, market.window_id).starts = time(14)  # room for forty doors
        s.get_one(Product, market.products[1]).temperature = Temperature.CHILLED
        s.execute(sa.update(Product).where(Product.id == market.products[2]).values(min_age=16))
    for number in range(1, orders + 1):
        to: dict[str, Any] = {} if age_every and number % age_every == 0 else {"drop_off": "in der Laube"}
        market.order([2] if not to else [number % 2], **to)
    _to_the_point(market, at_point)
    planning.plan_day(market.day)
    with db.reading() as s:
        (run,) = runs_of(s, market.day)
        return {"code": run.code, "day": market.day.isoformat()}


def _to_the_point(market: MarketDay, orders: int) -> None:
    """Orders for a counter, of the plain goods; its keeper has an account."""
    for number in range(orders):
        with db.transaction() as s:
            if not number:
                keeper = make_user(s, name="Thea Tresen", email=KEEPER)
                point_id = make_point(s, keeper=keeper, name="Tourist-Information", compartments=50).id
            goods = s.get_one(Product, market.products[0])
            window, zone = s.get_one(DeliveryWindow, market.window_id), s.get_one(Zone, market.zone_id)
            order = make_point_order(s, point_id, (goods, 1), window=window, zone=zone)
            part_ids = [part.id for part in order.parts]
        for part_id in part_ids:
            parts.accept(part_id, STAFF)


if __name__ == "__main__":
    gc.disable()  # it ends in a moment
    create_app()
    migrate.upgrade(db.engine())
    sys.stdout.write(json.dumps(_make(*map(int, sys.argv[1:5]))) + "\n")
