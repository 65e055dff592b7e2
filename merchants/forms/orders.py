"""What is done with a part: one small form each."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField
from wtforms.validators import InputRequired, Length

from market.orders.parts import MAX_BAGS
from market.web.forms import MarketForm, TextLine, optional, required
from merchants.forms.fields import Between, WholeNumber, picks

REASONS = (
    ("Die Ware ist leider nicht mehr da.", _l("nicht mehr da")),
    ("Das schaffen wir bis zu diesem Tag leider nicht.", _l("bis dahin nicht zu schaffen")),
    ("Unser Laden ist an diesem Tag geschlossen.", _l("an diesem Tag geschlossen")),
    ("", _l("anderer Grund (unten schreiben)")),
)


class BagsForm(MarketForm):
    """Accept, or mark as ready: in how many bags it goes."""

    bags = WholeNumber(
        _l("Tüten"), default=1, validators=[required(_l("Bitte geben Sie an, wie viele Tüten es sind.")),
                                            Between(1, MAX_BAGS)]
    )  # fmt: skip


class RejectForm(MarketForm):
    """Reject a part, with the reason the shopper reads."""

    reason = RadioField(_l("Grund"), choices=picks(REASONS), validators=[optional()])
    own_reason = TextLine(_l("Grund in eigenen Worten"), validators=[Length(max=300)])
    missing = BooleanField(_l("Die Ware ist nicht da: den Bestand nicht wieder erhöhen"))

    @property
    def text(self) -> str:
        """The reason as the shopper reads it."""
        return self.own_reason.data or self.reason.data or ""


class HandOverForm(MarketForm):
    """Against the code of 6 characters; with an age mark only after a look at the identity card."""

    code = TextLine(_l("Abholcode"), validators=[required(_l("Bitte geben Sie den Abholcode ein.")), Length(max=20)])
    age_checked = BooleanField(_l("Alter geprüft (Ausweis gesehen)"))


class MissingForm(MarketForm):
    """Pieces of one line that are not there."""

    pieces = WholeNumber(
        _l("Fehlende Stück"), default=1, validators=[required(_l("Wie viele Stück fehlen?")), Between(1, 999)]
    )


class CancelForm(MarketForm):
    """The merchant cancels an accepted part, asked to or of its own accord."""

    reason = TextLine(_l("Grund für die Stornierung"), validators=[Length(max=300)])


class DeclineForm(MarketForm):
    """The merchant keeps the contract."""

    note = TextLine(
        _l("Warum geht es nicht?"), validators=[required(_l("Bitte schreiben Sie kurz, warum.")), Length(max=300)]
    )


class ChooseMerchantForm(MarketForm):
    """Switch between the merchants one works for."""

    merchant = SelectField(_l("Geschäft"), coerce=int, validators=[InputRequired()])
