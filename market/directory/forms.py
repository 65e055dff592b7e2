"""Forms of the editor's desk and the merchant's proposal."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, TextAreaField, TimeField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, Regexp

from market.directory.models import OpeningKind
from market.directory.openings import FIRST_KINDS, OpeningData
from market.web.fields import DATE, FactLines, GermanDate, WebAddress
from market.web.forms import Email, MarketForm, TextLine, optional, required

NO_SHOP = 0


class OpeningForm(MarketForm):
    """One entry of the new openings."""

    kind = SelectField(
        _l("Was ist neu?"),
        coerce=OpeningKind,
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

    def offer(self, shops: list[tuple[int, str]], kinds: Iterable[OpeningKind] = FIRST_KINDS) -> None:
        """The shops and the kinds one can choose from."""
        self.kind.choices = [SelectChoice(kind.value, kind.label) for kind in kinds]
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


class EntryForm(MarketForm):
    """A business of the directory that does not sell here."""

    name = TextLine(_l("Name"), [required(_l("Wie heißt der Laden oder Betrieb?")), Length(max=120)])
    line_of_business = TextLine(
        _l("Branche"), [Length(max=80)], description=_l("Zum Beispiel: Gasthaus, Friseur, Uhrmacherei.")
    )
    tagline = TextLine(_l("Ein Satz dazu"), [Length(max=160)])
    about = TextAreaField(_l("Beschreibung"), [Length(max=4000)])
    street = TextLine(_l("Straße"), [required(_l("Bitte geben Sie die Straße an.")), Length(max=120)])
    house_number = TextLine(_l("Hausnummer"), [Length(max=12)])
    zip = TextLine(
        _l("PLZ"),
        [
            required(_l("Bitte geben Sie die Postleitzahl an.")),
            Regexp(r"^\d{5}$", message=_l("Eine Postleitzahl hat fünf Ziffern.")),
        ],
    )
    city = TextLine(_l("Ort"), [required(_l("Bitte geben Sie den Ort an.")), Length(max=80)])
    district = TextLine(_l("Ortsteil"), [Length(max=80)])
    phone = TextLine(_l("Telefon"), [Length(max=40)])
    email = TextLine(
        _l("E-Mail"),
        [
            optional(),
            Email(message=_l("Das ist keine E-Mail-Adresse. Bitte prüfen Sie die Schreibweise.")),
            Length(max=254),
        ],
    )
    website = WebAddress(_l("Internetseite"))
    entrance = TextLine(_l("Eingang"), [Length(max=200)], description=_l("Zum Beispiel: im Hof, zweite Tür links."))
    accessibility = FactLines(
        _l("Barrierefreiheit"),
        description=_l("Eine Angabe je Zeile, zum Beispiel: stufenlos; Rampe auf Zuruf; Toilette mit Haltegriffen."),
    )
    sunday_exception = BooleanField(
        _l("Darf sonntags und spätabends öffnen (Gasthaus, Bäckerei, Blumen, Kiosk, Apotheke, Tankstelle)")
    )
    active = BooleanField(_l("Im Verzeichnis zeigen"), default=True)


class TownDayForm(MarketForm):
    """A Sunday or holiday on which the town lets shops open."""

    day = GermanDate(_l("Tag"), [required(DATE)])
    opens = TimeField(_l("Von"), [required(_l("Bitte geben Sie die Uhrzeit an, zum Beispiel 13:00."))])
    closes = TimeField(_l("Bis"), [required(_l("Bitte geben Sie die Uhrzeit an, zum Beispiel 18:00."))])
    name = TextLine(
        _l("Anlass"),
        [required(_l("Bitte nennen Sie den Anlass.")), Length(max=120)],
        description=_l("Steht auf den Ladenseiten, zum Beispiel: Adventssonntag."),
    )
