"""A merchant's own shops (what couriers and shoppers need to know, hours, days off) and its invoice customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from market.core import clock, config, db
from market.core.errors import BadInput, NotFound
from market.core.i18n import N_
from market.directory import merchants
from market.directory.merchants import HoursRow
from market.directory.models import Shop
from market.people.accounts import normalise_email
from market.people.models import AuditEntry, User
from merchants import scope
from merchants.scope import Desk
from payments.models import InvoiceCustomer

OWN_FIELDS = (
    "tagline", "about", "phone", "email", "website", "entrance", "back_door", "bell", "contact_name",
    "contact_phone", "parking", "pickup", "delivers", "reserves", "accessibility",
)  # fmt: skip
"""What a merchant writes itself. Name and address are the operator's: they decide pins, zones and legal texts."""


class CustomerKnown(BadInput):
    """On the list already."""

    message = N_("Diese Adresse steht schon auf der Liste.")


class NoInvoices(BadInput):
    """The merchant does not sell on its own invoice."""

    message = N_("Ihr Geschäft bietet keine Rechnung an. Bitte fragen Sie den Marktbetrieb.")


def page(s: Session, desk: Desk, shop_id: int) -> Shop:
    """One of the merchant's shops with hours and exceptions from today on. Raises NotFound."""
    query = (
        sa.select(Shop)
        .where(Shop.id == shop_id, Shop.merchant_id == desk.merchant_id)
        .options(selectinload(Shop.hours), selectinload(Shop.exceptions))
    )
    shop = s.scalar(query)
    if shop is None:
        raise NotFound
    return shop


def save(desk: Desk, shop_id: int, fields: Mapping[str, Any]) -> None:
    """Use case: contact, entrance and the like. Other fields than OWN_FIELDS are a bug in the caller."""
    with db.transaction() as s:
        shop = scope.own_shop(s, desk, shop_id)
        for name, value in fields.items():
            if name not in OWN_FIELDS:
                raise ValueError(f"not the merchant's to change: {name}")
            setattr(shop, name, value)
        desk.note(s, "shop.changed", f"shop:{shop_id}")


def save_hours(desk: Desk, shop_id: int, rows: Sequence[HoursRow]) -> None:
    """Use case: the weekly hours. Raises merchants.BadHours and its kin."""
    with db.transaction() as s:
        scope.own_shop(s, desk, shop_id)
        merchants.set_hours(s, shop_id, rows, by=desk.user_id)


def confirm(desk: Desk, shop_id: int) -> None:
    """Use case: hours and address were looked at and are right."""
    with db.transaction() as s:
        scope.own_shop(s, desk, shop_id)
        merchants.confirm_facts(s, shop_id, by=desk.user_id)


def add_exception(
    desk: Desk, shop_id: int, first: date, last: date | None, opens: time | None, closes: time | None, note: str
) -> None:
    """Use case: closed, or other hours, on these days. Raises BadInput."""
    with db.transaction() as s:
        scope.own_shop(s, desk, shop_id)
        merchants.enter_exception(
            s, config.current().region, shop_id, first, last, opens=opens, closes=closes, note=note, by=desk.user_id
        )


def remove_exception(desk: Desk, shop_id: int, exception_id: int) -> None:
    """Use case: the usual hours again."""
    with db.transaction() as s:
        scope.own_shop(s, desk, shop_id)
        merchants.remove_exception(s, shop_id, exception_id, by=desk.user_id)


# --------------------------------------------------------------------------------------------- invoice customers


def invoice_customers(s: Session, merchant_id: int) -> list[InvoiceCustomer]:
    """Who may buy on this merchant's invoice, by address."""
    query = sa.select(InvoiceCustomer).where(InvoiceCustomer.merchant_id == merchant_id)
    return list(s.scalars(query.order_by(InvoiceCustomer.email)))


def add_invoice_customer(desk: Desk, email: str) -> None:
    """Use case: from now on this address is offered the merchant's invoice. Raises CustomerKnown, NoInvoices."""
    if not desk.merchant.offers_invoice:
        raise NoInvoices(field="email")
    with db.transaction() as s:
        added = db.insert_once(
            s, InvoiceCustomer, merchant_id=desk.merchant_id, email=normalise_email(email), added_at=clock.now()
        )
        if added is None:
            raise CustomerKnown(field="email")
        desk.note(s, "invoice_customer.added", f"invoice_customer:{added}")


def remove_invoice_customer(desk: Desk, customer_id: int) -> None:
    """Use case: no longer on invoice. Orders already placed stay as they are."""
    with db.transaction() as s:
        gone = s.execute(
            sa.delete(InvoiceCustomer)
            .where(InvoiceCustomer.id == customer_id, InvoiceCustomer.merchant_id == desk.merchant_id)
            .returning(InvoiceCustomer.id)
        ).first()
        if gone is None:
            raise NotFound
        desk.note(s, "invoice_customer.removed", f"invoice_customer:{customer_id}")


# --------------------------------------------------------------------------------------------- what was done here

LOG_PAGE = 50

