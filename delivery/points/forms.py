"""What a keeper types at the counter, and what the operator says about a point."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, RadioField, SelectField, TimeField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from delivery.desk.forms import EuroField
from delivery.forms import choices
from delivery.points.lying import HandOver
from market.web.fields import DATE, GermanDate
from market.web.forms import Email, MarketForm, TextLine, required

SEEN, REFUSED = "ok", "refused"


class HandOverForm(MarketForm):
    """At the counter: the order's code; for goods with an age mark also what the identity card said."""

    code = TextLine(_l("Abholcode"), [required(_l("Bitte geben Sie den Abholcode ein.")), Length(max=20)])
    age = RadioField(
        _l("Ausweis"),
        choices=choices([(SEEN, _l("Ausweis gesehen, alt genug")), (REFUSED, _l("kein Ausweis oder zu jung"))]),
        validators=[Optional()],
    )

    def said(self) -> HandOver:
        """What was said."""
        return HandOver(self.code.data or "", {SEEN: True, REFUSED: False}.get(self.age.data or ""))


class LongerForm(MarketForm):
    """The shopper called and comes later."""

    until = GermanDate(_l("Aufheben bis"), validators=[InputRequired(message=DATE)])


class KeeperForm(MarketForm):
    """Who else keeps the point."""

    email = TextLine(
        _l("Mail-Adresse des Kontos"),
        [required(_l("Bitte geben Sie eine Mail-Adresse ein.")), Length(max=254), Email(_l("Das ist keine Adresse."))],
    )


def _whole(label: str, least: int, most: int, hint: str = "") -> IntegerField:
    said = _l("Bitte geben Sie eine ganze Zahl von %(least)s bis %(most)s ein.", least=least, most=most)
    checks = [InputRequired(message=said), NumberRange(least, most, message=said)]
    return IntegerField(label, description=hint, validators=checks)


class PointForm(MarketForm):
    """A point: where it is, what it costs, how much it holds, what it takes."""

    name = TextLine(_l("Name"), [required(_l("Bitte geben Sie dem Abholpunkt einen Namen.")), Length(max=80)])
    shop_id = SelectField(
        _l("Ort im Verzeichnis"),
        coerce=int,
        description=_l(
            "Anschrift, Lage, Telefon und Öffnungszeiten kommen von dort. Fehlt der Partner, tragen Sie ihn zuerst "
            "unter „Läden ohne Verkauf“ ein."
        ),
    )
    note = TextLine(
        _l("Wo genau?"), [Length(max=200)], description=_l("Zum Beispiel: am Tresen links, oder Schrank im Vorraum")
    )
    fee = EuroField(_l("Gebühr, einmal für alles zusammen, inkl. MwSt."))
    compartments = _whole(_l("Fächer"), 0, 500, _l("So viele Bestellungen dürfen gleichzeitig dort liegen."))
    hold_days = _whole(_l("Aufheben, Öffnungstage"), 1, 14, _l("Nach dem Tag, an dem die Ware gebracht wird."))
    fridge = BooleanField(_l("hat einen Kühlschrank für Kühlware"))
    checks_age = BooleanField(_l("prüft Ausweise: nimmt Ware mit Altersgrenze an"))
    gives_from = TimeField(
        _l("Ausgabe nur von"),
        validators=[Optional()],
        description=_l("Leer lassen, wenn die Ausgabe zu allen Öffnungszeiten möglich ist."),
    )
    gives_until = TimeField(_l("Ausgabe nur bis"), validators=[Optional()])
    active = BooleanField(_l("wird angeboten"))
