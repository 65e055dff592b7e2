"""Keeping the demo current, also after 40 days asleep: news, confirmed stock, work for the shops and the courier.

Runs on day.begins and before the market starts, and only where the operator's switch "demo" is on: a real market's
stock and orders are nobody's to touch. Windows are made by delivery/jobs.py for every market. No clock is turned here;
only orders of the demo's own neighbours are ever moved.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery import planning, rollover, weekly, windows
from delivery.models import Booking, DeliveryWindow, Run, RunState, Zone
from delivery.outcomes import Actor
from market.catalogue import stockkeeping
from market.catalogue.models import Availability, MoveReason, Product, Stock, StockState, Variant
from market.core import clock, daily, db, settings
from market.core.config import Config, current
from market.core.errors import MarketError
from market.core.models import OutboxMessage
from market.core.outbox import Job
from market.demo import delivery as equipment
from market.demo import errands, neighbours, news, people, shopping, staffwork
from market.demo.marketday import errand
from market.demo.model import Counted, Seller, ThreeState
from market.demo.town import sellers
from market.directory import merchants, openings
from market.directory.models import Merchant, Moderation, Opening, Shop
from market.orders import lifecycle
from market.orders.models import Fulfilment, MerchantOrder, Order, PartState
from market.people.models import User

STALE_ON_PURPOSE_DAYS = 14
"""Goods whose word is older in the town's data stay decayed: the demo shows what happens to a forgotten shelf."""
CHECKED_WITHIN = timedelta(days=60)
FETCHED_AFTER = timedelta(days=2)
"""The neighbours leave what lies at a pick-up point there for so long."""


def day_begins(job: Job) -> None:
    """day.begins: see make_current. Done twice it does nothing new."""
    make_current(current())
    with job.finish():
        pass


def before_start(config: Config) -> None:
    """PREPARE_STEPS: an instance that slept wakes up current. Nothing to do on a day that has begun already."""
    if config.production:
        return
    with db.reading() as s:
        begun = sa.select(OutboxMessage.id).where(OutboxMessage.key == f"{daily.TOPIC}/{clock.today()}")
        done = s.scalar(begun.where(OutboxMessage.done_at.is_not(None)))
    if done is None:
        make_current(config)


def make_current(config: Config) -> None:
    """Use case: today looks like a market day. Nothing unless the demo switch is on; repeating adds nothing."""
    with db.reading() as s:
        on = settings.get(s, "demo")
        users = {user.email or "": user.id for user in s.scalars(sa.select(User).where(User.demo))}
    if not on or people.COURIER not in users:
        return
    with db.transaction() as s:
        weekly.make_windows(s, subdivision=config.region.subdivision)
        neighbours.keep_calendar(s, config.region)
        _confirm_shops(s)
        for seller in sellers():
            _fill_shelves(s, seller)
        _renew_news(s, users[people.EDITOR])
    _finish_yesterday(users)
    _fill_inboxes(config)
    _give_the_courier_work(config, users)


# ---------------------------------------------------------------------------------------------------- facts and shelves


def _confirm_shops(s: Session) -> None:
    """Hours and addresses of the demo's shops are checked again before they look forgotten."""
    old = sa.select(Shop.id).join(Merchant).where(Merchant.demo, Shop.checked_on < clock.today() - CHECKED_WITHIN)
    for shop_id in list(s.scalars(old)):
        merchants.confirm_facts(s, shop_id)
    neighbours.check_again(s, within=CHECKED_WITHIN)


def _fill_shelves(s: Session, seller: Seller) -> None:
    """Counted goods that ran low come in again, three-state goods are confirmed; what was meant to be stale stays."""
    wares = {ware.name: ware for ware in seller.wares}
    rows = s.execute(
        sa.select(Stock, Product.name, Product.availability, Variant.position, Shop.position.label("place"))
        .join(Variant, Variant.id == Stock.variant_id)
        .join(Product, Product.id == Variant.product_id)
        .join(Shop, Shop.id == Stock.shop_id)
        .join(Merchant, Merchant.id == Product.merchant_id)
        .where(Merchant.slug == seller.slug, Merchant.demo)
        .order_by(Stock.id)
    ).all()
    fresh: list[int] = []
    for row in rows:
        ware = wares.get(row.name)
        if ware is None or row.position >= len(ware.choices):
            continue
        known = ware.choices[row.position].availability or ware.availability
        shelf: Stock = row[0]
        if isinstance(known, ThreeState):
            if known.confirmed_days_ago < STALE_ON_PURPOSE_DAYS and shelf.state is not StockState.OUT:
                fresh.append(shelf.id)
        elif isinstance(known, Counted) and row.availability is Availability.COUNTED:
            full = known.per_shop[min(row.place, len(known.per_shop) - 1)]
            if shelf.quantity * 3 < full:
                stockkeeping.change(s, shelf.id, full - shelf.quantity, MoveReason.RECEIVED)
            fresh.append(shelf.id)
    stockkeeping.confirm(s, fresh)


# ----------------------------------------------------------------------------------------------------------------- news


