"""What a simulation found, for people: a table for the terminal, the assumptions, and a chart a council can print."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from delivery.routing import DOOR_S, PARCEL_S
from delivery.simulation import (
    DOOR_RADIUS_M,
    MINIMUM,
    MOST_MOVES,
    ORDERS_PER_VAN,
    RATES,
    SHOP_RADIUS_M,
    SHOP_SETUP_S,
    WINDOW,
    Rates,
    Step,
    Town,
)

COLUMNS = (
    "orders/day", "served", "thin", "days later", "not served", "vans", "doors/run", "km/door", "€/door",
    "€ alone", "saved",
)  # fmt: skip


def table(found: Sequence[Step]) -> str:
    """A line per step."""
    return "\n".join(("".join(f"{name:>11}" for name in COLUMNS), *map(_line, found)))


def _line(step: Step) -> str:
    doors, runs = step.total("doors"), step.total("runs")
    cells = (
        str(step.mean),
        str(step.total("served")),
        f"{step.thin:.0%}",
        f"{step.share('moved'):.1f}",
        f"{step.share('given_up'):.0%}",
        f"{step.vehicles:.1f} ({step.most_vehicles})",
        f"{doors / max(runs, 1):.1f}",
        f"{step.total('metres') / 1000 / max(doors, 1):.1f}",
        f"{step.cost / 100:.2f}" if doors else "-",
        f"{step.alone / 100:.2f}" if doors else "-",
        f"{step.saving:.0%}" if doors else "-",
    )
    return "".join(f"{cell:>11}" for cell in cells)


def assumptions(place: Town, days: int, seed: int, rates: Rates = RATES) -> str:
    """Everything the numbers rest on."""
    where = "of this market" if place.own else f"drawn within {SHOP_RADIUS_M / 1000:.1f} km of the centre"
    wage, km = f"{rates.hour / 100:.2f} €", f"{rates.km / 100:.2f} €"
    hours = f"{WINDOW[0] // 3600}-{WINDOW[1] // 3600} h"
    return f"""
A model, not a measurement. {days} days for each number of orders, seed {seed}. Assumed:
- {len(place.shops)} shops {where}, open 9-18 h; doors evenly over the gazetteer's
  streets and villages within {DOOR_RADIUS_M / 1000:.0f} km; 1 to 3 shops an order; orders come by themselves (Poisson).
- One window a day, {hours}. Below {MINIMUM} orders it is not driven ("thin"): its orders wait for the next day
  ("days later", on average), at most {MOST_MOVES} times, then they are collected in the shops ("not served", with
  what no van could take).
- At most one van per {ORDERS_PER_VAN} orders ("vans": on an average day that is driven, most of all days in brackets);
  {DOOR_S} s a door, {SHOP_SETUP_S} s a shop, {PARCEL_S} s a parcel; straight line x 1.35 at 28 to 45 km/h.
