"""Merchants at the operator's desk: create, edit, check, activate; shops and people."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from market.core import db
from market.core.errors import NotFound
from market.directory.models import MerchantStatus
from merchants import town_desk
from merchants.forms.operator import MemberForm, MerchantForm, PlaceForm
from merchants.views.blueprints import desk_bp, operator_only, tried


def _fields(form: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """The form's values by column; an empty text field is an empty text."""
    return {name: "" if form[name].data is None else form[name].data for name in names}


@desk_bp.route("/haendler/neu", methods=["GET", "POST"])
@operator_only
def new_merchant() -> ResponseReturnValue:
    """A new merchant, in preparation."""
    form = MerchantForm()
    if form.validate_on_submit():
        made = town_desk.create(_fields(form, town_desk.MERCHANT_FIELDS), by=current_user.id)
        flash("Angelegt. Als Nächstes: einen Laden anlegen, Angaben prüfen, freischalten.", "success")
        return redirect(url_for(".merchant", merchant_id=made), 303)
    return render_template("merchants/merchant_new.html", form=form), 422 if form.errors else 200


@desk_bp.route("/haendler/<int:merchant_id>", methods=["GET", "POST"])
@operator_only
def merchant(merchant_id: int) -> ResponseReturnValue:
    """Everything about one merchant."""
    with db.reading() as s:
        found = town_desk.page(s, merchant_id)
    form = MerchantForm(obj=found)
    if form.validate_on_submit():
        town_desk.save(merchant_id, _fields(form, town_desk.MERCHANT_FIELDS), by=current_user.id)
        flash("Gespeichert.", "success")
        return redirect(url_for(".merchant", merchant_id=merchant_id), 303)
    return _merchant_page(merchant_id, form)


def _merchant_page(merchant_id: int, form: MerchantForm, member: MemberForm | None = None) -> ResponseReturnValue:
    with db.reading() as s:
        found = town_desk.page(s, merchant_id)
        people = town_desk.people_of(s, merchant_id)
    member = member or MemberForm(formdata=None)
    return render_template(
        "merchants/merchant.html", merchant=found, form=form, people=people, member=member, gaps=town_desk.gaps(found),
        statuses=MerchantStatus,
    ), 422 if form.errors or member.errors else 200  # fmt: skip


@desk_bp.post("/haendler/<int:merchant_id>/geprueft")
@operator_only
def verify(merchant_id: int) -> ResponseReturnValue:
    """The papers were looked at."""
    town_desk.verify(merchant_id, by=current_user.id)
    flash("Als geprüft vermerkt.", "success")
    return redirect(url_for(".merchant", merchant_id=merchant_id), 303)


@desk_bp.post("/haendler/<int:merchant_id>/stand/<status>")
@operator_only
def set_status(merchant_id: int, status: str) -> ResponseReturnValue:
    """Activate, pause, close."""
    wanted = next((each for each in MerchantStatus if each.value == status), None)
    if wanted is None:
        raise NotFound
    town_desk.set_status(merchant_id, wanted, by=current_user.id)
    flash(f"Das Geschäft ist jetzt {wanted.label}.", "success")
    return redirect(url_for(".merchant", merchant_id=merchant_id), 303)


@desk_bp.route("/haendler/<int:merchant_id>/laden", methods=["GET", "POST"])
@operator_only
def new_shop(merchant_id: int) -> ResponseReturnValue:
    """A new place of this merchant."""
    with db.reading() as s:
        found = town_desk.page(s, merchant_id)
    form = PlaceForm()
    if form.validate_on_submit():
        town_desk.create_shop(merchant_id, _fields(form, town_desk.SHOP_FIELDS), by=current_user.id)
        flash("Laden angelegt. Bitte noch die Öffnungszeiten eintragen.", "success")
        return redirect(url_for(".merchant", merchant_id=merchant_id), 303)
    return render_template("merchants/place.html", merchant=found, shop=None, form=form), 422 if form.errors else 200


@desk_bp.route("/haendler/<int:merchant_id>/laden/<int:shop_id>", methods=["GET", "POST"])
@operator_only
def shop(merchant_id: int, shop_id: int) -> ResponseReturnValue:
    """A place's name and address."""
    with db.reading() as s:
        found = town_desk.page(s, merchant_id)
        place = town_desk.shop(s, merchant_id, shop_id)
    form = PlaceForm(obj=place)
    if form.validate_on_submit():
        town_desk.save_shop(merchant_id, shop_id, _fields(form, town_desk.SHOP_FIELDS), by=current_user.id)
        flash("Gespeichert.", "success")
        return redirect(url_for(".merchant", merchant_id=merchant_id), 303)
    return render_template("merchants/place.html", merchant=found, shop=place, form=form), 422 if form.errors else 200


@desk_bp.post("/haendler/<int:merchant_id>/personen")
@operator_only
def add_member(merchant_id: int) -> ResponseReturnValue:
    """Somebody works for it from now on."""
    with db.reading() as s:
        found = town_desk.page(s, merchant_id)
    form = MemberForm()
    if form.validate_on_submit() and tried(
        form, lambda: town_desk.add_member(merchant_id, form.email.data, by=current_user.id)
    ):
        flash("Hinzugefügt.", "success")
        return redirect(url_for(".merchant", merchant_id=merchant_id), 303)
    return _merchant_page(merchant_id, MerchantForm(formdata=None, obj=found), form)


@desk_bp.post("/haendler/<int:merchant_id>/personen/<int:user_id>/entfernen")
@operator_only
def remove_member(merchant_id: int, user_id: int) -> ResponseReturnValue:
    """Works there no longer."""
    town_desk.remove_member(merchant_id, user_id, by=current_user.id)
    flash("Entfernt.", "success")
    return redirect(url_for(".merchant", merchant_id=merchant_id), 303)
