"""Businesses of the directory that do not sell here, at the editor's desk."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from market.core import clock, config, db
from market.core.errors import BadInput
from market.directory import entries
from market.directory.forms import EntryForm
from market.directory.forms_hours import ExceptionForm, HoursForm, hours_data
from market.directory.merchants import WEEKDAYS
from market.directory.models import Shop
from market.directory.views.blueprint import ID, bp, editors_only

LIST = "/betrieb/verzeichnis"
ENTRY = f"{LIST}/{ID.format(name='shop_id')}"


def _entry(shop_id: int) -> Shop:
    with db.reading() as s:
        return entries.one(s, shop_id)


def _fields(form: EntryForm) -> dict[str, Any]:
    return {name: "" if form[name].data is None else form[name].data for name in entries.FIELDS}


@bp.get(LIST)
@editors_only
def entry_list() -> ResponseReturnValue:
    """All of them, searched."""
    text = request.args.get("q", "").strip()[:100]
    with db.reading() as s:
        found = entries.find(s, text=text, page=request.args.get("seite", 1, type=int))
    return render_template("directory/entries.html", found=found, query=text)


@bp.route(f"{LIST}/neu", methods=["GET", "POST"])
@editors_only
def new_entry() -> ResponseReturnValue:
    """Somebody new in the directory."""
    form = EntryForm(city=config.current().region.name)
    if form.validate_on_submit():
        made = entries.create(_fields(form), by=current_user.id)
        flash(_("Angelegt. Bitte noch die Öffnungszeiten eintragen."), "success")
        return redirect(url_for(".entry_hours", shop_id=made), 303)
    return render_template("directory/entry.html", form=form, shop=None), 422 if form.errors else 200


@bp.route(ENTRY, methods=["GET", "POST"])
@editors_only
def entry(shop_id: int) -> ResponseReturnValue:
    """The facts of one business."""
    shop = _entry(shop_id)
    form = EntryForm(obj=shop)
    if form.validate_on_submit():
        entries.save(shop_id, _fields(form), by=current_user.id)
        flash(_("Gespeichert."), "success")
        return redirect(url_for(".entry", shop_id=shop_id), 303)
    return render_template("directory/entry.html", form=form, shop=shop), 422 if form.errors else 200


def _hours_page(shop: Shop, hours: Any = None, exception: ExceptionForm | None = None) -> ResponseReturnValue:
    hours = hours or HoursForm(formdata=None, data=hours_data(shop.hours))
    exception = exception or ExceptionForm(formdata=None)
    coming = [row for row in shop.exceptions if row.last_day >= clock.today()]
    page = render_template(
        "directory/entry_hours.html", shop=shop, form=hours, exception=exception, coming=coming, weekdays=WEEKDAYS
    )
    return page, 422 if hours.errors or exception.errors else 200


@bp.route(f"{ENTRY}/zeiten", methods=["GET", "POST"])
@editors_only
def entry_hours(shop_id: int) -> ResponseReturnValue:
    """The weekly hours."""
    shop = _entry(shop_id)
    if request.method == "GET":
        return _hours_page(shop)
    form = HoursForm()
    if form.validate():
        try:
            entries.set_hours(shop_id, form.rows(), by=current_user.id)
        except BadInput as error:
            form.refuse(error)
        else:
            flash(_("Öffnungszeiten gespeichert."), "success")
            return redirect(url_for(".entry_hours", shop_id=shop_id), 303)
    return _hours_page(shop, hours=form)


@bp.post(f"{ENTRY}/zeiten/stimmen")
@editors_only
def confirm_entry(shop_id: int) -> ResponseReturnValue:
    """Looked at and still right."""
    entries.confirm(shop_id, by=current_user.id)
    flash(_("Danke! Als geprüft vermerkt."), "success")
    return redirect(url_for(".entry_hours", shop_id=shop_id), 303)


@bp.post(f"{ENTRY}/ausnahmen")
@editors_only
def add_entry_exception(shop_id: int) -> ResponseReturnValue:
    """Days off, or other hours."""
    shop = _entry(shop_id)
    form = ExceptionForm()
    if form.validate_on_submit():
        given = (form.first_day.data, form.last_day.data, form.opens.data, form.closes.data, form.note.data or "")
        try:
            entries.add_exception(config.current().region, shop_id, *given, by=current_user.id)
        except BadInput as error:
            form.refuse(error)
        else:
            flash(_("Eingetragen."), "success")
            return redirect(url_for(".entry_hours", shop_id=shop_id), 303)
    return _hours_page(shop, exception=form)


@bp.post(f"{ENTRY}/ausnahmen/{ID.format(name='exception_id')}/entfernen")
@editors_only
def remove_entry_exception(shop_id: int, exception_id: int) -> ResponseReturnValue:
    """The usual hours again."""
    entries.remove_exception(shop_id, exception_id, by=current_user.id)
    flash(_("Entfernt."), "success")
    return redirect(url_for(".entry_hours", shop_id=shop_id), 303)
