"""What every page gets: the demo ribbon, the banner while ordering is off, footer and staff navigation."""

from collections.abc import Callable, Sequence
from typing import TypeVar, cast

from flask import current_app
from flask_login import current_user

from market.core import clock, db, settings
from market.core.config import Config
from market.core.i18n import N_, gettext
from market.directory import legal_check

FOOTER = (
    ("/impressum", N_("Impressum")),
    ("/datenschutz", N_("Datenschutz")),
    ("/agb", N_("AGB")),
    ("/widerrufsbelehrung", N_("Widerrufsbelehrung")),
    ("/lieferung-und-zahlung", N_("Lieferung und Zahlung")),
    ("/gewaehrleistung", N_("Gewährleistung")),
    ("/so-sortieren-wir", N_("So sortieren wir")),
    ("/barrierefreiheit", N_("Barrierefreiheit")),
    ("/jugendschutz", N_("Jugendschutz")),
    ("/kontaktstellen", N_("Kontaktstellen")),
)
FRESH_S = 60.0

StaffNav = Sequence[tuple[str, str, frozenset[str]]]
T = TypeVar("T")
_cache: dict[str, tuple[float, object]] = {}


def remembered(key: str, ask: Callable[[], T]) -> T:
    """Ask at most once a minute and process: facts that change by hand, shown on every page."""
    now = clock.now().timestamp()
    held = _cache.get(key)
    if held is None or not 0 <= now - held[0] < FRESH_S:
        held = _cache[key] = (now, ask())
    return cast("T", held[1])


def forget() -> None:
    """Drop what was remembered (tests, and after the operator changed something in this process)."""
    _cache.clear()


def demo() -> bool:
    """Whether the database holds the demo town."""

    def ask() -> object:
        with db.reading() as s:
            return settings.get(s, "demo")

    return bool(remembered("demo", ask))


def ordering_off() -> str | None:
    """Why nothing can be ordered; None when it can."""
    config: Config = current_app.config["MARKET"]
    if not config.production:
        return None

    def ask() -> object:
        with db.reading() as s:
            return legal_check.failures(s, config)

    if not remembered("legal", ask):
        return None
    return gettext(N_("Bestellen ist noch nicht möglich: Der Markt bereitet seine Eröffnung vor."))


def footer_links() -> list[tuple[str, str]]:
    """Address and label of every page law wants within reach."""
    return [(url, gettext(label)) for url, label in FOOTER]


def staff_nav(table: StaffNav) -> Callable[[], list[tuple[str, str]]]:
    """The entries of wsgi.py's STAFF_NAV that the signed-in person may open."""

    def entries() -> list[tuple[str, str]]:
        held = current_user.roles
        return [(url, gettext(label)) for url, label, roles in table if roles & held] if held else []

    return entries
