"""Forms of signing in and keeping an account."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, HiddenField, PasswordField, SubmitField
from wtforms.validators import EqualTo, Length, Regexp

from market.people.accounts import MIN_PASSWORD
from market.web.forms import Email, MarketForm, NoWebAddress, PhoneNumber, TextLine, optional, required

_EMAIL = [
    required(_l("Bitte geben Sie Ihre E-Mail-Adresse ein.")),
    Length(max=254, message=_l("Diese E-Mail-Adresse ist zu lang.")),
    Email(message=_l("Das ist keine vollständige E-Mail-Adresse. Bitte so: name@beispiel.de")),
]
_SECRET_HINT = _l("Mindestens %(length)d Zeichen. Ein ganzer Satz ist gut zu merken.", length=MIN_PASSWORD)


def _new_password(label: object) -> PasswordField:
    return PasswordField(
        label,
        [
            required(_l("Bitte wählen Sie ein Passwort.")),
            Length(
                min=MIN_PASSWORD,
                max=200,
                message=_l("Das Passwort braucht mindestens %(length)d Zeichen.", length=MIN_PASSWORD),
            ),
        ],
        description=_SECRET_HINT,
    )


class LoginForm(MarketForm):
    """E-mail and password."""

    email = EmailField(_l("E-Mail"), _EMAIL)
    password = PasswordField(_l("Passwort"), [required(_l("Bitte geben Sie Ihr Passwort ein."))])
    remember = BooleanField(_l("Auf diesem Gerät angemeldet bleiben"))
    next = HiddenField()
    submit = SubmitField(_l("Anmelden"))


class RegisterForm(MarketForm):
    """A new account: name, mail, password. Nothing else is needed."""

    name = TextLine(
        _l("Name"),
        [
            required(_l("Bitte geben Sie Ihren Namen ein.")),
            Length(max=120, message=_l("Dieser Name ist zu lang.")),
            NoWebAddress(),
        ],
    )
    email = EmailField(_l("E-Mail"), _EMAIL)
    password = _new_password(_l("Passwort"))
    next = HiddenField()
    submit = SubmitField(_l("Konto anlegen"))


class ForgotForm(MarketForm):
    """Where to send the link."""

    email = EmailField(_l("E-Mail"), _EMAIL)
    submit = SubmitField(_l("Link schicken"))


class ResetForm(MarketForm):
    """A new password by a mailed link."""

    password = _new_password(_l("Neues Passwort"))
    submit = SubmitField(_l("Passwort speichern"))


class PasswordForm(MarketForm):
    """A new password for somebody signed in."""

    current = PasswordField(_l("Bisheriges Passwort"), [required(_l("Bitte geben Sie Ihr bisheriges Passwort ein."))])
    password = _new_password(_l("Neues Passwort"))
    again = PasswordField(
        _l("Neues Passwort noch einmal"),
        [EqualTo("password", message=_l("Die beiden neuen Passwörter sind nicht gleich."))],
    )
    submit = SubmitField(_l("Passwort ändern"))


class ProfileForm(MarketForm):
    """What the checkout fills in for you."""

    name = TextLine(
        _l("Name"),
        [
            required(_l("Bitte geben Sie Ihren Namen ein.")),
            Length(max=120, message=_l("Dieser Name ist zu lang.")),
            NoWebAddress(),
        ],
    )
    phone = TextLine(_l("Telefon"), [Length(max=40, message=_l("Diese Nummer ist zu lang.")), PhoneNumber()])
    street = TextLine(_l("Straße und Hausnummer"), [Length(max=120, message=_l("Diese Angabe ist zu lang."))])
    zip = TextLine(
        _l("PLZ"),
        [
            Length(max=10, message=_l("Diese Postleitzahl ist zu lang.")),
            optional(),
            Regexp(r"\d{5}$", message=_l("Eine Postleitzahl hat fünf Ziffern.")),
        ],
    )
    city = TextLine(_l("Ort"), [Length(max=80, message=_l("Dieser Ortsname ist zu lang."))])
    submit = SubmitField(_l("Angaben speichern"))


class ErasureForm(MarketForm):
    """The second step of deleting an account."""

    password = PasswordField(_l("Passwort"), [required(_l("Bitte geben Sie Ihr Passwort ein."))])
    submit = SubmitField(_l("Konto endgültig löschen"))
