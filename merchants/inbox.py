"""The order inbox: a merchant's parts by what is due next. Queries only; what is done with a part stands in orders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from market.catalogue.models import Temperature
from market.core import clock
from market.core.errors import NotFound
from market.core.i18n import N_
from market.orders import lifecycle
from market.orders.models import (
    Delivery,
    Fulfilment,
    MerchantOrder,
    Order,
    OrderLine,
    PartEvent,
    PartState,
    PaymentMethod,
    Substitution,
)
from market.people.models import User
from merchants.scope import Desk

PAGE_SIZE = 30
ON_THE_WAY = frozenset({PartState.WITH_COURIER, PartState.AT_POINT})
OPEN = frozenset({PartState.PLACED, PartState.ACCEPTED, PartState.READY}) | ON_THE_WAY

GROUPS: Mapping[str, tuple[str, frozenset[PartState]]] = {
    "offen": (N_("Alles Offene"), OPEN),
    "neu": (N_("Neu"), frozenset({PartState.PLACED})),
    "packen": (N_("Zu packen"), frozenset({PartState.ACCEPTED})),
    "bereit": (N_("Bereit"), frozenset({PartState.READY})),
    "unterwegs": (N_("Unterwegs"), ON_THE_WAY),
    "fertig": (N_("Erledigt"), lifecycle.DEAD | lifecycle.DONE),
}

# What is due next: an answer, then packing, then the shopper's visit.
NEXT_DUE = sa.case(
    (MerchantOrder.state == PartState.PLACED, MerchantOrder.answer_by),
    (MerchantOrder.state == PartState.READY, sa.func.coalesce(MerchantOrder.collect_by, MerchantOrder.due_at)),
    else_=MerchantOrder.due_at,
)

# Packed and waiting for somebody to come, or on the road: nothing to do, so it stands below what has to be done.
WAITING = sa.case(
    (MerchantOrder.cancel_requested_at.is_not(None), 0),
    (MerchantOrder.state.in_(ON_THE_WAY), 1),
    (sa.and_(MerchantOrder.state == PartState.READY, MerchantOrder.collect_by.is_(None)), 1),
    else_=0,
)


# Goods to deliver are needed on the day they are driven: it may have moved. The part's own day stays with its number.
needed_on = sa.func.coalesce(
    sa.case((MerchantOrder.fulfilment == Fulfilment.DELIVERY, Delivery.day)), MerchantOrder.day, type_=sa.Date
)


@dataclass(frozen=True, slots=True)
class PartCard:
    """One part as the merchant needs it: what, when, for whom - no address, no mail, no other merchants' goods."""

    part: MerchantOrder
    now: datetime

    @property
    def due_at(self) -> datetime:
        """The instant of what is due next."""
        if self.part.state is PartState.PLACED:
            return self.part.answer_by
        if self.part.state is PartState.READY and self.part.collect_by is not None:
            return self.part.collect_by
        return self.part.due_at

    @property
    def due_label(self) -> str:
        """What is due then (a marked text)."""
        if self.part.state is PartState.PLACED:
            return N_("Zurücklegen bis") if self.part.reserved else N_("Antwort bis")
        if self.part.state is PartState.READY and self.part.collect_by is not None:
            return N_("Abholfrist bis")
        if self.part.state is PartState.ACCEPTED:
            return N_("Gepackt bis")
        if self.part.state is PartState.READY and not self.pickup:
            return N_("Kurier kommt")
        return N_("Fällig")

    @property
    def late(self) -> bool:
        """Whether that instant has passed while the merchant still has something to do."""
        return self.part.state in OPEN and not self.waiting and self.due_at < self.now

    @property
    def waiting(self) -> bool:
        """Packed: somebody else has to come, or is on the road."""
        state = self.part.state
        return state in ON_THE_WAY or (state is PartState.READY and self.part.collect_by is None)

    @property
    def open(self) -> bool:
        """Whether there is still something to do."""
        return self.part.state in OPEN

    @property
    def tone(self) -> str:
        """The colour of the card: wait, go, stop or none."""
        if self.part.cancel_requested_at is not None and self.open:
            return "stop"
        if self.part.state is PartState.PLACED:
            return "wait"
        return "go" if self.open else ""

    @property
    def cold(self) -> list[Temperature]:
        """The cold among its goods."""
        found = {line.temperature for line in self.part.lines if line.quantity > line.missing}
        return [kind for kind in (Temperature.CHILLED, Temperature.FROZEN) if kind in found]

    @property
    def phone(self) -> str:
        """The shopper's number, as long as there may be a reason to call."""
        return self.part.order.phone if self.open else ""

    @property
    def calls_wanted(self) -> bool:
        """Whether the shopper wants to be called when something is missing."""
        return any(line.substitution is Substitution.CALL for line in self.part.lines)

    @property
    def pickup(self) -> bool:
        """Collected at the shop, not delivered."""
        return self.part.fulfilment is Fulfilment.PICKUP

    @property
    def day(self) -> date:
        """When it is collected or driven."""
        to = self.part.order.delivery
        return self.part.day if self.pickup or to is None else to.day

    @property
    def can_release(self) -> bool:
        """Pay-in-shop goods nobody came for: back on the shelf once the time is over."""
        return (
            self.part.state in (PartState.ACCEPTED, PartState.READY)
            and self.part.order.payment_method is PaymentMethod.IN_SHOP
            and self.part.collect_by is not None
            and self.now > self.part.collect_by
        )

    @property
    def can_hand_over(self) -> bool:
        """Over the counter, against the code. Somebody who reserved may stand there before it was laid aside."""
        return self.pickup and lifecycle.may_move(self.part, PartState.HANDED_OVER)

    @property
    def pieces(self) -> int:
        """Pieces to put into the bags."""
        return sum(line.quantity - line.missing for line in self.part.lines)


