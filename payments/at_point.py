"""Fetching at a pick-up point, as the checkout asks for it: one point for everything that is delivered. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from delivery.points.offers import PointOffer
from market.catalogue.models import Temperature
from market.core.i18n import N_, gettext
from market.orders.blocks import Block, CartView, Place
from payments.choices import DELIVER, Choices

FIELD = "pickup_point"
BOTH = N_(
    "Zur Haustür liefern und an einem Abholpunkt holen geht nicht in einer Bestellung. Bitte wählen Sie für alles "
    "dasselbe, oder bestellen Sie zweimal."
)
NONE = N_("Bitte wählen Sie einen Abholpunkt.")
NO_FRIDGE = N_("Am Abholpunkt {point} gibt es keinen Kühlschrank für „{product}“. Bitte wählen Sie einen anderen.")
NO_CHECK = N_(
    "Am Abholpunkt {point} wird keine Ware mit Altersgrenze ausgegeben („{product}“). Bitte wählen Sie einen anderen."
)
IS_THERE = N_("Diese Ware liegt schon am Abholpunkt {point}. Bitte wählen Sie „Abholen“: Das kostet nichts.")


def wanted(view: CartView, choices: Choices) -> bool:
    """Whether anything shall be fetched at a point."""
    return any(choices.fetched(block.key) for block in view.blocks)


def chosen(
    view: CartView, choices: Choices, points: Sequence[PointOffer], problems: dict[str, str]
) -> PointOffer | None:
    """The point, when anything shall be fetched at one; what is wrong with the choice goes into `problems`."""
    if not wanted(view, choices):
        return None
    for block in view.blocks:
        if choices.how.get(block.key) == DELIVER:
            problems[f"how_{block.key}"] = gettext(BOTH)
    point = next((one for one in points if one.id == choices.pickup_point), None)
    if point is None:
        problems[FIELD] = gettext(NONE)
    return point


def check(point: PointOffer, blocks: Sequence[tuple[Block, Place]], problems: dict[str, str]) -> None:
    """What the point does not take, and goods that need not be brought because they are there."""
    goods = [line.product for block, _ in blocks for line in block.lines]
    cold = next((one for one in goods if one.temperature is not Temperature.AMBIENT), None)
    aged = next((one for one in goods if one.min_age), None)
    if cold is not None and not point.fridge:
        problems.setdefault(FIELD, gettext(NO_FRIDGE).format(point=point.name, product=cold.name))
    if aged is not None and not point.checks_age:
        problems.setdefault(FIELD, gettext(NO_CHECK).format(point=point.name, product=aged.name))
    if blocks and all(place.shop.id == point.shop.id for _, place in blocks):
        for block, _ in blocks:
            problems.setdefault(f"how_{block.key}", gettext(IS_THERE).format(point=point.name))
