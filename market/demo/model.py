"""The shape of the demo town's data: what one module of market/demo/town/ must say about an invented merchant.

Everything here is invented. Prices are gross cents, net contents grams / millilitres / millimetres / pieces,
days of the week 0 (Monday) to 6 (Sunday), times local ("07:30").
"""

from dataclasses import dataclass, field
from typing import Literal

Unit = Literal["g", "ml", "mm", "piece"]
Vat = Literal["standard", "reduced"]
DepositKind = Literal["single_use", "reusable"]
Temp = Literal["ambient", "chilled", "frozen"]
WithdrawalClass = Literal[
    "standard", "custom_made", "perishable", "sealed_hygiene", "sealed_media", "press", "dated_service"
]
Kind = Literal[
    "jar", "bottle", "wine", "juice", "bar", "bag", "book", "box", "tin", "loaf", "slice", "wheel", "wreath", "glyph"
]


@dataclass(frozen=True, slots=True)
class Art:
    """How the drawn picture ("Symbolbild") looks: packed goods carry label lines, natural goods a Noto glyph name.

    loaf, slice (of a tray cake), wheel and wreath are drawn in `colour` without a label.
    """

    kind: Kind
    label: tuple[str, ...] = ()
    glyph: str | None = None
    colour: str = "#7B1E3A"


@dataclass(frozen=True, slots=True)
class Counted:
    """Counted stock: pieces per shop, in the order of the merchant's shops."""

    per_shop: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ThreeState:
    """In the shop / on request / out, per shop, with the age of the last confirmation in days."""

    per_shop: tuple[Literal["in_shop", "on_request", "out"], ...]
    confirmed_days_ago: int = 2


@dataclass(frozen=True, slots=True)
class DailyQuota:
    """Pieces per weekday (Mon..Sun) and shop; order until `order_until` (local) on the day `days_before`."""

    per_weekday: tuple[int, int, int, int, int, int, int]
    order_until: str = "18:00"
    days_before: int = 1


@dataclass(frozen=True, slots=True)
class MadeToOrder:
    """Made or ordered to order: lead time in days until it can be handed over."""

    lead_days: int


Availability = Counted | ThreeState | DailyQuota | MadeToOrder


@dataclass(frozen=True, slots=True)
class Choice:
    """One variant; plain goods have one with an empty name."""

    name: str
    price: int
    content: int = 1
    unit: Unit = "piece"
    weight_g: int = 500
    volume_ml: int = 1000
    deposit: int = 0
    gtin: str | None = None
    availability: Availability | None = None  # None: as the product


@dataclass(frozen=True, slots=True)
class Food:
    """What LMIV asks for. allergens: () means "none contained" was decided. abv in per cent by volume."""

    name: str
    allergens: tuple[str, ...]
    ingredients: str = ""
    storage: str = ""
    abv: float | None = None
    nutrition: str = ""


@dataclass(frozen=True, slots=True)
class Safety:
    """What GPSR Art. 19 asks for non-food goods."""

    manufacturer: str
    address: str
    contact: str
    model: str = ""
    warnings: str = ""


@dataclass(frozen=True, slots=True)
class Ware:
    """One product. `category` is a slug of market/demo/categories.py."""

    name: str
    category: str
    text: str
    choices: tuple[Choice, ...]
    art: Art
    availability: Availability
    vat: Vat = "standard"
    food: Food | None = None
    safety: Safety | None = None
    min_age: int = 0
    origin: str = ""
    deposit_kind: DepositKind | None = None
    withdrawal: WithdrawalClass = "standard"
    isbn: str | None = None
    condition: Literal["new", "used"] = "new"
    deviation: str = ""
    temp: Temp = "ambient"
    fibres: str = ""


@dataclass(frozen=True, slots=True)
class Hours:
    """Open from `opens` to `closes` on these weekdays; several entries a day make a break."""

    days: tuple[int, ...]
    opens: str
    closes: str


@dataclass(frozen=True, slots=True)
class Place:
    """One shop: a door a customer and a courier can find. `street` must be in the region's gazetteer."""

    slug: str
    name: str
    street: str
    number: str
    zip: str
    city: str
    hours: tuple[Hours, ...]
    tagline: str
    text: str
    district: str = ""
    entrance: str = ""
    back_door: str = ""
    bell: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    parking: str = ""
    phone: str = ""
    accessibility: tuple[str, ...] = ()
    sunday_exception: bool = False


@dataclass(frozen=True, slots=True)
class Seller:
    """One invented merchant with its shops and wares."""

    slug: str
    name: str
    legal_name: str
    legal_form: str
    represented_by: str
    kind: Literal["food", "retail", "books", "wine", "crafts", "second_hand"]
    street: str
    zip: str
    city: str
    phone: str
    email: str
    vat_id: str
    about: str
    places: tuple[Place, ...]
    wares: tuple[Ware, ...]
    small_business: bool = False
    register: str = ""
    organic_control: str = ""
    offers_invoice: bool = False
    tags: tuple[str, ...] = field(default=())
