"""Numbers as a dispatcher reads them."""

from __future__ import annotations


def clock(seconds: int) -> str:
    """Seconds after midnight as 17:05; a started minute of an arrival counts, so nothing looks in time by rounding.

    What would be after midnight is no time of this day: "4:16 am Folgetag", and later than that nobody waits.
    """
    whole = -(-seconds // 60)
    days, minute = divmod(whole, 24 * 60)
    said = f"{minute // 60}:{minute % 60:02d}"
    if whole <= 24 * 60:
        return f"{whole // 60}:{whole % 60:02d}"
    return f"{said} am Folgetag" if days == 1 else f"{days} Tage später"


def span(times: tuple[int, int]) -> str:
    return f"{clock(times[0])}-{clock(times[1])}"


def minutes(seconds: int) -> str:
    whole = -(-seconds // 60)
    return f"{whole} {'Minute' if whole == 1 else 'Minuten'}"


def thousandths(amount: int, unit: str) -> str:
    """Grams as kilograms, millilitres as litres: 12,5 kg."""
    whole, rest = divmod(amount, 1_000)
    digits = f",{rest:03d}".rstrip("0") if rest else ""
    return f"{whole}{digits} {unit}"
