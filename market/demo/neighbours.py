"""Invented businesses that stand in the directory without selling, and the days on which the demo's shops differ from
their week: the town's open Sunday, a vacation, a stocktaking. All of it stays ahead of today.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.core import calendar, clock
from market.core.config import Region
from market.directory import merchants
from market.directory.models import HoursException, Shop, SpecialOpenDay

LONG_FORGOTTEN = 90
"""Entries whose last check was older from the start stay so: the demo shows how the directory marks them."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One business. `hours`: (weekdays, opens, closes); a closing time before the opening time is the next morning."""

    slug: str
    name: str
    line: str
    tagline: str
    about: str
    street: str
    number: str
    hours: tuple[tuple[tuple[int, ...], str, str], ...]
    entrance: str
    phone: str
    accessibility: tuple[str, ...] = ()
    district: str = ""
    sunday_exception: bool = False
    checked_days_ago: int = 12
    zip: str = ""  # empty: the town's
    pin: tuple[float, float] | None = None  # None: what the gazetteer knows


NEIGHBOURS: tuple[Neighbour, ...] = (
    Neighbour(
        "gasthaus-zum-kohlenzug", "Gasthaus Zum Kohlenzug", "Gasthaus",
        "Donnerstags Klöße, samstags bis in die Nacht.",
        "Ein Schankraum, acht Tische, im Sommer Bänke unter der Kastanie. Am Stammtisch neben dem Ofen darf sich "
        "jeder dazusetzen, der die Karten nicht verrät.",
        "Fischstraße", "9",
        (((3,), "17:00", "23:00"), ((4, 5), "17:00", "01:00"), ((6,), "11:00", "14:30")),
        "Holztür unter der Laterne, eine Stufe", "03441 555 095",
        ("eine Stufe (10 cm), Rampe liegt im Flur", "Toilette ebenerdig"), sunday_exception=True,
    ),
    Neighbour(
        "salon-scherenschlag", "Salon Scherenschlag", "Friseur", "Waschen, schneiden, zuhören.",
        "Drei Stühle, zwei Spiegel und ein Radio, das nur einen Sender kennt. Termine am Telefon, dienstags "
        "geht es auch ohne.",
        "Gewandhausstraße", "5",
        (((1, 2, 3), "08:30", "18:00"), ((4,), "08:30", "19:00"), ((5,), "08:00", "13:00")),
        "Ladentür zur Straße, ebenerdig", "03441 555 096", ("stufenlos", "ein Stuhl ist höhenverstellbar"),
    ),
    Neighbour(
        "uhrmacherei-ankergang", "Uhrmacherei Ankergang", "Uhrmacherei",
        "Wanduhren, Wecker und was sonst noch stehen blieb.",
        "Johann Ankermann repariert, was aufgezogen wird, und wechselt Batterien, während man wartet. "
        "Kostenvoranschläge schreibt er mit der Hand.",
        "Scharrenstraße", "3",
        (((0, 1, 3, 4), "10:00", "13:00"), ((0, 1, 3, 4), "15:00", "17:30")),
        "Schmale Tür neben dem Schaufenster, zwei Stufen", "03441 555 097", ("zwei Stufen, bitte klingeln",),
        checked_days_ago=41,
    ),
    Neighbour(
        "saumstube-kettelnaht", "Saumstube Kettelnaht", "Änderungsschneiderei", "Kürzer, weiter, wieder ganz.",
        "Hosen in zwei Tagen, Hochzeitskleider nach Absprache. Wer einen Knopf verloren hat, darf in der Dose suchen.",
        "Rahnestraße", "4",
        (((0, 1, 2, 3), "09:00", "12:30"), ((0, 1, 3), "14:00", "17:00")),
        "Durch den Torbogen, erste Tür rechts", "03441 555 098", checked_days_ago=126,
    ),
    Neighbour(
        "hofcafe-birnbaum", "Hofcafé Birnbaum", "Café", "Kuchen unter dem Baum, sonntags am Nachmittag.",
        "Im Winter brennt der Ofen in der alten Futterküche, im Sommer stehen die Tische im Gras. Es gibt, was am "
        "Morgen gebacken wurde, bis es alle ist.",
        "Kirchweg", "6",
        (((5, 6), "14:00", "18:00"),),
        "Durchs Hoftor, dem Kuchengeruch nach", "03441 555 099", ("stufenlos über den Hof", "Kopfsteinpflaster"),
        district="Theißen", sunday_exception=True,
    ),
    Neighbour(
        "gaestebuero-stundenglocke", "Gästebüro Stundenglocke", "Tourist-Information",
        "Stadtplan, Turmschlüssel, Abholpunkt.",
        "Hier gibt es Stadtpläne, Wanderkarten und den Schlüssel zum Turm - und was der Kurier aus den Läden gebracht "
        "hat. Am Tresen links stehen die Fächer.",
        "Altmarkt", "12",
        (((0, 1, 2, 3, 4), "09:30", "18:00"), ((5,), "10:00", "14:00")),
        "Glastür unter den Arkaden, ebenerdig", "03441 555 093", ("stufenlos", "Tresen auf Sitzhöhe"),
    ),
    Neighbour(
        "dorfkonsum-schnaudertal", "Dorfkonsum Schnaudertal", "Dorfladen",
        "Rund um die Uhr offen, mit Karte an der Tür.",
        "Ein Laden, den das Dorf selbst betreibt: Brot, Milch und das Nötigste, Tag und Nacht. Gegenüber der Kasse "
        "liegen in einem Regal mit Nummern die Bestellungen aus der Stadt.",
        "Schulstraße", "2",
        (((0, 1, 2, 3, 4, 5, 6), "00:00", "23:59"),),
        "Schiebetür zum Dorfplatz; nachts mit Karte", "03441 555 094", ("stufenlos",),
        district="Kayna", sunday_exception=True, zip="06724", pin=(50.99364, 12.238359),
    ),
)  # fmt: skip

