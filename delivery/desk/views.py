"""The dispatcher's pages under /betrieb/touren: plan a day, print it, enter what came back, settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from delivery import bringing, closing, planning, results, returning, runs
from delivery.desk import board, leftovers, timeline
from delivery.desk.forms import YEARS, AssignForm, CancelForm, CloseForm, DayForm, SheetForm
from delivery.desk.forms_run import cost_form
from delivery.forms import choices
from delivery.halts import RunView
from delivery.models import RunState
from delivery.outcomes import Actor
from delivery.views import pdf_of, sheets_page
from market.core import clock, db, formats
from market.core.errors import BadInput, MarketError, NotFound
from market.orders.lifecycle import WrongStep
from market.web import access

bp = Blueprint("dispatch", __name__, url_prefix="/betrieb/touren")
desk = access.roles("operator", "caretaker")
NOBODY = 0


def wanted_day(text: str | None) -> date:
    """The day of the address; without one the next day with deliveries. NotFound for nonsense."""
    if not text:
        return planning.next_day()
    try:
        wanted = date.fromisoformat(text)
    except ValueError:
        raise NotFound from None
    if wanted.year not in YEARS:
        raise NotFound
    return wanted


def to_day(day: date, anchor: str | None = None) -> ResponseReturnValue:
    """Back to the day's page, to that part of it, where what happened is told: above it nobody would see it."""
    return redirect(url_for("dispatch.day", tag=day.isoformat(), bei=anchor, _anchor=anchor), 303)


@bp.errorhandler(runs.Overtaken)
def overtaken(error: runs.Overtaken) -> ResponseReturnValue:
    """A page that was open while somebody else planned, moved or left: what there is now, and why."""
    flash(error.text, "warning")
    return to_day(error.day, "runs")


# ------------------------------------------------------------------------------------------------------------- the day


@bp.get("/")
@desk
def day() -> ResponseReturnValue:
    """Windows, runs and leftovers of one day."""
    wanted = wanted_day(request.args.get("tag"))
    with db.reading() as s:
        view = board.board(s, wanted)
        before, after = board.days_with_windows(s, wanted)
    return render_template(
        "delivery/desk/day.html",
        board=view,
        chart=timeline.chart(view.lanes),
        clock=timeline.clock,
        before=before,
        after=after,
        today=clock.today(),
        told_at=_told_at(view, request.args.get("bei", "")),
        assign=_assign_form(view),
        cost=cost_form(view.saved),
    )


def _told_at(view: board.Board, wanted: str) -> str:
    """The part of the page that tells what happened, when it is on the page."""
    parts = {"runs", *(f"run-{run.code}" for run in view.runs)} | ({"hold"} if view.can_plan else set())
    parts |= {"saved"} if view.runs or view.saved.stranded else set()
    return wanted if wanted in parts else ""


def _assign_form(view: board.Board) -> Callable[[RunView], AssignForm]:
    def make(run: RunView) -> AssignForm:
        form = AssignForm(formdata=None, courier=run.courier_id or NOBODY)
        known = [(NOBODY, _("noch niemand")), *view.couriers]
        if run.courier_id is not None and run.courier_id not in {one for one, _name in known}:
            known.append((run.courier_id, _("%(name)s (Vertretung)", name=run.courier)))
        form.courier.choices = choices(known)
        return form

    return make


@bp.post("/planen")
@desk
def plan() -> ResponseReturnValue:
    """Close the day's windows and plan."""
    form = DayForm()
    if not form.validate_on_submit():
        raise NotFound
    wanted: date = form.day.data
    try:
        made = planning.plan_day(wanted, current_user.id)
    except MarketError as error:
        flash(error.text, "error")
        return to_day(wanted)
    flash(said(made), "success" if not made.unserved else "warning")
    return to_day(wanted)


def said(made: planning.DayPlan) -> str:
    """A plan in one sentence."""
    if made.repeated:
        same = _("Der Plan für %(day)s steht schon und passt noch: nichts verändert.", day=formats.day(made.day))
        return str(same)
    made_runs = ngettext("%(num)s Tour", "%(num)s Touren", len(made.run_codes))
    orders = ngettext("%(num)s Bestellung", "%(num)s Bestellungen", made.orders)
    text: str = _("%(day)s geplant: %(runs)s, %(orders)s.", day=formats.day(made.day), runs=made_runs, orders=orders)
    return f"{text} {_('Nicht eingeplant: %(count)s.', count=len(made.unserved))}" if made.unserved else text


