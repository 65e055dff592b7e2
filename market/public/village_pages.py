"""Where we deliver, for how much and when: a page for each village, and what search engines may read."""

from __future__ import annotations

from itertools import groupby

import sqlalchemy as sa
from flask import current_app, make_response, render_template
from flask.typing import ResponseReturnValue

from delivery import villages
from delivery.points import offers as points
from market.catalogue.models import Category, Product, ProductStatus
from market.core import clock, db
from market.core.config import Config
from market.core.errors import NotFound
from market.directory.models import Shop
from market.public.blueprint import bp
from market.web import access

MOST_ADDRESSES = 45_000
"""A sitemap holds at most 50,000 addresses (sitemaps.org); the newest goods win."""


@bp.get("/lieferung")
@access.public
def delivery_places() -> ResponseReturnValue:
    """Every place with its price, by area."""
    with db.reading() as s:
        found = villages.villages(s)
        near, _windows = points.public(s, clock.now())
    areas = [(zone, list(group)) for zone, group in groupby(found, key=lambda one: one.zone)]
    return render_template("public/delivery_places.html", areas=areas, points=near)


@bp.get("/abholpunkte")
@access.public
def pickup_points() -> ResponseReturnValue:
    """Every pick-up point: where, when, for how much, and which run serves it next."""
    with db.reading() as s:
        found, offered = points.public(s, clock.now())
    return render_template("public/points.html", points=found, windows=offered)


@bp.get("/lieferung/<slug>")
@access.public
def delivery_to(slug: str) -> ResponseReturnValue:
    """Lieferung nach Tröglitz: days, price, the next windows."""
    with db.reading() as s:
        page = villages.page(s, slug, clock.now())
    if page is None:
        raise NotFound
    return render_template("public/delivery_to.html", page=page)


@bp.get("/sitemap.xml")
@access.public
def sitemap() -> ResponseReturnValue:
    """Public pages worth finding: shops, categories, villages and goods on the shelf."""
    with db.reading() as s:
        paths = ["/", "/waren", "/laeden", "/neu", "/lieferung", "/abholpunkte", "/so-sortieren-wir"]
        paths += [f"/k/{slug}" for slug in s.scalars(sa.select(Category.slug).order_by(Category.position))]
        paths += [f"/laden/{slug}" for slug in s.scalars(sa.select(Shop.slug).order_by(Shop.slug))]
        paths += [f"/lieferung/{one.slug}" for one in villages.villages(s)]
        shelf = sa.select(Product.code).where(Product.status == ProductStatus.PUBLISHED).order_by(Product.id.desc())
        paths += [f"/p/{code}" for code in s.scalars(shelf.limit(MOST_ADDRESSES))]
    answer = make_response(render_template("public/sitemap.xml", paths=paths, base=_base()))
    answer.headers["Content-Type"] = "application/xml; charset=utf-8"
    return answer


@bp.get("/robots.txt")
@access.public
def robots() -> ResponseReturnValue:
    """Carts, orders and desks are nobody's reading."""
    private = ("/korb", "/kasse", "/bestellung/", "/konto", "/haendler/", "/betrieb/", "/touren/")
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in private), f"Sitemap: {_base()}/sitemap.xml", ""]
    answer = make_response("\n".join(lines))
    answer.headers["Content-Type"] = "text/plain; charset=utf-8"
    return answer


def _base() -> str:
    config: Config = current_app.config["MARKET"]
    return config.public_url
