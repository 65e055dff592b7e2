"""The merchant says whether the market's helpers may act for it."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from market.core import db
from market.core.errors import NotFound
from market.web import access
from merchants import consent
from merchants.views.blueprints import desk, in_office, office_bp


@office_bp.get("/hilfe")
@in_office
def help_from_the_market() -> ResponseReturnValue:
    """Whether helpers may act here, and what was said before."""
    with db.reading() as s:
        given = consent.history(s, desk().merchant_id)
    allowed = bool(given) and given[0].revoked_at is None
    return render_template("merchants/help.html", given=given, allowed=allowed)


def _own_desk() -> int:
    """Only the merchant's own people decide; a helper at its desk does not."""
    if desk().acting:
        raise NotFound
    return desk().user_id


@office_bp.post("/hilfe/erlauben")
@access.roles("merchant")
def allow_help() -> ResponseReturnValue:
    """Yes."""
    consent.allow(desk().merchant_id, by=_own_desk())
    flash("Erlaubt. Jeder Schritt steht in Ihrem Protokoll.", "success")
    return redirect(url_for(".help_from_the_market"), 303)


@office_bp.post("/hilfe/zuruecknehmen")
@access.roles("merchant")
def revoke_help() -> ResponseReturnValue:
    """Not any more."""
    consent.revoke(desk().merchant_id, by=_own_desk())
    flash("Zurückgenommen. Ab jetzt arbeitet hier niemand außer Ihnen.", "success")
    return redirect(url_for(".help_from_the_market"), 303)
