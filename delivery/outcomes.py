"""What can be said of a run's halts, and by whom: the words of the phone page, the paper sheet and the desk.

Values only. What follows from them is done in `results.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from delivery.models import ParcelState
from delivery.proof import Proof
from market.core.db import LabelEnum
from market.core.i18n import N_


class Failure(LabelEnum):
    """Why a drop did not work."""

    NOBODY = ("nobody", N_("niemand angetroffen"))
    ADDRESS = ("address", N_("Adresse nicht gefunden"))
    REFUSED = ("refused", N_("Annahme verweigert"))
    AGE = ("age", N_("Altersprüfung nicht bestanden: kein Ausweis"))
    TOO_YOUNG = ("too_young", N_("Altersprüfung nicht bestanden: zu jung"))
    OTHER = ("other", N_("anderer Grund"))
    NOT_DRIVEN = ("not_driven", N_("nicht gefahren"))


OF_AGE = frozenset({Failure.AGE, Failure.TOO_YOUNG})
"""Not passed: only where there is an age mark. No birth date is asked for or kept."""

SAYABLE = tuple(failure for failure in Failure if failure is not Failure.NOT_DRIVEN)
"""What a courier can say at a door; that nobody drove is said by the desk (`close_run`)."""


PICKED: Mapping[str, ParcelState] = {
    state.value: state
    for state in (ParcelState.PICKED_UP, ParcelState.SHORT, ParcelState.MISSING, ParcelState.SHOP_CLOSED)
}
"""What can be said about a parcel at a shop."""

NOT_ON_BOARD = frozenset({ParcelState.MISSING, ParcelState.SHOP_CLOSED})
SETTLED = frozenset({ParcelState.DELIVERED, ParcelState.FAILED, ParcelState.HANDED_ON}) | NOT_ON_BOARD


@dataclass(frozen=True, slots=True)
class Actor:
    """Who tells the result. A courier may act only on own runs; `desk` enters paper sheets for anybody.

    `said_at`: when it was pressed on a phone that sends it itself, which may be long before it arrives.
    """

    user_id: int
    desk: bool = False
    said_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pickup:
    """At a shop: what happened to each parcel (parcel id -> one of PICKED)."""

    states: Mapping[int, ParcelState]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Dropped:
    """At a door: one order. `failure` None means delivered; goods with an age mark need `age_checked`."""

    order_id: int
    failure: Failure | None = None
    age_checked: bool = False
    note: str = ""
    proof: Proof | None = None


@dataclass(frozen=True, slots=True)
class SheetResult:
    """A whole paper sheet: results by stop position and row; see `apply_sheet`.

    `all_back`: what was not delivered has been taken where the rules say. `goes_on`: other vehicles still take
    something over, so the run is not over with this.
    """

    pickups: Mapping[int, Pickup] = field(default_factory=dict)
    drops: Sequence[tuple[str, int, Dropped]] = ()  # row's name, stop position, result
    all_back: bool = False
    goes_on: bool = False