ACTIONS: Mapping[str, str] = {
    "acting.started": N_("begann, für das Geschäft zu arbeiten"),
    "acting.stopped": N_("beendete die Arbeit für das Geschäft"),
    "call.done": N_("Anruf oder Brief erledigt"),
    "delivery.cancelled": N_("nicht zugestellte Bestellung storniert"),
    "delivery.collected": N_("nicht zugestellte Bestellung auf Abholung umgestellt"),
    "delivery.moved": N_("Lieferung verschoben"),
    "delivery.plan_discarded": N_("Tourenplan verworfen"),
    "delivery.planned": N_("Touren geplant"),
    "help.allowed": N_("Hilfe vom Markt erlaubt"),
    "help.allowed_by_phone": N_("Erlaubnis am Telefon eingetragen"),
    "help.revoked": N_("Erlaubnis zurückgenommen"),
    "invoice_customer.added": N_("Rechnungskunde hinzugefügt"),
    "invoice_customer.removed": N_("Rechnungskunde entfernt"),
    "job.discarded": N_("gescheiterten Auftrag verworfen"),
    "job.retried": N_("gescheiterten Auftrag neu gestartet"),
    "refund.retried": N_("gescheiterte Erstattung noch einmal beauftragt"),
    "transfer.retried": N_("gescheiterte Auszahlung noch einmal beauftragt"),
    "membership.added": N_("Person zum Geschäft hinzugefügt"),
    "membership.removed": N_("Person aus dem Geschäft entfernt"),
    "merchant.changed": N_("Angaben zum Geschäft geändert"),
    "merchant.created": N_("Geschäft angelegt"),
    "merchant.status": N_("Stand des Geschäfts geändert"),
    "merchant.verified": N_("Angaben geprüft"),
    "part.accepted": N_("Bestellung angenommen"),
    "part.cancel_declined": N_("Stornierung abgelehnt"),
    "part.cancelled": N_("Bestellung storniert"),
    "part.handed_over": N_("Bestellung übergeben"),
    "part.missing": N_("Fehlende Ware gemeldet"),
    "part.ready": N_("Bestellung bereit gemeldet"),
    "part.rejected": N_("Bestellung abgelehnt"),
    "part.uncollected": N_("nicht abgeholte Bestellung zurückgelegt"),
    "product.archived": N_("Ware archiviert"),
    "product.changed": N_("Ware geändert"),
    "product.copied": N_("Ware kopiert"),
    "product.created": N_("Ware angelegt"),
    "product.paused": N_("Ware pausiert"),
    "product.picture_added": N_("Bild hinzugefügt"),
    "product.picture_removed": N_("Bild entfernt"),
    "product.published": N_("Ware veröffentlicht"),
    "run.assigned": N_("Kurier eingeteilt"),
    "run.closed": N_("Tour ohne Ergebnisse geschlossen"),
    "run.finished": N_("Tour beendet"),
    "run.started": N_("Tour gestartet"),
    "setting.changed": N_("Schalter umgelegt"),
    "shop.changed": N_("Angaben zum Laden geändert"),
    "shop.checked": N_("Angaben zum Laden bestätigt"),
    "shop.created": N_("Laden angelegt"),
    "shop.exception": N_("Abweichende Öffnungszeit eingetragen"),
    "shop.exception_removed": N_("Abweichende Öffnungszeit entfernt"),
    "shop.hours": N_("Öffnungszeiten geändert"),
    "shop.pin": N_("Standort auf der Karte gesetzt"),
    "stock.confirmed": N_("Bestände bestätigt"),
    "stock.saved": N_("Bestände geändert"),
    "town.special_day": N_("Verkaufsoffener Tag eingetragen"),
    "town.special_day_removed": N_("Verkaufsoffenen Tag entfernt"),
    "user.created": N_("Konto angelegt"),
    "user.roles": N_("Rollen geändert"),
    "vehicle.saved": N_("Fahrzeug gespeichert"),
    "window_template.saved": N_("Lieferfenster gespeichert"),
    "withdrawal.settled": N_("Widerruf erledigt"),
    "zone.saved": N_("Liefergebiet gespeichert"),
}


@dataclass(frozen=True, slots=True)
class LogLine:
    """One entry of the audit log."""

    at: datetime
    who: str
    what: str
    subject: str
    own: bool  # done by somebody who works for the merchant
    merchant_id: int | None


@dataclass(frozen=True, slots=True)
class LogPage:
    """One page of it."""

    lines: list[LogLine]
    page: int
    more: bool


def log(s: Session, *, merchant_id: int | None = None, own_ids: frozenset[int] = frozenset(), page: int = 1) -> LogPage:
    """What was done, newest first: of one merchant, or (None) in the whole market."""
    query = sa.select(AuditEntry, User.name).outerjoin(User, User.id == AuditEntry.user_id)
    if merchant_id is not None:
        query = query.where(AuditEntry.merchant_id == merchant_id)
    query = query.order_by(AuditEntry.id.desc()).offset((page - 1) * LOG_PAGE).limit(LOG_PAGE + 1)
    lines = [
        LogLine(
            at=entry.at,
            who=name or N_("der Markt"),
            what=ACTIONS.get(entry.action, entry.action),
            subject=entry.subject,
            own=entry.user_id in own_ids,
            merchant_id=entry.merchant_id,
        )
        for entry, name in s.execute(query)
    ]
    return LogPage(lines[:LOG_PAGE], page, len(lines) > LOG_PAGE)
