"""The desk's word about a day: hold an order with a vehicle, a vehicle falls out, only what is new is planned."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import BooleanField, DateField, IntegerField, RadioField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import HiddenInput

from delivery import holding, planning
from delivery.desk import outs
from delivery.desk.forms import DayForm, real_day
from delivery.desk.views import desk, said, to_day, wanted_day
from delivery.forms import choices
from market.core import db
from market.core.errors import BadInput, MarketError, NotFound
from market.web.forms import TextLine

bp = Blueprint("dispatch_hold", __name__, url_prefix="/betrieb/touren")


class VehicleDayForm(DayForm):
    """A vehicle on a day."""

    vehicle = IntegerField(validators=[InputRequired()])


class OutForm(VehicleDayForm):
    """A vehicle that falls out: where it stands, whether somebody is with it. Day and vehicle go with the page."""

    day = DateField(widget=HiddenInput(), validators=[InputRequired(), real_day])
    vehicle = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    where = RadioField(_l("Wo steht das Fahrzeug?"))
    address = TextLine(_l("Andere Adresse"), validators=[Length(max=120, message=_l("Höchstens 120 Zeichen."))])
    attended = BooleanField(_l("Jemand ist beim Fahrzeug und übergibt die Ware"))

    @classmethod
    def of(cls, out: outs.FallsOut) -> OutForm:
        """The form with the places that are known. A plain button that says nothing means the last known place."""
        form = cls()
        form.where.choices = choices(out.places)
        if not form.is_submitted():
            form.day.data, form.vehicle.data = out.day, out.vehicle_id
        if not form.is_submitted() or not form.where.data:
            form.where.data, form.attended.data = out.places[0][0], True
        return form


class OrderDayForm(DayForm):
    """An order on a day."""

    order = IntegerField(validators=[InputRequired()])


class HoldForm(VehicleDayForm, OrderDayForm):
    """An order that stays with a vehicle."""


def _back(day: date) -> ResponseReturnValue:
    return to_day(day, "hold")


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


@bp.get("/faellt-aus")
@desk
def falls_out() -> ResponseReturnValue:
    """Where it stands and what is on board, before it is taken out."""
    day, vehicle = wanted_day(request.args.get("tag")), request.args.get("vehicle", type=int)
    with db.reading() as s:
        out = outs.falls_out(s, vehicle or 0, day)
    return _out_page(out, OutForm.of(out))


def _out_page(out: outs.FallsOut, form: OutForm) -> ResponseReturnValue:
    page = render_template("delivery/desk/falls_out.html", out=out, form=form)
    return page, (422 if form.errors else 200)


@bp.post("/faellt-aus")
@desk
def take_out() -> ResponseReturnValue:
    """The vehicle does not drive (any more); the others take over, also what it carries."""
    sent = VehicleDayForm()
    if not sent.validate_on_submit():
        raise NotFound
    with db.reading() as s:
        out = outs.falls_out(s, sent.vehicle.data, sent.day.data)
    form = OutForm.of(out)
    if not form.validate_on_submit():
        return _out_page(out, form)
    try:
        with db.reading() as s:
            stand = outs.stand(s, out, form.where.data, form.address.data or "", attended=form.attended.data)
    except BadInput as error:
        form.refuse(error, "address")
        return _out_page(out, form)
    try:
        made = holding.take_out(form.vehicle.data, form.day.data, current_user.id, stand)
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
    try:
        made = holding.bring_back(form.vehicle.data, form.day.data, current_user.id)
    except MarketError as error:
        flash(_("Das Fahrzeug fährt wieder, aber es ist noch nicht umgeplant: %(why)s", why=error.text), "error")
    else:
        if made is None:
            flash(_("Das Fahrzeug fährt wieder und wird bei der nächsten Planung berücksichtigt."), "success")
        else:
            flash(
                _("Das Fahrzeug fährt wieder und bringt selbst, was an Bord ist. %(plan)s", plan=said(made)), "success"
            )
    return _back(form.day.data)
