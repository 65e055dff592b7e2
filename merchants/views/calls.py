"""The call list: notices for shoppers without mail, to be read out or posted."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from market.core import db
from merchants import caretaker
from merchants.views.blueprints import desk_bp, helpers_only, here, page_number


@desk_bp.get("/anrufe")
@helpers_only
def calls() -> ResponseReturnValue:
    """Open ones, oldest first; ?stand=erledigt shows the done ones."""
    done = request.args.get("stand") == "erledigt"
    with db.reading() as s:
        found = caretaker.call_list(s, done=done, page=page_number())
    return render_template("merchants/calls.html", list=found, done=done, pager_url=here())


@desk_bp.get("/anrufe/<int:call_id>")
@helpers_only
def call(call_id: int) -> ResponseReturnValue:
    """One call: the text to read out, the number to dial."""
    with db.reading() as s:
        found = caretaker.call(s, call_id)
    return render_template("merchants/call.html", call=found)


@desk_bp.get("/anrufe/<int:call_id>/brief")
@helpers_only
def letter(call_id: int) -> ResponseReturnValue:
    """The same as a letter on paper."""
    with db.reading() as s:
        found = caretaker.call(s, call_id)
    return render_template("merchants/letter.html", call=found)


@desk_bp.post("/anrufe/<int:call_id>/erledigt")
@helpers_only
def call_done(call_id: int) -> ResponseReturnValue:
    """Called, or posted."""
    caretaker.done(call_id, by=current_user.id)
    flash("Erledigt.", "success")
    return redirect(url_for(".calls"), 303)
