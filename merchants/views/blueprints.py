"""The two desks' blueprints, and who sits at the merchant's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, flash, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from market.core import db
from market.core.errors import BadInput, MarketError
from market.web import access
from market.web.forms import MarketForm
from merchants import consent, scope
from merchants.scope import Desk

office_bp = Blueprint("office", __name__, url_prefix="/haendler")
desk_bp = Blueprint("desk", __name__, url_prefix="/betrieb")

in_office = access.roles("merchant", "caretaker", "operator")
helpers_only = access.roles("caretaker", "operator")
operator_only = access.roles("operator")

ACTING = "acting_for"
CHOSEN = "merchant_id"


@office_bp.before_request
def sit_down() -> ResponseReturnValue | None:
    """Before every page of the back office: whose desk is it? Helpers choose a merchant first."""
    try:
        with db.reading() as s:
            found = scope.open_desk(
                s, current_user.id, current_user.roles, own=session.get(CHOSEN), acting_for=session.get(ACTING)
            )
    except consent.NotAllowed as refusal:  # taken back while somebody was working there
        session.pop(ACTING, None)
        return redirect(url_for("desk.consent", merchant_id=refusal.merchant_id), 303)
    if found is None:
        flash("Bitte wählen Sie zuerst ein Geschäft, für das Sie arbeiten möchten.", "info")
        return redirect(url_for("desk.merchants"), 303)
    g.desk = found
    return None


@office_bp.context_processor
def who_sits_here() -> dict[str, Any]:
    """Every page of the back office names its merchant; an error page may come before anybody sat down."""
    return {"desk": g.get("desk")}


def desk() -> Desk:
    """The desk of this request."""
    found: Desk = g.desk
    return found


def tried(form: MarketForm, step: Callable[[], object], *, field: str | None = None, **also: type[MarketError]) -> bool:
    """Run a use case. A wrong input goes beside its field (or `field`); errors in `also` (field=Error) beside theirs.

    Everything else is the one handler's business.
    """
    try:
        step()
    except BadInput as error:
        form.refuse(error, field)
        return False
    except tuple(also.values()) as error:
        form.refuse(error, next(name for name, kind in also.items() if isinstance(error, kind)))
        return False
    return True


def page_number() -> int:
    """?seite=3; anything else is the first page."""
    text = request.args.get("seite", "")
    return int(text) if text.isdecimal() and len(text) < 7 else 1


def number_in(name: str) -> int | None:
    """A whole number from the address, or None."""
    text = request.args.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def day_in(name: str) -> date | None:
    """A day from the address (2026-11-26), or None."""
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def here(page: str = "{page}") -> str:
    """This address with another page number, for the pager."""
    kept = [(key, value) for key, value in request.args.items() if key != "seite"]
    return f"{request.path}?{urlencode([*kept, ('seite', '')])}{page}"
