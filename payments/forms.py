"""The form of /kasse: fixed fields for the person and the address, and fields made for the blocks of this cart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz.distance import OSA
from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.fields import Field, SelectChoice
from wtforms.validators import Length, Optional, ValidationError

from delivery.models import IfThin
from delivery.points.offers import PointOffer
from delivery.windows import WindowOffer
from market.catalogue import wording
from market.core import formats
from market.core.i18n import N_, gettext
from market.orders.blocks import Block, CartView, Place
from market.orders.models import PaymentMethod, Substitution
from market.web.forms import Email, MarketForm, NoWebAddress, PhoneNumber, TextLine, stripped
from payments.choices import DELIVER, FETCH, Choices
from payments.missing import Problems
from payments.quoting import Options

MAIL_DOMAINS = (
    "gmail.com", "googlemail.com", "gmx.de", "gmx.net", "web.de", "t-online.de", "outlook.com", "outlook.de",
    "hotmail.com", "hotmail.de", "live.de", "yahoo.de", "yahoo.com", "icloud.com", "me.com", "freenet.de", "arcor.de",
    "aol.com", "posteo.de", "mailbox.org", "proton.me", "vodafone.de", "magenta.de", "online.de", "kabelmail.de",
)  # fmt: skip
"""Where most people in Germany have their mailbox: a domain one slip away from these is asked about, once."""

PAYMENT_LABELS = {
    PaymentMethod.ONLINE: N_("Online bezahlen"),
    PaymentMethod.IN_SHOP: N_("Im Laden bezahlen, wenn Sie abholen"),
    PaymentMethod.INVOICE: N_("Auf Rechnung des Händlers"),
}
PAYMENT_HINTS = {
    PaymentMethod.ONLINE: N_("Karte, Lastschrift und mehr, auf der Seite des Zahlungsdienstes. Ohne Aufpreis."),
    PaymentMethod.IN_SHOP: N_(
        "Zahlung an der Kasse; den Beleg erhalten Sie im Laden. Nur, wenn Sie alles in den Läden abholen."
    ),
    PaymentMethod.INVOICE: N_("Sie erhalten die Rechnung mit der Ware. Ohne Aufpreis."),
}
PAYMENT_HOOKS = {PaymentMethod.ONLINE: "pay-online", PaymentMethod.IN_SHOP: "pay-in-shop"}


def payment_details(options: Options) -> dict[str, dict[str, str]]:
    """Hints and hooks of the ways to pay, for the `radios` macro."""
    return {
        method.value: {"hint": gettext(PAYMENT_HINTS[method]), "hook": PAYMENT_HOOKS.get(method, "")}
        for method in options.payments
    }


def meant_domain(email: str) -> str:
    """The address somebody probably meant when the domain is one slip away from a well-known one; else nothing."""
    local, at, domain = email.rpartition("@")
    domain = domain.lower()
    if not at or not local or domain in MAIL_DOMAINS:
        return ""
    close = [(OSA.distance(domain, known), known) for known in MAIL_DOMAINS]
    distance, known = min(close)
    return f"{local}@{known}" if distance <= (1 if len(known) <= 6 else 2) else ""


class AsksAboutMail(MarketForm):
    """A mail address whose domain looks mistyped is asked about once."""

    email = TextLine(
        "E-Mail",
        [Optional(), Length(max=254), Email(message=N_("Das ist keine Mail-Adresse. Beispiel: name@beispiel.de"))],
    )
    email_confirmed = HiddenField()

    def validate_email(self, field: Field) -> None:
        """Sending the same address again means it is right."""
        meant = meant_domain(field.data or "")
        if meant and self.email_confirmed.data != field.data:
            self.email_confirmed.data = field.data
            raise ValidationError(
                gettext(N_("Meinten Sie {meant}? Wenn Ihre Adresse so stimmt, gehen Sie einfach weiter.")).format(
                    meant=meant
                )
            )


class CheckoutBase(AsksAboutMail):
    """The fields every cart has. Labels are a contract (contract.md): no other label may contain one of them."""

    name = TextLine("Name", [Length(max=120), NoWebAddress()])
    channel = RadioField(
        N_("Wie dürfen wir Ihnen Bescheid geben?"),
        choices=[
            SelectChoice("mail", N_("Schriftlich per Mail")),
            SelectChoice("phone", N_("Mit einem Anruf")),
            SelectChoice("letter", N_("Mit einem Brief")),
        ],
        default="mail",
        validate_choice=True,
    )
    phone = TextLine("Telefon", [Length(max=40), PhoneNumber()])
    street = TextLine("Straße und Hausnummer", [Length(max=120)])
    zip = TextLine("PLZ", [Length(max=10)])
    city = TextLine("Ort", [Length(max=80)])
    note = TextLine(
        "Lieferhinweis", [Length(max=300)], description=N_("Zum Beispiel: Hintereingang, bitte zweimal klingeln")
    )
    recipient = TextLine(
        N_("Wer bekommt die Lieferung?"), [Length(max=120)], description=N_("Wenn Sie es nicht selbst sind")
    )
    care_of = TextLine(N_("Wohnt bei (c/o)"), [Length(max=120)])
    house = TextLine(
        N_("Haus oder Heim"), [Length(max=120)], description=N_("Zum Beispiel: Seniorenheim, Firma, Haus B")
    )
    ward = TextLine(N_("Etage, Zimmer, Station"), [Length(max=120)])
    bell = TextLine(N_("Klingelschild"), [Length(max=120)])
    recipient_phone = TextLine(
        N_("Rufnummer an der Haustür"),
        [Length(max=40), PhoneNumber()],
        description=N_("Wenn der Kurier dort anrufen soll"),
    )
    card_text = TextLine(N_("Text für eine Grußkarte"), [Length(max=300)])
    drop_off = TextLine(
        N_("Hier darf abgestellt werden, wenn niemand da ist"),
        [Length(max=160)],
        description=N_("Nur ausfüllen, wenn Sie das erlauben. Zum Beispiel: in der Garage"),
    )
    bill_street = TextLine(N_("Rechnungsanschrift: Straße und Nummer"), [Length(max=120)])
    bill_zip = TextLine(N_("Rechnungsanschrift: Postleitzahl"), [Length(max=10)])
    bill_city = TextLine(N_("Rechnungsanschrift: Stadt"), [Length(max=80)])
    pickup_point = RadioField(N_("Welcher Abholpunkt?"), validate_choice=False)
    window = RadioField(N_("Wann dürfen wir liefern?"), validate_choice=False)
    if_thin = RadioField(
        N_("Wenn zu wenige Bestellungen zusammenkommen"),
        choices=[SelectChoice(one.value, one.label) for one in IfThin],
        default=IfThin.MOVE.value,
        validate_choice=False,
    )
    zone = HiddenField()  # the zone whose fee the page showed
    payment = RadioField(N_("Wie möchten Sie bezahlen?"), validate_choice=False)
    age = BooleanField()


@dataclass(frozen=True, slots=True)
class PointChoice:
    """A pick-up point as a row to choose: its title with the price, and what one must know of it, line by line."""

    title: str
    lines: list[str]
    hook: str


def point_choices(options: Options, view: CartView) -> dict[str, PointChoice]:
    """Address, hours, price and the next run that can bring this cart, by the radio's value."""
    ready = [one for one in options.windows if all(b.ready_for(one.day) for b in view.blocks if b.delivering)]
    return {
        str(one.id): PointChoice(
            f"{one.name}: {formats.money(one.fee)}",
            [line for line in (one.address, one.note, one.hours_line, _next_run(one, ready), _takes(one)) if line],
            f"point-{one.slug}",
        )
        for one in options.points
    }


