"""The town's open Sundays, at the editor's desk."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from market.core import clock, config, db
from market.core.errors import MarketError, NotFound
from market.directory import town_days
from market.directory.forms import EmptyForm, TownDayForm
from market.directory.merchants import SPECIAL_DAYS_A_YEAR
from market.directory.views.blueprint import bp, editors_only

DAYS = "/betrieb/sonntage"


@bp.route(DAYS, methods=["GET", "POST"])
@editors_only
def open_sundays() -> ResponseReturnValue:
    """Which Sundays and holidays the town has set, and a form for the next."""
    form = TownDayForm()
    if form.validate_on_submit():
        given = (form.day.data, form.opens.data, form.closes.data, form.name.data)
        try:
            town_days.add(config.current().region, *given, by=current_user.id)
        except MarketError as error:
            form.refuse(error)
        else:
            flash(_("Eingetragen. Die Läden zeigen diesen Tag ab sofort als geöffnet."), "success")
            return redirect(url_for(".open_sundays"), 303)
    with db.reading() as s:
        rows = town_days.days(s)
    page = render_template(
        "directory/town_days.html", form=form, rows=rows, years=town_days.by_year(rows), most=SPECIAL_DAYS_A_YEAR,
        today=clock.today(), button=EmptyForm(formdata=None),
    )  # fmt: skip
    return page, 422 if form.errors else 200


@bp.post(f"{DAYS}/<day>/entfernen")
@editors_only
def remove_open_sunday(day: str) -> ResponseReturnValue:
    """An ordinary Sunday again."""
    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        raise NotFound from None
    town_days.remove(wanted, by=current_user.id)
    flash(_("Entfernt. Die Läden sind an diesem Tag wieder geschlossen."), "success")
    return redirect(url_for(".open_sundays"), 303)
