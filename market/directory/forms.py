"""Forms of the editor's desk and the merchant's proposal."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from market.directory.models import OpeningKind
from market.directory.openings import OpeningData
from market.web.forms import MarketForm, TextLine

NO_SHOP = 0
DATE = _l("Bitte tragen Sie ein Datum ein, zum Beispiel 14.11.2026.")


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


class OpeningForm(MarketForm):
    """One entry of the new openings."""

    kind = SelectField(
        _l("Was ist neu?"),
        coerce=OpeningKind,
        choices=[SelectChoice(kind.value, kind.label) for kind in OpeningKind],
        description=_l("Ein Pop-up endet an seinem letzten Tag von selbst."),
    )
    title = TextLine(
        _l("Überschrift"),
        [DataRequired(_l("Bitte geben Sie eine Überschrift ein.")), Length(max=120)],
        description=_l("So, wie es in der Stadt heißt: „Kaffeerösterei am Neumarkt“."),
    )
    text = TextAreaField(
        _l("Text"),
        [DataRequired(_l("Bitte schreiben Sie einen Satz dazu.")), Length(max=2000)],
        description=_l("Zwei, drei Sätze: Was gibt es dort, wer steht dahinter?"),
    )
    starts_on = GermanDate(_l("Ab wann"), [InputRequired(DATE)], description=_l("Der erste Tag, an dem es gilt."))
    ends_on = GermanDate(
        _l("Letzter Tag"), [Optional()], description=_l("Nur bei Pop-up oder wenn ein Laden schließt.")
    )
    shop_id = SelectField(_l("Laden aus dem Verzeichnis"), coerce=int, default=NO_SHOP)
    address = TextLine(
        _l("Adresse"),
        [Optional(), Length(max=200)],
        description=_l("Nur nötig, wenn der Laden nicht im Verzeichnis steht."),
    )

    def offer(self, shops: list[tuple[int, str]]) -> None:
        """The shops one can choose from."""
        none = SelectChoice(str(NO_SHOP), _l("keiner davon"))
        self.shop_id.choices = [none, *(SelectChoice(str(shop_id), name) for shop_id, name in shops)]

    def values(self) -> OpeningData:
        """What was entered, as the use case takes it."""
        return OpeningData(
            kind=self.kind.data,
            title=self.title.data,
            text=self.text.data.strip().replace("\r\n", "\n"),
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
            address=self.address.data or "",
            shop_id=self.shop_id.data or None,
        )


class RejectForm(MarketForm):
    """Why a proposal is not published."""

    reason = TextLine(
        _l("Begründung"),
        [DataRequired(_l("Bitte sagen Sie in einem Satz, warum.")), Length(max=300)],
        description=_l("Der Händler liest diesen Satz."),
    )


class EmptyForm(MarketForm):
    """A button: nothing to fill in but the CSRF token."""
