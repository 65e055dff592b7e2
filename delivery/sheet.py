"""The route sheet: what a courier carries on paper. Plain values in, a PDF out; the same values feed the print page.

No prices, mail addresses, cash column or birth dates: there is no field for them, so none can slip in.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from io import BytesIO
from itertools import groupby, islice
from pathlib import Path
from typing import Any, Literal

import segno
import typst

from delivery.halts import letters, sum_text

_ROOT = Path(__file__).resolve().parents[1]
_TEMPLATE = _ROOT / "templates" / "print" / "route_sheet.typ"
_FONTS = _ROOT / "static" / "fonts" / "print"
_WEEKDAYS = ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So")


class SheetFailed(RuntimeError):
    """The PDF could not be made; the caller shows the HTML print page instead."""


@dataclass(frozen=True, slots=True)
class SheetParcel:
    """What one shop hands over for one order: `number` is the short day number written on the bags."""

    number: str
    bags: int
    order: str
    cold: bool = False
    min_age: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class SheetShop:
    """A pick-up: where to go in and whom to ask. Empty texts are not printed."""

    name: str
    address: str
    planned: str
    parcels: tuple[SheetParcel, ...]
    entrance: str = ""
    back_door: str = ""
    bell: str = ""
    contact: str = ""
    phone: str = ""
    parking: str = ""
    spot: bool = False  # goods lie or are handed over here: no shop that could be closed

    @property
    def sum(self) -> str:
        """3 Pakete, 4 Taschen, davon 1 gekühlt"""
        return sum_text(self.parcels)


@dataclass(frozen=True, slots=True)
class SheetDropParcel:
    """One parcel as it is handed over at the door."""

    number: str
    shop: str
    bags: int
    cold: bool = False


@dataclass(frozen=True, slots=True)
class SheetStop:
    """One recipient. Several recipients at the same door share `position` and are printed as 4a, 4b.

    `drop_off` is where the goods may be left; with an age mark it is never printed. `qr` is the address the code
    opens, `inexact` warns that the position is only known roughly.
    """

    position: int
    planned: str
    name: str
    street: str
    zip: str
    village: str
    parcels: tuple[SheetDropParcel, ...]
    qr: str
    floor: str = ""
    bell: str = ""
    ward: str = ""
    phone: str = ""
    note: str = ""
    drop_off: str = ""
    min_age: int = 0
    inexact: bool = False
    back: str = ""  # where the goods go when nobody takes them; at a pick-up point those of all its orders
    point: str = ""  # name of the pick-up point: all orders for it are one halt with one signature


@dataclass(frozen=True, slots=True)
class SheetHalt:
    """Recipients at one door, or at one pick-up point."""

    stops: tuple[SheetStop, ...]

    @property
    def sum(self) -> str:
        """3 Pakete, 4 Taschen, davon 1 gekühlt"""
        return sum_text(parcel for stop in self.stops for parcel in stop.parcels)


@dataclass(frozen=True, slots=True)
class SheetRest:
    """The driver's break, printed before the halt called `before` ("": after the last one)."""

    starts: str
    ends: str
    minutes: int
    before: str = ""


@dataclass(frozen=True, slots=True)
class SheetTotals:
    """Sums for the head of the sheet and for each shop."""

    shops: int
    doors: int
    recipients: int
    parcels: int
    bags: int
    cold: int
    age_checks: int


