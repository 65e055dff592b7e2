"""What a courier types on the phone: hardly anything. Every form carries the key that makes its result count once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from delivery.halts import ParcelView
from delivery.models import ParcelState
from delivery.results import PICKED, SAYABLE, Pickup
from market.core import codes
from market.web.forms import MarketForm, TextLine


def choices(pairs: Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """(value, label) pairs as WTForms wants them."""
    return [SelectChoice(str(value), label) for value, label in pairs]


PICK_CHOICES = choices(
    [
        (ParcelState.PICKED_UP.value, _l("abgeholt")),
        (ParcelState.SHORT.value, _l("etwas fehlt")),
        (ParcelState.MISSING.value, _l("nicht da")),
    ]
)
FAILURES = [(failure.value, failure.label) for failure in SAYABLE]


class ResultForm(MarketForm):
    """The base: a key that is new with every page, so that sending twice is sending once."""

    key = HiddenField(validators=[InputRequired(), Length(max=64)], default=codes.key)


class PickupForm(ResultForm):
    """At a shop. The button pressed (`action`) is "all", "closed" or "each" with a word per parcel."""

    action = HiddenField(default="each")
    note = TextLine(_l("Was fehlt?"), validators=[Optional(), Length(max=200, message=_l("Höchstens 200 Zeichen."))])

    @classmethod
    def of(cls, parcels: Sequence[ParcelView]) -> PickupForm:
        """The form for these parcels: a choice per parcel."""
        fields: dict[str, Any] = {
            f"parcel_{parcel.id}": RadioField(
                _l("Paket %(number)s", number=parcel.number),
                choices=PICK_CHOICES,
                default=ParcelState.PICKED_UP.value,
                validate_choice=True,
            )
            for parcel in parcels
            if parcel.open
        }
        made: PickupForm = type("PickupFormOfStop", (cls,), fields)()
        return made

    def result(self, parcels: Sequence[ParcelView]) -> Pickup:
        """What was pressed, for every parcel that has no result yet."""
        same = {"all": ParcelState.PICKED_UP, "closed": ParcelState.SHOP_CLOSED}.get(self.action.data)
        states = {
            parcel.id: same or PICKED[self._fields[f"parcel_{parcel.id}"].data] for parcel in parcels if parcel.open
        }
        return Pickup(states, note="" if same else self.note.data or "")


class DeliveredForm(ResultForm):
    """At a door: handed over. The age check stands here for goods with an age mark."""

    age_checked = BooleanField(_l("Ausweis gesehen, alt genug"))


class FailedForm(ResultForm):
    """At a door: not handed over, and why."""

    reason = RadioField(
        _l("Warum nicht?"),
        choices=choices(FAILURES),
        validators=[InputRequired(message=_l("Bitte wählen Sie einen Grund."))],
    )
    note = TextLine(_l("Bemerkung"), validators=[Optional(), Length(max=150, message=_l("Höchstens 150 Zeichen."))])
