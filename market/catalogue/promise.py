"""What may be promised for which day: one answer for every kind of availability.

`load_supply` reads what shops have (two queries for any number of variants); everything else here is pure and takes
the shop's calendar and the instant as arguments, so pages, cart, checkout and tests ask the same functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.catalogue.models import (
    Availability,
    Product,
    ProductStatus,
    Quota,
    QuotaDay,
    Stock,
    StockState,
    Variant,
)
from market.core import clock, formats
from market.core.i18n import N_, gettext
from market.directory.models import Shop

CONFIRMED_FOR = timedelta(days=14)
"""A shop's word "im Laden" holds this long, then it reads "auf Anfrage" (features.md M16)."""

HORIZON_DAYS = 28
"""How many days after today goods can be promised for; goods made to order: after the day they are ready."""

TO_PACK = timedelta(hours=1)
"""The shop needs this long before it closes to pack what is ordered today."""

FEW_PIECES = 5
"""From here down the page says how many are left. It is the real number, never a made-up hurry (law.md F3)."""

LAST_MINUTE = time(23, 59)
UHR = f"{formats.NBSP}Uhr"


class Calendar(Protocol):
    """What a promise needs to know of a shop's opening hours; directory.hours.ShopCalendar is one."""

    def spans(self, day: date) -> tuple[tuple[time, time], ...]:
        """The opening times of a day."""
        ...

    def opening_days(self, first: date, count: int) -> list[date]:
        """The next `count` days from `first` on that the shop opens."""
        ...

    def last_close(self, day: date) -> datetime | None:
        """When the shop shuts for the day; None when it does not open."""
        ...


@dataclass(frozen=True, slots=True)
class Supply:
    """What one shop has of one variant, and how the product's stock is known."""

    stock_id: int
    variant_id: int
    shop_id: int
    availability: Availability
    quantity: int = 0
    state: StockState = StockState.IN_SHOP
    confirmed_at: datetime | None = None
    lead_days: int = 0
    order_until: time | None = None
    order_days_before: int = 1
    quota: Mapping[int, int] = field(default_factory=dict)  # weekday -> pieces
    days: Mapping[date, tuple[int, int]] = field(default_factory=dict)  # day -> (pieces, taken)

    def left_on(self, day: date) -> int:
        """Pieces of a day's quota that nobody has ordered."""
        pieces, taken = self.days.get(day, (self.quota.get(day.weekday(), 0), 0))
        return max(0, pieces - taken)

    def order_deadline(self, day: date) -> datetime:
        """Until when a day's quota can be ordered."""
        return clock.at(day - timedelta(days=self.order_days_before), self.order_until or LAST_MINUTE)

    def is_fresh(self, now: datetime) -> bool:
        """Whether the shop confirmed its state recently enough to rely on it."""
        return self.confirmed_at is not None and now - self.confirmed_at < CONFIRMED_FOR


@dataclass(frozen=True, slots=True)
class Promise:
    """What can be said to a shopper. `label` is a short German sentence, `tone` one of now, later, request, out."""

    label: str
    tone: str
    earliest_day: date | None = None
    max_quantity: int | None = None  # None: no limit known

    @property
    def buyable(self) -> bool:
        """Whether it can be put into the cart right now."""
        return self.earliest_day is not None

    @property
    def left_label(self) -> str:
        """ "Noch 3 Stück", or nothing when there is enough."""
        if not self.buyable or self.max_quantity is None or self.max_quantity > FEW_PIECES:
            return ""
        return gettext(N_("Noch {left} Stück")).format(left=self.max_quantity)

    @property
    def short(self) -> str:
        """The one line of a product card: how few are left, then from when."""
        return f"{self.left_label}, {self.label[0].lower()}{self.label[1:]}" if self.left_label else self.label


ON_REQUEST = Promise(N_("Auf Anfrage"), "request")
OUT = Promise(N_("Zurzeit nicht da"), "out")
SOLD_OUT = Promise(N_("Ausverkauft"), "out")
NO_DAY = Promise(N_("Zurzeit kein Termin"), "out")


def can_pack(calendar: Calendar, day: date, now: datetime) -> bool:
    """Whether the shop opens that day and, if it is today, still has an hour to pack."""
    today = clock.business_date(now)
    if day > today:
        return bool(calendar.spans(day))
    closes = calendar.last_close(day)
    return day == today and closes is not None and now + TO_PACK <= closes


def _ready_from(supply: Supply, calendar: Calendar, now: datetime) -> date | None:
    """The first day the goods can be ready, looking at the calendar and the lead time only."""
    today = clock.business_date(now)
    if supply.availability is Availability.TO_ORDER and supply.lead_days > 0:
        days = calendar.opening_days(today + timedelta(days=1), supply.lead_days)
        return days[-1] if len(days) == supply.lead_days else None
    return today


def _left(supply: Supply, day: date, now: datetime) -> int | None:
    """Pieces that may be ordered for a day; None: as many as you like."""
    if supply.availability is Availability.COUNTED:
        return supply.quantity
    if supply.availability is Availability.QUOTA:
        return supply.left_on(day) if now <= supply.order_deadline(day) else 0
    if supply.availability is Availability.STATES:
        return None if supply.state is StockState.IN_SHOP and supply.is_fresh(now) else 0
    return None


def days_for(supply: Supply, calendar: Calendar, quantity: int, now: datetime) -> Iterator[date]:
    """Every day for which `quantity` pieces may be promised, soonest first."""
    first = _ready_from(supply, calendar, now)
    if first is None:
        return
    for ahead in range(HORIZON_DAYS + 1):
        day = first + timedelta(days=ahead)
        left = _left(supply, day, now)
        if (left is None or left >= quantity) and can_pack(calendar, day, now):
            yield day


