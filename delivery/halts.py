"""What a person sees of a run: parcels, recipients, halts. Values only; `runs.py` loads them.

No prices, no mail addresses: there is no field for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from delivery.elsewhere import ON_BOARD
from delivery.models import BackTo, ParcelState, ProofKind, RunState, StopKind, VehicleKind
from delivery.outcomes import NOT_ON_BOARD, SETTLED
from delivery.returns import Goods
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
    goods: Goods = Goods.PLAIN
    lies: str = ""  # not in the shop: it stayed in a vehicle since the last try

    @property
    def open(self) -> bool:
        """Nobody has said anything about it yet."""
        return self.state is ParcelState.PLANNED


def sum_text(parcels: Iterable[HasBags]) -> str:
    """3 Pakete, 4 Taschen, davon 1 gekühlt"""
    parcels = tuple(parcels)
    bags, cold = sum(parcel.bags for parcel in parcels), sum(parcel.cold for parcel in parcels)
    text = f"{len(parcels)} {'Paket' if len(parcels) == 1 else 'Pakete'}, {bags} {'Tasche' if bags == 1 else 'Taschen'}"
    return f"{text}, davon {cold} gekühlt" if cold else text


def letters(nth: int) -> str:
    """0 -> a, 25 -> z, 26 -> aa: a big house may have many recipients."""
    made = ""
    nth += 1
    while nth:
        nth, rest = divmod(nth - 1, 26)
        made = chr(ord("a") + rest) + made
    return made


_GROUND = re.compile(r"\b(?:eg|erdgeschoss|parterre)\b")


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Sorts "Zimmer 9" before "Zimmer 10", and the ground floor below the first."""
    words = _GROUND.sub("0", text.casefold())
    pieces = (piece.strip(" ,;.-/") for piece in re.split(r"(\d+)", words))
    return tuple((0, int(piece), "") if piece.isdecimal() else (1, 0, piece) for piece in pieces if piece)


