"""Settings of the street: areas closed to a kind of vehicle, how long cooled goods may be on the way."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import BooleanField, IntegerField, SelectField, TimeField
from wtforms.validators import InputRequired, Length, NumberRange

from delivery.desk import street
from delivery.forms import choices
from delivery.models import ClosedArea, VehicleKind
from market.core import db
from market.core.errors import BadInput, NotFound
from market.web import access
from market.web.forms import MarketForm, TextLine, required

bp = Blueprint("dispatch_street", __name__, url_prefix="/betrieb/touren/einstellungen")
operator = access.roles("operator")


def _number(label: str, least: int, most: int, hint: str) -> IntegerField:
    said = _l("Bitte geben Sie eine ganze Zahl von %(least)s bis %(most)s ein.", least=least, most=most)
    checks = [InputRequired(message=said), NumberRange(least, most, message=said)]
    return IntegerField(label, description=hint, validators=checks)


def _time(label: str) -> TimeField:
    return TimeField(label, validators=[InputRequired(message=_l("Bitte geben Sie eine Uhrzeit ein, etwa 10:00."))])


class AreaForm(MarketForm):
    """A pedestrian area: its middle is an address or place the market's map knows."""

    name = TextLine(_l("Name"), [required(_l("Bitte geben Sie dem Bereich einen Namen.")), Length(max=80)])
    kind = SelectField(_l("Gesperrt für"), choices=choices((kind.value, kind.label) for kind in VehicleKind))
    middle = TextLine(
        _l("Straße und Hausnummer in der Mitte"),
        description=_l("Bei einem bestehenden Bereich leer lassen, wenn die Mitte bleibt."),
        validators=[Length(max=120)],
    )
    radius_m = _number(_l("Umkreis in Metern"), 10, 5_000, "")
    shut_from = _time(_l("Gesperrt von"))
    shut_to = _time(_l("Gesperrt bis"))
    active = BooleanField(_l("gilt"))


class WarmForm(MarketForm):
    """How long cooled goods may be on the way."""

    minutes = _number(
        _l("Minuten, die Kühlware höchstens unterwegs sein darf"),
        0,
        600,
        _l("Vom Abholen im Laden bis zur Übergabe. 0 heißt: keine Grenze."),
    )


@bp.get("/strasse")
@operator
def rules() -> ResponseReturnValue:
    """Both at a glance."""
    return _page(WarmForm(formdata=None, minutes=street.warm_minutes()))


def _page(form: WarmForm) -> ResponseReturnValue:
    page = render_template("delivery/desk/street.html", areas=street.areas(), form=form)
    return page, (422 if form.errors else 200)


@bp.post("/strasse")
@operator
def save_warm() -> ResponseReturnValue:
    """Set the limit; plans made from now on keep it."""
    form = WarmForm()
    if not form.validate_on_submit():
        return _page(form)
    street.set_warm_minutes(form.minutes.data, current_user.id)
    flash(_("Gespeichert. Das gilt ab der nächsten Planung."), "success")
    return redirect(url_for("dispatch_street.rules"), 303)


@bp.route("/strasse/bereich/neu", methods=["GET", "POST"], defaults={"area_id": None})
@bp.route("/strasse/bereich/<int:area_id>", methods=["GET", "POST"])
@operator
def edit_area(area_id: int | None) -> ResponseReturnValue:
    """One closed area, new or changed."""
    with db.reading() as s:
        row = s.get(ClosedArea, area_id) if area_id is not None else None
        if area_id is not None and row is None:
            raise NotFound
        names = ("name", "radius_m", "shut_from", "shut_to", "active")
        start = {name: getattr(row, name) for name in names} | {"kind": row.kind.value} if row else {"active": True}
    form = AreaForm(data=start)
    if form.validate_on_submit():
        values = {name: value for name, value in form.data.items() if name not in ("csrf_token", "middle", "kind")}
        values["kind"] = next(kind for kind in VehicleKind if kind.value == form.kind.data)
        try:
            street.save_area(area_id, values, form.middle.data or "", current_user.id)
        except BadInput as error:
            form.refuse(error)
        else:
            flash(_("Gespeichert. Das gilt ab der nächsten Planung."), "success")
            return redirect(url_for("dispatch_street.rules"), 303)
    title = _("Gesperrter Bereich")
    return render_template("delivery/desk/edit.html", form=form, title=title), (422 if form.errors else 200)
