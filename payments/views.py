"""/kasse: one page for the person, the address and the ways; one page to review and order. GET, POST, GET, POST."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from delivery import windows
from delivery.models import Zone
from delivery.points.offers import PointOffer
from market.core import clock, config, db
from market.core.errors import MarketError
from market.core.i18n import N_, gettext
from market.orders import blocks, placing
from market.orders.blocks import CartView
from market.orders.models import PaymentMethod
from market.web import access, limits, visitor
from payments import at_point, checkout, forms, online
from payments.choices import Choices
from payments.forms import CheckoutBase, ReviewForm
from payments.quoting import Options, Quote, quote

bp = Blueprint("payments", __name__)

ORDERS_PER_ADDRESS = 60  # in ten minutes: a whole care home may sit behind one address


class Desk:
    """What both pages of the checkout begin with: the cart, the person, and what can be chosen.

    `typing`: an address comes with this request, so the prices for the one before are not asked for (`fit_to`).
    """

    def __init__(self, *, typing: bool = False) -> None:
        now = clock.now()
        with db.reading() as s:
            self.view = blocks.load(s, **visitor.owner(), region=config.current().region, now=now)
            self.person = checkout.person(s, current_user.id)
            self.choices = checkout.kept(self.view)
            self.options = checkout.options(s, self.view, self.person.email, now)
            self.start = self.choices or self.person.start  # what the form begins with
            if not typing:
                self._fit(s, self._address(s))
        visitor.note_count(self.view.pieces)

    def _address(self, s: Session) -> Choices:
        """Where the windows' prices are for: what was typed before, else the account's home."""
        lower = any(zone.good_fee is not None for zone in self.options.zones)
        return checkout.located(s, self.start) if lower and self.choices is None else self.start

    def _fit(self, s: Session, choices: Choices) -> None:
        self.options = checkout.fitted(s, self.options, self.view, choices)

    def turned_away(self, *, placing: bool = False) -> ResponseReturnValue | None:
        """To the cart, with a sentence, when there is nothing to check out. `placing`: what is gone is said there."""
        reason = visitor.ordering_off()
        if not reason and not self.view.blocks:
            reason = checkout.EmptyCart().text
        elif not reason and not placing and not self.view.orderable:
            reason = gettext(N_("Bitte ändern Sie zuerst, was im Korb markiert ist."))
        if not reason:
            return None
        flash(reason, "error")
        return redirect("/korb", 303)

    def fit_to(self, choices: Choices) -> Choices:
        """The windows' prices for the address that was just typed; the choices with what the gazetteer knows of it."""
        with db.reading() as s:
            located = checkout.located(s, choices)
            self._fit(s, located)
        return located

    def zone(self, choices: Choices) -> Zone | None:
        """The zone of an address, when it is known already."""
        return windows.zone_among(self.options.zones, choices.zip, choices.city)


@bp.get("/kasse")
@access.public
def kasse() -> ResponseReturnValue:
    """Everything the order needs, on one page."""
    desk = Desk()
    if away := desk.turned_away():
        return away
    form = forms.checkout_form(desk.view, desk.options, desk.start, formdata=None)
    return _page(desk, form, desk.start)


@bp.post("/kasse")
@access.public
def check() -> ResponseReturnValue:
    """Keep it and go on to the review, or show what is missing beside its field."""
    desk = Desk(typing=True)
    if away := desk.turned_away():
        return away
    form = forms.checkout_form(desk.view, desk.options, None)
    well_formed = form.validate()
    typed = desk.fit_to(forms.choices(form, desk.view))
    zone = desk.zone(typed)
    _, problems = quote(desk.view, typed, desk.options)
    forms.refuse(form, problems)
    to_point = at_point.wanted(desk.view, typed)
    if well_formed and not problems and not to_point and _dearer_than_shown(form, desk.options, zone):
        message = N_("Für {city} kostet die Lieferung {fee}. Ist das in Ordnung, gehen Sie einfach weiter.")
        forms.refuse(form, {"zip": gettext(message).format(city=typed.city, fee=zone.fee if zone else "")})
        problems = {"zip": ""}
    if problems or not well_formed:
        return _page(desk, form, typed), 422
    checkout.keep(desk.view.id or 0, typed)
    return redirect(url_for(".review"), 303)


def _dearer_than_shown(form: CheckoutBase, options: Options, zone: Zone | None) -> bool:
    """Whether the page named the fee of a cheaper zone. It named none when the address was not known yet."""
    shown = next((one for one in options.zones if str(one.id) == form.zone.data), None)
    return shown is not None and zone is not None and zone.fee > shown.fee


def _page(desk: Desk, form: CheckoutBase, choices: Choices) -> str:
    zone = desk.zone(choices)
    point = desk.options.point(choices.pickup_point) if at_point.wanted(desk.view, choices) else None
    form.zone.data = str(zone.id) if zone else ""
    return render_template(
        "payments/checkout.html",
        form=form,
        view=desk.view,
        blocks=list(forms.blocks_of(form, desk.view)),
        **_offered(desk, zone, point),
        points=forms.point_choices(desk.options, desk.view),
        payments=forms.payment_details(desk.options),
        deliverable=any(block.delivering for block in desk.view.blocks),
    )


