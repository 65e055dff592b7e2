"""The desk's word about a day: hold an order with a vehicle, a vehicle falls out, only what is new is planned."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from wtforms import IntegerField
from wtforms.validators import InputRequired

from delivery import holding, planning
from delivery.desk.forms import DayForm
from delivery.desk.views import desk, said
from market.core.errors import MarketError, NotFound

bp = Blueprint("dispatch_hold", __name__, url_prefix="/betrieb/touren")


class VehicleDayForm(DayForm):
    """A vehicle on a day."""

    vehicle = IntegerField(validators=[InputRequired()])


class OrderDayForm(DayForm):
    """An order on a day."""

    order = IntegerField(validators=[InputRequired()])


class HoldForm(VehicleDayForm, OrderDayForm):
    """An order that stays with a vehicle."""


def _back(day: date) -> ResponseReturnValue:
    return redirect(url_for("dispatch.day", tag=day.isoformat(), _anchor="hold"), 303)


@bp.post("/einfuegen")
@desk
def insert() -> ResponseReturnValue:
    """Plan what is new between the standing stops; planned runs keep their sequence."""
    form = DayForm()
    if not form.validate_on_submit():
        raise NotFound
    try:
        made = planning.plan_day(form.day.data, current_user.id, close_open=False, keep=True)
        flash(said(made), "success" if not made.unserved else "warning")
    except MarketError as error:
        flash(error.text, "error")
    return _back(form.day.data)


@bp.post("/festhalten")
@desk
def hold() -> ResponseReturnValue:
    """An order goes with this vehicle from the next planning on."""
    form = HoldForm()
    if not form.validate_on_submit():
        raise NotFound
    try:
        holding.hold(form.order.data, form.day.data, form.vehicle.data, current_user.id)
        flash(_("Festgehalten. Das gilt ab der nächsten Planung dieses Tages."), "success")
    except holding.VehicleGone as error:
        flash(error.text, "error")
    return _back(form.day.data)


@bp.post("/loslassen")
@desk
def release() -> ResponseReturnValue:
    """The order may go with any vehicle again."""
    form = OrderDayForm()
    if not form.validate_on_submit():
        raise NotFound
    holding.release(form.order.data, form.day.data, current_user.id)
    flash(_("Losgelassen: Bei der nächsten Planung ist das Fahrzeug wieder frei wählbar."), "success")
    return _back(form.day.data)


@bp.post("/faellt-aus")
@desk
def take_out() -> ResponseReturnValue:
    """The vehicle does not drive (any more); the others take over."""
    form = VehicleDayForm()
    if not form.validate_on_submit():
        raise NotFound
    try:
        made = holding.take_out(form.vehicle.data, form.day.data, current_user.id)
        flash(_("Das Fahrzeug ist für diesen Tag ausgetragen. %(plan)s", plan=said(made)), "success")
    except NotFound:
        raise
    except MarketError as error:
        flash(_("Das Fahrzeug ist ausgetragen, aber noch nicht ersetzt: %(why)s", why=error.text), "error")
    return _back(form.day.data)


@bp.post("/faehrt-wieder")
@desk
def bring_back() -> ResponseReturnValue:
    """The vehicle drives again."""
    form = VehicleDayForm()
    if not form.validate_on_submit():
        raise NotFound
    holding.bring_back(form.vehicle.data, form.day.data, current_user.id)
    flash(_("Das Fahrzeug fährt wieder und wird bei der nächsten Planung berücksichtigt."), "success")
    return _back(form.day.data)
