"""What happened to an opening, in words for the editor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from market.core.i18n import N_, gettext
from market.directory.models import Moderation, OpeningEvent, OpeningKind

FIELDS = {
    "title": N_("Überschrift geändert"),
    "text": N_("Text geändert"),
    "address": N_("Adresse geändert"),
    "starts_on": N_("Beginn geändert"),
    "ends_on": N_("letzten Tag geändert"),
    "shop_id": N_("Laden geändert"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the history."""

    at: datetime
    text: str
    who: str  # empty: the calendar


def steps(events: Iterable[tuple[OpeningEvent, str]]) -> list[Step]:
    """One line per event and who made it, oldest first; without a user it was the calendar."""
    return [Step(event.at, _sentence(event), who) for event, who in events]


def _sentence(event: OpeningEvent) -> str:
    parts = []
    for name, value in event.change.items():
        if name == "created":
            parts.append(gettext(N_("eingereicht als „{kind}“")).format(kind=_label(OpeningKind, value)))
        elif name == "kind":
            parts.append(gettext(N_("jetzt „{kind}“")).format(kind=_label(OpeningKind, value[1])))
        elif name == "moderation":
            parts.append(_label(Moderation, value[1]))
        elif name in FIELDS:
            parts.append(gettext(FIELDS[name]))
    text = ", ".join(parts)
    return text if event.by_user_id is not None else gettext(N_("{text} (von selbst)")).format(text=text)


def _label(kinds: type[OpeningKind | Moderation], value: str) -> str:
    return next(gettext(kind.label) for kind in kinds if kind.value == value)
