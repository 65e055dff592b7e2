"""Forms about one run of the day: what it cost, to whom it goes, which order moves."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.validators import InputRequired, Length, Optional

from delivery.desk.forms import OptionalEuroField
from delivery.desk.moves import Offer, Way
from delivery.desk.placing import Offer as PlaceOffer
from delivery.desk.savings import Saved
from delivery.forms import choices
from market.web.forms import MarketForm, TextLine, required


class CostForm(MarketForm):
    """What the driver, courier or taxi gets for a run; empty: not known."""

    cost = OptionalEuroField(_l("Kosten der Tour"))
    note = TextLine(
        _l("An wen, welche Rechnung"), validators=[Optional(), Length(max=80, message=_l("Höchstens 80 Zeichen."))]
    )


def cost_form(saved: Saved) -> Callable[[str], CostForm]:
    """The form of a run by its code, filled with what is known."""

    def make(code: str) -> CostForm:
        known = saved.costs[code]
        form = CostForm(formdata=None, data={"cost": known.cost, "note": known.note})
        for field in (form.cost, form.note):
            field.id = f"{field.name}-{code}"
        return form

    return make


class MoveForm(MarketForm):
    """Where an order goes. A value is "vehicle:code of its run": when that has changed meanwhile, nothing is moved."""

    vehicle = RadioField(
        _l("Auf welches Fahrzeug?"),
        validators=[InputRequired(message=_l("Bitte wählen Sie ein Fahrzeug."))],
        validate_choice=False,
    )

    @classmethod
    def of(cls, offer: Offer, wanted: int | None = None) -> MoveForm:
        """The form with every vehicle; `wanted` is chosen when it may take the order."""
        form = cls()
        form.vehicle.choices = choices((value_of(way), way.vehicle) for way in offer.ways)
        if not form.is_submitted():
            allowed = [value_of(way) for way in offer.ways if way.vehicle_id == wanted and not way.weighed.refused]
            form.vehicle.data = allowed[0] if allowed else None
        return form

    @property
    def target(self) -> tuple[int, str]:
        """(vehicle id, code of its run); (0, "") for nonsense."""
        number, _, code = (self.vehicle.data or "").partition(":")
        return (int(number), code) if number.isdecimal() and len(number) < 10 else (0, "")


class PlaceForm(MarketForm):
    """Where in its run a halt comes: after the halt at this position, 0 for the beginning."""

    place = RadioField(
        _l("Wohin in der Tour?"),
        validators=[InputRequired(message=_l("Bitte wählen Sie einen Platz."))],
        validate_choice=False,
    )

    @classmethod
    def of(cls, offer: PlaceOffer) -> PlaceForm:
        """The form with every place; the one it has now is chosen."""
        form = cls()
        form.place.choices = choices((str(place.at), str(place.at)) for place in offer.places)
        if not form.is_submitted():
            form.place.data = next((str(place.at) for place in offer.places if place.here), None)
        return form

    @property
    def after(self) -> int:
        """The position it comes after; -1 for nonsense."""
        sent = self.place.data or ""
        return int(sent) if sent.isdecimal() and len(sent) < 6 else -1


def value_of(way: Way) -> str:
    """What the form sends for this vehicle."""
    return f"{way.vehicle_id}:{way.code}"


class SubstituteForm(MarketForm):
    """A stand-in for one run: on their own phone by a day link, or with the paper sheet only."""

    name = TextLine(
        _l("Name der Vertretung"),
        validators=[
            required(_l("Bitte schreiben Sie, wer fährt.")),
            Length(max=80, message=_l("Höchstens 80 Zeichen.")),
        ],
    )
    way = RadioField(
        _l("Wie sieht die Vertretung die Tour?"),
        choices=choices([("link", _l("mit einem Tageslink auf dem Telefon")), ("paper", _l("nur mit dem Zettel"))]),
        default="link",
    )
