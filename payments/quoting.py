"""From a cart and the shopper's choices to an offer in cents - or to the sentences that say what is wrong with them.

Pure: no database, no clock. Checkout's form, the review page and the placing of the order all ask `quote`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from delivery import windows
from delivery.models import Zone
from delivery.points.offers import PointOffer
from delivery.windows import WindowOffer
from market.catalogue import tax
from market.core import formats
from market.core.errors import MarketError
from market.core.i18n import N_, gettext
from market.core.money import ZERO, Money, total
from market.orders import drafts
from market.orders.blocks import Block, CartView, Line, Place
from market.orders.drafts import PlacedLine, PlacedOrder, PlacedPart, PlacedWindow, Recipient
from market.orders.models import Fulfilment, PaymentMethod
from payments import at_point, missing
from payments.choices import Choices
from payments.missing import Problems


@dataclass(frozen=True, slots=True)
class Options:
    """What can be chosen besides the cart: zones, windows, ways to pay."""

    zones: Sequence[Zone]
    windows: Sequence[WindowOffer]
    payments: Sequence[PaymentMethod]
    points: Sequence[PointOffer] = ()

    def window(self, window_id: int | None) -> WindowOffer | None:
        """One of the windows."""
        return next((one for one in self.windows if one.id == window_id), None)

    def point(self, point_id: int | None) -> PointOffer | None:
        """One of the pick-up points."""
        return next((one for one in self.points if one.id == point_id), None)

    def zone(self, zone_id: int) -> Zone | None:
        """One of the zones."""
        return next((one for one in self.zones if one.id == zone_id), None)


@dataclass(frozen=True, slots=True)
class QuotedPart:
    """One contract: which block, from which shop, how and when."""

    block: Block
    place: Place
    fulfilment: Fulfilment
    day: date

    @property
    def delivered(self) -> bool:
        """Whether the courier brings it."""
        return self.fulfilment is Fulfilment.DELIVERY

    @property
    def hours(self) -> str:
        """The shop's hours on the day."""
        return self.place.hours_on(self.day)


@dataclass(frozen=True, slots=True)
class Quote:
    """Exactly what the review page shows and the order will hold."""

    parts: tuple[QuotedPart, ...]
    choices: Choices
    zone: Zone | None
    window: WindowOffer | None
    fee: Money
    point: PointOffer | None = None

    @property
    def recipient(self) -> Recipient:
        """Where what is delivered goes: the door, or the pick-up point's counter."""
        to = self.choices
        if self.point is not None:
            return self.point.recipient(to.recipient or to.name, to.phone)
        return to.to_recipient()

    @property
    def goods(self) -> Money:
        """All goods, without deposit."""
        return total(part.block.goods for part in self.parts)

    @property
    def deposit(self) -> Money:
        """All deposits."""
        return total(part.block.deposit for part in self.parts)

    @property
    def total(self) -> Money:
        """What the shopper pays."""
        return self.goods + self.deposit + self.fee

    @property
    def lines(self) -> list[Line]:
        """Every line."""
        return [line for part in self.parts for line in part.block.lines]

    @property
    def prices(self) -> str:
        """Every price as the shopper sees it; sent back by the review page to notice a change."""
        each = (
            f"{line.variant.id}={line.variant.price.cents}+{line.variant.deposit.cents}*{line.quantity}"
            for line in self.lines
        )
        return ",".join([*sorted(each), f"fee={self.fee.cents}"])

    @property
    def min_age(self) -> int:
        """The highest age mark."""
        return max((part.block.min_age for part in self.parts), default=0)

    @property
    def with_vat(self) -> str:
        """What may be said beside the total: nothing when one of the merchants is a small business (law.md D1)."""
        small = any(part.block.merchant.small_business for part in self.parts)
        return "" if small else gettext(N_("inkl. MwSt."))


def quote(view: CartView, choices: Choices, options: Options) -> tuple[Quote | None, Problems]:
    """The offer, or what stands in its way by field name."""
    problems: Problems = {}
    if not view.orderable:
        problems["cart"] = " ".join(_what_is_gone(view))
    point = at_point.chosen(view, choices, options.points, problems)
    if at_point.wanted(view, choices):
        window, zone = _to_point(choices, options, point, problems)
    else:
        window, zone = _delivery(view, choices, options, problems)
    parts = [part for block in view.blocks if (part := _part(block, choices, window, problems)) is not None]
    if point is not None:
        at_point.check(point, [(part.block, part.place) for part in parts if part.delivered], problems)
    fee = _fee(parts, zone, window, problems, point)
    to_door = _wants_delivery(view, choices) and not at_point.wanted(view, choices)
    problems |= missing.contact(choices, delivered=to_door)
    problems |= missing.consent(view, choices)
    problems |= _payment_problems(parts, choices, options)
    if problems or not parts:
        return None, problems
    return Quote(tuple(parts), choices, zone, window, fee, point), {}


