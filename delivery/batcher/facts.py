"""The things a planning task is about: loads, shops, orders, vehicles, zones. Units and rules: see problem.py."""

from __future__ import annotations

from dataclasses import dataclass

from delivery.batcher.stops import Id

#: From and to, both included, in seconds after midnight.
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Load:
    """How much room goods take: grams, millilitres, and the millilitres of it that must stay cold."""

    weight: int = 0
    volume: int = 0
    cooled: int = 0

    def __add__(self, other: Load) -> Load:
        return Load(self.weight + other.weight, self.volume + other.volume, self.cooled + other.cooled)

    def __sub__(self, other: Load) -> Load:
        return Load(self.weight - other.weight, self.volume - other.volume, self.cooled - other.cooled)

    def fits(self, cap: Load) -> bool:
        return self.weight <= cap.weight and self.volume <= cap.volume and self.cooled <= cap.cooled


@dataclass(frozen=True, slots=True)
class ShopNode:
    """A shop of the day. A stop there must begin in [open, close]; it costs `setup` once, `per_parcel` each.

    `hours` are the spans in which a stop may begin (midday breaks lie between them); none given: all of [open, close].
    """

    id: Id
    loc: int
    open: int
    close: int
    setup: int = 0
    per_parcel: int = 0
    name: str = ""
    hours: tuple[Span, ...] = ()

    @property
    def label(self) -> str:
        return self.name or f"Laden {self.id}"

    @property
    def spans(self) -> tuple[Span, ...]:
        """When a stop may begin, in order; empty when never."""
        spans = self.hours or ((self.open, self.close),)
        cut = ((max(first, self.open), min(last, self.close)) for first, last in spans)
        return tuple((first, last) for first, last in cut if first <= last)


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one shop hands over for one order.

    `on` is the vehicle that carries it already (then nobody collects it any more); `since` is when that vehicle's
    stop at the shop began, known where cooled goods must not stay on board too long.
    """

    shop: Id
    load: Load
    on: Id | None = None
    since: int | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """Parcels from one or more shops and ONE door, where the stop must begin in [tw_from, tw_to].

    `setup` is paid at the door, once for drops in a row at the same `door` (a house with many recipients; all orders
    of a door have the same loc and setup). `handling` is added time for this order (age check, fourth floor) and, like
    the handling in shops, no cost. `vehicle`: only this one may take it. `penalty` is what leaving it behind costs
    (default: the problem's). `max_cooled`: seconds from the beginning of the stop where a cooled parcel is collected
    to the beginning of its drop (default: the problem's).
    """

    id: Id
    loc: int
    tw_from: int
    tw_to: int
    setup: int
    parcels: tuple[Parcel, ...]
    door: Id | None = None
    handling: int = 0
    vehicle: Id | None = None
    penalty: int | None = None
    max_cooled: int | None = None

    @property
    def load(self) -> Load:
        return sum((parcel.load for parcel in self.parcels), Load())

    @property
    def pickups(self) -> tuple[Id, ...]:
        """Shops where something must still be collected, each once, in order of mention."""
        return tuple(dict.fromkeys(parcel.shop for parcel in self.parcels if parcel.on is None))

    def at(self, shop: Id) -> tuple[Parcel, ...]:
        """What is still to be collected at a shop."""
        return tuple(parcel for parcel in self.parcels if parcel.shop == shop and parcel.on is None)


@dataclass(frozen=True, slots=True)
class BreakRule:
    """The driver rests `seconds`, beginning in [earliest, latest]; owed only when it is back after `latest`."""

    earliest: int
    latest: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle with its driver: leaves `start` (default: the depot) from shift_from on, is at `depot` by shift_to.

    A vehicle under way has its place as `start`, the present moment as shift_from and usually fixed = 0 (`fixed`:
    what using it costs, default the problem's). `max_trips` limits how often it may begin to load with nothing on
    board; `first` and `last` are places where its first and last stop must be.
    """

    id: Id
    type: str
    depot: int
    shift_from: int
    shift_to: int
    cap: Load
    name: str = ""
    start: int | None = None
    rest: BreakRule | None = None
    fixed: int | None = None
    max_trips: int | None = None
    first: int | None = None
    last: int | None = None

    @property
    def label(self) -> str:
        return self.name or f"Fahrzeug {self.id}"

    @property
    def origin(self) -> int:
        """Where its route begins."""
        return self.depot if self.start is None else self.start


@dataclass(frozen=True, slots=True)
class Zone:
    """Places closed to vehicle types for some time: no stop there may begin at t with from <= t < to."""

    types: tuple[str, ...]
    places: tuple[int, ...]
    closed: tuple[Span, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Costs:
    """What a plan is charged, in seconds: per vehicle used, per order left behind."""

    vehicle: int = 1_800
    unserved: int = 20_000
