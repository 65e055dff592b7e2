"""Form fields that more than one desk uses: a date, a web address, facts line by line."""

from __future__ import annotations

import re

from flask_babel import lazy_gettext as _l
from wtforms import DateField, TextAreaField
from wtforms.validators import Length, Regexp

from market.web.forms import TextLine, optional, stripped

DATE = _l("Bitte tragen Sie ein Datum ein, zum Beispiel 14.11.2026.")
# Each label ends at its dot: no second way to read a long wrong one, which would take minutes (and hold up everybody).
WEB_ADDRESS = r"https?://[^\s/@:.?#]+(?:\.[^\s/@:.?#]+)+(?::\d{1,5})?(?:[/?#]\S*)?"
MOST_FACTS, LONGEST_FACT = 10, 120


class GermanDate(DateField):
    """A date as browsers send it or as people type it."""

    def __init__(self, label: object = None, validators: object = None, **kwargs: object) -> None:
        super().__init__(label, validators, format=["%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y"], **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Our sentence instead of the library's."""
        try:
            super().process_formdata([value.strip() for value in valuelist])
        except ValueError:
            raise ValueError(str(DATE)) from None


class WebAddress(TextLine):
    """The address of a web site; "www.laden.de" gets its https. Nothing but http and https ever becomes a link."""

    def __init__(self, label: object = None, **kwargs: object) -> None:
        wrong = _l("Das ist keine Internetadresse. Sie sieht zum Beispiel so aus: www.laden.de")
        super().__init__(label, [optional(), Regexp(f"^{WEB_ADDRESS}$", message=wrong), Length(max=200)], **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        """What was typed, with its scheme."""
        super().process_formdata([_with_scheme(stripped(value) or "") for value in valuelist])


def _with_scheme(value: str) -> str:
    return f"https://{value}" if "." in value and not re.match(r"[a-z]+:", value, re.IGNORECASE) else value


class FactLines(TextAreaField):
    """A list of short facts, one a line. `data` is a list of texts."""

    def _value(self) -> str:
        return "\n".join(self.data or [])

    def process_formdata(self, valuelist: list[str]) -> None:
        """Blank lines do not count. Raises ValueError for too many or too long ones."""
        lines = [stripped(line) or "" for line in "\n".join(valuelist).splitlines()]
        self.data = [line for line in lines if line]
        if len(self.data) > MOST_FACTS:
            raise ValueError(str(_l("Höchstens %(number)d Angaben, bitte.", number=MOST_FACTS)))
        if any(len(line) > LONGEST_FACT for line in self.data):
            raise ValueError(str(_l("Eine Angabe ist länger als %(number)d Zeichen.", number=LONGEST_FACT)))