def _what_is_gone(view: CartView) -> list[str]:
    """Each line and block that cannot be ordered as it is, with its reason."""
    lines = [f"„{line.product.name}“: {line.problem}" for line in view.lines if line.problem]
    return lines + [f"{block.merchant.name}: {block.problem}" for block in view.blocks if block.problem]


def _wants_delivery(view: CartView, choices: Choices) -> bool:
    """Whether anything shall be brought, possible or not."""
    return any(choices.fulfilment(block.key) is Fulfilment.DELIVERY for block in view.blocks)


def _delivery(
    view: CartView, choices: Choices, options: Options, problems: Problems
) -> tuple[WindowOffer | None, Zone | None]:
    """The window and the zone, when anything is to be delivered."""
    if not _wants_delivery(view, choices):
        return None, None
    zone = windows.zone_among(options.zones, choices.zip, choices.city)
    if choices.zip and choices.city and zone is None:
        problems["zip"] = gettext(
            N_("Nach {zip} {city} liefern wir nicht. Sie können Ihre Ware in den Läden abholen.")
        ).format(zip=choices.zip, city=choices.city)
    window = options.window(choices.window)
    _check_window(window, zone, window.reason if window else "", problems)
    return window, zone


def _to_point(
    choices: Choices, options: Options, point: PointOffer | None, problems: Problems
) -> tuple[WindowOffer | None, Zone | None]:
    """The window that brings everything to the point, and the zone the point lies in."""
    window = options.window(choices.window)
    zone = options.zone(point.zone_id) if point else None
    reason = point.reason(window) if window and point else window.reason if window else ""
    _check_window(window, zone, reason, problems)
    if point and window and point.refusals.get(window.id) and (better := point.next_window(options.windows)):
        problems["window"] += " " + gettext(N_("Dorthin geht es zum Beispiel {window}.")).format(window=better.label)
    return window, zone


def _check_window(window: WindowOffer | None, zone: Zone | None, reason: str, problems: Problems) -> None:
    if window is None:
        problems["window"] = gettext(N_("Bitte wählen Sie ein Lieferfenster."))
    elif zone is not None and not window.serves(zone.id):
        problems["window"] = windows.OtherZone(window=window.label).text
    elif reason:
        gone = N_("Das Lieferfenster {window} geht nicht mehr ({reason}). Bitte wählen Sie ein anderes.")
        other = N_("Das Lieferfenster {window} geht nicht ({reason}). Bitte wählen Sie ein anderes.")
        problems["window"] = gettext(gone if window.reason else other).format(window=window.label, reason=reason)


def _part(block: Block, choices: Choices, window: WindowOffer | None, problems: Problems) -> QuotedPart | None:
    how = choices.fulfilment(block.key)
    if how is Fulfilment.DELIVERY:
        return _delivered(block, window, problems)
    shop_id = choices.pickup_shop(block.key)
    place = next((one for one in block.pickup_places if one.shop.id == shop_id), None)
    if how is None or place is None:
        problems[f"how_{block.key}"] = gettext(
            N_("Bitte wählen Sie, ob Sie bei {merchant} abholen oder liefern lassen.")
        ).format(merchant=block.merchant.name)
        return None
    day = choices.pickup_day(block.key, place.shop.id)
    if day is None or day not in place.days:
        soonest = gettext(N_("Frühestens geht es {day}.")).format(day=formats.day(place.days[0]))
        problems[f"day_{block.key}_{place.shop.id}"] = gettext(N_("Bitte wählen Sie einen Abholtag.")) + f" {soonest}"
        return None
    return QuotedPart(block, place, Fulfilment.PICKUP, day)


