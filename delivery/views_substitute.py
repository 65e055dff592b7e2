"""What somebody with a day link sees first: whose run it opens, and a button that opens it."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Response, current_app, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user

from delivery import substitutes
from market.web import access, limits
from market.web.account import Account
from market.web.forms import MarketForm

bp = Blueprint("substitute", __name__, url_prefix="/vertretung")
TRIES, MINUTES = 30, 10


@bp.after_request
def _keep_secret(response: Response) -> Response:
    """The address is the key: no cache keeps it, and no page it leads to is told where somebody came from."""
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "origin"
    return response


def _count() -> None:
    """Nobody guesses links: so many openings from one address, then a pause."""
    limits.limit("run-link", limits.client_address(), times=TRIES, minutes=MINUTES)


@bp.get("/<token>")
@access.public
def show(token: str) -> ResponseReturnValue:
    """Which run it is. Nothing happens yet: messengers open links to show a picture of them."""
    _count()
    found = substitutes.look(token, str(current_app.secret_key))
    return _page(token, found)


def _page(token: str, found: substitutes.Found) -> ResponseReturnValue:
    return render_template("delivery/substitute.html", token=token, found=found, other=current_user.name)


@bp.post("/<token>")
@access.public
def open_run(token: str) -> ResponseReturnValue:
    """Open the run on this phone, until the end of the day."""
    _count()
    if not MarketForm().validate_on_submit():
        return redirect(url_for(".show", token=token), 303)
    found = substitutes.enter(token, str(current_app.secret_key))
    session.clear()
    load = current_app.login_manager._user_callback  # type: ignore[attr-defined]  # noqa: SLF001 - Flask-Login's loader
    login_user(cast("Account", load(found.session_key)))
    session["_remember"] = "clear"  # a remembered sign-in of somebody else ends here
    return redirect(url_for("courier.run", code=found.run), 303)
