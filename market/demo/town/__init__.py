"""The invented shops of the demo town, one module each: data only."""

from importlib import import_module

from market.demo.model import Seller

MODULES = (
    "bakery",
    "butcher",
    "farm_shop",
    "winery",
    "bookshop",
    "chocolate",
    "florist",
    "toys",
    "shoes",
    "hardware",
    "wool",
    "drugstore",
    "tea_coffee",
    "bicycle",
    "second_hand",
    "popup",
)


def sellers() -> tuple[Seller, ...]:
    """Every shop of the town. Loaded when asked for: a running market never needs this data."""
    found: list[Seller] = [import_module(f"{__name__}.{module}").SELLER for module in MODULES]
    return tuple(found)