def _next_run(point: PointOffer, ready: Sequence[WindowOffer]) -> str:
    soonest = point.next_window(ready)
    if soonest is None:
        return gettext(N_("In den nächsten zwei Wochen fährt niemand mit diesen Waren dorthin."))
    return gettext(N_("Nächste Lieferung dorthin: {window}, Bestellschluss {cutoff}")).format(
        window=soonest.label, cutoff=formats.instant(soonest.cutoff_at)
    )


def _takes(point: PointOffer) -> str:
    no = [] if point.fridge else [gettext(N_("Keine Kühlware."))]
    no += [] if point.checks_age else [gettext(N_("Keine Ware mit Altersgrenze."))]
    return " ".join(no)


class BlockFields:
    """The fields of one block, for the template."""

    def __init__(self, form: CheckoutBase, block: Block) -> None:
        self.block = block
        self.how: Field = form[f"how_{block.key}"]
        self.days: list[tuple[Place, Field]] = [
            (place, form[f"day_{block.key}_{place.shop.id}"]) for place in block.pickup_places
        ]
        self.lines = [(line, form[f"missing_{line.variant.id}"]) for line in block.lines]
        self.agreements: list[Field] = [form[f"agree_{line.variant.id}"] for line in block.lines if line.deviation]

    @property
    def details(self) -> dict[str, dict[str, Any]]:
        """Hints beside the choices, for the `radios` macro."""
        found: dict[str, dict[str, Any]] = {
            f"pickup-{place.shop.id}": {
                "hint": f"{place.shop.address}, {gettext(N_('kostenlos'))}",
            }
            for place in self.block.pickup_places
        }
        found[DELIVER] = {"hint": gettext(N_("zusammen mit allem anderen, was geliefert wird"))}
        found[FETCH] = {"hint": gettext(N_("alles zusammen dort, auch wenn die Läden zu sind")), "hook": "fetch"}
        return found


