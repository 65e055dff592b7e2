"""Search, and what the field suggests while one types."""

from __future__ import annotations

from flask import jsonify, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from market.catalogue import listing, search
from market.core import db
from market.public import base, wishes
from market.public.blueprint import bp
from market.web import access

LONGEST = 200


@bp.get("/suche")
@access.public
def search_page() -> ResponseReturnValue:
    """What was found: goods, shops, and how the words were read."""
    text = " ".join(request.args.get("q", "").split())[:LONGEST]
    literal = request.args.get("genau") == "1"
    with db.reading() as s:
        state = wishes.read(s, "/suche", request.args, keep=("q", "genau"))
        found = search.find(s, text, state.wish, literal=literal)
        shops, named = search.shops_named(s, text), search.shelves_named(s, found.shown or text)
        shelves, places = listing.shelves(s), listing.places(s)
    page = render_template(
        "public/search.html",
        query=text,
        found=found,
        page=found.page,
        shops=shops,
        named=named,
        state=state,
        shelves=shelves,
        places=places,
        days=wishes.days_offered(),
    )
    return page, state.status


@bp.get("/suche/vorschlaege")
@access.public
def suggestions() -> ResponseReturnValue:
    """JSON for the search field: words, categories and shops that begin like what is typed."""
    text = request.args.get("q", "")[:LONGEST]
    with db.reading() as s:
        found = search.suggest(s, text)
    response = jsonify(suggestions=[{"text": one.text, "kind": one.kind, "url": one.url} for one in found])
    response.headers["Cache-Control"] = "private, max-age=60"
    return response


def search_words() -> Markup:
    """For the base page's datalist: what the browser offers without JavaScript."""
    return base.remembered("search words", _options)


def _options() -> Markup:
    with db.reading() as s:
        words = search.frequent_words(s)
    return Markup("").join(Markup('<option value="{}">').format(word) for word in words)
