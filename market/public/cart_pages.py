"""The cart: one page for all merchants; every change is a plain POST and comes back to it."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from flask import current_app, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from delivery import windows
from market.core import clock, config, db
from market.core.errors import BadInput, MarketError
from market.orders import blocks
from market.orders import cart as carts
from market.orders.cart import BadQuantity
from market.orders.models import Cart, Substitution
from market.public import catalogue_pages, legal_pages
from market.public.blueprint import bp
from market.web import access, limits, visitor
from payments import checkout
from payments.forms import PAYMENT_LABELS

CHANGES_PER_ADDRESS = 600  # in ten minutes


def cart_count() -> int:
    """The number in the header of every page."""

    def ask(who: visitor.Owner) -> int:
        with db.reading() as s:
            return carts.count(s, **who)

    return visitor.cart_count(ask)


@bp.get("/korb")
@access.public
def cart() -> ResponseReturnValue:
    """One block per merchant; zones, fees, ways to pay and the steps before checkout begins (law.md A3, A7)."""
    return _page()


def _page(refused: MarketError | None = None) -> str:
    """The cart as it is. `refused`: what was wrong with a quantity; it stands beside the field, with what was typed."""
    with db.reading() as s:
        view = blocks.load(s, **visitor.owner(), region=config.current().region, now=clock.now())
        zones = windows.zones(s)
        payments = [PAYMENT_LABELS[way] for way in checkout.ways_to_pay(s, view)]
    visitor.note_count(view.pieces)
    return render_template(
        "public/cart.html",
        view=view,
        zones=zones,
        payments=payments,
        substitutions=list(Substitution),
        warranty_label=legal_pages.warranty_label_here(),
        warranty_link=legal_pages.WARRANTY_LINK,
        refused=refused,
        typed=request.form,
    )


@bp.post("/korb/neu")
@access.public
def add_to_cart() -> ResponseReturnValue:
    """Put something in; back to where it was pressed."""
    limits.limit("cart", limits.client_address(), times=CHANGES_PER_ADDRESS, minutes=10)
    variant_id = _variant()
    try:
        quantity = _number("quantity", 1)
        if not quantity:
            raise BadQuantity(field="quantity", most=carts.MOST_PIECES)
    except BadQuantity as error:
        return catalogue_pages.refused(variant_id, error)
    with db.transaction() as s:
        cart = carts.open_(s, **visitor.owner())
        carts.add(s, cart, variant_id, quantity)
        token = cart.token
    visitor.remember(token)
    flash(_("Im Korb."), "success")
    return redirect(_back(), 303)


@bp.post("/korb/menge")
@access.public
def change_quantity() -> ResponseReturnValue:
    """Exactly so many; "mehr" and "weniger" are one up and down; 0 removes."""
    try:
        variant_id, quantity = _variant(), _number("quantity", 1)
    except BadQuantity as error:
        return _page(error), error.status
    step = {"mehr": 1, "weniger": -1}.get(request.form.get("step", ""), 0)
    wish = request.form.get("substitution")

    def change(s: Session, cart: Cart) -> None:
        carts.set_quantity(s, cart, variant_id, max(0, quantity + step))
        if wish and quantity + step > 0:
            carts.set_substitution(s, cart, variant_id, _wish(wish))

    return _changed(change)


@bp.post("/korb/entfernen")
@access.public
def remove_from_cart() -> ResponseReturnValue:
    """Take a line out; the page then offers to bring it back."""
    variant_id = _variant()
    return _changed(lambda s, cart: carts.remove(s, cart, variant_id))


@bp.post("/korb/zurueck")
@access.public
def undo_removal() -> ResponseReturnValue:
    """Bring back what was removed last."""
    return _changed(carts.undo)


@bp.post("/korb/nochmal")
@access.public
def repeat_order() -> ResponseReturnValue:
    """A former order's goods again: of an order page (its key), or the account's last order."""
    with db.transaction() as s:
        who = visitor.owner()
        cart = carts.open_(s, **who)
        done = carts.repeat(s, cart, user_id=who["user_id"], order_key=request.form.get("key") or None)
        token = cart.token
    visitor.remember(token)
    if done.gone:
        flash(_("Das gibt es nicht mehr: %(names)s", names=", ".join(done.gone)), "warning")
    flash(_("Die Waren Ihrer früheren Bestellung sind im Korb."), "success")
    return redirect("/korb", 303)


def _changed(change: Callable[[Session, Cart], None]) -> ResponseReturnValue:
    """Apply a change to the cart there is, then show it."""
    limits.limit("cart", limits.client_address(), times=CHANGES_PER_ADDRESS, minutes=10)
    with db.transaction() as s:
        found = carts.find(s, **visitor.owner())
        if found is not None:
            change(s, found)
    return redirect("/korb", 303)


def _variant() -> int:
    return _number("variant", 0, most=2_147_483_647)


def _number(name: str, default: int, most: int = carts.MOST_PIECES) -> int:
    """A whole number of the form, `default` when it is not there. Raises BadQuantity for anything else."""
    if name not in request.form:
        return default
    text = request.form[name].strip()
    if not (text.isascii() and text.isdigit() and len(text) < 11) or int(text) > most:
        raise BadQuantity(field="quantity", most=carts.MOST_PIECES)
    return int(text)


def _wish(text: str) -> Substitution:
    try:
        return Substitution.of(text)
    except ValueError:
        raise BadInput(field="substitution") from None


def _back() -> str:
    """The page of ours the button was on, else the cart."""
    here, came = urlsplit(current_app.config["MARKET"].public_url), urlsplit(request.referrer or "")
    if came.netloc in (here.netloc, request.host) and came.path.startswith("/") and not came.path.startswith("//"):
        return came.path + (f"?{came.query}" if came.query else "")
    return "/korb"
