"""The dispatcher's forms: a whole paper sheet, who drives, zones, templates, vehicles."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, IntegerField, SelectField, StringField, TextAreaField, TimeField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from delivery.forms import FAILURES, ResultForm, choices
from delivery.halts import Recipient, RunView, StopView
from delivery.models import ParcelState, VehicleKind
from delivery.outcomes import OF_AGE, PICKED, Dropped, Failure, Pickup, SheetResult
from delivery.travel import SPEEDS
from market.core import money
from market.core.errors import MarketError
from market.web.forms import MarketForm, TextLine, required

AT_SHOP = choices((state.value, state.label) for state in PICKED.values())
DELIVERED = "delivered"
BY_VALUE = {failure.value: failure for failure in Failure}
_AT_DOOR = ((DELIVERED, _l("zugestellt")), *FAILURES)
AT_DOOR = choices(_AT_DOOR)
WITHOUT_AGE = choices(one for one in _AT_DOOR if BY_VALUE.get(one[0]) not in OF_AGE)
"""Where no identity card was asked for, none was missing."""


def _at_most(letters: int) -> Length:
    return Length(max=letters, message=_l("Höchstens %(count)s Zeichen.", count=letters))


def _note(label: Any) -> TextLine:
    return TextLine(label, validators=[Optional(), _at_most(150)])


class SheetForm(ResultForm):
    """A paper sheet came back: one row per stop, everything delivered unless said otherwise."""

    all_back = BooleanField(_l("Was nicht zugestellt ist, liegt dort, wo der Zettel es sagt"), default=True)
    taken: ClassVar[Mapping[int, str]] = {}

    @classmethod
    def of(cls, run: RunView, taken: Mapping[int, str], **more: Any) -> SheetForm:
        """The form for what has no result yet. `taken`: orders another run takes over, they get theirs there."""
        fields: dict[str, Any] = {"taken": taken}
        for stop in run.pickups:
            for parcel in stop.parcels:
                if parcel.open:
                    fields[f"parcel_{parcel.id}"] = SelectField(
                        _l("Paket %(number)s", number=parcel.number), choices=AT_SHOP
                    )
            if not stop.done:
                fields[f"note_{stop.position}"] = _note(_l("Halt %(halt)s: Was fehlt?", halt=stop.label))
        for halt, stop, to in _doors(run, taken):
            row = f"{stop.position}_{to.order_id}"
            fields[f"result_{row}"] = SelectField(
                _l("Halt %(halt)s: Ergebnis für %(name)s", halt=halt, name=to.name),
                choices=AT_DOOR if to.min_age else WITHOUT_AGE,
            )
            fields[f"note_{row}"] = _note(_l("Halt %(halt)s: Grund", halt=halt))
            if to.min_age:
                fields[f"age_{row}"] = BooleanField(
                    _l("Halt %(halt)s: Ausweis %(age)s+ geprüft", halt=halt, age=to.min_age)
                )
        made: SheetForm = type("SheetFormOfRun", (cls,), fields)(**more)
        return made

    def result(self, run: RunView) -> SheetResult:
        """What the rows say."""
        pickups = {}
        for stop in run.pickups:
            if not stop.done:
                states = {p.id: PICKED[self._value(f"parcel_{p.id}")] for p in stop.parcels if p.open}
                plain = set(states.values()) <= {ParcelState.PICKED_UP, ParcelState.SHOP_CLOSED}
                note = "" if plain else self._value(f"note_{stop.position}")
                pickups[stop.position] = Pickup(states, note)
        doors = _doors(run, self.taken)
        drops = [(f"{stop.position}_{to.order_id}", stop.position, self._drop(stop, to)) for _halt, stop, to in doors]
        return SheetResult(pickups, drops, all_back=self.all_back.data, goes_on=bool(self.taken))

    def overruled(self, run: RunView, posted: Mapping[str, str]) -> list[str]:
        """Doors of which this page says something else than a phone did while it was open: the phone's word stands."""
        doors = []
        for stop, to in ((at, one) for at in run.drops for one in at.recipients if one.settled):
            said = posted.get(f"result_{stop.position}_{to.order_id}")
            handed_over = any(parcel.state is ParcelState.DELIVERED for parcel in to.parcels)
            if said and (said == DELIVERED) != handed_over:
                doors.append(stop.label)
        return doors

    def _drop(self, stop: StopView, to: Recipient) -> Dropped:
        row = f"{stop.position}_{to.order_id}"
        said = self._value(f"result_{row}")
        checked = bool(to.min_age) and bool(self._fields[f"age_{row}"].data)
        failure = BY_VALUE.get(said)
        return Dropped(to.order_id, failure, age_checked=checked, note=self._value(f"note_{row}"))

    def _value(self, name: str) -> str:
        return self._fields[name].data or ""

    def refuse_rows(self, rows: Mapping[str, MarketError]) -> None:
        """Put each row's sentence beside it."""
        for row, error in rows.items():
            if row.startswith("halt-"):
                self.refuse(error, f"note_{row.removeprefix('halt-')}")
                continue
            name = {"note": "note", "age_checked": "age"}.get(error.field or "", "result")
            field = self._fields.get(f"{name}_{row}") or self._fields[f"result_{row}"]
            field.errors = [*field.errors, error.text]


