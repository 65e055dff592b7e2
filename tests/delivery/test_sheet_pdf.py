"""The route sheet on paper: everything a courier needs, nothing that is nobody's business."""

from __future__ import annotations

import re
import time
from dataclasses import fields, replace
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from delivery import paper
from delivery.halts import ParcelView
from delivery.models import ParcelState
from delivery.returns import Goods
from delivery.sheet import (
    RouteSheet,
    SheetDropParcel,
    SheetParcel,
    SheetShop,
    SheetStop,
    render_pages,
    render_pdf,
)

SHOP = SheetShop(
    name="Bäckerei Ährenkranz",
    address="Rahnestraße 7, 06712 Zeitz",
    planned="15:04",
    parcels=(SheetParcel("17", 2, "A7K2", cold=True, note="stehend"), SheetParcel("18", 1, "B9X4", min_age=18)),
    entrance="durch den Hof",
    back_door="Judenstraße, Rampe",
    bell="Lager",
    contact="Frau Amsel",
    phone="03441 555010",
    parking="Ladezone",
)
STOP = SheetStop(
    position=1,
    planned="16:10",
    name="Zbigniew Łukasiewicz",
    street="Am Kramerberg 12 a",
    zip="06712",
    village="Tröglitz",
    parcels=(SheetDropParcel("17", "Bäckerei Ährenkranz", 2, cold=True),),
    qr="https://markt.example/touren/K7/1",
    floor="2. OG links",
    bell="Łuk",
    ward="Station 3, Zimmer 12",
    phone="0171 555",
    note="laut klopfen",
    drop_off="bei Frau Klee",
)
SHEET = RouteSheet(
    code="K7",
    day=date(2026, 11, 26),
    window="16-18 Uhr",
    vehicle="Lastenrad 1",
    courier="Kurt",
    region="Markt Zeitz",
    attribution="Geodaten: © OpenStreetMap-Mitwirkende",
    shops=(SHOP,),
    stops=(STOP,),
)

#: What must be readable on the paper of SHEET.
WORDS = [
    "Tour K7",
    "Do, 26.11.2026",
    "16-18 Uhr",
    "Lastenrad 1",
    "Kurt",
    "Markt Zeitz",
    "Bäckerei Ährenkranz",
    "Rahnestraße 7",
    "durch den Hof",
    "Judenstraße, Rampe",
    "Lager",
    "Frau Amsel",
    "03441 555010",
    "Ladezone",
    "ca. 15:04",
    "A7K2",
    "stehend",
    "KÜHL",
    "18+",
    "Am Kramerberg 12 a",
    "Zbigniew Łukasiewicz",
    "06712 Tröglitz",
    "2. OG links",
    "Łuk",
    "Station 3, Zimmer 12",
    "0171 555",
    "laut klopfen",
    "bei Frau Klee",
    "ca. 16:10",
    "zugestellt",
    "nicht angetroffen",
    "Grund:",
    "2 Pakete, 3 Taschen",
    "davon 1 gekühlt",
    "Nach der Tour vernichten (personenbezogene Daten)",
    "© OpenStreetMap-Mitwirkende",
]


def _pages(sheet: RouteSheet) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(render_pdf(sheet))).pages]


def _many(n: int) -> RouteSheet:
    numbers = range(1, n + 1)
    stops = tuple(
        replace(STOP, position=i, street=f"Gasse {i}", qr=f"{STOP.qr}{i}", note=f"Ende {i}!") for i in numbers
    )
    parcels = tuple(SheetParcel(str(i), 1, f"N{i:03}") for i in numbers)
    return replace(SHEET, stops=stops, shops=(replace(SHOP, parcels=parcels),))


def test_the_sheet_says_where_to_collect_and_where_to_bring() -> None:
    text = " ".join(" ".join(_pages(SHEET)).split())
    for word in WORDS:
        assert word in text, word


def test_every_page_carries_the_run_and_its_number() -> None:
    pages = _pages(_many(25))
    assert len(pages) > 3
    for number, page in enumerate(pages, start=1):
        text = " ".join(page.split())
        assert f"Tour K7, Seite {number} von {len(pages)}" in text
        assert "Nach der Tour vernichten" in text