class HasBags(Protocol):
    """What can be summed up."""

    @property
    def bags(self) -> int: ...
    @property
    def cold(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class ProofView:
    """How a drop was proved. `strokes` is an SVG path in a box of 600 x 240."""

    kind: ProofKind
    words: str
    strokes: str
    at: str


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
    proof: ProofView | None = None
    point: str = ""  # name of the pick-up point whose counter this is; empty: a door

    @property
    def within(self) -> str:
        """Haus B, Station 2, Zimmer 14"""
        return ", ".join(filter(None, ("" if self.point else self.house, self.ward)))

    @property
    def way_in(self) -> tuple[object, ...]:
        """Sorts the recipients of a house as one walks through it: by building, floor or ward, room, bell."""
        return (natural(self.house), natural(self.ward), natural(self.bell), natural(self.name), self.order_id)

    @property
    def sum(self) -> str:
        """2 Pakete, 3 Taschen"""
        return sum_text(self.parcels)

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


class PickupPlace(Protocol):
    """What a courier is told about where something is collected: a shop, or a place where goods lie."""

    id: Any
    name: Any
    entrance: Any
    back_door: Any
    bell: Any
    contact_name: Any
    contact_phone: Any
    phone: Any
    parking: Any
    lat: Any
    lon: Any

    @property
    def address(self) -> str: ...


@dataclass(slots=True)
class Spot:
    """Where goods lie that are not in their shop. `id` is no shop's."""

    name: str
    address: str
    lat: float | None
    lon: float | None
    id: int = 0
    entrance: str = ""
    back_door: str = ""
    bell: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    phone: str = ""
    parking: str = ""


@dataclass(frozen=True, slots=True)
class StopView:
    """A halt: a shop with what is collected, or a door with its recipients. `label` is what the paper calls it."""

    position: int
    label: str
    kind: StopKind
    planned: str
    parcels: tuple[ParcelView, ...]
    shop: PickupPlace | None = None
    geo: str = ""
    recipients: tuple[Recipient, ...] = ()

    @property
    def sum(self) -> str:
        """3 Pakete, 4 Taschen, davon 1 gekühlt"""
        return sum_text(self.parcels)

    @property
    def numbered(self) -> tuple[tuple[str, Recipient], ...]:
        """The recipients with what the paper calls them: "4", or "4a" and "4b" where several share a door."""
        if len(self.recipients) < 2:
            return tuple((self.label, one) for one in self.recipients)
        return tuple((f"{self.label}{letters(nth)}", one) for nth, one in enumerate(self.recipients))

    @property
    def point(self) -> str:
        """The pick-up point at which something is left here; empty for plain doors."""
        return next((one.point for one in self.recipients if one.point), "")

    @property
    def for_point(self) -> tuple[Recipient, ...]:
        """Orders whose goods the keeper still has to get: handed over together."""
        return tuple(one for one in self.recipients if one.point and not one.settled)

    @property
    def together(self) -> tuple[Recipient, ...]:
        """Whom one word, or one signature, for the whole point is about: all but those who got nothing.

        When all got nothing, all: that is a contradiction, and has to be told.
        """
        here = [one for one in self.recipients if one.point]
        return tuple([one for one in here if not (one.settled and one.failed)] or here)

    @property
    def to_say(self) -> int:
        """How many words are missing here: one per shop, one per recipient."""
        if self.kind is StopKind.PICKUP:
            return 0 if self.done else 1
        return sum(not recipient.settled for recipient in self.recipients)

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
class ReturnView:
    """A halt after the doors: parcels of one shop that were not delivered, and where they go. `label` is R1, R2 ..."""

    label: str
    shop: Shop
    geo: str
    to: BackTo
    or_to: tuple[BackTo, ...]
    sentences: tuple[str, ...]
    parcels: tuple[ParcelView, ...]
    done: bool


@dataclass(frozen=True, slots=True)
class RestView:
    """The driver's break, on the way to the halt at `position` called `label` (0 and "": after the last one)."""

    starts: str
    ends: str
    minutes: int
    position: int
    label: str


@dataclass(frozen=True, slots=True)
class TakeoverView:
    """Another run collects goods from this one: which, with what, about when, how many parcels."""

    code: str
    vehicle: str
    time: str
    parcels: int


@dataclass(frozen=True, slots=True)
class ReplacedView:
    """A planned run stands instead of this one; `new`: doors that were not on it, as "5 Karla Muster"."""

    code: str
    new: tuple[str, ...]


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
    returns: tuple[ReturnView, ...] = ()
    rest: RestView | None = None
    fell_out: bool = False  # its vehicle, before the run was over
    takeovers: tuple[TakeoverView, ...] = ()  # its vehicle fell out: who comes for what it carries
    replaces: ReplacedView | None = None  # planned: which run it stands for since the day was planned anew

    def rests_before(self, stop: StopView | None) -> bool:
        """Whether the break is on the way to this halt; None: after all of them."""
        return self.rest is not None and self.rest.position == (stop.position if stop else 0)

    @property
    def nobodys(self) -> int:
        """Parcels on board of a vehicle that fell out for which nobody comes."""
        aboard = sum(one.state in ON_BOARD for stop in self.drops for one in stop.parcels) if self.fell_out else 0
        return max(0, aboard - sum(one.parcels for one in self.takeovers))

    @property
    def open_returns(self) -> tuple[ReturnView, ...]:
        """Where something still has to be taken."""
        return tuple(halt for halt in self.returns if not halt.done)

    @property
    def halts(self) -> int:
        """Shops, doors and places where something is taken back."""
        return len(self.stops) + len(self.returns)

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
    def shops(self) -> int:
        """Places where goods are collected, each once however often it is called at."""
        return len({(stop.shop.name, stop.shop.address) for stop in self.stops if stop.shop})

    @property
    def recipients(self) -> int:
        return sum(len(stop.recipients) for stop in self.stops)

    @property
    def done(self) -> int:
        return sum(stop.done for stop in self.stops) + sum(halt.done for halt in self.returns)

    @property
    def km(self) -> str:
        """12,4 km"""
        return f"{self.distance_m / 1000:.1f}{formats.NBSP}km".replace(".", ",")