def _doors(run: RunView, taken: Container[int]) -> list[tuple[str, StopView, Recipient]]:
    """Who has no result yet, each with what the paper calls them."""
    here = [(halt, stop, to) for stop in run.drops for halt, to in stop.numbered]
    return [one for one in here if not one[2].settled and one[2].order_id not in taken]


YEARS = range(2000, 2200)
"""Days outside have no day before or after that a computer could name."""


def real_day(_form: Any, field: DateField) -> None:
    """Validator: no day before or after all deliveries."""
    if field.data is not None and field.data.year not in YEARS:
        raise ValidationError(str(field.data.year))


class DayForm(MarketForm):
    """A day behind a button."""

    day = DateField(validators=[InputRequired(), real_day])


class CancelForm(DayForm):
    """Cancel what was not delivered; the shopper reads the reason."""

    reason = TextLine(
        _l("Grund, wie ihn die Kundschaft liest"),
        validators=[
            required(_l("Bitte schreiben Sie kurz, warum.")),
            _at_most(300),
        ],
    )


class CloseForm(MarketForm):
    """End a run that nobody finished."""

    reason = TextLine(
        _l("Was ist passiert?"),
        validators=[
            required(_l("Bitte schreiben Sie kurz, was los war.")),
            _at_most(150),
        ],
    )


class AssignForm(MarketForm):
    """Who drives; "0" is nobody yet."""

    courier = SelectField(_l("Kurier"), coerce=int)


# ------------------------------------------------------------------------------------------------------------- settings


def _whole(label: Any, least: int, most: int, unit: Any = "") -> IntegerField:
    said = _l("Bitte geben Sie eine ganze Zahl von %(least)s bis %(most)s ein.", least=least, most=most)
    return IntegerField(
        label, description=unit, validators=[InputRequired(message=said), NumberRange(least, most, message=said)]
    )


class EuroField(StringField):
    """An amount from 0 to 500 euros as Germans type it ("3,90"); `data` is Money. What was typed stays."""

    said = _l("Bitte geben Sie einen Betrag von 0 bis 500 Euro ein, zum Beispiel 3,90.")

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else str(self.data).removesuffix("\N{NO-BREAK SPACE}€")

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the amount."""
        self.data = None
        try:
            amount = money.parse(valuelist[0].strip() if valuelist else "")
        except money.BadAmount:
            raise ValueError(self.said) from None
        if not 0 <= amount.cents <= 50_000:
            raise ValueError(self.said)
        self.data = amount


class OptionalEuroField(EuroField):
    """The same, or left empty: then `data` is None."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the amount, if there is one."""
        if valuelist and valuelist[0].strip():
            super().process_formdata(valuelist)
        else:
            self.data = None


