"""The desk's pages about the runs of a day: the map, what a run cost."""

from __future__ import annotations

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from delivery import runs
from delivery.desk import ground, lanes, savings
from delivery.desk.forms_run import CostForm
from delivery.desk.views import desk, wanted_day
from delivery.halts import RunView
from market.core import config, db

bp = Blueprint("dispatch_runs", __name__, url_prefix="/betrieb/touren")


def _run(code: str, *, to_end: bool = True) -> RunView:
    with db.reading() as s:
        return runs.desk_run(s, code, to_end=to_end)


def _to_run(view: RunView) -> ResponseReturnValue:
    return redirect(url_for("dispatch.day", tag=view.day.isoformat(), _anchor=f"run-{view.code}"), 303)


@bp.get("/karte.json")
@desk
def map_data() -> ResponseReturnValue:
    """The map's ground and the day's runs; what it shows stands in the list as well."""
    wanted = wanted_day(request.args.get("tag"))
    region = config.current().region
    with db.reading() as s:
        made = lanes.lanes(s, wanted, runs.day_runs(s, wanted), region)
        answer = jsonify(ground=ground.ground(s, region), runs=ground.runs(made), centre=list(region.centre))
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@bp.route("/<code>/kosten", methods=["GET", "POST"])
@desk
def cost(code: str) -> ResponseReturnValue:
    """What a run cost; the page of its own shows a mistake beside its field."""
    view = _run(code)
    form = CostForm()
    if form.validate_on_submit():
        savings.enter_cost(code, form.cost.data, form.note.data or "", current_user.id)
        flash(_("Tour %(code)s: Kosten gespeichert.", code=code), "success")
        return _to_run(view)
    if request.method == "GET":
        with db.reading() as s:
            known = savings.saved(s, [view]).costs[code]
        form = CostForm(data={"cost": known.cost, "note": known.note})
    return render_template("delivery/desk/cost.html", run=view, form=form), (422 if form.errors else 200)
