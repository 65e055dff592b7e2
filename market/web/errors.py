"""The one error handler: expected failures as a sentence, bugs as the 500 page, both as a fragment for htmx."""

import logging

from flask import Flask, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from market.core.errors import MarketError
from market.core.i18n import N_, gettext

log = logging.getLogger("market.web")

_PAGES = {403: "errors/403.html", 404: "errors/404.html", 429: "errors/429.html"}


TOO_LARGE = N_(
    "Die Datei ist zu groß: höchstens 24 MB. Bitte gehen Sie im Browser einen Schritt zurück, dann steht noch alles "
    "da, was Sie eingegeben haben, und wählen Sie ein kleineres Foto."
)
TOO_LONG = N_("Das ist zu viel Text auf einmal. Bitte gehen Sie im Browser einen Schritt zurück und kürzen Sie ihn.")


def is_htmx() -> bool:
    """Whether htmx asks for a fragment."""
    return request.headers.get("HX-Request") == "true"


def on_market_error(error: MarketError) -> ResponseReturnValue:
    """A rule of the market said no."""
    if is_htmx():
        response = make_response(render_template("errors/fragment.html", message=error.text), error.status)
        response.headers["HX-Retarget"] = "#messages"
        response.headers["HX-Reswap"] = "innerHTML"
        return response
    page = _PAGES.get(error.status, "errors/market.html")
    return render_template(page, message=error.text), error.status, _headers(error)


def _headers(error: MarketError) -> dict[str, str]:
    minutes = error.details.get("minutes")
    return {"Retry-After": f"{minutes * 60}"} if error.status == 429 and isinstance(minutes, int) else {}


def on_http_error(error: HTTPException) -> ResponseReturnValue:
    """404, 403, 405, 413 and the like."""
    code = error.code or 500
    if code in (301, 302, 303, 304, 307, 308):
        return error.get_response()
    headers = [(name, value) for name, value in error.get_headers() if name not in ("Content-Type", "Content-Length")]
    too_large = TOO_LARGE if request.mimetype == "multipart/form-data" else TOO_LONG
    message = gettext(too_large) if code == 413 else None
    return render_template(_PAGES.get(code, "errors/market.html"), message=message), code, headers


def on_csrf_error(error: CSRFError) -> ResponseReturnValue:
    """The form's token is missing, old or forged."""
    return render_template("errors/csrf.html", message=str(error.description)), 400


def on_bug(error: Exception) -> ResponseReturnValue:
    """Everything else is ours to mend."""
    log.error("bug", exc_info=error)
    if current_app.testing:
        raise error
    if is_htmx():
        return render_template("errors/fragment.html", message=None), 500
    return render_template("errors/500.html"), 500


def register(app: Flask) -> None:
    """Install the handlers."""
    app.register_error_handler(MarketError, on_market_error)
    app.register_error_handler(CSRFError, on_csrf_error)
    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(Exception, on_bug)
