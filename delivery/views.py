"""The courier's pages: today's runs, one run with its next stop, results, the sheet."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from delivery import bringing, over, paper, results, returns, runs
from delivery import views_phone as phone
from delivery.forms import FAILURES, DeliveredForm, FailedForm, PickupForm, PointForm, ResultForm, ReturnedForm
from delivery.halts import Recipient, RunView, StopView
from delivery.models import StopKind
from delivery.outcomes import OF_AGE, Actor
from delivery.points import dropping
from delivery.sheet import SheetFailed, qr_svg, render_pdf
from market.core import clock, codes, db, settings
from market.core.errors import MarketError, NotFound
from market.core.i18n import gettext
from market.web import access

bp = Blueprint("courier", __name__, url_prefix="/touren")
phone.answer_failures(bp)
bp.after_request(phone.not_stored)


def _actor() -> Actor:
    return Actor(current_user.id, said_at=phone.said_at())


def _load(code: str) -> RunView:
    with db.reading() as s:
        try:
            return runs.courier_run(s, code, current_user.id)
        except NotFound:
            raise over.why_gone(s, code, current_user.id) from None


def _told(code: str) -> RunView:
    """The run a result is about; over already, when the result was said before (and waited on the phone)."""
    with db.reading() as s:
        ended = runs.ended_run(s, code, _actor())
    return ended or _load(code)


def _stop(run: RunView, position: int, kind: StopKind | None = None) -> StopView:
    for stop in run.stops:
        if stop.position == position and kind in (None, stop.kind):
            return stop
    raise NotFound


def _recipient(stop: StopView, order_id: int) -> Recipient:
    for recipient in stop.recipients:
        if recipient.order_id == order_id:
            return recipient
    raise NotFound


@bp.get("/")
@access.roles("courier")
def overview() -> ResponseReturnValue:
    """Today's runs, and what is to come."""
    with db.reading() as s:
        mine = runs.courier_days(s, current_user.id)
    today = clock.today()
    return render_template(
        "delivery/runs.html",
        today=[run for run in mine if run.day == today],
        later=[run for run in mine if run.day > today],
    )


@bp.get("/<code>")
@access.roles("courier")
def run(code: str) -> ResponseReturnValue:
    """One run: the next stop first."""
    view = _load(code)
    return _page(view, view.next)


@bp.get("/<code>/halt/<int:position>")
@access.roles("courier")
def stop(code: str, position: int) -> ResponseReturnValue:
    """One stop: where the code on the paper leads."""
    view = _load(code)
    return _page(view, _stop(view, position))


def _page(
    view: RunView, shown: StopView | None, *, form: ResultForm | None = None, order_id: int | None = None
) -> ResponseReturnValue:
    """The run with one stop opened; `form` is one that was sent and refused, `order_id` whose it is."""
    pickup = form if isinstance(form, PickupForm) else PickupForm.of(shown.parcels) if shown else None
    return render_template(
        "delivery/run.html",
        run=view,
        shown=shown,
        pickup=pickup,
        refused=form,
        refused_order=order_id,
        failures=FAILURES,
        of_age={failure.value for failure in OF_AGE},
        ahead=returns.AHEAD,
        shop_closed=returns.SHOP_CLOSED,
        new_key=codes.key,
    ), (422 if form is not None and form.errors else 200)


@bp.post("/<code>/start")
@access.roles("courier")
def start(code: str) -> ResponseReturnValue:
    """Off we go."""
    results.start_run(code, _actor())
    return redirect(url_for(".run", code=code), 303)


@bp.post("/<code>/halt/<int:position>/abholen")
@access.roles("courier")
def pick_up(code: str, position: int) -> ResponseReturnValue:
    """At a shop."""
    if phone.repeated(current_user.id):
        return phone.applied(_("Gespeichert."))
    view = _told(code)
    shown = _stop(view, position, StopKind.PICKUP)
    form = PickupForm.of(shown.parcels)
    if form.validate_on_submit():
        result = form.result(shown.parcels)
        try:
            results.report_pickup(code, position, result, key=form.key.data, actor=_actor())
        except MarketError as error:
            phone.take_up(error)
            form.refuse(error)
        else:
            return _done(code, "")
    return phone.refused(form) if phone.asks() else _page(view, shown, form=form)


@bp.post("/<code>/halt/<int:position>/<int:order_id>/zugestellt")
@access.roles("courier")
def delivered(code: str, position: int, order_id: int) -> ResponseReturnValue:
    """At a door: handed over."""
    return _dropped(code, position, order_id, DeliveredForm(), _("%(name)s: zugestellt."))


@bp.post("/<code>/halt/<int:position>/<int:order_id>/nicht-zugestellt")
@access.roles("courier")
def failed(code: str, position: int, order_id: int) -> ResponseReturnValue:
    """At a door: not handed over."""
    form = FailedForm()
    return _dropped(
        code, position, order_id, form, _("%(name)s: nicht zugestellt, ist notiert. Wohin damit, steht hier.")
    )


