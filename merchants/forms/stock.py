"""The stock table as a form: one small field per row, read by hand because the rows come from the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from market.catalogue.models import Availability, StockState
from market.catalogue.stockkeeping import MAX_COUNT
from market.web.forms import MarketForm
from merchants.forms.fields import member
from merchants.stock_desk import StockChange, StockRow

DAYS = ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So")
STATES = (*StockState,)


class StockForm(MarketForm):
    """Carries the CSRF token; the rows are `menge-<variant>`, `stand-<variant>`, `tag-<variant>-<weekday>`."""

    shop = HiddenField(_l("Laden"))


def read(rows: Iterable[StockRow], sent: Mapping[str, str]) -> tuple[list[StockChange], dict[int, str]]:
    """What changed, and what cannot be read (variant id -> sentence). Rows that were not touched are left alone."""
    changes: list[StockChange] = []
    wrong: dict[int, str] = {}
    for row in rows:
        try:
            change = _READERS[row.availability](row, sent)
        except ValueError as error:
            wrong[row.variant_id] = str(error)
            continue
        if change is not None:
            changes.append(change)
    return changes, wrong


def _whole(text: str) -> int:
    if not text.isdecimal() or len(text) > 9 or int(text) > MAX_COUNT:
        raise ValueError(f"Bitte eine ganze Zahl von 0 bis {MAX_COUNT:,} eingeben.".replace(",", "."))
    return int(text)


def _counted(row: StockRow, sent: Mapping[str, str]) -> StockChange | None:
    text = sent.get(f"menge-{row.variant_id}", "").strip()
    shown = sent.get(f"war-{row.variant_id}", "")
    if text == shown:
        return None
    if not text:
        raise ValueError("Bitte eine Zahl eingeben; 0, wenn nichts da ist.")
    known = shown.isdecimal() and len(shown) < 10
    return StockChange(row.variant_id, count=_whole(text), shown=int(shown) if known else None)


def _state(row: StockRow, sent: Mapping[str, str]) -> StockChange | None:
    value = sent.get(f"stand-{row.variant_id}", "")
    if not value or value == sent.get(f"war-{row.variant_id}", ""):
        return None
    if value not in {state.value for state in StockState}:
        raise ValueError("Bitte wählen Sie eine der drei Stufen.")
    return StockChange(row.variant_id, state=member(StockState, value))


def _quota(row: StockRow, sent: Mapping[str, str]) -> StockChange | None:
    texts = {day: sent.get(f"tag-{row.variant_id}-{day}", "").strip() for day in range(7)}
    if f"tag-{row.variant_id}-0" not in sent:
        return None
    quota = {day: _whole(text) for day, text in texts.items() if text}
    quota = {day: pieces for day, pieces in quota.items() if pieces}
    if quota == dict(row.quota) and (row.stock_id is not None or not quota):
        return None
    return StockChange(row.variant_id, quota=quota)


def _to_order(row: StockRow, sent: Mapping[str, str]) -> StockChange | None:
    if row.stock_id is not None or not sent.get(f"stand-{row.variant_id}"):
        return None
    return StockChange(row.variant_id, state=StockState.IN_SHOP)


_READERS = {
    Availability.COUNTED: _counted,
    Availability.STATES: _state,
    Availability.QUOTA: _quota,
    Availability.TO_ORDER: _to_order,
}
