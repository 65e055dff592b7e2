"""Checkout: what can be chosen, keeping what was chosen, and placing the order in one transaction.

The gateway is not called here: `payments.online.start_payment` does that after the commit.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery import fit, windows
from delivery.points import claims
from delivery.points import offers as points
from market.catalogue.remembered import Remembered
from market.core import clock, codes, config, db
from market.core.config import Region
from market.core.errors import MarketError, NotFound
from market.core.i18n import N_
from market.directory.geocoding import geocode
from market.directory.hours import load_calendars
from market.orders import blocks, lifecycle, placing
from market.orders import cart as carts
from market.orders.blocks import CartView
from market.orders.models import Cart, Fulfilment, Order, PartState, PaymentMethod
from market.people.models import User
from payments import at_point
from payments.choices import Choices, Point
from payments.missing import Problems
from payments.models import InvoiceCustomer, Payment, PaymentState
from payments.online import online_payment_offered
from payments.quoting import Options, Quote, price_changes, quote, to_order

_online_offered = Remembered(online_payment_offered)
"""The operator's switch, some seconds old at most; `start_payment` asks for it afresh."""


class EmptyCart(MarketError):
    """There is nothing to order."""

    message = N_("Ihr Korb ist leer.")


class NotReviewed(MarketError):
    """What would be ordered is not what the review page showed: another tab changed it."""

    message = N_(
        "Ihre Angaben haben sich inzwischen geändert. Es ist noch nichts bestellt. Bitte prüfen Sie die Übersicht."
    )


class PriceChanged(MarketError):
    """The sum is not the one the shopper saw; the page shows the new one and asks again."""

    message = N_("{changes} Es ist noch nichts bestellt. Bitte prüfen Sie die neue Übersicht.")


class NotInShop(MarketError):
    """Paying in the shop is for orders that are collected, and not paid yet."""

    message = N_("Diese Bestellung kann nicht mehr auf Zahlung im Laden umgestellt werden.")


class NotOrderable(MarketError):
    """Somebody was faster, or a day has passed; `problems` names the fields."""

    message = N_("{sentence} Es ist noch nichts bestellt.")

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        super().__init__(sentence=" ".join(problems.values()))


@dataclass(frozen=True, slots=True)
class Person:
    """Who is at the checkout: an account's address to begin with, or a guest."""

    user_id: int | None = None
    email: str = ""  # proved to be theirs; what merchants' invoices go by
    start: Choices = field(default_factory=Choices)


@dataclass(frozen=True, slots=True)
class Placed:
    """A placed order. `pays_online` says whether the shopper goes to the payment page next."""

    order_id: int
    key: str
    pays_online: bool


def person(s: Session, user_id: int | None) -> Person:
    """The account's own data for the first visit. One query; none for guests."""
    if user_id is None:
        return Person()
    known = sa.select(
        User.name, User.email, User.email_verified_at, User.phone, User.street, User.zip, User.city
    ).where(User.id == user_id)
    name, email, proved, phone, street, zip_, city = s.execute(known).one()
    start = Choices(name=name, email=email or "", phone=phone, street=street, zip=zip_, city=city)
    return Person(user_id, (email or "") if proved else "", start)


def options(s: Session, view: CartView, email: str, now: datetime) -> Options:
    """Zones, windows, points and ways to pay for this cart. `email`: of the signed-in account, empty for guests."""
    deliverable = any(block.delivering for block in view.blocks)
    zones = windows.zones(s) if deliverable else []
    offered = windows.offers(s, None, now) if deliverable else []
    return Options(
        zones=zones,
        windows=offered,
        payments=ways_to_pay(s, view, email),
        points=points.offers(s, zones, offered) if deliverable else (),
    )


def fitted(s: Session, known: Options, view: CartView, choices: Choices | None) -> Options:
    """The options with the windows marked whose tour passes this address anyway (delivery/fit.py). One query at most.

    Nothing is marked while the address is not found on the map, or where the zone has no lower price.
    """
    zone = windows.zone_among(known.zones, choices.zip, choices.city) if choices else None
    if (
        choices is None
        or at_point.wanted(view, choices)  # its price is the same in every window
        or zone is None
        or zone.good_fee is None
        or choices.point.lat is None
        or choices.point.lon is None
    ):
        return known
    if choices.point.status not in ("exact", "fuzzy"):
        return known
    delivered = [b for b in view.blocks if b.delivering and choices.fulfilment(b.key) is not Fulfilment.PICKUP]
    shops = {b.delivering[0].shop.id: (b.delivering[0].shop.lat, b.delivering[0].shop.lon) for b in delivered}
    pins = {shop_id: (lat, lon) for shop_id, (lat, lon) in shops.items() if lat is not None and lon is not None}
    ids = [one.id for one in known.windows if one.choosable and one.serves(zone.id)]
    good = fit.well_fitting(s, ids, (choices.point.lat, choices.point.lon), pins, depot=config.current().region.centre)
    return replace(known, windows=[replace(one, fits_well=one.id in good) for one in known.windows])


def ways_to_pay(s: Session, view: CartView, email: str = "") -> list[PaymentMethod]:
    """Online unless the operator switched it off; in the shop when all can be collected; on invoice for the known.

    A merchant's invoice is offered to a signed-in account with a proved address only: anybody can type a regular
    customer's address, and open an account with it.
    """
    ways = [PaymentMethod.ONLINE] if _online_offered(s) else []
    if all(block.pickup_places for block in view.blocks):
        ways.append(PaymentMethod.IN_SHOP)
    merchants = {block.merchant.id for block in view.blocks}
    if email and all(block.merchant.offers_invoice for block in view.blocks):
        known = sa.select(sa.func.count(sa.distinct(InvoiceCustomer.merchant_id))).where(
            InvoiceCustomer.email == email, InvoiceCustomer.merchant_id.in_(merchants)
        )
        if s.scalar(known) == len(merchants):
            ways.append(PaymentMethod.INVOICE)
    return ways


