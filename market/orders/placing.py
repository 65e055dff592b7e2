"""Placing an order: what checkout hands over, and the step that writes it down.

Checkout builds a `PlacedOrder` out of plain frozen values (they stand in orders/drafts.py and can be imported from
here) and calls `create` inside ITS transaction:

    draft = placing.PlacedOrder(
        form_token=token,                      # from the form; a double click returns the first order
        contact=placing.Contact(name="Karla Muster", email="karla@markt.example"),
        payment_method=PaymentMethod.ONLINE,
        parts=(placing.PlacedPart(merchant_id=1, shop_id=1, fulfilment=Fulfilment.DELIVERY, day=window.day,
                                  lines=(placing.line_of(variant, quantity=2, ...),)),),
        recipient=placing.Recipient(...),      # only with delivery parts, like window
        window=placing.PlacedWindow(window.day, window.starts, window.ends, window.cutoff_at),
        delivery_fee=Money(390),
    )
    with db.transaction() as s:
        placement = placing.create(s, draft=draft, calendars=hours.load_calendars(s, draft.shop_ids, region))
        if placement.first:                    # False: this form was sent before, nothing more to do
            windows.book(s, placement.order.id, window_id, zone_id)

`create` takes the stock itself (market.catalogue.stock.reserve, reference "line:<id>") and gives the order its
number, keys, codes and deadlines. All money is gross cents, instants are aware UTC, days are local days.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.catalogue import stock
from market.core import clock, codes, numbers
from market.core.errors import BadInput, MarketError
from market.core.faults import point
from market.core.i18n import N_
from market.core.money import ZERO, Money, split, total
from market.core.outbox import emit
from market.orders import documents, lifecycle
from market.orders.drafts import Contact, PlacedLine, PlacedOrder, PlacedPart, PlacedWindow, Recipient, line_of
from market.orders.models import (
    Delivery,
    Fulfilment,
    MerchantOrder,
    Mode,
    Order,
    OrderLine,
    PartEvent,
    PartState,
    PaymentMethod,
)

__all__ = [
    "Contact", "PlacedLine", "PlacedOrder", "PlacedPart", "PlacedWindow", "Placement", "Recipient",
    "by_form_token", "create", "line_of", "take_stock",
]  # fmt: skip

HOLD = timedelta(minutes=30)  # how long an unpaid online order keeps its stock and window
COLLECT_DAYS = 3  # opening days a pay-in-shop part waits to be collected
CUTOFF_MARGIN = timedelta(minutes=15)  # answers come this long before the cut-off, so that planning sees them
FIRST_NUMBER = 1000
ONLINE_MINIMUM = Money(50)  # the payment service takes no less


class AgeNotDeclared(BadInput):
    """Goods with an age mark need the shopper's declaration (law.md F9)."""

    message = N_("Bitte bestätigen Sie, dass Sie mindestens {age} Jahre alt sind.")


class NoDropOff(BadInput):
    """Goods with an age mark are never left at the door (law.md F9)."""

    message = N_("Ware mit Altersgrenze darf nicht abgelegt werden. Bitte lassen Sie das Feld Abstellort leer.")


class NeverOpen(MarketError):
    """A reservation ends with an opening day, and the calendar knows of none."""

    message = N_("Hier kann zurzeit nichts reserviert werden: Der Laden hat bis auf Weiteres geschlossen.")


class TooSmallForOnline(BadInput):
    """The payment service has a smallest amount."""

    message = N_("Online zahlen geht erst ab {least}.")


class Calendar(Protocol):
    """What placing asks a shop's calendar (market.directory.hours.ShopCalendar)."""

    def spans(self, day: date) -> tuple[tuple[time, time], ...]: ...
    def add_open_hours(self, instant: datetime, hours: int) -> datetime: ...
    def opening_days(self, first: date, count: int) -> list[date]: ...
    def last_close(self, day: date) -> datetime | None: ...
    def end_of_opening_day(self, after: date, count: int = 1) -> datetime | None: ...


class Placement(NamedTuple):
    """The order, and whether this call placed it (False: the form was sent before; do nothing more)."""

    order: Order
    first: bool


def by_form_token(s: Session, form_token: str) -> Order | None:
    """The order this form placed, if it was sent before."""
    return s.scalar(sa.select(Order).where(Order.form_token == form_token))


