"""Lists of goods, a product, and how lists are sorted."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from market.catalogue import detail, listing, ranking
from market.catalogue.models import Product, Variant
from market.core import db
from market.core.config import Config
from market.core.errors import MarketError, NotFound
from market.core.i18n import N_, gettext
from market.public import wishes
from market.public.blueprint import bp
from market.web import access


class ShelfUnknown(NotFound):
    """No such category."""

    message = N_("Diese Kategorie gibt es bei uns nicht.")


@bp.get("/waren")
@access.public
def all_goods() -> ResponseReturnValue:
    """Everything there is."""
    with db.reading() as s:
        return _list(s, None)


@bp.get("/k/<slug>")
@access.public
def category(slug: str) -> ResponseReturnValue:
    """One shelf."""
    with db.reading() as s:
        shelf = next((one for one in listing.shelves(s) if one.slug == slug), None)
        if shelf is None:
            raise ShelfUnknown
        return _list(s, shelf)


def _list(s: Session, shelf: listing.Shelf | None) -> ResponseReturnValue:
    """The goods of one shelf or of all, filtered and sorted as the address says."""
    fixed: dict[str, Any] = {"category_id": shelf.id} if shelf else {}
    state = wishes.read(s, shelf.url if shelf else "/waren", request.args, **fixed)
    page = render_template(
        "public/category.html",
        shelf=shelf,
        state=state,
        page=listing.page(s, state.wish),
        shelves=listing.shelves(s),
        places=listing.places(s),
        days=wishes.days_offered(),
    )
    return page, state.status


@bp.get("/p/<code>")
@access.public
def product(code: str) -> ResponseReturnValue:
    """One product; `v` names the variant to show."""
    with db.reading() as s:
        return _product_page(detail.load(s, code, request.args.get("v", type=int)))


def refused(variant_id: int, error: MarketError) -> ResponseReturnValue:
    """The product's page again, with what was wrong with the quantity beside it and what was typed."""
    with db.reading() as s:
        code = s.scalar(sa.select(Product.code).join(Product.variants).where(Variant.id == variant_id))
        return _product_page(detail.load(s, code or "", variant_id), error), error.status


def _product_page(found: detail.Detail, refused: MarketError | None = None) -> str:
    config: Config = current_app.config["MARKET"]
    return render_template(
        "public/product.html",
        detail=found,
        product=found.product,
        merchant=found.merchant,
        json_ld=detail.json_ld(found, config.public_url),
        refused=refused,
        quantity=request.form.get("quantity", "1"),
    )


@bp.get("/so-sortieren-wir")
@access.public
def ranking_page() -> ResponseReturnValue:
    """law.md F4: made from the table the ORDER BY is made from."""
    home = gettext(ranking.HOME_SENTENCE).format(most=ranking.HOME_PER_MERCHANT)
    return render_template(
        "public/ranking.html", lists=ranking.LISTS, search=ranking.SEARCH[ranking.DEFAULT], home=home
    )
