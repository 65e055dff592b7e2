"""Fields that read what Germans type: amounts, decimals, times. What was typed stays in the field when it is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from wtforms import StringField
from wtforms.fields import SelectChoice
from wtforms.validators import ValidationError

from market.core import money
from market.core.db import LabelEnum
from market.core.money import Money

Member = TypeVar("Member", bound=LabelEnum)


def picks(pairs: Iterable[tuple[object, Any]]) -> list[SelectChoice]:
    """Choices of a select or radio field from (value, label)."""
    return [SelectChoice(str(value), label) for value, label in pairs]


def picks_of(enum: type[LabelEnum]) -> list[SelectChoice]:
    """Every member of an enum as a choice."""
    return picks((each.value, each.label) for each in enum)


def member(enum: type[Member], value: object) -> Member:
    """The member with this value; a form's choices let no other through."""
    return next(each for each in enum if each.value == value)


def filled(value: Any) -> Any:
    """A field's data after its validators saw to it that there is some."""
    if value is None:
        raise ValueError("a required field without data")
    return value


class AmountField(StringField):
    """An amount of money ("3,49"); `data` is Money or None when left empty."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else str(self.data).removesuffix("\N{NO-BREAK SPACE}€")

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the German amount."""
        text = valuelist[0].strip() if valuelist else ""
        self.data = None
        if text:
            try:
                self.data = money.parse(text)
            except money.BadAmount as error:
                raise ValueError(error.text) from None


class DecimalText(StringField):
    """A number with a comma ("12,5"); `data` is a float or None when left empty. Never for money."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data:g}".replace(".", ",")

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number."""
        text = valuelist[0].strip().removesuffix("%").strip() if valuelist else ""
        self.data = None
        if text:
            try:
                self.data = float(text.replace(",", "."))
            except ValueError:
                raise ValueError("Bitte eine Zahl eingeben, zum Beispiel 12,5.") from None


class WholeNumber(StringField):
    """A whole number of pieces, grams or days; `data` is an int or None when left empty."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else str(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number; a thousands dot is fine."""
        text = valuelist[0].strip().replace(".", "") if valuelist else ""
        self.data = None
        if text:
            if not text.isdecimal() or len(text) > 9:
                raise ValueError("Bitte eine ganze Zahl eingeben, zum Beispiel 12.")
            self.data = int(text)


class Between:
    """Validator: a number from `least` to `most`; empty is another validator's business."""

    def __init__(self, least: float, most: float) -> None:
        self.least = least
        self.most = most

    def __call__(self, form: Any, field: Any) -> None:  # noqa: ARG002 - WTForms' signature
        """Raise ValidationError when out of range."""
        if field.data is not None and not self.least <= field.data <= self.most:
            raise ValidationError(f"Bitte eine Zahl von {self.least:g} bis {self.most:g} eingeben.")


def above_zero(form: Any, field: Any) -> None:  # noqa: ARG001 - WTForms' signature
    """Validator: an amount above 0 €."""
    if isinstance(field.data, Money) and field.data.cents <= 0:
        raise ValidationError("Bitte geben Sie einen Preis über 0 € ein.")
