"""/konto: profile, past orders, the download of one's data, and deletion."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import current_app, flash, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, logout_user
from sqlalchemy.orm import Session, selectinload

from market.core import clock, db
from market.core.errors import MarketError
from market.core.i18n import gettext
from market.core.money import Money
from market.orders.lifecycle import order_state
from market.orders.models import MerchantOrder, Order
from market.people import passwords
from market.people.forms import ErasureForm, ProfileForm
from market.people.models import User
from market.people.secrets import WrongPassword
from market.public.blueprint import bp
from market.web import access, limits

PER_PAGE = 10

PersonalData = Mapping[str, tuple[Callable[[Session, int], Any], Callable[[Session, int], None]]]


@dataclass(frozen=True, slots=True)
class PastOrder:
    """One row of the list."""

    number: str
    key: str
    placed_at: datetime
    total: Money
    state: str
    merchants: str
    reserved: bool


def personal_data() -> PersonalData:
    """wsgi.py's table: what each room keeps about a person."""
    table: PersonalData = current_app.extensions["personal_data"]
    return table


def past_orders(s: Session, user_id: int, page: int) -> tuple[list[PastOrder], int, int]:
    """A page of the account's orders, newest first; the page shown (the last one at most), and how many there are."""
    found = s.scalar(sa.select(sa.func.count()).select_from(Order).where(Order.user_id == user_id)) or 0
    pages = max(1, -(-found // PER_PAGE))
    page = min(max(1, page), pages)
    rows = s.scalars(
        sa.select(Order)
        .where(Order.user_id == user_id)
        .options(selectinload(Order.parts).joinedload(MerchantOrder.merchant))
        .order_by(Order.placed_at.desc(), Order.id.desc())
        .offset((page - 1) * PER_PAGE)
        .limit(PER_PAGE)
    )
    orders = [
        PastOrder(
            order.number,
            order.key,
            order.placed_at,
            order.total,
            gettext(order_state([part.state for part in order.parts], confirmed=order.confirmed_at is not None)),
            ", ".join(dict.fromkeys(part.merchant.name for part in order.parts)),
            any(part.reserved for part in order.parts),
        )
        for order in rows
    ]
    return orders, page, pages


@bp.get("/konto")
@access.signed_in
def account() -> ResponseReturnValue:
    """Past orders, and the way to everything else."""
    with db.reading() as s:
        orders, page, pages = past_orders(s, current_user.id, request.args.get("page", 1, type=int))
        proved = s.get_one(User, current_user.id).email_verified_at is not None
    return render_template("public/account.html", orders=orders, page=page, pages=pages, proved=proved)


@bp.route("/konto/angaben", methods=["GET", "POST"])
@access.signed_in
def profile() -> ResponseReturnValue:
    """What the checkout fills in."""
    with db.reading() as s:
        form = ProfileForm(obj=s.get_one(User, current_user.id))
    if form.validate_on_submit():
        values = {name: getattr(form, name).data or "" for name in ("name", "phone", "street", "zip", "city")}
        with db.transaction() as s:
            s.execute(sa.update(User).where(User.id == current_user.id).values(**values))
        flash(_("Ihre Angaben sind gespeichert."), "success")
        return redirect(url_for("public.account"), 303)
    return render_template("public/profile.html", form=form), 422 if form.is_submitted() else 200


@bp.get("/konto/daten")
@access.signed_in
def account_data() -> ResponseReturnValue:
    """What we keep, as a page with the way to download and to delete it."""
    return render_template("public/account_data.html", form=ErasureForm())


@bp.get("/konto/daten.json")
@access.signed_in
def account_export() -> ResponseReturnValue:
    """Everything every room keeps about this account."""
    with db.reading() as s:
        data = {room: export(s, current_user.id) for room, (export, _erase) in personal_data().items()}
    response = jsonify({"at": clock.now().isoformat(), **data})
    response.headers["Content-Disposition"] = 'attachment; filename="meine-daten.json"'
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/konto/loeschen")
@access.signed_in
def account_erase() -> ResponseReturnValue:
    """Delete the account, after the password was asked."""
    form = ErasureForm()
    if form.validate_on_submit():
        limits.limit("erase", str(current_user.id), times=10, minutes=15)
        try:
            erase_account(current_user.id, form.password.data)
        except MarketError as error:
            form.refuse(error, "password")
        else:
            session.clear()
            logout_user()  # last: it leaves the order to delete the remembered sign-in in the session
            flash(_("Ihr Konto ist gelöscht. Danke, dass Sie hier eingekauft haben."), "success")
            response = redirect(url_for("public.home"), 303)
            response.headers["Clear-Site-Data"] = '"cache"'
            return response
    return render_template("public/account_data.html", form=form), 422


def erase_account(user_id: int, password: str) -> None:
    """Use case: every room forgets the person, all or nothing. Raises WrongPassword, orders.personal.StillOpen."""
    with db.reading() as s:
        held = s.get_one(User, user_id).password_hash
    if not passwords.matches(held, password):
        raise WrongPassword(field="password")
    with db.transaction() as s:
        for _export, erase in reversed(list(personal_data().values())):
            erase(s, user_id)