def test_the_sheet_of_an_invented_town_says_so() -> None:
    assert all("(Demo)" in page for page in _pages(replace(SHEET, demo=True)))
    assert not any("(Demo)" in page for page in _pages(SHEET))


def test_a_stop_is_never_split_over_two_pages() -> None:
    pages = _pages(_many(40))
    for i in range(1, 41):
        begins = [n for n, page in enumerate(pages) if re.search(rf"Gasse\s{i}\b", page)]
        ends = [n for n, page in enumerate(pages) if f"Ende {i}!" in page]
        assert begins == ends != []


def test_a_long_list_of_a_shop_repeats_its_heading() -> None:
    pages = [page for page in _pages(_many(60)) if "Bestellung" in page]
    assert len(pages) > 1
    assert all("Bäckerei Ährenkranz" in page for page in pages)


def test_an_age_mark_asks_for_the_card_and_forbids_leaving_the_goods() -> None:
    text = " ".join(" ".join(_pages(replace(SHEET, stops=(replace(STOP, min_age=16),)))).split())
    assert "AUSWEIS 16+" in text
    assert "geprüft" in text
    assert "nicht abstellen" in text
    assert "Ausweis prüfen bei 1" in text
    assert "bei Frau Klee" not in text


def test_several_recipients_at_one_door_get_letters() -> None:
    stops = [replace(STOP, position=position) for position in (3, 4, 4, 5)]
    sheet = replace(SHEET, stops=tuple(stops))
    assert sheet.labels() == ["3", "4a", "4b", "5"]
    assert (sheet.totals.doors, sheet.totals.recipients) == (3, 4)


def test_a_big_house_never_runs_out_of_letters() -> None:
    labels = replace(SHEET, stops=(STOP,) * 30).labels()
    assert (labels[25], labels[26], labels[29]) == ("1z", "1aa", "1ad")


def test_what_a_shopper_types_is_text_and_never_markup() -> None:
    evil = '#panic("x") *fett* $x$ <b> @ref \\ [ ] " „“ ' + "#sys.inputs"
    text = " ".join(" ".join(_pages(replace(SHEET, stops=(replace(STOP, note=evil),)))).split())
    assert '#panic("x") *fett* $x$ <b> @ref' in text


def test_street_and_number_stay_together_in_a_heading_that_is_a_bookmark() -> None:
    street = "Straße der Deutsch-Sowjetischen Freundschaft und der Zusammenarbeit 112 a"
    data = render_pdf(replace(SHEET, stops=(replace(STOP, street=street),)))
    reader = PdfReader(BytesIO(data))
    lines = [" ".join(line.split()) for page in reader.pages for line in page.extract_text().splitlines()]
    assert any("Zusammenarbeit 112 a" in line for line in lines)
    titles = {" ".join(str(entry["/Title"]).split()) for entry in _entries(reader.outline)}
    assert {"Abholen", SHOP.name, "Zustellen", street} <= titles


def _entries(outline: Any) -> list[Any]:
    return [one for entry in outline for one in (_entries(entry) if isinstance(entry, list) else [entry])]


def test_the_smallest_print_has_twelve_points() -> None:
    sizes: set[float] = set()

    def look(text: str, _cm: Any, matrix: Any, _font: Any, size: float) -> None:
        if text.strip():
            sizes.add(round(abs(size * matrix[3]), 1))

    for page in PdfReader(BytesIO(render_pdf(_many(3)))).pages:
        page.extract_text(visitor_text=look)
    assert min(sizes) >= 12
    assert {16, 28} <= sizes, "streets and the numbers of halts are bigger"


def test_a_list_that_goes_on_overleaf_names_its_shop_again_and_only_there() -> None:
    pages = [" ".join(page.split()) for page in _pages(_many(90))]
    goes_on = [f"L1 {SHOP.name}, weiter" in page for page in pages if "Bestellung" in page]
    assert goes_on == [False, *[True] * (len(goes_on) - 1)]
    assert len(goes_on) > 1


def test_exact_times_carry_no_ca() -> None:
    assert "ca." not in " ".join(_pages(replace(SHEET, estimated=False)))


