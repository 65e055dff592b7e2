"""Two phones, or a phone and the office, say different things about one halt: the first counts, the second is told.

A result that says the same again is no news, but a proof it brings is kept when there is none (`results.drop`). Nothing
here writes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from delivery.models import BackTo, Parcel, ParcelState
from market.core import formats
from market.core.errors import MarketError
from market.core.i18n import N_, gettext

_CARRIED = frozenset({ParcelState.PICKED_UP, ParcelState.SHORT, ParcelState.DELIVERED})
_LEFT = frozenset({ParcelState.MISSING, ParcelState.SHOP_CLOSED})


class SaidOtherwise(MarketError):
    """Something else stands there already."""

    status = 409
    message = N_(
        "Hier steht seit {time} Uhr schon „{said}“, wohl von einem anderen Telefon oder aus dem Büro. Das gilt weiter; "
        "wenn es falsch ist, sagen Sie es bitte dem Büro."
    )


def at_door(parcels: Sequence[Parcel], failure: str | None) -> None:
    """Every parcel of an order is settled, and now this: delivered (None), or not, with these words.

    Raises SaidOtherwise. An order of which nothing was carried has nothing to contradict that it was not delivered.
    """
    delivered = [parcel for parcel in parcels if parcel.state is ParcelState.DELIVERED]
    failed = [parcel for parcel in parcels if parcel.state is ParcelState.FAILED]
    if failure is None and not delivered:
        raise _otherwise((failed or parcels)[0])
    if failure is not None and delivered:
        raise _otherwise(delivered[0])
    if failure is not None and failed and not any(parcel.reason.startswith(failure) for parcel in failed):
        raise _otherwise(failed[0])


def at_shop(parcels: Sequence[Parcel], states: Mapping[int, ParcelState]) -> None:
    """Every parcel of a shop's halt has its result, and now these. Raises SaidOtherwise."""
    for parcel in parcels:
        said = states.get(parcel.id)
        if said is not None and _differ(parcel, said):
            raise _otherwise(parcel)


def at_place(parcels: Sequence[Parcel], to: BackTo) -> None:
    """All of these came back and are somewhere, and now this place. Raises SaidOtherwise."""
    for parcel in parcels:
        if parcel.back_to is not None and parcel.back_to is not to:
            raise SaidOtherwise(said=gettext(parcel.back_to.label), time=formats.clock_time(parcel.back_at))


def _differ(parcel: Parcel, said: ParcelState) -> bool:
    if parcel.state is ParcelState.DELIVERED:  # "one bag short" stays with what was delivered
        return said in _LEFT or (said is ParcelState.SHORT) != bool(parcel.reason)
    return parcel.state in _CARRIED | _LEFT and said is not parcel.state


def _otherwise(parcel: Parcel) -> SaidOtherwise:
    words = gettext(parcel.state.label)
    if parcel.reason and parcel.reason != words:
        words = f"{words}: {parcel.reason}"
    return SaidOtherwise(said=words, time=formats.clock_time(parcel.at))
