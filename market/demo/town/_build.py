"""Short spellings for the town's data: one choice, or one choice per size or colour with its own count."""

from collections.abc import Mapping

from market.demo.model import Choice, Counted, Unit

Maker = tuple[str, str, str]  # name, postal address, contact: the first three fields of Safety


def one(price: int, weight_g: int, volume_ml: int, content: int = 1, unit: Unit = "piece") -> tuple[Choice, ...]:
    """A ware without variants: its price in cents, net content, and what the courier carries (grams, millilitres)."""
    return (Choice("", price, content, unit, weight_g, volume_ml),)


def each(
    price: int, weight_g: int, volume_ml: int, stock: Mapping[str, int], content: int = 1, unit: Unit = "piece"
) -> tuple[Choice, ...]:
    """Same price, one choice per name, each with its own counted stock in the merchant's only shop."""
    return tuple(
        Choice(name, price, content, unit, weight_g, volume_ml, availability=Counted((pieces,)))
        for name, pieces in stock.items()
    )


def sizes(price: int, weight_g: int, volume_ml: int, stock: Mapping[int, int]) -> tuple[Choice, ...]:
    """Shoe sizes with the pairs on the shelf."""
    return each(price, weight_g, volume_ml, {f"Größe {size}": pairs for size, pairs in stock.items()})
