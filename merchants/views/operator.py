"""Money's state and its switch, jobs that failed for good, the audit log."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from market.core import db
from merchants import operator_desk, shop_desk
from merchants.views.blueprints import desk_bp, operator_only, page_number


@desk_bp.get("/zahlungen")
@operator_only
def money() -> ResponseReturnValue:
    """How payments, refunds and transfers stand."""
    with db.reading() as s:
        state = operator_desk.money_state(s, check="pruefen" in request.args)
    return render_template("merchants/money.html", state=state)


@desk_bp.post("/zahlungen/online/<any(an, aus):value>")
@operator_only
def switch_online(value: str) -> ResponseReturnValue:
    """Online payment on or off."""
    operator_desk.switch_online_payment(on=value == "an", by=current_user.id)
    flash(
        "Online zahlen ist jetzt eingeschaltet." if value == "an" else "Online zahlen ist jetzt ausgeschaltet.",
        "success",
    )
    return redirect(url_for(".money"), 303)


@desk_bp.post("/zahlungen/erstattung/<int:refund_id>/wiederholen")
@operator_only
def retry_refund(refund_id: int) -> ResponseReturnValue:
    """Send a failed refund, or its taking back from the merchant, once more."""
    operator_desk.try_refund_again(refund_id, by=current_user.id)
    flash("Die Erstattung wird noch einmal beauftragt.", "success")
    return redirect(url_for(".money"), 303)


@desk_bp.post("/zahlungen/auszahlung/<int:transfer_id>/wiederholen")
@operator_only
def retry_transfer(transfer_id: int) -> ResponseReturnValue:
    """Send a refused transfer once more."""
    operator_desk.try_transfer_again(transfer_id, by=current_user.id)
    flash("Die Auszahlung wird noch einmal beauftragt.", "success")
    return redirect(url_for(".money"), 303)


@desk_bp.get("/auftraege")
@operator_only
def jobs() -> ResponseReturnValue:
    """Jobs that failed for good."""
    with db.reading() as s:
        dead = operator_desk.dead_jobs(s)
        waiting, failing = operator_desk.waiting_jobs(s)
    return render_template("merchants/jobs.html", dead=dead, waiting=waiting, failing=failing)


@desk_bp.post("/auftraege/<int:row_id>/wiederholen")
@operator_only
def retry_job(row_id: int) -> ResponseReturnValue:
    """Try again."""
    operator_desk.retry_job(row_id, by=current_user.id)
    flash("Wird gleich noch einmal versucht.", "success")
    return redirect(url_for(".jobs"), 303)


@desk_bp.post("/auftraege/<int:row_id>/verwerfen")
@operator_only
def discard_job(row_id: int) -> ResponseReturnValue:
    """Give it up."""
    operator_desk.discard_job(row_id, by=current_user.id)
    flash("Verworfen. Der Eintrag bleibt im Protokoll.", "success")
    return redirect(url_for(".jobs"), 303)


@desk_bp.get("/protokoll")
@operator_only
def log() -> ResponseReturnValue:
    """What staff did, in the whole market."""
    with db.reading() as s:
        found = shop_desk.log(s, page=page_number())
    return render_template("merchants/desk_log.html", log=found)
