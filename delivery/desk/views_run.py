"""The desk's pages about the runs of a day: the map, what a run cost, orders moved by hand."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from delivery import pinning, runs, substitutes
from delivery.desk import ground, lanes, moves, placing, savings, timeline
from delivery.desk.forms import DayForm
from delivery.desk.forms_run import CostForm, MoveForm, PlaceForm, SubstituteForm, value_of
from delivery.desk.views import desk, overtaken, to_day, wanted_day
from delivery.halts import RunView
from delivery.sheet import qr_svg
from market.core import config, db
from market.core.errors import MarketError, NotFound
from market.web.forms import MarketForm

bp = Blueprint("dispatch_runs", __name__, url_prefix="/betrieb/touren")
bp.register_error_handler(runs.Overtaken, overtaken)


def _run(code: str, *, to_end: bool = True) -> RunView:
    with db.reading() as s:
        return runs.desk_run(s, code, to_end=to_end)


def _to_run(view: RunView) -> ResponseReturnValue:
    return to_day(view.day, f"run-{view.code}")


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


@bp.post("/<code>/kosten/wegnehmen")
@desk
def drop_cost(code: str) -> ResponseReturnValue:
    """An amount entered for a run that is not driven any more is owed to nobody."""
    if not MarketForm().validate_on_submit():
        raise NotFound
    day = savings.take_away(code, current_user.id)
    flash(_("Kosten von Tour %(code)s weggenommen.", code=code), "success")
    return to_day(day, "saved")


# ------------------------------------------------------------------------------------------------------------- moving


@bp.route("/<code>/umladen/<int:order_id>", methods=["GET", "POST"])
@desk
def move(code: str, order_id: int) -> ResponseReturnValue:
    """One order and every vehicle it could go to, each with its price; then it goes there."""
    return _move(code, order_id, house=False)


@bp.route("/<code>/umladen/<int:order_id>/haus", methods=["GET", "POST"])
@desk
def move_house(code: str, order_id: int) -> ResponseReturnValue:
    """The same for everybody who is served at the order's halt."""
    return _move(code, order_id, house=True)


def _move(code: str, order_id: int, *, house: bool) -> ResponseReturnValue:
    offer = moves.offer(code, order_id, house=house)
    form = MoveForm.of(offer, request.args.get("auf", type=int))
    if form.validate_on_submit():
        try:
            made = moves.move(code, order_id, *form.target, current_user.id, house=house)
        except moves.BreaksRule as error:
            form.refuse(error, "vehicle")
        except MarketError as error:
            flash(error.text, "error")
            return to_day(offer.day, "runs")
        else:
            flash(_("Umgeladen. Die Touren heißen jetzt %(codes)s.", codes=", ".join(made)), "success")
            return to_day(offer.day, "runs")
    page = render_template(
        "delivery/desk/move.html", offer=offer, form=form, clock=timeline.clock, value_of=value_of, code=code
    )
    return page, (422 if form.errors else 200)


@bp.route("/<code>/halt/<int:position>", methods=["GET", "POST"])
@desk
def place(code: str, position: int) -> ResponseReturnValue:
    """One halt and every place it could have in its run, each with its price; then it has it and keeps it."""
    offer = placing.offer(code, position)
    form = PlaceForm.of(offer)
    if form.validate_on_submit():
        try:
            made = placing.place(code, position, form.after, current_user.id)
        except moves.BreaksRule as error:
            form.refuse(error, "place")
        except MarketError as error:
            flash(error.text, "error")
            return to_day(offer.day, "runs")
        else:
            flash(_("Der Halt behält seinen Platz. Die Tour heißt %(code)s.", code=made), "success")
            return to_day(offer.day, f"run-{made}")
    page = render_template("delivery/desk/place.html", offer=offer, form=form, clock=timeline.clock)
    return page, (422 if form.errors else 200)


@bp.post("/halt/<int:lock_id>/loslassen")
@desk
def let_go(lock_id: int) -> ResponseReturnValue:
    """The halt may be anywhere again."""
    form = DayForm()
    if not form.validate_on_submit():
        raise NotFound
    pinning.release(lock_id, current_user.id)
    flash(_("Losgelassen: Bei der nächsten Planung ist der Platz wieder frei."), "success")
    return to_day(form.day.data, "hold")


@bp.post("/umladen/<int:move_id>/zurueck")
@desk
def undo_move(move_id: int) -> ResponseReturnValue:
    """Take the last move back."""
    form = MarketForm()
    if not form.validate_on_submit():
        return to_day(wanted_day(None))
    try:
        day = moves.undo(move_id, current_user.id)
    except NotFound:
        raise
    except MarketError as error:
        flash(error.text, "error")
        return to_day(wanted_day(request.form.get("day")), "runs")
    flash(_("Rückgängig gemacht: Es wird wieder gefahren wie vorher."), "success")
    return to_day(day, "runs")


# ---------------------------------------------------------------------------------------------------------- stand-ins


@bp.route("/<code>/vertretung", methods=["GET", "POST"])
@desk
def substitute(code: str) -> ResponseReturnValue:
    """Somebody else drives: by a day link, shown once, or on paper only."""
    view = _run(code)
    form = SubstituteForm()
    if form.validate_on_submit():
        try:
            token = substitutes.hand_over(
                code, form.name.data, current_user.id, str(current_app.secret_key), link=form.way.data == "link"
            )
        except substitutes.RunOver as error:
            form.refuse(error, "name")
        else:
            if token is not None:
                return _link_page(view, form.name.data, token)
            flash(_("%(name)s fährt Tour %(code)s mit dem Zettel.", name=form.name.data, code=code), "success")
            return _to_run(view)
    return render_template("delivery/desk/substitute.html", run=view, form=form), (422 if form.errors else 200)


def _link_page(view: RunView, name: str, token: str) -> ResponseReturnValue:
    """The link and its code: now or never, only its hash is kept."""
    link = config.current().public_url.rstrip("/") + url_for("substitute.show", token=token)
    page = render_template("delivery/desk/link.html", run=view, name=name, link=link, qr=qr_svg(link))
    return page, 200, {"Cache-Control": "no-store"}


@bp.post("/vertretung/<int:link_id>/widerrufen")
@desk
def revoke_link(link_id: int) -> ResponseReturnValue:
    """The link is dead; the run has no courier."""
    if not MarketForm().validate_on_submit():
        return to_day(wanted_day(None))
    code, day = substitutes.revoke(link_id, current_user.id)
    flash(_("Der Tageslink ist widerrufen. Tour %(code)s hat noch niemanden, der fährt.", code=code), "success")
    return to_day(day, "runs")
