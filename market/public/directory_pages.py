"""The directory of shops, a shop's page and law texts, and the new openings with their feeds."""

from __future__ import annotations

from urllib.parse import urlencode

import sqlalchemy as sa
from flask import current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from market.catalogue import listing, search
from market.catalogue.listing import Wish
from market.catalogue.models import Product, ProductStatus
from market.core import clock, db
from market.core.config import Config
from market.directory import feeds, legal_texts, opening_items, opening_lists, openings, shops
from market.directory.models import Merchant, Moderation, Opening, OpeningKind
from market.directory.opening_items import OpeningItem
from market.public.blueprint import bp
from market.web import access

LARGEST_ID = 2_147_483_647
FEED_FRESH_S = 300


def _config() -> Config:
    found: Config = current_app.config["MARKET"]
    return found


def _page_number() -> int:
    return request.args.get("seite", 1, type=int)


def _selling(s: Session) -> set[int]:
    """The merchants with goods to show."""
    published = sa.select(Product.merchant_id).where(Product.status == ProductStatus.PUBLISHED).distinct()
    return set(s.scalars(published))


@bp.get("/laeden")
@access.public
def shop_directory() -> ResponseReturnValue:
    """Every shop, searched, filtered and sorted."""
    wanted = {
        "q": request.args.get("q", "").strip()[:100],
        "branche": request.args.get("branche", "")[:80],
        "offen": "1" if request.args.get("offen") else "",
        "sort": "open" if request.args.get("sort") == "open" else "",
    }
    with db.reading() as s:
        found = shops.find_shops(
            s,
            _config().region,
            text=wanted["q"],
            line=wanted["branche"],
            only_open=bool(wanted["offen"]),
            sort="open" if wanted["sort"] else "name",
            page=_page_number(),
            selling=_selling(s),
            carrying=search.merchants_selling(s, wanted["q"]) if wanted["q"] else (),
        )
    return render_template("public/shops.html", found=found, wanted=wanted, address=_directory_address)


def _directory_address(wanted: dict[str, str], **changed: str) -> str:
    """The directory's address with these filters; empty ones are left out."""
    given = {name: value for name, value in (wanted | changed).items() if value}
    return "/laeden" + (f"?{urlencode(given)}" if given else "")


@bp.get("/laden/<slug>")
@access.public
def shop(slug: str) -> ResponseReturnValue:
    """One shop: hours, way in, contact, its news and its goods."""
    config = _config()
    with db.reading() as s:
        page = shops.shop_page(s, slug, config.region)
        news = opening_items.items(opening_lists.of_shop(s, page.shop.id, clock.today()), clock.today())
        wish = Wish(shop_id=page.shop.id, page=_page_number())
        goods = listing.page(s, wish) if page.sells else None
    return render_template(
        "public/shop.html",
        page=page,
        shop=page.shop,
        merchant=page.merchant,
        news=news,
        goods=goods,
        json_ld=shops.json_ld(page, config.public_url),
    )


@bp.get("/laden/<slug>/rechtliches")
@access.public
def shop_legal(slug: str) -> ResponseReturnValue:
    """Who the seller is, and the buyer's rights (law.md F15, B5)."""
    config = _config()
    with db.reading() as s:
        found = shops.by_slug(s, slug)
    merchant = found.merchant
    return render_template(
        "public/shop_legal.html",
        shop=found,
        merchant=merchant,
        imprint=legal_texts.imprint_rows(merchant) if merchant else [],
        dispute=legal_texts.dispute_settlement(merchant) if merchant else "",
        texts=_law_texts(merchant, config) if merchant else [],
    )


def _law_texts(merchant: Merchant, config: Config) -> list[list[legal_texts.Block]]:
    texts = (
        legal_texts.contract_terms(merchant, config.region),
        legal_texts.withdrawal_instruction(merchant, config.region, config.public_url),
        legal_texts.withdrawal_form(merchant),
    )
    return [legal_texts.blocks(text) for text in texts]


@bp.get("/neu")
@access.public
def openings_page() -> ResponseReturnValue:
    """What is newly open, what is coming, what closes; one kind of it on request."""
    today = clock.today()
    with db.reading() as s:
        found = opening_items.items(opening_lists.current(s, today), today)
    kinds = [kind for kind in OpeningKind if any(item.kind is kind for item in found)]
    wanted = next((kind for kind in kinds if kind.value == request.args.get("art")), None)
    shown = [item for item in found if wanted is None or item.kind is wanted]
    return render_template("public/openings.html", groups=_grouped(shown), kinds=kinds, wanted=wanted)


@bp.get("/neu/frueher")
@access.public
def openings_archive() -> ResponseReturnValue:
    """What was new once."""
    today = clock.today()
    with db.reading() as s:
        found = opening_lists.past(s, today)
        pages = max(1, -(-len(found) // opening_lists.ARCHIVE_PAGE))
        page = min(max(1, _page_number()), pages)
        start = (page - 1) * opening_lists.ARCHIVE_PAGE
        shown = opening_items.items(found[start : start + opening_lists.ARCHIVE_PAGE], today)
    return render_template("public/openings_archive.html", found=shown, page=page, pages=pages)


def _grouped(found: list[OpeningItem]) -> list[tuple[str, str, list[OpeningItem]]]:
    """(anchor, heading, entries): here now, coming soon, about to close. Empty groups are left out."""
    today, closing = clock.today(), openings.K.CLOSING
    groups = [
        ("offen", _("Jetzt da"), [i for i in found if i.starts_on <= today and i.kind is not closing]),
        ("bald", _("Kommt bald"), [i for i in reversed(found) if i.starts_on > today and i.kind is not closing]),
        ("schliesst", _("Schließt bald"), [i for i in found if i.kind is closing]),
    ]
    return [group for group in groups if group[2]]


@bp.get(f"/neu/<int(max={LARGEST_ID}):opening_id>")
@access.public
def opening(opening_id: int) -> ResponseReturnValue:
    """One entry with a page of its own, so that feeds and friends can link to it."""
    with db.reading() as s:
        entry = opening_items.item(opening_lists.published(s, opening_id), clock.today())
    return render_template("public/opening.html", entry=entry)


@bp.get("/neu.<any(atom, rss, json, ics):kind>")
@access.public
def openings_feed(kind: str) -> ResponseReturnValue:
    """The openings for feed readers and calendars; answers 304 when nothing has changed."""
    config = _config()
    now, today = clock.now(), clock.today()
    with db.reading() as s:
        ever = s.scalars(sa.select(Opening).where(Opening.moderation.in_((Moderation.PUBLISHED, Moderation.WITHDRAWN))))
        changed = opening_items.last_change(ever, now)
        found = opening_items.items(opening_lists.current(s, today), today)
    name = config.region.market_name
    channel = feeds.Channel(
        title=_("%(market)s: Neu in der Stadt", market=name),
        description=_("Was neu eröffnet, umzieht oder schließt."),
        author=name,
        public_url=config.public_url,
        updated=changed,
    )
    mime_type, write = feeds.FORMATS[kind]
    response = make_response(write(channel, found))
    response.headers["Content-Type"] = mime_type
    response.last_modified = changed
    response.cache_control.public = True
    response.cache_control.max_age = FEED_FRESH_S
    response.add_etag()
    return response.make_conditional(request)
