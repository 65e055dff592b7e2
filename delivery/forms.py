"""What a courier types on the phone: hardly anything. Every form carries the key that makes its result count once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField
from wtforms.fields import SelectChoice
from wtforms.validators import AnyOf, InputRequired, Length, Optional, Regexp

from delivery.halts import ParcelView
from delivery.models import BackTo, ParcelState, ProofKind
from delivery.outcomes import PICKED, SAYABLE, Dropped, Pickup
from delivery.proof import Proof
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
_TOO_LONG = _l("Das ist zu lang.")
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
        """The form for these parcels: a choice per parcel; only an old page asks for those that have a result."""
        fields: dict[str, Any] = {
            f"parcel_{parcel.id}": RadioField(
                _l("Paket %(number)s", number=parcel.number),
                choices=PICK_CHOICES,
                default=ParcelState.PICKED_UP.value,
                validate_choice=True,
            )
            for parcel in parcels
        }
        made: PickupForm = type("PickupFormOfStop", (cls,), fields)()
        return made

    def result(self, parcels: Sequence[ParcelView]) -> Pickup:
        """What was pressed, for every parcel without a result; when all have one, what an old page says of them."""
        same = {"all": ParcelState.PICKED_UP, "closed": ParcelState.SHOP_CLOSED}.get(self.action.data)
        if same:
            return Pickup({parcel.id: same for parcel in [one for one in parcels if one.open] or parcels})
        asked = {parcel.id: self._fields[f"parcel_{parcel.id}"] for parcel in parcels}
        said = [parcel.id for parcel in parcels if parcel.open or asked[parcel.id].raw_data]
        return Pickup({number: PICKED[asked[number].data] for number in said}, note=self.note.data or "")


class DeliveredForm(ResultForm):
    """At a door: handed over. The age check stands here for goods with an age mark.

    The button pressed (`action`) is "given" or, where it is allowed, "left". Whatever proof is filled in counts: a code
    before a signature before a name.
    """

    action = HiddenField(default="given")
    age_checked = BooleanField(_l("Ausweis gesehen, alt genug"))
    code = TextLine(_l("Code der Kundschaft"), validators=[Optional(), Length(max=20, message=_TOO_LONG)])
    taken_by = TextLine(_l("Angenommen von"), validators=[Optional(), Length(max=80, message=_TOO_LONG)])
    strokes = HiddenField(_l("Unterschrift"), validators=[Optional(), Length(max=100_000)])

    def result(self, order_id: int) -> Dropped:
        """What was pressed."""
        return Dropped(order_id, age_checked=self.age_checked.data, proof=self._proof())

    def _proof(self) -> Proof | None:
        if self.action.data == "left":
            return Proof(ProofKind.LEFT)
        if self.code.data:
            return Proof(ProofKind.CODE, self.code.data)
        if self.strokes.data:
            return Proof(ProofKind.SIGNATURE, self.taken_by.data or "", self.strokes.data)
        return Proof(ProofKind.NAME, self.taken_by.data) if self.taken_by.data else None


class PointForm(ResultForm):
    """At a pick-up point: everything for these orders is in the keeper's hands, with one proof for all of it.

    The button pressed (`action`) is "given" or "closed"; `orders` are those the page knew no word of.
    """

    action = HiddenField(default="given")
    orders = HiddenField(validators=[Optional(), Regexp(r"^\d{1,9}(,\d{1,9}){0,199}$")])
    taken_by = TextLine(_l("Angenommen von"), validators=[Optional(), Length(max=80, message=_TOO_LONG)])
    strokes = HiddenField(_l("Unterschrift"), validators=[Optional(), Length(max=100_000)])

    @property
    def closed(self) -> bool:
        """Nobody was there to take it."""
        return bool(self.action.data == "closed")

    @property
    def meant(self) -> frozenset[int]:
        """The orders somebody looking at that page means by "everything"."""
        return frozenset(int(number) for number in (self.orders.data or "").split(",") if number)

    def proof(self) -> Proof | None:
        """A signature before a name; none is fine, too."""
        if self.strokes.data:
            return Proof(ProofKind.SIGNATURE, self.taken_by.data or "", self.strokes.data)
        return Proof(ProofKind.NAME, self.taken_by.data) if self.taken_by.data else None


class FailedForm(ResultForm):
    """At a door: not handed over, and why."""

    reason = RadioField(
        _l("Warum nicht?"),
        choices=choices(FAILURES),
        validators=[InputRequired(message=_l("Bitte wählen Sie einen Grund."))],
    )
    note = TextLine(_l("Bemerkung"), validators=[Optional(), Length(max=150, message=_l("Höchstens 150 Zeichen."))])

    def result(self, order_id: int) -> Dropped:
        """What was pressed."""
        failure = next((one for one in SAYABLE if one.value == self.reason.data), None)
        return Dropped(order_id, failure=failure, note=self.note.data or "")


class ReturnedForm(ResultForm):
    """What was not delivered is somewhere: which parcels, and where (the button pressed)."""

    parcels = HiddenField(validators=[InputRequired(), Regexp(r"^\d{1,9}(,\d{1,9}){0,99}$")])
    to = HiddenField(validators=[InputRequired(), AnyOf([place.value for place in BackTo])])

    def place(self) -> BackTo:
        """Where they are."""
        return next(place for place in BackTo if place.value == self.to.data)

    def parcel_ids(self) -> list[int]:
        """Which ones."""
        return [int(number) for number in (self.parcels.data or "").split(",")]