@bp.post("/verwerfen")
@desk
def discard() -> ResponseReturnValue:
    """Throw the planned runs away."""
    form = DayForm()
    if not form.validate_on_submit():
        raise NotFound
    count = planning.discard_plan(form.day.data, current_user.id)
    thrown = ngettext("%(num)s geplante Tour verworfen.", "%(num)s geplante Touren verworfen.", count)
    flash(f"{thrown} {_('Die Fenster bleiben geschlossen.')}", "success")
    return to_day(form.day.data)


@bp.post("/offen/<int:order_id>/verschieben")
@desk
def move_on(order_id: int) -> ResponseReturnValue:
    """A leftover goes to the next free window."""
    form = DayForm()
    if not form.validate_on_submit():
        raise NotFound
    try:
        target = leftovers.move_on(order_id, form.day.data, current_user.id)
        flash(_("Verschoben auf %(window)s. Die Kundschaft ist benachrichtigt.", window=target), "success")
    except (leftovers.NoLaterWindow, leftovers.NotAtTheShop) as error:
        flash(error.text, "error")
    return to_day(form.day.data)


@bp.get("/offen/<int:order_id>")
@desk
def leftover(order_id: int) -> ResponseReturnValue:
    """One leftover: what happened, and the ways on."""
    wanted = wanted_day(request.args.get("tag"))
    return _decision(order_id, wanted, CancelForm(formdata=None, day=wanted))


def _decision(order_id: int, wanted: date, form: CancelForm) -> ResponseReturnValue:
    with db.reading() as s:
        view = leftovers.decision(s, order_id, wanted)
    page = render_template("delivery/desk/leftover.html", view=view, day=wanted, form=form)
    return page, (422 if form.errors else 200)


@bp.post("/offen/<int:order_id>/stornieren")
@desk
def cancel_leftover(order_id: int) -> ResponseReturnValue:
    """What was not delivered is cancelled; what was paid online goes back."""
    form = CancelForm()
    if form.day.data is None:
        raise NotFound
    if form.validate_on_submit():
        try:
            leftovers.cancel(order_id, form.day.data, current_user.id, reason=form.reason.data or "")
        except BadInput as error:
            form.refuse(error, "reason")
        else:
            flash(_("Storniert. Kundschaft und Läden sind benachrichtigt."), "success")
            return to_day(form.day.data)
    return _decision(order_id, form.day.data, form)


@bp.post("/offen/<int:order_id>/abholen")
@desk
def collect_leftover(order_id: int) -> ResponseReturnValue:
    """The shopper fetches it from the shops."""
    form = DayForm()
    if not form.validate_on_submit():
        raise NotFound
    try:
        leftovers.collect(order_id, form.day.data, current_user.id)
        flash(_("Wird abgeholt: Die Kundschaft bekommt den Abholcode, sobald der Laden gepackt hat."), "success")
    except (leftovers.NotCollectable, leftovers.NotAtTheShop, WrongStep) as error:
        flash(error.text, "error")
    return to_day(form.day.data)


@bp.post("/offen/<int:order_id>/im-laden")
@desk
def at_the_shop(order_id: int) -> ResponseReturnValue:
    """What waited in a vehicle or at the pick-up point is in the shop now."""
    form = DayForm()
    if not form.validate_on_submit():
        raise NotFound
    bringing.now_at_the_shop(order_id, current_user.id)
    flash(_("Notiert: Die Ware ist wieder im Laden."), "success")
    return redirect(url_for("dispatch.leftover", order_id=order_id, tag=form.day.data.isoformat()), 303)


# ------------------------------------------------------------------------------------------------------------- one run


def _run(code: str, *, to_end: bool = False) -> RunView:
    with db.reading() as s:
        return runs.desk_run(s, code, to_end=to_end)