def checkout_form(view: CartView, options: Options, start: Choices | None, **kwargs: Any) -> CheckoutBase:
    """The form for this cart, filled with `start` unless something was posted."""
    fields: dict[str, Any] = {}
    for block in view.blocks:
        fields |= _block_fields(block, points=bool(options.points))
    form_class: type[CheckoutBase] = type("CheckoutForm", (CheckoutBase,), fields)
    form = form_class(data=_data(view, options, start), **kwargs)
    form.payment.choices = [SelectChoice(method.value, gettext(PAYMENT_LABELS[method])) for method in options.payments]
    form.pickup_point.choices = [SelectChoice(str(one.id), one.name) for one in options.points]
    form.window.choices = [SelectChoice(str(one.id), one.label) for one in options.windows]
    form.age.label.text = gettext(N_("Ich bin mindestens {age} Jahre alt.")).format(age=view.min_age)
    return form


def _block_fields(block: Block, *, points: bool) -> dict[str, Any]:
    places = block.pickup_places
    ways = [
        SelectChoice(f"pickup-{place.shop.id}", gettext(N_("Abholen: {shop}")).format(shop=place.shop.name))
        for place in places
    ]
    if block.delivering:
        ways.append(SelectChoice(DELIVER, gettext(N_("Liefern lassen"))))
    if block.delivering and points:
        ways.append(SelectChoice(FETCH, gettext(N_("An einem Abholpunkt holen"))))
    fields: dict[str, Any] = {
        f"how_{block.key}": RadioField(gettext(N_("Abholen oder liefern lassen?")), choices=ways, validate_choice=False)
    }
    for place in places:
        days = [
            SelectChoice(day.isoformat(), f"{formats.day(day)}, {place.hours_on(day)}") for day in place.pickup_days
        ]
        label = (
            gettext(N_("Abholtag"))
            if len(places) == 1
            else gettext(N_("Abholtag in {street}")).format(street=place.shop.door)
        )
        fields[f"day_{block.key}_{place.shop.id}"] = SelectField(label, choices=days, validate_choice=False)
    wishes = [SelectChoice(wish.value, gettext(wish.label)) for wish in Substitution]
    for line in block.lines:
        fields[f"missing_{line.variant.id}"] = SelectField(
            gettext(N_("Falls nicht da")), choices=wishes, validate_choice=False
        )
        if line.deviation:
            fields[f"agree_{line.variant.id}"] = BooleanField(
                gettext(wording.DEVIATION).format(deviation=line.deviation)
            )
    return fields