def _renew_news(s: Session, editor: int) -> None:
    """What is no longer news is entered again around today; the old entry goes."""
    today = clock.today()
    shops = {row.slug: row.id for row in s.execute(sa.select(Shop.slug, Shop.id))}
    for one in news.NEWS:
        if one.proposed_by or one.over or (one.shop and one.shop not in shops):
            continue
        known = sa.select(Opening).where(Opening.title == one.title, Opening.moderation == Moderation.PUBLISHED)
        entries = list(s.scalars(known.order_by(Opening.id)))
        if not entries or not all(news.is_old(entry, one, today) for entry in entries):
            continue  # an editor took it back, or it still stands
        host = entries[-1].uid.removeprefix("tag:").partition(",")[0]
        for entry in entries:
            if openings.is_news(entry, today):
                openings.retire(s, entry, by=editor)
        openings.add(s, news.data(one, today, shops), by=editor, host=host, publish_now=True)


# --------------------------------------------------------------------------------------------------------------- orders


def _mine(*more: sa.ColumnElement[bool]) -> list[int]:
    """Ids of the neighbours' orders that have parts like these."""
    with db.reading() as s:
        wanted = (
            sa.select(Order.id)
            .join(MerchantOrder, MerchantOrder.order_id == Order.id)
            .where(Order.email.like(f"%@{people.NEIGHBOURHOOD}"), Order.confirmed_at.is_not(None), *more)
            .distinct()
        )
        return list(s.scalars(wanted.order_by(Order.id)))


def _finish_yesterday(users: Mapping[str, int]) -> None:
    """Runs of past days nobody drove are driven by the desk, and what lay ready at a counter was fetched.

    A run with a visitor's order on it is left to people.
    """
    today, caretaker = clock.today(), users[people.CARETAKER]
    neighbours = set(_mine())
    for run in staffwork.runs_of(users[people.COURIER], RunState.PLANNED, RunState.STARTED):
        if run.day < today and staffwork.orders_on(run) <= neighbours:
            staffwork.drive(run, Actor(caretaker, desk=True))
    past = _mine(MerchantOrder.day < today, MerchantOrder.state.in_((PartState.ACCEPTED, PartState.READY)))
    staffwork.pack_all(past, caretaker)
    staffwork.hand_over_all(past, caretaker)
    at_points = _mine(MerchantOrder.day < today - FETCHED_AFTER, MerchantOrder.state == PartState.AT_POINT)
    staffwork.hand_over_at_points(at_points, caretaker)
    _deliver_later()


def _deliver_later() -> None:
    """What waits at the shops for a day that is over moves on to the next window, as after a failed drop."""
    own = sa.or_(Order.email == people.CUSTOMER, Order.email.like(f"%@{people.NEIGHBOURHOOD}"))
    with db.reading() as s:
        left = s.execute(
            sa.select(Order.id, DeliveryWindow.day)
            .join(Booking, Booking.order_id == Order.id)
            .join(DeliveryWindow, DeliveryWindow.id == Booking.window_id)
            .join(MerchantOrder, MerchantOrder.order_id == Order.id)
            .where(own, Booking.released_at.is_(None), DeliveryWindow.day < clock.today())
            .where(MerchantOrder.fulfilment == Fulfilment.DELIVERY)
            .where(MerchantOrder.state.in_((PartState.ACCEPTED, PartState.READY)))
            .distinct()
        ).all()
    for order_id, day in left:
        with db.transaction() as s:
            lifecycle.order_for_update(s, order_id)
            rollover.lock_windows(s, day, [order_id])
            rollover.roll_over(s, order_id)


def _fill_inboxes(config: Config) -> None:
    """Whoever of the counter's customers has nothing open orders again: the inboxes are never empty."""
    with db.reading() as s:
        waiting = sa.select(Order.email).join(MerchantOrder).where(MerchantOrder.state == PartState.PLACED)
        busy = set(s.scalars(waiting.where(Order.payment_method == errands.IN_SHOP)))
    for plan in errands.COUNTER:
        if people.NEIGHBOURS[plan.who].email not in busy:
            shopping.place(errand(plan, None), config.region)


def _give_the_courier_work(config: Config, users: Mapping[str, int]) -> None:
    """When the courier has no run from today on, the next small round is booked, packed and planned."""
    courier = users[people.COURIER]
    with db.reading() as s:
        town = s.scalar(sa.select(Zone.id).where(Zone.slug == equipment.TOWN))
        ahead = sa.select(Run.id).where(Run.courier_id == courier, Run.day >= clock.today())
        if town is None or s.scalar(ahead.where(Run.state.in_((RunState.PLANNED, RunState.STARTED))).limit(1)):
            return
    window = shopping.next_window(zone_id=town)
    if window is not None:
        book_round(config, window, users)
        plan_round(window)


def book_round(config: Config, window: DeliveryWindow, users: Mapping[str, int]) -> None:
    """Use cases: the neighbours order for this window, and the shops have it ready."""
    made = [shopping.place(errand(plan, window), config.region) for plan in errands.MORNING_ROUND]
    orders = [order_id for order_id in made if order_id is not None]
    staffwork.accept_all(orders, users[people.CARETAKER])
    staffwork.pack_all(orders, users[people.CARETAKER])


def plan_round(window: DeliveryWindow) -> None:
    """Use cases: this one window takes no more orders and is planned; the day's others stay open."""
    with db.transaction() as s:
        windows.close(s, [window.id])
    try:
        planning.plan_day(window.day, close_open=False)
    except MarketError:  # a planner is at it already, or it plans at the cut-off
        return