DAYS_OFF: tuple[tuple[str, int, int, str], ...] = (
    ("knaeuelfein-messerschmiedestrasse", 9, 13, "Wollmesse, wir sind unterwegs"),
    ("leistenhof-rossmarkt", 21, 21, "Inventur"),
)
"""(shop, first and last day from today, why)."""
SUNDAY_AHEAD = 8
SUNDAY_TIMES = (time(13), time(18))


def settle(s: Session, neighbour: Neighbour, *, by: int) -> Shop:
    """Step: the business stands in the directory, checked some days ago."""
    shop = merchants.create_shop(
        s,
        None,
        by=by,
        slug=neighbour.slug,
        name=neighbour.name,
        line_of_business=neighbour.line,
        tagline=neighbour.tagline,
        about=neighbour.about,
        street=neighbour.street,
        house_number=neighbour.number,
        zip=neighbour.zip or ("06712" if not neighbour.district else "06711"),
        city="Zeitz",
        district=neighbour.district,
        entrance=neighbour.entrance,
        phone=neighbour.phone,
        accessibility=list(neighbour.accessibility),
        lat=neighbour.pin[0] if neighbour.pin else None,
        lon=neighbour.pin[1] if neighbour.pin else None,
        sunday_exception=neighbour.sunday_exception,
        pickup=False,
        delivers=False,
    )
    week = [
        (day, time.fromisoformat(opens), time.fromisoformat(closes))
        for days, opens, closes in neighbour.hours
        for day in days
    ]
    merchants.set_hours(s, shop.id, week, by=by)
    return shop


def check_again(s: Session, *, within: timedelta, at_once: bool = False) -> None:
    """Step: what is not meant to look forgotten was checked lately; `at_once` sets every entry's day as told."""
    today = clock.today()
    known = {one.slug: one for one in NEIGHBOURS}
    shops = s.scalars(sa.select(Shop).where(Shop.slug.in_(known), Shop.merchant_id.is_(None)))
    for shop in shops:
        age = known[shop.slug].checked_days_ago
        stale = shop.checked_on is None or shop.checked_on < today - within
        if at_once or (stale and age < LONG_FORGOTTEN):
            shop.checked_on = today - timedelta(days=min(age, 30) if not at_once else age)


def keep_calendar(s: Session, region: Region) -> None:
    """Step: a coming open Sunday of the town, and days off of some shops. Repeating adds nothing."""
    today = clock.today()
    if s.scalar(sa.select(SpecialOpenDay.day).where(SpecialOpenDay.day >= today).limit(1)) is None:
        day = _next_sunday(today, region)
        used = SpecialOpenDay.day.between(date(day.year, 1, 1), date(day.year, 12, 31))
        if len(list(s.scalars(sa.select(SpecialOpenDay.day).where(used)))) < merchants.SPECIAL_DAYS_A_YEAR:
            merchants.add_special_day(s, region, day, *SUNDAY_TIMES, _occasion(day))
    shops: Mapping[str, int] = dict(s.execute(sa.select(Shop.slug, Shop.id)).tuples().all())
    ahead = set(s.scalars(sa.select(HoursException.shop_id).where(HoursException.last_day >= today)))
    for slug, first, last, note in DAYS_OFF:
        if slug in shops and shops[slug] not in ahead:
            days = (today + timedelta(days=first), today + timedelta(days=last))
            merchants.add_exception(s, shops[slug], *days, note=note)


def _next_sunday(today: date, region: Region) -> date:
    day = today + timedelta(days=SUNDAY_AHEAD)
    while day.weekday() != 6 or calendar.holiday(day, region.subdivision) or calendar.is_christmas_eve(day):
        day += timedelta(days=1)
    return day


def _occasion(day: date) -> str:
    advent = date(day.year, 12, 24) - timedelta(days=27) <= day < date(day.year, 12, 24)
    return "Adventssonntag in der Altstadt" if advent else "Sonntag in der Altstadt"
