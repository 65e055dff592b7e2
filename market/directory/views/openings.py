"""The editor's desk for new openings, and the merchant's proposal."""

from __future__ import annotations

from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import current_app, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session

from market.core import db
from market.core.config import Config
from market.core.errors import MarketError
from market.directory import opening_lists, openings, staff
from market.directory.forms import NO_SHOP, EmptyForm, OpeningForm, RejectForm
from market.directory.models import Moderation, Opening, OpeningKind, Shop
from market.directory.opening_history import Step, steps
from market.directory.views.blueprint import ID, bp, editors_only
from market.web import access

DESK = "/betrieb/neueroeffnungen"
PROPOSAL = "/haendler/neueroeffnung"
OPENING = ID.format(name="opening_id")
TABS: dict[str, frozenset[Moderation]] = {
    "vorschlaege": frozenset({Moderation.PROPOSED}),
    "veroeffentlicht": frozenset({Moderation.PUBLISHED}),
    "abgelegt": frozenset({Moderation.REJECTED, Moderation.WITHDRAWN}),
}


def _host() -> str:
    """The market's own host from PUBLIC_URL: part of every entry's tag: URI."""
    config: Config = current_app.config["MARKET"]
    return urlsplit(config.public_url).hostname or "localhost"


def _shops(s: Session, merchant_ids: list[int] | None = None, also: int | None = None) -> list[tuple[int, str]]:
    """The shops one can choose from; `also` one that has left the directory since."""
    query = sa.select(Shop.id, Shop.name, Shop.street, Shop.city).order_by(Shop.name)
    query = query.where(sa.or_(Shop.active, Shop.id == also))
    if merchant_ids is not None:
        query = query.where(Shop.merchant_id.in_(merchant_ids))
    return [(row.id, f"{row.name}, {row.street}, {row.city}") for row in s.execute(query)]


