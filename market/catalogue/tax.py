"""VAT rates with the day they are valid from (§ 12 UStG). A new rate is a new row; old documents keep theirs."""

from datetime import date

from market.catalogue.models import VatClass

RATES: dict[VatClass, tuple[tuple[date, int], ...]] = {
    VatClass.STANDARD: ((date(2021, 1, 1), 1900),),
    VatClass.REDUCED: ((date(2021, 1, 1), 700),),
}
"""Newest first; basis points."""


def rate_bp(vat_class: VatClass, day: date, *, small_business: bool = False) -> int:
    """The rate on `day` in basis points (1900, 700); 0 for a small business (§ 19 UStG). Raises before 2021."""
    if small_business:
        return 0
    for valid_from, rate in RATES[vat_class]:
        if day >= valid_from:
            return rate
    raise ValueError(f"no VAT rate known for {day}")