@dataclass(frozen=True, slots=True)
class Inbox:
    """One page of it. `counts` by group."""

    cards: list[PartCard]
    counts: Mapping[str, int]
    cancel_requests: int
    page: int
    pages: int


def _mine(desk: Desk, *states: PartState) -> sa.Select[MerchantOrder]:
    """The merchant's parts that are paid or need no payment, with all a card shows."""
    query = (
        sa.select(MerchantOrder)
        .join(Order, Order.id == MerchantOrder.order_id)
        .where(MerchantOrder.merchant_id == desk.merchant_id, Order.confirmed_at.is_not(None))
        .options(
            joinedload(MerchantOrder.order).joinedload(Order.delivery),
            joinedload(MerchantOrder.shop),
            selectinload(MerchantOrder.lines),
        )
    )
    return query.where(MerchantOrder.state.in_(states)) if states else query


def load(s: Session, desk: Desk, *, group: str = "offen", shop_id: int | None = None, page: int = 1) -> Inbox:
    """A page of the inbox; unknown groups show everything open."""
    _, states = GROUPS.get(group, GROUPS["offen"])
    counts, asked = _counts(s, desk, shop_id)
    found = sum(counts[state] for state in states)
    pages = max(1, -(-found // PAGE_SIZE))
    page = min(max(1, page), pages)
    query = _mine(desk, *states)
    if shop_id is not None:
        query = query.where(MerchantOrder.shop_id == shop_id)
    if group == "fertig":
        query = query.order_by(MerchantOrder.day.desc(), MerchantOrder.id.desc())
    else:
        query = query.order_by(WAITING, NEXT_DUE, MerchantOrder.id)
    now = clock.now()
    parts = s.scalars(query.offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE))
    return Inbox(
        cards=[PartCard(part, now) for part in parts],
        counts={name: sum(counts[state] for state in members) for name, (_, members) in GROUPS.items()},
        cancel_requests=asked,
        page=page,
        pages=pages,
    )


def _counts(s: Session, desk: Desk, shop_id: int | None) -> tuple[Counter[PartState], int]:
    requested = sa.func.sum(sa.case((MerchantOrder.cancel_requested_at.is_not(None), 1), else_=0))
    query = (
        sa.select(MerchantOrder.state, sa.func.count(), requested)
        .join(Order, Order.id == MerchantOrder.order_id)
        .where(MerchantOrder.merchant_id == desk.merchant_id, Order.confirmed_at.is_not(None))
        .group_by(MerchantOrder.state)
    )
    if shop_id is not None:
        query = query.where(MerchantOrder.shop_id == shop_id)
    rows = s.execute(query).all()
    return Counter({state: count for state, count, _ in rows}), sum(int(n) for state, _, n in rows if state in OPEN)


@dataclass(frozen=True, slots=True)
class PartPage:
    """One part with its history: (instant, what, who, note)."""

    card: PartCard
    history: list[tuple[datetime, PartState, str, str]]

    @property
    def part(self) -> MerchantOrder:
        """The part itself, detached."""
        return self.card.part

    def line(self, line_id: int) -> OrderLine:
        """A line of this part. Raises NotFound."""
        found = next((line for line in self.part.lines if line.id == line_id), None)
        if found is None:
            raise NotFound
        return found


ACTORS: Mapping[str, str] = {
    "shopper": N_("Kundschaft"),
    "merchant": N_("Laden"),
    "courier": N_("Kurier"),
    "keeper": N_("Abholpunkt"),
    "caretaker": N_("Kümmerer für den Laden"),
    "operator": N_("Marktbetrieb für den Laden"),
    "market": N_("Markt"),
}


def part_page(s: Session, desk: Desk, part_id: int) -> PartPage:
    """Load and authorise together: another merchant's part is NotFound."""
    part = s.scalar(_mine(desk).where(MerchantOrder.id == part_id))
    if part is None:
        raise NotFound
    rows = s.execute(
        sa.select(PartEvent.at, PartEvent.after, PartEvent.by, PartEvent.note, User.name)
        .outerjoin(User, User.id == PartEvent.by_user_id)
        .where(PartEvent.part_id == part_id)
        .order_by(PartEvent.id)
    )
    history = []
    for at, after, by, note, name in rows:
        # Staff are named (the merchant sees who acted for it); shoppers are already on the page.
        who = ACTORS.get(by, by)
        history.append((at, after, f"{who} ({name})" if name and by not in ("shopper", "market") else who, note))
    return PartPage(PartCard(part, clock.now()), history)


@dataclass(frozen=True, slots=True)
class DayList:
    """Everything to pack for one day, by short number, and the sum of each thing."""

    day: date
    cards: list[PartCard]
    totals: list[tuple[str, str, int]]


def day_list(s: Session, desk: Desk, day: date, *, shop_id: int | None = None) -> DayList:
    """The packing list of a day: accepted and ready parts."""
    query = _mine(desk, PartState.ACCEPTED, PartState.READY)
    query = query.outerjoin(Delivery, Delivery.order_id == MerchantOrder.order_id).where(needed_on == day)
    if shop_id is not None:
        query = query.where(MerchantOrder.shop_id == shop_id)
    now = clock.now()
    parts = list(s.scalars(query.order_by(MerchantOrder.short_number, MerchantOrder.id)))
    sums: Counter[tuple[str, str]] = Counter()
    for part in parts:
        for line in part.lines:
            sums[line.name, line.variant_name] += line.quantity - line.missing
    totals = sorted((name, variant, pieces) for (name, variant), pieces in sums.items() if pieces)
    return DayList(day, [PartCard(part, now) for part in parts], totals)


def days_to_pack(s: Session, desk: Desk) -> list[date]:
    """Days that have something to pack, soonest first."""
    return list(
        s.scalars(
            sa.select(needed_on)
            .select_from(MerchantOrder)
            .outerjoin(Delivery, Delivery.order_id == MerchantOrder.order_id)
            .where(
                MerchantOrder.merchant_id == desk.merchant_id,
                MerchantOrder.state.in_((PartState.ACCEPTED, PartState.READY)),
            )
            .distinct()
            .order_by(needed_on)
            .limit(8)
        )
    )