@bp.post("/<code>/kurier")
@desk
def assign(code: str) -> ResponseReturnValue:
    """Who drives."""
    view = _run(code)
    with db.reading() as s:
        form = AssignForm()
        stays = [(view.courier_id, "")] if view.courier_id is not None else []
        form.courier.choices = choices([(NOBODY, ""), *board.couriers(s), *stays])
    if not form.validate_on_submit():
        raise board.NotACourier
    ended = board.assign(code, form.courier.data or None, current_user.id)
    more = " " + _("Die Vertretung fährt nicht mehr, ihr Link gilt nicht mehr.") if ended else ""
    flash(_("Tour %(code)s: Kurier gespeichert.", code=code) + more, "success")
    return to_day(view.day, f"run-{code}")


@bp.get("/<code>/blatt.pdf")
@desk
def sheet_pdf(code: str) -> ResponseReturnValue:
    """A run's sheet as PDF."""
    return pdf_of(_run(code), url_for(".sheet_page", code=code))


@bp.get("/<code>/blatt")
@desk
def sheet_page(code: str) -> ResponseReturnValue:
    """A run's sheet as a page to print."""
    return sheets_page([_run(code)])


@bp.get("/drucken")
@desk
def print_all() -> ResponseReturnValue:
    """All sheets of a day, one after another."""
    wanted = wanted_day(request.args.get("tag"))
    with db.reading() as s:
        views = runs.day_runs(s, wanted)
    if not views:
        flash(_("Für diesen Tag ist keine Tour geplant: Es gibt nichts zu drucken."), "warning")
        return to_day(wanted, "runs")
    return sheets_page(views)


@bp.route("/<code>/ergebnis", methods=["GET", "POST"])
@desk
def sheet_result(code: str) -> ResponseReturnValue:
    """A paper sheet came back: one row per stop, everything delivered unless said otherwise."""
    view = _run(code, to_end=True)
    form = SheetForm.of(view, _taken(view))
    if form.validate_on_submit():
        actor = Actor(current_user.id, desk=True)
        try:
            results.apply_sheet(code, form.result(view), key=form.key.data, actor=actor)
        except results.SheetRefused as error:
            form.refuse_rows(error.rows)
        except MarketError as error:
            form.refuse(error)
        else:
            ends = _("Sie endet, wenn alles übernommen ist.") if form.taken else _("Tour beendet.")
            flash(_("Tour %(code)s: Ergebnisse gespeichert. %(ends)s", code=code, ends=ends), "success")
            if doors := form.overruled(view, request.form):
                told = _(
                    "Halt %(doors)s: Ein Telefon hatte schon etwas anderes gemeldet. Das gilt.", doors=", ".join(doors)
                )
                flash(told, "warning")
            return to_day(view.day)
    return _result_page(view, form, CloseForm(formdata=None))


def _taken(view: RunView) -> Mapping[int, str]:
    with db.reading() as s:
        return returning.taken_over(s, view.id)


def _result_page(view: RunView, form: SheetForm, close: CloseForm) -> ResponseReturnValue:
    over = view.state is RunState.FINISHED
    page = render_template("delivery/desk/result.html", run=view, form=form, close=close, over=over)
    return page, (422 if form.errors or close.errors else 200)


@bp.post("/<code>/schliessen")
@desk
def close_run(code: str) -> ResponseReturnValue:
    """Nobody will finish this run: it ends, and what has no result counts as not delivered."""
    view = _run(code, to_end=True)
    form = CloseForm()
    if form.validate_on_submit():
        try:
            over = closing.close_run(code, Actor(current_user.id, desk=True), reason=form.reason.data or "")
        except BadInput as error:
            form.refuse(error, "reason")
        except results.RunGone as error:
            flash(error.text, "error")
            return to_day(view.day)
        else:
            told = _("Tour %(code)s ist geschlossen. Was kein Ergebnis hatte, steht unten.", code=code)
            waits = _(
                "Tour %(code)s endet, wenn alles übernommen ist. Was sonst kein Ergebnis hatte, steht unten.", code=code
            )
            flash(told if over else waits, "success")
            return to_day(view.day)
    return _result_page(view, SheetForm.of(view, _taken(view), formdata=None), form)
