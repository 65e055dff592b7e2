"""A shop's own facts; invoice customers."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, TextAreaField
from wtforms.validators import Length

from market.web.fields import FactLines, WebAddress
from market.web.forms import Email, MarketForm, TextLine, optional, required, stripped

NO_MAIL = _l("Das ist keine E-Mail-Adresse. Bitte prüfen Sie die Schreibweise.")


class ShopForm(MarketForm):
    """What shoppers and couriers need to know of a shop."""

    tagline = TextLine(_l("Ein Satz über den Laden"), validators=[Length(max=160)])
    about = TextAreaField(_l("Über den Laden"), validators=[Length(max=4000)])
    phone = TextLine(_l("Telefon für Kundschaft"), validators=[Length(max=40)])
    email = EmailField(_l("E-Mail für Kundschaft"), filters=[stripped], validators=[optional(), Email(message=NO_MAIL)])
    website = WebAddress(_l("Internetseite"))
    accessibility = FactLines(
        _l("Barrierefreiheit"),
        description=_l("Eine Angabe je Zeile, zum Beispiel: stufenlos; Rampe auf Zuruf; Toilette mit Haltegriffen."),
    )
    entrance = TextLine(_l("Eingang"), validators=[Length(max=200)])
    back_door = TextLine(_l("Hintereingang oder Laderampe"), validators=[Length(max=200)])
    bell = TextLine(_l("Klingel"), validators=[Length(max=120)])
    contact_name = TextLine(_l("Wer hilft dem Kurier?"), validators=[Length(max=120)])
    contact_phone = TextLine(_l("Telefon für den Kurier"), validators=[Length(max=40)])
    parking = TextLine(_l("Halten und parken"), validators=[Length(max=200)])
    pickup = BooleanField(_l("Hier kann abgeholt werden"))
    delivers = BooleanField(_l("Hier darf der Kurier abholen"))
    reserves = BooleanField(
        _l("Hier darf unverbindlich reserviert werden"),
        description=_l(
            "Ohne Zahlung und ohne Vertrag: Sie legen die Ware bis zum Ende des nächsten Öffnungstags zurück. "
            "Danach ist sie von selbst wieder frei."
        ),
    )


class InvoiceCustomerForm(MarketForm):
    """Somebody who may buy on invoice."""

    email = EmailField(
        _l("E-Mail"), filters=[stripped],
        validators=[required(_l("Bitte geben Sie die E-Mail-Adresse ein.")), Email(message=NO_MAIL), Length(max=254)],
    )  # fmt: skip
