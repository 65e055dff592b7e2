"""Accounts and roles at the operator's desk."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from market.core import db
from merchants import caretaker, operator_desk
from merchants.forms.fields import picks
from merchants.forms.operator import AccountForm, RolesForm
from merchants.views.blueprints import desk_bp, operator_only, tried


@desk_bp.get("/konten")
@operator_only
def accounts() -> ResponseReturnValue:
    """Everybody with a role or a merchant; searched: any account."""
    text = request.args.get("q", "")[:100]
    with db.reading() as s:
        found = operator_desk.staff_list(s, text=text)
    return render_template("merchants/accounts.html", rows=found, query=text)


@desk_bp.route("/konten/neu", methods=["GET", "POST"])
@operator_only
def new_account() -> ResponseReturnValue:
    """A new staff account."""
    form = AccountForm()
    with db.reading() as s:
        form.merchant.choices = picks([(0, "kein Geschäft"), *caretaker.merchant_names(s)])
    if form.validate_on_submit() and tried(
        form,
        lambda: operator_desk.create_account(
            email=form.email.data, name=form.name.data, password=form.password.data, roles=form.chosen,
            merchant_id=form.merchant.data or None, by=current_user.id,
        ),
    ):  # fmt: skip
        flash("Konto angelegt. Bitte geben Sie das erste Passwort persönlich weiter.", "success")
        return redirect(url_for(".accounts"), 303)
    return render_template("merchants/account_new.html", form=form), 422 if form.errors else 200


@desk_bp.route("/konten/<int:user_id>", methods=["GET", "POST"])
@operator_only
def account(user_id: int) -> ResponseReturnValue:
    """The roles of one account."""
    with db.reading() as s:
        user = operator_desk.account(s, user_id)
        form = RolesForm(data={"roles": [held.role.value for held in user.roles]})
    if form.validate_on_submit() and tried(
        form, lambda: operator_desk.set_roles(user_id, form.chosen, by=current_user.id)
    ):
        flash("Gespeichert.", "success")
        return redirect(url_for(".accounts"), 303)
    return render_template("merchants/account.html", user=user, form=form), 422 if form.errors else 200
