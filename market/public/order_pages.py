"""The shopper's page of an order: opened by its secret key alone, found by nobody else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import segno
import sqlalchemy as sa
from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import Session, joinedload

from delivery import returning, thin
from delivery.points.looking import PointPanel, panel
from delivery.windows import label as window_label
from market.catalogue import wording
from market.core import clock, config, db, formats, settings
from market.core.errors import MarketError, NotFound
from market.core.i18n import N_, gettext
from market.core.money import Money, total
from market.directory.hours import ShopCalendar, load_calendars
from market.orders import lifecycle, parts
from market.orders.models import Fulfilment, MerchantOrder, Order, OrderLine, PartState, PaymentMethod
from market.public.blueprint import bp
from market.web import access, limits
from payments import checkout, online, refunds
from payments.models import Payment, PaymentState

UNKNOWN_KEYS = 60  # in fifteen minutes and per address: keys cannot be guessed, but nobody shall try
TONES: Mapping[PartState, str] = {
    PartState.PLACED: "wait",
    PartState.ACCEPTED: "go",
    PartState.READY: "go",
    PartState.WITH_COURIER: "go",
    PartState.AT_POINT: "go",
    PartState.HANDED_OVER: "go",
    PartState.CLOSED: "go",
    PartState.REJECTED: "stop",
    PartState.EXPIRED: "stop",
    PartState.CANCELLED: "stop",
}
ROAD = (
    PartState.PLACED, PartState.ACCEPTED, PartState.READY, PartState.WITH_COURIER, PartState.AT_POINT,
    PartState.HANDED_OVER,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PartView:
    """One part as the shopper sees it."""

    part: MerchantOrder
    calendar: ShopCalendar | None
    refunded: Money  # of its goods and deposit; the order's delivery fee is not the part's
    went_back: bool  # from its pick-up point, and nobody has agreed on another try

    @property
    def alive(self) -> bool:
        """Whether anything is still to come of it."""
        return self.part.state not in lifecycle.DEAD

    @property
    def tone(self) -> str:
        """The badge's colour; the word says the same."""
        return TONES[self.part.state]

    @property
    def collected(self) -> bool:
        """Whether it is picked up in the shop."""
        return self.part.fulfilment is Fulfilment.PICKUP

    @property
    def shows_code(self) -> bool:
        """The code is worth something until the goods are handed over, and once the order is paid."""
        waiting = self.part.state in lifecycle.WAITING
        return self.collected and waiting and self.part.order.confirmed_at is not None

    @property
    def shows_door_code(self) -> bool:
        """What the shopper may say to the courier as proof, while the goods are still to come."""
        coming = self.part.state in (PartState.ACCEPTED, PartState.READY, PartState.WITH_COURIER)
        return coming and not self.collected and not self.to_point and self.part.order.confirmed_at is not None

    @property
    def agreed_day(self) -> date | None:
        """The pick-up day. None when it was to be delivered on a day that has passed, and is collected now."""
        passed = self.part.order.delivery is not None and self.part.day < clock.today()
        return None if passed and self.part.state in lifecycle.TO_COME else self.part.day

    @property
    def to_point(self) -> str:
        """The pick-up point it is brought to; empty for a door."""
        to = self.part.order.delivery
        return to.point if to is not None and not self.collected else ""

    @property
    def trouble(self) -> str:
        """What went wrong on the road, while it matters."""
        return self.part.failed_reason if self.alive and self.part.state is not PartState.CLOSED else ""

    @property
    def qr(self) -> Markup:
        """The pick-up code as a picture: inline SVG, so that nothing is fetched and nothing stored."""
        return _drawn(self.part.code)

    @property
    def hours(self) -> str:
        """The shop's hours on the pick-up day."""
        spans = self.calendar.spans(self.part.day) if self.calendar else ()
        return ", ".join(f"{formats.clock_time(a)}–{formats.clock_time(b)}" for a, b in spans)

    @property
    def can_cancel(self) -> bool:
        """Alone, until the merchant accepts; what is only reserved as long as it waits."""
        waiting = (PartState.PLACED, PartState.READY) if self.part.reserved else (PartState.PLACED,)
        return self.part.state in waiting

    @property
    def can_ask(self) -> bool:
        """Afterwards only by asking."""
        answered = self.part.state in (PartState.ACCEPTED, PartState.READY) and not self.part.reserved
        return answered and self.part.cancel_requested_at is None

    @property
    def to_come(self) -> list[PartState]:
        """The steps ahead, for the story of the part."""
        if not self.alive or self.went_back or self.part.state not in ROAD:
            return []
        ahead = ROAD[ROAD.index(self.part.state) + 1 :]
        skipped = {PartState.WITH_COURIER} if self.collected else set()
        skipped |= set() if self.to_point else {PartState.AT_POINT}
        skipped |= {PartState.ACCEPTED} if self.part.reserved else set()
        return [state for state in ahead if state not in skipped]

    def withdrawal(self, line: OrderLine) -> str:
        """What the law wants said about the line (law.md B4)."""
        return wording.withdrawal(line.withdrawal_class)


