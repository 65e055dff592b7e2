"""Forms about one run of the day: what it cost, to whom it goes, which order moves."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import lazy_gettext as _l
from wtforms.validators import Length, Optional

from delivery.desk.forms import OptionalEuroField
from delivery.desk.savings import Saved
from market.web.forms import MarketForm, TextLine


class CostForm(MarketForm):
    """What the driver, courier or taxi gets for a run; empty: not known."""

    cost = OptionalEuroField(_l("Kosten der Tour"))
    note = TextLine(
        _l("An wen, welche Rechnung"), validators=[Optional(), Length(max=80, message=_l("Höchstens 80 Zeichen."))]
    )


def cost_form(saved: Saved) -> Callable[[str], CostForm]:
    """The form of a run by its code, filled with what is known."""

    def make(code: str) -> CostForm:
        known = saved.costs[code]
        form = CostForm(formdata=None, data={"cost": known.cost, "note": known.note})
        for field in (form.cost, form.note):
            field.id = f"{field.name}-{code}"
        return form

    return make
