"""The base of every form: WTForms at the edge, CSRF in one place, German messages."""

import re
from typing import Any

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import Email as EmailShape
from wtforms.validators import InputRequired, Optional, StopValidation, ValidationError

from market.core.errors import MarketError
from market.core.i18n import N_, gettext


def stripped(value: str | None) -> str | None:
    """Field filter: no blanks around, no control characters, one blank between words."""
    return None if value is None else " ".join("".join(c for c in value if c.isprintable() or c.isspace()).split())


class MarketForm(FlaskForm):
    """Every form of the market. `refuse` puts a use case's MarketError beside the field it names."""

    class Meta(FlaskForm.Meta):
        locales = ("de",)

    def refuse(self, error: MarketError, default: str | None = None) -> None:
        """Show an expected failure at its field (or at `default`, or as a message for the whole form)."""
        name = error.field or default
        field = self._fields.get(name) if name else None
        if field is None:
            self.form_errors.append(error.text)
        else:
            field.errors = [*field.errors, error.text]


class TextLine(StringField):
    """One line of text, stripped."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, filters=[stripped], **kwargs)


class Required(InputRequired):
    """Something must be there, and blanks are nothing."""

    def __call__(self, form: Any, field: Any) -> None:
        """Raise StopValidation when the field is empty; what could not be read has its own sentence already."""
        super().__call__(form, field)
        blank = isinstance(field.data, str) and not field.data.strip()
        if (blank or field.data is None) and not field.process_errors:
            raise StopValidation(self.message)


PHONE = re.compile(r"\+?[\d\s()/.-]+")
LEAST_DIGITS, MOST_DIGITS = 4, 20


class PhoneNumber:
    """A number one can dial: digits, with the usual signs between them. Nothing is nothing, and that is fine."""

    message = N_("Das ist keine Telefonnummer. Beispiel: 03441 212345")

    def __call__(self, _form: Any, field: Any) -> None:
        """Raise ValidationError for letters, and for too few or too many digits."""
        text = field.data or ""
        if text and not (PHONE.fullmatch(text) and LEAST_DIGITS <= sum(map(str.isdigit, text)) <= MOST_DIGITS):
            raise ValidationError(gettext(self.message))


class Email(EmailShape):
    """A mail address we can write to: plain letters before the @ (few mail servers take others, and a header would
    read "=?utf-8?q?...?=" as the encoded name of somebody else). The domain may have umlauts."""

    plain = N_("Vor dem @ gehen keine Umlaute und keine andere Schrift. Bitte prüfen Sie die Schreibweise.")

    def __call__(self, form: Any, field: Any) -> None:
        """Raise ValidationError."""
        super().__call__(form, field)
        name = (field.data or "").rpartition("@")[0]
        if not name.isascii() or "=?" in name:
            raise ValidationError(gettext(self.plain))


class NoWebAddress:
    """A name is no advertisement: we write it into mails to addresses that somebody else may have typed."""

    message = N_("Bitte geben Sie hier keine Internetadresse an.")
    pattern = re.compile(r"://|\bwww\.", re.IGNORECASE)

    def __call__(self, _form: Any, field: Any) -> None:
        """Raise ValidationError for a link."""
        if self.pattern.search(field.data or ""):
            raise ValidationError(gettext(self.message))


def required(message: Any) -> InputRequired:
    """A field that must be filled; the sentence says with what."""
    return Required(message=message)


optional = Optional