def _offered(desk: Desk, zone: Zone | None, point: PointOffer | None) -> dict[str, Any]:
    """The windows for the template, with what each costs for this zone or pick-up point."""
    every = desk.options.windows
    if point is not None:
        zone = desk.options.zone(point.zone_id)
        every = [replace(one, reason=point.reason(one)) for one in every]
    offered = [one for one in every if zone is None or one.serves(zone.id)]
    prices = {one.id: point.price(one) if point else windows.price(zone, one) for one in offered} if zone else {}
    return {
        "windows": offered,
        "prices": prices,
        "point": point,
        "late_for": _late_for(desk.view, desk.options),
        "zones": desk.options.zones,
        "zone": zone,
    }


def _late_for(view: CartView, options: Options) -> dict[int, list[str]]:
    """For each window the merchants who cannot have everything ready by then."""
    return {
        one.id: [block.merchant.name for block in view.blocks if block.delivering and not block.ready_for(one.day)]
        for one in options.windows
    }


@bp.get("/kasse/lieferfenster")
@access.public
def window_list() -> ResponseReturnValue:
    """The windows and the fee for what was just typed as PLZ and Ort: a fragment for htmx."""
    desk = Desk(typing=True)
    street, zip_, city = (request.args.get(name, "").strip()[:120] for name in ("street", "zip", "city"))
    how = {name.removeprefix("how_"): way for name, way in request.args.items() if name.startswith("how_")}
    typed = Choices(street=street, zip=zip_, city=city, how=how)
    desk.fit_to(typed)
    form = forms.checkout_form(desk.view, desk.options, desk.start, formdata=None)
    chosen = request.args.get("window", "")
    form.window.data = chosen or form.window.data
    zone = desk.zone(typed)
    chosen_point = request.args.get("pickup_point", "")
    point = next((one for one in desk.options.points if str(one.id) == chosen_point), None)
    point = point if at_point.wanted(desk.view, typed) else None
    nobody_drives = bool(typed.zip and typed.city and not zone and desk.options.zones) and point is None
    form.zone.data = str(zone.id) if zone else ""
    return render_template(
        "payments/windows.html",
        form=form,
        **_offered(desk, zone, point),
        nobody_drives=f"{typed.zip} {typed.city}" if nobody_drives else "",
    )


@bp.get("/kasse/pruefen")
@access.public
def review() -> ResponseReturnValue:
    """The overview directly above the one button (law.md A1, A2)."""
    desk = Desk()
    if away := desk.turned_away():
        return away
    offer = _offer(desk)
    if isinstance(offer, Quote):
        return _review_page(desk, offer)
    for sentence in offer:
        flash(sentence, "error")
    return redirect(url_for(".kasse"), 303)


@bp.post("/kasse/pruefen")
@access.public
def place() -> ResponseReturnValue:
    """zahlungspflichtig bestellen: the order stands, then the shopper goes to pay."""
    form = ReviewForm()
    placed = checkout.placed_before(form.token.data or "")
    if placed is None:
        limits.limit("order", limits.client_address(), times=ORDERS_PER_ADDRESS, minutes=10)
        desk = Desk()
        if away := desk.turned_away(placing=True):
            placed = checkout.placed_before(form.token.data or "")  # the first click emptied the cart just now
            return redirect(_next_page(placed), 303) if placed else away
        try:
            placed = checkout.place_order(
                desk.view.id or 0,
                region=config.current().region,
                user_id=desk.person.user_id,
                email=desk.person.email,
                token=form.token.data or "",
                shown_prices=form.prices.data or "",
                shown_total=form.cents,
                shown_choices=form.choices.data or "",
            )
        except MarketError as error:
            return _refused(error)
    return redirect(_next_page(placed), 303)


def _next_page(placed: checkout.Placed) -> str:
    """The payment page, or the order's page: also when the payment service is silent, with its sentence."""
    home = f"/bestellung/{placed.key}"
    if not placed.pays_online:
        return home
    try:
        return online.start_payment(placed.order_id)
    except MarketError as error:
        flash(error.text, "error")
        return home


def _offer(desk: Desk) -> Quote | list[str]:
    """What the choices kept in the cart amount to now, or the sentences that say why not."""
    if desk.choices is None:
        return [gettext(N_("Bitte füllen Sie zuerst diese Seite aus."))]
    offer, problems = quote(desk.view, desk.choices, desk.options)
    return offer if offer is not None else list(problems.values())


def _refused(error: MarketError) -> ResponseReturnValue:
    """Nothing is ordered. Show why, and the review as it is now - or the way back to what must be changed."""
    desk = Desk()
    offer = _offer(desk) if desk.view.orderable else [""]
    if isinstance(offer, Quote):
        return _review_page(desk, offer, error.text), error.status
    back = "/korb" if not desk.view.orderable else url_for(".kasse")
    return render_template("payments/refused.html", message=error.text, back=back), error.status


def _review_page(desk: Desk, offer: Quote, message: str = "") -> str:
    form = ReviewForm(formdata=None)
    form.token.data = checkout.form_token(desk.view)
    form.prices.data, form.total.data = offer.prices, str(offer.total.cents)
    form.choices.data = offer.choices.digest()
    return render_template("payments/review.html", form=form, offer=offer, message=message, pay_by=_pay_by(offer))


def _pay_by(offer: Quote) -> datetime | None:
    """When the window closes before the usual half hour is over: until when to pay; said before the button."""
    if offer.window is None or offer.choices.method is not PaymentMethod.ONLINE:
        return None
    now = clock.now()
    ends = placing.hold_until(now, offer.window.cutoff_at)
    return ends if ends < now + placing.HOLD else None