def _dropped(
    code: str, position: int, order_id: int, form: DeliveredForm | FailedForm, done: str
) -> ResponseReturnValue:
    if phone.repeated(current_user.id):
        return phone.applied(_("Gespeichert."))
    view = _told(code)
    shown = _stop(view, position, StopKind.DROP)
    to = _recipient(shown, order_id)
    if form.validate_on_submit():
        try:
            results.report_drop(code, position, form.result(order_id), key=form.key.data, actor=_actor())
        except MarketError as error:
            phone.take_up(error)
            form.refuse(error)
        else:
            return _done(code, done % {"name": to.name})
    return phone.refused(form) if phone.asks() else _page(view, shown, form=form, order_id=order_id)


@bp.post("/<code>/halt/<int:position>/abholpunkt")
@access.roles("courier")
def left_at_point(code: str, position: int) -> ResponseReturnValue:
    """At a pick-up point: everything that is not settled yet is in the keeper's hands, or nobody was there."""
    form = PointForm()
    if phone.repeated(current_user.id):
        return phone.applied(_("Gespeichert."), _still_back(code, position, form))
    view = _told(code)
    shown = _stop(view, position, StopKind.DROP)
    if not shown.point:
        raise NotFound
    if form.validate_on_submit():
        orders, key = [to.order_id for to in shown.together], form.key.data
        try:
            if form.closed:
                dropping.report_closed(code, position, orders, key=key, actor=_actor())
            else:
                dropping.report_point(code, position, orders, form.proof(), key=key, actor=_actor())
        except MarketError as error:
            phone.take_up(error)
            form.refuse(error)
        else:
            said = (
                _("%(point)s: zu, ist notiert. Wohin damit, steht hier.") if form.closed else _("%(point)s: abgegeben.")
            )
            told = "" if form.closed else dropping.still_back(shown, form.meant)
            return _done(code, said % {"point": shown.point}, told)
    return phone.refused(form) if phone.asks() else _page(view, shown, form=form)


def _still_back(code: str, position: int, form: PointForm) -> str:
    """The same again when the answer was lost; nothing when the run is over meanwhile."""
    try:
        shown = _stop(_told(code), position, StopKind.DROP)
    except NotFound:
        return ""
    return dropping.still_back(shown, form.meant) if form.validate() and not form.closed else ""


@bp.post("/<code>/zurueck")
@access.roles("courier")
def returned(code: str) -> ResponseReturnValue:
    """What was not delivered is somewhere."""
    if phone.repeated(current_user.id):
        return phone.applied(_("Gespeichert."))
    _told(code)
    form = ReturnedForm()
    if not form.validate_on_submit():
        raise NotFound
    bringing.report_returned(code, form.parcel_ids(), form.place(), key=form.key.data, actor=_actor())
    return _done(code, _("Notiert: %(place)s.", place=gettext(form.place().label)))


def _done(code: str, message: str, told: str = "") -> ResponseReturnValue:
    """A result was applied: back to the run, or a word for the phone that sends what it kept."""
    if phone.asks():
        return phone.applied(message or _("Gespeichert."), told)
    if told:
        flash(told, "warning")
    elif message:
        flash(message, "success")
    return redirect(url_for(".run", code=code), 303)


@bp.post("/<code>/ende")
@access.roles("courier")
def finish(code: str) -> ResponseReturnValue:
    """Back again: the addresses are gone from the phone."""
    try:
        results.finish_run(code, _actor())
    except results.StopsOpen as error:
        flash(error.text, "error")
        return redirect(url_for(".run", code=code), 303)
    flash(_("Tour %(code)s ist beendet. Danke!", code=code), "success")
    return redirect(url_for(".overview"), 303)


@bp.get("/<code>/blatt.pdf")
@access.roles("courier")
def sheet_pdf(code: str) -> ResponseReturnValue:
    """The route sheet as PDF; the print page when typst cannot make one."""
    return pdf_of(_load(code), url_for(".sheet_page", code=code))


@bp.get("/<code>/blatt")
@access.roles("courier")
def sheet_page(code: str) -> ResponseReturnValue:
    """The route sheet as a page to print."""
    return sheets_page([_load(code)])


def pdf_of(view: RunView, fallback: str) -> ResponseReturnValue:
    """A run's sheet as a PDF answer, or a redirect to the page that prints the same."""
    with db.reading() as s:
        demo = bool(settings.get(s, "demo"))
    try:
        data = render_pdf(paper.sheet(view, current_app.config["MARKET"], demo=demo))
    except SheetFailed:
        current_app.logger.exception("route sheet")
        return redirect(fallback, 303)
    response = Response(data, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="tour-{view.code}.pdf"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def sheets_page(views: list[RunView]) -> ResponseReturnValue:
    """Sheets as one page to print, each run on paper of its own."""
    sheets = [paper.sheet(view, current_app.config["MARKET"]) for view in views]
    return render_template("print/route_sheets.html", sheets=sheets, qr_svg=qr_svg)