def _drawn(code: str) -> Markup:
    """Inline SVG, so that nothing is fetched and nothing stored."""
    drawn = segno.make(code, error="m", micro=False)
    return Markup(drawn.svg_inline(border=2, omitsize=True, svgclass=None, lineclass=None))  # noqa: S704 - our own drawing of our own code


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order as the shopper sees it."""

    order: Order
    parts: tuple[PartView, ...]
    payment: Payment | None
    online_payment: bool  # the operator's switch
    next_step: str = ""  # after a failed drop
    point: PointPanel | None = None  # where everything delivered is fetched
    if_thin: str = ""  # what holds when too few orders come together for the window

    @property
    def state(self) -> str:
        """In one phrase."""
        states = (view.part.state for view in self.parts)
        return gettext(lifecycle.order_state(states, confirmed=self.order.confirmed_at is not None))

    @property
    def reserved(self) -> bool:
        """Whether goods are only kept back: no contract, no money."""
        return any(view.part.reserved for view in self.parts)

    @property
    def window(self) -> str:
        """The delivery window in words."""
        to = self.order.delivery
        return window_label(to.day, to.starts, to.ends) if to else ""

    @property
    def delivered(self) -> bool:
        """Whether any of it is: it may have become a pick-up in the shops meanwhile."""
        return any(not view.collected for view in self.parts)

    @property
    def point_to_come(self) -> bool:
        """Whether something is still to be brought to the point."""
        return any(view.to_point and not view.went_back and view.part.state in lifecycle.TO_COME for view in self.parts)

    @property
    def went_back(self) -> bool:
        """Whether something is gone from the point, and a person has to decide what comes next."""
        return any(view.went_back for view in self.parts)

    @property
    def point_qr(self) -> Markup:
        """The point's code as a picture."""
        return _drawn(self.point.code) if self.point else Markup("")

    @property
    def unpaid(self) -> bool:
        """Whether the shopper still has to pay online."""
        waits = self.order.payment_method is PaymentMethod.ONLINE and self.order.confirmed_at is None
        return waits and not self.processing and any(view.alive for view in self.parts)

    @property
    def processing(self) -> bool:
        """Whether money is on its way by a slow method."""
        return self.payment is not None and self.payment.state is PaymentState.PROCESSING

    @property
    def refunded(self) -> Money:
        """What went back so far, over all parts."""
        return total(view.part.refunded for view in self.parts)

    @property
    def pays(self) -> str:
        """How it is paid, in words that are true before and after."""
        if self.order.payment_method is PaymentMethod.ONLINE and self.order.confirmed_at is None:
            return gettext(N_("online"))
        return gettext(self.order.payment_method.label)

    @property
    def may_pay_in_shop(self) -> bool:
        """The way out when the payment service is silent."""
        return self.unpaid and all(view.collected for view in self.parts)


@bp.get("/bestellung/<key>")
@access.public
def order(key: str) -> ResponseReturnValue:
    """Where everything stands. Coming back from the payment page asks the gateway once."""
    if "bezahlt" in request.args or "abgebrochen" in request.args:
        online.refresh_order(_order_id(key))
        if "abgebrochen" in request.args:
            flash(_("Sie haben die Zahlung abgebrochen. Ihre Bestellung ist noch gespeichert."), "warning")
        return redirect(url_for("public.order", key=key), 303)
    with db.reading() as s:
        view = _load(s, key)
        page = _page(view) if view else ""
    if not page:
        raise _unknown()
    response = make_response(page)
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "same-origin"  # never to others; our own CSRF check needs it under https
    return response


def _page(view: OrderView) -> str:
    return render_template("public/order.html", view=view, order=view.order, page_url=online.order_url(view.order))


