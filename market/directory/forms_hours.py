"""The forms of a shop's weekly hours and its days off, for every desk that keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import TimeField
from wtforms.validators import Length

from market.directory.hours import END_OF_DAY, whole_nights
from market.directory.merchants import WEEKDAYS, HoursRow
from market.directory.models import OpeningHours
from market.web.fields import GermanDate
from market.web.forms import MarketForm, TextLine, optional, required


class _HoursBase(MarketForm):
    """Two spans a day; the fields are added below, one set per weekday."""

    def rows(self) -> list[HoursRow]:
        """The weekly rows; call after `validate`."""
        found = []
        for day in range(7):
            for opens, closes in self.spans(day):
                if opens.data is not None and closes.data is not None:
                    found.append((day, opens.data, closes.data))
        return found

    def spans(self, day: int) -> list[tuple[Any, Any]]:
        """The day's field pairs."""
        fields = self._fields
        return [
            (fields[f"day_{day}"], fields[f"closes_{day}"]),
            (fields[f"again_{day}"], fields[f"closes_again_{day}"]),
        ]

    def validate(self, extra_validators: Any = None) -> bool:
        """A span needs both times."""
        fine = bool(super().validate(extra_validators))
        for day in range(7):
            for opens, closes in self.spans(day):
                if (opens.data is None) != (closes.data is None) and not (opens.errors or closes.errors):
                    target = closes if closes.data is None else opens
                    target.errors = [*target.errors, "Bitte tragen Sie beide Zeiten ein oder keine."]
                    fine = False
        return fine


def _hours_fields() -> dict[str, TimeField]:
    fields = {}
    for day, name in enumerate(WEEKDAYS):
        for key, label in (
            (f"day_{day}", "öffnet"),
            (f"closes_{day}", "schließt"),
            (f"again_{day}", "öffnet wieder"),
            (f"closes_again_{day}", "schließt dann"),
        ):
            fields[key] = TimeField(f"{name}: {label}", validators=[optional()])
    return fields


HoursForm = type("HoursForm", (_HoursBase,), _hours_fields())
"""The week as 28 time fields (`day_0` is Monday's opening time: merchants.BadHours names it)."""


def hours_data(hours: Sequence[OpeningHours]) -> dict[str, time]:
    """What the form shows of a shop's rows; a third span of a day is not shown (nobody has one).

    A night is one span again, as it was typed; midnight is 0:00.
    """
    data: dict[str, time] = {}
    week = [tuple(sorted((row.opens, row.closes) for row in hours if row.weekday == day)) for day in range(7)]
    for day in range(7):
        rows = whole_nights(week[day - 1], week[day], week[(day + 1) % 7])
        for (opens, closes), (first, last) in zip(
            rows, ((f"day_{day}", f"closes_{day}"), (f"again_{day}", f"closes_again_{day}")), strict=False
        ):
            data[first] = opens
            data[last] = time.min if closes >= END_OF_DAY and opens > time.min else closes
    return data


class ExceptionForm(MarketForm):
    """Days off, or days with other hours."""

    first_day = GermanDate(_l("Erster Tag"), validators=[required(_l("Bitte wählen Sie den Tag."))])
    last_day = GermanDate(_l("Letzter Tag"), validators=[optional()])
    opens = TimeField(_l("Öffnet"), validators=[optional()])
    closes = TimeField(_l("Schließt"), validators=[optional()])
    note = TextLine(_l("Grund (für die Kundschaft)"), validators=[Length(max=120)])