- {wage} an hour from leaving to being back, waiting included (--wage; 19.00 € is the minimum wage of 2026, 13.90 €,
  with 21 % employer's share and 13 % for leave and illness); {km} a km (--km; a small used van, our assumption).
  No overheads: office, insurance of the goods, parcels that come back.
- "€ alone": per order when each is a drive of its own from the depot to its shops, its door and back, no waiting."""


# ------------------------------------------------------------------------------------------------------------- chart

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BASE = 960, 690, 78, 190, 112, 412
THIN_TOP, THIN_BASE = 550, 624
_ROOT = 'role="img" aria-labelledby="title about" font-family="Atkinson Hyperlegible Next, Segoe UI, sans-serif"'
GREEN, WINE, INK, SMOKE, GRID, SAND = "#0f5b47", "#7b1e3a", "#2e1f1a", "#5e4b41", "#e2d6c5", "#d9b45c"


def chart(found: Sequence[Step], place: Town, town_name: str, days: int, seed: int) -> str:
    """The same as one SVG picture in German: cost per door shared and alone, vehicles, saving, and windows too thin.

    Readable without colour (dashes, shapes, words at the lines) and by a screen reader (title and description).
    """
    driven = [step for step in found if step.total("doors")]
    top = _round_up(max([step.alone for step in driven] + [step.cost for step in driven] + [100]) / 100)
    gap = (WIDTH - LEFT - RIGHT) / max(len(found) - 1, 1)
    at = {step.mean: LEFT + i * gap for i, step in enumerate(found)}
    title = f"Was eine Lieferung in {town_name} kosten würde"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" {_ROOT}>',
        f'<title id="title">{escape(title)}</title><desc id="about">{escape(_told(driven))}</desc>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fbf7f0"/>',
        _text(LEFT - 48, 44, title, 27, INK, weight=700),
        _text(LEFT - 48, 72, "Euro je Tür, nach Bestellungen am Tag (im Mittel)", 17, SMOKE),
        *_scale(top),
        *(_text(x, BASE + 26, str(mean), 16, INK, anchor="middle") for mean, x in at.items()),
        _text(WIDTH - RIGHT + 24, BASE + 26, "Bestellungen am Tag", 14, SMOKE),
        *_figures(driven, at),
        *_line_of([(at[one.mean], one.alone / 100) for one in driven], top, WINE, "7 5", "square"),
        *_line_of([(at[one.mean], one.cost / 100) for one in driven], top, GREEN, "none", "circle"),
        *_names(driven, top),
        *_thin(found, at),
        _text(LEFT - 48, HEIGHT - 36, _source(place, days, seed), 13, SMOKE),
        _text(LEFT - 48, HEIGHT - 16, _money(found[0].rates if found else RATES), 13, SMOKE),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _told(driven: Sequence[Step]) -> str:
    lines = [
        f"Bestellungen am Tag: {step.mean}. Das kostet {_euro(step.cost)} je Tür in geteilten Touren, "
        f"{_euro(step.alone)} je Bestellung einzeln gefahren, {_percent(step.saving)} gespart, "
        f"{_number(step.vehicles)} Fahrzeuge; {_percent(step.thin)} der Fenster unter dem Minimum."
        for step in driven
    ]
    return " ".join(lines)


def _euro(cents: float) -> str:
    return f"{cents / 100:.2f} €".replace(".", ",")


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", "\N{NO-BREAK SPACE}%")


def _number(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")


def _figures(driven: Sequence[Step], at: dict[int, float]) -> Iterator[str]:
    """Vehicles and saving under the number of orders they belong to."""
    yield _text(WIDTH - RIGHT + 24, BASE + 56, "Fahrzeuge im Mittel", 14, SMOKE)
    yield _text(WIDTH - RIGHT + 24, BASE + 82, "Geld gespart", 14, SMOKE)
    for step in driven:
        yield _text(at[step.mean], BASE + 56, _number(step.vehicles), 14, INK, anchor="middle")
        yield _text(at[step.mean], BASE + 82, _percent(step.saving), 14, INK, anchor="middle")


def _round_up(euro: float) -> int:
    step = 2 if euro <= 12 else 5 if euro <= 40 else 10
    return int(-(-euro // step) * step)


def _y(euro: float, top: int) -> float:
    return round(BASE - (BASE - TOP) * euro / top, 1)


def _scale(top: int) -> Iterator[str]:
    step = 2 if top <= 12 else 5 if top <= 40 else 10
    for euro in range(0, top + 1, step):
        y = _y(euro, top)
        yield f'<line x1="{LEFT}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}" stroke="{GRID}"/>'
        yield _text(LEFT - 10, y + 5, f"{euro} €", 15, SMOKE, anchor="end")


def _line_of(points: Sequence[tuple[float, float]], top: int, colour: str, dash: str, shape: str) -> Iterator[str]:
    way = " ".join(f"{x:.1f},{_y(euro, top)}" for x, euro in points)
    yield f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="3.5" stroke-dasharray="{dash}"/>'
    for x, euro in points:
        y = _y(euro, top)
        if shape == "circle":
            yield f'<circle cx="{x:.1f}" cy="{y}" r="5.5" fill="{colour}"/>'
        else:
            yield f'<rect x="{x - 5:.1f}" y="{y - 5:.1f}" width="10" height="10" fill="{colour}"/>'


def _names(driven: Sequence[Step], top: int) -> Iterator[str]:
    """Words beside the ends of the lines, kept apart."""
    if not driven:
        return
    last, x = driven[-1], WIDTH - RIGHT + 16
    alone, shared = _y(last.alone / 100, top), _y(last.cost / 100, top)
    if abs(alone - shared) < 46:
        middle = (alone + shared) / 2
        alone, shared = (middle - 23, middle + 23) if alone <= shared else (middle + 23, middle - 23)
    yield _text(x, alone, "einzeln gefahren", 16, WINE, weight=700)
    yield _text(x, alone + 19, _euro(last.alone), 16, WINE)
    yield _text(x, shared, "geteilte Touren", 16, GREEN, weight=700)
    yield _text(x, shared + 19, _euro(last.cost), 16, GREEN)


def _thin(found: Sequence[Step], at: dict[int, float]) -> Iterator[str]:
    yield _text(
        LEFT - 48, THIN_TOP - 6, f"Fenster unter {MINIMUM} Bestellungen (werden verschoben)", 16, INK, weight=700
    )
    yield f'<line x1="{LEFT}" y1="{THIN_BASE}" x2="{WIDTH - RIGHT}" y2="{THIN_BASE}" stroke="{SMOKE}"/>'
    for step in found:
        x, height = at[step.mean], round((THIN_BASE - THIN_TOP - 22) * step.thin, 1)
        yield (
            f'<rect x="{x - 12:.1f}" y="{THIN_BASE - height}" width="24" height="{height}" fill="{SAND}" '
            f'stroke="{INK}" stroke-width="1"/>'
        )
        yield _text(x, THIN_BASE - height - 5, _percent(step.thin), 13, INK, anchor="middle")


def _source(place: Town, days: int, seed: int) -> str:
    shops = f"{len(place.shops)} Läden dieses Markts" if place.own else f"{len(place.shops)} ausgeloste Läden"
    return (
        f"Modell, keine Messung: {days} Tage je Stufe (Zufallsstart {seed}), {shops}, Türen im Umkreis von "
        f"{DOOR_RADIUS_M // 1000} km, ein Fenster am Tag."
    )


def _money(rates: Rates) -> str:
    return (
        f"Annahmen: {_euro(rates.hour)} je Stunde von Abfahrt bis Rückkehr, {_euro(rates.km)} je km, "
        f"{DOOR_S} s je Tür; ohne Verwaltung. Straßen: Luftlinie × 1,35."
    )


def _text(x: float, y: float, words: str, size: int, colour: str, *, anchor: str = "start", weight: int = 400) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" text-anchor="{anchor}" '
        f'font-weight="{weight}">{escape(words)}</text>'
    )