def _delivered(block: Block, window: WindowOffer | None, problems: Problems) -> QuotedPart | None:
    if not block.delivering:
        problems[f"how_{block.key}"] = gettext(N_("{merchant} lässt nicht liefern. Bitte wählen Sie Abholung.")).format(
            merchant=block.merchant.name
        )
        return None
    if window is None:
        return None
    place = block.ready_for(window.day)
    if place is None:
        days = sorted({day for one in block.delivering for day in one.days})
        better = next((day for day in days if day > window.day), days[0])
        message = N_("{merchant} kann am {day} nicht alles mitgeben, erst am {better}. Bitte wählen Sie ein anderes.")
        if better < window.day:
            message = N_(
                "{merchant} kann am {day} nicht alles mitgeben, aber am {better}. Bitte wählen Sie ein anderes."
            )
        problems.setdefault(
            "window",
            gettext(message).format(
                merchant=block.merchant.name, day=formats.day(window.day), better=formats.day(better)
            ),
        )
        return None
    return QuotedPart(block, place, Fulfilment.DELIVERY, window.day)


def _fee(
    parts: Sequence[QuotedPart],
    zone: Zone | None,
    window: WindowOffer | None,
    problems: Problems,
    point: PointOffer | None,
) -> Money:
    if zone is None or window is None:
        return ZERO
    try:
        to_door = windows.fee(zone, window, total(part.block.goods for part in parts if part.delivered))
        return point.price(window) if point else to_door
    except MarketError as error:
        problems.setdefault(error.field or "window", error.text)
        return ZERO


def _payment_problems(parts: Sequence[QuotedPart], choices: Choices, options: Options) -> Problems:
    if choices.payment not in {method.value for method in options.payments}:
        return {"payment": gettext(N_("Bitte wählen Sie, wie Sie bezahlen möchten."))}
    if choices.method is PaymentMethod.IN_SHOP and any(part.delivered for part in parts):
        return {"payment": gettext(N_("Im Laden bezahlen können Sie nur, wenn Sie alles in den Läden abholen."))}
    return {}


def to_order(offer: Quote, *, form_token: str, user_id: int | None, now: datetime) -> PlacedOrder:
    """The quote as what `orders.placing.create` writes down."""
    delivered = any(part.delivered for part in offer.parts)
    window = offer.window if delivered else None
    return PlacedOrder(
        form_token=form_token,
        contact=offer.choices.contact(),
        payment_method=offer.choices.method,
        parts=tuple(_placed(part, offer.choices, now) for part in offer.parts),
        recipient=offer.recipient if delivered else None,
        window=PlacedWindow(window.day, window.starts, window.ends, window.cutoff_at) if window else None,
        delivery_fee=offer.fee,
        user_id=user_id,
        age_declared=offer.min_age if offer.choices.age else 0,
    )


def _placed(part: QuotedPart, choices: Choices, now: datetime) -> PlacedPart:
    merchant = part.block.merchant
    return PlacedPart(
        merchant_id=merchant.id,
        shop_id=part.place.shop.id,
        fulfilment=part.fulfilment,
        day=part.day,
        lines=tuple(_placed_line(line, part, choices, now) for line in part.block.lines),
        answer_within_h=merchant.answer_within_h,
    )


def _placed_line(line: Line, part: QuotedPart, choices: Choices, now: datetime) -> PlacedLine:
    small = part.block.merchant.small_business
    return drafts.line_of(
        line.variant,
        quantity=line.quantity,
        promised_on=part.day,
        vat_bp=tax.rate_bp(line.product.vat_class, part.day, small_business=small),
        base_price=line.base_price,
        substitution=choices.substitution(line.variant.id),
        deviation_agreed_at=now if line.deviation else None,
    )


def price_changes(before: str, offer: Quote) -> list[str]:
    """What became dearer or cheaper since the shopper saw `before` (Quote.prices), as German sentences."""
    seen = _read_prices(before)
    changes = []
    for line in offer.lines:
        old = seen.get(str(line.variant.id))
        if old is not None and old != line.variant.price:
            changes.append(
                gettext(N_("„{product}“ kostet jetzt {new} statt {old}.")).format(
                    product=line.product.name, new=line.variant.price, old=old
                )
            )
    old_fee = seen.get("fee")
    if old_fee is not None and old_fee != offer.fee:
        changes.append(gettext(N_("Die Lieferung kostet jetzt {new} statt {old}.")).format(new=offer.fee, old=old_fee))
    return changes


def _read_prices(text: str) -> Mapping[str, Money]:
    found = {}
    for item in text.split(","):
        name, _, price = item.partition("=")
        cents = price.partition("+")[0]
        if cents.isascii() and cents.isdigit() and len(cents) < 10:
            found[name] = Money(int(cents))
    return found
