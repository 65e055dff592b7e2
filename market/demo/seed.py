"""`seed demo`: the invented town, built through the use cases, with a past: founded weeks ago, a market day behind it.

Works on an empty database only, in a process of its own (the clock is turned back while it builds).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from urllib.parse import urlsplit

import sqlalchemy as sa

from delivery import weekly
from market.catalogue.models import Product
from market.core import clock, db, outbox, settings
from market.core.config import Config
from market.demo import delivery as equipment
from market.demo import marketday, neighbours, news, people, refresh, shelves
from market.demo.clockwork import Timeline, timeline
from market.demo.model import Seller
from market.demo.till import open_till
from market.demo.town import sellers
from market.directory import staff
from market.directory.gazetteer import load_region_gazetteer
from market.directory.models import Merchant
from market.people.models import User
from merchants import consent
from payments.models import InvoiceCustomer

FOUNDED_DAYS_AGO = 62
INVOICES = (
    ("baeckerei-hollunder", "kita"),
    ("hofladen-quittengrund", "kita"),
    ("drogerie-silberblatt", "kita"),
    ("fleischerei-borstorf", "gasthof"),
    ("baeckerei-hollunder", "quandt"),
    ("drogerie-silberblatt", "brendel"),
    ("baeckerei-hollunder", "brendel"),
)
"""Who buys on a merchant's own invoice: (merchant, neighbour)."""


class NotEmpty(Exception):
    """There is something in the database already."""


@dataclass(slots=True)
class Town:
    """What was built, by slug and mail address, for those who build on."""

    users: dict[str, int] = field(default_factory=dict)
    merchants: dict[str, int] = field(default_factory=dict)
    shops: dict[str, int] = field(default_factory=dict)
    zones: dict[str, int] = field(default_factory=dict)


def is_empty() -> bool:
    """Nobody and nothing is there yet."""
    with db.reading() as s:
        return all(s.scalar(sa.select(table.id).limit(1)) is None for table in (User, Merchant, Product))


def demo(config: Config, handlers: outbox.Handlers) -> Town:
    """Use case: fill an empty database with the demo town. Raises NotEmpty."""
    if not is_empty():
        raise NotEmpty
    load_region_gazetteer(config)
    now = clock.now()
    with timeline() as when:
        return _build(config, handlers, when, now)


def _build(config: Config, handlers: outbox.Handlers, when: Timeline, now: datetime) -> Town:
    today = clock.business_date(now)
    town = Town()
    when.go(today - timedelta(days=FOUNDED_DAYS_AGO), time(8))
    _found(config, town)
    for number, seller in enumerate(_by_age()):
        when.go(_joined(number, seller, today), time(9))
        _move_in(seller, town, when, now)
    _settle_neighbours(town, when, today)
    equipment.make_points(town.shops, keeper=people.KEEPER, by=town.users[people.OPERATOR])
    _tell_news(config, town, when, today)
    when.go(today - timedelta(days=marketday.LOOK_BACK_DAYS + 3), time(8))
    _make_windows(config)
    with open_till(config) as till:
        marketday.Day(config, handlers, when, till, town.users).happen(now)
    when.instant = now
    outbox.drain(handlers)
    refresh.make_current(config)
    outbox.drain(handlers)
    return town


def _make_windows(config: Config) -> None:
    with db.transaction() as s:
        weekly.make_windows(s, subdivision=config.region.subdivision)


def _found(config: Config, town: Town) -> None:
    """The market itself: accounts, shelves, zones, windows, vehicles."""
    with db.transaction() as s:
        settings.put(s, "demo", True)  # noqa: FBT003 - a switch
        town.users = {email: user.id for email, user in people.make_accounts(s).items()}
        shelves.make_categories(s)
        zones = equipment.make_zones(s)
        town.zones = {slug: zone.id for slug, zone in zones.items()}
        equipment.make_templates(s, zones)
        equipment.make_vehicles(s, config.region, town.users[people.COURIER])


def _by_age() -> list[Seller]:
    """In the order they joined; the pop-up came last."""
    return list(sellers())


def _joined(number: int, seller: Seller, today: date) -> date:
    if seller.slug == "popup-leerstand":
        return today - timedelta(days=13)
    return today - timedelta(days=FOUNDED_DAYS_AGO - 1 - number * 3)


def _move_in(seller: Seller, town: Town, when: Timeline, now: datetime) -> None:
    with db.transaction() as s:
        merchant, shops = shelves.make_merchant(s, seller)
        town.merchants[seller.slug] = merchant.id
        town.shops |= {shop.slug: shop.id for shop in shops}
        if seller.email in town.users:
            staff.join(s, town.users[seller.email], merchant.id, owner=True)
        consent.give(s, merchant.id, by=town.users.get(seller.email))
        shelves.fill(s, seller, merchant, shops, categories=shelves.make_categories(s), when=when, now=now)
        for slug, neighbour in INVOICES:
            if slug == seller.slug:
                email = people.NEIGHBOURS[neighbour].email
                s.add(InvoiceCustomer(merchant_id=merchant.id, email=email, added_at=clock.now()))


def _settle_neighbours(town: Town, when: Timeline, today: date) -> None:
    """The editor enters who does not sell here."""
    with db.transaction() as s:
        for number, one in enumerate(neighbours.NEIGHBOURS):
            when.go(today - timedelta(days=FOUNDED_DAYS_AGO - 9 * number), time(15))
            town.shops[one.slug] = neighbours.settle(s, one, by=town.users[people.EDITOR]).id
        when.go(today, time(0, 1))
        neighbours.check_again(s, within=timedelta(0), at_once=True)


def _tell_news(config: Config, town: Town, when: Timeline, today: date) -> None:
    with db.transaction() as s:
        news.make(
            s,
            today,
            when,
            shops=town.shops,
            merchants=town.merchants,
            editor=town.users[people.EDITOR],
            proposer=town.users[people.BOOKSELLER],
            host=urlsplit(config.public_url).hostname or "localhost",
        )