@dataclass(frozen=True, slots=True)
class RouteSheet:
    """Everything on the paper. `window` is text such as "16-18 Uhr"; planned times get "ca." when `estimated`.

    `way` is the order of all halts ("L1", "1", "L2" ...); it is printed where a shop comes after a door.
    """

    code: str
    day: date
    window: str
    vehicle: str
    courier: str
    region: str
    attribution: str
    shops: tuple[SheetShop, ...]
    stops: tuple[SheetStop, ...]
    estimated: bool = True
    way: tuple[str, ...] = ()
    rest: SheetRest | None = None
    office: str = ""  # whom to call
    demo: bool = False  # said on every page: these are invented people

    @property
    def mixed_way(self) -> str:
        """The order of the halts as text, empty when all shops come before all doors: then the pages say it."""
        kinds = [halt.startswith("L") for halt in self.way]
        return "" if kinds == sorted(kinds, reverse=True) else ", ".join(self.way)

    @property
    def day_text(self) -> str:
        return f"{_WEEKDAYS[self.day.weekday()]}, {self.day:%d.%m.%Y}"

    @property
    def totals(self) -> SheetTotals:
        parcels = [parcel for shop in self.shops for parcel in shop.parcels]
        return SheetTotals(
            shops=len({(shop.name, shop.address) for shop in self.shops}),
            doors=len({stop.position for stop in self.stops}),
            recipients=len(self.stops),
            parcels=len(parcels),
            bags=sum(parcel.bags for parcel in parcels),
            cold=sum(parcel.cold for parcel in parcels),
            age_checks=sum(bool(stop.min_age) for stop in self.stops),
        )

    @property
    def halts(self) -> list[SheetHalt]:
        """Who is served together: one house, or everybody who fetches at one pick-up point."""
        together = groupby(self.stops, key=lambda stop: (stop.position, stop.point))
        return [SheetHalt(tuple(stops)) for _, stops in together]

    def labels(self) -> list[str]:
        """What stands in front of each stop: "4", or "4a" and "4b" where several recipients share a door."""
        positions = [stop.position for stop in self.stops]
        seen: dict[int, int] = {}
        labels = []
        for position in positions:
            nth = seen[position] = seen.get(position, -1) + 1
            labels.append(f"{position}{letters(nth)}" if positions.count(position) > 1 else str(position))
        return labels


def render_pdf(sheet: RouteSheet) -> bytes:
    """The sheet as an accessible (PDF/UA-1) A4 document in black and white."""
    return _compile(sheet, "pdf")[0]


def render_pages(sheet: RouteSheet, ppi: float = 80) -> list[bytes]:
    """The same pages as PNG pictures, for previews and for looking at them."""
    return _compile(sheet, "png", ppi)


def _compile(sheet: RouteSheet, kind: Literal["pdf", "png"], ppi: float | None = None) -> list[bytes]:
    # Values travel as JSON beside the template, so nothing a shopper typed can become markup.
    try:
        # One page comes back as bytes, several pictures as a list, whatever the type hints say.
        made: object = typst.compile(
            _TEMPLATE,
            root=_TEMPLATE.parent,
            font_paths=[_FONTS],
            ignore_system_fonts=True,
            format=kind,
            ppi=ppi,
            sys_inputs={"data": json.dumps(_values(sheet))},
            pdf_standards=["ua-1"] if kind == "pdf" else [],
        )
    except RuntimeError as error:
        raise SheetFailed(str(error)) from error
    pages = made if isinstance(made, list) else [made]
    return [page for page in pages if isinstance(page, bytes)]


def _values(sheet: RouteSheet) -> dict[str, Any]:
    values = asdict(sheet)
    values |= {"day": sheet.day_text, "way": sheet.mixed_way}
    values |= {"totals": asdict(sheet.totals), "ca": "ca. " if sheet.estimated else ""}
    labelled = iter(zip(values.pop("stops"), sheet.labels(), strict=True))
    values["halts"] = [
        {
            "sum": halt.sum,
            "stops": [
                stop | {"label": label, "qr": qr_svg(stop["qr"])} for stop, label in islice(labelled, len(halt.stops))
            ],
        }
        for halt in sheet.halts
    ]
    for shop, value in zip(sheet.shops, values["shops"], strict=True):
        value["sum"] = shop.sum
    return values


def qr_svg(url: str) -> str:
    """A QR code as SVG text with the quiet zone a reader needs."""
    out = BytesIO()
    # Trying all eight masks for the prettiest is three quarters of the work of a sheet; readers take any of them.
    segno.make(url, error="m", micro=False, mask=2).save(out, kind="svg", border=3, xmldecl=False, omitsize=True)
    return out.getvalue().decode()
