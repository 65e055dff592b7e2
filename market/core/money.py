"""Whole cents, gross unless a name says otherwise. A float never touches money."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from market.core.errors import MarketError
from market.core.i18n import N_

_GERMAN_AMOUNT = re.compile(r"^\s*(\d{1,7}|\d{1,3}(?:\.\d{3}){1,2})(?:,(\d{1,2}))?\s*(?:€|EUR|Euro)?\s*$")


class BadAmount(MarketError):
    """The text is no amount of money."""

    status = 422
    message = N_("„{text}“ ist kein Betrag. Bitte so schreiben: 3,49")


@dataclass(frozen=True, order=True, slots=True)
class Money:
    """An amount of euro cents; may be negative in sums and differences."""

    cents: int

    def __post_init__(self) -> None:
        if not isinstance(self.cents, int) or isinstance(self.cents, bool):
            raise TypeError(f"money is whole cents, not {self.cents!r}")

    def __add__(self, other: Money) -> Money:
        return Money(self.cents + other.cents)

    def __sub__(self, other: Money) -> Money:
        return Money(self.cents - other.cents)

    def __neg__(self) -> Money:
        return Money(-self.cents)

    def __mul__(self, quantity: int) -> Money:
        return Money(self.cents * quantity)

    __rmul__ = __mul__

    def __bool__(self) -> bool:
        return self.cents != 0

    def vat_included(self, rate_bp: int) -> Money:
        """The VAT contained in this gross amount; `rate_bp` in basis points (700, 1900). Rounded half up, once."""
        vat = Decimal(self.cents * rate_bp) / (10_000 + rate_bp)
        return Money(int(vat.quantize(Decimal(1), ROUND_HALF_UP)))

    def share(self, part: int, whole: int) -> Money:
        """`part / whole` of this amount, rounded half up to the cent."""
        return Money(int((Decimal(self.cents * part) / whole).quantize(Decimal(1), ROUND_HALF_UP)))

    def __str__(self) -> str:
        sign = "-" if self.cents < 0 else ""
        euros, cents = divmod(abs(self.cents), 100)
        return f"{sign}{euros:,}".replace(",", ".") + f",{cents:02d}\N{NO-BREAK SPACE}€"


ZERO = Money(0)


def total(amounts: Iterable[Money]) -> Money:
    """The sum of all amounts; zero for none."""
    return Money(sum(amount.cents for amount in amounts))


def split(amount: Money, weights: list[int]) -> list[Money]:
    """Split `amount` in proportion to `weights` so that the parts add up to it (largest remainder, then first).

    With no positive weight everything goes to the first part.
    """
    whole = sum(weights)
    if not weights:
        raise ValueError("nothing to split over")
    if whole <= 0:
        return [amount, *([ZERO] * (len(weights) - 1))]
    exact = [divmod(amount.cents * weight, whole) for weight in weights]
    parts = [quotient for quotient, _ in exact]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-exact[i][1], i))
    for i in by_remainder[: amount.cents - sum(parts)]:
        parts[i] += 1
    return [Money(cents) for cents in parts]


def parse(text: str) -> Money:
    """Read a German amount ("1.234,50 €", "3,5", "12"). Raises BadAmount."""
    found = _GERMAN_AMOUNT.match(text)
    if found is None:
        raise BadAmount(text=text.strip())
    euros, cents = found.group(1).replace(".", ""), (found.group(2) or "0").ljust(2, "0")
    return Money(int(euros) * 100 + int(cents))
