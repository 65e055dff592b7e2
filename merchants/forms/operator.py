"""Forms of the caretakers' and the operator's desk."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, PasswordField, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import Length, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from market.people.models import Role
from market.web.forms import Email, MarketForm, TextLine, optional, required, stripped
from merchants.forms.fields import Between, WholeNumber, member, picks_of
from merchants.forms.shops import NO_MAIL

ZIP = Regexp(r"^\d{5}$", message=_l("Eine Postleitzahl hat fünf Ziffern."))
VAT_ID = Regexp(r"^DE\d{9}$", message=_l("Eine deutsche Umsatzsteuer-Identifikationsnummer sieht so aus: DE123456789"))


class MerchantForm(MarketForm):
    """The legal seller."""

    name = TextLine(_l("Name im Markt"), validators=[required(_l("Wie heißt das Geschäft?")), Length(max=120)])
    legal_name = TextLine(
        _l("Rechtlicher Name"), validators=[required(_l("Bitte geben Sie den rechtlichen Namen an.")), Length(max=160)]
    )
    legal_form = TextLine(_l("Rechtsform"), validators=[Length(max=60)])
    represented_by = TextLine(_l("Vertreten durch"), validators=[Length(max=160)])
    street = TextLine(
        _l("Straße und Hausnummer"), validators=[required(_l("Bitte geben Sie die Straße an.")), Length(max=120)]
    )
    zip = TextLine(_l("PLZ"), validators=[required(_l("Bitte geben Sie die Postleitzahl an.")), ZIP])
    city = TextLine(_l("Ort"), validators=[required(_l("Bitte geben Sie den Ort an.")), Length(max=80)])
    phone = TextLine(_l("Telefon"), validators=[Length(max=40)])
    email = EmailField(_l("E-Mail"), filters=[stripped], validators=[optional(), Email(message=NO_MAIL)])
    about = TextAreaField(_l("Über das Geschäft"), validators=[Length(max=4000)])
    register = TextLine(_l("Register und Nummer"), validators=[Length(max=120)])
    tax_number = TextLine(_l("Steuernummer"), validators=[Length(max=40)])
    vat_id = TextLine(_l("Umsatzsteuer-Identifikationsnummer"), validators=[optional(), VAT_ID])
    small_business = BooleanField(_l("Kleinunternehmen (§ 19 UStG): weist keine Mehrwertsteuer aus"))
    supervisory_authority = TextLine(_l("Aufsichtsbehörde"), validators=[Length(max=160)])
    organic_control = TextLine(_l("Bio-Kontrollnummer"), validators=[Length(max=40)])
    lucid_number = TextLine(_l("LUCID-Nummer (Verpackungsregister)"), validators=[Length(max=40)])
    dispute_settlement = BooleanField(_l("Nimmt an Streitbeilegung teil (VSBG)"))
    pays_return = BooleanField(_l("Trägt die Kosten der Rücksendung"))
    collects_return = BooleanField(_l("Holt zurückgegebene Ware ab"))
    payout_account = TextLine(_l("Konto beim Zahlungsdienst"), validators=[Length(max=80)])
    payout_ready = BooleanField(_l("Das Konto kann Auszahlungen empfangen"))
    offers_invoice = BooleanField(_l("Bietet eigene Rechnung für bekannte Kundschaft an"))
    answer_within_h = WholeNumber(
        _l("Antwortet innerhalb von"), default=4,
        validators=[required(_l("Bitte geben Sie die Stunden an.")), Between(1, 48)],
    )  # fmt: skip


class PlaceForm(MarketForm):
    """A shop's name and address."""

    name = TextLine(_l("Name des Ladens"), validators=[required(_l("Wie heißt der Laden?")), Length(max=120)])
    line_of_business = TextLine(_l("Branche"), validators=[Length(max=80)])
    street = TextLine(_l("Straße"), validators=[required(_l("Bitte geben Sie die Straße an.")), Length(max=120)])
    house_number = TextLine(_l("Hausnummer"), validators=[Length(max=12)])
    zip = TextLine(_l("PLZ"), validators=[required(_l("Bitte geben Sie die Postleitzahl an.")), ZIP])
    city = TextLine(_l("Ort"), validators=[required(_l("Bitte geben Sie den Ort an.")), Length(max=80)])
    district = TextLine(_l("Ortsteil"), validators=[Length(max=80)])
    sunday_exception = BooleanField(_l("Darf sonntags und spätabends öffnen (Bäckerei, Blumen, Kiosk, Gasthaus)"))
    active = BooleanField(_l("Im Verzeichnis zeigen"), default=True)


class MemberForm(MarketForm):
    """Somebody who works for a merchant."""

    email = EmailField(
        _l("E-Mail des Kontos"), filters=[stripped],
        validators=[required(_l("Bitte geben Sie die E-Mail-Adresse ein.")), Email(message=NO_MAIL)],
    )  # fmt: skip


class RolesForm(MarketForm):
    """Which town-wide roles an account holds."""

    roles = SelectMultipleField(
        _l("Rollen"), choices=picks_of(Role), widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )  # fmt: skip

    @property
    def chosen(self) -> list[Role]:
        """As the people room knows them."""
        return [member(Role, value) for value in self.roles.data]


class AccountForm(RolesForm):
    """A new staff account."""

    name = TextLine(_l("Name"), validators=[required(_l("Wie heißt die Person?")), Length(max=120)])
    email = EmailField(
        _l("E-Mail"), filters=[stripped],
        validators=[required(_l("Bitte geben Sie die E-Mail-Adresse ein.")), Email(message=NO_MAIL)],
    )  # fmt: skip
    password = PasswordField(
        _l("Erstes Passwort"), validators=[required(_l("Bitte geben Sie ein erstes Passwort vor."))]
    )
    merchant = SelectField(_l("Arbeitet für"), coerce=int, default=0)


class ActForm(MarketForm):
    """A button without fields: carries the CSRF token."""
