"""The operator's pages: points created, edited, paused, and who keeps them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from delivery.forms import choices
from delivery.points import setup
from delivery.points.forms import KeeperForm, PointForm
from market.core import db
from market.core.errors import BadInput
from market.core.money import Money
from market.web import access

bp = Blueprint("points_setup", __name__, url_prefix="/betrieb/touren/einstellungen/abholpunkte")
operator = access.roles("operator")
NEW: dict[str, Any] = {"active": True, "hold_days": 3, "compartments": 12, "fee": Money(190)}
COLUMNS = (
    "name", "shop_id", "note", "fee", "compartments", "hold_days", "fridge", "checks_age", "gives_from", "gives_until",
    "active",
)  # fmt: skip


@bp.get("/")
@operator
def overview() -> ResponseReturnValue:
    """All points."""
    with db.reading() as s:
        return render_template("delivery/points/setup.html", rows=setup.points(s))


@bp.route("/neu", methods=["GET", "POST"], defaults={"point_id": None})
@bp.route("/<int:point_id>", methods=["GET", "POST"])
@operator
def edit(point_id: int | None) -> ResponseReturnValue:
    """One point, new or changed."""
    start: dict[str, Any] = NEW
    keepers: list[tuple[int, str, str]] = []
    with db.reading() as s:
        if point_id is not None:
            row, keepers = setup.load(s, point_id)
            start = {name: getattr(row, name) for name in COLUMNS}
        form = PointForm(data=start)
        form.shop_id.choices = choices(setup.places(s))
    if form.validate_on_submit():
        try:
            saved = setup.save(point_id, {name: form[name].data for name in COLUMNS}, current_user.id)
        except BadInput as error:
            form.refuse(error)
        else:
            flash(_("Gespeichert."), "success")
            return redirect(url_for(".edit", point_id=saved) if point_id is None else url_for(".overview"), 303)
    return _page(point_id, form, keepers, KeeperForm(formdata=None))


def _page(
    point_id: int | None, form: PointForm, keepers: list[tuple[int, str, str]], keeper: KeeperForm
) -> ResponseReturnValue:
    page = render_template(
        "delivery/points/edit.html", point_id=point_id, form=form, keepers=keepers, keeper_form=keeper
    )
    return page, (422 if form.errors or keeper.errors else 200)


@bp.post("/<int:point_id>/annahme")
@operator
def add_keeper(point_id: int) -> ResponseReturnValue:
    """Somebody with an account keeps the point."""
    with db.reading() as s:
        row, keepers = setup.load(s, point_id)
        form = PointForm(formdata=None, data={name: getattr(row, name) for name in COLUMNS})
        form.shop_id.choices = choices(setup.places(s))
    keeper = KeeperForm()
    if keeper.validate_on_submit():
        try:
            name = setup.add_keeper(point_id, keeper.email.data or "", current_user.id)
        except BadInput as error:
            keeper.refuse(error)
        else:
            flash(_("%(name)s betreut jetzt diesen Abholpunkt.", name=name), "success")
            return redirect(url_for(".edit", point_id=point_id, _anchor="keepers"), 303)
    return _page(point_id, form, keepers, keeper)


@bp.post("/<int:point_id>/annahme/<int:user_id>/weg")
@operator
def remove_keeper(point_id: int, user_id: int) -> ResponseReturnValue:
    """No longer a keeper."""
    setup.remove_keeper(point_id, user_id, current_user.id)
    flash(_("Entfernt."), "success")
    return redirect(url_for(".edit", point_id=point_id, _anchor="keepers"), 303)