def test_there_is_no_place_for_prices_mails_cash_or_birth_dates() -> None:
    kinds = (RouteSheet, SheetShop, SheetStop, SheetParcel, SheetDropParcel)
    names = {field.name for kind in kinds for field in fields(kind)}
    forbidden = ("price", "cent", "mail", "cash", "birth", "paid")
    assert not {name for name in names if any(word in name for word in forbidden)}


def test_a_run_without_stops_still_prints() -> None:
    assert "Tour K7" in _pages(replace(SHEET, shops=(), stops=()))[0]


def test_the_document_is_tagged_german_and_titled() -> None:
    reader = PdfReader(BytesIO(render_pdf(SHEET)))
    assert reader.metadata is not None
    assert reader.metadata.title == "Tour K7, Do, 26.11.2026"
    assert str(reader.root_object["/Lang"]) == "de"
    assert "/StructTreeRoot" in reader.root_object


def test_the_pages_can_be_looked_at() -> None:
    pages = render_pages(_many(6), ppi=40)
    assert len(pages) >= 2
    assert all(page.startswith(b"\x89PNG") for page in pages)


def test_sixty_stops_print_in_half_a_second_of_cpu() -> None:
    sheet = _many(60)
    render_pdf(SHEET)  # loads the fonts once
    begin = time.process_time()
    render_pdf(sheet)
    assert time.process_time() - begin < 1.0, "0.2 s when measured alone; doubled twice for a slow machine"


def test_the_order_of_halts_is_printed_only_where_a_shop_comes_after_a_door() -> None:
    plain, mixed = replace(SHEET, way=("L1", "L2", "1")), replace(SHEET, way=("L1", "1", "L2", "2"))
    assert plain.mixed_way == ""
    assert "Reihenfolge" not in _pages(plain)[0]
    assert "Reihenfolge der Halte: L1, 1, L2, 2" in " ".join(_pages(mixed)[0].split())


def test_the_number_of_another_day_stays_on_one_line_in_every_list() -> None:
    number = "100 (24.11.)"
    shop = replace(SHOP, parcels=(SheetParcel(number, 3, "A7K2", cold=True, min_age=16),))
    stop = replace(STOP, parcels=(SheetDropParcel(number, "Weinhandlung und Feinkost zur alten Posthalterei", 2),))
    lines = "\n".join(_pages(replace(SHEET, shops=(shop,), stops=(stop,)))).splitlines()
    assert sum(number in line for line in lines) == 2
    assert not [line for line in lines if "24.11.)3" in line or "24.11.)2" in line]


def test_a_long_head_breaks_between_its_parts_and_never_within_one() -> None:
    long = replace(SHEET, vehicle="Transporter der Stadtwerke", courier="Alexandra Hohenstein-Rabenau")
    lines = _pages(long)[0].splitlines()
    assert any("Transporter der Stadtwerke" in line for line in lines)
    assert any("Alexandra Hohenstein-Rabenau" in line for line in lines)


def parcel(number: str, shop: str, goods: Goods) -> ParcelView:
    return ParcelView(1, number, 1, "M-1", shop, goods is Goods.COLD, 0, ParcelState.PLANNED, "", goods)


@pytest.mark.parametrize(
    ("parcels", "said"),
    [
        ([("1", "A", Goods.COLD)], "heute zurück zu A, gekühlt halten"),
        ([("1", "A", Goods.COLD), ("2", "A", Goods.COLD)], "heute zurück zu A, gekühlt halten"),
        ([("1", "A", Goods.AGE), ("2", "B", Goods.AGE)], "heute zurück zu ihrem Laden"),
        (
            [("1", "A", Goods.PLAIN), ("2", "B", Goods.COLD), ("3", "C", Goods.PLAIN)],
            "1, 3: zurück zu ihrem Laden; niemand da: darf im Fahrzeug bleiben; 2: heute zurück zu B, gekühlt halten",
        ),
    ],
)
def test_where_goods_go_back_to_is_said_once_per_class(parcels: list[tuple[str, str, Goods]], said: str) -> None:
    assert paper.back([parcel(*one) for one in parcels]) == said
