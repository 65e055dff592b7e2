"""What a person sees of a run: parcels, recipients, halts. Values only; `runs.py` loads them.

No prices, no mail addresses: there is no field for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from delivery.models import ParcelState, RunState, StopKind, VehicleKind
from delivery.results import NOT_ON_BOARD, SETTLED
from market.core import formats
from market.directory.models import Shop


@dataclass(frozen=True, slots=True)
class ParcelView:
    """What one shop hands over for one order."""

    id: int
    number: str
    bags: int
    order: str
    shop: str
    cold: bool
    min_age: int
    state: ParcelState
    reason: str

    @property
    def open(self) -> bool:
        """Nobody has said anything about it yet."""
        return self.state is ParcelState.PLANNED


@dataclass(frozen=True, slots=True)
class Recipient:
    """One order at a door."""

    order_id: int
    order: str
    name: str
    care_of: str
    house: str
    ward: str
    bell: str
    street: str
    zip: str
    city: str
    phone: str
    note: str
    drop_off: str
    min_age: int
    inexact: bool
    geo: str
    window: str
    parcels: tuple[ParcelView, ...]

    @property
    def settled(self) -> bool:
        """Every parcel has its result."""
        return all(parcel.state in SETTLED for parcel in self.parcels)

    @property
    def nothing_on_board(self) -> bool:
        """All of it stayed at the shops: there is nothing to bring."""
        return all(parcel.state in NOT_ON_BOARD for parcel in self.parcels)

    @property
    def failed(self) -> bool:
        """Something came back or never left the shop."""
        return any(parcel.state is ParcelState.FAILED or parcel.state in NOT_ON_BOARD for parcel in self.parcels)


@dataclass(frozen=True, slots=True)
class StopView:
    """A halt: a shop with what is collected, or a door with its recipients. `label` is what the paper calls it."""

    position: int
    label: str
    kind: StopKind
    planned: str
    parcels: tuple[ParcelView, ...]
    shop: Shop | None = None
    geo: str = ""
    recipients: tuple[Recipient, ...] = ()

    @property
    def done(self) -> bool:
        """No word is missing here."""
        if self.kind is StopKind.PICKUP:
            return not any(parcel.open for parcel in self.parcels)
        return all(recipient.settled for recipient in self.recipients)

    @property
    def failed(self) -> bool:
        """Something did not work here."""
        if self.kind is StopKind.PICKUP:
            return any(p.state in NOT_ON_BOARD for p in self.parcels)
        return any(recipient.failed for recipient in self.recipients)


@dataclass(frozen=True, slots=True)
class RunView:
    """A run with its stops. `estimate`: times are estimates, shown with "ca."; `closable`: the desk may end it."""

    id: int
    code: str
    day: date
    state: RunState
    vehicle: str
    vehicle_kind: VehicleKind
    courier_id: int | None
    courier: str
    starts: str
    ends: str
    distance_m: int
    estimate: bool
    stops: tuple[StopView, ...]
    closable: bool = False

    @property
    def next(self) -> StopView | None:
        """The first stop without a result."""
        return next((stop for stop in self.stops if not stop.done), None)

    @property
    def pickups(self) -> tuple[StopView, ...]:
        return tuple(stop for stop in self.stops if stop.kind is StopKind.PICKUP)

    @property
    def drops(self) -> tuple[StopView, ...]:
        return tuple(stop for stop in self.stops if stop.kind is StopKind.DROP)

    @property
    def recipients(self) -> int:
        return sum(len(stop.recipients) for stop in self.stops)

    @property
    def done(self) -> int:
        return sum(stop.done for stop in self.stops)

    @property
    def km(self) -> str:
        """12,4 km"""
        return f"{self.distance_m / 1000:.1f}{formats.NBSP}km".replace(".", ",")
