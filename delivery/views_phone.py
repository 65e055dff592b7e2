"""The courier's phone when the network is away: its service worker, what makes the page an app, and short answers.

static/js/courier.js keeps results that could not be sent and sends them again with `Accept: application/json`; the key
of each result makes it count once (`results.once`). What is refused comes back with a sentence and with what to do.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from flask import Blueprint, Response, current_app, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError

from delivery import results
from delivery.contradictions import SaidOtherwise
from delivery.over import RunOver
from market.core import clock
from market.core.errors import MarketError
from market.web import access, errors
from market.web.forms import MarketForm

bp = Blueprint("phone", __name__)
SCOPE = "/touren/"
_WORKER = Path(__file__).resolve().parents[1] / "static" / "js" / "touren-worker.js"


@bp.get("/sw.js")
@access.public
def service_worker() -> ResponseReturnValue:
    """The service worker, at the root so that it may look after /touren/; registered for that and nothing more."""
    response = Response(_WORKER.read_text(encoding="utf-8"), mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response


@bp.get("/touren.webmanifest")
@access.public
def manifest() -> ResponseReturnValue:
    """What a phone needs to put the courier's page on its home screen."""
    name = current_app.config["MARKET"].region.market_name
    answer = jsonify(
        name=_("%(market)s: Touren", market=name),
        short_name=_("Touren"),
        lang="de",
        id=SCOPE,
        start_url=SCOPE,
        scope=SCOPE,
        display="standalone",
        background_color="#fbf7ef",
        theme_color="#7b1e3a",
        icons=[_icon(file, purpose) for file, purpose in ICONS],
    )
    answer.mimetype = "application/manifest+json"
    answer.headers["Cache-Control"] = "no-cache"
    return answer


ICONS = (("touren-192.png", "any"), ("touren-512.png", "any"), ("touren-maskable-512.png", "maskable"))


def _icon(file: str, purpose: str) -> dict[str, str]:
    size = file.removesuffix(".png").rpartition("-")[2]
    address = url_for("static", filename=f"app/{file}")
    return {"src": address, "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}


def not_stored(response: Response) -> Response:
    """After every request of these pages: addresses stay in no cache but the one our own worker empties."""
    response.headers.setdefault("Cache-Control", "private, no-store")
    return response


# ------------------------------------------------------------------------------------------------- short answers


def asks() -> bool:
    """Whether the page's script asks, not the browser."""
    return request.accept_mimetypes.best == "application/json"


def said_at() -> datetime | None:
    """When it was pressed, by the phone that sends it now: it says how many seconds ago, so its clock may be wrong."""
    ago = request.form.get("ago", "") if asks() else ""
    return clock.now() - timedelta(seconds=int(ago)) if ago.isdecimal() and len(ago) < 7 else None


def repeated(courier_id: int) -> bool:
    """The script sends a result again that has arrived before: nothing is left to do, even if the run is over."""
    return asks() and results.known(request.form.get("key", ""), courier_id)


def applied(message: str, told: str = "") -> ResponseReturnValue:
    """It counts (once); `told` is what the courier has to know beside that."""
    return jsonify(message=message, told=told)


def refused(form: MarketForm) -> ResponseReturnValue:
    """It does not count: the sentences of the form, and what to do."""
    said = [str(text) for texts in form.errors.values() for text in texts]
    return _no(" ".join(dict.fromkeys(said)), _("Halt öffnen und noch einmal eintragen."), 422)


def take_up(error: MarketError) -> None:
    """Nothing a form could mend: the script hears it as what it is (`answer_failures`)."""
    if asks() and isinstance(error, SaidOtherwise):
        raise error


def _no(message: str, todo: str, status: int) -> ResponseReturnValue:
    return jsonify(message=message, todo=todo), status


def answer_failures(courier: Blueprint) -> None:
    """Let the courier's pages answer the script with sentences instead of pages."""

    def on_market_error(error: MarketError) -> ResponseReturnValue:
        if not asks() and isinstance(error, RunOver):
            return render_template("delivery/over.html", over=error.over), error.status
        if not asks():
            return errors.on_market_error(error)
        if isinstance(error, SaidOtherwise):
            return _no(error.text, _("Sonst verwerfen."), error.status)
        if error.status != 404:
            return _no(error.text, _("Seite neu laden; wenn es dabei bleibt, im Büro anrufen."), error.status)
        gone = _("Diese Tour oder diesen Halt gibt es so nicht mehr: neu geplant, beendet oder von gestern.")
        return _no(gone, _("Das Ergebnis bitte dem Büro sagen."), 404)

    def on_csrf_error(error: CSRFError) -> ResponseReturnValue:
        if not asks():
            return errors.on_csrf_error(error)
        return _no(_("Die Anmeldung ist abgelaufen."), _("Bitte anmelden; nichts ist verloren."), 401)

    courier.register_error_handler(MarketError, on_market_error)
    courier.register_error_handler(CSRFError, on_csrf_error)
