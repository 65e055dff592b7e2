"""Forms of the public pages that belong to no room alone."""

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, HiddenField, SelectMultipleField, SubmitField, TextAreaField
from wtforms.validators import Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from market.web.forms import Email, MarketForm, NoWebAddress, TextLine, required


class FeedbackForm(MarketForm):
    """A barrier somebody met (BFSG: feedback must be easy)."""

    text = TextAreaField(
        _l("Was hat nicht funktioniert?"),
        [
            required(_l("Bitte beschreiben Sie kurz, was nicht funktioniert hat.")),
            Length(max=2000, message=_l("Bitte höchstens 2000 Zeichen.")),
        ],
    )
    email = EmailField(
        _l("E-Mail für eine Antwort"),
        [Optional(), Email(message=_l("Das ist keine vollständige E-Mail-Adresse. Bitte so: name@beispiel.de"))],
    )
    submit = SubmitField(_l("Absenden"))


class LinesField(SelectMultipleField):
    """Ticked order lines."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class WithdrawalForm(MarketForm):
    """Step 1: who, which contract or part of it, where the receipt goes. No reason is asked."""

    name = TextLine(
        _l("Name"),
        [
            required(_l("Bitte geben Sie Ihren Namen ein.")),
            Length(max=120, message=_l("Dieser Name ist zu lang.")),
            NoWebAddress(),
        ],
    )
    order_text = TextLine(
        _l("Bestellnummer"),
        [Optional(), Length(max=120, message=_l("Diese Angabe ist zu lang."))],
        description=_l(
            "Steht in Ihrer Bestellbestätigung. Fehlt sie Ihnen, schreiben Sie, was Sie wann gekauft haben."
        ),
    )
    lines = LinesField(_l("Welche Waren?"), coerce=int, validators=[Optional()])
    lines_text = TextAreaField(
        _l("Nur ein Teil? Dann diese Waren"),
        [Optional(), Length(max=2000, message=_l("Bitte höchstens 2000 Zeichen."))],
        description=_l("Leer lassen, wenn Sie alles widerrufen."),
    )
    email = EmailField(
        _l("E-Mail"),
        [
            required(_l("Bitte geben Sie an, wohin wir die Eingangsbestätigung schicken.")),
            Email(message=_l("Das ist keine vollständige E-Mail-Adresse. Bitte so: name@beispiel.de")),
            Length(max=254),
        ],
        description=_l("Hierhin schicken wir sofort die Eingangsbestätigung."),
    )
    key = HiddenField()
    submit = SubmitField(_l("Vertrag widerrufen"))