def _load(s: Session, key: str) -> OrderView | None:
    """Five queries, and the calendars when something is collected. None for an unknown key."""
    found = (
        s.scalars(
            sa.select(Order)
            .where(Order.key == key)
            .options(
                joinedload(Order.delivery),
                joinedload(Order.parts).joinedload(MerchantOrder.merchant),
                joinedload(Order.parts).joinedload(MerchantOrder.shop),
                joinedload(Order.parts).selectinload(MerchantOrder.lines),
                joinedload(Order.parts).selectinload(MerchantOrder.events),
            )
        )
        .unique()
        .first()
    )
    if found is None:
        return None
    latest = sa.select(Payment).where(Payment.order_id == found.id).order_by(Payment.attempt.desc()).limit(1)
    pays = found.payment_method is PaymentMethod.ONLINE
    collected = {part.shop_id for part in found.parts if part.fulfilment is Fulfilment.PICKUP}
    calendars = load_calendars(s, collected, config.current().region)
    point = panel(s, found.id, config.current().region) if _goes_to_point(found) else None
    return OrderView(
        order=found,
        parts=_parts(s, found, calendars, point),
        payment=s.scalar(latest) if pays else None,
        online_payment=bool(settings.get(s, "online_payment")) if pays and found.confirmed_at is None else True,
        point=point,
        if_thin=thin.agreed(s, found.id) if found.delivery else "",
        next_step=returning.next_step(s, found.id) if any(part.failed_reason for part in found.parts) else "",
    )


def _parts(
    s: Session, order: Order, calendars: Mapping[int, ShopCalendar], point: PointPanel | None
) -> tuple[PartView, ...]:
    known = refunds.refunded_goods_of(s, order.id) if any(part.refunded for part in order.parts) else {}
    back = {
        part.id
        for part in order.parts
        if point and point.went_back and part.fulfilment is Fulfilment.DELIVERY and part.state in lifecycle.TO_COME
    }
    return tuple(
        PartView(part, calendars.get(part.shop_id), known.get(part.id, Money(0)), part.id in back)
        for part in order.parts
    )


def _goes_to_point(order: Order) -> bool:
    """Not when it became a pick-up in the shops meanwhile."""
    to = order.delivery
    return bool(to and to.point) and any(part.fulfilment is Fulfilment.DELIVERY for part in order.parts)


def _order_id(key: str) -> int:
    with db.reading() as s:
        order_id = s.scalar(sa.select(Order.id).where(Order.key == key))
    if order_id is None:
        raise _unknown()
    return order_id


def _unknown() -> NotFound:
    """A wrong key, counted. Raises TooManyRequests."""
    limits.limit("order-key", limits.client_address(), times=UNKNOWN_KEYS, minutes=15)
    return NotFound()


@bp.post("/bestellung/<key>/bezahlen")
@access.public
def pay_again(key: str) -> ResponseReturnValue:
    """nochmal bezahlen"""
    order_id = _order_id(key)
    limits.limit("pay", key, times=20, minutes=10)
    return _done(key, lambda: redirect(online.start_payment(order_id), 303))


@bp.post("/bestellung/<key>/im-laden-bezahlen")
@access.public
def pay_in_shop(key: str) -> ResponseReturnValue:
    """The payment service is silent, everything is collected: pay at the till."""
    region = config.current().region
    return _done(
        key, lambda: checkout.pay_in_shop_instead(key, region=region), _("Sie bezahlen jetzt beim Abholen im Laden.")
    )


@bp.post("/bestellung/<key>/teil/<int:part_id>/stornieren")
@access.public
def cancel_part(key: str, part_id: int) -> ResponseReturnValue:
    """Until the merchant accepts, the shopper cancels alone."""
    return _done(key, lambda: parts.cancel_by_shopper(key, _small(part_id)), _("Dieser Teil ist storniert."))


@bp.post("/bestellung/<key>/teil/<int:part_id>/stornierung-anfragen")
@access.public
def ask_to_cancel(key: str, part_id: int) -> ResponseReturnValue:
    """Afterwards the merchant decides."""
    done = _("Der Laden hat Ihre Anfrage bekommen und antwortet Ihnen.")
    return _done(key, lambda: parts.request_cancel(key, _small(part_id)), done)


def _small(number: int) -> int:
    if number > 2_147_483_647:
        abort(404)
    return number


def _done(key: str, act: Callable[[], ResponseReturnValue | None], sentence: str = "") -> ResponseReturnValue:
    """Do it and go back to the order's page, with a sentence either way."""
    try:
        answer = act()
    except NotFound:
        raise _unknown() from None
    except MarketError as error:
        flash(error.text, "error")
    else:
        if answer is not None:
            return answer
        flash(sentence, "success")
    return redirect(url_for("public.order", key=key), 303)
