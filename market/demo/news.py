"""The demo's openings: one of every kind of news, dated around today, and one proposal that waits for the editor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta

from sqlalchemy.orm import Session

from market.demo.clockwork import Timeline
from market.directory import openings
from market.directory.models import Opening, OpeningKind


@dataclass(frozen=True, slots=True)
class News:
    """One entry; days count from today. `shop` is a slug; without one there is an address."""

    kind: OpeningKind
    title: str
    text: str
    starts: int
    ends: int | None = None
    shop: str | None = None
    address: str = ""
    written: int = -3  # the day it was entered
    proposed_by: str | None = None  # a merchant's slug: waits for the editor
    over: bool = False  # for the archive: not entered again


NEWS: tuple[News, ...] = (
    News(
        OpeningKind.POP_UP,
        "Spätsommerkiosk an der Elster",
        "Limonade, Zeitungen und ein Liegestuhl für jeden, der eine Zeitung kauft. Im Oktober wird das Holz vor die "
        "Luke genagelt.",
        -58,
        -34,
        address="Badstubenvorstadt 2, 06712 Zeitz",
        written=-60,
        over=True,
    ),
    News(
        OpeningKind.PLANNED,
        "Nähcafé Fadenlauf zieht in die Judenstraße",
        "Vier Maschinen, ein großer Tisch und mittwochs jemand, der zeigt, wie ein Reißverschluss hineinkommt. "
        "Bis dahin wird gestrichen; wer Stoffreste übrig hat, darf sie bringen.",
        24,
        address="Judenstraße 6, 06712 Zeitz",
        written=-6,
    ),
    News(
        OpeningKind.POP_UP,
        "Zwölf Fenster auf Zeit",
        "Sechs Wochen lang verkauft der Verein in einem leeren Laden, was in Küchen und Werkstätten der Stadt "
        "entsteht. Samstags um elf liest jemand vor.",
        -12,
        30,
        shop="popup-zwoelf-fenster",
        written=-20,
    ),
    News(
        OpeningKind.OPENED,
        "Röststube & Teeschrank ist eröffnet",
        "Der Röster steht hinter Glas, dienstags und freitags läuft er. Wer zusieht, bekommt eine Tasse.",
        -19,
        shop="roeststube-und-teeschrank",
        written=-26,
    ),
    News(
        OpeningKind.MOVED,
        "Die Radwerkstatt hat jetzt einen Hof",
        "Nabenkranz ist zwei Häuser weiter gezogen: mehr Montageständer, ein Dach zum Warten, Platz für Lastenräder.",
        -33,
        shop="nabenkranz-freiligrathstrasse",
        written=-40,
    ),
    News(
        OpeningKind.NEW_HOURS,
        "Hofladen Quittengrund öffnet länger",
        "Bis das letzte Gemüse vom Feld ist, bleibt der Laden am Freitag eine Stunde länger offen. "
        "Die neuen Zeiten stehen schon auf der Ladenseite.",
        -8,
        shop="hofladen-quittengrund",
        written=-10,
    ),
    News(
        OpeningKind.CLOSING,
        "Knopfkontor Ehrlicher verabschiedet sich",
        "Nach 41 Jahren schließt Irmgard Ehrlicher ihr Kontor. Knöpfe gibt es bis zum letzten Tag zum halben Preis, "
        "die Schubladenschränke sucht sie in gute Hände zu geben.",
        -15,
        27,
        address="Turmstraße 10, 06712 Zeitz",
        written=-16,
    ),
    News(
        OpeningKind.PLANNED,
        "Lesekeller unter der Buchhandlung",
        "Das Gewölbe ist trocken, jetzt fehlen noch Stühle. Wir möchten dort zweimal im Monat vorlesen lassen.",
        45,
        shop="tintenlerche-wendische-strasse",
        written=-1,
        proposed_by="buchhandlung-tintenlerche",
    ),
)


def make(
    s: Session,
    today: date,
    when: Timeline,
    *,
    shops: Mapping[str, int],
    merchants: Mapping[str, int],
    editor: int,
    proposer: int,
    host: str,
) -> None:
    """Step: enter the news on the days they were written. `shops` and `merchants`: ids by slug."""
    for one in sorted(NEWS, key=lambda news: news.written):
        when.go(today + timedelta(days=one.written), time(10, 20))
        openings.add(
            s,
            data(one, today, shops),
            by=proposer if one.proposed_by else editor,
            host=host,
            merchant_id=merchants[one.proposed_by] if one.proposed_by else None,
            publish_now=one.proposed_by is None,
        )


def data(one: News, today: date, shops: Mapping[str, int]) -> openings.OpeningData:
    """The entry as it reads on `today`."""
    return openings.OpeningData(
        kind=one.kind,
        title=one.title,
        text=one.text,
        starts_on=today + timedelta(days=one.starts),
        ends_on=None if one.ends is None else today + timedelta(days=one.ends),
        address=one.address,
        shop_id=shops[one.shop] if one.shop else None,
    )


def is_old(opening: Opening, one: News, today: date) -> bool:
    """Whether an entry no longer says on `today` what it was entered for."""
    if opening.kind is not one.kind or not openings.is_news(opening, today):
        return True
    return one.kind is OpeningKind.OPENED and today > opening.starts_on + timedelta(days=60)