def create(s: Session, *, draft: PlacedOrder, calendars: Mapping[int, Calendar]) -> Placement:
    """Step: write the order with its parts and lines, take the stock, set the deadlines, tell the outbox.

    `calendars` by shop id. Raises OutOfStock, AgeNotDeclared, NoDropOff, TooSmallForOnline; ValueError when the
    draft contradicts itself (a bug in checkout).
    """
    _check(draft)
    number = numbers.next_number(s, "order")  # its row is locked now: a double click waits here ...
    if known := by_form_token(s, draft.form_token):  # ... and finds the first one's order
        return Placement(known, first=False)
    order = _order(draft, f"M-{FIRST_NUMBER + number}")
    if not draft.reserved:  # no contract, no documents
        order.legal = documents.snapshot(s, draft.merchant_ids)
    s.add(order)
    for placed, share in zip(draft.parts, _shares(draft), strict=True):
        part = _part(order, draft, placed, share, calendars[placed.shop_id])
        part.lines = [_line(line) for line in placed.lines]
        order.parts.append(part)
    s.flush()
    take_stock(s, order.parts)
    s.add_all(
        PartEvent(part_id=part.id, before=None, after=PartState.PLACED, at=order.placed_at, by="shopper",
                  by_user_id=draft.user_id)
        for part in order.parts
    )  # fmt: skip
    emit(s, "order.placed", key=f"order.placed/{order.id}", order_id=order.id)
    for part in order.parts:
        if part.reserved:
            emit(s, "reservation.ends", key=f"reservation.ends/{part.id}", due_at=part.collect_by, part_id=part.id)
    if order.hold_until is None:
        lifecycle.confirm(s, order)
    else:
        emit(s, "order.hold_ends", key=f"order.hold_ends/{order.id}", due_at=order.hold_until, order_id=order.id)
    point("order.created")
    return Placement(order, first=True)


def _check(draft: PlacedOrder) -> None:
    delivered = any(part.fulfilment is Fulfilment.DELIVERY for part in draft.parts)
    if not draft.parts or not all(part.lines for part in draft.parts):
        raise ValueError("an order without lines")
    if delivered != (draft.recipient is not None) or delivered != (draft.window is not None):
        raise ValueError("recipient and window belong to delivery parts, and only to them")
    if draft.delivery_fee and not delivered:
        raise ValueError("a delivery fee without a delivery")
    if draft.payment_method is PaymentMethod.IN_SHOP and delivered:
        raise ValueError("paying in the shop needs pick-ups only")
    if draft.reserved:  # the sale, and with it the look at the identity card, happens at the till
        _check_reservation(draft)
    elif draft.min_age > draft.age_declared:
        raise AgeNotDeclared(field="age_declared", age=draft.min_age)
    if draft.min_age and draft.recipient and draft.recipient.drop_off:
        raise NoDropOff(field="drop_off")
    if draft.payment_method is PaymentMethod.ONLINE and ZERO < draft.total < ONLINE_MINIMUM:
        raise TooSmallForOnline(least=ONLINE_MINIMUM)


def _check_reservation(draft: PlacedOrder) -> None:
    if any(part.mode is not Mode.RESERVATION or part.fulfilment is not Fulfilment.PICKUP for part in draft.parts):
        raise ValueError("a reservation is collected, and holds nothing that is bought")
    if draft.payment_method is not PaymentMethod.IN_SHOP:
        raise ValueError("a reservation is not paid here")


def _order(draft: PlacedOrder, number: str) -> Order:
    now = clock.now()
    payable = draft.payment_method is PaymentMethod.ONLINE and bool(draft.total)
    who = draft.contact
    return Order(
        number=number,
        key=codes.key(),
        form_token=draft.form_token,
        user_id=draft.user_id,
        source=draft.source,
        placed_at=now,
        hold_until=hold_until(now, draft.window.cutoff_at if draft.window else None) if payable else None,
        payment_method=draft.payment_method,
        channel=who.channel,
        name=who.name,
        email=who.email,
        phone=who.phone,
        street=who.street,
        zip=who.zip,
        city=who.city,
        goods=draft.goods,
        deposit=draft.deposit,
        delivery_fee=draft.delivery_fee,
        total=draft.total,
        age_declared=draft.age_declared,
        delivery=_delivery(draft),
    )


def _delivery(draft: PlacedOrder) -> Delivery | None:
    to, window = draft.recipient, draft.window
    if to is None or window is None:
        return None
    return Delivery(
        recipient=to.name,
        care_of=to.care_of,
        house=to.house,
        ward=to.ward,
        bell=to.bell,
        phone=to.phone,
        street=to.street,
        zip=to.zip,
        city=to.city,
        note=to.note,
        card_text=to.card_text,
        drop_off=to.drop_off,
        lat=to.lat,
        lon=to.lon,
        accuracy_m=to.accuracy_m,
        matched=to.matched,
        point=to.point,
        day=window.day,
        starts=window.starts,
        ends=window.ends,
    )


def _shares(draft: PlacedOrder) -> list[Money]:
    """The delivery fee over the delivery parts, in proportion to their goods; the parts add up to the fee."""
    delivered = [part.fulfilment is Fulfilment.DELIVERY for part in draft.parts]
    goods = [sum(line.price.cents * line.quantity for line in part.lines) for part in draft.parts]
    weights = [cents for cents, yes in zip(goods, delivered, strict=True) if yes]
    shares = iter(split(draft.delivery_fee, weights) if weights else [])
    return [next(shares) if yes else ZERO for yes in delivered]


