"""Everything Flask needs around the rooms: cookies, CSRF, login, filters, headers, log and errors."""

import hashlib
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, request
from flask_babel import Babel
from flask_login import LoginManager
from flask_wtf import CSRFProtect
from jinja2.nodes import EvalContext
from jinja2.utils import pass_eval_context
from markupsafe import Markup
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from market.core import i18n
from market.core.config import Config
from market.core.formats import FILTERS
from market.web import access, errors, headers, logs
from market.web.account import Account, Guest

MAX_UPLOAD = 24 * 1024 * 1024
"""A 48-megapixel phone photo passes; errors.py says the figure to people."""
MAX_FORM = 500_000
"""Bytes of a form without files (the stock table's 600 fields take a tenth), and of a text field in one with files.
12 MB of "a&a&a" kept the process busy for 20 seconds and took half a gigabyte."""
STAFF_PATHS = ("/haendler", "/betrieb", "/touren")
csrf = CSRFProtect()


class RowId(IntegerConverter):
    """`<int:...>` in addresses is a row's id: numbers no column can hold are a 404 and not a database error."""

    def __init__(self, url_map: Map, fixed_digits: int = 0, *, max: int = 2_147_483_647) -> None:  # noqa: A002
        super().__init__(url_map, fixed_digits, max=max)


def payment_origin(config: Config) -> str:
    """Where the hosted payment page lives: Stripe's, or our sandbox on this machine."""
    if not config.sandbox:
        return "https://checkout.stripe.com"
    return f"http://{urlsplit(config.public_url).hostname}:{config.sandbox_port}"


def configure(app: Flask, config: Config, load_account: Callable[[str], Account | None]) -> None:
    """Install everything the rooms' views lean on."""
    https = config.public_url.startswith("https://")
    app.config.update(
        SECRET_KEY=config.secret_key,
        MARKET=config,
        PAYMENT_ORIGIN=payment_origin(config),
        SESSION_COOKIE_NAME="__Host-market" if https else "market",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=https,
        PERMANENT_SESSION_LIFETIME=timedelta(days=60),
        REMEMBER_COOKIE_NAME="__Host-market-remember" if https else "market-remember",
        REMEMBER_COOKIE_DURATION=timedelta(days=60),
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SECURE=https,
        REMEMBER_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,  # a slow shopper's form and a courier's queue must not run out
        MAX_CONTENT_LENGTH=MAX_UPLOAD,
        MAX_FORM_MEMORY_SIZE=MAX_FORM,
        BABEL_DEFAULT_LOCALE="de",
        BABEL_DEFAULT_TIMEZONE="Europe/Berlin",
        BABEL_TRANSLATION_DIRECTORIES=str(Path(app.root_path) / "translations"),
        TESTING=config.testing,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # Flask's default provider has it
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False  # the redirect would name the host as the request calls it
    app.url_map.converters["int"] = RowId
    if config.trusted_proxies:
        n = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=0)  # type: ignore[method-assign]
    app.before_request(logs.start)  # before CSRF, which may end a request
    app.before_request(_bound_body)  # before CSRF, which reads the form
    csrf.init_app(app)
    Babel(app)
    _login(app, load_account)
    _templates(app, config)
    app.before_request(access.guard)
    app.after_request(headers.add)
    app.after_request(logs.finish)
    errors.register(app)


def _bound_body() -> None:
    """Only a form with files may be long. (MAX_FORM_MEMORY_SIZE does not count urlencoded forms.)"""
    if request.mimetype != "multipart/form-data":
        request.max_content_length = min(MAX_FORM, current_app.config["MAX_CONTENT_LENGTH"])


@lru_cache(4096)
def _sentence(text: str) -> Markup:
    return Markup(i18n.gettext(text)) % {}  # noqa: S704 - texts of templates and catalogues are ours


@pass_eval_context
def translated(context: EvalContext, text: str, /, **values: object) -> str:
    """Templates' `_("Seite %(n)s", n=2)`: the text with its values, escaped where templates escape.

    Jinja's own does the same, but makes every plain word of a page anew: 50 words, a fifteenth of the page's cost.
    """
    if not context.autoescape:
        return i18n.gettext(text) % values
    return Markup(i18n.gettext(text)) % values if values else _sentence(text)  # noqa: S704 - as above; values are escaped


def _login(app: Flask, load_account: Callable[[str], Account | None]) -> None:
    manager = LoginManager(app)
    manager.anonymous_user = Guest
    manager.session_protection = "basic"
    manager.user_loader(load_account)


def _templates(app: Flask, config: Config) -> None:
    app.jinja_env.filters.update(FILTERS)
    # German is the source: templates look texts up like everybody else, without asking for a locale at every word.
    app.jinja_env.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True)  # type: ignore[attr-defined]  # by the i18n extension
    app.jinja_env.globals["_"] = translated
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(region=config.region, market_name=config.region.market_name, sandbox=config.sandbox)

    @lru_cache(maxsize=512)
    def asset(filename: str) -> str:
        """The address of a file in static/, with its version: it may be kept for a year."""
        version = hashlib.sha256((Path(app.static_folder or "") / filename).read_bytes()).hexdigest()[:12]
        return f"{app.static_url_path}/{filename}?v={version}"

    app.jinja_env.globals["asset"] = asset


def base_context(
    app: Flask, sources: Mapping[str, Callable[[], Any]], *, shoppers_only: Collection[str] = frozenset()
) -> None:
    """What every page gets from the rooms, by name: wsgi.py's table of context functions.

    `shoppers_only` names what staff pages do not show and therefore do not ask the database for.
    """

    @app.context_processor
    def context() -> dict[str, Any]:
        left_out = shoppers_only if request.path.startswith(STAFF_PATHS) else ()
        return {name: source() for name, source in sources.items() if name not in left_out}