def _data(view: CartView, options: Options, start: Choices | None) -> dict[str, Any]:
    """Field values from choices. Nothing that costs money is chosen for anybody (law.md A6)."""
    start = start or Choices()
    data: dict[str, Any] = {name: getattr(start, name) for name in _PLAIN}
    data["window"] = str(start.window or "")
    data["pickup_point"] = str(start.pickup_point or "")
    ways = [method.value for method in options.payments]
    data["payment"] = start.payment if start.payment in ways else (ways[0] if ways else "")
    for block in view.blocks:
        free = [f"pickup-{place.shop.id}" for place in block.pickup_places]
        offered = [*free, *([DELIVER] if block.delivering else [])]
        offered += [FETCH] if block.delivering and options.points else []
        chosen = start.how.get(block.key, "")
        data[f"how_{block.key}"] = chosen if chosen in offered else next(iter(free), "")
        for place in block.pickup_places:
            data[f"day_{block.key}_{place.shop.id}"] = start.days.get(f"{block.key}-{place.shop.id}", "")
        for line in block.lines:
            wish = start.missing.get(str(line.variant.id), line.substitution.value)
            data[f"missing_{line.variant.id}"] = wish
            if line.deviation:
                data[f"agree_{line.variant.id}"] = start.agreed.get(str(line.variant.id)) == line.deviation
    return data


_PLAIN = (
    "name", "channel", "email", "phone", "street", "zip", "city", "note", "recipient", "care_of", "house", "ward",
    "bell", "recipient_phone", "card_text", "drop_off", "bill_street", "bill_zip", "bill_city", "if_thin", "payment",
    "age",
)  # fmt: skip


LONGEST = 300
"""Characters of the longest field. Choices are made of a form that is not well formed, too: its page shows windows."""


def choices(form: CheckoutBase, view: CartView) -> Choices:
    """What was chosen and typed."""
    plain: dict[str, Any] = {name: (form[name].data or "")[:LONGEST] for name in _PLAIN if name != "age"}
    plain["age"] = bool(form.age.data)
    how, days, missing, agreed = {}, {}, {}, {}
    for block in view.blocks:
        how[block.key] = form[f"how_{block.key}"].data or ""
        for place in block.pickup_places:
            days[f"{block.key}-{place.shop.id}"] = form[f"day_{block.key}_{place.shop.id}"].data or ""
        for line in block.lines:
            missing[str(line.variant.id)] = form[f"missing_{line.variant.id}"].data or ""
            if line.deviation and form[f"agree_{line.variant.id}"].data:
                agreed[str(line.variant.id)] = line.deviation
    return Choices(
        **plain,
        window=_number(form.window.data),
        pickup_point=_number(form.pickup_point.data) if FETCH in how.values() else None,
        how=how,
        days=days,
        missing=missing,
        agreed=agreed,
    )


def _number(text: str | None) -> int | None:
    """The id a radio button holds; None for nothing and for what is no number."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def refuse(form: CheckoutBase, problems: Problems) -> None:
    """Put each sentence beside its field, or above the form when it has none."""
    for name, sentence in problems.items():
        if name in form:
            form[name].errors = [*form[name].errors, sentence]
        else:
            form.form_errors.append(sentence)


def blocks_of(form: CheckoutBase, view: CartView) -> Iterator[BlockFields]:
    """The blocks with their fields."""
    return (BlockFields(form, block) for block in view.blocks)


class ReviewForm(MarketForm):
    """What the review page sends back: exactly what it showed."""

    token = HiddenField()
    prices = HiddenField()
    total = HiddenField()
    choices = HiddenField()

    @property
    def cents(self) -> int:
        """The total the shopper saw; -1 for something that is no number."""
        text = stripped(self.total.data) or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else -1