def can_promise(supply: Supply, calendar: Calendar, day: date, quantity: int, now: datetime) -> bool:
    """Whether the shop can have `quantity` pieces ready on `day`."""
    first = _ready_from(supply, calendar, now)
    if first is None or not first <= day <= first + timedelta(days=HORIZON_DAYS):
        return False
    left = _left(supply, day, now)
    return (left is None or left >= quantity) and can_pack(calendar, day, now)


def earliest(supply: Supply, calendar: Calendar, now: datetime) -> Promise:
    """The soonest promise for one piece, as a sentence."""
    if supply.availability is Availability.STATES:
        if supply.state is StockState.OUT:
            return OUT
        if supply.state is StockState.ON_REQUEST or not supply.is_fresh(now):
            return ON_REQUEST
    if supply.availability is Availability.COUNTED and supply.quantity <= 0:
        return SOLD_OUT
    day = next(days_for(supply, calendar, 1, now), None)
    if day is None:
        return SOLD_OUT if supply.availability is Availability.QUOTA else NO_DAY
    label, tone = _when(supply, calendar, day, now)
    return Promise(label, tone, day, _left(supply, day, now))


def can_be_kept(supply: Supply) -> bool:
    """Whether it can be reserved: it lies in the shop. What is baked or ordered for somebody has to be bought."""
    return supply.availability in (Availability.COUNTED, Availability.STATES)


def best(promises: Iterable[Promise]) -> Promise:
    """Of several shops' promises the soonest; then the one that offers most."""
    said = list(promises)
    if len(said) == 1:
        return said[0]
    return min(
        said,
        key=lambda p: (
            p.earliest_day is None,
            p.earliest_day or date.max,
            -(p.max_quantity if p.max_quantity is not None else 1_000_000),
            ("now", "later", "request", "out").index(p.tone),
        ),
        default=OUT,
    )


def _when(supply: Supply, calendar: Calendar, day: date, now: datetime) -> tuple[str, str]:
    today = clock.business_date(now)
    if day == today:
        return gettext(N_("Heute abholbar")), "now"
    if supply.availability is Availability.TO_ORDER and supply.lead_days > 0:
        return gettext(N_("Auf Bestellung, fertig {day}")).format(day=formats.day(day)), "later"
    hour = formats.clock_time(calendar.spans(day)[0][0]).removesuffix(":00")
    if day == today + timedelta(days=1):
        return gettext(N_("Morgen ab {hour} Uhr")).format(hour=hour).replace(" Uhr", UHR), "later"
    return gettext(N_("Ab {day}, {hour} Uhr")).format(day=formats.day(day), hour=hour).replace(" Uhr", UHR), "later"


_STOCKS = (
    sa.select(
        Stock.id,
        Stock.variant_id,
        Stock.shop_id,
        Stock.quantity,
        Stock.state,
        Stock.confirmed_at,
        Product.availability,
        Product.lead_days,
        Product.order_until,
        Product.order_days_before,
    )
    .join(Variant, Variant.id == Stock.variant_id)
    .join(Product, Product.id == Variant.product_id)
    .join(Shop, Shop.id == Stock.shop_id)
    .where(Stock.variant_id.in_(sa.bindparam("variants", expanding=True)), Shop.active, Variant.active)
    .where(Product.status == ProductStatus.PUBLISHED)
    .order_by(Shop.position, Stock.id)
)

_QUOTAS: sa.CompoundSelect[Any] = sa.union_all(
    sa.select(
        Quota.stock_id, Quota.weekday, sa.cast(sa.null(), sa.Date).label("day"), Quota.pieces, sa.literal(0)
    ).where(Quota.stock_id.in_(sa.bindparam("stocks", expanding=True))),
    sa.select(QuotaDay.stock_id, sa.literal(-1), QuotaDay.day, QuotaDay.pieces, QuotaDay.taken).where(
        QuotaDay.stock_id.in_(sa.bindparam("stocks", expanding=True)),
        QuotaDay.day >= sa.bindparam("today", type_=sa.Date),
    ),
)

Quotas = dict[int, tuple[dict[int, int], dict[date, tuple[int, int]]]]


def load_quotas(s: Session, stock_ids: Iterable[int]) -> Quotas:
    """For each stock: pieces per weekday, and (pieces, taken) of the days from today on that have orders. One query."""
    ids = list(stock_ids)
    found: Quotas = {stock_id: ({}, {}) for stock_id in ids}
    if not ids:
        return found
    rows = s.execute(_QUOTAS, {"stocks": ids, "today": clock.today()}).all()
    for stock_id, weekday, day, pieces, taken in rows:
        if day is None:
            found[stock_id][0][weekday] = pieces
        else:
            found[stock_id][1][day] = (pieces, taken)
    return found


def load_supply(s: Session, variant_ids: Iterable[int]) -> dict[int, list[Supply]]:
    """What every active shop has of these variants; unpublished ones have no entries. One query, two with quotas."""
    ids = sorted(set(variant_ids))
    supplies: dict[int, list[Supply]] = {variant_id: [] for variant_id in ids}
    rows = s.execute(_STOCKS, {"variants": ids}).all() if ids else []
    quotas = load_quotas(s, [row.id for row in rows if row.availability is Availability.QUOTA])
    for row in rows:
        per_weekday, days = quotas.get(row.id, ({}, {}))
        supplies[row.variant_id].append(
            Supply(
                stock_id=row.id,
                variant_id=row.variant_id,
                shop_id=row.shop_id,
                availability=row.availability,
                quantity=row.quantity,
                state=row.state,
                confirmed_at=row.confirmed_at,
                lead_days=row.lead_days,
                order_until=row.order_until,
                order_days_before=row.order_days_before,
                quota=per_weekday,
                days=days,
            )
        )
    return supplies