def _part(order: Order, draft: PlacedOrder, placed: PlacedPart, share: Money, calendar: Calendar) -> MerchantOrder:
    goods = total(line.price * line.quantity for line in placed.lines)
    deposit = total(line.deposit * line.quantity for line in placed.lines)
    window = draft.window if placed.fulfilment is Fulfilment.DELIVERY else None
    collect_by = _collect_by(draft, placed, calendar, order.placed_at)
    needed = collect_by if placed.mode is Mode.RESERVATION else window.cutoff_at if window else None
    answer_by = answer_deadline(calendar, order.placed_at, placed.answer_within_h, placed.day, needed)
    return MerchantOrder(
        merchant_id=placed.merchant_id,
        shop_id=placed.shop_id,
        mode=placed.mode,
        fulfilment=placed.fulfilment,
        state=PartState.PLACED,
        day=placed.day,
        due_at=_due(calendar, order.placed_at, placed.day, answer_by, window),
        answer_by=answer_by,
        collect_by=collect_by,
        code=codes.code(6),
        goods=goods,
        deposit=deposit,
        total=goods + deposit,
        delivery_share=share,
        min_age=max(line.min_age for line in placed.lines),
    )


def _collect_by(draft: PlacedOrder, placed: PlacedPart, calendar: Calendar, now: datetime) -> datetime | None:
    if placed.mode is Mode.RESERVATION:
        return hold_end(calendar, now)
    return collect_deadline(calendar, placed.day) if draft.payment_method is PaymentMethod.IN_SHOP else None


def hold_end(calendar: Calendar, start: datetime) -> datetime:
    """Until when a reservation holds: closing time of the next opening day after `start`'s day (features.md M9).

    Sundays, holidays and the shop's own days off do not count. Raises NeverOpen.
    """
    end = calendar.end_of_opening_day(clock.business_date(start))
    if end is None:
        raise NeverOpen
    return end


def hold_until(start: datetime, cutoff_at: datetime | None) -> datetime:
    """Until when an online order waits for its money: half an hour, but not beyond the window's cut-off.

    What is paid later can be answered and planned by nobody any more (docs/decisions/014).
    """
    return min(start + HOLD, cutoff_at) if cutoff_at else start + HOLD


def answer_deadline(calendar: Calendar, start: datetime, hours: int, day: date, cutoff_at: datetime | None) -> datetime:
    """Until when the merchant answers: `hours` opening hours from `start`, but before the goods are needed.

    Needed means: the window's cut-off (None: a pick-up), or closing time of the pick-up day. The margin shrinks when
    time is short.
    """
    wanted = calendar.add_open_hours(start, hours)
    latest = cutoff_at or calendar.last_close(day)
    if latest is None or latest <= start:
        return wanted
    return min(wanted, latest - min(CUTOFF_MARGIN, (latest - start) / 2))


def collect_deadline(calendar: Calendar, day: date) -> datetime | None:
    """The end of the third opening day from the pick-up day on."""
    days = calendar.opening_days(day, COLLECT_DAYS)
    return calendar.last_close(days[-1]) if days else None


def _due(
    calendar: Calendar, placed_at: datetime, day: date, answer_by: datetime, window: PlacedWindow | None
) -> datetime:
    """When it must be packed: as the window begins, or as the shop opens on the pick-up day (today: when answered)."""
    if window is not None:
        return clock.at(window.day, window.starts)
    spans = calendar.spans(day)
    opens = clock.at(day, spans[0][0]) if spans else answer_by
    return opens if opens > placed_at else answer_by


def _line(line: PlacedLine) -> OrderLine:
    return OrderLine(
        variant_id=line.variant_id,
        promised_on=line.promised_on,
        quantity=line.quantity,
        name=line.name,
        variant_name=line.variant_name,
        product_code=line.product_code,
        price=line.price,
        deposit=line.deposit,
        base_price=line.base_price,
        vat_bp=line.vat_bp,
        withdrawal_class=line.withdrawal_class,
        temperature=line.temperature,
        min_age=line.min_age,
        weight_g=line.weight_g,
        volume_ml=line.volume_ml,
        facts=dict(line.facts),
        deviation_agreed_at=line.deviation_agreed_at,
        substitution=line.substitution,
    )


def take_stock(s: Session, parts: Iterable[MerchantOrder]) -> None:
    """Step: take the pieces of every line from its shop's stock. Raises OutOfStock and its kin; then nothing holds."""
    lines = [(part.shop_id, line) for part in parts for line in part.lines]
    wants = {
        line.id: stock.Want(
            variant_id=line.variant_id,
            shop_id=shop_id,
            quantity=line.quantity,
            day=line.promised_on,
            reference=lifecycle.reference(line),
        )
        for shop_id, line in lines
        if line.variant_id is not None
    }
    taken = stock.reserve(s, list(wants.values()))
    for _, line in lines:
        if line.id in wants:
            line.stock_id = taken[wants[line.id]]
