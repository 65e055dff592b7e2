"""Settling a withdrawal: pieces per line, and what the shopper should know."""

from collections.abc import Iterable, Mapping

from flask_babel import lazy_gettext as _l
from wtforms.validators import Length

from market.core.i18n import N_, gettext
from market.web.forms import MarketForm, TextLine
from merchants.withdrawals_desk import LineRow

NO_NUMBER = N_("Bitte eine ganze Zahl eingeben, zum Beispiel 1.")


class SettleForm(MarketForm):
    """The words that go with it; the numbers are read by `read_pieces`."""

    note = TextLine(
        _l("Mitteilung an die Kundschaft"),
        validators=[Length(max=300, message=_l("Bitte höchstens 300 Zeichen."))],
        description=_l("Nötig, wenn nichts erstattet wird: Die Kundschaft liest, warum."),
    )


def read_pieces(rows: Iterable[LineRow], sent: Mapping[str, str]) -> tuple[dict[int, int], dict[int, str]]:
    """The pieces by line id, and the sentence beside each line that holds no whole number. Left empty: none."""
    pieces: dict[int, int] = {}
    wrong: dict[int, str] = {}
    for row in rows:
        text = sent.get(f"stueck-{row.line.id}", "").strip()
        if text and not (text.isdecimal() and len(text) < 6):
            wrong[row.line.id] = gettext(NO_NUMBER)
        elif text:
            pieces[row.line.id] = int(text)
    return pieces, wrong
