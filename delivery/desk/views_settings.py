"""Settings of deliveries: areas, weekly windows, vehicles, learnt times. The operator's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from delivery.desk import board, setup, zones
from delivery.desk.forms import TemplateForm, VehicleForm, ZoneForm
from delivery.desk.views import NOBODY
from delivery.forms import choices
from delivery.models import Vehicle, VehicleKind, WindowTemplate, Zone
from market.core import config, db
from market.core.errors import MarketError, NotFound
from market.core.formats import day
from market.core.money import ZERO
from market.web import access
from market.web.forms import MarketForm

bp = Blueprint("dispatch_settings", __name__, url_prefix="/betrieb/touren/einstellungen")


@bp.get("")
@access.roles("operator")
def settings() -> ResponseReturnValue:
    """Zones, templates, vehicles."""
    with db.reading() as s:
        return render_template("delivery/desk/settings.html", equipment=setup.equipment(s), cutoff=setup.cutoff)


@bp.post("/gelernt")
@access.roles("operator")
def learnt_pace() -> ResponseReturnValue:
    """Plans use what couriers' times taught, or the plain assumptions."""
    on = request.form.get("an") == "1"
    setup.use_learnt_pace(on=on, by=current_user.id)
    flash(_("Pläne rechnen mit den gelernten Zeiten.") if on else _("Pläne rechnen mit den Annahmen."), "success")
    return redirect(url_for("dispatch_settings.settings", _anchor="learnt"), 303)


def _saved(form: MarketForm, save: Callable[[], None], title: str) -> ResponseReturnValue:
    """Show a settings form, or save it and go back to the list."""
    if form.validate_on_submit():
        try:
            save()
        except MarketError as error:
            form.refuse(error)
        else:
            flash(_("Gespeichert."), "success")
            return redirect(url_for("dispatch_settings.settings"), 303)
    return render_template("delivery/desk/edit.html", form=form, title=title), (422 if form.errors else 200)


def _plain(form: MarketForm, *without: str) -> dict[str, Any]:
    return {name: value for name, value in form.data.items() if name not in ("csrf_token", *without)}


@bp.route("/gebiet/neu", methods=["GET", "POST"], defaults={"zone_id": None})
@bp.route("/gebiet/<int:zone_id>", methods=["GET", "POST"])
@access.roles("operator")
def edit_zone(zone_id: int | None) -> ResponseReturnValue:
    """An area: name, fees, minimum, places."""
    with db.reading() as s:
        row = s.get(Zone, zone_id) if zone_id is not None else None
        if zone_id is not None and row is None:
            raise NotFound
        start: Mapping[str, Any] = {"active": True, "minimum": ZERO}
        if row is not None:
            start = {name: getattr(row, name) for name in ("name", "fee", "good_fee", "minimum", "active")}
            start = {**start, "places": zones.lines(row.places)}
        form = ZoneForm(data=start)

    def save() -> None:
        zones.save_zone(zone_id, _plain(form), current_user.id)

    return _saved(form, save, _("Liefergebiet"))


@bp.route("/fenster/neu", methods=["GET", "POST"], defaults={"template_id": None})
@bp.route("/fenster/<int:template_id>", methods=["GET", "POST"])
@access.roles("operator")
def edit_template(template_id: int | None) -> ResponseReturnValue:
    """A weekly window."""
    with db.reading() as s:
        row = s.get(WindowTemplate, template_id) if template_id is not None else None
        if template_id is not None and row is None:
            raise NotFound
        areas = [(zone.id, zone.name) for zone in setup.equipment(s).zones]
        start: Mapping[str, Any] = {"active": True, "cutoff_minutes": 240, "minimum_orders": 0, "surcharge": ZERO}
        if row is not None:
            names = ("weekday", "starts", "ends", "cutoff_minutes", "capacity", "minimum_orders", "surcharge", "active")
            start = {name: getattr(row, name) for name in names}
            start = {**start, "zone_id": row.zone_id or NOBODY}
        form = TemplateForm(data=start)
        form.zone_id.choices = choices([(NOBODY, _("alle Gebiete")), *areas])

    def save() -> None:
        more = {"zone_id": form.zone_id.data or None}
        if stay := setup.save_template(template_id, _plain(form) | more, current_user.id):
            said = _("Schon gebuchte Fenster bleiben, wie sie zugesagt sind: %(days)s.", days=", ".join(map(day, stay)))
            flash(said, "info")

    return _saved(form, save, _("Wöchentliches Lieferfenster"))


@bp.route("/fahrzeug/neu", methods=["GET", "POST"], defaults={"vehicle_id": None})
@bp.route("/fahrzeug/<int:vehicle_id>", methods=["GET", "POST"])
@access.roles("operator")
def edit_vehicle(vehicle_id: int | None) -> ResponseReturnValue:
    """A vehicle and its driver."""
    with db.reading() as s:
        row = s.get(Vehicle, vehicle_id) if vehicle_id is not None else None
        if vehicle_id is not None and row is None:
            raise NotFound
        form = VehicleForm(data=_vehicle_data(row) if row else {"active": True, "max_cooled_l": 0, "break_minutes": 0})
        form.say_what_is_assumed(road_network=config.current().osrm_url is not None)
        form.driver_id.choices = choices([(NOBODY, _("noch niemand")), *board.couriers(s)])

    def save() -> None:
        values = _plain(form, "max_weight_kg", "max_volume_l", "max_cooled_l", "kind", "driver_id")
        values |= {"kind": next(k for k in VehicleKind if k.value == form.kind.data)}
        values |= {"max_weight_g": form.max_weight_kg.data * 1000, "max_volume_ml": form.max_volume_l.data * 1000}
        values |= {"max_cooled_ml": form.max_cooled_l.data * 1000, "driver_id": form.driver_id.data or None}
        values |= {"depot_place": form.depot_place.data or ""}
        setup.save_vehicle(vehicle_id, values, current_user.id)

    return _saved(form, save, _("Fahrzeug"))


def _vehicle_data(row: Vehicle) -> dict[str, Any]:
    return {
        "name": row.name,
        "kind": row.kind.value,
        "max_weight_kg": row.max_weight_g // 1000,
        "max_volume_l": row.max_volume_ml // 1000,
        "max_cooled_l": row.max_cooled_ml // 1000,
        "depot_place": row.depot_place,
        "shift_from": row.shift_from,
        "shift_to": row.shift_to,
        "driver_id": row.driver_id or NOBODY,
        "use_cost": row.use_cost,
        "kmh_near": row.kmh_near,
        "kmh_far": row.kmh_far,
        "break_minutes": row.break_minutes,
        "break_from": row.break_from,
        "break_to": row.break_to,
        "active": row.active,
    }
