"""Who may act for a merchant."""

from flask_babel import lazy_gettext as _l
from wtforms import DateTimeLocalField
from wtforms.validators import Length

from market.web.forms import MarketForm, TextLine, required

WHEN = _l("Bitte geben Sie Tag und Uhrzeit an, zum Beispiel 26.11.2026, 10:30.")


class DayAndTime(DateTimeLocalField):
    """A local day and time; nonsense gets our own sentence."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read it."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(str(WHEN)) from None


class PhoneConsentForm(MarketForm):
    """What somebody of the merchant said on the phone."""

    given_by = TextLine(
        _l("Wer hat zugestimmt?"),
        validators=[
            required(_l("Bitte geben Sie den Namen der Person an, die zugestimmt hat.")),
            Length(max=120, message=_l("Höchstens 120 Zeichen.")),
        ],
        description=_l("Vor- und Nachname der Person am Telefon"),
    )
    at = DayAndTime(
        _l("Wann war das Gespräch?"),
        format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        validators=[required(WHEN)],
    )