@bp.get(DESK)
@editors_only
def desk() -> ResponseReturnValue:
    """Proposals that wait, what is published, what was put aside."""
    tab = request.args.get("liste", "")
    tab = tab if tab in TABS else "vorschlaege"
    with db.reading() as s:
        counts = opening_lists.count_by_state(s)
        numbers = {name: sum(counts.get(state, 0) for state in states) for name, states in TABS.items()}
        pages = max(1, -(-numbers[tab] // opening_lists.PAGE_SIZE))
        page = min(max(1, request.args.get("seite", 1, type=int)), pages)
        found = opening_lists.for_editor(s, TABS[tab], page)
    return render_template("directory/desk.html", found=found, tab=tab, numbers=numbers, page=page, pages=pages)


@bp.route(f"{DESK}/neu", methods=["GET", "POST"])
@editors_only
def new() -> ResponseReturnValue:
    """An editor writes an entry and publishes it, or leaves it waiting."""
    form = OpeningForm()
    with db.reading() as s:
        form.offer(_shops(s))
    if form.validate_on_submit():
        publish_now = "publish" in request.form
        try:
            openings.create(form.values(), by=current_user.id, host=_host(), publish_now=publish_now)
        except MarketError as error:
            form.refuse(error)
        else:
            flash(_("Veröffentlicht.") if publish_now else _("Gespeichert, noch nicht veröffentlicht."), "success")
            return redirect(f"{DESK}?liste={'veroeffentlicht' if publish_now else 'vorschlaege'}", 303)
    return render_template("directory/edit.html", form=form, opening=None), 422 if form.errors else 200


@bp.route(f"{DESK}/{OPENING}", methods=["GET", "POST"])
@editors_only
def edit(opening_id: int) -> ResponseReturnValue:
    """An editor changes an entry, decides about it and sees what happened to it."""
    opening, events, choices = _opened(opening_id)
    form = OpeningForm(obj=opening)
    form.offer(choices, _kinds(opening))
    if opening.moderation is Moderation.PUBLISHED:
        form.kind.description = _(
            "Zur Wahl steht, was als Nächstes kommen kann. War die Angabe ein Versehen: zurückziehen, ändern, wieder "
            "veröffentlichen."
        )
    if request.method == "GET":
        form.shop_id.data = opening.shop_id or NO_SHOP
    if form.validate_on_submit():
        try:
            openings.edit(opening_id, form.values(), by=current_user.id)
        except MarketError as error:
            form.refuse(error)
        else:
            flash(_("Gespeichert."), "success")
            return redirect(f"{DESK}/{opening_id}", 303)
    return _edit_page(form, opening, events, RejectForm(formdata=None))


def _opened(opening_id: int) -> tuple[Opening, list[Step], list[tuple[int, str]]]:
    with db.reading() as s:
        opening = openings.by_id(s, opening_id)
        return opening, steps(opening_lists.history(s, opening_id)), _shops(s, also=opening.shop_id)


def _kinds(opening: Opening) -> list[OpeningKind]:
    """What an entry may be: any first kind until it is published, then what the life cycle allows."""
    allowed = openings.KIND_MOVES[opening.kind] if opening.moderation is Moderation.PUBLISHED else openings.FIRST_KINDS
    return [kind for kind in OpeningKind if kind is opening.kind or kind in allowed]


def _edit_page(form: OpeningForm, opening: Opening, events: list[Step], reject_form: RejectForm) -> ResponseReturnValue:
    page = render_template(
        "directory/edit.html", form=form, opening=opening, events=events, reject_form=reject_form, button=EmptyForm()
    )
    return page, 422 if form.errors or reject_form.errors else 200


@bp.post(f"{DESK}/{OPENING}/veroeffentlichen")
@editors_only
def publish(opening_id: int) -> ResponseReturnValue:
    """The town may read it."""
    openings.publish(opening_id, by=current_user.id)
    flash(_("Veröffentlicht."), "success")
    return redirect(f"{DESK}?liste=vorschlaege", 303)


@bp.post(f"{DESK}/{OPENING}/ablehnen")
@editors_only
def reject(opening_id: int) -> ResponseReturnValue:
    """Not this one, with a sentence for the merchant."""
    reason = RejectForm()
    if reason.validate_on_submit():
        openings.reject(opening_id, reason.reason.data, by=current_user.id)
        flash(_("Abgelehnt. Der Händler sieht Ihre Begründung."), "success")
        return redirect(f"{DESK}?liste=vorschlaege", 303)
    opening, events, choices = _opened(opening_id)
    form = OpeningForm(formdata=None, obj=opening)
    form.offer(choices, _kinds(opening))
    form.shop_id.data = opening.shop_id or NO_SHOP
    return _edit_page(form, opening, events, reason)


@bp.post(f"{DESK}/{OPENING}/zurueckziehen")
@editors_only
def withdraw(opening_id: int) -> ResponseReturnValue:
    """Off the page and out of the feeds."""
    openings.withdraw(opening_id, by=current_user.id)
    flash(_("Zurückgezogen."), "success")
    return redirect(f"{DESK}?liste=veroeffentlicht", 303)


@bp.route(PROPOSAL, methods=["GET", "POST"])
@access.roles("merchant")
def propose() -> ResponseReturnValue:
    """A merchant tells the editors what is new, and sees what became of it."""
    with db.reading() as s:
        mine = staff.merchants_of(s, current_user.id)
        choices = _shops(s, mine)
        proposed = opening_lists.of_merchants(s, mine)
        owners = {row.id: row.merchant_id for row in s.scalars(sa.select(Shop).where(Shop.merchant_id.in_(mine)))}
    form = OpeningForm()
    form.offer(choices)
    if form.validate_on_submit():
        merchant_id = owners.get(form.shop_id.data) or mine[0]
        try:
            openings.create(form.values(), by=current_user.id, host=_host(), merchant_id=merchant_id)
        except MarketError as error:
            form.refuse(error)
        else:
            flash(_("Danke! Die Redaktion sieht sich Ihren Vorschlag an."), "success")
            return redirect(PROPOSAL, 303)
    page = render_template("directory/propose.html", form=form, proposed=proposed, button=EmptyForm())
    return page, 422 if form.errors else 200


@bp.route(f"{PROPOSAL}/{OPENING}", methods=["GET", "POST"])
@access.roles("merchant")
def propose_again(opening_id: int) -> ResponseReturnValue:
    """A merchant mends a proposal that waits, or proposes again what was rejected or taken back."""
    with db.reading() as s:
        mine = staff.merchants_of(s, current_user.id)
        opening = openings.of_merchant(s, opening_id, mine)
        choices = _shops(s, mine, also=opening.shop_id)
    form = OpeningForm(obj=opening)
    form.offer(choices, _kinds(opening))
    if request.method == "GET":
        form.shop_id.data = opening.shop_id or NO_SHOP
    if form.validate_on_submit():
        try:
            openings.propose_again(opening_id, form.values(), by=current_user.id, merchant_ids=mine)
        except MarketError as error:
            form.refuse(error)
        else:
            flash(_("Gesendet. Die Redaktion sieht sich Ihren Vorschlag an."), "success")
            return redirect(PROPOSAL, 303)
    page = render_template("directory/propose_again.html", form=form, opening=opening)
    return page, 422 if form.errors else 200


@bp.post(f"{PROPOSAL}/{OPENING}/zurueckziehen")
@access.roles("merchant")
def take_back(opening_id: int) -> ResponseReturnValue:
    """A merchant takes the own entry back."""
    with db.reading() as s:
        mine = staff.merchants_of(s, current_user.id)
    openings.withdraw(opening_id, by=current_user.id, merchant_ids=mine)
    flash(_("Zurückgezogen."), "success")
    return redirect(PROPOSAL, 303)
