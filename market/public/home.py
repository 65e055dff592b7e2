"""The home page: what is new in town, the shelves, what has just come in."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from market.catalogue import listing
from market.core import clock, db
from market.directory import opening_items, opening_lists
from market.public.blueprint import bp
from market.web import access

GOODS = 8
NEWS = 6


@bp.get("/")
@access.public
def home() -> ResponseReturnValue:
    """Everything a newcomer needs to begin."""
    today = clock.today()
    with db.reading() as s:
        news = opening_items.items(opening_lists.current(s, today)[:NEWS], today)
        shelves = [shelf for shelf in listing.shelves(s) if shelf.count]
        goods = listing.newest(s, GOODS)
        shops = len(listing.places(s))
    return render_template("public/home.html", news=news, shelves=shelves, goods=goods, shops=shops)