def located(s: Session, choices: Choices) -> Choices:
    """The choices with what the gazetteer makes of the address. Never blocks, never raises."""
    if not choices.street:
        return replace(choices, point=Point())
    found = geocode(s, street=choices.street, zip=choices.zip, city=choices.city)
    return replace(choices, point=Point(found.lat, found.lon, found.accuracy_m, found.matched_text, found.status))


def keep(cart_id: int, choices: Choices) -> None:
    """Use case: remember what was typed, and name the form that will place it: one token, one order."""
    with db.transaction() as s:
        cart = s.get_one(Cart, cart_id)
        carts.keep_draft(s, cart_id, {"choices": choices.to_json(), "token": cart.draft.get("token") or codes.key()})


def kept(view: CartView) -> Choices | None:
    """What was typed before, or None."""
    typed = view.draft.get("choices")
    return Choices.from_json(typed) if typed else None


def form_token(view: CartView) -> str:
    """The token of the order this cart will become."""
    return str(view.draft.get("token", ""))


def place_order(
    cart_id: int,
    *,
    region: Region,
    user_id: int | None,
    email: str,
    token: str,
    shown_prices: str,
    shown_total: int,
    shown_choices: str,
) -> Placed:
    """Use case: the cart becomes an order, with stock, window and everything else in one transaction.

    `shown_*` is what the review page showed (Quote.prices, cents, Choices.digest). The same `token` again gives the
    same order. Raises EmptyCart, NotReviewed, PriceChanged, NotOrderable and what stock, window and placing raise.
    """
    now = clock.now()
    with db.transaction() as s:
        s.execute(sa.select(Cart.id).where(Cart.id == cart_id).with_for_update())  # a second click waits here
        if known := placing.by_form_token(s, token):
            return _placed(known)
        view = blocks.load_by_id(s, cart_id, region=region, now=now)
        choices = kept(view)
        if not view.blocks:
            raise EmptyCart
        reviewed = f"{shown_choices}{token}".encode()  # bytes: compare_digest takes no letters beyond ASCII
        if choices is None or not hmac.compare_digest((choices.digest() + form_token(view)).encode(), reviewed):
            raise NotReviewed
        offer, problems = quote(view, choices, fitted(s, options(s, view, email, now), view, choices))
        if offer is None:
            raise NotOrderable(problems)
        _compare(offer, shown_prices, shown_total)
        order = _write(s, offer, token=token, user_id=user_id, now=now)
        carts.clear(s, s.get_one(Cart, cart_id), [line.variant.id for line in offer.lines])
        return _placed(order)


def _compare(offer: Quote, prices: str, total: int) -> None:
    if offer.prices == prices and offer.total.cents == total:
        return
    changes = price_changes(prices, offer)
    if not changes:
        raise NotReviewed
    raise PriceChanged(changes=" ".join(changes))


def _write(s: Session, offer: Quote, *, token: str, user_id: int | None, now: datetime) -> Order:
    draft = to_order(offer, form_token=token, user_id=user_id, now=now)
    calendars = {part.place.shop.id: part.place.calendar for part in offer.parts}
    placement = placing.create(s, draft=draft, calendars=calendars)
    if placement.first and draft.window is not None and offer.window is not None and offer.zone is not None:
        windows.book(s, placement.order.id, offer.window.id, offer.zone.id, if_thin=offer.choices.thin)
        if offer.point is not None:
            window = draft.window
            claims.claim(s, placement.order.id, offer.point.id, window.day, window.starts, window.ends)
    return placement.order


def _placed(order: Order) -> Placed:
    online = order.payment_method is PaymentMethod.ONLINE and order.confirmed_at is None
    return Placed(order.id, order.key, online)


def placed_before(token: str) -> Placed | None:
    """The order this form has placed already (the button pressed twice), or None."""
    if not token:
        return None
    with db.reading() as s:
        order = placing.by_form_token(s, token)
        return None if order is None else _placed(order)


def pay_in_shop_instead(order_key: str, *, region: Region) -> None:
    """Use case: the payment service is silent, and everything is collected anyway: pay at the till. Raises NotInShop.

    Money that arrives for the old page all the same is given back (payments.online: already paid).
    """
    with db.transaction() as s:
        order_id = s.scalar(sa.select(Order.id).where(Order.key == order_key))
        if order_id is None:
            raise NotFound
        busy = sa.select(Payment.id).where(
            Payment.order_id == order_id, Payment.state.in_((PaymentState.PROCESSING, PaymentState.PAID))
        )
        order = lifecycle.order_for_update(s, order_id)
        parts = lifecycle.parts_for_update(s, order_id)
        alive = [part for part in parts if part.state is PartState.PLACED]
        collected = all(part.fulfilment is Fulfilment.PICKUP for part in parts)
        if order.confirmed_at is not None or not alive or not collected or s.scalar(busy) is not None:
            raise NotInShop
        calendars = load_calendars(s, {part.shop_id for part in alive}, region)
        order.payment_method, order.hold_until = PaymentMethod.IN_SHOP, None
        for part in alive:
            part.collect_by = placing.collect_deadline(calendars[part.shop_id], part.day)
        lifecycle.confirm(s, order)