class KmhField(StringField):
    """A vehicle's speed from 3 to 130 km/h, or left empty: then `data` is None. What was typed stays.

    No number field: of what is none ("20-30") a browser would send nothing, and nothing means as the kind assumes.
    """

    said = _l("Bitte geben Sie ganze km/h von 3 bis 130 ein, oder lassen Sie das Feld leer.")

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else str(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the speed, if there is one."""
        self.data = None
        text = valuelist[0].strip() if valuelist else ""
        if text and not (text.isascii() and text.isdigit() and len(text) <= 3 and 3 <= int(text) <= 130):
            raise ValueError(self.said)
        self.data = int(text) if text else None


def _clock(label: Any) -> TimeField:
    return TimeField(label, validators=[InputRequired(message=_l("Bitte geben Sie eine Uhrzeit ein, etwa 16:00."))])


class ZoneForm(MarketForm):
    """An area and its honest price."""

    name = TextLine(_l("Name"), [required(_l("Bitte geben Sie dem Gebiet einen Namen.")), Length(max=80)])
    fee = EuroField(_l("Liefergebühr"))
    good_fee = OptionalEuroField(
        _l("Gebühr, wenn eine Tour ohnehin vorbeikommt"),
        description=_l("Leer lassen, wenn es keinen niedrigeren Preis geben soll."),
    )
    minimum = EuroField(_l("Mindestwert der Ware"))
    places = TextAreaField(
        _l("Orte"),
        description=_l(
            "Eine Zeile je Ort: Postleitzahl und Dorf, zum Beispiel „12345 Unterdorf“. Nur die Postleitzahl meint "
            "alles dort, was keine eigene Zeile hat, auch nicht in einem anderen Gebiet."
        ),
        validators=[Length(max=8_000, message=_l("Höchstens 8.000 Zeichen."))],
        render_kw={"rows": 10},
    )
    active = BooleanField(_l("wird beliefert"))


class TemplateForm(MarketForm):
    """A weekly window. Changes count for all windows nobody has booked."""

    weekday = SelectField(
        _l("Wochentag"),
        coerce=int,
        choices=choices(
            [
                (0, _l("Montag")),
                (1, _l("Dienstag")),
                (2, _l("Mittwoch")),
                (3, _l("Donnerstag")),
                (4, _l("Freitag")),
                (5, _l("Samstag")),
                (6, _l("Sonntag")),
            ]
        ),
    )
    starts = _clock(_l("Von"))
    ends = _clock(_l("Bis"))
    cutoff_minutes = _whole(
        _l("Bestellschluss, Minuten vorher"), 30, 7 * 24 * 60, _l("300 sind fünf Stunden, 1440 ist ein Tag.")
    )
    capacity = _whole(_l("Plätze (Bestellungen)"), 0, 500)
    minimum_orders = _whole(_l("Lohnt sich ab (Bestellungen)"), 0, 500)
    surcharge = EuroField(_l("Aufschlag"))
    zone_id = SelectField(_l("Gebiet"), coerce=int)
    active = BooleanField(
        _l("wird angeboten"),
        description=_l("Änderungen gelten sofort für alle Fenster, die noch niemand gebucht hat."),
    )


class VehicleForm(MarketForm):
    """Something that can do a run."""

    name = TextLine(_l("Name"), [required(_l("Bitte geben Sie dem Fahrzeug einen Namen.")), Length(max=80)])
    kind = SelectField(_l("Art"), choices=choices((kind.value, kind.label) for kind in VehicleKind))
    max_weight_kg = _whole(_l("Zuladung in Kilogramm"), 1, 3_500)
    max_volume_l = _whole(_l("Laderaum in Litern"), 1, 20_000)
    max_cooled_l = _whole(_l("Davon gekühlt, in Litern"), 0, 20_000)
    kmh_near = KmhField(_l("Tempo in der Stadt, km/h"), render_kw={"inputmode": "numeric"})
    kmh_far = KmhField(_l("Tempo über Land, km/h"), render_kw={"inputmode": "numeric"})
    depot_place = TextLine(
        _l("Standort"),
        description=_l("Straße und Hausnummer: Dort beginnt und endet jede Tour. Leer: in der Mitte der Stadt."),
        validators=[Optional(), Length(max=160, message=_l("Höchstens 160 Zeichen."))],
    )
    shift_from = _clock(_l("Schicht von"))
    shift_to = _clock(_l("Schicht bis"))
    break_minutes = _whole(_l("Pause in Minuten"), 0, 180)
    break_from = TimeField(_l("Pause beginnt frühestens"), validators=[Optional()])
    break_to = TimeField(_l("Pause beginnt spätestens"), validators=[Optional()])
    use_cost = OptionalEuroField(
        _l("Was ein Einsatz kostet"),
        description=_l("Miete, Taxi: Was wenig kostet, wird zuerst eingesetzt. Leer: wie 10 Euro."),
    )
    driver_id = SelectField(_l("Fährt gewöhnlich"), coerce=int)
    active = BooleanField(_l("einsatzbereit"))

    def say_what_is_assumed(self, *, road_network: bool) -> None:
        """Beside the speeds: what an empty field means, and what they are for where a road network tells the times."""
        bike, van = SPEEDS[VehicleKind.CARGO_BIKE.value], SPEEDS[VehicleKind.VAN.value]
        self.kmh_near.description = _l(
            "Im Schnitt, mit Ampeln und Kreuzungen. Leer: Lastenrad %(bike)s, Transporter %(van)s.",
            bike=bike.near,
            van=van.near,
        )
        self.kmh_far.description = _l(
            "Für das, was an einem Weg über 5 km hinausgeht. Leer: Lastenrad wie in der Stadt, Transporter %(van)s.",
            van=van.far,
        )
        if road_network:
            self.kmh_near.description += " " + _l(
                "Wie lange Transporter brauchen, sagt das Straßennetz (OSRM). Ihr Tempo zählt, wenn es nicht "
                "antwortet, und bei der Frage, ob eine Adresse an einer Tour liegt."
            )
