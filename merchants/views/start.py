"""The market's own desk: its first page, and acting for a merchant."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from market.core import db
from market.web import access
from merchants import caretaker, operator_desk, scope
from merchants.views.blueprints import ACTING, desk_bp, helpers_only, here, office_bp, page_number


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
    name = scope.start_acting(current_user.id, current_user.roles, merchant_id)
    session[ACTING] = merchant_id
    flash(f"Sie arbeiten jetzt für {name}. Alles, was Sie tun, steht dort im Protokoll.", "info")
    return redirect(url_for("office.start"), 303)


@office_bp.post("/vertretung-beenden")
@helpers_only
def stop_acting() -> ResponseReturnValue:
    """Get up again."""
    merchant_id = session.pop(ACTING, None)
    if merchant_id is not None:
        scope.stop_acting(current_user.id, merchant_id)
        flash("Beendet.", "success")
    return redirect(url_for("desk.merchants"), 303)
