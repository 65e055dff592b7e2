"""Route sheets of three, forty and a hundred and twenty recipients: complete, whole, numbered, inside their margins."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO
from random import Random

import pytest
from PIL import Image
from pypdf import PdfReader

from delivery.sheet import (
    RouteSheet,
    SheetDropParcel,
    SheetParcel,
    SheetRest,
    SheetShop,
    SheetStop,
    render_pages,
    render_pdf,
)

SHOPS = (
    "Bäckerei Ährenkranz",
    "Tintenlerche Buchhandlung",
    "Weinhandlung und Feinkost zur alten Posthalterei",
    "Fleischerei Kümmel",
    "Hofladen Elsteraue",
    "Blumen Lindenblüte",
)
NOTES = (
    "",
    "",
    "laut klopfen",
    "Hund im Hof, bitte erst anrufen; hinten durch das grüne Tor, dann die zweite Tür links",
)
STREETS = ("Am Kramerberg", "Straße der Deutsch-Sowjetischen Freundschaft", "Rahnestraße", "Dr.-Wilhelm-Külz-Straße")
BACK = "heute zurück zu Bäckerei Ährenkranz, gekühlt halten"
POINT = "Tourist-Information"
POINT_SIZE = HOUSE_SIZE = 4
PPI = 50


def crowd(recipients: int) -> RouteSheet:
    """A run with everything a run can have: houses, a pick-up point, marks, long words, a break; always the same."""
    dice, position = Random(recipients), 0
    stops: list[SheetStop] = []
    carried: dict[str, list[SheetParcel]] = {}
    while len(stops) < recipients:
        position += 1
        together = HOUSE_SIZE if position % 7 == 3 and recipients - len(stops) >= HOUSE_SIZE else 1
        at = POINT if position % 14 == 3 and together > 1 else ""
        street = f"{dice.choice(STREETS)} {position}"
        for _ in range(together):
            stop = _recipient(dice, len(stops) + 1, position, street, at)
            stops.append(stop)
            for parcel in stop.parcels:
                listed = SheetParcel(parcel.number, parcel.bags, f"M-{1000 + len(stops)}", parcel.cold, stop.min_age)
                note = dice.choice(("", "liegt im Fahrzeug"))
                carried.setdefault(parcel.shop, []).append(replace(listed, note=note))
    return RouteSheet(
        code="K7XM4P2A",
        day=date(2026, 11, 26),
        window="16–18 Uhr, 18–20 Uhr",
        vehicle="Transporter der Stadtwerke",
        courier="Alexandra Hohenstein-Rabenau",
        region="Markt Zeitz",
        attribution="Geodaten: © OpenStreetMap-Mitwirkende",
        shops=tuple(_shop(name, carried[name]) for name in SHOPS if name in carried),
        stops=tuple(stops),
        rest=SheetRest("17:05", "17:35", 30, str(position // 2 + 1)),
        way=("L1", "1", "L2", *map(str, range(2, position + 1))),
    )


def _recipient(dice: Random, nth: int, position: int, street: str, point: str) -> SheetStop:
    shops = sorted(dice.sample(SHOPS, dice.choice((1, 1, 2, 3, 5))))
    age = dice.choice((0, 0, 0, 16)) if not point else 0
    return SheetStop(
        position=position,
        planned="16:10",
        name=f"Empfänger Nr.{nth}.",
        street=street,
        zip="06712",
        village="Zeitz OT Nonnewitz",
        parcels=tuple(
            SheetDropParcel(
                f"{nth}{dice.choice(('', '', ' (24.11.)'))}", shop, dice.choice((1, 1, 3)), dice.random() < 0.2
            )
            for shop in shops
        ),
        qr=f"https://markt.example/touren/K7XM4P2A/halt/{position}",
        bell="Hohenstein",
        ward="" if point else "Haus B, Station 2, Zimmer 14",
        phone="0171 5551234",
        note=dice.choice(NOTES),
        min_age=age,
        back=f"{BACK}.{nth}!",
        point=point,
    )


def _shop(name: str, parcels: list[SheetParcel]) -> SheetShop:
    return SheetShop(name, "Rahnestraße 7, 06712 Zeitz", "15:04", tuple(parcels), bell="Lager", parking="Ladezone")


def pages_of(sheet: RouteSheet) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(render_pdf(sheet))).pages]


@pytest.mark.parametrize(("recipients", "most"), [(3, 3), (40, 15), (120, 38)])
def test_even_the_worst_crowd_is_a_sheet_one_can_carry(recipients: int, most: int) -> None:
    """It was 4, 23 and 57: a quarter of the doors ask for a card, a third of them get goods of three shops or five."""
    assert len(pages_of(crowd(recipients))) <= most


@pytest.mark.parametrize("recipients", [3, 40, 120])
def test_every_recipient_stands_once_and_whole_on_numbered_pages(recipients: int) -> None:
    sheet = crowd(recipients)
    pages = pages_of(sheet)
    for number, page in enumerate(pages, 1):
        assert f"Tour K7XM4P2A, Seite {number} von {len(pages)}" in page
    where = [[n for n, page in enumerate(pages) if f"Empfänger Nr.{nth}." in page] for nth in range(1, recipients + 1)]
    assert all(len(found) == 1 for found in where), "everybody once"
    assert where == sorted(where), "in the sequence of the run"
    for nth, stop in enumerate(sheet.stops, 1):
        if not stop.point:
            assert f"{BACK}.{nth}!" in pages[where[nth - 1][0]], "the last line of a stop is on its page"
    totals = sheet.totals
    assert (totals.recipients, totals.parcels) == (recipients, sum(len(stop.parcels) for stop in sheet.stops))
    assert f"Alles zusammen: {totals.parcels} Pakete, {totals.bags} Taschen" in " ".join(pages)


@pytest.mark.parametrize("recipients", [3, 40, 120])
def test_nothing_runs_into_the_margins_or_the_foot(recipients: int) -> None:
    nothing_in_the_margins(crowd(recipients))


def test_what_was_typed_without_a_space_stays_on_the_paper() -> None:
    sheet = crowd(3)
    endless = replace(sheet.stops[0], note="klingeln" * 40)
    nothing_in_the_margins(replace(sheet, stops=(endless, *sheet.stops[1:])))


def nothing_in_the_margins(sheet: RouteSheet) -> None:
    for number, png in enumerate(render_pages(sheet, ppi=PPI), 1):
        page = Image.open(BytesIO(png)).convert("L")
        for edges in ((0, 0, 13, 297), (197, 0, 210, 297), (0, 276.2, 210, 279), (0, 0, 210, 6), (0, 292, 210, 297)):
            left, top, right, bottom = (round(edge / 25.4 * PPI) for edge in edges)
            darkest = min(page.crop((left, top, right, bottom)).tobytes())
            assert darkest > 250, f"page {number}: something printed within {edges} mm"


def test_the_sum_of_a_shop_is_never_alone_on_a_page() -> None:
    sheet = crowd(3)
    for parcels in range(1, 45):
        listed = tuple(SheetParcel(str(n), 1, f"N{n:03}") for n in range(1, parcels + 1))
        pages = pages_of(replace(sheet, way=(), shops=(replace(sheet.shops[0], parcels=listed), sheet.shops[1])))
        (found,) = [page for page in pages if f"Summe {sheet.shops[0].name}" in page]
        assert f"N{parcels:03}" in found, f"{parcels} parcels"
        assert f"N{max(parcels - 1, 1):03}" in found, f"{parcels} parcels"


def test_everybody_at_a_pick_up_point_shares_one_halt_and_one_signature() -> None:
    at = replace(crowd(40).stops[0], point=POINT, ward="", back="heute zurück")
    stops = tuple(replace(at, position=2, name=f"Empfänger Nr.{n}.") for n in (1, 2, 3))
    text = " ".join(pages_of(replace(crowd(3), stops=stops, shops=(), way=())))
    assert text.count(f"Abholpunkt {POINT}") == 1
    assert text.count("alles abgegeben") == text.count("Name, Unterschrift:") == 1
    assert text.count("heute zurück") == 1
    assert "3 Bestellungen, " in text
    assert "Klingel" not in text
    assert "im selben Haus" not in text
    assert all(f"2{letter} Empfänger Nr.{n}." in text for n, letter in enumerate("abc", 1))


def test_who_fetches_at_the_point_and_who_lives_there_are_two_blocks_of_one_halt() -> None:
    one = crowd(3).stops[0]
    stops = (replace(one, point=POINT), replace(one, point=POINT), replace(one, position=1))
    sheet = replace(crowd(3), stops=stops, rest=SheetRest("17:05", "17:35", 30, "1"))
    assert [len(halt.stops) for halt in sheet.halts] == [2, 1]
    assert sheet.labels() == ["1a", "1b", "1c"]
    assert " ".join(pages_of(sheet)).count("Pause ca.") == 1
