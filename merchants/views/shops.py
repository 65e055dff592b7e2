"""The merchant's shops: contact, entrance, hours, days off; and the log of what was done here."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from market.core import clock, db
from market.directory import staff
from market.directory.forms_hours import ExceptionForm, HoursForm, hours_data
from market.directory.merchants import WEEKDAYS
from market.directory.models import Shop
from merchants import scope, shop_desk
from merchants.forms.shops import ShopForm
from merchants.views.blueprints import desk, in_office, office_bp, page_number, tried


@office_bp.get("/laeden")
@in_office
def shop_list() -> ResponseReturnValue:
    """The merchant's shops."""
    with db.reading() as s:
        shops = scope.shops_of(s, desk().merchant_id)
    return render_template("merchants/shops.html", shops=shops)


def _shop(shop_id: int) -> Shop:
    with db.reading() as s:
        return shop_desk.page(s, desk(), shop_id)


@office_bp.route("/laeden/<int:shop_id>", methods=["GET", "POST"])
@in_office
def shop_facts(shop_id: int) -> ResponseReturnValue:
    """Contact, entrance, bell, parking."""
    shop = _shop(shop_id)
    form = ShopForm(obj=shop)
    if form.validate_on_submit():
        fields = {name: form[name].data if form[name].data is not None else "" for name in shop_desk.OWN_FIELDS}
        shop_desk.save(desk(), shop_id, fields)
        flash("Gespeichert.", "success")
        return redirect(url_for(".shop_facts", shop_id=shop_id), 303)
    return render_template("merchants/shop.html", shop=shop, form=form), 422 if form.errors else 200


def _hours_page(shop: Shop, hours: Any = None, exception: ExceptionForm | None = None) -> ResponseReturnValue:
    hours = hours or HoursForm(formdata=None, data=hours_data(shop.hours))
    exception = exception or ExceptionForm(formdata=None)
    coming = [row for row in shop.exceptions if row.last_day >= clock.today()]
    status = 422 if hours.errors or exception.errors else 200
    return render_template(
        "merchants/hours.html", shop=shop, form=hours, exception=exception, coming=coming, weekdays=WEEKDAYS
    ), status


@office_bp.route("/laeden/<int:shop_id>/zeiten", methods=["GET", "POST"])
@in_office
def shop_hours(shop_id: int) -> ResponseReturnValue:
    """The weekly hours."""
    shop = _shop(shop_id)
    if request.method == "GET":
        return _hours_page(shop)
    form = HoursForm()
    if form.validate() and tried(form, lambda: shop_desk.save_hours(desk(), shop_id, form.rows())):
        flash("Öffnungszeiten gespeichert.", "success")
        return redirect(url_for(".shop_hours", shop_id=shop_id), 303)
    return _hours_page(shop, hours=form)


@office_bp.post("/laeden/<int:shop_id>/zeiten/stimmen")
@in_office
def confirm_shop(shop_id: int) -> ResponseReturnValue:
    """Looked at and still right."""
    shop_desk.confirm(desk(), shop_id)
    flash("Danke! Als geprüft vermerkt.", "success")
    return redirect(url_for(".shop_hours", shop_id=shop_id), 303)


@office_bp.post("/laeden/<int:shop_id>/ausnahmen")
@in_office
def add_exception(shop_id: int) -> ResponseReturnValue:
    """Days off, or other hours."""
    shop = _shop(shop_id)
    form = ExceptionForm()
    if form.validate_on_submit() and tried(
        form,
        lambda: shop_desk.add_exception(
            desk(), shop_id, form.first_day.data, form.last_day.data, form.opens.data, form.closes.data,
            form.note.data or "",
        ),
    ):  # fmt: skip
        flash("Eingetragen.", "success")
        return redirect(url_for(".shop_hours", shop_id=shop_id), 303)
    return _hours_page(shop, exception=form)


@office_bp.post("/laeden/<int:shop_id>/ausnahmen/<int:exception_id>/entfernen")
@in_office
def remove_exception(shop_id: int, exception_id: int) -> ResponseReturnValue:
    """The usual hours again."""
    shop_desk.remove_exception(desk(), shop_id, exception_id)
    flash("Entfernt.", "success")
    return redirect(url_for(".shop_hours", shop_id=shop_id), 303)


@office_bp.get("/protokoll")
@in_office
def log() -> ResponseReturnValue:
    """What was done at this desk, and who did it: helpers from the market are marked."""
    with db.reading() as s:
        own = staff.members_of(s, desk().merchant_id)
        found = shop_desk.log(s, merchant_id=desk().merchant_id, own_ids=own, page=page_number())
    return render_template("merchants/log.html", log=found)
