"""CPU of the public pages as ratios to a bare Flask + SQLAlchemy + Jinja page in the same run.

    .venv/bin/python -m bench.pages [--sizes 1000,10000] [--rounds 60] [--profile list]

In-process (no server, no network): the same WSGI call for ours and for the floor, interleaved, medians of process
time. Goals: home, list, category and product page <= 5x the floor; from the smallest to the largest size <= 1.5x.
"""

from __future__ import annotations

import argparse
import cProfile
import logging
import pstats
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask, render_template
from jinja2 import DictLoader
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from werkzeug.test import EnvironBuilder

from market.catalogue.models import Category, Product, ProductStatus
from market.core import config, db, migrate
from market.demo import bulk
from wsgi import create_app

GOAL = 5.0
GROWTH = 1.5
ROWS = 30
Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


class _Base(DeclarativeBase):
    pass


class _Row(_Base):
    __tablename__ = "floor_row"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    text: Mapped[str]
    price: Mapped[int]


FLOOR_PAGE = """<!doctype html><html lang="de"><head><title>{{ title }}</title></head><body><h1>{{ title }}</h1><ul>
{% for row in rows %}<li class="card"><h3><a href="/p/{{ row.id }}">{{ row.name }}</a></h3><p>{{ row.text }}</p>
<p class="price">{{ "%.2f"|format(row.price / 100) }}</p><form method="post" action="/cart"><input type="hidden"
name="id" value="{{ row.id }}"><button>In den Korb</button></form></li>{% endfor %}</ul></body></html>"""


def floor_app(folder: Path, rows: int) -> Flask:
    """The bare page: 30 ORM rows by primary key, one template, nothing else."""
    engine = sa.create_engine(f"sqlite:///{folder / 'floor.db'}")
    _Base.metadata.create_all(engine)
    with Session(engine) as s, s.begin():
        text = "Ein Text, wie er bei Waren steht, und der die Seite auf rund sechzehn Kilobyte bringt. " * 3
        s.add_all(_Row(id=n, name=f"Ware {n}", text=text, price=n) for n in range(1, rows + 1))
    app = Flask("floor")
    app.jinja_loader = DictLoader({"floor.html": FLOOR_PAGE})  # compiled once, like a file

    @app.get("/list")
    def page() -> str:
        with Session(engine) as s:
            found = s.scalars(sa.select(_Row).where(_Row.id > 100).order_by(_Row.id).limit(ROWS)).all()
            return render_template("floor.html", title="Alle Waren", rows=found)

    return app


@contextmanager
def market(folder: Path, products: int) -> Iterator[Flask]:
    """The market with a generated catalogue of this size."""
    settings = config.load({"INSTANCE_DIR": str(folder), "PUBLIC_URL": "http://localhost", "INLINE_WORKER": "0"})
    app = create_app(settings)
    for handler in logging.getLogger("market").handlers:
        handler.setStream(open("/dev/null", "w", encoding="utf-8"))  # type: ignore[attr-defined]  # noqa: PTH123, SIM115 - the log line is part of the cost, the terminal is not
    migrate.upgrade(db.engine())
    started = time.perf_counter()
    bulk.fill(20, products, seed=1)
    print(f"{products} products made in {time.perf_counter() - started:.1f} s")
    yield app
    db.disconnect()


def call(app: Wsgi, path: str) -> tuple[float, int]:
    """One request: CPU milliseconds and the size of the answer. Raises when it is not a 200."""
    environ = EnvironBuilder(path).get_environ()
    status: list[str] = []
    begun = time.process_time()
    body = app(environ, lambda code, _headers, _info=None: status.append(code))
    size = sum(len(part) for part in body)
    used = (time.process_time() - begun) * 1000
    close = getattr(body, "close", None)
    if close:
        close()
    if not status[0].startswith("200"):
        raise RuntimeError(f"{path}: {status[0]}")
    return used, size


def addresses() -> dict[str, str]:
    """What is measured."""
    with db.reading() as s:
        slug = s.scalars(sa.select(Category.slug).order_by(Category.position)).first()
        query = sa.select(Product.code).where(Product.status == ProductStatus.PUBLISHED).order_by(Product.id)
        code = s.scalars(query.limit(1)).one()
    return {
        "home": "/",
        "list": "/waren",
        "list page 20": "/waren?seite=20&sortierung=preis",
        "category": f"/k/{slug}",
        "filtered": f"/k/{slug}?offen=1&bis=5,00",
        "product": f"/p/{code}",
        "search": "/suche?q=Brot",
        "typo": "/suche?q=Kartofelbrot",
    }


def measure(app: Flask, floor: Flask, rounds: int) -> dict[str, tuple[float, int]]:
    """Median CPU milliseconds and size per page, the floor among them; interleaved, so that noise hits all alike."""
    pages: dict[str, tuple[Wsgi, str]] = {"floor": (floor.wsgi_app, "/list")}
    pages |= {name: (app.wsgi_app, path) for name, path in addresses().items()}
    times: dict[str, list[float]] = {name: [] for name in pages}
    sizes = {}
    for turn in range(rounds + 5):
        for name, (wsgi, path) in pages.items():
            used, sizes[name] = call(wsgi, path)
            if turn >= 5:  # warm
                times[name].append(used)
    return {name: (statistics.median(values), sizes[name]) for name, values in times.items()}


def show_profile(app: Flask, path: str) -> None:
    """Where the time of one page goes."""
    for _ in range(5):
        call(app.wsgi_app, path)
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(100):
        call(app.wsgi_app, path)
    profile.disable()
    pstats.Stats(profile).sort_stats("tottime").print_stats(35)


def main() -> int:
    """Print the table; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sizes", default="1000,10000")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--profile", metavar="PAGE")
    options = parser.parse_args()
    ratios: dict[int, dict[str, float]] = {}
    for size in map(int, options.sizes.split(",")):
        with tempfile.TemporaryDirectory() as name, market(Path(name), size) as app:
            floor = floor_app(Path(name), 1000)
            if options.profile:
                show_profile(app, addresses()[options.profile])
                return 0
            found = measure(app, floor, options.rounds)
        base = found["floor"][0]
        ratios[size] = {page: used / base for page, (used, _) in found.items()}
        for page, (used, length) in found.items():
            print(f"{size:>7} {page:<13} {used:6.2f} ms CPU {used / base:5.2f}x floor {length / 1000:6.1f} kB")
    smallest, largest = min(ratios), max(ratios)
    missed = [
        f"{page}: {ratios[size][page]:.2f}x"
        for size in ratios
        for page in ("home", "list", "category", "product")
        if ratios[size][page] > GOAL
    ]
    for page in ("home", "list", "category", "product", "search"):
        growth = ratios[largest][page] / ratios[smallest][page]
        print(f"growth {page:<13} {growth:.2f}x from {smallest} to {largest}")
        if growth > GROWTH:
            missed.append(f"{page} grows {growth:.2f}x")
    print("missed: " + "; ".join(missed) if missed else f"every page <= {GOAL:g}x the floor, growth <= {GROWTH:g}x")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
