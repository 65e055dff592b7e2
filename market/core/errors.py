"""Failures we expect. Each carries a sentence the person in front of the screen understands.

MarketError            409  a rule of the market says no; shown, not logged
├── NotFound           404  no such thing, or not yours
├── Forbidden          403  you may not do this
├── BadInput           422  a field is wrong; `field` names it
└── TooManyRequests    429  come back later
Anything else is a bug: it stays an exception, is logged and shows the 500 page.
"""

from market.core.i18n import N_, gettext


class MarketError(Exception):
    """Base of every expected failure. `message` is a German sentence with `{details}`; `status` an HTTP status."""

    status = 409
    message = N_("Das geht gerade nicht.")

    def __init__(self, message: str | None = None, *, field: str | None = None, **details: object) -> None:
        self.template = message or self.message
        self.field = field
        self.details = details
        super().__init__(self.text)

    @property
    def text(self) -> str:
        """The sentence in the reader's language, details filled in."""
        return gettext(self.template).format(**self.details)


class NotFound(MarketError):
    """The thing does not exist, or the asker must not know that it does."""

    status = 404
    message = N_("Das haben wir nicht gefunden.")


class Forbidden(MarketError):
    """The asker is known, and may not."""

    status = 403
    message = N_("Dafür fehlt Ihnen die Berechtigung.")


class BadInput(MarketError):
    """What was entered cannot be used; `field` names the form field."""

    status = 422
    message = N_("Bitte prüfen Sie Ihre Eingabe.")


class TooManyRequests(MarketError):
    """A rate limit was reached."""

    status = 429
    message = N_("Das waren zu viele Versuche. Bitte warten Sie {minutes} Minuten und versuchen Sie es dann erneut.")
