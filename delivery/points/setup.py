"""Points, changed by the operator. What is promised already stays: paused points still take what was booked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from delivery import windows
from delivery.points import claims, keeping
from delivery.points.models import PickupPoint, PointKeeper, PointStay
from delivery.points.offers import city_of, zone_of
from market.core import clock, config, db
from market.core.errors import BadInput, NotFound
from market.core.i18n import N_
from market.directory.hours import load_calendar
from market.directory.models import Shop
from market.directory.slugs import slugify
from market.people import accounts
from market.people.models import User


class NotInAZone(BadInput):
    """The courier must come there."""

    message = N_("{place} liegt in keinem Liefergebiet. Legen Sie zuerst das Gebiet an.")


class NoHours(BadInput):
    """Nobody would know when to come."""

    message = N_("{place} hat noch keine Öffnungszeiten im Verzeichnis. Tragen Sie sie zuerst dort ein.")


class PlaceTaken(BadInput):
    """One counter a place."""

    message = N_("Dort gibt es schon einen Abholpunkt.")


class StillInUse(BadInput):
    """Somebody was told to come here."""

    message = N_("Hier liegt oder kommt noch etwas. Legen Sie für den neuen Ort einen neuen Abholpunkt an.")


class EndsBeforeItStarts(BadInput):
    """Times the wrong way round, or only one of them."""

    message = N_("Bitte geben Sie Anfang und Ende an; das Ende muss nach dem Anfang liegen.")


class NoSuchAccount(BadInput):
    """Keepers sign in."""

    message = N_("Zu dieser Mail-Adresse gibt es kein Konto mit bestätigter Adresse. Bitte legen Sie es zuerst an.")


@dataclass(frozen=True, slots=True)
class PointRow:
    """A point in the operator's list."""

    point: PickupPoint
    address: str
    keepers: int


def points(s: Session) -> list[PointRow]:
    """Every point by name. Two queries."""
    named = sa.select(PointKeeper.point_id, sa.func.count()).group_by(PointKeeper.point_id)
    count: Mapping[int, int] = {row[0]: row[1] for row in s.execute(named)}
    rows = s.scalars(sa.select(PickupPoint).order_by(PickupPoint.name).options(joinedload(PickupPoint.shop)))
    return [PointRow(one, f"{one.shop.door}, {one.shop.zip} {city_of(one.shop)}", count.get(one.id, 0)) for one in rows]


def places(s: Session) -> list[tuple[int, str]]:
    """Places of the directory that may become a point, or are one: (shop id, name and address)."""
    rows = s.scalars(sa.select(Shop).where(Shop.lat.is_not(None)).order_by(Shop.name, Shop.id))
    return [(one.id, f"{one.name} ({one.door}, {city_of(one)})") for one in rows]


def save(point_id: int | None, values: Mapping[str, Any], by: int) -> int:
    """Use case: a point, changed or new (None); its id. `values` are column names.

    Raises NotInAZone, NoHours, PlaceTaken, StillInUse, EndsBeforeItStarts, NotFound.
    """
    first, last = values.get("gives_from"), values.get("gives_until")
    if (first is None) != (last is None) or (first is not None and last is not None and first >= last):
        raise EndsBeforeItStarts(field="gives_until")
    with db.transaction() as s:
        held = sa.select(PickupPoint).where(PickupPoint.id == point_id).with_for_update()
        point = PickupPoint(slug="") if point_id is None else s.scalar(held)
        if point is None:
            raise NotFound
        _check_place(s, point, values["shop_id"])
        for name, value in values.items():
            setattr(point, name, value)
        if point_id is None:
            point.slug = _free_slug(s, point.name)
            s.add(point)
        s.flush()
        claims.resize(s, point.id, point.compartments)
        accounts.audit(s, "pickup_point.saved", f"pickup_point:{point.id}", by=by, active=point.active)
        return point.id


def _check_place(s: Session, point: PickupPoint, shop_id: int) -> None:
    shop = s.get(Shop, shop_id)
    if shop is None:
        raise NotFound
    if point.id is not None and point.shop_id != shop_id:
        open_ = sa.select(PointStay.order_id).where(PointStay.point_id == point.id, PointStay.released_at.is_(None))
        if s.scalar(open_.limit(1)) is not None:
            raise StillInUse(field="shop_id")
    taken = s.scalar(sa.select(PickupPoint.id).where(PickupPoint.shop_id == shop_id))
    if taken not in (None, point.id):
        raise PlaceTaken(field="shop_id")
    if zone_of(windows.zones(s), shop) is None:
        raise NotInAZone(place=f"{shop.zip} {city_of(shop)}", field="shop_id")
    if not load_calendar(s, shop_id, config.current().region).known:
        raise NoHours(place=shop.name, field="shop_id")


def _free_slug(s: Session, name: str) -> str:
    base = slugify(name)
    taken = set(s.scalars(sa.select(PickupPoint.slug).where(PickupPoint.slug.startswith(base))))
    if base not in taken:
        return base
    return next(f"{base}-{n}" for n in range(2, len(taken) + 3) if f"{base}-{n}" not in taken)


def add_keeper(point_id: int, email: str, by: int) -> str:
    """Use case: somebody with an account keeps the point; the name. Raises NoSuchAccount, NotFound. Twice is once."""
    with db.transaction() as s:
        if s.get(PickupPoint, point_id) is None:
            raise NotFound
        mine = sa.select(User).where(User.email == accounts.normalise_email(email), User.erased_at.is_(None))
        user = s.scalar(mine.where(User.email_verified_at.is_not(None)))  # or anybody could have opened it
        if user is None:
            raise NoSuchAccount(field="email")
        db.insert_once(s, PointKeeper, user_id=user.id, point_id=point_id, since=clock.now())
        accounts.audit(s, "pickup_point.keeper_added", f"pickup_point:{point_id}", by=by, user=user.id)
        return user.name


def remove_keeper(point_id: int, user_id: int, by: int) -> None:
    """Use case: no longer a keeper of the point. Raises NotFound."""
    with db.transaction() as s:
        gone = s.scalar(
            sa.delete(PointKeeper)
            .where(PointKeeper.point_id == point_id, PointKeeper.user_id == user_id)
            .returning(PointKeeper.user_id)
        )
        if gone is None:
            raise NotFound
        accounts.audit(s, "pickup_point.keeper_removed", f"pickup_point:{point_id}", by=by, user=user_id)


def load(s: Session, point_id: int) -> tuple[PickupPoint, list[tuple[int, str, str]]]:
    """A point with the people named for it. NotFound when there is none."""
    point = s.scalar(sa.select(PickupPoint).where(PickupPoint.id == point_id).options(joinedload(PickupPoint.shop)))
    if point is None:
        raise NotFound
    return point, keeping.named(s, point_id)
