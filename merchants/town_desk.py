"""The operator's work with merchants: create, edit, check, activate; their shops and their people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from market.catalogue import products
from market.core import clock, db
from market.core.errors import BadInput, MarketError, NotFound
from market.core.i18n import N_
from market.directory import merchants, openings, staff
from market.directory.models import Membership, Merchant, MerchantStatus, Shop
from market.people import accounts
from market.people.accounts import audit
from market.people.models import User
from payments import payouts

MERCHANT_FIELDS = (
    "name", "about", "legal_name", "legal_form", "represented_by", "street", "zip", "city", "phone", "email",
    "register", "tax_number", "vat_id", "small_business", "supervisory_authority", "organic_control", "lucid_number",
    "dispute_settlement", "pays_return", "collects_return", "payout_account", "payout_ready", "offers_invoice",
    "answer_within_h",
)  # fmt: skip
SHOP_FIELDS = (
    "name", "line_of_business", "street", "house_number", "zip", "city", "district", "sunday_exception", "active",
)  # fmt: skip
ADDRESS = frozenset({"street", "house_number", "zip", "city", "district"})


class NotReady(MarketError):
    """What is missing before a merchant may sell."""

    status = 422
    message = N_("Noch nicht freigeschaltet: {reasons}")


class NoSuchAccount(BadInput):
    """Memberships need an account."""

    message = N_("Zu dieser E-Mail-Adresse gibt es kein Konto. Bitte zuerst eines anlegen.")


class MemberAlready(BadInput):
    """Works there already."""

    message = N_("Diese Person arbeitet schon für das Geschäft.")


def page(s: Session, merchant_id: int) -> Merchant:
    """A merchant with its shops, detached. Raises NotFound."""
    query = sa.select(Merchant).where(Merchant.id == merchant_id).options(selectinload(Merchant.shops))
    merchant = s.scalar(query)
    if merchant is None:
        raise NotFound
    return merchant


def people_of(s: Session, merchant_id: int) -> list[Membership]:
    """Who works for it."""
    query = sa.select(Membership).where(Membership.merchant_id == merchant_id).options(joinedload(Membership.user))
    return list(s.scalars(query.order_by(Membership.since)))


def create(fields: Mapping[str, Any], *, by: int) -> int:
    """Use case: a new merchant, in preparation. Its id."""
    with db.transaction() as s:
        return merchants.create_merchant(s, by=by, **fields).id


def save(merchant_id: int, fields: Mapping[str, Any], *, by: int) -> None:
    """Use case: change the legal facts. A new VAT id has to be checked again."""
    with db.transaction() as s:
        merchant = _locked(s, merchant_id)
        if "vat_id" in fields and fields["vat_id"] != merchant.vat_id:
            merchant.vat_id_verified_at = None
        was_ready = merchant.payout_ready
        changed = [name for name, value in fields.items() if getattr(merchant, name) != value]
        for name in changed:
            setattr(merchant, name, fields[name])
        s.flush()
        if merchant.payout_ready and not was_ready:
            payouts.release(s, merchant_id)
        audit(s, "merchant.changed", f"merchant:{merchant_id}", by=by, merchant_id=merchant_id, fields=changed)


def verify(merchant_id: int, *, by: int) -> None:
    """Use case: the operator looked at the papers: identity (Art. 30 DSA) and, when given, the VAT id (§ 22f UStG)."""
    with db.transaction() as s:
        merchant = _locked(s, merchant_id)
        merchant.verified_at = clock.now()
        if merchant.vat_id:
            merchant.vat_id_verified_at = clock.now()
        audit(s, "merchant.verified", f"merchant:{merchant_id}", by=by, merchant_id=merchant_id)


def gaps(merchant: Merchant) -> list[str]:
    """What a merchant lacks before it may sell (marked sentences)."""
    needed = (
        (merchant.verified_at, N_("Die Angaben sind noch nicht geprüft.")),
        (merchant.vat_id, N_("Die Umsatzsteuer-Identifikationsnummer fehlt.")),
        (merchant.represented_by, N_("Der Name der vertretungsberechtigten Person fehlt.")),
        (merchant.phone or merchant.email, N_("Telefon und E-Mail fehlen.")),
        (merchant.shops, N_("Es ist noch kein Laden angelegt.")),
    )
    return [sentence for fact, sentence in needed if not fact]


def set_status(merchant_id: int, status: MerchantStatus, *, by: int) -> None:
    """Use case: activate, pause or close. Raises NotReady. Shelves are counted anew: only active merchants show."""
    with db.transaction() as s:
        merchant = _locked(s, merchant_id)
        missing = gaps(merchant) if status is MerchantStatus.ACTIVE else []
        if missing:
            raise NotReady(reasons=" ".join(missing))
        before, merchant.status = merchant.status, status
        s.flush()
        products.recount_categories(s)
        audit(
            s, "merchant.status", f"merchant:{merchant_id}", by=by, merchant_id=merchant_id,
            before=before.value, after=status.value,
        )  # fmt: skip


def create_shop(merchant_id: int, fields: Mapping[str, Any], *, by: int) -> int:
    """Use case: a new place of this merchant. Its id."""
    with db.transaction() as s:
        _locked(s, merchant_id)
        return merchants.create_shop(s, merchant_id, by=by, **fields).id


def shop(s: Session, merchant_id: int, shop_id: int) -> Shop:
    """One of the merchant's shops. Raises NotFound."""
    found = s.scalar(sa.select(Shop).where(Shop.id == shop_id, Shop.merchant_id == merchant_id))
    if found is None:
        raise NotFound
    return found


def save_shop(merchant_id: int, shop_id: int, fields: Mapping[str, Any], *, by: int) -> None:
    """Use case: name and address; a moved shop gets a new pin from the gazetteer."""
    with db.transaction() as s:
        place = shop(s, merchant_id, shop_id)
        moved = any(fields[name] != getattr(place, name) for name in ADDRESS if name in fields)
        for name, value in fields.items():
            setattr(place, name, value)
        if moved:
            merchants.locate(s, place)
        openings.shop_changed(s, shop_id)
        audit(s, "shop.changed", f"shop:{shop_id}", by=by, merchant_id=merchant_id)


def add_member(merchant_id: int, email: str, *, by: int) -> None:
    """Use case: somebody with an account works for the merchant from now on. Raises NoSuchAccount, MemberAlready."""
    with db.transaction() as s:
        _locked(s, merchant_id)
        user_id = s.scalar(sa.select(User.id).where(User.email == accounts.normalise_email(email)))
        if user_id is None:
            raise NoSuchAccount(field="email")
        if merchant_id in staff.merchants_of(s, user_id):
            raise MemberAlready(field="email")
        staff.join(s, user_id, merchant_id)
        audit(s, "membership.added", f"user:{user_id}", by=by, merchant_id=merchant_id)


def remove_member(merchant_id: int, user_id: int, *, by: int) -> None:
    """Use case: works there no longer. Raises NotFound."""
    with db.transaction() as s:
        if not staff.leave(s, user_id, merchant_id):
            raise NotFound
        audit(s, "membership.removed", f"user:{user_id}", by=by, merchant_id=merchant_id)


def _locked(s: Session, merchant_id: int) -> Merchant:
    merchant = s.scalar(sa.select(Merchant).where(Merchant.id == merchant_id).with_for_update(key_share=True))
    if merchant is None:
        raise NotFound
    return merchant
