"""What a shopper must still say: name and ways to reach them, the address, consents. Pure."""

from __future__ import annotations

from market.core import config
from market.core.i18n import N_, gettext
from market.orders.blocks import CartView
from market.orders.models import Channel, PaymentMethod
from payments import at_point
from payments.choices import Choices

Problems = dict[str, str]
"""Field name -> one German sentence."""

_ADDRESS = {
    "street": N_("Bitte geben Sie Straße und Hausnummer an."),
    "zip": N_("Bitte geben Sie die Postleitzahl an, zum Beispiel {postcode}."),
    "city": N_("Bitte geben Sie den Ort an, gern auch das Dorf."),
}


def _example(text: str) -> str:
    """The sentence with a postcode of the region."""
    return gettext(text).format(postcode=config.current().region.postcodes[0])


def contact(choices: Choices, *, delivered: bool) -> Problems:
    """Who orders and how we reach them; with `delivered` also which door."""
    problems: Problems = {}
    if not choices.name:
        problems["name"] = gettext(N_("Bitte geben Sie Ihren Namen an."))
    channel = choices.channel
    if channel == Channel.MAIL.value and not choices.email:
        problems["email"] = gettext(N_("Bitte geben Sie Ihre E-Mail-Adresse an, oder wählen Sie Anruf oder Brief."))
    if channel == Channel.PHONE.value and not choices.phone:
        problems["phone"] = gettext(N_("Bitte geben Sie Ihre Telefonnummer an, damit wir Sie anrufen können."))
    billed = channel == Channel.LETTER.value or choices.payment == PaymentMethod.INVOICE.value
    if delivered or (billed and not choices.bill_street):
        problems |= {name: _example(text) for name, text in _ADDRESS.items() if not getattr(choices, name)}
    if choices.zip and not (choices.zip.isascii() and choices.zip.isdigit() and len(choices.zip) == 5):
        problems["zip"] = _example(N_("Eine Postleitzahl hat fünf Ziffern, zum Beispiel {postcode}."))
    if choices.bill_street and not (choices.bill_zip and choices.bill_city):
        problems["bill_city"] = gettext(N_("Bitte geben Sie auch Postleitzahl und Stadt der Rechnungsanschrift an."))
    if delivered and choices.card_text and not choices.recipient:
        problems["recipient"] = gettext(N_("Für wen ist die Grußkarte? Bitte geben Sie den Namen an."))
    return problems


def consent(view: CartView, choices: Choices) -> Problems:
    """What must be agreed to: the age, and every line that deviates from the usual."""
    problems: Problems = {}
    if view.min_age and not choices.age:
        problems["age"] = gettext(N_("Bitte bestätigen Sie, dass Sie mindestens {age} Jahre alt sind.")).format(
            age=view.min_age
        )
    if view.min_age and choices.drop_off and not at_point.wanted(view, choices):
        problems["drop_off"] = gettext(
            N_("Ware mit Altersgrenze darf nicht abgestellt werden. Bitte lassen Sie dieses Feld leer.")
        )
    for line in view.lines:
        if line.deviation and choices.agreed.get(str(line.variant.id)) != line.deviation:
            problems[f"agree_{line.variant.id}"] = gettext(
                N_(
                    "Bitte bestätigen Sie, dass Sie mit der Abweichung einverstanden sind, "
                    "oder legen Sie „{product}“ zurück."
                )
            ).format(product=line.product.name)
    return problems
