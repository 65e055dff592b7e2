"""The market's own desk: its first page, and acting for a merchant."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from market.core import clock, db
from market.core.errors import NotFound
from market.directory.models import Merchant
from market.web import access
from merchants import caretaker, operator_desk, scope
from merchants import consent as helping
from merchants.forms.people import PhoneConsentForm
from merchants.views.blueprints import ACTING, desk_bp, helpers_only, here, office_bp, page_number, tried


@desk_bp.get("/")
@access.roles("caretaker", "operator", "editor")
def start() -> ResponseReturnValue:
    """What needs a hand today. Editors see their own pages only, no orders."""
    if not scope.HELPERS & current_user.roles:
        return render_template("merchants/desk_editor.html")
    with db.reading() as s:
        needed = caretaker.help_needed(s)
        jobs = operator_desk.dead_jobs(s) if "operator" in current_user.roles else []
    return render_template("merchants/desk.html", needed=needed, dead=len(jobs))


@desk_bp.get("/haendler")
@helpers_only
def merchants() -> ResponseReturnValue:
    """All merchants: look one up, act for it."""
    text = request.args.get("q", "")[:100]
    with db.reading() as s:
        found = caretaker.merchants(s, text=text, page=page_number())
    return render_template("merchants/merchant_list.html", list=found, query=text, pager_url=here())


@desk_bp.post("/haendler/<int:merchant_id>/vertreten")
@helpers_only
def act_for(merchant_id: int) -> ResponseReturnValue:
    """Sit down at a merchant's desk. Logged, and the merchant sees it."""
    try:
        return _sit_down(merchant_id)
    except helping.NotAllowed:
        return redirect(url_for(".consent", merchant_id=merchant_id), 303)


def _sit_down(merchant_id: int) -> ResponseReturnValue:
    name = scope.start_acting(current_user.id, current_user.roles, merchant_id)
    session[ACTING] = merchant_id
    flash(f"Sie arbeiten jetzt für {name}. Alles, was Sie tun, steht dort im Protokoll.", "info")
    return redirect(url_for("office.start"), 303)


@desk_bp.route("/haendler/<int:merchant_id>/erlaubnis", methods=["GET", "POST"])
@helpers_only
def consent(merchant_id: int) -> ResponseReturnValue:
    """The merchant has not consented: call it, and note who said yes."""
    with db.reading() as s:
        merchant = s.get(Merchant, merchant_id)
        given = helping.history(s, merchant_id)
    if merchant is None:
        raise NotFound
    form = PhoneConsentForm(data={"at": clock.local(clock.now())})

    def note() -> None:
        at = clock.at(form.at.data.date(), form.at.data.time())
        helping.note_call(merchant_id, given_by=form.given_by.data or "", at=at, by=current_user.id)

    if form.validate_on_submit() and tried(form, note):
        return _sit_down(merchant_id)
    allowed = bool(given) and given[0].revoked_at is None
    page = render_template("merchants/consent_ask.html", merchant=merchant, given=given, allowed=allowed, form=form)
    return page, 422 if form.errors else 200


@office_bp.post("/vertretung-beenden")
@helpers_only
def stop_acting() -> ResponseReturnValue:
    """Get up again."""
    merchant_id = session.pop(ACTING, None)
    if merchant_id is not None:
        scope.stop_acting(current_user.id, merchant_id)
        flash("Beendet.", "success")
    return redirect(url_for("desk.merchants"), 303)
